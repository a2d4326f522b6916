/* The library's generator against single steps of its definition (numerics 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"

#define PERIOD 0xFFFFFFFFu
#define SEED 20240119u

static const unsigned prime[] = {3, 5, 17, 257, 65537}; /* their product is the period */

/* The full period, by jumps: no proper divisor of it brings a state back. */
static void test_period(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < 100; i++) {
    uint32_t x = i == 0 ? 1 : (uint32_t)oracle_stream_in(&s, 1, PERIOD);
    assert_int_equal(bt_lfsr_jump(x, 0), x);
    assert_int_equal(bt_lfsr_jump(x, PERIOD), x);
    assert_int_equal(oracle_lfsr_jump(x, PERIOD), x);
    for (size_t p = 0; p < sizeof prime / sizeof prime[0]; p++) {
      assert_int_not_equal(bt_lfsr_jump(x, PERIOD / prime[p]), x);
      assert_int_not_equal(oracle_lfsr_jump(x, PERIOD / prime[p]), x);
    }
  }
}

static void test_jump_is_steps(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < 8; i++) {
    uint32_t start = (uint32_t)oracle_stream_in(&s, 1, PERIOD), x = start;
    for (uint64_t steps = 0; steps < 2000; steps++) {
      assert_int_equal(bt_lfsr_jump(start, steps), x);
      x = oracle_lfsr_step(x);
    }
  }
  uint32_t x = 1;
  for (uint32_t i = 0; i < (1u << 26) + 12345; i++)
    x = oracle_lfsr_step(x);
  assert_int_equal(bt_lfsr_jump(1, (1u << 26) + 12345), x);
  for (int i = 0; i < 1000; i++) {
    uint64_t steps = oracle_stream_next(&s) >> oracle_stream_in(&s, 0, 63);
    x = (uint32_t)oracle_stream_in(&s, 1, PERIOD);
    assert_int_equal(bt_lfsr_jump(x, steps), oracle_lfsr_jump(x, steps));
  }
  assert_int_equal(bt_lfsr_jump(x, UINT64_MAX), x); /* 2^64 - 1 is a multiple of the period */
}

/* Draws of every width, from states with every single bit and random ones. */
static void test_draw_is_steps(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (unsigned bits = 1; bits <= 24; bits++) {
    for (unsigned i = 0; i < 1000; i++) {
      uint32_t x = i < 32 ? (uint32_t)1 << i : (uint32_t)oracle_stream_in(&s, 1, PERIOD);
      bt_lfsr want = {.lane = {x}, .lanes = 1};
      uint32_t r;
      oracle_lfsr_draws(&want, 1, bits, &r);
      assert_int_equal(bt_lfsr_draw(&x, bits), r);
      assert_int_equal(x, want.lane[0]);
    }
  }
}

static void compare(const bt_lfsr *got, const bt_lfsr *want) {
  assert_int_equal(got->lanes, want->lanes);
  assert_true(got->steps == want->steps);
  for (unsigned l = 0; l < want->lanes; l++)
    if (got->lane[l] != want->lane[l])
      fail_msg("lane %u of %u at step %llu: 0x%08X, the oracle's 0x%08X; "
               "alone: ctest -R test_lfsr_oracle",
               l, want->lanes, (unsigned long long)want->steps, (unsigned)got->lane[l],
               (unsigned)want->lane[l]);
}

/* A seed whose first SplitMix64 output has zero low bits: the mix undone, step by step. */
static uint64_t seed_of_output(uint64_t z) {
  z ^= z >> 31 ^ z >> 62;
  z *= 0x319642B2D24D8EC3u; /* inverse of 0x94D049BB133111EB mod 2^64 */
  z ^= z >> 27 ^ z >> 54;
  z *= 0x96DE1B173F119089u; /* inverse of 0xBF58476D1CE4E5B9 mod 2^64 */
  z ^= z >> 30 ^ z >> 60;
  return z - 0x9E3779B97F4A7C15u;
}

static void test_lane_starts(void **state) {
  (void)state;
  const uint64_t zero_low = seed_of_output(0x1234567800000000u);
  assert_true(oracle_splitmix64(zero_low, 1) == 0x1234567800000000u);
  const uint64_t seed[] = {0, 1, 2, 42, UINT64_MAX, zero_low};
  for (size_t i = 0; i < sizeof seed / sizeof seed[0]; i++) {
    for (unsigned lanes = 1; lanes <= 64; lanes *= 2) {
      bt_lfsr got, want;
      memset(&got, 0xA5, sizeof got);
      oracle_lfsr_start(&want, seed[i], lanes);
      assert_int_equal(bt_lfsr_start(&got, seed[i], lanes), BT_OK);
      compare(&got, &want);
    }
  }
  const unsigned bad[] = {0, 3, 5, 6, 63, 65, 128};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    bt_lfsr rng;
    assert_int_equal(bt_lfsr_start(&rng, 1, bad[i]), BT_BAD_INPUT);
  }
}

static void test_advance(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  uint32_t draws[500];
  for (int i = 0; i < 200; i++) {
    bt_lfsr got, want;
    unsigned lanes = 1u << oracle_stream_in(&s, 0, 6), bits = (unsigned)oracle_stream_in(&s, 1, 24);
    oracle_lfsr_start(&want, (uint64_t)i, lanes);
    got = want;
    size_t n = (size_t)oracle_stream_in(&s, 0, 500);
    oracle_lfsr_draws(&want, n, bits, draws);
    bt_lfsr_advance(&got, (n + lanes - 1) / lanes, bits);
    compare(&got, &want);
    uint64_t far = oracle_stream_next(&s) >> 24;
    bt_lfsr_advance(&got, far, bits);
    want.steps += far * bits;
    for (unsigned l = 0; l < lanes; l++)
      want.lane[l] = oracle_lfsr_jump(want.lane[l], far * bits);
    compare(&got, &want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_period),      cmocka_unit_test(test_jump_is_steps),
      cmocka_unit_test(test_draw_is_steps), cmocka_unit_test(test_lane_starts),
      cmocka_unit_test(test_advance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
