/* Sets for linear models and the order of their samples (numerics 21.1 and 21.2). The numbers of
 * the synthetic set were computed from the contract by another program. */
#include "data/samples.h"
#include "num/stream.h"
#include "unit/io/scratch.h"

#define FEATURES 256u

static bt_samples synthetic(size_t count, uint64_t seed) {
  bt_samples s;
  bt_error error = {""};
  bt_synthetic of = {.count = count, .features = FEATURES, .seed = seed};
  if (bt_samples_synthetic(&of, &s, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return s;
}

static void test_contract_example(void **state) {
  (void)state;
  bt_samples s = synthetic(3, 1);
  static const int8_t x[] = {-27, 19, -22, 15};
  assert_memory_equal(s.x, x, sizeof x);
  assert_int_equal(s.target[0], -1281);
  assert_int_equal(s.x_fl, 5);
  assert_int_equal(s.outputs, 1);
  bt_samples_free(&s);
}

/* Deviations 1 of inputs and sqrt(256/3 + 1) of targets, within five standard errors. */
static void test_moments(void **state) {
  (void)state;
  bt_samples s = synthetic(2000, 7);
  double inputs = 0, targets = 0;
  size_t n = s.count * FEATURES;
  for (size_t i = 0; i < n; i++) {
    inputs += s.x[i] * s.x[i] / 1024.0;
  }
  for (size_t i = 0; i < s.count; i++) {
    targets += s.target[i] * (s.target[i] / 65536.0);
  }
  inputs /= (double)n;
  targets /= (double)s.count;
  if (inputs < 0.99 || inputs > 1.01 || targets < 86.3 * 0.7 || targets > 86.3 * 1.3) {
    fail_msg("variance of inputs %g, of targets %g: expected about 1 and 86", inputs, targets);
  }
  bt_samples_free(&s);
}

static void test_images(void **state) {
  (void)state;
  uint8_t pixels[] = {0, 1, 2, 255, 128, 127}, labels[] = {3, 9};
  bt_images images = {.count = 2, .height = 1, .width = 3, .channels = 1, .classes = 10,
                      .pixels = pixels, .labels = labels};
  static const int8_t want[] = {0, 0, 1, 127, 64, 63};
  bt_samples s;
  bt_error error = {""};
  const bt_image_rows plain = {1, 7};
  assert_int_equal(bt_samples_of_images(&images, &plain, &s, &error), BT_OK);
  assert_memory_equal(s.x, want, sizeof want);
  assert_memory_equal(s.label, labels, sizeof labels);
  assert_int_equal(s.x_fl, 7);
  assert_null(s.target);
  bt_samples_free(&s);
}

/* Windows of 2x2 of a 4x5 image of two channels: the last column is left out. */
static void test_pooled(void **state) {
  (void)state;
  uint8_t pixels[4 * 5 * 2], label = 0;
  for (size_t i = 0; i < sizeof pixels; i++) {
    pixels[i] = (uint8_t)(i % 2 == 0 ? 6 * i : 255);
  }
  bt_images images = {.count = 1, .height = 4, .width = 5, .channels = 2, .classes = 2,
                      .pixels = pixels, .labels = &label};
  /* Channel 0's windows start at 0, 24, 120, 144; their other pixels are 12, 60 and 72 above. */
  static const int8_t want[] = {18, 127, 30, 127, 78, 127, 90, 127};
  const bt_image_rows two = {2, 4}, six = {6, 4};
  bt_samples s;
  bt_error error = {""};
  assert_int_equal(bt_samples_of_images(&images, &two, &s, &error), BT_OK);
  assert_int_equal(s.features, 8);
  assert_memory_equal(s.x, want, sizeof want);
  assert_int_equal(s.x_fl, 4);
  bt_samples_free(&s);
  assert_int_equal(bt_samples_of_images(&images, &six, &s, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "pool 6: expected at most a side"));
  bt_samples_free(&s);
}

/* An epoch's steps take every sample once; the next epoch goes another way. */
static void test_shuffled(void **state) {
  (void)state;
  bt_sampler s;
  bt_error error = {""};
  uint32_t index[8], first[8];
  size_t seen[40] = {0};
  assert_int_equal(bt_sampler_open(&s, BT_SHUFFLED, 5, 40, 8, &error), BT_OK);
  for (uint64_t step = 0; step < 5; step++) {
    bt_sampler_step(&s, step, step == 0 ? first : index);
    for (size_t i = 0; i < 8; i++) {
      seen[step == 0 ? first[i] : index[i]]++;
    }
  }
  for (size_t i = 0; i < 40; i++) {
    assert_int_equal(seen[i], 1);
  }
  bt_sampler_step(&s, 5, index);
  assert_memory_not_equal(index, first, sizeof index);
  bt_sampler_step(&s, 0, index); /* any step, in any order */
  assert_memory_equal(index, first, sizeof index);
  bt_sampler_close(&s);
}

static void test_replacement(void **state) {
  (void)state;
  bt_sampler s;
  bt_error error = {""};
  bt_stream stream = bt_stream_open(5, BT_STREAM_SHUFFLE, 0);
  uint32_t index[8];
  assert_int_equal(bt_sampler_open(&s, BT_WITH_REPLACEMENT, 5, 40, 8, &error), BT_OK);
  for (uint64_t step = 0; step < 20; step++) {
    bt_sampler_step(&s, step, index);
    for (size_t i = 0; i < 8; i++) {
      assert_int_equal(index[i], bt_stream_below(stream, step * 8 + i, 40));
    }
  }
  bt_sampler_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contract_example), cmocka_unit_test(test_moments),
      cmocka_unit_test(test_images), cmocka_unit_test(test_pooled),
      cmocka_unit_test(test_shuffled),
      cmocka_unit_test(test_replacement)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
