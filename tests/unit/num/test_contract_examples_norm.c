/* The worked examples of docs/numerics.md on batch norm and what it uses, named by section. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"
#include "num/scalar_value.h"
#include "ref/ref.h"

static void run(const bt_command *c) {
  bt_machine machine = bt_machine_default();
  bt_engine *engine = bt_ref_engine(&machine);
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  assert_int_equal(bt_command_check(c, &error), BT_OK);
  assert_int_equal(engine->run(engine, c, &rng, &counts, &error), BT_OK);
  engine->destroy(engine);
}

static bt_tensor make(bt_tensor t) {
  assert_true(bt_tensor_alloc(&t));
  return t;
}

/* bfp8 [rows] or [rows][1] with step exponent e. */
static bt_tensor column(const char *name, size_t ndim, size_t rows, const int8_t *m, int e) {
  const size_t dim[] = {rows, 1};
  bt_tensor t = make(bt_tensor_bfp(name, (bt_format){.wl = 8}, ndim, dim));
  memcpy(t.data, m, rows);
  t.exp[0] = (int16_t)(e + 6);
  return t;
}

static void example_9_vectors(void **state) {
  (void)state;
  const size_t dim[] = {1, 2};
  bt_tensor x = make(bt_tensor_bfp("x", (bt_format){.wl = 8}, 2, dim));
  bt_tensor c0 = make(bt_tensor_constants("c", 2)), y = make(bt_tensor_wide("y", 2, dim, 0, 0));
  memcpy(x.data, (const int8_t[]){5, 5}, 2);
  x.exp[0] = 6;
  memcpy(c0.data, (const int32_t[]){24576, 16384}, 8);
  memcpy(c0.exp, (const int16_t[]){-15, -20}, 4);
  bt_command c = {.op = BT_OP_AFFINE, .in = {&x}, .out = {&y}};
  c.in[BT_IN_CONSTANTS] = &c0;
  c.u.affine.terms = 1;
  run(&c);
  const int32_t *out = y.data;
  assert_int_equal(out[0], 31457280);
  assert_int_equal(out[1], 655360);
  assert_int_equal(y.exp[0], -23);
  assert_int_equal(y.bits, 31); /* M = 2^30 has 31 bits */
  assert_true(ldexp(out[0], -23) == 3.75 && ldexp(out[1], -23) == 0.078125);
  bt_tensor_free(&x);
  bt_tensor_free(&c0);
  bt_tensor_free(&y);
}

static void example_11_2(void **state) {
  (void)state;
  bt_tensor x = column("x", 2, 2, (const int8_t[]){3, -5}, -4);
  bt_tensor s1 = make(bt_tensor_sums("s1", 1)), s2 = make(bt_tensor_sums("s2", 1));
  bt_command c = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&s1, &s2}};
  c.u.reduce.kind = BT_MOMENTS;
  run(&c);
  assert_int_equal(*(int64_t *)s1.data, -2);
  assert_int_equal(s1.exp[0], -4);
  assert_int_equal(*(int64_t *)s2.data, 34);
  assert_int_equal(s2.exp[0], -8);
  bt_tensor_free(&x);
  bt_tensor_free(&s1);
  bt_tensor_free(&s2);
}

static void check_scalar(bt_scalar_value v, int sign, uint32_t mantissa, int exponent) {
  assert_int_equal(v.sign, sign);
  assert_int_equal(v.mantissa, mantissa);
  assert_int_equal(v.exponent, exponent);
}

static void example_12_4(void **state) {
  (void)state;
  check_scalar(bt_scalar_make(10, 0), 1, 2684354560u, -28);
  check_scalar(bt_scalar_div(bt_scalar_make(1, 0), bt_scalar_make(3, 0)), 1, 2863311530u, -33);
  bt_scalar_value r = bt_scalar_rsqrt(bt_scalar_make(4, 0));
  check_scalar(r, 1, 4294967295u, -33);
  assert_true(fabs(ldexp(r.mantissa, r.exponent) - 0.49999999988) < 1e-11);
}

static void example_13_1(void **state) {
  (void)state;
  const size_t big[] = {1, 2, 2, 1}, small[] = {1, 1, 1, 1};
  bt_tensor x = make(bt_tensor_bfp("x", (bt_format){.wl = 8}, 4, big));
  bt_tensor y = make(bt_tensor_wide("y", 4, small, false, false));
  bt_tensor e = make(bt_tensor_bfp("e", (bt_format){.wl = 8}, 4, small));
  memcpy(x.data, (const int8_t[]){1, 2, 3, -10}, 4);
  x.exp[0] = 6;
  bt_command c = {.op = BT_OP_POOL_SUM, .in = {&x}, .out = {&y}};
  c.u.pool.k = 2;
  run(&c);
  assert_int_equal(*(int32_t *)y.data, -4);
  assert_int_equal(y.exp[0], 0);
  assert_int_equal(y.bits, 9);
  *(int8_t *)e.data = -7;
  e.exp[0] = 3;
  bt_command spread = {.op = BT_OP_SPREAD, .in = {&e}, .out = {&x}};
  spread.u.pool.k = 2;
  run(&spread);
  assert_memory_equal(x.data, ((const int8_t[]){-7, -7, -7, -7}), 4);
  assert_int_equal(x.exp[0], 3);
  bt_tensor_free(&x);
  bt_tensor_free(&y);
  bt_tensor_free(&e);
}

typedef struct {
  bt_tensor x, s1, s2, gamma, beta, a, b, y;
} layer;

static layer layer_make(size_t rows, const int8_t *m) {
  const size_t dim[] = {rows, 1};
  layer l = {.x = column("x", 2, rows, m, 0),
             .s1 = make(bt_tensor_sums("s1", 1)),
             .s2 = make(bt_tensor_sums("s2", 1)),
             .gamma = column("gamma", 1, 1, (const int8_t[]){64}, -6),
             .beta = column("beta", 1, 1, (const int8_t[]){0}, -6),
             .a = make(bt_tensor_constants("a", 1)),
             .b = make(bt_tensor_constants("b", 1)),
             .y = make(bt_tensor_wide("y", 2, dim, false, false))};
  return l;
}

static void layer_free(layer *l) {
  bt_tensor *all[] = {&l->x, &l->s1, &l->s2, &l->gamma, &l->beta, &l->a, &l->b, &l->y};
  for (size_t i = 0; i < 8; i++) {
    bt_tensor_free(all[i]);
  }
}

static void run_moments(layer *l) {
  bt_command c = {.op = BT_OP_REDUCE, .in = {&l->x}, .out = {&l->s1, &l->s2}};
  c.u.reduce.kind = BT_MOMENTS;
  run(&c);
}

static void example_19(void **state) {
  (void)state;
  layer l = layer_make(2, (const int8_t[]){1, 3});
  run_moments(&l);
  bt_command norm = {.op = BT_OP_NORM, .in = {&l.s1, &l.s2, &l.gamma, &l.beta},
                     .out = {&l.a, &l.b}};
  norm.u.norm.rows = 2;
  run(&norm);
  assert_int_equal(*(int64_t *)l.s1.data, 4);
  assert_int_equal(*(int64_t *)l.s2.data, 10);
  assert_int_equal(*(int32_t *)l.a.data, 16384);
  assert_int_equal(l.a.exp[0], -14);
  assert_int_equal(*(int32_t *)l.b.data, -(1 << 30));
  assert_int_equal(l.b.exp[0], -29);
  assert_int_equal(l.a.bits, 15);
  assert_int_equal(l.b.bits, 31);
  bt_command affine = {.op = BT_OP_AFFINE, .in = {&l.x}, .out = {&l.y}};
  affine.in[BT_IN_CONSTANTS] = &l.a;
  affine.in[BT_IN_ADDEND] = &l.b;
  affine.u.affine.terms = 1;
  run(&affine);
  const int32_t *y = l.y.data;
  assert_true(ldexp(y[0], l.y.exp[0]) == -1 && ldexp(y[1], l.y.exp[0]) == 1);
  layer_free(&l);
}

/* x = (1, 3, 8): D = 3 * 74 - 144 = 78, over n - 1 = 39; a second batch at a lower exponent. */
static void example_19_1(void **state) {
  (void)state;
  layer l = layer_make(3, (const int8_t[]){1, 3, 8});
  bt_statistics s;
  assert_true(bt_statistics_alloc(&s, 1));
  run_moments(&l);
  bt_command c = {.op = BT_OP_STATISTICS, .in = {&l.s1, &l.s2}};
  c.u.statistics.rows = 3;
  c.u.statistics.statistics = &s;
  run(&c);
  assert_true(s.first[0] == 12 && s.first_step == 0);
  assert_true(s.second[0] == (__int128)39 << 32 && s.second_step == -32);
  l.x.exp[0] -= 1;
  run_moments(&l);
  run(&c);
  assert_true(s.first[0] == 2 * 12 + 12 && s.first_step == -1);
  assert_true(s.second[0] == ((__int128)39 << 32) * 5 && s.second_step == -34);
  assert_int_equal(s.rows, 6);
  bt_command norm = {.op = BT_OP_NORM, .in = {NULL, NULL, &l.gamma, &l.beta},
                     .out = {&l.a, &l.b}};
  norm.u.norm.statistics = &s;
  run(&norm);
  /* mean 18 / 6, variance 48.75 / 6 */
  double a = ldexp(*(int32_t *)l.a.data, l.a.exp[0]), b = ldexp(*(int32_t *)l.b.data, l.b.exp[0]);
  assert_true(fabs(a * sqrt(48.75 / 6) - 1) < 0x1p-15);
  assert_true(fabs(b + 3 * a) < 0x1p-28);
  bt_statistics_free(&s);
  layer_free(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(example_9_vectors), cmocka_unit_test(example_11_2),
      cmocka_unit_test(example_12_4),      cmocka_unit_test(example_13_1),
      cmocka_unit_test(example_19),        cmocka_unit_test(example_19_1),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
