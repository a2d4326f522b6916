/* Drawn commands on the Verilated machine and on the reference, in lockstep, with slow memory now
 * and then: every bit of every result, the generator, the cycles of the cost model; and a table of
 * the contract's cases that they met, of which none that is promised may be empty.
 *
 *   test_rtl_machine_commands [SEED [FIRST [COUNT]]]    default: 1 0 2000 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cost/count.h"
#include "engine/coverage.h"
#include "engine/lockstep.h"
#include "machine_engine.h"
#include "ref/ref.h"
#include "unit/fast/random_results.h"

/* Every case but those that no drawn command has: fixed point, and batch norm from statistics; and
 * saturation, which takes the narrow accumulator. */
#define PROMISED                                                                                   \
  "contract.forward,contract.data_gradient,contract.weight_gradient,contract.short_rows,"          \
  "contract.short_columns,contract.pad,contract.stride,contract.groups,contract.dropped,"          \
  "contract.zero_block,contract.shifted,quantize.tensor,quantize.dim0,quantize.tile,"              \
  "quantize.k32,quantize.stochastic,quantize.nearest_even,quantize.nearest_away,quantize.floor,"   \
  "quantize.tie,quantize.clipped,quantize.overflow,quantize.flushed,quantize.zero_block,"          \
  "quantize.left,quantize.beyond,quantize.short_beat,affine,gate,reduce,pool,softmax,dropout,"     \
  "average,norm.forward,norm.back,norm.statistics,lfsr"

typedef struct {
  uint64_t seed, first, count;
} range;

typedef struct {
  bt_machine machine;
  bt_engine *ref, *rtl;
  bt_coverage coverage;
  uint64_t compared, by_op[BT_OP_STATISTICS + 1];
} job;

/* A generator somewhere in its period; one time in eight where the period is about to end. */
static bt_lfsr drawn_generator(chance *r, unsigned lanes) {
  bt_lfsr rng;
  assert_int_equal(bt_lfsr_start(&rng, below(r, UINT64_C(1) << 40), lanes), BT_OK);
  rng.steps = below(r, 8) == 0 ? UINT32_MAX - 1 - below(r, 64) : below(r, UINT64_C(1) << 34);
  for (unsigned l = 0; l < lanes; l++) {
    rng.lane[l] = bt_lfsr_jump(rng.lane[l], rng.steps);
  }
  return rng;
}

/* The command is of the reference's results; what it met is counted, and what it took compared. */
static bt_status agreed(void *context, const bt_command *c, const bt_ran *ran,
                        bt_difference *difference) {
  job *j = context;
  bt_cost cost = {0};
  bt_demand demand;
  bt_error error = {""};
  bt_machine_stats took = bt_machine_last(j->rtl);
  const uint64_t cycles[BT_UNITS] = {[BT_UNIT_ARRAY] = took.array,
                                     [BT_UNIT_SCALAR] = took.scalar,
                                     [BT_UNIT_VECTOR] = took.vector,
                                     [BT_UNIT_QUANTIZER] = took.quantizer};
  j->compared++;
  j->by_op[c->op]++;
  bt_cover_command(&j->coverage, &j->machine, c, ran->before, ran->after, &ran->counts);
  if (bt_cost_add_demand(&cost, &j->machine, c, false, &demand, &error) != BT_OK) {
    fail_msg("no cost: %s", error.text);
  }
  for (unsigned u = 0; u < BT_UNITS; u++) {
    uint64_t model = u == demand.unit ? demand.unit_cycles : 0;
    if (cycles[u] != model) {
      snprintf(difference->text, sizeof difference->text,
               "%s: %" PRIu64 " cycles of the unit %s, the model says %" PRIu64 "\n",
               bt_op_name(c->op), cycles[u], bt_unit_name((bt_unit)u), model);
      return BT_MISMATCH;
    }
  }
  return BT_OK;
}

static void run_case(job *j, const range *r, uint64_t number) {
  random_case k;
  random_results o;
  bt_error error = {""};
  chance chances = {r->seed * 1000003 + number, 1};
  random_case_make(&k, r->seed, number);
  k.rng = drawn_generator(&chances, j->machine.lanes);
  if (k.c.op == BT_OP_QUANTIZE && below(&chances, 4) != 0) { /* what the machines' recipes have */
    k.c.u.quantize.round.random_bits = 16;
    k.c.u.quantize.round.sr_half = false;
  }
  random_results_open(&o, &k);
  k.c.label.text = "drawn";
  assert_int_equal(bt_command_check(&k.c, &error), BT_OK);
  bt_lockstep l = {.first = j->ref, .second = j->rtl, .machine = &j->machine, .agreed = agreed,
                   .agreed_context = j};
  if (j->rtl->covers(j->rtl, &k.c) && bt_lockstep_command(&l, &k.c, &k.rng, &error) != BT_OK) {
    fail_msg("%s\n%srun it alone: test_rtl_machine_commands %" PRIu64 " %" PRIu64 " 1", error.text,
             l.difference.text, r->seed, number);
  }
  random_results_close(&o);
  random_case_free(&k);
}

static void print_coverage(const job *j) {
  for (unsigned op = 0; op <= BT_OP_STATISTICS; op++) {
    print_message("%-24s %8" PRIu64 " commands equal\n", bt_op_name((bt_op)op), j->by_op[op]);
  }
  for (unsigned bin = 0; bin < BT_COVER_COUNT; bin++) {
    print_message("%-24s %8" PRIu64 "  %s\n", bt_cover_name((bt_cover)bin), j->coverage.n[bin],
                  bt_cover_text((bt_cover)bin));
  }
}

static void run_all(const range *r, bt_machine machine, bt_machine_options options,
                    const char *promised) {
  bt_error error = {""};
  job *j = calloc(1, sizeof *j);
  assert_non_null(j);
  j->machine = machine;
  j->ref = bt_ref_engine(&j->machine);
  j->rtl = bt_machine_engine(&j->machine, &options, &error);
  if (j->rtl == NULL) {
    fail_msg("%s", error.text);
  }
  print_message("seed %" PRIu64 ", cases %" PRIu64 " to %" PRIu64 "\n", r->seed, r->first,
                r->first + r->count - 1);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    run_case(j, r, i);
  }
  print_coverage(j);
  bt_cover missing = bt_cover_missing(&j->coverage, promised, (bt_cover)0);
  if (r->count >= 1000 && missing != BT_COVER_COUNT) {
    fail_msg("promised, but empty: %s (%s)", bt_cover_name(missing), bt_cover_text(missing));
  }
  assert_true(j->compared > 0 || r->count == 1);
  j->ref->destroy(j->ref);
  j->rtl->destroy(j->rtl);
  free(j);
}

static bt_machine small_machine(void) {
  bt_machine m = bt_machine_default();
  m.rows = m.cols = 4;
  m.lanes = 4;
  return m;
}

static void prompt_memory(void **state) {
  run_all(*state, small_machine(), bt_machine_options_default(), PROMISED);
}

static void slow_memory(void **state) {
  bt_machine_options options = {.latency = 5, .stall = 96, .seed = 7};
  run_all(*state, small_machine(), options, PROMISED);
}

/* 16 bits that saturate: the order of accumulation shows (numerics 8.1). */
static void narrow_accumulator(void **state) {
  bt_machine m = small_machine();
  m.acc.acc_bits = 16;
  run_all(*state, m, bt_machine_options_default(), PROMISED ",contract.saturated");
}

int main(int argc, char **argv) {
  range r = {1, 0, 2000};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(prompt_memory, &r), cmocka_unit_test_prestate(slow_memory, &r),
      cmocka_unit_test_prestate(narrow_accumulator, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
