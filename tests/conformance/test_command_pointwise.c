/* The gate, reduce and dropout commands against numerics 9.1, 11 and 5.5.
 *
 *   test_command_pointwise [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

/* No command here draws. */
static bench_effects no_effects(void) {
  bench_effects want = {.before = {.lane = {12345}, .lanes = 1}};
  want.after = want.before;
  return want;
}

static size_t pick_shape(bench_case *b, size_t dim[4]) {
  size_t ndim = (size_t)in(b, 1, 4);
  for (size_t d = 0; d < ndim; d++)
    dim[d] = (size_t)in(b, 1, ndim > 2 ? 5 : 40);
  return ndim;
}

static void gate_case(bench_case *b) {
  size_t dim[4], ndim = pick_shape(b, dim);
  bt_format f = bench_format(b, 2, 16, (bt_block)in(b, 0, 4));
  f.tile_rows = (size_t)in(b, 1, 4);
  f.tile_cols = (size_t)in(b, 1, 9);
  bt_tensor x = bench_bfp(b, "x", f, ndim, dim, (int)in(b, 0, 4));
  bt_tensor mask = bench_bytes(b, "mask", ndim, dim, 2);
  bt_tensor y = bench_tensor(bt_tensor_bfp("y", f, ndim, dim));
  for (size_t i = 0; i < oracle_elements(ndim, dim); i++) {
    int64_t m = ((const uint8_t *)mask.data)[i] ? bench_mantissa(&x, i) : 0;
    if (y.kind == BT_T_BFP8)
      ((int8_t *)y.data)[i] = (int8_t)m;
    else
      ((int16_t *)y.data)[i] = (int16_t)m;
  }
  memcpy(y.exp, x.exp, oracle_block_count(&f, ndim, dim) * sizeof *y.exp);
  bt_command c = {.op = BT_OP_GATE, .label = {.text = "gate"}, .in = {&x, &mask}, .out = {&y}};
  snprintf(b->about, sizeof b->about, "gate, bfp%d, block %d, %zu dims", f.wl, (int)f.block, ndim);
  bench_effects want = no_effects();
  bench_check(b, &c, &want);
  bt_tensor_free(&x);
  bt_tensor_free(&mask);
  bt_tensor_free(&y);
}

/* One last index of a reduction, in 128 bits. */
static __int128 reduce(bt_reduction kind, const bt_tensor *x, const bt_tensor *y, size_t column) {
  size_t last = x->dim[x->ndim - 1], n = oracle_elements(x->ndim, x->dim);
  __int128 result = 0;
  for (size_t i = column; i < n; i += last) {
    __int128 m = bench_mantissa(x, i);
    if (kind == BT_MIN)
      result = i == column || m < result ? m : result;
    else if (kind == BT_MAX)
      result = i == column || m > result ? m : result;
    else
      result += kind == BT_SUM ? m : m * (kind == BT_SUM_XX ? m : bench_mantissa(y, i));
  }
  return result;
}

static void reduce_case(bench_case *b) {
  static const char *const name[] = {"sum", "sum_xx", "sum_xy", "min", "max"};
  bt_reduction kind = (bt_reduction)(b->number % 5);
  size_t dim[4], ndim = pick_shape(b, dim);
  if (in(b, 0, 9) == 0) {
    dim[0] = (size_t)in(b, 1000, 6000);
    ndim = 1 + (size_t)in(b, 0, 1);
    dim[1] = (size_t)in(b, 1, 3);
  }
  bt_tensor x = bench_bfp(b, "x", bench_format(b, 2, 16, BT_BLOCK_TENSOR), ndim, dim, 4);
  bt_tensor y = bench_bfp(b, "y", bench_format(b, 2, 16, BT_BLOCK_TENSOR), ndim, dim, 4);
  size_t last = dim[ndim - 1], count = oracle_elements(ndim, dim) / last;
  bt_tensor out = bench_tensor(bt_tensor_wide("out", 1, &last, false, false));
  int bits = x.fmt.wl - 1, clog2 = 0;
  long e = x.exp[0] - (x.fmt.wl - 2);
  if (kind == BT_SUM_XX) {
    bits *= 2;
    e *= 2;
  }
  if (kind == BT_SUM_XY) {
    bits += y.fmt.wl - 1;
    e += y.exp[0] - (y.fmt.wl - 2);
  }
  while (((size_t)1 << clog2) < count)
    clog2++;
  bits += kind == BT_MIN || kind == BT_MAX ? 0 : clog2;
  int t = bits > 31 ? bits - 31 : 0;
  for (size_t i = 0; i < last; i++) {
    __int128 sum = reduce(kind, &x, &y, i), unit = (__int128)1 << t;
    __int128 q = sum / unit - (sum % unit < 0);
    ((int32_t *)out.data)[i] = q > INT32_MAX ? INT32_MAX : (int32_t)q;
  }
  out.exp[0] = (int16_t)(e + t);
  out.bits = bits - t;
  bt_command c = {.op = BT_OP_REDUCE, .label = {.text = "reduce"}, .in = {&x}, .out = {&out}};
  c.in[1] = kind == BT_SUM_XY ? &y : NULL;
  c.u.reduce.kind = kind;
  snprintf(b->about, sizeof b->about, "%s of %zu rows of %zu, bfp%d and bfp%d", name[kind], count,
           last, x.fmt.wl, y.fmt.wl);
  bench_effects want = no_effects();
  bench_check(b, &c, &want);
  bt_tensor_free(&x);
  bt_tensor_free(&y);
  bt_tensor_free(&out);
}

/* One last index of numerics 11.1; false where nothing is added. */
static bool sum_column(const bt_tensor *x, const bool *zero, size_t column, int32_t *sum,
                       long *exponent, int *bits) {
  size_t last = x->dim[x->ndim - 1], n = oracle_elements(x->ndim, x->dim);
  long high = -1000, low = 1000;
  for (size_t i = column; i < n; i += last)
    if (!zero[oracle_block_of(&x->fmt, x->ndim, x->dim, i)]) {
      high = bench_step(x, i) > high ? bench_step(x, i) : high;
      low = bench_step(x, i) < low ? bench_step(x, i) : low;
    }
  if (high < low)
    return false;
  low = low < high - 16 ? high - 16 : low;
  __int128 total = 0;
  for (size_t i = column; i < n; i += last)
    if (bench_step(x, i) >= low)
      total += (__int128)bench_mantissa(x, i) * ((__int128)1 << (bench_step(x, i) - low));
  *bits = x->fmt.wl - 1 + (int)(high - low);
  for (size_t rows = 1; rows < n / last; rows *= 2)
    ++*bits;
  *exponent = low;
  for (; *bits > 31; --*bits, ++*exponent)
    total = total / 2 - (total % 2 < 0);
  *sum = total > INT32_MAX ? INT32_MAX : (int32_t)total;
  return true;
}

static uint64_t empty_columns, summed_columns;

static void sum_case(bench_case *b) {
  size_t dim[4], ndim = pick_shape(b, dim);
  bt_format f = bench_format(b, 2, 16, (bt_block)in(b, 1, 4));
  bt_tensor x = bench_bfp(b, "x", f, ndim, dim, (int)in(b, 0, 4));
  size_t last = dim[ndim - 1], blocks = oracle_block_count(&f, ndim, dim);
  bool *zero = calloc(blocks, sizeof *zero);
  for (size_t e = 0; e < blocks; e++)
    zero[e] = x.exp[e] == -128;
  for (size_t i = 0; i < oracle_elements(ndim, dim); i++)
    if (bench_mantissa(&x, i) != 0)
      zero[oracle_block_of(&f, ndim, dim, i)] = false;
  bt_tensor out = bench_tensor(bt_tensor_wide("out", 1, &last, false, true));
  out.bits = 0;
  for (size_t j = 0; j < last; j++) {
    int32_t sum = 0;
    long exponent = -512;
    int bits = 0;
    bool any = sum_column(&x, zero, j, &sum, &exponent, &bits);
    ((int32_t *)out.data)[j] = sum;
    out.exp[j] = (int16_t)exponent;
    out.bits = bits > out.bits ? bits : out.bits;
    empty_columns += !any;
    summed_columns += any;
  }
  free(zero);
  bt_command c = {.op = BT_OP_REDUCE, .label = {.text = "sum"}, .in = {&x}, .out = {&out}};
  c.u.reduce.kind = BT_SUM;
  snprintf(b->about, sizeof b->about, "sum of %zu rows of %zu, bfp%d %s",
           oracle_elements(ndim, dim) / last, last, f.wl, bench_block_name(&f));
  bench_effects want = no_effects();
  bench_check(b, &c, &want);
  bt_tensor_free(&x);
  bt_tensor_free(&out);
}

/* Numerics 5.1 and 5.2, spelt out. */
static uint64_t stream_value(uint64_t seed, uint64_t purpose, uint64_t epoch, uint64_t index) {
  uint64_t h0 = oracle_splitmix64(seed, 1), h1 = oracle_splitmix64(h0, purpose + 1);
  uint64_t h2 = oracle_splitmix64(h1, epoch + 1);
  return oracle_splitmix64(h2, index + 1);
}

/* round_half_even(p * 65536) */
static uint64_t threshold(bt_rational p) {
  __int128 twice = (__int128)p.num * 131072, q = (twice + p.den) / (2 * (__int128)p.den);
  if ((twice + p.den) % (2 * (__int128)p.den) == 0 && q % 2 != 0)
    q--;
  return (uint64_t)q;
}

static uint64_t kept, dropped;

static void dropout_case(bench_case *b) {
  size_t dim[4], ndim = pick_shape(b, dim), n = oracle_elements(ndim, dim);
  bt_tensor mask = bench_tensor(bt_tensor_byte("mask", ndim, dim));
  bt_command c = {.op = BT_OP_DROPOUT, .label = {.text = "dropout"}, .out = {&mask}};
  int64_t den = in(b, 0, 3) == 0 ? 131072 : in(b, 1, 100000);
  bt_rational drop;
  bt_error error;
  assert_int_equal(bt_rational_make(in(b, 0, den - 1), den, &drop, &error), BT_OK);
  c.u.dropout.seed = oracle_stream_next(&b->stream);
  c.u.dropout.epoch = (uint64_t)in(b, 1, 300);
  c.u.dropout.layer = (uint64_t)in(b, 0, 63);
  c.u.dropout.step = (uint64_t)in(b, 0, 100000);
  c.u.dropout.drop = drop;
  for (size_t i = 0; i < n; i++) {
    uint64_t value = stream_value(c.u.dropout.seed, 4, c.u.dropout.epoch * 65536 +
                                  c.u.dropout.layer, c.u.dropout.step * n + i);
    bool keep = value >> 48 >= threshold(drop);
    ((uint8_t *)mask.data)[i] = keep;
    kept += keep;
    dropped += !keep;
  }
  snprintf(b->about, sizeof b->about, "dropout of %zu, drop %" PRId64 "/%" PRId64, n, drop.num,
           drop.den);
  bench_effects want = no_effects();
  bench_check(b, &c, &want);
  bt_tensor_free(&mask);
}

/* A draw equal to the threshold is kept, one below it is not. */
static void test_dropout_edge(void **state) {
  bench_case b = bench_start(*state, 0);
  const size_t one = 1;
  bt_tensor mask = bench_tensor(bt_tensor_byte("mask", 1, &one));
  bt_command c = {.op = BT_OP_DROPOUT, .label = {.text = "dropout"}, .out = {&mask}};
  snprintf(b.about, sizeof b.about, "a draw at the threshold");
  for (uint64_t seed = 0; seed < 50; seed++) {
    int64_t top = (int64_t)(stream_value(seed, 4, 65536, 0) >> 48);
    bt_error error;
    for (int64_t more = 0; more <= 1 && top + more < 65536; more++) {
      c.u.dropout.seed = seed;
      c.u.dropout.epoch = 1;
      assert_int_equal(bt_rational_make(top + more, 65536, &c.u.dropout.drop, &error), BT_OK);
      ((uint8_t *)mask.data)[0] = more == 0;
      bench_effects want = no_effects();
      bench_check(&b, &c, &want);
    }
  }
  bt_tensor_free(&mask);
}

static void test_gate(void **state) { bench_all(*state, gate_case); }
static void test_reduce(void **state) { bench_all(*state, reduce_case); }

static void test_sum(void **state) {
  size_t cases = bench_all(*state, sum_case);
  print_message("%" PRIu64 " columns, %" PRIu64 " without a nonzero block\n", summed_columns,
                empty_columns);
  assert_true(cases < 1000 || (summed_columns > 10000 && empty_columns > 100));
}

static void test_dropout(void **state) {
  size_t cases = bench_all(*state, dropout_case);
  assert_true(cases < 100 || (kept > 1000 && dropped > 1000));
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240615, 1500);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(test_gate, &opt), cmocka_unit_test_prestate(test_reduce, &opt),
      cmocka_unit_test_prestate(test_sum, &opt),
      cmocka_unit_test_prestate(test_dropout, &opt),
      cmocka_unit_test_prestate(test_dropout_edge, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
