#include "data/samples.h"

#include <stdlib.h>

#include "num/error.h"
#include "num/round.h"
#include "num/stream.h"

/* numerics 21.1 */
#define X_FL 5
#define HIDDEN_FL 15
enum { PART_INPUTS, PART_HIDDEN, PART_NOISE };

static const bt_round_options nearest = {.mode = BT_NEAREST_EVEN, .random_bits = 16};

static bt_status allocate(bt_samples *s, bool targets, bt_error *error) {
  s->x = malloc(s->count * s->features + 1);
  s->target = targets ? malloc((s->count + 1) * sizeof *s->target) : NULL;
  s->label = targets ? NULL : malloc(s->count + 1);
  return s->x != NULL && (s->target != NULL || s->label != NULL)
             ? BT_OK
             : bt_fail(error, BT_FAILED, "out of memory for %zu samples of %zu features", s->count,
                       s->features);
}

static void make_inputs(const bt_synthetic *of, bt_samples *s) {
  bt_stream stream = bt_stream_open(of->seed, BT_STREAM_SYNTHETIC, PART_INPUTS);
  for (size_t i = 0; i < s->count * s->features; i++) {
    int64_t m = bt_round(bt_stream_normal(stream, i), 24 - X_FL, &nearest, 0);
    s->x[i] = (int8_t)bt_saturate(m, -127, 127);
  }
}

/* Hidden weight j, uniform in [-1, 1), in steps of 2^-HIDDEN_FL. */
static int64_t hidden(bt_stream stream, size_t j) {
  return (int64_t)bt_stream_below(stream, j, UINT64_C(2) << HIDDEN_FL) - (INT64_C(1) << HIDDEN_FL);
}

static void make_targets(const bt_synthetic *of, bt_samples *s) {
  bt_stream weights = bt_stream_open(of->seed, BT_STREAM_SYNTHETIC, PART_HIDDEN);
  bt_stream noise = bt_stream_open(of->seed, BT_STREAM_SYNTHETIC, PART_NOISE);
  for (size_t i = 0; i < s->count; i++) {
    int64_t sum = bt_stream_normal(noise, i) >> (24 - X_FL - HIDDEN_FL);
    for (size_t j = 0; j < s->features; j++) {
      sum += s->x[i * s->features + j] * hidden(weights, j);
    }
    int64_t m = bt_round(sum, X_FL + HIDDEN_FL - BT_TARGET_FL, &nearest, 0);
    s->target[i] = (int16_t)bt_saturate(m, INT16_MIN, INT16_MAX);
  }
}

bt_status bt_samples_synthetic(const bt_synthetic *of, bt_samples *s, bt_error *error) {
  *s = (bt_samples){.count = of->count, .features = of->features, .outputs = 1, .x_fl = X_FL};
  bt_status status = allocate(s, true, error);
  if (status == BT_OK) {
    make_inputs(of, s);
    make_targets(of, s);
  }
  return status;
}

/* Half the mean of the window at row r and column c, channel k, of an image. */
static int8_t window_mean(const bt_images *x, const uint8_t *image, size_t pool, size_t r, size_t c,
                          size_t k) {
  uint32_t sum = 0;
  for (size_t i = 0; i < pool; i++) {
    for (size_t j = 0; j < pool; j++) {
      sum += image[((r * pool + i) * x->width + c * pool + j) * x->channels + k];
    }
  }
  return (int8_t)(sum / (uint32_t)(2 * pool * pool));
}

bt_status bt_samples_of_images(const bt_images *images, const bt_image_rows *how, bt_samples *s,
                               bt_error *error) {
  size_t rows = images->height / how->pool, columns = images->width / how->pool;
  size_t channels = images->channels, size = images->height * images->width * channels;
  *s = (bt_samples){.count = images->count, .features = rows * columns * channels,
                    .outputs = images->classes, .x_fl = how->fl};
  if (s->features == 0) {
    return bt_fail(error, BT_BAD_INPUT, "pool %zu: expected at most a side of images of %zux%zu",
                   how->pool, images->height, images->width);
  }
  bt_status status = allocate(s, false, error);
  for (size_t i = 0; status == BT_OK && i < s->count * s->features; i++) {
    size_t place = i % s->features;
    s->x[i] = window_mean(images, images->pixels + i / s->features * size, how->pool,
                          place / channels / columns, place / channels % columns, place % channels);
  }
  for (size_t i = 0; status == BT_OK && i < s->count; i++) {
    s->label[i] = images->labels[i];
  }
  return status;
}

void bt_samples_free(bt_samples *s) {
  free(s->x);
  free(s->target);
  free(s->label);
  *s = (bt_samples){0};
}

bt_status bt_sampler_open(bt_sampler *s, bt_sampling how, uint64_t seed, size_t count,
                          size_t batch, bt_error *error) {
  *s = (bt_sampler){.how = how, .seed = seed, .count = count, .batch = batch};
  s->order = how == BT_SHUFFLED ? malloc(count * sizeof *s->order) : NULL;
  return how != BT_SHUFFLED || s->order != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "out of memory for an order of %zu samples", count);
}

void bt_sampler_step(bt_sampler *s, uint64_t step, uint32_t *index) {
  if (s->how == BT_WITH_REPLACEMENT) {
    bt_stream stream = bt_stream_open(s->seed, BT_STREAM_SHUFFLE, 0);
    for (size_t i = 0; i < s->batch; i++) {
      index[i] = (uint32_t)bt_stream_below(stream, step * s->batch + i, s->count);
    }
    return;
  }
  uint64_t steps = s->count / s->batch, epoch = step / steps + 1;
  if (s->epoch != epoch) {
    bt_dataset_shuffle(s->seed, epoch, s->count, s->order);
    s->epoch = epoch;
  }
  for (size_t i = 0; i < s->batch; i++) {
    index[i] = s->order[(size_t)(step % steps) * s->batch + i];
  }
}

void bt_sampler_close(bt_sampler *s) {
  free(s->order);
  s->order = NULL;
}
