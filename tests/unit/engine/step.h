/* A training step of every kind of command, for the tests of lockstep and replay. */
#ifndef BT_TESTS_STEP_H
#define BT_TESTS_STEP_H

#include "support/job.h"

#define STEP_BATCH 5u

typedef struct {
  job *j;
  bt_model *model;
  bt_loss loss;
  bt_step step;
  bt_program *averaging;
  bt_lfsr rng;
} every_command;

static inline every_command *every_command_open(void) {
  bt_error error = {""};
  every_command *e = calloc(1, sizeof *e);
  assert_non_null(e);
  e->j = job_open(SMALL_DEEP, 2, 1);
  bt_lowering how = bt_recipe_lowering(&e->j->recipe, e->j->recipe.lr);
  MUST(bt_model_new(&e->j->recipe.net, e->j->recipe.w, e->j->recipe.m, 1, &e->model, &error));
  MUST(bt_lower_training(&how, e->model, STEP_BATCH, &e->loss, &e->step, &error));
  MUST(bt_lower_averaging(e->model, &e->averaging, &error));
  bt_batch_place(&e->j->data.train, 0, &e->step);
  bt_step_place(&e->step, 2, 3, 4);
  MUST(bt_lfsr_start(&e->rng, 7, 16));
  return e;
}

static inline void every_command_close(every_command *e) {
  bt_step_free(&e->step);
  bt_program_free(e->averaging);
  bt_model_free(e->model);
  job_close(e->j);
  free(e);
}

#endif
