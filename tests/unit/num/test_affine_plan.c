/* The affine unit (numerics 9) in __int128: exponents from equal to hundreds apart, all widths,
 * zero constants, operands at the ends of their widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "num/affine.h"

enum { SEED = 99, CASES = 400000 };

typedef __int128 wide;

static wide floor_shift(wide x, int s) { return x / ((wide)1 << s) - (x % ((wide)1 << s) < 0); }

static wide magnitude(wide x) { return x < 0 ? -x : x; }

static int length(wide x) {
  int n = 0;
  while (x >> n != 0)
    n++;
  return n;
}

static bt_constant pick(oracle_stream *s, int bits, int span) {
  int64_t low = INT64_C(1) << (bits - 2), kind = oracle_stream_in(s, 0, 6);
  if (kind == 0)
    return (bt_constant){0, 0};
  int64_t m = kind == 1 ? low : kind == 2 ? 2 * low - 1 : oracle_stream_in(s, low, 2 * low - 1);
  return (bt_constant){(int32_t)(oracle_stream_in(s, 0, 1) ? m : -m),
                       (int)oracle_stream_in(s, -span, span)};
}

typedef struct {
  size_t n;
  bt_affine_term term[BT_AFFINE_TERMS];
  int32_t x[BT_AFFINE_TERMS];
} sample;

/* Up to four products and an addend. */
static sample make(oracle_stream *s) {
  static const int spans[] = {0, 4, 30, 400};
  int span = spans[oracle_stream_in(s, 0, 3)];
  sample p = {.n = (size_t)oracle_stream_in(s, 1, 4)};
  for (size_t i = 0; i < p.n; i++) {
    int bits = (int)oracle_stream_in(s, 0, 31);
    int64_t high = INT64_C(1) << bits, top = high > INT32_MAX ? INT32_MAX : high;
    p.term[i] = (bt_affine_term){.c = pick(s, 16, span),
                                 .operand_step = (int)oracle_stream_in(s, -span, span),
                                 .operand_bits = bits};
    int64_t kind = oracle_stream_in(s, 0, 3);
    p.x[i] = (int32_t)(kind == 0 ? top : kind == 1 ? -high : oracle_stream_in(s, -high, top));
  }
  if (oracle_stream_in(s, 0, 1)) {
    p.x[p.n] = 1;
    p.term[p.n++] = (bt_affine_term){.c = pick(s, 32, span), .is_addend = true};
  }
  return p;
}

static int exponent_of(const bt_affine_term *t) {
  return t->c.exponent + (t->is_addend ? 0 : t->operand_step);
}

/* The guard exponent; false where every constant is zero. */
static bool guard(const sample *p, int *a) {
  bool any = false;
  for (size_t i = 0; i < p->n; i++) {
    if (p->term[i].c.mantissa == 0)
      continue;
    if (!any || exponent_of(&p->term[i]) - 8 > *a)
      *a = exponent_of(&p->term[i]) - 8;
    any = true;
  }
  return any;
}

static void check(const sample *p, int number) {
  wide sum = 0, bound = 0;
  int a = 0, t = 0, exponent = -512, bits = 0;
  if (guard(p, &a)) {
    for (size_t i = 0; i < p->n; i++) {
      const bt_affine_term *x = &p->term[i];
      int shift = exponent_of(x) - a < -63 ? -63 : exponent_of(x) - a;
      wide product = (wide)x->c.mantissa * p->x[i];
      wide most = magnitude(x->c.mantissa) * (x->is_addend ? 1 : (wide)1 << x->operand_bits);
      if (x->c.mantissa == 0)
        continue;
      sum += shift >= 0 ? product * (1 << shift) : floor_shift(product, -shift);
      bound += shift >= 0 ? most * (1 << shift) : -floor_shift(-most, -shift) + 1;
    }
    t = length(bound) > 31 ? length(bound) - 31 : 0;
    bits = length(bound) > 31 ? 31 : length(bound);
    exponent = a + t;
  }
  bt_affine_plan plan = bt_affine_prepare(p->n, p->term);
  int32_t y = bt_affine_apply(&plan, p->x);
  if (y != floor_shift(sum, t) || plan.exponent != exponent || plan.bits != bits)
    fail_msg("seed %d, case %d: %d * 2^%d of %d bits, not %lld * 2^%d of %d", SEED, number, y,
             plan.exponent, plan.bits, (long long)floor_shift(sum, t), exponent, bits);
  assert_true(magnitude(y) <= (wide)1 << plan.bits);
}

static void test_affine(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < CASES; i++) {
    sample p = make(&s);
    check(&p, i);
  }
}

/* A vector on 8 bits at the guard, and the addend 2^31 - 1 at shift 0: M = 2^31 + 2^31 - 1. One
 * last index that is shifted right makes it 2^32, a bit longer. */
static void test_vector_shifted_right(void **state) {
  (void)state;
  const int32_t mantissa[] = {16384, -20000, 0};
  const int16_t level[] = {-14, -14, 0}, lower[] = {-14, -23, -400};
  bt_affine_term term[] = {{.operand_bits = 8, .is_vector = true},
                           {.c = {INT32_MAX, -22}, .is_addend = true}};
  term[0].range = bt_affine_range_of(3, mantissa, level);
  bt_affine_plan plan = bt_affine_prepare(2, term);
  assert_int_equal(plan.align, -22);
  assert_int_equal(plan.t, 1);
  assert_int_equal(plan.exponent, -21);
  term[0].range = bt_affine_range_of(3, mantissa, lower);
  assert_int_equal(term[0].range.lowest, -23); /* a zero constant has no exponent */
  plan = bt_affine_prepare(2, term);
  assert_int_equal(plan.t, 2);
  bt_affine_at(&plan, 0, (bt_constant){-20000, -23}, 0);
  assert_int_equal(plan.shift[0], -1);
  const int32_t x[] = {3, 1};
  assert_int_equal(bt_affine_apply(&plan, x), (-30000 + (int64_t)INT32_MAX) >> 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_affine),
                                     cmocka_unit_test(test_vector_shifted_right)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
