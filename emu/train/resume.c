/* Going on from a run's directory: its checkpoint, or the one before if that is no good. */
#include <stdio.h>
#include <unistd.h>

#include "num/error.h"
#include "train/train.h"

/* The previous checkpoint takes the place of a bad one, which is kept beside it. The previous
 * one's own name stays until the next save: at every moment a good file has one of the names. */
static bt_status replace(const char *path, const char *previous, const char *damaged,
                         bt_error *error) {
  if (access(path, F_OK) == 0 && rename(path, damaged) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot be renamed to %s", path, damaged);
  }
  if (link(previous, path) != 0 && rename(previous, path) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot take the place of %s", previous, path);
  }
  return BT_OK;
}

bt_status bt_state_resume(bt_state *state, const char *directory, bt_error *refused,
                          bt_error *error) {
  char path[4096], previous[4096], damaged[4096];
  bt_error second;
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, directory);
  snprintf(previous, sizeof previous, "%s/" BT_CHECKPOINT_PREVIOUS, directory);
  snprintf(damaged, sizeof damaged, "%s/" BT_CHECKPOINT_DAMAGED, directory);
  refused->text[0] = '\0';
  bt_status s = bt_state_load(state, path, error);
  if (s != BT_BAD_INPUT || bt_state_load(state, previous, &second) != BT_OK) {
    return s;
  }
  bt_fail(refused, BT_BAD_INPUT, "%s", error->text);
  return replace(path, previous, damaged, error);
}
