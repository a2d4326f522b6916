/* A small training job for unit tests: a set, a recipe and a machine in a directory of its own. */
#ifndef BT_TESTS_JOB_H
#define BT_TESTS_JOB_H

#include "data/dataset.h"
#include "ref/ref.h"
#include "support/small.h"
#include "train/train.h"
#include "unit/io/scratch.h"

typedef struct {
  scratch s;
  bt_recipe recipe;
  bt_machine machine;
  bt_dataset data;
} job;

#define MUST(call) must((call), &error, #call)
static inline void must(bt_status status, const bt_error *error, const char *what) {
  if (status != BT_OK) {
    fail_msg("%s: status %d: %s", what, (int)status, error->text);
  }
}

/* 8x8 images, 210 to train on (seven steps, the last of 18) and 100 to test, batches of 32. */
static inline job *job_open(const char *layers, size_t epochs, size_t swa_start) {
  job *j = calloc(1, sizeof *j);
  assert_non_null(j);
  bt_error error = {""};
  j->s = scratch_open();
  small_set set = {.side = 8, .train = 210, .test = 100, .seed = 1};
  small_recipe recipe = {.side = 8, .batch = 32, .epochs = epochs, .swa_start = swa_start,
                         .seed = 1, .layers = layers, .rounding = "stochastic",
                         .data = j->s.directory};
  assert_true(small_set_write(j->s.directory, &set));
  assert_true(small_recipe_write(j->s.directory, &recipe));
  MUST(bt_recipe_load(scratch_path(&j->s, "recipe.yaml"), &j->recipe, &error));
  MUST(bt_dataset_load(j->recipe.dataset, j->recipe.directory, &j->data, &error));
  j->machine = bt_machine_default();
  return j;
}

static inline void job_close(job *j) {
  bt_dataset_free(&j->data);
  scratch_close(&j->s);
  free(j);
}

/* Trains from where the state stands up to `steps` in all (0: to the end). */
static inline void job_train(const job *j, bt_state *state, bt_engine *engine, size_t steps) {
  bt_error error = {""};
  bt_train_options o = {.engine = engine, .data = &j->data, .steps = steps};
  MUST(bt_train(state, &o, &error));
}

/* Trains from the start on a fresh ref engine to the end; the state's digest. */
static inline void job_digest(const job *j, char text[65]) {
  bt_error error = {""};
  bt_state state;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &state, &error));
  job_train(j, &state, engine, 0);
  MUST(bt_state_digest(&state, text, &error));
  bt_state_free(&state);
  engine->destroy(engine);
}

/* The program's command with this label, or a failure. */
static inline const bt_command *job_command(const bt_program *p, const char *label) {
  for (size_t i = 0; i < bt_program_size(p); i++) {
    if (strcmp(bt_program_at(p, i)->label.text, label) == 0) {
      return bt_program_at(p, i);
    }
  }
  fail_msg("no command '%s'", label);
  return NULL;
}

#endif
