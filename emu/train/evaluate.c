/* Evaluation (numerics 17 and 19.1): nearest_even, no draws of the datapath, in file order. */
#include "net/statistics.h"
#include "train/train.h"

/* One evaluation in progress. */
typedef struct {
  const bt_evaluation *e;
  bt_lowering how;
  bt_evaluated of;
  bt_loss loss; /* what the programs add to */
  bt_error *error;
} evaluation;

typedef bt_status lower_one(const evaluation *v, bt_loss *loss, size_t n, bt_step *step);

static bt_status lower_evaluation(const evaluation *v, bt_loss *loss, size_t n, bt_step *step) {
  return bt_lower_evaluation(&v->how, &v->of, n, loss, step, v->error);
}

static bt_status lower_statistics(const evaluation *v, bt_loss *loss, size_t n, bt_step *step) {
  (void)loss;
  return bt_lower_statistics(&v->how, &v->of, n, step, v->error);
}

static bool stopped(const evaluation *v) { return v->e->stop != NULL && *v->e->stop != 0; }

/* Only what statistics are made from is augmented. */
static void place(const evaluation *v, const bt_images *images, size_t first, bt_step *step) {
  if (step->loss == NULL) {
    bt_batch_augment(v->e->recipe, v->e->epoch, images, first, step);
  } else {
    bt_batch_place(images, first, step);
  }
}

static bt_status run_batches(const evaluation *v, const bt_images *images, bt_step *whole,
                             bt_step *rest) {
  bt_lfsr none = {.lanes = 1};
  bt_counts counts = {0};
  size_t batch = v->e->recipe->batch;
  bt_status s = BT_OK;
  for (size_t first = 0; s == BT_OK && first < images->count && !stopped(v); first += batch) {
    bt_step *step = images->count - first >= batch ? whole : rest;
    place(v, images, first, step);
    s = bt_program_run(step->program, v->e->engine, &none, &counts, v->e->observer, v->error);
  }
  return s;
}

/* All images in batches of the recipe's size, the short last one of its own. */
static bt_status pass(evaluation *v, const bt_images *images, lower_one *lower) {
  size_t batch = v->e->recipe->batch, left = images->count % batch;
  bt_step whole = {0}, rest = {0};
  bt_status s = images->count >= batch ? lower(v, &v->loss, batch, &whole) : BT_OK;
  s = s == BT_OK && left > 0 ? lower(v, &v->loss, left, &rest) : s;
  s = s == BT_OK ? run_batches(v, images, &whole, &rest) : s;
  if (v->e->memory != NULL) {
    bt_memory_programs(v->e->memory, whole.program, rest.program);
    bt_memory_engine(v->e->memory, v->e->engine);
  }
  bt_step_free(&whole);
  bt_step_free(&rest);
  return s;
}

bt_status bt_evaluate(const bt_evaluation *e, bt_tensor *const *weights, bt_loss *loss,
                      bt_error *error) {
  const bt_net *net = &e->recipe->net;
  evaluation v = {.e = e, .how = bt_recipe_lowering(e->recipe, e->recipe->lr), .loss = *loss,
                  .of = {.net = net, .weights = weights}, .error = error};
  bt_status s = bt_net_statistics_new(net, &v.of.statistics, error);
  if (s == BT_OK && v.of.statistics != NULL) {
    s = pass(&v, e->train, lower_statistics);
  }
  s = s == BT_OK ? pass(&v, e->images, lower_evaluation) : s;
  bt_net_statistics_free(net, v.of.statistics);
  *loss = s == BT_OK && !stopped(&v) ? v.loss : *loss;
  return s;
}
