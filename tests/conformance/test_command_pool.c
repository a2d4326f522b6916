/* Max-pool and its backward pass against numerics 13: windows that leave rows and columns over,
 * ties, negative windows, both blocks.
 *
 *   test_command_pool [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

static void put(bt_tensor *t, size_t i, int64_t m) {
  if (t->kind == BT_T_BFP8)
    ((int8_t *)t->data)[i] = (int8_t)m;
  else
    ((int16_t *)t->data)[i] = (int16_t)m;
}

typedef struct {
  bt_tensor x, y, index, back;
  size_t k;
} pool;

/* Element (n, kh, kw) of output (n, oh, ow, c)'s window, as an index of x. */
static size_t place(const pool *p, const size_t at[4], size_t kh, size_t kw) {
  const size_t *d = p->x.dim;
  return ((at[0] * d[1] + at[1] * p->k + kh) * d[2] + at[2] * p->k + kw) * d[3] + at[3];
}

static void expect_output(pool *p, size_t i, const size_t at[4]) {
  size_t best = 0;
  for (size_t w = p->k * p->k; w-- > 0;)
    if (bench_mantissa(&p->x, place(p, at, w / p->k, w % p->k)) >=
        bench_mantissa(&p->x, place(p, at, best / p->k, best % p->k)))
      best = w;
  put(&p->y, i, bench_mantissa(&p->x, place(p, at, best / p->k, best % p->k)));
  ((uint8_t *)p->index.data)[i] = (uint8_t)best;
}

/* Calls expect_output, or with `error` places its mantissas. */
static void each_output(pool *p, const bt_tensor *error) {
  size_t i = 0, at[4];
  for (at[0] = 0; at[0] < p->y.dim[0]; at[0]++)
    for (at[1] = 0; at[1] < p->y.dim[1]; at[1]++)
      for (at[2] = 0; at[2] < p->y.dim[2]; at[2]++)
        for (at[3] = 0; at[3] < p->y.dim[3]; at[3]++, i++) {
          size_t w = ((const uint8_t *)p->index.data)[i];
          if (error == NULL)
            expect_output(p, i, at);
          else
            put(&p->back, place(p, at, w / p->k, w % p->k), bench_mantissa(error, i));
        }
}

static void one_case(bench_case *b) {
  pool p = {.k = (size_t)(in(b, 0, 19) == 0 ? in(b, 5, 16) : in(b, 1, 4))};
  const size_t big[4] = {(size_t)in(b, 1, 3),
                         p.k * (size_t)in(b, 1, 4) + (size_t)in(b, 0, 2) % p.k,
                         p.k * (size_t)in(b, 1, 4) + (size_t)in(b, 0, 2) % p.k,
                         (size_t)in(b, 1, 5)};
  const size_t small[4] = {big[0], big[1] / p.k, big[2] / p.k, big[3]};
  bt_format f = bench_format(b, in(b, 0, 1) ? 2 : 3, in(b, 0, 1) ? 4 : 16,
                             in(b, 0, 1) ? BT_BLOCK_TENSOR : BT_BLOCK_SAMPLE);
  p.x = bench_bfp(b, "x", f, 4, big, (int)in(b, 0, 4));
  p.y = bench_tensor(bt_tensor_bfp("y", f, 4, small));
  p.index = bench_tensor(bt_tensor_byte("index", 4, small));
  p.back = bench_tensor(bt_tensor_bfp("back", f, 4, big));
  bt_tensor error = bench_bfp(b, "error", f, 4, small, (int)in(b, 0, 4));
  size_t blocks = oracle_block_count(&f, 4, big) * sizeof *p.x.exp;
  each_output(&p, NULL);
  each_output(&p, &error);
  memcpy(p.y.exp, p.x.exp, blocks);
  memcpy(p.back.exp, error.exp, blocks);
  snprintf(b->about, sizeof b->about, "%zux%zux%zux%zu by %zu, bfp%d %s", big[0], big[1], big[2],
           big[3], p.k, f.wl, f.block == BT_BLOCK_TENSOR ? "tensor" : "sample");
  bench_effects want = {.before = {.lane = {12345}, .lanes = 1},
                        .after = {.lane = {12345}, .lanes = 1}};
  bt_command c = {.op = BT_OP_POOL, .label = {.text = "pool"}, .in = {&p.x},
                  .out = {&p.y, &p.index}};
  c.u.pool.k = p.k;
  bench_check(b, &c, &want);
  bt_command back = {.op = BT_OP_POOL_BACK, .label = {.text = "pool back"},
                     .in = {&error, &p.index}, .out = {&p.back}};
  back.u.pool.k = p.k;
  bench_check(b, &back, &want);
  bt_tensor_free(&p.x);
  bt_tensor_free(&p.y);
  bt_tensor_free(&p.index);
  bt_tensor_free(&p.back);
  bt_tensor_free(&error);
}

static void test_pool(void **state) { bench_all(*state, one_case); }

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240616, 1500);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_pool, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
