/* The machine model against an oracle written from docs/cost.md alone, on drawn programs and
 * machines. Alone: ctest -R test_cost_schedule_oracle; one seed: test_cost_schedule_oracle SEED;
 * more: test_cost_schedule_oracle FIRST LAST */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cost/pipeline.h"
#include "cost/watch.h"
#include "oracle_pipeline.h"
#include "oracle_schedule.h"
#include "random_program.h"

#define FIRST_SEED 1u
#define CASES 3000u
#define PIPELINES 20000u
#define MOST_STEPS 12u

static void show_machine(const random_case *r) {
  const bt_machine *m = &r->machine;
  static const char *const flow[] = {"os", "ws", "is"}, *const wait[] = {"spill", "recompute"};
  print_error("machine %zu x %zu %s, %u lanes, %s, SRAM %zu %zu %zu, DRAM %zu a cycle, "
              "rows of %zu; words %s, %s\n",
              m->rows, m->cols, flow[m->dataflow], m->lanes, wait[m->exponent],
              m->sram_input_bytes, m->sram_weight_bytes, m->sram_output_bytes,
              m->dram_bytes_per_cycle, m->dram_row_bytes, r->fp32 ? "fp32" : "bfp",
              r->plan ? "planned" : "with exponents");
}

static void show_tensor(const char *what, const bt_tensor *t) {
  if (t != NULL) {
    print_error("  %s %s", what, bt_role_name(t->role));
    for (size_t d = 0; d < t->ndim; d++) {
      print_error("%s%zu", d == 0 ? " " : "x", t->dim[d]);
    }
    if (t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) {
      print_error(" wl %d block %d", t->fmt.wl, (int)t->fmt.block);
    }
    print_error(" [%p]", (const void *)t);
  }
}

static void show_command(const bt_command *c) {
  print_error("%s (%s):", c->label.text, bt_phase_name(c->label.phase));
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    show_tensor("in", c->in[i]);
  }
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    show_tensor("out", c->out[i]);
  }
  if (c->op == BT_OP_CONTRACT) {
    const bt_geometry *g = &c->u.contract.geometry;
    print_error("  %zux%zux%zux%zu by %zux%zux%zu stride %zu pad %zu to %zux%zu", g->n, g->h, g->w,
                g->c, g->o, g->kh, g->kw, g->stride, g->pad, g->oh, g->ow);
  }
  print_error("\n");
}

/* The number of differences, printed if asked for. */
static unsigned differences(const bt_cost *model, const bt_cost *oracle, bool show) {
  unsigned count = 0;
  for (unsigned p = 0; p < BT_PHASE_COUNT; p++) {
    for (unsigned k = 0; k < BT_COUNT_KINDS; k++) {
      uint64_t a = model->phase[p].n[k], b = oracle->phase[p].n[k];
      if (oracle_checks((bt_count_kind)k) && a != b) {
        count++;
        if (show) {
          print_error("%s %s: model %" PRIu64 ", oracle %" PRIu64 "\n", bt_phase_name((bt_phase)p),
                      bt_count_name((bt_count_kind)k), a, b);
        }
      }
    }
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      bt_traffic a = model->dram[p][k], b = oracle->dram[p][k];
      if (a.read != b.read || a.written != b.written) {
        count++;
        if (show) {
          print_error("%s DRAM %s: model %" PRIu64 " read %" PRIu64 " written, oracle %" PRIu64
                      " %" PRIu64 "\n", bt_phase_name((bt_phase)p), bt_traffic_name(k), a.read,
                      a.written, b.read, b.written);
        }
      }
    }
  }
  return count;
}

/* Whether model and oracle agree on a seed's case. */
static bool agree(uint64_t seed, bool show) {
  random_case r;
  random_case_draw(&r, seed);
  bt_cost model = {.plan = r.plan, .fp32 = r.fp32}, oracle = model;
  bt_error error = {""};
  bt_status status = bt_cost_program(&model, &r.machine, r.program, NULL, &error);
  oracle_cost(&oracle, &r.machine, r.program);
  bool same = status == BT_OK && differences(&model, &oracle, false) == 0;
  if (!same || show) {
    print_error("seed %" PRIu64 " (alone: test_cost_schedule_oracle %" PRIu64 "): %s\n", seed, seed,
                same ? "equal" : status == BT_OK ? "differs" : error.text);
    show_machine(&r);
    for (size_t i = 0; i < bt_program_size(r.program); i++) {
      show_command(bt_program_at(r.program, i));
    }
    differences(&model, &oracle, true);
  }
  random_case_free(&r);
  return same;
}

/* The first seed of first..last on which they differ; 0 if none. */
static uint64_t first_difference(uint64_t first, uint64_t last) {
  print_message("seeds %" PRIu64 " to %" PRIu64 "\n", first, last);
  for (uint64_t seed = first; seed <= last; seed++) {
    if (!agree(seed, false)) {
      return seed;
    }
  }
  return 0;
}

static void test_drawn_programs(void **state) {
  (void)state;
  uint64_t seed = first_difference(FIRST_SEED, FIRST_SEED + CASES - 1);
  if (seed > 0) {
    fail_msg("alone: test_cost_schedule_oracle %" PRIu64, seed);
  }
}

/* The pipeline by itself, on steps that are not even: many amounts are 0. */
static void test_drawn_steps(void **state) {
  (void)state;
  random_case r = {.state = FIRST_SEED};
  for (unsigned i = 0; i < PIPELINES; i++) {
    oracle_step step[MOST_STEPS] = {0};
    unsigned units = 1 + (unsigned)random_below(&r, ORACLE_UNITS);
    size_t steps = 1 + random_below(&r, MOST_STEPS);
    bt_pipeline line = bt_pipeline_start(units);
    for (size_t t = 0; t < steps; t++) {
      bt_pipeline_step same = {0};
      same.load = step[t].load = random_below(&r, 2) * random_below(&r, 9);
      same.store = step[t].store = random_below(&r, 2) * random_below(&r, 9);
      for (unsigned u = 0; u < units; u++) {
        same.unit[u] = step[t].unit[u] = random_below(&r, 9);
      }
      bt_pipeline_add(&line, &same);
    }
    uint64_t model = bt_pipeline_end(&line), oracle = oracle_pipeline(units, steps, step);
    if (model != oracle) {
      fail_msg("pipeline %u, %u units, %zu steps: model %" PRIu64 ", oracle %" PRIu64, i, units,
               steps, model, oracle);
    }
  }
}

int main(int argc, char **argv) {
  if (argc > 2) {
    return first_difference(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10)) > 0;
  }
  if (argc > 1) {
    return agree(strtoull(argv[1], NULL, 10), true) ? 0 : 1;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_drawn_steps),
                                     cmocka_unit_test(test_drawn_programs)};
  return cmocka_run_group_tests_name(
      "cost schedule oracle (alone: ctest -R test_cost_schedule_oracle)", tests, NULL, NULL);
}
