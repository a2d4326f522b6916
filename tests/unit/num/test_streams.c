/* Keyed streams and the shuffle (numerics 5.1 to 5.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "data/dataset.h"
#include "num/stream.h"

enum { SEED = 515 };

/* The published outputs of SplitMix64 started at 0. */
static void test_splitmix64(void **state) {
  (void)state;
  const uint64_t want[] = {0xE220A8397B1DCDAFu, 0x6E789E6AA1B965F4u, 0x06C45D188009454Fu};
  for (uint64_t n = 1; n <= 3; n++) {
    assert_true(bt_splitmix64(n * BT_SPLITMIX_GAMMA) == want[n - 1]);
    assert_true(oracle_splitmix64(0, n) == want[n - 1]);
  }
}

static uint64_t value_at(uint64_t seed, uint64_t purpose, uint64_t epoch, uint64_t index) {
  uint64_t h0 = oracle_splitmix64(seed, 1), h1 = oracle_splitmix64(h0, purpose + 1);
  return oracle_splitmix64(oracle_splitmix64(h1, epoch + 1), index + 1);
}

/* floor(value * n / 2^64) */
static uint64_t below(uint64_t value, uint64_t n) {
  return (uint64_t)((unsigned __int128)value * n >> 64);
}

static void test_streams(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < 20000; i++) {
    uint64_t seed = oracle_stream_next(&s), epoch = oracle_stream_next(&s) >> (i % 64);
    uint64_t index = oracle_stream_next(&s) >> (i % 63), n = oracle_stream_next(&s) >> (i % 64) | 1;
    bt_stream_purpose purpose = (bt_stream_purpose)(1 + i % 5);
    bt_stream stream = bt_stream_open(seed, purpose, epoch);
    uint64_t value = value_at(seed, (uint64_t)purpose, epoch, index);
    if (bt_stream_at(stream, index) != value ||
        bt_stream_below(stream, index, n) != below(value, n))
      fail_msg("seed %d, case %d: test_streams", SEED, i);
  }
}

static void check_shuffle(uint64_t seed, uint64_t epoch, size_t n) {
  uint32_t *want = calloc(n + 1, sizeof *want), *got = calloc(n + 1, sizeof *got);
  unsigned char *met = calloc(n + 1, 1);
  got[n] = 0xDEADBEEF;
  for (size_t i = 0; i < n; i++)
    want[i] = (uint32_t)i;
  for (size_t i = n; i-- > 1;) {
    size_t j = (size_t)below(value_at(seed, 2, epoch, i), i + 1);
    uint32_t keep = want[i];
    want[i] = want[j];
    want[j] = keep;
  }
  bt_dataset_shuffle(seed, epoch, n, got);
  for (size_t i = 0; i < n; i++) {
    if (got[i] != want[i])
      fail_msg("epoch %d of %zu: place %zu holds %u, not %u", (int)epoch, n, i, got[i], want[i]);
    assert_true(got[i] < n && met[got[i]] == 0);
    met[got[i]] = 1;
  }
  assert_int_equal(got[n], 0xDEADBEEF);
  free(want);
  free(got);
  free(met);
}

static void test_shuffle(void **state) {
  (void)state;
  for (size_t n = 0; n < 60; n++)
    check_shuffle(n * 7, n % 5, n);
  for (uint64_t epoch = 1; epoch < 5; epoch++)
    check_shuffle(1, epoch, 60000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_splitmix64),
                                     cmocka_unit_test(test_streams),
                                     cmocka_unit_test(test_shuffle)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
