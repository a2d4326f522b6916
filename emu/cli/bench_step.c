#include "cli/bench_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench_timer.h"
#include "num/error.h"
#include "train/train.h"

typedef struct {
  bt_bench *b;
  bt_state *state;
  const bt_program *program;
  bt_step_cut cut;
  double *sample; /* [commands][repeat]; a portion's at its first command */
  size_t *size;   /* [commands] of the portion that starts there; 0 elsewhere */
} job;

bt_status bt_bench_session(bt_bench *b, bt_session *session, bt_state *state, bt_error *error) {
  const char *recipe = b->o->recipe != NULL ? b->o->recipe : BT_BENCH_RECIPE;
  bt_status s = bt_session_open(session, recipe, b->o->machine, NULL, error);
  session->machine = b->machine;
  return s == BT_OK ? bt_state_start(&session->recipe, &session->machine, state, error) : s;
}

static bt_status run_portion(job *j, size_t first, size_t *done, bt_error *error) {
  bt_engine *e = j->b->engine;
  bt_counts counts = {0};
  *done = 1;
  return e->run_from == NULL || j->cut == BT_SINGLE
             ? e->run(e, bt_program_at(j->program, first), &j->state->rng, &counts, error)
             : e->run_from(e, j->program, first, done, &j->state->rng, &counts, error);
}

/* All of the step once; pass 0 is the warm-up. */
static bt_status run_pass(job *j, size_t pass, bt_error *error) {
  size_t n = bt_program_size(j->program), repeat = j->b->o->repeat, done = 0;
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < n; i += done) {
    double begin = bt_bench_now(j->b);
    s = run_portion(j, i, &done, error);
    double passed = bt_bench_now(j->b) - begin;
    if (s == BT_OK && pass > 0) {
      j->sample[i * repeat + pass - 1] = passed;
      j->size[i] = done;
    }
  }
  return s;
}

uint64_t bt_bench_macs(const bt_command *c) {
  if (c->op != BT_OP_CONTRACT) {
    return 0;
  }
  bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  return (uint64_t)x.rows * x.cols * x.k;
}

/* A row of the portion at `first`, with its products or else its first result's elements. */
static void add_row(job *j, size_t first, uint64_t macs, const bt_timing *t) {
  const bt_command *c = bt_program_at(j->program, first);
  size_t size = j->size[first];
  const char *op = bt_op_name(c->op);
  char what[80];
  if (size > 1) {
    snprintf(what, sizeof what, "%s and %zu more", op, size - 1);
  }
  json_t *row = bt_bench_row(j->b, c->label.text, size > 1 ? what : op, t);
  if (macs != 0) {
    bt_bench_number(row, "gmac_per_second", (double)macs / t->median * 1e-9);
  } else {
    const bt_tensor *counted = c->out[0] == NULL ? c->in[0] : c->out[0];
    bt_bench_number(row, "gelem_per_second",
                    (double)bt_tensor_elements(counted) / t->median * 1e-9);
  }
}

static void add_results(job *j, bool rows) {
  double contract = 0, other = 0;
  for (size_t i = 0; i < bt_program_size(j->program); i++) {
    uint64_t macs = 0;
    if (j->size[i] == 0) {
      continue;
    }
    bt_timing t = bt_timing_of(&j->sample[i * j->b->o->repeat], j->b->o->repeat);
    for (size_t k = i; k < i + j->size[i]; k++) {
      macs += bt_bench_macs(bt_program_at(j->program, k));
    }
    *(macs == 0 ? &other : &contract) += t.median;
    if (rows) {
      add_row(j, i, macs, &t);
    }
  }
  if (j->cut == BT_PORTIONS) {
    bt_bench_number(j->b->facts, "step_milliseconds", (contract + other) * 1e3);
    return;
  }
  bt_bench_number(j->b->facts, "contract_milliseconds", contract * 1e3);
  bt_bench_number(j->b->facts, "other_milliseconds", other * 1e3);
}

static bt_status run_passes(job *j, bool rows, bt_error *error) {
  size_t n = bt_program_size(j->program), repeat = j->b->o->repeat;
  j->sample = calloc(n * repeat, sizeof *j->sample);
  j->size = calloc(n, sizeof *j->size);
  bt_status s = j->sample == NULL || j->size == NULL
                    ? bt_fail(error, BT_FAILED, "out of memory for %zu commands", n)
                    : BT_OK;
  for (size_t pass = 0; s == BT_OK && pass <= repeat; pass++) {
    s = run_pass(j, pass, error);
  }
  if (s == BT_OK) {
    add_results(j, rows);
  }
  free(j->sample);
  free(j->size);
  return s;
}

bt_status bt_bench_step(bt_bench *b, const bt_session *session, bt_state *state, bt_step_cut cut,
                        bool rows, bt_error *error) {
  bt_lowering how = bt_recipe_lowering(&session->recipe, session->recipe.lr);
  size_t n = bt_step_samples(&session->recipe, &session->data, 0);
  bt_loss loss = {0};
  bt_step step;
  bt_status s = bt_lower_training(&how, state->model, n, &loss, &step, error);
  if (s != BT_OK) {
    return s;
  }
  job j = {.b = b, .state = state, .program = step.program, .cut = cut};
  json_object_set_new(b->facts, "batch", json_integer((json_int_t)session->recipe.batch));
  json_object_set_new(b->facts, "recipe", json_string(session->recipe.path));
  bt_batch_place(&session->data.train, 0, &step);
  s = run_passes(&j, rows, error);
  bt_step_free(&step);
  return s;
}

bt_status bt_bench_commands(bt_bench *b, bt_error *error) {
  bt_session session;
  bt_state state;
  memset(&session, 0, sizeof session);
  memset(&state, 0, sizeof state);
  bt_status s = bt_bench_session(b, &session, &state, error);
  bt_bench_peak(b);
  s = s == BT_OK ? bt_bench_step(b, &session, &state, b->o->single ? BT_SINGLE : BT_PORTIONS,
                                   true, error) : s;
  bt_state_free(&state);
  bt_session_close(&session);
  return s;
}
