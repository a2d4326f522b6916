/* Means and deviations of pixels: exact sums, decimals rounded to five places. */
#include <math.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "num/stream.h"
#include "unit/io/scratch.h"

/* Of the last channel of `channels`. */
static void expect_text(size_t n, const uint8_t *pixels, size_t channels, const char *mean,
                        const char *std) {
  uint8_t copy[256];
  memcpy(copy, pixels, n * channels);
  bt_images x = {.count = n, .height = 1, .width = 1, .channels = channels, .pixels = copy};
  bt_moments m;
  char got_mean[BT_MOMENT_TEXT], got_std[BT_MOMENT_TEXT];
  bt_images_moments(&x, channels - 1, &m);
  bt_moments_text(&m, got_mean, got_std);
  assert_string_equal(got_mean, mean);
  assert_string_equal(got_std, std);
}

static void test_by_hand(void **state) {
  (void)state;
  expect_text(1, (const uint8_t[]){0}, 1, "0.00000", "0.00000");
  expect_text(2, (const uint8_t[]){255, 255}, 1, "1.00000", "0.00000");
  expect_text(2, (const uint8_t[]){0, 255}, 1, "0.50000", "0.50000");
  expect_text(3, (const uint8_t[]){1, 0, 0}, 1, "0.00131", "0.00185"); /* 1/765, sqrt(2)/765 */
  expect_text(3, (const uint8_t[]){2, 0, 0}, 1, "0.00261", "0.00370"); /* .0026144, .0036973 */
  expect_text(2, (const uint8_t[]){9, 100, 9, 102}, 2, "0.39608", "0.00392"); /* 101/255, 1/255 */
}

static size_t units_of(const char *text) { /* "0.49140" to 49140 */
  char *end;
  size_t whole = strtoull(text, &end, 10);
  assert_int_equal(*end, '.');
  assert_int_equal(strlen(end + 1), 5);
  return whole * 100000 + strtoull(end + 1, NULL, 10);
}

/* Against two passes in long double, on as many pixels as a set may have bytes in a test. */
static void test_many(void **state) {
  (void)state;
  enum { N = 3000, SIDE = 16, CHANNELS = 3 };
  const size_t pixels = (size_t)N * SIDE * SIDE;
  uint8_t *data = malloc(pixels * CHANNELS);
  bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < pixels * CHANNELS; i++) {
    data[i] = (uint8_t)(bt_stream_below(s, i, 200) + 25 * (i % CHANNELS));
  }
  bt_images x = {N, SIDE, SIDE, CHANNELS, 10, data, NULL};
  for (size_t c = 0; c < CHANNELS; c++) {
    long double mean = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
      mean += data[i * CHANNELS + c] / 255.0L;
    }
    mean /= (long double)pixels;
    for (size_t i = 0; i < pixels; i++) {
      long double d = data[i * CHANNELS + c] / 255.0L - mean;
      squares += d * d;
    }
    bt_moments m;
    char mean_text[BT_MOMENT_TEXT], std_text[BT_MOMENT_TEXT];
    bt_images_moments(&x, c, &m);
    bt_moments_text(&m, mean_text, std_text);
    assert_int_equal(m.count, pixels);
    assert_int_equal(units_of(mean_text), (size_t)llroundl(1e5L * mean));
    assert_int_equal(units_of(std_text),
                     (size_t)llroundl(1e5L * sqrtl(squares / (long double)pixels)));
  }
  free(data);
}

/* Sums of 2^32 pixels, half black and half white: no product overflows. */
static void test_largest(void **state) {
  (void)state;
  const bt_moments m = {UINT64_C(1) << 32, (UINT64_C(1) << 31) * 255,
                        (UINT64_C(1) << 31) * 65025};
  char mean[BT_MOMENT_TEXT], std[BT_MOMENT_TEXT];
  bt_moments_text(&m, mean, std);
  assert_string_equal(mean, "0.50000");
  assert_string_equal(std, "0.50000");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand), cmocka_unit_test(test_many),
                                     cmocka_unit_test(test_largest)};
  return scratch_report("test_moments", cmocka_run_group_tests(tests, NULL, NULL));
}
