/* The affine command against numerics 9 in GMP: one to four terms of every kind of operand, with
 * cells, addend, relu, mask and vectors of constants.
 *
 *   test_command_affine [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"
#include "oracle_affine.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

/* A constant as numerics 10 normalizes them: ends of the range, powers of two, zero. */
static bt_constant pick_constant(bench_case *b, int bits) {
  int64_t low = INT64_C(1) << (bits - 2), high = 2 * low - 1;
  int64_t kind = in(b, 0, 7);
  if (kind == 0)
    return (bt_constant){0, 0};
  int64_t m = kind == 1 ? low : kind == 2 ? high : in(b, low, high);
  int64_t exponent = in(b, 0, 3) == 0 ? in(b, -90, 30) : in(b, -22, -10);
  return (bt_constant){(int32_t)(in(b, 0, 1) ? m : -m), (int)exponent};
}

typedef struct {
  size_t ndim, dim[4];
  bool per0, per_last, each; /* the output's cells */
} frame;

/* An operand of the frame's shape or a vector of its last dimension, with cells the output has. */
static bt_tensor pick_operand(bench_case *b, const frame *f) {
  bool vector = f->ndim > 1 && in(b, 0, 3) == 0;
  size_t ndim = vector ? 1 : f->ndim;
  const size_t *dim = vector ? &f->dim[f->ndim - 1] : f->dim;
  bool per0 = !vector && f->per0 && in(b, 0, 1), per_last = f->per_last && in(b, 0, 1);
  int spread = (int)in(b, 0, 2);
  if (ndim == 1)
    per0 = false;
  switch (in(b, 0, 5)) {
  case 0:
    return bench_bytes(b, "bytes", ndim, dim, 256);
  case 1:
    if (f->each)
      return bench_bfp(b, "bfp", bench_format(b, 2, 16, vector || in(b, 0, 1) ? BT_BLOCK_K32
                                                                              : BT_BLOCK_TILE),
                       ndim, dim, spread + 1);
    /* fall through */
  case 2:
    return bench_bfp(b, "bfp", bench_format(b, 2, 16, per0 ? (in(b, 0, 1) ? BT_BLOCK_DIM0
                                                                          : BT_BLOCK_SAMPLE)
                                                           : BT_BLOCK_TENSOR),
                     ndim, dim, spread + 1);
  default:
    return bench_wide_as(b, f->each && !vector && in(b, 0, 1)
                                ? bt_tensor_wide_each("wide", ndim, dim)
                                : bt_tensor_wide("wide", ndim, dim, per0, per_last), spread * 15);
  }
}

/* One constant per last index; sometimes all zero, or of exponents far apart. */
static bt_tensor pick_vector(bench_case *b, size_t count, int bits) {
  bt_tensor v = bench_tensor(bt_tensor_constants("constants", count));
  int64_t kind = in(b, 0, 7), base = in(b, -22, -10), spread = in(b, 0, 1) ? 6 : 40;
  v.bits = bits - 1;
  for (size_t i = 0; i < count; i++) {
    bt_constant c = kind == 0 ? (bt_constant){0, 0} : pick_constant(b, bits);
    if (kind > 2 && c.mantissa != 0)
      c.exponent = (int)(base - in(b, 0, spread));
    ((int32_t *)v.data)[i] = c.mantissa;
    v.exp[i] = (int16_t)c.exponent;
  }
  return v;
}

/* Vectors in place of some constants, of none in half the cases. */
static void pick_vectors(bench_case *b, bt_command *c, size_t count, bt_tensor v[5]) {
  bool some = in(b, 0, 1);
  for (size_t i = 0; i < 5; i++) {
    bool addend = i == BT_MAX_TERMS;
    v[i] = pick_vector(b, count, addend ? 32 : 16);
    if (some && (addend ? !c->u.affine.has_c0 : i < c->u.affine.terms) && in(b, 0, 2) != 0)
      c->in[BT_IN_CONSTANTS + i] = &v[i];
  }
}

static void describe(bench_case *b, const bt_command *c) {
  size_t used = (size_t)snprintf(b->about, sizeof b->about, "output %zux%zu, cells %zux%zu",
                                 c->out[0]->dim[0], c->out[0]->dim[c->out[0]->ndim - 1],
                                 c->out[0]->n0, c->out[0]->nl);
  for (size_t i = 0; i < c->u.affine.terms && used < sizeof b->about; i++)
    used += (size_t)snprintf(b->about + used, sizeof b->about - used,
                             ", %s%d * 2^%d * %s of %d bits",
                             c->in[BT_IN_CONSTANTS + i] ? "vector, not " : "",
                             (int)c->u.affine.c[i].mantissa, c->u.affine.c[i].exponent,
                             c->in[i]->name, bench_width(c->in[i]));
  if (used < sizeof b->about)
    snprintf(b->about + used, sizeof b->about - used, "%s%s%s%s",
             c->u.affine.has_c0 ? ", c0" : "", c->in[BT_IN_ADDEND] ? ", vector c0" : "",
             c->u.affine.relu ? ", relu" : "", c->u.affine.masked ? ", masked" : "");
}

static oracle_affine_seen seen;

static void one_case(bench_case *b) {
  frame f = {.ndim = (size_t)in(b, 1, 4), .per0 = in(b, 0, 1), .per_last = in(b, 0, 1)};
  for (size_t d = 0; d < f.ndim; d++)
    f.dim[d] = (size_t)in(b, 1, f.ndim > 2 ? 4 : 20);
  if (in(b, 0, 99) == 0)
    f.dim[0] = (size_t)in(b, 500, 1500);
  f.per0 = f.per0 && f.ndim > 1;
  f.each = in(b, 0, 2) == 0;
  f.per0 = f.per0 || (f.each && f.ndim > 1);
  f.per_last = f.per_last || f.each;
  bt_tensor x[BT_MAX_TERMS], v[5], mask, y, kept;
  bt_command c = {.op = BT_OP_AFFINE, .label = {.text = "affine"}};
  c.u.affine.terms = (size_t)in(b, 1, BT_MAX_TERMS);
  for (size_t i = 0; i < c.u.affine.terms; i++) {
    x[i] = pick_operand(b, &f);
    c.in[i] = &x[i];
    c.u.affine.c[i] = pick_constant(b, 16);
  }
  c.u.affine.has_c0 = in(b, 0, 2) == 0;
  c.u.affine.c0 = pick_constant(b, 32);
  pick_vectors(b, &c, f.dim[f.ndim - 1], v);
  c.u.affine.relu = in(b, 0, 2) == 0;
  c.u.affine.masked = !c.u.affine.relu && in(b, 0, 1);
  mask = bench_bytes(b, "mask", f.ndim, f.dim, 2);
  kept = bench_tensor(bt_tensor_byte("kept", f.ndim, f.dim));
  y = bench_tensor(f.each ? bt_tensor_wide_each("y", f.ndim, f.dim)
                          : bt_tensor_wide("y", f.ndim, f.dim, f.per0, f.per_last));
  c.in[BT_MAX_TERMS] = c.u.affine.masked ? &mask : NULL;
  c.out[0] = &y;
  c.out[1] = c.u.affine.relu ? &kept : NULL;
  describe(b, &c);
  bench_effects want = {.before = {.lane = {12345}, .lanes = 1}, .after = {.lane = {12345},
                                                                         .lanes = 1}};
  if (!oracle_affine(&c, &seen))
    fail_msg("a bound of numerics 9 is broken; %s; alone: %s --seed %" PRIu64 " --case %zu",
             b->about, b->opt->program, b->opt->seed, b->number);
  bench_check(b, &c, &want);
  for (size_t i = 0; i < c.u.affine.terms; i++)
    bt_tensor_free(&x[i]);
  for (size_t i = 0; i < 5; i++)
    bt_tensor_free(&v[i]);
  bt_tensor_free(&mask);
  bt_tensor_free(&kept);
  bt_tensor_free(&y);
}

static void test_affine(void **state) {
  size_t cases = bench_all(*state, one_case);
  print_message("%" PRIu64 " terms shifted right, %" PRIu64 " by 63, %" PRIu64 " zero constants, %"
                PRIu64 " elements of zero constants only, %" PRIu64 " final shifts, %" PRIu64
                " vectors shifted right in part\n",
                seen.shifted_right, seen.shifted_63, seen.zero_constants, seen.all_zero,
                seen.final_shifts, seen.partly_right);
  if (cases >= 1000)
    assert_true(seen.shifted_right > 1000 && seen.shifted_63 > 1000 && seen.all_zero > 1000 &&
                seen.zero_constants > 1000 && seen.final_shifts > 1000 &&
                seen.partly_right > 1000);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240612, 6000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_affine, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
