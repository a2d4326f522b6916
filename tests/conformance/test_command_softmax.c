/* The softmax command against numerics 14 recomputed, and both against real numbers.
 *
 *   test_command_softmax [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "command_bench.h"
#include "oracle_softmax.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

/* The largest errors seen. */
static long double worst_p, worst_loss;

/* p within 2^-16 of exp(x) / sum, the loss within 2^-15 of 1 + loss where T is not capped: T's
 * floor moves an exponential by less than 2^-16 of itself, and 23637 * 2^-14 is log2 e within
 * 5e-6 of itself, which p = exp(-d) feels as 5e-6 * d * exp(-d). */
static void check_real(const bench_case *b, const bt_command *c, size_t row, const bt_loss *loss) {
  const bt_tensor *x = c->in[0], *y = c->out[0];
  size_t classes = x->dim[1], label = ((const uint8_t *)c->in[1]->data)[row];
  long double top = -INFINITY, sum = 0, widest = 0;
  long e = bench_step(x, row * classes);
  for (size_t i = 0; i < classes; i++)
    top = fmaxl(top, ldexpl((long double)bench_mantissa(x, row * classes + i), (int)e));
  for (size_t i = 0; i < classes; i++) {
    long double d = top - ldexpl((long double)bench_mantissa(x, row * classes + i), (int)e);
    widest = fmaxl(widest, d);
    sum += expl(-d);
  }
  long double real_loss = 0;
  for (size_t i = 0; i < classes; i++) {
    long double d = top - ldexpl((long double)bench_mantissa(x, row * classes + i), (int)e);
    long double p = expl(-d) / sum, got = (long double)bench_mantissa(y, row * classes + i) /
                                          (1 << 30) + (i == label ? 1 : 0);
    worst_p = fmaxl(worst_p, fabsl(p - got));
    if (i == label)
      real_loss = logl(sum) + d;
  }
  long double got_loss = (long double)loss->loss_bits / 65536 * M_LN2l;
  if (widest < 40)
    worst_loss = fmaxl(worst_loss, fabsl(got_loss - real_loss) / (1 + real_loss));
  if (worst_p > 0x1p-16L || worst_loss > 0x1p-15L)
    fail_msg("row %zu: p is off by %Lg, the loss by %Lg; %s; alone: %s --seed %" PRIu64
             " --case %zu", row, worst_p, worst_loss, b->about, b->opt->program, b->opt->seed,
             b->number);
}

/* Every engine's sums start from something. */
static void check_engines(const bench_case *b, bt_command *c, const bench_effects *want,
                          const bt_loss *loss) {
  for (size_t e = 0; e < bench_engines(); e++) {
    bt_loss got = {1000, 2000, 3000};
    c->u.softmax.loss = &got;
    bench_check_on(b, e, c, want);
    if (got.loss_bits != loss->loss_bits + 1000 || got.correct != loss->correct + 2000 ||
        got.rows != loss->rows + 3000)
      fail_msg("engine %zu: loss %" PRId64 ", correct %" PRIu64 ", rows %" PRIu64
               ", the oracle's %" PRId64 ", %" PRIu64 ", %" PRIu64 "; %s; alone: %s --seed %"
               PRIu64 " --case %zu", e, got.loss_bits - 1000, got.correct - 2000, got.rows - 3000,
               loss->loss_bits, loss->correct, loss->rows, b->about, b->opt->program, b->opt->seed,
               b->number);
  }
}

static uint64_t rows, correct;

/* Block shapes that give a row one exponent. */
static bt_format pick_format(bench_case *b, size_t classes) {
  static const bt_block block[] = {BT_BLOCK_TENSOR, BT_BLOCK_SAMPLE, BT_BLOCK_TILE, BT_BLOCK_K32};
  bt_format f = bench_format(b, 2, 16, block[in(b, 0, classes > 32 ? 2 : 3)]);
  f.tile_cols = classes + (size_t)in(b, 0, 2);
  return f;
}

static void one_case(bench_case *b) {
  const size_t dim[2] = {(size_t)in(b, 1, 6), (size_t)(in(b, 0, 9) == 0 ? in(b, 200, 256)
                                                                       : in(b, 2, 12))};
  bt_format f = pick_format(b, dim[1]);
  bt_tensor x = bench_bfp(b, "logits", f, 2, dim, (int)in(b, 0, 2));
  bool usual = in(b, 0, 4) != 0;
  for (size_t e = 0; e < bt_tensor_exponents(&x); e++)
    if (usual && x.exp[e] != -128)
      x.exp[e] = (int16_t)in(b, -4, 6);
  bt_tensor label = bench_bytes(b, "labels", 1, dim, (int)dim[1]);
  bt_tensor y = bench_tensor(bt_tensor_wide("error", 2, dim, false, false));
  bt_command c = {.op = BT_OP_SOFTMAX, .label = {.text = "softmax"}};
  c.in[0] = &x;
  c.in[1] = &label;
  c.out[0] = &y;
  snprintf(b->about, sizeof b->about, "%zu rows of %zu classes, bfp%d %s, first exponent %d",
           dim[0], dim[1], f.wl, bench_block_name(&f), x.exp[0]);
  bench_effects want = {.before = {.lane = {12345}, .lanes = 1},
                        .after = {.lane = {12345}, .lanes = 1}};
  bt_loss loss = {0};
  oracle_softmax(&c, &loss);
  check_engines(b, &c, &want, &loss);
  if (dim[0] == 1)
    check_real(b, &c, 0, &loss);
  c.out[0] = NULL; /* evaluation */
  check_engines(b, &c, &want, &loss);
  rows += loss.rows;
  correct += loss.correct;
  bt_tensor_free(&x);
  bt_tensor_free(&label);
  bt_tensor_free(&y);
}

static void test_softmax(void **state) {
  size_t cases = bench_all(*state, one_case);
  print_message("%" PRIu64 " rows, %" PRIu64 " correct; p within %Lg, the loss within %Lg of "
                "1 + loss\n", rows, correct, worst_p, worst_loss);
  if (cases >= 1000)
    assert_true(rows > 3 * cases && correct > cases / 4);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240614, 4000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_softmax, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
