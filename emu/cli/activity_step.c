#include "cli/activity_step.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/engines.h"
#include "num/error.h"
#include "train/run_files.h"

#define CAPTURES 3

static const char *const capture_name[CAPTURES] = {"first", "middle", "last"};

static bool is_directory(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool parse_at(const char *text, uint64_t *epoch, uint64_t *step) {
  char *end;
  if (*text < '0' || *text > '9') {
    return false;
  }
  *epoch = strtoull(text, &end, 10);
  if (*end != ':' || end[1] < '0' || end[1] > '9') {
    return false;
  }
  *step = strtoull(end + 1, &end, 10);
  return *end == '\0' && *epoch > 0;
}

static bt_status load_capture(const bt_chosen_step *chosen, bt_opened_step *o, bt_error *error) {
  uint64_t steps[CAPTURES];
  char path[4096];
  struct stat file;
  int which = -1;
  for (int i = 0; chosen->at != NULL && i < CAPTURES; i++) {
    which = strcmp(chosen->at, capture_name[i]) == 0 ? i : which;
  }
  if (chosen->at != NULL && which < 0) {
    return bt_fail(error, BT_BAD_INPUT, "--at '%s': of a run expected first, middle or last%s",
                   chosen->at, chosen->any_step ? ", or EPOCH:STEP" : "");
  }
  const bt_recipe *recipe = &o->session.recipe;
  bt_capture_steps(bt_epoch_steps(recipe, &o->session.data) * recipe->epochs, steps);
  for (int i = which < 0 ? CAPTURES - 1 : which; i >= 0; i--) {
    bt_capture_path(chosen->source, steps[i], path, sizeof path);
    if (which >= 0 || stat(path, &file) == 0) {
      return bt_state_load(&o->state, path, error);
    }
  }
  return bt_fail(error, BT_BAD_INPUT, "%s: no captured steps, expected capture-*.bt of a run",
                 chosen->source);
}

/* Trains from where the state stands until `steps` steps of the run are done. */
static bt_status train_on(bt_opened_step *o, uint64_t steps, bt_error *error) {
  bt_train_options t = {.engine = o->engine, .data = &o->session.data, .steps = steps};
  bt_status s = o->state.steps >= steps ? BT_OK : bt_train(&o->state, &t, error);
  if (s == BT_OK && o->state.step == bt_epoch_steps(&o->session.recipe, &o->session.data)) {
    o->state.step = 0;
    o->state.epoch++;
  }
  return s;
}

/* The number, in the run, of the step that `at` names; of 1:0 without one. */
static bt_status find_step(const bt_chosen_step *chosen, const bt_opened_step *o, uint64_t *number,
                           bt_error *error) {
  const bt_recipe *recipe = &o->session.recipe;
  size_t per_epoch = bt_epoch_steps(recipe, &o->session.data);
  uint64_t epoch = 1, step = 0;
  if (chosen->at != NULL && !parse_at(chosen->at, &epoch, &step)) {
    return bt_fail(error, BT_BAD_INPUT, "--at '%s': of a recipe expected EPOCH:STEP, such as 2:0",
                   chosen->at);
  }
  if (epoch > recipe->epochs || step >= per_epoch) {
    return bt_fail(error, BT_BAD_INPUT, "--at %" PRIu64 ":%" PRIu64 ": expected an epoch up to %zu "
                   "and a step below %zu", epoch, step, recipe->epochs, per_epoch);
  }
  *number = (epoch - 1) * per_epoch + step;
  return BT_OK;
}

static bt_status train_up_to(const bt_chosen_step *chosen, bt_opened_step *o, bt_error *error) {
  uint64_t steps = 0;
  bt_status s = find_step(chosen, o, &steps, error);
  return s == BT_OK ? train_on(o, steps, error) : s;
}

/* The latest state that the run keeps of its first `limit` steps, captured or the checkpoint; a
 * fresh one if it keeps none. */
static bt_status load_latest(const char *directory, uint64_t limit, bt_opened_step *o,
                             bt_error *error) {
  const bt_recipe *recipe = &o->session.recipe;
  uint64_t steps[CAPTURES];
  char path[4096], capture[4096] = "";
  uint64_t captured = 0;
  struct stat file;
  bt_capture_steps(bt_epoch_steps(recipe, &o->session.data) * recipe->epochs, steps);
  for (int i = 0; i < CAPTURES; i++) {
    bt_capture_path(directory, steps[i], path, sizeof path);
    if (steps[i] <= limit && stat(path, &file) == 0) {
      captured = steps[i];
      snprintf(capture, sizeof capture, "%s", path);
    }
  }
  snprintf(path, sizeof path, "%.4000s/" BT_CHECKPOINT_FILE, directory);
  bt_status s = bt_state_load(&o->state, path, error);
  if (s != BT_OK || (o->state.steps <= limit && o->state.steps >= captured)) {
    return s;
  }
  if (capture[0] != '\0') {
    return bt_state_load(&o->state, capture, error);
  }
  bt_state_free(&o->state);
  return bt_state_start(recipe, &o->session.machine, &o->state, error);
}

static bt_status load_run(const bt_chosen_step *chosen, bt_opened_step *o, bt_error *error) {
  uint64_t epoch, step, steps = 0;
  const bt_recipe *recipe = &o->session.recipe;
  if (chosen->any_step && chosen->at != NULL && parse_at(chosen->at, &epoch, &step)) {
    bt_status s = find_step(chosen, o, &steps, error);
    s = s == BT_OK ? load_latest(chosen->source, steps, o, error) : s;
    return s == BT_OK ? train_on(o, steps, error) : s;
  }
  if (chosen->any_step && chosen->at == NULL) {
    uint64_t total = bt_epoch_steps(recipe, &o->session.data) * recipe->epochs;
    bt_status s = load_latest(chosen->source, total - 1, o, error);
    return s == BT_OK ? train_on(o, o->state.steps, error) : s;
  }
  return load_capture(chosen, o, error);
}

static bt_status lower(bt_opened_step *o, bt_error *error) {
  const bt_recipe *recipe = &o->session.recipe;
  bt_state *state = &o->state;
  bt_rational rate;
  size_t n = bt_step_samples(recipe, &o->session.data, state->step);
  bt_status s = bt_recipe_rate(recipe, state->epoch, &rate, error);
  if (s != BT_OK) {
    return s;
  }
  bt_lowering how = bt_recipe_lowering(recipe, rate);
  s = bt_lower_training(&how, state->model, n, &state->loss, &o->step, error);
  if (s != BT_OK) {
    return s;
  }
  o->lowered = true;
  bt_batch_source source = bt_shuffled_source(&o->shuffled);
  bt_step_place(&o->step, state->epoch, state->step, state->steps);
  return source.fill(source.context, state->epoch, state->step, o->step.pixels->data,
                     o->step.labels->data, error);
}

bt_status bt_step_open(const bt_chosen_step *chosen, bt_opened_step *o, bt_error *error) {
  bt_run_origin origin;
  const char *recipe = chosen->source, *machine = chosen->machine;
  const uint64_t *seed = chosen->seed;
  bool is_run = is_directory(chosen->source);
  bt_engine_options engine = {.fault_bit = -1, .threads = chosen->threads};
  bt_status s = BT_OK;
  memset(o, 0, sizeof *o);
  if (is_run) {
    s = bt_run_read_origin(chosen->source, &origin, error);
    recipe = origin.recipe;
    machine = origin.machine;
    seed = &origin.seed;
  }
  s = s == BT_OK ? bt_session_open(&o->session, recipe, machine, seed, error) : s;
  s = s == BT_OK ? bt_state_start(&o->session.recipe, &o->session.machine, &o->state, error) : s;
  s = s == BT_OK ? bt_engine_make(chosen->engine, &o->session.machine, &engine, &o->engine, error)
                 : s;
  s = s == BT_OK ? bt_shuffled_open(&o->shuffled, &o->session.data.train, &o->session.recipe,
                                    error)
                 : s;
  if (s == BT_OK) {
    s = is_run ? load_run(chosen, o, error) : train_up_to(chosen, o, error);
  }
  return s == BT_OK ? lower(o, error) : s;
}

void bt_step_close(bt_opened_step *o) {
  if (o->lowered) {
    bt_step_free(&o->step);
  }
  if (o->engine != NULL) {
    o->engine->destroy(o->engine);
  }
  bt_shuffled_close(&o->shuffled);
  bt_state_free(&o->state);
  bt_session_close(&o->session);
}
