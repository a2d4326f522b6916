/* The array clock by clock against the counts of activity, counts of bits, and the scale of time.
 * Alone: ctest -R test_cost_clocked_array$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cost/activity.h"
#include "cost/bit_counts.h"
#include "cost/clock_scale.h"
#include "cost/clocked_array.h"
#include "num/stream.h"

static bt_machine machine_of(size_t rows, size_t cols, int acc_bits, bool wrap) {
  bt_machine m = bt_machine_default();
  m.rows = rows;
  m.cols = cols;
  m.acc.acc_bits = acc_bits;
  m.acc.wrap = wrap;
  return m;
}

/* Toggles by class as a bit-by-bit comparison of what the registers hold. */
typedef struct {
  uint64_t toggles[BT_REG_CLASSES], cycles;
} tally;

static uint64_t distance(const void *x, const void *y, size_t bytes, uint32_t mask) {
  uint64_t n = 0;
  for (size_t i = 0; i < bytes; i++) {
    unsigned differing = (unsigned)(((const uint8_t *)x)[i] ^ ((const uint8_t *)y)[i]);
    n += (uint64_t)__builtin_popcount(differing & (mask >> (8 * (i % 4)) & 0xff));
  }
  return n;
}

static void tally_edge(void *context, const bt_clocked_array *array, const bt_array_inputs *in) {
  tally *t = context;
  (void)in;
  size_t pes = array->rows * array->cols;
  const bt_array_registers *d = &array->now, *q = &array->before;
  uint32_t mask = UINT32_MAX >> (32 - array->acc_bits);
  t->toggles[BT_REG_A] += distance(d->a, q->a, pes, UINT32_MAX);
  t->toggles[BT_REG_B] += distance(d->b, q->b, pes, UINT32_MAX);
  t->toggles[BT_REG_ACC] += distance(d->acc, q->acc, 4 * pes, mask);
  t->toggles[BT_REG_SKEW_A] += distance(d->skew_a, q->skew_a, bt_skew_stages(array->rows), ~0u);
  t->toggles[BT_REG_SKEW_B] += distance(d->skew_b, q->skew_b, bt_skew_stages(array->cols), ~0u);
  t->cycles += array->worked;
}

/* Three random passes without a gap on every array up to 5 x 5, against bt_activity_pass(). */
static void test_passes(void **state) {
  (void)state;
  static const int width[] = {8, 13, 16, 18, 32};
  bt_stream stream = bt_stream_open(12, BT_STREAM_SYNTHETIC, 0);
  uint64_t draw = 0;
  int8_t a[12 * 5], b[12 * 5];
  bt_error error;
  for (size_t i = 0; i < 250; i++) {
    bt_machine m = machine_of(i % 5 + 1, i / 5 % 5 + 1, width[i / 50], i / 25 % 2 != 0);
    bt_activity_array counted;
    bt_clocked_array array;
    tally t = {{0}, 0};
    bt_activity x = {0};
    assert_int_equal(bt_activity_array_open(&counted, &m, &error), BT_OK);
    assert_int_equal(bt_clocked_array_open(&array, &m, &error), BT_OK);
    bt_array_watch watch = {tally_edge, &t};
    for (size_t pass = 0; pass < 3; pass++) {
      size_t len = (size_t)bt_stream_below(stream, draw++, 12) + 1;
      for (size_t j = 0; j < sizeof a; j++) {
        a[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
        b[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
      }
      bt_activity_pass(&counted, len, a, b, &x);
      bt_clocked_array_pass(&array, len, a, b, &watch);
    }
    bt_clocked_array_finish(&array, &watch);
    for (int r = 0; r < BT_REG_CLASSES; r++) {
      if (x.toggles[r] != t.toggles[r]) {
        fail_msg("%zux%zu acc %d%s, register %s: %llu toggles, expected %llu", m.rows, m.cols,
                 m.acc.acc_bits, m.acc.wrap ? " wrap" : "", bt_register_name((bt_register)r),
                 (unsigned long long)t.toggles[r], (unsigned long long)x.toggles[r]);
      }
    }
    assert_int_equal(t.cycles, x.cycles);
    assert_int_equal(array.cycles, x.cycles);
    bt_activity_array_close(&counted);
    bt_clocked_array_close(&array);
  }
}

/* Two bytes through 600 steps: bit 0 of the first is one in all but the first step and changes
 * once; bit 3 of the second changes in every one, and is one in each odd one of them, 300. */
static void test_bit_counts(void **state) {
  (void)state;
  bt_bit_counts n;
  bt_error error;
  uint8_t now[8] = {0}, before[8];
  assert_int_equal(bt_bit_counts_open(&n, 8, &error), BT_OK);
  for (unsigned step = 0; step < 600; step++) {
    memcpy(before, now, sizeof now);
    now[0] = step > 0;
    now[1] = (uint8_t)(step % 2 == 0 ? 8 : 0);
    bt_bit_counts_add(&n, now, before);
  }
  assert_int_equal(bt_bit_ones(&n, 0, 0), 599);
  assert_int_equal(bt_bit_toggles(&n, 0, 0), 1);
  assert_int_equal(bt_bit_ones(&n, 1, 3), 300);
  assert_int_equal(bt_bit_toggles(&n, 1, 3), 600);
  assert_int_equal(bt_bit_ones(&n, 1, 2), 0);
  bt_bit_counts_close(&n);
}

/* Half a period of 1 GHz is 500 ps, of 500 MHz 1 ns, of 2 GHz 250 ps, of 80 GHz 6250 fs; of 3 GHz
 * 166666.67 fs, of which each edge is rounded down by itself. */
static void test_scale(void **state) {
  (void)state;
  static const struct {
    uint64_t hz;
    const char *unit;
    uint64_t at[4];
  } expected[] = {{1000000000u, "1 ps", {0, 500, 1000, 1500}},
                  {500000000u, "1 ns", {0, 1, 2, 3}},
                  {2000000000u, "1 ps", {0, 250, 500, 750}},
                  {80000000000u, "1 fs", {0, 6250, 12500, 18750}},
                  {3000000000u, "1 fs", {0, 166666, 333333, 500000}},
                  {1, "1 ns", {0, 500000000u, 1000000000u, 1500000000u}}};
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    bt_clock_scale s = bt_clock_scale_of(expected[i].hz);
    assert_string_equal(s.unit, expected[i].unit);
    for (uint64_t k = 0; k < 4; k++) {
      assert_int_equal(bt_clock_time(&s, k), expected[i].at[k]);
    }
  }
  bt_clock_scale slow = bt_clock_scale_of(1);
  assert_true(bt_clock_time(&slow, UINT64_MAX) == UINT64_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_passes),
      cmocka_unit_test(test_bit_counts),
      cmocka_unit_test(test_scale),
  };
  return cmocka_run_group_tests_name(
      "cost clocked array (alone: ctest -R test_cost_clocked_array$)", tests, NULL, NULL);
}
