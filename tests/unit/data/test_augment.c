/* Augmentation (numerics 5.6) against its words: pad, crop, mirror, each on its own. */
#include "data/dataset.h"
#include "num/stream.h"
#include "unit/io/scratch.h"

#define SAMPLES 40u
#define MOST 20000u

typedef struct {
  uint8_t pixels[SAMPLES * MOST];
  bt_images images;
} fixture;

static fixture *make(size_t height, size_t width, size_t channels) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->images = (bt_images){SAMPLES, height, width, channels, 10, f->pixels, NULL};
  bt_stream s = bt_stream_open(3, BT_STREAM_SYNTHETIC, 9);
  for (size_t i = 0; i < SAMPLES * height * width * channels; i++) {
    f->pixels[i] = (uint8_t)(1 + bt_stream_below(s, i, 255)); /* no black: that is padding's */
  }
  return f;
}

/* Through a padded copy, pixel by pixel. */
static void plain(const bt_augmentation *a, uint64_t seed, uint64_t epoch, const bt_images *x,
                  size_t sample, uint8_t *out) {
  static uint8_t padded[600 * 600 * 4];
  const size_t p = a->crop_pad, h = x->height, w = x->width, c = x->channels, wide = w + 2 * p;
  const uint8_t *image = x->pixels + sample * h * w * c;
  bt_stream stream = bt_stream_open(seed, BT_STREAM_AUGMENT, epoch);
  size_t row = bt_stream_below(stream, 3 * sample, 2 * p + 1);
  size_t column = bt_stream_below(stream, 3 * sample + 1, 2 * p + 1);
  bool mirrored = a->flip && bt_stream_below(stream, 3 * sample + 2, 2) == 1;
  assert_true((h + 2 * p) * wide * c <= sizeof padded);
  memset(padded, 0, (h + 2 * p) * wide * c);
  for (size_t i = 0; i < h * w * c; i++) {
    padded[((i / (w * c) + p) * wide + i / c % w + p) * c + i % c] = image[i];
  }
  for (size_t i = 0; i < h * w * c; i++) {
    size_t y = i / (w * c), t = i / c % w;
    out[i] = padded[((y + row) * wide + column + (mirrored ? w - 1 - t : t)) * c + i % c];
  }
}

static void expect_plain(size_t height, size_t width, size_t channels, size_t pad, bool flip) {
  fixture *f = make(height, width, channels);
  uint8_t got[MOST + 1], want[MOST];
  const size_t size = height * width * channels;
  const bt_augmentation a = {pad, flip};
  for (size_t i = 0; i < 3 * SAMPLES; i++) {
    got[size] = 77;
    bt_augment(&a, 11 + i % 2, i / SAMPLES, &f->images, i % SAMPLES, got);
    plain(&a, 11 + i % 2, i / SAMPLES, &f->images, i % SAMPLES, want);
    if (memcmp(got, want, size) != 0 || got[size] != 77) {
      fail_msg("%zu x %zu x %zu, pad %zu, flip %d, sample %zu of epoch %zu differs", height, width,
               channels, pad, flip, i % SAMPLES, i / SAMPLES);
    }
  }
  free(f);
}

static void test_against_plain(void **state) {
  (void)state;
  static const size_t sizes[][3] = {{32, 32, 3}, {8, 8, 1}, {5, 9, 4}, {9, 4, 2}, {1, 1, 3},
                                    {2, 3, 1}, {28, 28, 1}};
  static const size_t pads[] = {0, 1, 4, 9, 256}; /* beyond the image's size too */
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (size_t k = 0; k < 5; k++) {
      expect_plain(sizes[i][0], sizes[i][1], sizes[i][2], pads[k], false);
      expect_plain(sizes[i][0], sizes[i][1], sizes[i][2], pads[k], true);
    }
  }
}

/* Each pair of offsets and both directions come about equally often. The bytes of the image tell:
 * at the centre of the crop stands the pixel in row and column of the offsets. */
static void test_all_offsets(void **state) {
  (void)state;
  enum { SIDE = 9, PAD = 4, OFFSETS = 2 * PAD + 1, DRAWS = 9000 };
  uint8_t pixels[SIDE * SIDE], out[SIDE * SIDE];
  size_t seen[OFFSETS][OFFSETS] = {{0}}, mirrored = 0;
  for (size_t i = 0; i < sizeof pixels; i++) {
    pixels[i] = (uint8_t)(i + 1);
  }
  const bt_images x = {1, SIDE, SIDE, 1, 10, pixels, NULL};
  const bt_augmentation a = {PAD, true};
  for (uint64_t epoch = 1; epoch <= DRAWS; epoch++) {
    bt_augment(&a, 1, epoch, &x, 0, out);
    size_t centre = (size_t)out[SIDE * SIDE / 2] - 1;
    size_t row = centre / SIDE, column = centre % SIDE, next = out[SIDE * SIDE / 2 + 1];
    bool flip = next == centre || (column == 0 && next == 0);
    seen[row][column]++;
    mirrored += flip ? 1 : 0;
  }
  for (size_t i = 0; i < OFFSETS * OFFSETS; i++) { /* 111 each; five deviations are 53 */
    if (seen[i / OFFSETS][i % OFFSETS] < 58 || seen[i / OFFSETS][i % OFFSETS] > 164) {
      fail_msg("offsets %zu, %zu: %zu of %d draws", i / OFFSETS, i % OFFSETS,
               seen[i / OFFSETS][i % OFFSETS], DRAWS);
    }
  }
  assert_in_range(mirrored, DRAWS / 2 - 240, DRAWS / 2 + 240); /* five deviations are 237 */
}

/* Epochs, samples and seeds draw apart; the same draws come again; nothing asked, nothing done. */
static void test_keys(void **state) {
  (void)state;
  fixture *f = make(12, 12, 3);
  enum { SIZE = 12 * 12 * 3 };
  uint8_t a[SIZE], b[SIZE];
  const bt_augmentation how = {4, true}, none = {0, false};
  size_t same[2] = {0};
  for (size_t s = 0; s < SAMPLES; s++) {
    bt_augment(&how, 1, 1, &f->images, s, a);
    bt_augment(&how, 1, 1, &f->images, s, b);
    assert_memory_equal(a, b, SIZE);
    bt_augment(&how, 1, 2, &f->images, s, b);
    same[0] += memcmp(a, b, SIZE) == 0 ? 1 : 0;
    bt_augment(&how, 2, 1, &f->images, s, b);
    same[1] += memcmp(a, b, SIZE) == 0 ? 1 : 0;
    bt_augment(&none, 1, 1, &f->images, s, b);
    assert_memory_equal(b, f->pixels + s * SIZE, SIZE);
  }
  assert_true(same[0] <= 3 && same[1] <= 3); /* of 40, at odds of 162 to 1 each */
  free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_plain),
                                     cmocka_unit_test(test_all_offsets),
                                     cmocka_unit_test(test_keys)};
  return scratch_report("test_augment", cmocka_run_group_tests(tests, NULL, NULL));
}
