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

#include "cmd/statistics.h"
#include "engine/coverage.h"
#include "engine/lockstep.h"
#include "machine_engine.h"
#include "ref/ref.h"
#include "unit/fast/random_case.h"

#define PROMISED                                                                                   \
  "contract,quantize,affine,gate,reduce,pool,softmax,average,norm,lfsr"

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

/* What the command adds to, and its outputs. */
typedef struct {
  bt_tensor out[BT_MAX_OUTPUTS];
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} results;

static void results_open(results *o, random_case *k) {
  memset(o, 0, sizeof *o);
  for (size_t i = 0; i < k->outs; i++) {
    o->out[i] = k->out[i];
    assert_true(bt_tensor_alloc(&o->out[i]));
    k->c.out[i] = &o->out[i];
  }
  if (k->c.op == BT_OP_SOFTMAX) {
    k->c.u.softmax.loss = &o->loss;
  }
  if (k->c.op == BT_OP_AVERAGE) {
    size_t blocks = bt_tensor_exponents(k->c.in[0]);
    o->average.sum = calloc(bt_tensor_elements(k->c.in[0]), sizeof *o->average.sum);
    o->average.emin = calloc(blocks, sizeof *o->average.emin);
    for (size_t b = 0; b < blocks; b++) {
      o->average.emin[b] = BT_EMIN_NONE;
    }
    k->c.u.average.average = &o->average;
  }
  if (k->c.op == BT_OP_STATISTICS) {
    assert_true(bt_statistics_alloc(&o->statistics, bt_tensor_elements(k->c.in[0])));
    k->c.u.statistics.statistics = &o->statistics;
  }
}

static void results_close(results *o) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    bt_tensor_free(&o->out[i]);
  }
  bt_statistics_free(&o->statistics);
  free(o->average.sum);
  free(o->average.emin);
}
