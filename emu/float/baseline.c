#include "float/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "float/evaluate.h"
#include "float/optimizer.h"
#include "float/state.h"
#include "num/error.h"
#include "train/train.h"

typedef struct {
  const bt_recipe *recipe;
  const bt_dataset *set;
  const bt_baseline_options *options;
  bt_baseline_state state;
  bt_float_normal normal;
  bt_shuffled shuffled; /* batches, the very ones of the 8-bit run */
  bt_batch_source source;
  uint8_t *pixels, *labels; /* of a batch */
} run;

static double to_double(bt_rational r) { return (double)r.num / (double)r.den; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bt_status open_run(run *r, bt_error *error) {
  const bt_recipe *recipe = r->recipe;
  bt_status status = bt_train_check_data(recipe, r->set, error);
  if (status == BT_OK) {
    status = bt_baseline_open(recipe, r->options->threads, &r->state, error);
  }
  if (status == BT_OK) {
    status = bt_shuffled_open(&r->shuffled, &r->set->train, recipe, error);
  }
  if (status != BT_OK) {
    return status;
  }
  r->normal = bt_float_normal_make(recipe->net.channels, recipe->mean, recipe->std);
  r->source = bt_shuffled_source(&r->shuffled);
  r->pixels = malloc(r->source.pixels);
  r->labels = malloc(r->source.labels);
  return r->pixels != NULL && r->labels != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "no memory for a batch of %s", recipe->name);
}

static void close_run(run *r) {
  bt_baseline_close(&r->state);
  bt_shuffled_close(&r->shuffled);
  free(r->pixels);
  free(r->labels);
}

static bool stopped(const run *r) { return r->options->stop != NULL && *r->options->stop != 0; }

static bool at_limit(const run *r) {
  return r->options->steps != 0 && r->state.result.steps >= r->options->steps;
}

static bt_status save(run *r, bt_error *error) {
  char path[4096];
  if (r->options->directory == NULL) {
    return BT_OK;
  }
  snprintf(path, sizeof path, "%s/" BT_BASELINE_FILE, r->options->directory);
  return bt_baseline_save(&r->state, path, error);
}

static bt_status load(run *r, bt_error *error) {
  char path[4096];
  snprintf(path, sizeof path, "%s/" BT_BASELINE_FILE, r->options->directory);
  const bt_status status = bt_baseline_load(&r->state, path, error);
  for (size_t i = 0; status == BT_OK && i < r->state.rows && r->options->progress != NULL; i++) {
    r->options->progress(r->options->context, &r->state.row[i], true);
  }
  return status;
}

static bt_status train_step(run *r, const bt_sgd *sgd, bt_error *error) {
  bt_baseline_state *s = &r->state;
  bt_baseline_place *p = &s->place;
  bt_float_model *m = s->model;
  const double start = now();
  const size_t n = bt_step_samples(r->recipe, r->set, p->step);
  const bt_dropout_key key = {r->recipe->seed, p->epoch, p->step};
  const bt_status status =
      r->source.fill(r->source.context, p->epoch, p->step, r->pixels, r->labels, error);
  if (status != BT_OK) {
    return status;
  }
  bt_float_input(m, &r->normal, r->pixels, n);
  bt_float_forward(m, n, BT_PASS_TRAIN, &key);
  const double loss = bt_float_backward(m, n, r->labels, &p->correct);
  bt_sgd_update(sgd, m->weights, m->g, s->v, m->w);
  p->step++;
  p->images += n;
  p->loss += loss;
  p->seconds += now() - start;
  s->result.steps++;
  if (r->options->step != NULL) {
    r->options->step(r->options->context, s->result.steps, loss / (double)n);
  }
  return BT_OK;
}

static bt_status evaluate(run *r, double *percent, bt_error *error) {
  const bt_baseline_place *p = &r->state.place;
  const bt_float_seen seen = {.images = &r->set->train,
                              .augmentation = &r->recipe->augmentation,
                              .seed = r->recipe->seed,
                              .epoch = p->step > 0 || p->epoch == 1 ? p->epoch : p->epoch - 1};
  return bt_float_evaluate(r->state.model, &r->normal, &seen, &r->set->test, percent, error);
}

/* Reported epochs are always evaluated, the last one too; of the others one in evaluate_every. */
static bool evaluates(const run *r, uint64_t epoch) {
  return !r->options->untested &&
         (epoch % r->recipe->evaluate_every == 0 || epoch == r->recipe->swa_start ||
          epoch == r->recipe->epochs || at_limit(r));
}

/* The epoch's row, whether all of its steps were done or a limit ended it. */
static bt_status report_epoch(run *r, double lr, bt_error *error) {
  bt_baseline_state *s = &r->state;
  const bt_baseline_place *p = &s->place;
  bt_baseline_epoch row = {.epoch = p->epoch, .lr = lr,
                           .train_loss = p->loss / (double)p->images,
                           .train_error = bt_percent_wrong(p->correct, p->images),
                           .test_error = BT_NOT_REACHED,
                           .images_per_second = (double)p->images / p->seconds};
  if (!isfinite(row.train_loss)) {
    return bt_fail(error, BT_MISMATCH,
                   "the fp32 training of %s diverged in epoch %llu at learning rate %g",
                   r->recipe->name, (unsigned long long)row.epoch, row.lr);
  }
  if (evaluates(r, p->epoch)) {
    bt_status status = evaluate(r, &s->result.last, error);
    if (status != BT_OK) {
      return status;
    }
    row.test_error = s->result.last;
  }
  s->result.images += p->images;
  s->result.train_seconds += p->seconds;
  s->row[s->rows++] = row;
  if (r->options->progress != NULL) {
    r->options->progress(r->options->context, &row, false);
  }
  return BT_OK;
}

/* Of an epoch with all its steps. */
static bt_status end_epoch(run *r, double lr, bt_error *error) {
  bt_baseline_state *s = &r->state;
  const bt_status status = report_epoch(r, lr, error);
  if (status != BT_OK) {
    return status;
  }
  if (s->place.epoch >= r->recipe->swa_start) {
    bt_snapshot_add(s->model->weights, s->model->w, s->sum);
    s->result.snapshots++;
  }
  if (s->place.epoch == r->recipe->swa_start) {
    s->result.sgd = s->result.last;
  }
  s->place = (bt_baseline_place){.epoch = s->place.epoch + 1};
  return save(r, error);
}

/* To the epoch's end, a limit or a stop; *whole says which of them. */
static bt_status run_epoch(run *r, double *lr, bool *whole, bt_error *error) {
  const bt_recipe *recipe = r->recipe;
  bt_rational rate;
  bt_status status = bt_recipe_rate(recipe, r->state.place.epoch, &rate, error);
  *lr = to_double(rate);
  const bt_sgd sgd = {(bt_real)*lr, (bt_real)to_double(recipe->momentum),
                      (bt_real)to_double(recipe->weight_decay)};
  const size_t steps = bt_epoch_steps(recipe, r->set);
  while (status == BT_OK && r->state.place.step < steps && !at_limit(r) && !stopped(r)) {
    status = train_step(r, &sgd, error);
  }
  *whole = r->state.place.step == steps;
  return status == BT_OK && *whole ? end_epoch(r, *lr, error) : status;
}

static bt_status evaluate_average(run *r, bt_error *error) {
  bt_baseline_state *s = &r->state;
  bt_snapshot_average(s->model->weights, s->sum, s->result.snapshots, s->model->w);
  return evaluate(r, &s->result.swa, error);
}

static bt_status run_epochs(run *r, bt_error *error) {
  double lr = 0;
  bool whole = true;
  bt_status status = BT_OK;
  while (status == BT_OK && whole && r->state.place.epoch <= r->recipe->epochs && !at_limit(r) &&
         !stopped(r)) {
    status = run_epoch(r, &lr, &whole, error);
  }
  if (status == BT_OK && !whole) {
    status = save(r, error);
  }
  if (status == BT_OK && !whole && !stopped(r)) {
    status = report_epoch(r, lr, error);
  }
  if (status == BT_OK && r->state.result.snapshots > 0 && !r->options->untested &&
      !stopped(r)) {
    status = evaluate_average(r, error);
  }
  return status;
}

bt_status bt_baseline_train(const bt_recipe *recipe, const bt_dataset *set,
                            const bt_baseline_options *options, bt_baseline_result *result,
                            bt_error *error) {
  run r = {.recipe = recipe, .set = set, .options = options};
  *result = (bt_baseline_result){.sgd = BT_NOT_REACHED, .swa = BT_NOT_REACHED,
                                 .last = BT_NOT_REACHED};
  bt_status status = open_run(&r, error);
  if (status == BT_OK && options->resume) {
    status = load(&r, error);
  }
  if (status == BT_OK) {
    status = run_epochs(&r, error);
  }
  *result = r.state.result;
  close_run(&r);
  return status;
}
