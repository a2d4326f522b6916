/* One training step of a run or a recipe, ready to be executed. */
#ifndef BT_CLI_ACTIVITY_STEP_H
#define BT_CLI_ACTIVITY_STEP_H

#include "cli/session.h"
#include "train/train.h"

typedef struct {
  const char *source;        /* a recipe, or a run's directory */
  const char *machine;       /* of a recipe; a run has its own */
  const uint64_t *seed;      /* of a recipe, in place of its own; NULL: its own */
  const char *at;            /* NULL, or "first", "middle", "last" of a run, "EPOCH:STEP" of a
                              * recipe */
  bool any_step;             /* a run, too, takes "EPOCH:STEP"; NULL is then the step that follows
                              * its checkpoint, or its last one, not its latest captured one */
  const char *engine;        /* trains up to the step */
  unsigned threads;
} bt_chosen_step;

typedef struct {
  bt_session session;
  bt_state state;            /* before the step: epoch from 1, step from 0 */
  bt_shuffled shuffled;
  bt_engine *engine;
  bt_step step;
  bool lowered;              /* step is there */
} bt_opened_step;

/* A run's captured step, the latest it has unless `at` says which; or a recipe's, after training up
 * to it (1:0 unless `at` says which). With any_step a run is trained on from the latest state that
 * it keeps of the steps before. Close it after an error too. BT_BAD_INPUT: no such step, or an `at`
 * of the other kind. */
bt_status bt_step_open(const bt_chosen_step *chosen, bt_opened_step *opened, bt_error *error);
void bt_step_close(bt_opened_step *opened);

#endif
