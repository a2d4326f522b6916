#include "train/convex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

/* A run with its programs. */
typedef struct {
  bt_convex_state *state;
  bt_engine *engine;
  const bt_convex_watch *watch;
  bt_linear_step step;
  bt_program *averaging;
  bt_sampler sampler;
  uint32_t *index; /* [batch] */
} run;

/* Mantissas zero: a zero block of bfp, zeros of fixed point. */
static void set_zero(bt_tensor *t) {
  memset(t->data, 0, bt_tensor_elements(t) * bt_tensor_element_size(t));
  for (size_t b = 0; t->fmt.kind == BT_BFP && b < bt_tensor_exponents(t); b++) {
    t->exp[b] = -128;
  }
}

bt_status bt_convex_start(const bt_convex_recipe *recipe, const bt_samples *samples,
                          const bt_machine *machine, bt_convex_state *state, bt_error *error) {
  *state = (bt_convex_state){.recipe = recipe, .samples = samples};
  state->net = bt_net_linear(recipe->loss, samples->features, samples->outputs,
                             recipe->bias);
  if (state->net == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a net");
  }
  if (bt_lfsr_start(&state->rng, recipe->seed, machine->lanes) != BT_OK) {
    return bt_fail(error, BT_BAD_INPUT, "machine %s: %u lanes, expected a power of two up to %u",
                   machine->name, machine->lanes, BT_MAX_LANES);
  }
  bt_status s = bt_model_new(state->net, recipe->w, recipe->g, recipe->seed, &state->model, error);
  for (size_t p = 0; s == BT_OK && p < state->model->parameters; p++) {
    set_zero(state->model->w[p]);
  }
  return s;
}

void bt_convex_free(bt_convex_state *state) {
  bt_model_free(state->model);
  free(state->net);
  state->model = NULL;
  state->net = NULL;
}

static bt_status open_run(run *r, bt_error *error) {
  bt_convex_state *state = r->state;
  const bt_convex_recipe *recipe = state->recipe;
  const bt_lowering how = {.rate = recipe->lr, .momentum = {0, 1},
                           .weight_decay = recipe->weight_decay, .a = recipe->logits,
                           .g = recipe->g, .e = recipe->e, .round = recipe->round,
                           .seed = recipe->seed};
  bt_status s = bt_lower_linear(&how, recipe->loss, state->model, recipe->batch,
                                state->samples->x_fl, &state->loss, &r->step, error);
  s = s == BT_OK ? bt_lower_averaging(state->model, &r->averaging, error) : s;
  s = s == BT_OK ? bt_sampler_open(&r->sampler, recipe->sampling, recipe->seed,
                                   state->samples->count, recipe->batch, error)
                 : s;
  r->index = malloc(recipe->batch * sizeof *r->index);
  return s == BT_OK && r->index == NULL ? bt_fail(error, BT_FAILED, "out of memory for a batch")
                                        : s;
}

static void close_run(run *r) {
  bt_linear_step_free(&r->step);
  bt_program_free(r->averaging);
  bt_sampler_close(&r->sampler);
  free(r->index);
}

static void place_batch(const run *r) {
  const bt_samples *from = r->state->samples;
  for (size_t i = 0; i < r->step.batch; i++) {
    size_t sample = r->index[i], size = from->features;
    memcpy((int8_t *)r->step.x->data + i * size, from->x + sample * size, size);
    if (from->target != NULL) {
      ((int16_t *)r->step.targets->data)[i] = from->target[sample];
    } else {
      ((uint8_t *)r->step.labels->data)[i] = from->label[sample];
    }
  }
}

static bool averages(const bt_convex_state *state) {
  const bt_convex_recipe *recipe = state->recipe;
  return state->steps > recipe->average_start &&
         (state->steps - recipe->average_start - 1) % recipe->average_every == 0;
}

/* 1, 2, 3, 4, 6, 8, 12, ...: powers of two and one and a half of each. */
static bool is_point(uint64_t n) {
  while (n % 2 == 0 && n > 0) {
    n /= 2;
  }
  return n == 1 || n == 3;
}

static bool reports(const bt_convex_state *state) {
  uint64_t every = state->recipe->report_every, n = state->steps;
  return n == state->recipe->steps || (every == 0 ? is_point(n) : n % every == 0);
}

static bt_status run_step(run *r, bt_error *error) {
  bt_convex_state *state = r->state;
  bt_sampler_step(&r->sampler, state->steps, r->index);
  place_batch(r);
  bt_linear_step_place(&r->step, state->steps);
  bt_status s = bt_program_run(r->step.program, r->engine, &state->rng, &state->counts, NULL,
                               error);
  state->steps++;
  bool average = averages(state);
  if (s == BT_OK && average) {
    s = bt_program_run(r->averaging, r->engine, &state->rng, &state->counts, NULL, error);
    state->snapshots++;
  }
  if (s == BT_OK && r->watch != NULL && r->watch->step != NULL) {
    r->watch->step(r->watch->context, r->index, average);
  }
  if (s == BT_OK && r->watch != NULL && r->watch->report != NULL && reports(state)) {
    s = r->watch->report(r->watch->context, state, error);
  }
  return s;
}

bt_status bt_convex_run(bt_convex_state *state, bt_engine *engine, const bt_convex_watch *watch,
                        bt_error *error) {
  run r = {.state = state, .engine = engine, .watch = watch};
  bt_status s = open_run(&r, error);
  while (s == BT_OK && state->steps < state->recipe->steps) {
    s = run_step(&r, error);
  }
  close_run(&r);
  return s;
}

bt_status bt_convex_digest(const bt_convex_state *state, char text[65], bt_error *error) {
  return bt_model_digest(state->model, state->rng.steps, state->steps, text, error);
}

void bt_convex_iterate(const bt_convex_state *state, double *w) {
  for (size_t p = 0; p < state->model->parameters; p++) {
    const bt_tensor *t = state->model->w[p];
    for (size_t i = 0; i < bt_tensor_elements(t); i++) {
      *w++ = ldexp(bt_tensor_mantissa(t, i), bt_tensor_step(t, i));
    }
  }
}

void bt_convex_average(const bt_convex_state *state, double *w) {
  for (size_t p = 0; p < state->model->parameters; p++) {
    const bt_tensor *t = state->model->w[p];
    const bt_average *a = &state->model->average[p];
    for (size_t i = 0; i < bt_tensor_elements(t); i++) {
      int step = a->emin[bt_tensor_exponent_of(t, i)] - (t->fmt.wl - 2);
      *w++ = a->sum[i] == 0 ? 0 : ldexp((double)a->sum[i] / (double)a->count, step);
    }
  }
}
