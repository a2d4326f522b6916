/* The layers that work element by element: ReLU, sums, dropout. */
#include <string.h>

#include "float/layers.h"
#include "num/stream.h"

typedef struct {
  const bt_real *x, *const *inputs;
  bt_real *y;
  size_t count;
  bool relu;
  bt_real scale;
  uint8_t *mask;
  const uint8_t *keep;
  bt_stream stream;
  uint64_t start, threshold;
} job;

static void gate(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_real *restrict y = j->x;
  bt_real *restrict e = j->y;
  for (size_t i = first; i < end; i++) {
    e[i] = y[i] > 0 ? e[i] : 0;
  }
}

void bt_relu_backward(const bt_float_work *work, size_t count, const bt_real *y, bt_real *e) {
  const job j = {.x = y, .y = e};
  bt_float_each(work, count, 1, gate, &j);
}

static void add_range(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_real *restrict x = j->x;
  bt_real *restrict y = j->y;
  for (size_t i = first; i < end; i++) {
    y[i] += x[i];
  }
}

void bt_add_to(const bt_float_work *work, size_t count, const bt_real *x, bt_real *y) {
  const job j = {.x = x, .y = y};
  bt_float_each(work, count, 1, add_range, &j);
}

static void copy_range(const void *context, size_t first, size_t end) {
  const job *j = context;
  memcpy(j->y + first, j->x + first, (end - first) * sizeof *j->y);
}

void bt_copy(const bt_float_work *work, size_t count, const bt_real *x, bt_real *y) {
  const job j = {.x = x, .y = y};
  bt_float_each(work, count, 1, copy_range, &j);
}

static void sum_range(const void *context, size_t first, size_t end) {
  const job *j = context;
  bt_real *restrict y = j->y;
  const bt_real *restrict x = j->inputs[0];
  const bt_real *restrict second = j->inputs[1];
  for (size_t i = first; i < end; i++) {
    y[i] = x[i] + second[i];
  }
  for (size_t k = 2; k < j->count; k++) {
    const bt_real *restrict other = j->inputs[k];
    for (size_t i = first; i < end; i++) {
      y[i] += other[i];
    }
  }
  for (size_t i = first; i < end && j->relu; i++) {
    y[i] = y[i] > 0 ? y[i] : 0;
  }
}

void bt_add_forward(const bt_float_work *work, size_t count, size_t inputs,
                    const bt_real *const x[], bool relu, bt_real *y) {
  const job j = {.inputs = x, .count = inputs, .relu = relu, .y = y};
  bt_float_each(work, count, 1, sum_range, &j);
}

/* round_half_even(drop * 65536), drop in [0, 1). */
static uint64_t drop_threshold(bt_rational drop) {
  const unsigned __int128 scaled = (unsigned __int128)(uint64_t)drop.num << 16;
  const uint64_t den = (uint64_t)drop.den;
  const uint64_t whole = (uint64_t)(scaled / den);
  const uint64_t rest = (uint64_t)(scaled % den);
  const bool up = rest > den - rest || (rest == den - rest && (whole & 1) != 0);
  return whole + (up ? 1 : 0);
}

static void mask_range(const void *context, size_t first, size_t end) {
  const job *j = context;
  for (size_t i = first; i < end; i++) {
    j->mask[i] = bt_stream_at(j->stream, j->start + i) >> 48 >= j->threshold;
  }
}

void bt_dropout_mask(const bt_float_work *work, const bt_dropout_key *key, size_t layer,
                     bt_rational drop, size_t count, uint8_t *keep) {
  const job j = {.mask = keep, .start = key->step * count, .threshold = drop_threshold(drop),
                 .stream = bt_stream_open(key->seed, BT_STREAM_DROPOUT,
                                          key->epoch * 65536 + (uint64_t)layer)};
  bt_float_each(work, count, 1, mask_range, &j);
}

static void drop_range(const void *context, size_t first, size_t end) {
  const job *j = context;
  for (size_t i = first; i < end; i++) {
    j->y[i] = j->keep[i] != 0 ? j->x[i] * j->scale : 0;
  }
}

void bt_dropout_apply(const bt_float_work *work, bt_rational drop, size_t count,
                      const uint8_t *keep, const bt_real *x, bt_real *y) {
  const job j = {.x = x, .y = y, .keep = keep,
                 .scale = (bt_real)((double)drop.den / (double)(drop.den - drop.num))};
  bt_float_each(work, count, 1, drop_range, &j);
}
