/* Evaluation (numerics 17): nearest_even, no draws, in file order. */
#include "train/train.h"

static bt_status run_batches(const bt_images *images, size_t first, size_t batches, bt_step *step,
                             bt_engine *engine, const bt_observer *observer, bt_error *error) {
  bt_lfsr none = {.lanes = 1};
  bt_counts counts = {0};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < batches; i++) {
    bt_batch_place(images, NULL, first + i * step->batch, step);
    s = bt_program_run(step->program, engine, &none, &counts, observer, error);
  }
  return s;
}

bt_status bt_evaluate(const bt_recipe *recipe, bt_tensor *const *weights, const bt_images *images,
                      bt_engine *engine, const bt_observer *observer, bt_loss *loss,
                      bt_error *error) {
  bt_lowering how = bt_recipe_lowering(recipe, recipe->lr);
  size_t whole = images->count / recipe->batch, rest = images->count % recipe->batch;
  bt_status s = BT_OK;
  bt_step step;
  if (whole > 0) {
    s = bt_lower_evaluation(&how, &recipe->net, weights, recipe->batch, loss, &step, error);
    if (s == BT_OK) {
      s = run_batches(images, 0, whole, &step, engine, observer, error);
      bt_step_free(&step);
    }
  }
  if (s == BT_OK && rest > 0) {
    s = bt_lower_evaluation(&how, &recipe->net, weights, rest, loss, &step, error);
    if (s == BT_OK) {
      s = run_batches(images, whole * recipe->batch, 1, &step, engine, observer, error);
      bt_step_free(&step);
    }
  }
  return s;
}
