/* How often stochastic rounding goes up (numerics 3): exactly floor(f * 2^R) of the 2^R draws, and
 * by the generator's own draws with that frequency (chi-square). Seeds are fixed: no chance. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

#define SEED 20240120u
#define LEVEL 1e-6 /* of the whole test, shared out over its chi-squares */

enum { SAMPLES = 1 << 18 };

/* Exact in a double beside an integer below 32. */
static const double fraction[] = {
    0,        0x1p-1,      0x1p-2,           0x1.8p-1, 0x1p-8,
    0x1.8p-7, 0x1.fp-1,    0x1.999999999p-4, 0x1p-17,  0x1.555555555p-2,
    0x1p-24,  0x1.ffffp-1, 0x1.fffffffp-1,   0x1p-40,  0x1.cccccccccp-1};
static const unsigned random_bits[] = {1, 2, 3, 5, 8, 11, 12, 13, 16, 23, 24};

enum {
  FRACTIONS = sizeof fraction / sizeof fraction[0],
  WIDTHS = sizeof random_bits / sizeof random_bits[0]
};

/* How many of the 2^R draws carry f up: r >= 2^R (1 - f), or with sr_half r + 1/2 >= that. */
static uint64_t ups_of_all(double f, unsigned bits, bool half) {
  if (half)
    return (uint64_t)floor(ldexp(f, (int)bits) + 0.5);
  return (uint64_t)floor(ldexp(f, (int)bits));
}

/* Quantizes n copies of `value` to integers and counts those above `below`. */
static uint64_t count_ups(size_t n, double value, int below, const bt_round_options *round,
                          bt_lfsr *rng, double *x, int16_t *mantissa) {
  const bt_format integer = {.kind = BT_FIXED, .wl = 8, .asymmetric = true};
  uint64_t ups = 0;
  for (size_t i = 0; i < n; i++)
    x[i] = value;
  assert_int_equal(
      bt_quantize_f64(&integer, round, 1, &n, x, rng, mantissa, NULL, NULL, NULL), BT_OK);
  for (size_t i = 0; i < n; i++) {
    assert_in_range(mantissa[i] - below, 0, 1);
    ups += mantissa[i] > below;
  }
  return ups;
}

/* Puts draw r (first..first + n - 1) in front of lanes 0..n-1: a draw is a lane's low bits. */
static bt_lfsr inject(uint32_t first, size_t n, unsigned bits) {
  bt_lfsr rng = {.lanes = BT_MAX_LANES};
  for (size_t l = 0; l < BT_MAX_LANES; l++)
    rng.lane[l] = (uint32_t)1 << 31;
  for (size_t l = 0; l < n; l++)
    rng.lane[l] |= (first + (uint32_t)l) % ((uint32_t)1 << bits);
  return rng;
}

static uint64_t ups_of_draws(uint32_t first, uint32_t end, double value, int below,
                             const bt_round_options *round) {
  double x[BT_MAX_LANES];
  int16_t mantissa[BT_MAX_LANES];
  uint64_t ups = 0;
  for (uint32_t r = first; r < end; r += BT_MAX_LANES) {
    size_t n = end - r < BT_MAX_LANES ? end - r : BT_MAX_LANES;
    bt_lfsr rng = inject(r, n, round->random_bits);
    ups += count_ups(n, value, below, round, &rng, x, mantissa);
  }
  return ups;
}

/* Every draw of R <= 13 bits; beyond, the 128 draws around the one where the carry begins. */
static void test_every_draw(void **state) {
  (void)state;
  for (size_t c = 0; c < (size_t)FRACTIONS * WIDTHS * 2 * 2; c++) {
    double f = fraction[c % FRACTIONS];
    unsigned bits = random_bits[c / FRACTIONS % WIDTHS];
    bool half = c / FRACTIONS / WIDTHS % 2 == 1;
    int below = c / FRACTIONS / WIDTHS / 2 == 1 ? -9 : 20;
    bt_round_options round = {BT_STOCHASTIC, bits, half};
    uint64_t all = (uint64_t)1 << bits, want = ups_of_all(f, bits, half);
    uint32_t first = 0, end = (uint32_t)all;
    if (bits > 13) {
      uint64_t carry = all - want;
      first = carry > 64 ? (uint32_t)(carry - 64) : 0;
      end = carry + 64 < all ? (uint32_t)(carry + 64) : (uint32_t)all;
      want = end - carry;
    }
    uint64_t got = ups_of_draws(first, end, below + f, below, &round);
    if (got != want)
      fail_msg("%a, R %u%s: %" PRIu64 " of the draws %u..%u carry, not %" PRIu64
               "; alone: ctest -R test_stochastic_frequency",
               below + f, bits, half ? " sr_half" : "", got, (unsigned)first, (unsigned)end - 1,
               want);
  }
}

/* The exact number of carries among the oracle's draws from the same start. */
static uint64_t ups_of_oracle(bt_lfsr *rng, double f, const bt_round_options *round,
                              uint32_t *draws) {
  uint64_t all = (uint64_t)1 << round->random_bits, ups = 0;
  uint64_t carry = all - ups_of_all(f, round->random_bits, round->sr_half);
  oracle_lfsr_draws(rng, SAMPLES, round->random_bits, draws);
  for (size_t i = 0; i < SAMPLES; i++)
    ups += draws[i] >= carry;
  return ups;
}

typedef struct {
  double sum, largest;
  unsigned tests;
} chi_squares;

/* One f at one R: the count equals the oracle's, and its chi-square (1 degree) is added. */
static void check_frequency(double f, const bt_round_options *round, bt_lfsr *got_rng,
                            bt_lfsr *want_rng, chi_squares *chi) {
  double *x = calloc(SAMPLES, sizeof *x);
  int16_t *mantissa = calloc(SAMPLES, sizeof *mantissa);
  uint32_t *draws = calloc(SAMPLES + BT_MAX_LANES, sizeof *draws);
  uint64_t ups = count_ups(SAMPLES, 3 + f, 3, round, got_rng, x, mantissa);
  assert_true(ups == ups_of_oracle(want_rng, f, round, draws));
  double p = ldexp((double)ups_of_all(f, round->random_bits, round->sr_half),
                   -(int)round->random_bits);
  double expected = SAMPLES * p, variance = expected * (1 - p);
  if (p == 0 || p == 1) {
    assert_true((double)ups == expected);
  } else if (variance >= 10) { /* where chi-square is a fair approximation */
    double chi2 = ((double)ups - expected) * ((double)ups - expected) / variance;
    chi->sum += chi2;
    chi->largest = fmax(chi->largest, chi2);
    chi->tests++;
  }
  free(x);
  free(mantissa);
  free(draws);
}

/* P(chi-square of n degrees > x), by Wilson and Hilferty's cube root. */
static double upper_tail(double x, double n) {
  double z = (cbrt(x / n) - (1 - 2 / (9 * n))) / sqrt(2 / (9 * n));
  return erfc(z / sqrt(2)) / 2;
}

static void test_frequencies(void **state) {
  (void)state;
  chi_squares chi = {0};
  for (size_t c = 0; c < (size_t)WIDTHS * 2; c++) {
    bt_round_options round = {BT_STOCHASTIC, random_bits[c % WIDTHS], c / WIDTHS == 1};
    bt_lfsr got, want;
    unsigned lanes = 1u << c % 7;
    oracle_lfsr_start(&want, SEED + c, lanes);
    assert_int_equal(bt_lfsr_start(&got, SEED + c, lanes), BT_OK);
    for (size_t i = 0; i < FRACTIONS; i++)
      check_frequency(fraction[i], &round, &got, &want, &chi);
  }
  double worst = erfc(sqrt(chi.largest / 2)); /* 1 degree of freedom */
  double whole = upper_tail(chi.sum, chi.tests);
  print_message("%u chi-squares of %d samples: largest %.2f (p %.2g), sum %.1f (p %.2g)\n",
                chi.tests, (int)SAMPLES, chi.largest, worst, chi.sum, whole);
  assert_true(chi.tests >= 100);
  assert_true(worst > LEVEL / 2 / chi.tests);
  assert_true(whole > LEVEL / 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_draw),
      cmocka_unit_test(test_frequencies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
