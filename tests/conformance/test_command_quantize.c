/* The quantize command, from wide tensors of every kind of cell and from bfp, against the exact
 * oracle (an int32 mantissa with its exponent is a double).
 *
 *   test_command_quantize [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "command_bench.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

/* Every word length, block, clip and rounding in turn. */
static bt_format pick_format(bench_case *b, bt_round_options *round) {
  static const int64_t tile[] = {1, 2, 3, 7, 32, 100};
  size_t n = b->number;
  bt_format f = {.kind = BT_BFP, .wl = 2 + (int)(n % 15), .block = (bt_block)(n / 15 % 5),
                 .asymmetric = n / 75 % 2 == 1};
  f.tile_rows = (size_t)tile[in(b, 0, 5)];
  f.tile_cols = (size_t)tile[in(b, 0, 5)];
  *round = (bt_round_options){(bt_rounding)(n / 150 % 4), (unsigned)in(b, 1, 24), in(b, 0, 1)};
  if (in(b, 0, 1))
    round->random_bits = 16;
  if (n % 6 == 5) { /* a program's fixed point is one block of constant exponent (numerics 2.2) */
    f.kind = BT_FIXED;
    f.block = BT_BLOCK_TENSOR;
    f.fl = (int)in(b, 0, in(b, 0, 3) == 0 ? 60 : f.wl);
  }
  return f;
}

static void describe(bench_case *b, const bt_command *c) {
  static const char *const mode[] = {"stochastic", "nearest_even", "nearest_away", "floor"};
  static const char *const block[] = {"tensor", "dim0", "sample", "tile", "k32"};
  const bt_tensor *x = c->in[0], *y = c->out[0];
  const bt_round_options *r = &c->u.quantize.round;
  snprintf(b->about, sizeof b->about,
           "%zu dims %zux%zux%zux%zu, %s, cells %zux%zu, to %s%d.%d %s %zux%zu%s, %s R %u%s, "
           "lanes %u",
           x->ndim, x->dim[0], x->dim[1], x->dim[2], x->dim[3],
           x->kind == BT_T_WIDE ? "wide" : "bfp", x->n0, x->nl,
           y->fmt.kind == BT_FIXED ? "fixed" : "bfp", y->fmt.wl, y->fmt.fl, block[y->fmt.block],
           y->fmt.tile_rows, y->fmt.tile_cols, y->fmt.asymmetric ? " asymmetric" : "",
           mode[r->mode], r->random_bits, r->sr_half ? " sr_half" : "", b->machine.lanes);
}

static oracle_seen seen;
static bt_quantize_counts totals;
static uint64_t totals_fixed; /* clipped in fixed point */

/* Fills y and `want`. */
static void expect(const bt_command *c, bt_tensor *y, bench_effects *want) {
  const bt_tensor *x = c->in[0];
  size_t n = oracle_elements(x->ndim, x->dim);
  double *value = calloc(n + 1, sizeof *value);
  int16_t *mantissa = calloc(n + 1, sizeof *mantissa);
  size_t blocks = oracle_block_count(&y->fmt, y->ndim, y->dim);
  int8_t *exponent = calloc(blocks + 1, 1);
  for (size_t i = 0; i < n; i++)
    value[i] = ldexp((double)bench_mantissa(x, i), (int)bench_step(x, i));
  oracle_quantize(&y->fmt, &c->u.quantize.round, y->ndim, y->dim, value, &want->after, mantissa,
                  exponent, &want->counts.quantize, &seen);
  for (size_t i = 0; i < n; i++) {
    if (y->kind == BT_T_BFP8)
      ((int8_t *)y->data)[i] = (int8_t)mantissa[i];
    else
      ((int16_t *)y->data)[i] = mantissa[i];
  }
  for (size_t e = 0; e < blocks; e++)
    y->exp[e] = y->fmt.kind == BT_FIXED ? (int16_t)(y->fmt.wl - 2 - y->fmt.fl) : exponent[e];
  totals_fixed += y->fmt.kind == BT_FIXED ? want->counts.quantize.clipped : 0;
  totals.clipped += want->counts.quantize.clipped;
  totals.overflow += want->counts.quantize.overflow;
  totals.flushed += want->counts.quantize.flushed;
  free(value);
  free(mantissa);
  free(exponent);
}

static void one_case(bench_case *b) {
  size_t ndim = (size_t)in(b, 1, 4), dim[4] = {0};
  for (size_t d = 0; d < ndim; d++)
    dim[d] = (size_t)in(b, 1, ndim == 1 ? 200 : ndim == 2 ? 40 : 6);
  if (in(b, 0, 19) == 0)
    dim[ndim - 1] = (size_t)in(b, 60, 100);
  if (in(b, 0, 79) == 0) { /* longer than any engine's buffer of draws */
    ndim = 2;
    dim[1] = (size_t)in(b, 1, 300);
    dim[0] = (size_t)in(b, 5000, 20000) / dim[1] + 1;
  }
  bt_command c = {.op = BT_OP_QUANTIZE, .label = {.text = "quantize"}};
  bt_format format = pick_format(b, &c.u.quantize.round);
  bt_tensor x, y = bench_tensor(bt_tensor_bfp("y", format, ndim, dim));
  if (in(b, 0, 4) == 0) {
    bt_format f = bench_format(b, 2, 16, (bt_block)in(b, 0, 4));
    x = bench_bfp(b, "x", f, ndim, dim, (int)in(b, 0, 4));
  } else {
    static const int64_t spread[] = {0, 4, 40, 300};
    bool per0 = in(b, 0, 1), per_last = in(b, 0, 1), each = in(b, 0, 4) == 0;
    x = bench_wide_as(b, each ? bt_tensor_wide_each("x", ndim, dim)
                              : bt_tensor_wide("x", ndim, dim, per0, per_last),
                      (int)spread[in(b, 0, 3)]);
    int64_t far = in(b, 0, 5), by = far == 0 ? in(b, 60, 120) : far == 1 ? in(b, -160, -90) : 0;
    for (size_t e = 0; e < bt_tensor_exponents(&x); e++)
      if (x.exp[e] != -512)
        x.exp[e] = (int16_t)(x.exp[e] + by);
  }
  c.in[0] = &x;
  c.out[0] = &y;
  b->machine.lanes = 1u << in(b, 0, 6);
  describe(b, &c);
  bench_effects want = {.counts = {0}};
  oracle_lfsr_start(&want.before, oracle_stream_next(&b->stream), b->machine.lanes);
  want.after = want.before;
  expect(&c, &y, &want);
  bench_check(b, &c, &want);
  bt_tensor_free(&x);
  bt_tensor_free(&y);
}

static void test_quantize(void **state) {
  size_t cases = bench_all(*state, one_case);
  print_message("%" PRIu64 " values, %" PRIu64 " ties, %" PRIu64 " with more bits discarded than "
                "drawn, %" PRIu64 " zero blocks; clipped %" PRIu64 ", overflow %" PRIu64
                ", flushed %" PRIu64 "\n", seen.values, seen.ties, seen.discarded_above_draw,
                seen.zero_blocks, totals.clipped, totals.overflow, totals.flushed);
  if (cases >= 3000)
    assert_true(seen.ties > 1000 && seen.discarded_above_draw > 1000 && seen.zero_blocks > 1000 &&
                totals.clipped > 1000 && totals.overflow > 1000 && totals.flushed > 1000 &&
                totals_fixed > 1000);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240613, 3000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_quantize, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
