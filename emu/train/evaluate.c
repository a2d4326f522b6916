/* Evaluation (numerics 17): nearest_even, no draws, in file order. */
#include <string.h>

#include "train/train.h"

bt_status bt_evaluation_open(bt_evaluation *e, const bt_recipe *recipe, bt_tensor *const *weights,
                             size_t count, bt_error *error) {
  bt_lowering how = bt_recipe_lowering(recipe, recipe->lr);
  size_t rest = count % recipe->batch;
  bt_status s = BT_OK;
  memset(e, 0, sizeof *e);
  e->recipe = recipe;
  if (count >= recipe->batch) {
    s = bt_lower_evaluation(&how, &recipe->net, weights, recipe->batch, &e->loss, &e->whole, error);
  }
  if (s == BT_OK && rest > 0) {
    s = bt_lower_evaluation(&how, &recipe->net, weights, rest, &e->loss, &e->rest, error);
  }
  return s;
}

void bt_evaluation_close(bt_evaluation *e) {
  bt_step_free(&e->whole);
  bt_step_free(&e->rest);
}

bt_status bt_evaluation_run(bt_evaluation *e, const bt_images *images, bt_engine *engine,
                            const bt_observer *observer, bt_loss *loss, bt_error *error) {
  bt_lfsr none = {.lanes = 1};
  bt_counts counts = {0};
  bt_status s = BT_OK;
  e->loss = *loss;
  for (size_t first = 0; s == BT_OK && first < images->count; first += e->recipe->batch) {
    bt_step *step = images->count - first >= e->recipe->batch ? &e->whole : &e->rest;
    bt_batch_place(images, NULL, first, step);
    s = bt_program_run(step->program, engine, &none, &counts, observer, error);
  }
  *loss = e->loss;
  return s;
}

bt_status bt_evaluate(const bt_recipe *recipe, bt_tensor *const *weights, const bt_images *images,
                      bt_engine *engine, const bt_observer *observer, bt_loss *loss,
                      bt_error *error) {
  bt_evaluation e;
  bt_status s = bt_evaluation_open(&e, recipe, weights, images->count, error);
  s = s == BT_OK ? bt_evaluation_run(&e, images, engine, observer, loss, error) : s;
  bt_evaluation_close(&e);
  return s;
}
