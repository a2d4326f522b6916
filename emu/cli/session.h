/* What most sub-commands start with: a recipe, a machine, and the data. */
#ifndef BT_CLI_SESSION_H
#define BT_CLI_SESSION_H

#include "data/dataset.h"
#include "io/find.h"
#include "machine/machine.h"
#include "train/recipe.h"

typedef struct {
  bt_recipe recipe;
  bt_machine machine;
  bt_dataset data;
} bt_session;

/* Loads all three and checks that the data fits the net. seed, if not NULL, replaces the
 * recipe's. Close it after an error too. */
bt_status bt_session_open(bt_session *s, const char *recipe, const char *machine,
                          const uint64_t *seed, bt_error *error);
void bt_session_close(bt_session *s);

/* The present time, UTC, as "2026-01-31T12:00:00Z"; returns text. */
const char *bt_cli_time(char text[32]);

#endif
