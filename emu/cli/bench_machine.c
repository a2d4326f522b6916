/* bittrue bench machine: how fast the machine in Verilog is simulated, beside its array alone. */
#include <string.h>

#include "cli/bench_step.h"
#include "cli/bench_timer.h"
#include "num/error.h"
#ifdef BITTRUE_HAVE_RTL
#include "cli/engines.h"
#include "machine_engine.h"
#include "rtl_engine.h"
#include "train/train.h"

typedef struct {
  bt_engine *engine;
  bool whole;      /* the machine; else its array alone, for the step's contractions */
  uint64_t cycles; /* of the last pass */
  double seconds;  /* in which the Verilog ran in it */
} simulated;

/* One command: on the Verilog, its time and cycles added, or else on the bench's engine. */
static bt_status run_command(const bt_bench *b, simulated *m, const bt_command *c, bt_lfsr *rng,
                             bt_error *error) {
  bt_counts counts = {0};
  if (!m->whole && c->op != BT_OP_CONTRACT) {
    return b->engine->run(b->engine, c, rng, &counts, error);
  }
  if (!m->engine->covers(m->engine, c)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: engine rtl does not run this %s", c->label.text,
                   bt_op_name(c->op));
  }
  double begin = bt_bench_now(b);
  bt_status s = m->engine->run(m->engine, c, rng, &counts, error);
  m->seconds += bt_bench_now(b) - begin;
  m->cycles += m->whole ? bt_machine_last(m->engine).cycles : bt_rtl_last(m->engine).array_cycles;
  return s;
}

/* A warm-up and the options' samples of the step; *rate in cycles a second. */
static bt_status sample(const bt_bench *b, simulated *m, const bt_program *p, bt_lfsr *rng,
                        bt_timing *rate, bt_error *error) {
  double samples[BT_BENCH_MAX_REPEAT];
  bt_status s = BT_OK;
  for (size_t pass = 0; s == BT_OK && pass <= b->o->repeat; pass++) {
    m->cycles = 0;
    m->seconds = 0;
    for (size_t i = 0; s == BT_OK && i < bt_program_size(p); i++) {
      s = run_command(b, m, bt_program_at(p, i), rng, error);
    }
    if (pass > 0) {
      samples[pass - 1] = (double)m->cycles / m->seconds;
    }
  }
  *rate = s == BT_OK ? bt_timing_of(samples, b->o->repeat) : (bt_timing){0};
  return s;
}

static void add_rate(bt_bench *b, const char *key, const bt_timing *t) {
  json_object_set_new(b->facts, key,
                      json_pack("{s:f, s:f, s:f}", "median", t->median, "min", t->min, "max",
                                t->max));
}

static bt_status time_step(bt_bench *b, simulated m[2], const bt_program *p, bt_lfsr *rng,
                           bt_error *error) {
  bt_timing rate[2];
  uint64_t macs = 0;
  for (int i = 0; i < 2; i++) {
    bt_status s = sample(b, &m[i], p, rng, &rate[i], error);
    if (s != BT_OK) {
      return s;
    }
  }
  for (size_t i = 0; i < bt_program_size(p); i++) {
    macs += bt_bench_macs(bt_program_at(p, i));
  }
  json_object_set_new(b->facts, "cycles", json_integer((json_int_t)m[0].cycles));
  json_object_set_new(b->facts, "macs", json_integer((json_int_t)macs));
  add_rate(b, "cycles_per_second", &rate[0]);
  add_rate(b, "array_cycles_per_second", &rate[1]);
  return BT_OK;
}

static bt_status make_engines(const bt_bench *b, simulated m[2], bt_error *error) {
  bt_engine_options o = BT_ENGINE_OPTIONS_NONE;
  o.whole = m[0].whole = true;
  bt_status s = bt_engine_make("rtl", &b->machine, &o, &m[0].engine, error);
  o.whole = false;
  return s == BT_OK ? bt_engine_make("rtl", &b->machine, &o, &m[1].engine, error) : s;
}

static bt_status bench_step(bt_bench *b, simulated m[2], bt_session *session, bt_state *state,
                            bt_error *error) {
  size_t batch = b->o->batch != 0 ? b->o->batch : 8;
  bt_lowering how = bt_recipe_lowering(&session->recipe, session->recipe.lr);
  bt_loss loss = {0};
  bt_step step;
  if (batch > session->data.train.count) {
    return bt_fail(error, BT_BAD_INPUT, "--batch %zu: expected at most the %zu training images",
                   batch, session->data.train.count);
  }
  bt_status s = bt_lower_training(&how, state->model, batch, &loss, &step, error);
  if (s != BT_OK) {
    return s;
  }
  json_object_set_new(b->facts, "engine", json_string("rtl"));
  json_object_set_new(b->facts, "batch", json_integer((json_int_t)batch));
  json_object_set_new(b->facts, "recipe", json_string(session->recipe.path));
  bt_batch_place(&session->data.train, 0, &step);
  s = time_step(b, m, step.program, &state->rng, error);
  bt_step_free(&step);
  return s;
}

bt_status bt_bench_machine(bt_bench *b, bt_error *error) {
  bt_session session;
  bt_state state;
  simulated m[2] = {{0}, {0}};
  memset(&session, 0, sizeof session);
  memset(&state, 0, sizeof state);
  bt_status s = bt_bench_session(b, &session, &state, error);
  s = s == BT_OK ? make_engines(b, m, error) : s;
  s = s == BT_OK ? bench_step(b, m, &session, &state, error) : s;
  for (int i = 0; i < 2; i++) {
    if (m[i].engine != NULL) {
      m[i].engine->destroy(m[i].engine);
    }
  }
  bt_state_free(&state);
  bt_session_close(&session);
  return s;
}
#else
bt_status bt_bench_machine(bt_bench *b, bt_error *error) {
  (void)b;
  return bt_fail(error, BT_BAD_INPUT,
                 "bench machine: this build has no engine rtl; configure with BITTRUE_RTL=ON");
}
#endif
