/* Normal deviates (numerics 5.4): the table against erfc, a deviate against the text's formula, the
 * distribution for fixed seeds, and a parameter's initial weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "net/net.h"
#include "num/normal_table.h"
#include "num/scalar.h"
#include "num/stream.h"

/* The quantile of upper tail probability p, by Newton's method on erfc. */
static long double quantile(long double p) {
  long double x = p > 0.4L ? (0.5L - p) * 2.5L : sqrtl(-2 * logl(p)) - 0.9L;
  for (int i = 0; i < 60; i++) {
    long double tail = erfcl(x / sqrtl(2)) / 2;
    long double density = expl(-x * x / 2) / sqrtl(2 * M_PIl);
    x += (tail - p) / density;
  }
  return x;
}

/* Every entry is the rounded quantile; 0.51 leaves room for the long double's own error. */
static void test_table(void **state) {
  (void)state;
  for (int k = 0; k < BT_NORMAL_TABLE_SIZE; k++) {
    int o = k / 16, j = k % 16;
    long double p = k == 496 ? ldexpl(1, -32) : ldexpl(2 - (long double)j / 16, -(o + 2));
    long double want = 0x1p24L * quantile(p);
    if (fabsl((long double)bt_normal_table[k] - want) > 0.51L)
      fail_msg("T[%d] = %d, the quantile is %.3Lf", k, bt_normal_table[k], want);
  }
}

/* The deviate of the value u, with the arithmetic of 5.4 in wider integers. */
static int32_t deviate(uint64_t u) {
  unsigned __int128 v = u % ((uint64_t)1 << 63), modulus = (unsigned __int128)1 << 63;
  int o = 0;
  while (o < 30 && (v >> (62 - o)) % 2 == 0)
    o++;
  uint64_t a = (uint64_t)((v << (o + 1)) % modulus);
  int seg = (int)(a >> 59), k = 16 * o + (15 - seg);
  int64_t f = (int64_t)((a >> 43) % 65536), t0 = bt_normal_table[k], t1 = bt_normal_table[k + 1];
  int64_t z = t0 + (((t1 - t0) * (65535 - f)) >> 16);
  return (int32_t)(u >> 63 ? -z : z);
}

/* The value of a stream's element is that of a generator started at its key: elements with many
 * leading zeros are found by trying keys. */
static void test_formula(void **state) {
  (void)state;
  uint64_t rare = 0;
  for (uint64_t key = 0; key < 2000; key++) {
    bt_stream s = {oracle_splitmix64(99, key + 1)};
    for (uint64_t i = 0; i < 1000; i++) {
      uint64_t u = bt_stream_at(s, i);
      rare += u << 1 < UINT64_C(1) << 46;
      if (bt_stream_normal(s, i) != deviate(u))
        fail_msg("u = 0x%016llX: %d, not %d", (unsigned long long)u, bt_stream_normal(s, i),
                 deviate(u));
    }
  }
  assert_true(rare > 2);
}

static uint64_t unmix(uint64_t z);

/* mix() is a bijection, so that every value has a key: u's with chosen leading zeros. */
static void test_octaves(void **state) {
  (void)state;
  for (int zeros = 0; zeros <= 63; zeros++)
    for (uint64_t low = 0; low < 4; low++) {
      uint64_t v = zeros == 63 ? 0 : (UINT64_C(1) << (62 - zeros)) | (zeros < 60 ? low : 0);
      uint64_t u = v | (low % 2) << 63;
      if (zeros < 58 && low > 1)
        u |= (UINT64_C(0x5A5A5A5A5A5A5A5A) >> (zeros + 2)) & ((UINT64_C(1) << (62 - zeros)) - 1);
      bt_stream s = {unmix(u) - BT_SPLITMIX_GAMMA};
      assert_true(bt_stream_at(s, 0) == u);
      assert_int_equal(bt_stream_normal(s, 0), deviate(u));
    }
}

static uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int i = 0; i < 6; i++)
    x *= 2 - odd * x;
  return x;
}

static uint64_t unshift(uint64_t z, int s) {
  uint64_t x = z;
  for (int i = 0; i < 3; i++)
    x = z ^ (x >> s);
  return x;
}

static uint64_t unmix(uint64_t z) {
  z = unshift(z, 31) * inverse(UINT64_C(0x94D049BB133111EB));
  z = unshift(z, 27) * inverse(UINT64_C(0xBF58476D1CE4E5B9));
  return unshift(z, 30);
}

/* A million deviates of seed 1: mean, variance, and chi-square over 40 bins of equal probability.
 * 39 degrees of freedom exceed 72.1 with probability 0.001; mean and variance: 4 sigma. */
static void test_distribution(void **state) {
  (void)state;
  enum { N = 1000000, BINS = 40 };
  bt_stream s = bt_stream_open(1, BT_STREAM_WEIGHTS, 0);
  long double sum = 0, squares = 0, chi = 0;
  long count[BINS] = {0}, edge[BINS - 1];
  for (int b = 0; b < BINS - 1; b++) {
    long double p = 1 - (long double)(b + 1) / BINS;
    edge[b] = lroundl(0x1p24L * (p <= 0.5L ? quantile(p) : -quantile(1 - p)));
  }
  for (uint64_t i = 0; i < N; i++) {
    long z = bt_stream_normal(s, i);
    int b = 0;
    while (b < BINS - 1 && z >= edge[b])
      b++;
    count[b]++;
    sum += (long double)z * 0x1p-24L;
    squares += (long double)z * (long double)z * 0x1p-48L;
  }
  for (int b = 0; b < BINS; b++) {
    long double d = (long double)count[b] - (long double)N / BINS;
    chi += d * d / ((long double)N / BINS);
  }
  long double mean = sum / N, variance = squares / N - mean * mean;
  print_message("mean %Lf, variance %Lf, chi-square %.1Lf\n", mean, variance, chi);
  assert_true(fabsl(mean) < 4 / 1000.0L);
  assert_true(fabsl(variance - 1) < 4 * 0.001414214L);
  assert_true(chi < 72.1L && chi > 16);
}

/* One fully connected layer of 25 inputs: the parameter's number is the epoch, z * sd >> 30, with
 * sd = 2^30 * sqrt(2 / 25) before a ReLU and 2^30 / 5 = 214748364.8 without. */
static void test_initial(void **state) {
  (void)state;
  bt_net net = {.channels = 25, .height = 1, .width = 1, .classes = 3, .layers = 1,
                .parameters = 2};
  net.layer[0] = (bt_layer){.kind = BT_LAYER_FC, .name = "fc", .in_h = 1, .in_w = 1, .in_c = 25,
                            .out_h = 1, .out_w = 1, .out_c = 3, .kernel = 1, .stride = 1,
                            .bias = true, .parameters = 2};
  bt_stream s = bt_stream_open(7, BT_STREAM_WEIGHTS, 0);
  for (size_t i = 0; i < 75; i++)
    assert_int_equal(bt_net_initial(&net, 0, i, 7),
                     (int64_t)bt_stream_normal(s, i) * 214748364 >> 30);
  net.layer[0].relu = true;
  for (size_t i = 0; i < 75; i++)
    assert_int_equal(bt_net_initial(&net, 0, i, 7),
                     (int64_t)bt_stream_normal(s, i) * 303700049 >> 30);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(bt_net_initial(&net, 1, i, 7), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),        cmocka_unit_test(test_formula),
      cmocka_unit_test(test_octaves),      cmocka_unit_test(test_distribution),
      cmocka_unit_test(test_initial),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
