/* Average pool's commands against numerics 13.1: windows that leave rows and columns over, large
 * windows, both blocks.
 *
 *   test_command_pool_sum [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

static const bench_effects nothing = {.before = {.lane = {12345}, .lanes = 1},
                                      .after = {.lane = {12345}, .lanes = 1}};

typedef struct {
  bt_tensor x, sum, error, spread;
  size_t k;
} pool;

/* Each place of the large image adds to its window and takes from it; those left over do not. */
static void expect(pool *p) {
  const size_t *d = p->x.dim, *s = p->sum.dim;
  size_t i = 0;
  for (size_t n = 0; n < d[0]; n++)
    for (size_t h = 0; h < d[1]; h++)
      for (size_t w = 0; w < d[2]; w++)
        for (size_t c = 0; c < d[3]; c++, i++) {
          size_t oh = h / p->k, ow = w / p->k, j = ((n * s[1] + oh) * s[2] + ow) * s[3] + c;
          if (oh >= s[1] || ow >= s[2])
            continue;
          ((int32_t *)p->sum.data)[j] += (int32_t)bench_mantissa(&p->x, i);
          if (p->spread.kind == BT_T_BFP8)
            ((int8_t *)p->spread.data)[i] = (int8_t)bench_mantissa(&p->error, j);
          else
            ((int16_t *)p->spread.data)[i] = (int16_t)bench_mantissa(&p->error, j);
        }
}

static void one_case(bench_case *b) {
  pool p = {.k = (size_t)(in(b, 0, 19) == 0 ? in(b, 5, 64) : in(b, 1, 5))};
  const size_t big[4] = {(size_t)in(b, 1, 3),
                         p.k * (size_t)in(b, 1, p.k > 5 ? 1 : 3) + (size_t)in(b, 0, 2) % p.k,
                         p.k * (size_t)in(b, 1, p.k > 5 ? 1 : 3) + (size_t)in(b, 0, 2) % p.k,
                         (size_t)in(b, 1, 5)};
  const size_t small[4] = {big[0], big[1] / p.k, big[2] / p.k, big[3]};
  bool sample = in(b, 0, 1);
  bt_format f = bench_format(b, 2, 16, sample ? BT_BLOCK_SAMPLE : BT_BLOCK_TENSOR);
  p.x = bench_bfp(b, "x", f, 4, big, (int)in(b, 0, 4));
  p.sum = bench_tensor(bt_tensor_wide("sum", 4, small, sample, false));
  p.error = bench_bfp(b, "error", f, 4, small, (int)in(b, 0, 4));
  p.spread = bench_tensor(bt_tensor_bfp("spread", f, 4, big));
  expect(&p);
  for (size_t e = 0; e < oracle_block_count(&f, 4, big); e++) {
    p.sum.exp[e] = (int16_t)(p.x.exp[e] - (f.wl - 2));
    p.spread.exp[e] = p.error.exp[e];
  }
  p.sum.bits = f.wl - 1;
  for (size_t reach = 1; reach < p.k * p.k; reach *= 2)
    p.sum.bits++;
  snprintf(b->about, sizeof b->about, "%zux%zux%zux%zu by %zu, bfp%d %s", big[0], big[1], big[2],
           big[3], p.k, f.wl, bench_block_name(&f));
  bt_command c = {.op = BT_OP_POOL_SUM, .label = {.text = "pool"}, .in = {&p.x}, .out = {&p.sum}};
  c.u.pool.k = p.k;
  bench_check(b, &c, &nothing);
  bt_command back = {.op = BT_OP_SPREAD, .label = {.text = "pool back"}, .in = {&p.error},
                     .out = {&p.spread}};
  back.u.pool.k = p.k;
  bench_check(b, &back, &nothing);
  bt_tensor_free(&p.x);
  bt_tensor_free(&p.sum);
  bt_tensor_free(&p.error);
  bt_tensor_free(&p.spread);
}

static void test_pool_sum(void **state) { bench_all(*state, one_case); }

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20241301, 1500);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_pool_sum, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
