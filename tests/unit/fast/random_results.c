#include "unit/fast/random_results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"

static void open_average(bt_average *average, const bt_tensor *weights) {
  size_t blocks = bt_tensor_exponents(weights);
  average->sum = calloc(bt_tensor_elements(weights), sizeof *average->sum);
  average->emin = calloc(blocks, sizeof *average->emin);
  assert_non_null(average->sum);
  assert_non_null(average->emin);
  for (size_t b = 0; b < blocks; b++) {
    average->emin[b] = BT_EMIN_NONE;
  }
}

void random_results_open(random_results *o, random_case *k) {
  memset(o, 0, sizeof *o);
  for (size_t i = 0; i < k->outs; i++) {
    o->out[i] = k->out[i];
    assert_true(bt_tensor_alloc(&o->out[i]));
    k->c.out[i] = &o->out[i];
  }
  if (k->c.op == BT_OP_SOFTMAX) {
    k->c.u.softmax.loss = &o->loss;
  } else if (k->c.op == BT_OP_AVERAGE) {
    open_average(&o->average, k->c.in[0]);
    k->c.u.average.average = &o->average;
  } else if (k->c.op == BT_OP_STATISTICS) {
    assert_true(bt_statistics_alloc(&o->statistics, bt_tensor_elements(k->c.in[0])));
    k->c.u.statistics.statistics = &o->statistics;
  }
}

void random_results_close(random_results *o) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    bt_tensor_free(&o->out[i]);
  }
  bt_statistics_free(&o->statistics);
  free(o->average.sum);
  free(o->average.emin);
}
