#include "cli/cost_epoch.h"

#include <string.h>

#include "cost/watch.h"
#include "net/statistics.h"
#include "num/error.h"
#include "train/train.h"

bt_status bt_epoch_images(const bt_recipe *recipe, const bool given[2], uint64_t images[2],
                          bt_error *error) {
  bt_error why = {""};
  size_t count[2];
  if (given[0] && given[1]) {
    return BT_OK;
  }
  bt_status s = bt_dataset_count(recipe->dataset, recipe->directory, &count[0], &count[1], &why);
  if (s != BT_OK) {
    return bt_fail(error, s, "%s; without it give --images and --test-images", why.text);
  }
  for (int i = 0; i < 2; i++) {
    images[i] = given[i] ? images[i] : count[i];
  }
  return BT_OK;
}

static void add_part(bt_epoch *e, bt_program *program, uint64_t times) {
  e->part[e->parts++] = (bt_epoch_part){program, times};
}

static bt_status lower(bt_epoch *e, bt_phase phase, size_t n, bt_step *step, bt_error *error) {
  bt_lowering how = bt_recipe_lowering(e->recipe, e->recipe->lr);
  bt_evaluated of = {&e->recipe->net, e->model->w, e->statistics};
  how.shapes = true;
  switch (phase) {
    case BT_PHASE_EVALUATION:
      return bt_lower_evaluation(&how, &of, n, &e->loss, step, error);
    case BT_PHASE_STATISTICS:
      return bt_lower_statistics(&how, &of, n, step, error);
    default:
      return bt_lower_training(&how, e->model, n, &e->loss, step, error);
  }
}

/* Adds `times` runs of a batch of n: a training step (phase forward stands for all of it), a part
 * of an evaluation, or of the pass for statistics before it. */
static bt_status add_batches(bt_epoch *e, bt_phase phase, size_t n, uint64_t times,
                             bt_error *error) {
  bt_step step;
  if (n == 0 || times == 0) {
    return BT_OK;
  }
  bt_status s = lower(e, phase, n, &step, error);
  if (s == BT_OK) {
    add_part(e, step.program, times);
    e->step = phase == BT_PHASE_FORWARD && e->step == NULL ? step.program : e->step;
  }
  return s;
}

static bt_status add_images(bt_epoch *e, bt_phase phase, uint64_t images, bt_error *error) {
  size_t batch = e->recipe->batch;
  bt_status s = add_batches(e, phase, batch, images / batch, error);
  return s == BT_OK ? add_batches(e, phase, (size_t)(images % batch), 1, error) : s;
}

static bt_status add_averaging(bt_epoch *e, bt_error *error) {
  bt_program *program = NULL;
  bt_status s = bt_lower_averaging(e->model, &program, error);
  if (s == BT_OK) {
    add_part(e, program, 1);
    e->averaging = program;
  }
  return s;
}

bt_status bt_epoch_open(bt_epoch *e, const bt_recipe *recipe, const uint64_t images[2],
                        const char *run, bt_error *error) {
  *e = (bt_epoch){.recipe = recipe, .images = {images[0], images[1]}};
  bt_status s = bt_model_shapes(&recipe->net, recipe->w, recipe->m, &e->model, error);
  s = s == BT_OK && run != NULL ? bt_state_load_weights(run, recipe, e->model, error) : s;
  s = s == BT_OK ? bt_net_statistics_new(&recipe->net, &e->statistics, error) : s;
  s = s == BT_OK ? add_images(e, BT_PHASE_FORWARD, images[0], error) : s;
  s = s == BT_OK && images[0] > 0 ? add_averaging(e, error) : s;
  if (s == BT_OK && e->statistics != NULL && images[1] > 0) {
    s = add_images(e, BT_PHASE_STATISTICS, images[0], error);
  }
  return s == BT_OK ? add_images(e, BT_PHASE_EVALUATION, images[1], error) : s;
}

void bt_epoch_close(bt_epoch *e) {
  for (size_t i = 0; i < e->parts; i++) {
    bt_program_free(e->part[i].program);
  }
  if (e->recipe != NULL) {
    bt_net_statistics_free(&e->recipe->net, e->statistics);
  }
  bt_model_free(e->model);
  memset(e, 0, sizeof *e);
}

bt_status bt_epoch_count(const bt_epoch *e, const bt_machine *machine, bt_cost *cost,
                         bt_error *error) {
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < e->parts; i++) {
    bt_cost one = {.plan = true, .fp32 = cost->fp32};
    s = bt_cost_program(&one, machine, e->part[i].program, NULL, error);
    s = s == BT_OK ? bt_cost_scale(cost, &one, e->part[i].times, error) : s;
  }
  return s;
}
