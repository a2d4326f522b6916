#include "float/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "float/model.h"
#include "float/optimizer.h"
#include "num/error.h"

typedef struct {
  const bt_recipe *recipe;
  const bt_dataset *set;
  const bt_baseline_options *options;
  bt_float_model *model;
  bt_real *v;      /* momentum */
  double *sum;     /* of the snapshots */
  uint32_t *order; /* of the epoch's samples */
  uint8_t *labels; /* of a batch */
  uint8_t *sample; /* one image, augmented */
} run;

static double to_double(bt_rational r) { return (double)r.num / (double)r.den; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double percent(uint64_t wrong, uint64_t count) {
  return 100.0 * (double)wrong / (double)count;
}

static bt_status check_images(const bt_net *net, const char *what, const bt_images *images,
                              bt_error *error) {
  if (images->count == 0 || images->height != net->height || images->width != net->width ||
      images->channels != net->channels || images->classes != net->classes) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s set: %zu images of %zux%zux%zu in %zu classes, expected %zux%zux%zu in %zu "
                   "classes for net %s",
                   what, images->count, images->height, images->width, images->channels,
                   images->classes, net->height, net->width, net->channels, net->classes,
                   net->name);
  }
  return BT_OK;
}

static bt_status open_run(run *r, bt_error *error) {
  bt_status status = check_images(&r->recipe->net, "training", &r->set->train, error);
  if (status == BT_OK) {
    status = check_images(&r->recipe->net, "test", &r->set->test, error);
  }
  if (status == BT_OK) {
    status = bt_float_model_create(&r->recipe->net, r->recipe->batch, &r->model, error);
  }
  if (status != BT_OK) {
    return status;
  }
  r->v = calloc(r->model->weights, sizeof *r->v);
  r->sum = calloc(r->model->weights, sizeof *r->sum);
  r->order = calloc(r->set->train.count, sizeof *r->order);
  r->labels = calloc(r->recipe->batch, 1);
  const bt_net *net = &r->recipe->net;
  r->sample = calloc(net->height * net->width, net->channels);
  if (r->v == NULL || r->sum == NULL || r->order == NULL || r->labels == NULL ||
      r->sample == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the fp32 training of %s", r->recipe->name);
  }
  bt_float_model_initialize(r->model, r->recipe->seed);
  openblas_set_num_threads(r->options->threads);
  return BT_OK;
}

static void close_run(run *r) {
  bt_float_model_destroy(r->model);
  free(r->v);
  free(r->sum);
  free(r->order);
  free(r->labels);
  free(r->sample);
}

/* Test error of the model's weights, in percent. */
static double evaluate(run *r) {
  const bt_images *test = &r->set->test;
  const bt_float_source source = bt_float_source_make(test, r->recipe->mean, r->recipe->std);
  uint64_t correct = 0;
  for (size_t first = 0; first < test->count; first += r->recipe->batch) {
    const size_t left = test->count - first;
    const size_t n = left < r->recipe->batch ? left : r->recipe->batch;
    bt_float_input(r->model, &source, NULL, first, n, r->labels);
    bt_float_forward(r->model, n, NULL);
    bt_float_backward(r->model, n, r->labels, false, &correct);
  }
  return percent(test->count - correct, test->count);
}

/* One epoch of steps; result->steps counts those of the run, which options->steps may end. */
static void train_epoch(run *r, bt_baseline_epoch *row, bt_baseline_result *result) {
  const bt_recipe *recipe = r->recipe;
  const bt_images *train = &r->set->train;
  bt_float_source source = bt_float_source_make(train, recipe->mean, recipe->std);
  source.augmentation = recipe->augmentation;
  source.seed = recipe->seed;
  source.epoch = row->epoch;
  source.sample = r->sample;
  const bt_sgd sgd = {(bt_real)row->lr, (bt_real)to_double(recipe->momentum),
                      (bt_real)to_double(recipe->weight_decay)};
  const double start = now();
  double loss = 0;
  uint64_t correct = 0, images = 0;
  bt_dropout_key key = {recipe->seed, row->epoch, 0};
  bt_dataset_shuffle(recipe->seed, row->epoch, train->count, r->order);
  for (size_t first = 0; first < train->count; first += recipe->batch) {
    const size_t left = train->count - first;
    const size_t n = left < recipe->batch ? left : recipe->batch;
    bt_float_input(r->model, &source, r->order + first, 0, n, r->labels);
    bt_float_forward(r->model, n, &key);
    loss += bt_float_backward(r->model, n, r->labels, true, &correct);
    bt_sgd_update(&sgd, r->model->weights, r->model->g, r->v, r->model->w);
    images += n;
    key.step++;
    if (++result->steps == r->options->steps) {
      break;
    }
  }
  const double seconds = now() - start;
  row->train_loss = loss / (double)images;
  row->train_error = percent(images - correct, images);
  row->images_per_second = (double)images / seconds;
  result->images += images;
  result->train_seconds += seconds;
}

static bt_status run_epoch(run *r, size_t epoch, bt_baseline_result *result, bt_error *error) {
  bt_rational rate;
  const bt_status status = bt_recipe_rate(r->recipe, epoch, &rate, error);
  if (status != BT_OK) {
    return status;
  }
  bt_baseline_epoch row = {.epoch = epoch, .lr = to_double(rate)};
  train_epoch(r, &row, result);
  if (!isfinite(row.train_loss)) {
    return bt_fail(error, BT_MISMATCH,
                   "the fp32 training of %s diverged in epoch %zu at learning rate %g",
                   r->recipe->name, epoch, row.lr);
  }
  row.test_error = evaluate(r);
  result->last = row.test_error;
  if (r->options->progress != NULL) {
    r->options->progress(r->options->context, &row);
  }
  return BT_OK;
}

static bt_status run_epochs(run *r, bt_baseline_result *result, bt_error *error) {
  const bt_recipe *recipe = r->recipe;
  const uint64_t batches = (r->set->train.count - 1) / recipe->batch + 1;
  for (size_t epoch = 1; epoch <= recipe->epochs; epoch++) {
    const bt_status status = run_epoch(r, epoch, result, error);
    if (status != BT_OK) {
      return status;
    }
    const bool whole = result->steps == epoch * batches;
    if (whole && epoch >= recipe->swa_start) {
      bt_snapshot_add(r->model->weights, r->model->w, r->sum);
      result->snapshots++;
    }
    if (whole && epoch == recipe->swa_start) {
      result->sgd = result->last;
    }
    if (result->steps == r->options->steps) {
      break;
    }
  }
  if (result->snapshots > 0) {
    bt_snapshot_average(r->model->weights, r->sum, result->snapshots, r->model->w);
    result->swa = evaluate(r);
  }
  return BT_OK;
}

bt_status bt_baseline_train(const bt_recipe *recipe, const bt_dataset *set,
                            const bt_baseline_options *options, bt_baseline_result *result,
                            bt_error *error) {
  *result = (bt_baseline_result){.sgd = BT_NOT_REACHED, .swa = BT_NOT_REACHED,
                                 .last = BT_NOT_REACHED};
  run r = {.recipe = recipe, .set = set, .options = options};
  bt_status status = open_run(&r, error);
  if (status == BT_OK) {
    status = run_epochs(&r, result, error);
  }
  close_run(&r);
  return status;
}
