/* Toggles of the array's registers: arrays small enough to count by hand, a model that steps every
 * register clock by clock, the sampled tiles, and the passes of a contraction.
 * Alone: ctest -R test_cost_activity$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/activity_tiles.h"
#include "cost/cycles.h"
#include "num/stream.h"

static bt_machine machine_of(size_t rows, size_t cols, int acc_bits, bool wrap) {
  bt_machine m = bt_machine_default();
  m.rows = rows;
  m.cols = cols;
  m.acc.acc_bits = acc_bits;
  m.acc.wrap = wrap;
  return m;
}

static void same(const bt_activity *x, const uint64_t toggles[BT_REG_CLASSES], const char *where) {
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    if (x->toggles[r] != toggles[r]) {
      fail_msg("%s, register %s: %llu toggles, expected %llu", where,
               bt_register_name((bt_register)r), (unsigned long long)x->toggles[r],
               (unsigned long long)toggles[r]);
    }
  }
}

static bt_activity_array open_array(const bt_machine *m) {
  bt_activity_array array;
  bt_error error;
  assert_int_equal(bt_activity_array_open(&array, m, &error), BT_OK);
  return array;
}

/* 1 x 1, one operand a pass. First 3 * 2: a 0 -> 00000011 (2), b 0 -> 00000010 (1); acc 0 -> 6 (2),
 * and 6 -> 0 in the drain (2). The PE is the far corner: a and b stay.
 * Then 3 * -2: a stays (0); b 00000010 -> 11111110: 6 bits; acc 0 -> -6 = 0xfffffffa: 30 ones, and
 * back: 60. No delay lines. A pass takes 1 + 2 + 1 - 2 = 2 cycles. */
static void test_one_pe(void **state) {
  (void)state;
  bt_machine m = machine_of(1, 1, 32, false);
  bt_activity_array array = open_array(&m);
  bt_activity x = {0};
  bt_activity_pass(&array, 1, (const int8_t[]){3}, (const int8_t[]){2}, &x);
  same(&x, (const uint64_t[]){2, 1, 4, 0, 0}, "3 * 2");
  assert_int_equal(x.cycles, 2);
  x = (bt_activity){0};
  bt_activity_pass(&array, 1, (const int8_t[]){3}, (const int8_t[]){-2}, &x);
  same(&x, (const uint64_t[]){0, 6, 60, 0, 0}, "3 * -2");
  /* After a reset b rises from zero: 11111110 has 7 ones. */
  bt_activity_array_reset(&array);
  x = (bt_activity){0};
  bt_activity_pass(&array, 1, (const int8_t[]){3}, (const int8_t[]){-2}, &x);
  same(&x, (const uint64_t[]){2, 7, 60, 0, 0}, "3 * -2 from a reset");
  bt_activity_array_close(&array);
}

/* 2 x 2, len 1: rows 1 and 3, columns 1 and 2.
 * a: PE00 and PE01 0 -> 1 -> 0: 2 each; PE10 0 -> 3 -> 0: 4; PE11 0 -> 3 and stays: 2. Sum 10.
 * b: PE00 and PE10 0 -> 1 -> 0: 2 each; PE01 0 -> 2 -> 0: 2; PE11 0 -> 2 and stays: 1. Sum 7.
 * skew_a: row 1's stage 0 -> 3 -> 0: 4. skew_b: column 1's stage 0 -> 2 -> 0: 2.
 * acc: sums 1 2 / 3 6: 1 + 1 + 2 + 2 ones = 6. Drain, first cycle: row 1 3 -> 1 and 6 -> 2: 1 + 1;
 * row 0 1 -> 0 and 2 -> 0: 1 + 1; second: row 1 1 -> 0 and 2 -> 0: 1 + 1. Sum 12.
 * The same pass again: PE11 first lets go of its 3 (2 more) and 2 (1 more).
 * 1 + 4 + 2 - 2 = 5 cycles. a has 4 * 8 bits: 160 bit-cycles, 64 of them in the 2 drain cycles;
 * acc 4 * 32: 640, never gated; each delay line 8 bits: 40 and 16. */
static void test_two_by_two(void **state) {
  (void)state;
  bt_machine m = machine_of(2, 2, 32, true);
  bt_activity_array array = open_array(&m);
  bt_activity x = {0};
  bt_activity_pass(&array, 1, (const int8_t[]){1, 3}, (const int8_t[]){1, 2}, &x);
  same(&x, (const uint64_t[]){10, 7, 12, 4, 2}, "first pass");
  assert_int_equal(x.cycles, 5);
  assert_int_equal(x.bit_cycles[BT_REG_A], 160);
  assert_int_equal(x.bit_cycles[BT_REG_ACC], 640);
  assert_int_equal(x.bit_cycles[BT_REG_SKEW_B], 40);
  assert_int_equal(x.gated[BT_REG_B], 64);
  assert_int_equal(x.gated[BT_REG_ACC], 0);
  assert_int_equal(x.gated[BT_REG_SKEW_A], 16);
  x = (bt_activity){0};
  bt_activity_pass(&array, 1, (const int8_t[]){1, 3}, (const int8_t[]){1, 2}, &x);
  same(&x, (const uint64_t[]){12, 8, 12, 4, 2}, "second pass");
  bt_activity_array_close(&array);
}

/* 100 * 2 in 8 bits: 200 = 11001000 wraps with 3 ones, saturates to 127 with 7; both drain too. The
 * ones of -1 are the accumulator's 8, not 32. */
static void test_narrow(void **state) {
  (void)state;
  for (int wrap = 0; wrap < 2; wrap++) {
    bt_machine m = machine_of(1, 1, 8, wrap != 0);
    bt_activity_array array = open_array(&m);
    bt_activity x = {0};
    bt_activity_pass(&array, 1, (const int8_t[]){100}, (const int8_t[]){2}, &x);
    assert_int_equal(x.toggles[BT_REG_ACC], wrap ? 6 : 14);
    x = (bt_activity){0};
    bt_activity_pass(&array, 1, (const int8_t[]){-1}, (const int8_t[]){1}, &x);
    assert_int_equal(x.toggles[BT_REG_ACC], 16);
    bt_activity_array_close(&array);
  }
}

/* -128 * -128 three times in 16 bits: 0x4000 (1), 0x7fff (14 more), 0x7fff, and 15 in the drain.
 * With two products, 0x8000 would be the first to leave the range. */
static void test_largest_products(void **state) {
  (void)state;
  static const int8_t operand[3] = {-128, -128, -128};
  bt_machine m = machine_of(1, 1, 16, false);
  bt_activity_array array = open_array(&m);
  bt_activity x = {0};
  bt_activity_pass(&array, 3, operand, operand, &x);
  assert_int_equal(x.toggles[BT_REG_ACC], 30);
  bt_activity_array_close(&array);
}

/* The array clock by clock, as mac_array.sv has it. */
#define SIDE 5
typedef struct {
  int32_t a[SIDE][SIDE], b[SIDE][SIDE], acc[SIDE][SIDE]; /* [row][column] */
  int32_t skew_a[SIDE][SIDE], skew_b[SIDE][SIDE];        /* [line][stage] */
} registers;

static uint64_t distance(int32_t x, int32_t y, int bits) {
  uint64_t n = 0;
  for (int i = 0; i < bits; i++) {
    n += ((uint32_t)x ^ (uint32_t)y) >> i & 1;
  }
  return n;
}

static int32_t held(const bt_machine *m, int64_t sum) {
  int64_t span = INT64_C(1) << m->acc.acc_bits, top = span / 2 - 1;
  if (!m->acc.wrap) {
    return (int32_t)(sum > top ? top : sum < -top - 1 ? -top - 1 : sum);
  }
  int64_t low = ((sum % span) + span) % span;
  return (int32_t)(low > top ? low - span : low);
}

static void compute_cycle(const bt_machine *m, const registers *q, registers *d, const int8_t *a,
                          const int8_t *b) {
  for (size_t r = 0; r < m->rows; r++) {
    for (size_t c = 0; c < m->cols; c++) {
      int32_t edge_a = r == 0 ? (a ? a[0] : 0) : q->skew_a[r][r - 1];
      int32_t edge_b = c == 0 ? (b ? b[0] : 0) : q->skew_b[c][c - 1];
      int32_t from_a = c == 0 ? edge_a : q->a[r][c - 1], from_b = r == 0 ? edge_b : q->b[r - 1][c];
      d->a[r][c] = from_a;
      d->b[r][c] = from_b;
      d->acc[r][c] = held(m, (int64_t)q->acc[r][c] + (int64_t)from_a * from_b);
    }
  }
  for (size_t i = 1; i < SIDE; i++) {
    for (size_t s = 0; s < i; s++) {
      d->skew_a[i][s] = s > 0 ? q->skew_a[i][s - 1] : a && i < m->rows ? a[i] : 0;
      d->skew_b[i][s] = s > 0 ? q->skew_b[i][s - 1] : b && i < m->cols ? b[i] : 0;
    }
  }
}

static void clock_cycle(const bt_machine *m, registers *q, bool drain, const int8_t *a,
                        const int8_t *b, bt_activity *x) {
  registers d = *q;
  if (!drain) {
    compute_cycle(m, q, &d, a, b);
  }
  for (size_t r = 0; drain && r < m->rows; r++) {
    for (size_t c = 0; c < m->cols; c++) {
      d.acc[r][c] = r == 0 ? 0 : q->acc[r - 1][c];
    }
  }
  for (size_t i = 0; i < SIDE; i++) {
    for (size_t j = 0; j < SIDE; j++) {
      x->toggles[BT_REG_A] += distance(q->a[i][j], d.a[i][j], 8);
      x->toggles[BT_REG_B] += distance(q->b[i][j], d.b[i][j], 8);
      x->toggles[BT_REG_ACC] += distance(q->acc[i][j], d.acc[i][j], m->acc.acc_bits);
      x->toggles[BT_REG_SKEW_A] += distance(q->skew_a[i][j], d.skew_a[i][j], 8);
      x->toggles[BT_REG_SKEW_B] += distance(q->skew_b[i][j], d.skew_b[i][j], 8);
    }
  }
  x->cycles++;
  *q = d;
}

static void clock_pass(const bt_machine *m, registers *q, size_t len, const int8_t *a,
                       const int8_t *b, bt_activity *x) {
  for (size_t k = 0; k < len + m->rows + m->cols - 2; k++) {
    clock_cycle(m, q, false, k < len ? a + k * m->rows : NULL, k < len ? b + k * m->cols : NULL, x);
  }
  for (size_t r = 0; r < m->rows; r++) {
    clock_cycle(m, q, true, NULL, NULL, x);
  }
}

/* Three random passes behind each other on every array up to 5 x 5, at widths that wrap and
 * saturate in them and 32. */
static void test_clock_by_clock(void **state) {
  (void)state;
  static const int width[] = {8, 13, 16, 18, 32};
  bt_stream stream = bt_stream_open(11, BT_STREAM_SYNTHETIC, 0);
  uint64_t draw = 0;
  int8_t a[12 * SIDE], b[12 * SIDE];
  for (size_t i = 0; i < SIDE * SIDE * 10; i++) {
    bt_machine m = machine_of(i % SIDE + 1, i / SIDE % SIDE + 1, width[i / 50], i / 25 % 2 != 0);
    bt_activity_array array = open_array(&m);
    registers q;
    memset(&q, 0, sizeof q);
    for (size_t pass = 0; pass < 3; pass++) {
      size_t len = (size_t)bt_stream_below(stream, draw++, 12) + 1;
      for (size_t j = 0; j < sizeof a; j++) {
        a[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
        b[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
      }
      bt_activity x = {0}, y = {0};
      char where[80];
      snprintf(where, sizeof where, "%zux%zu acc %d%s, pass %zu of %zu", m.rows, m.cols,
               m.acc.acc_bits, m.acc.wrap ? " wrap" : "", pass, len);
      bt_activity_pass(&array, len, a, b, &x);
      clock_pass(&m, &q, len, a, b, &y);
      same(&x, y.toggles, where);
      assert_int_equal(x.cycles, y.cycles);
    }
    bt_activity_array_close(&array);
  }
}

/* 3 of 10 tiles in rows of 4: 0, floor(9 / 2) = 4 and 9; and the ends 3 and 8 - 2 = 6 of the first
 * row and the last. (10 tiles in rows of 4 is no rectangle; the rule does not mind.) */
static void test_samples(void **state) {
  (void)state;
  static const bool expected[10] = {1, 0, 0, 1, 1, 0, 1, 0, 0, 1};
  for (size_t tile = 0; tile < 10; tile++) {
    assert_int_equal(bt_activity_samples(3, 10, 4, tile), expected[tile]);
    assert_true(bt_activity_samples(0, 10, 4, tile));
    assert_true(bt_activity_samples(10, 10, 4, tile));
    assert_int_equal(bt_activity_samples(1, 10, 10, tile), tile == 0 || tile == 9);
  }
}

/* Weight gradient of six samples whose exponents sum to 3, 3, zero, zero, -20, 4: groups 3 (samples
 * 0 and 1) and 4 (sample 5); -20 is below gref. On 1 x 1 (o = c = 1, one place) with a operands
 * 1, 2, x, x, x, 7 and b operands 1, 1, x, x, x, 1: passes {1, 2} and {7}.
 * First pass: a 0 -> 1 (1) -> 2 (2); b 0 -> 1 (1) -> 1; acc 0 -> 1 (1) -> 3 (1) -> 0 (2).
 * Second: a 2 -> 7 (2); b stays; acc 0 -> 7 -> 0 (6). */
static void test_groups(void **state) {
  (void)state;
  static const int16_t exponent[2][6] = {{3, 3, -128, 127, -20, 2}, {0, 0, 127, -128, 0, 2}};
  static const int8_t value[2][6] = {{1, 2, 0, 99, 98, 7}, {1, 1, 97, 0, 96, 1}};
  contraction t =
      contraction_of(BT_WEIGHT_GRADIENT, 6, 1, 1, 1, BT_BLOCK_SAMPLE, BT_BLOCK_SAMPLE, 8);
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  for (size_t i = 0; i < 6; i++) {
    t.a.exp[i] = exponent[0][i];
    t.b.exp[i] = exponent[1][i];
    bt_tensor_store(&t.a, i, value[0][i]);
    bt_tensor_store(&t.b, i, value[1][i]);
  }
  bt_machine m = machine_of(1, 1, 32, false);
  bt_activity x = {0};
  bt_passes passes;
  bt_error error;
  const bt_command *c = command_of(&t);
  assert_true(bt_activity_covers(&m, c));
  assert_int_equal(bt_activity_contract(&m, c, &(bt_activity_options){0}, &x, &error), BT_OK);
  same(&x, (const uint64_t[]){5, 1, 10, 0, 0}, "two groups");
  assert_int_equal(bt_cost_passes(&m, c, false, &passes, &error), BT_OK);
  assert_int_equal(x.passes, passes.groups);
  assert_int_equal(x.cycles, bt_cost_array_cycles(&m, &passes));
  /* Random operands keep the groups: the same cycles. */
  bt_activity random = {0};
  bt_activity_options options = {.random = true, .seed = 1};
  assert_int_equal(bt_activity_contract(&m, c, &options, &random, &error), BT_OK);
  assert_int_equal(random.cycles, x.cycles);
  m.acc.chunk = 4;
  assert_false(bt_activity_covers(&m, c));
  assert_int_equal(bt_activity_contract(&m, c, &options, &random, &error), BT_BAD_INPUT);
  bt_tensor_free(&t.a);
  bt_tensor_free(&t.b);
  bt_tensor_free(&t.out);
}

/* Uniform bytes change half of the bits of an operand register at each new operand: 512 columns of
 * k toggle about 4 bits an operand. Another seed gives other operands. */
static void test_random(void **state) {
  (void)state;
  contraction t = contraction_of(BT_FORWARD, 16, 512, 16, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  bt_machine m = machine_of(16, 16, 32, false);
  bt_activity x = {0}, y = {0}, again = {0};
  bt_error error;
  bt_activity_options options = {.random = true, .seed = 1};
  assert_int_equal(bt_activity_contract(&m, command_of(&t), &options, &x, &error), BT_OK);
  assert_int_equal(bt_activity_contract(&m, command_of(&t), &options, &again, &error), BT_OK);
  options.seed = 2;
  assert_int_equal(bt_activity_contract(&m, command_of(&t), &options, &y, &error), BT_OK);
  same(&x, again.toggles, "the same seed");
  for (int r = BT_REG_A; r <= BT_REG_B; r++) {
    double bits = (double)x.toggles[r] / (256 * 512);
    assert_true(bits > 3.95 && bits < 4.05);
    assert_int_not_equal(x.toggles[r], y.toggles[r]);
  }
  bt_tensor_free(&t.a);
  bt_tensor_free(&t.b);
  bt_tensor_free(&t.out);
}

/* 2 of 5 tiles: 7 toggles stand for floor(35 / 2) = 17 of all. No tile stands for nothing. */
static void test_scaled(void **state) {
  (void)state;
  bt_activity sum = {.toggles = {1}, .cycles = 2, .tiles = 3, .tiles_total = 3}, none = {0};
  bt_activity x = {.toggles = {7}, .cycles = 10, .tiles = 2, .tiles_total = 5};
  bt_activity_add_scaled(&sum, &x);
  bt_activity_add_scaled(&sum, &none);
  assert_int_equal(sum.toggles[0], 18);
  assert_int_equal(sum.cycles, 27);
  assert_int_equal(sum.tiles, 8);
  assert_int_equal(sum.tiles_total, 8);
}

static void test_ppm(void **state) {
  (void)state;
  uint64_t ppm;
  assert_true(bt_activity_ppm(2, 3, &ppm)); /* 666666.67 */
  assert_int_equal(ppm, 666667);
  assert_true(bt_activity_ppm(UINT64_MAX, UINT64_MAX, &ppm));
  assert_int_equal(ppm, 1000000);
  assert_false(bt_activity_ppm(0, 0, &ppm));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_pe),  cmocka_unit_test(test_two_by_two),
      cmocka_unit_test(test_narrow),  cmocka_unit_test(test_largest_products),
      cmocka_unit_test(test_clock_by_clock),
      cmocka_unit_test(test_samples), cmocka_unit_test(test_groups),
      cmocka_unit_test(test_random),  cmocka_unit_test(test_ppm),
      cmocka_unit_test(test_scaled),
  };
  return cmocka_run_group_tests_name("cost activity (alone: ctest -R test_cost_activity$)", tests,
                                     NULL, NULL);
}
