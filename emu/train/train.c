#include "train/train.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "num/error.h"

/* A run in progress. */
typedef struct {
  bt_state *state;
  const bt_train_options *o;
  size_t steps_in_epoch;
  uint64_t total;       /* steps of the whole recipe */
  bt_shuffled shuffled; /* the epochs' samples in their orders */
  bt_pipeline *pipeline;
  bt_step whole, rest;  /* the epoch's programs; rest for the short last batch */
  bt_memory memory;
  uint64_t began, epoch_began;
  uint64_t saved;       /* steps of the run at its last checkpoint */
  uint64_t images;
} run;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The last checkpoint stays beside the new one until that is whole. */
static bt_status save(run *r, bt_error *error) {
  char path[4096], previous[4096];
  if (r->o->directory == NULL) {
    return BT_OK;
  }
  r->state->milliseconds += now() - r->epoch_began;
  r->epoch_began = now();
  r->saved = r->state->steps;
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, r->o->directory);
  snprintf(previous, sizeof previous, "%s/" BT_CHECKPOINT_PREVIOUS, r->o->directory);
  unlink(previous);
  if (link(path, previous) != 0) {
    /* The first checkpoint has no predecessor, and some file systems have no links. */
  }
  return bt_state_save(r->state, path, error);
}

static bt_status capture(run *r, bt_error *error) {
  uint64_t steps[3];
  char path[4096];
  bt_capture_steps(r->total, steps);
  for (int i = 0; i < 3; i++) {
    if (r->state->steps == steps[i]) {
      bt_capture_path(r->o->directory, r->state->steps, path, sizeof path);
      return bt_state_save(r->state, path, error);
    }
  }
  return BT_OK;
}

static bt_status lower_epoch(run *r, bt_error *error) {
  const bt_recipe *recipe = r->state->recipe;
  bt_rational rate;
  size_t rest = r->o->data->train.count % recipe->batch;
  bt_status s = bt_recipe_rate(recipe, r->state->epoch, &rate, error);
  if (s != BT_OK) {
    return s;
  }
  bt_lowering how = bt_recipe_lowering(recipe, rate);
  if (r->o->data->train.count >= recipe->batch) {
    s = bt_lower_training(&how, r->state->model, recipe->batch, &r->state->loss, &r->whole, error);
  }
  if (s == BT_OK && rest > 0) {
    s = bt_lower_training(&how, r->state->model, rest, &r->state->loss, &r->rest, error);
  }
  bt_memory_programs(&r->memory, r->whole.program, r->rest.program);
  return s;
}

static void free_epoch(run *r) {
  bt_step_free(&r->whole);
  bt_step_free(&r->rest);
}

static void report(const run *r, bool epoch_done) {
  if (r->o->progress != NULL) {
    bt_progress p = {r->state, r->steps_in_epoch, epoch_done, now() - r->began, r->images};
    r->o->progress(r->o->context, &p);
  }
}

static bt_status train_step(run *r, bt_error *error) {
  bt_state *state = r->state;
  const bt_recipe *recipe = state->recipe;
  size_t n = bt_step_samples(recipe, r->o->data, state->step);
  bt_step *step = n == recipe->batch ? &r->whole : &r->rest;
  if (r->o->capture && r->o->directory != NULL) {
    bt_status s = capture(r, error);
    if (s != BT_OK) {
      return s;
    }
  }
  bt_status s = bt_pipeline_next(r->pipeline, step->pixels->data,
                                 bt_tensor_elements(step->pixels), step->labels->data, n, error);
  if (s != BT_OK) {
    return s;
  }
  bt_step_place(step, state->epoch, state->step, state->steps);
  s = bt_program_run(step->program, r->o->engine, &state->rng, &state->counts, r->o->observer,
                     error);
  bt_memory_engine(&r->memory, r->o->engine);
  state->step++;
  state->steps++;
  r->images += n;
  if (s == BT_OK && r->o->checkpoint_every != 0 && state->steps % r->o->checkpoint_every == 0) {
    s = save(r, error);
  }
  report(r, false);
  return s;
}

/* An epoch whose evaluation was stopped may have added its snapshot already. */
static bool has_snapshot(const bt_state *state) {
  return state->model->average[0].count + state->recipe->swa_start > state->epoch;
}

static bt_status average_weights(run *r, bt_error *error) {
  bt_program *p = NULL;
  if (has_snapshot(r->state)) {
    return BT_OK;
  }
  bt_status s = bt_lower_averaging(r->state->model, &p, error);
  if (s == BT_OK) {
    s = bt_program_run(p, r->o->engine, &r->state->rng, &r->state->counts, r->o->observer, error);
  }
  bt_program_free(p);
  return s;
}

static bt_status evaluate(run *r, bt_tensor *const *weights, bt_loss *loss, bt_error *error) {
  const bt_dataset *data = r->o->data;
  bt_evaluation e = {.recipe = r->state->recipe, .train = &data->train,
                     .epoch = bt_state_trained_epoch(r->state), .images = &data->test,
                     .engine = r->o->engine, .observer = r->o->observer, .memory = &r->memory,
                     .stop = r->o->stop};
  return bt_evaluate(&e, weights, loss, error);
}

static bt_status evaluate_average(run *r, bt_loss *loss, bt_error *error) {
  bt_tensor *weights[BT_MAX_PARAMETERS] = {NULL};
  bt_status s = bt_model_average(r->state->model, r->state->recipe->swa_bits, weights, error);
  s = s == BT_OK ? evaluate(r, weights, loss, error) : s;
  bt_weights_free(weights);
  return s;
}

static bool asked_to_stop(const run *r) { return r->o->stop != NULL && *r->o->stop != 0; }

/* Reported epochs are always evaluated; of the others one in evaluate_every. */
static bool evaluates(const bt_state *state) {
  const bt_recipe *r = state->recipe;
  return state->epoch % r->evaluate_every == 0 || state->epoch == r->swa_start ||
         state->epoch == r->epochs;
}

/* The end of an epoch: average, evaluate, a new row, the next epoch, a checkpoint. Asked to stop
 * meanwhile, it leaves the epoch without its row, to be ended by a resumed run. */
static bt_status end_epoch(run *r, bt_error *error) {
  bt_state *state = r->state;
  bt_epoch_row row = {.epoch = state->epoch, .train = state->loss,
                      .clipped = state->counts.quantize.clipped};
  bool evaluated = evaluates(state);
  bt_status s = evaluated ? evaluate(r, state->model->w, &row.test, error) : BT_OK;
  if (s == BT_OK && state->epoch >= state->recipe->swa_start) {
    s = average_weights(r, error);
    s = s == BT_OK && evaluated ? evaluate_average(r, &row.swa, error) : s;
  }
  if (s != BT_OK || asked_to_stop(r)) {
    return s;
  }
  row.milliseconds = state->milliseconds + now() - r->epoch_began;
  state->row[state->rows++] = row;
  state->epoch++;
  state->step = 0;
  state->loss = (bt_loss){0};
  state->counts = (bt_counts){0};
  state->milliseconds = 0;
  r->epoch_began = now();
  s = save(r, error);
  state->milliseconds = 0;
  report(r, true);
  return s;
}

static bool at_limit(const run *r) {
  const bt_state *state = r->state;
  return (r->o->steps != 0 && state->steps >= r->o->steps) ||
         (r->o->epochs != 0 && state->epoch > r->o->epochs) ||
         state->epoch > state->recipe->epochs || asked_to_stop(r);
}

static bt_status run_epoch(run *r, bt_error *error) {
  bt_status s = lower_epoch(r, error);
  while (s == BT_OK && r->state->step < r->steps_in_epoch && !at_limit(r)) {
    s = train_step(r, error);
  }
  free_epoch(r);
  return s == BT_OK && r->state->step == r->steps_in_epoch ? end_epoch(r, error) : s;
}

static bt_status open_data(run *r, bt_error *error) {
  const bt_state *state = r->state;
  const bt_images *images = &r->o->data->train;
  bt_status s = bt_shuffled_open(&r->shuffled, images, state->recipe, error);
  if (s != BT_OK) {
    return s;
  }
  bt_batch_source source = bt_shuffled_source(&r->shuffled);
  s = bt_pipeline_open(&source, state->epoch, state->step, &r->pipeline, error);
  if (s == BT_OK) {
    r->memory.pipeline = bt_pipeline_bytes(r->pipeline) + images->count * sizeof(uint32_t);
  }
  return s;
}

static void close_data(run *r) {
  bt_pipeline_close(r->pipeline);
  bt_shuffled_close(&r->shuffled);
}

bt_status bt_train(bt_state *state, const bt_train_options *options, bt_error *error) {
  run r = {.state = state, .o = options, .began = now(), .epoch_began = now()};
  bt_status s = bt_train_check_data(state->recipe, options->data, error);
  if (s != BT_OK) {
    return s;
  }
  r.steps_in_epoch = bt_epoch_steps(state->recipe, options->data);
  r.total = r.steps_in_epoch * state->recipe->epochs;
  r.memory.data = bt_memory_of_data(options->data);
  r.memory.model = bt_memory_of_model(state->model);
  s = at_limit(&r) ? BT_OK : open_data(&r, error);
  while (s == BT_OK && !at_limit(&r)) {
    s = run_epoch(&r, error);
  }
  close_data(&r);
  if (s == BT_OK && state->step != 0 && r.saved != state->steps) {
    s = save(&r, error);
  }
  if (options->memory != NULL) {
    *options->memory = r.memory;
  }
  return s;
}
