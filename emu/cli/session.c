#include "cli/session.h"

#include <string.h>
#include <time.h>

#include "train/train.h"

bt_status bt_session_open(bt_session *s, const char *recipe, const char *machine,
                          const uint64_t *seed, bt_error *error) {
  char path[600];
  memset(s, 0, sizeof *s);
  bt_status status = bt_recipe_load(recipe, &s->recipe, error);
  if (status == BT_OK && seed != NULL) {
    s->recipe.seed = *seed;
  }
  status = status == BT_OK ? bt_find_file(BT_FIND_MACHINE, machine, path, sizeof path, error)
                           : status;
  status = status == BT_OK ? bt_machine_load(path, &s->machine, error) : status;
  status = status == BT_OK
               ? bt_dataset_load(s->recipe.dataset, s->recipe.directory, &s->data, error)
               : status;
  return status == BT_OK ? bt_train_check_data(&s->recipe, &s->data, error) : status;
}

void bt_session_close(bt_session *s) { bt_dataset_free(&s->data); }

const char *bt_cli_time(char text[32]) {
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}
