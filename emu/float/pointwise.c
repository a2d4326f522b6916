/* The layers without weights: ReLU, max-pool, dropout. */
#include <string.h>

#include "float/layers.h"
#include "num/stream.h"

void bt_relu_backward(size_t count, const bt_real *y, bt_real *e) {
  for (size_t i = 0; i < count; i++) {
    e[i] = y[i] > 0 ? e[i] : 0;
  }
}

/* One window: x points at its first place, rows of the image are `row` elements apart. */
static void pool_window(size_t k, size_t row, size_t c, const bt_real *x, bt_real *y,
                        uint8_t *place) {
  memcpy(y, x, c * sizeof *y);
  memset(place, 0, c);
  for (size_t p = 1; p < k * k; p++) {
    const bt_real *candidate = x + p / k * row + p % k * c;
    for (size_t j = 0; j < c; j++) {
      const bool better = candidate[j] > y[j]; /* not >=: the first of equals stays */
      y[j] = better ? candidate[j] : y[j];
      place[j] = better ? (uint8_t)p : place[j];
    }
  }
}

void bt_pool_forward(const bt_layer *l, size_t n, const bt_real *x, bt_real *y, uint8_t *place) {
  const size_t k = l->kernel, c = l->out_c, row = l->in_w * c;
  for (size_t s = 0; s < n; s++) {
    for (size_t oh = 0; oh < l->out_h; oh++) {
      for (size_t ow = 0; ow < l->out_w; ow++) {
        pool_window(k, row, c, x + (s * l->in_h + oh * k) * row + ow * k * c, y, place);
        y += c;
        place += c;
      }
    }
  }
}

void bt_pool_backward(const bt_layer *l, size_t n, const bt_real *e, const uint8_t *place,
                      bt_real *dx) {
  const size_t k = l->kernel, c = l->out_c, row = l->in_w * c;
  memset(dx, 0, n * l->in_h * row * sizeof *dx);
  for (size_t s = 0; s < n; s++) {
    for (size_t oh = 0; oh < l->out_h; oh++) {
      for (size_t ow = 0; ow < l->out_w; ow++) {
        bt_real *to = dx + (s * l->in_h + oh * k) * row + ow * k * c;
        for (size_t j = 0; j < c; j++) {
          to[place[j] / k * row + place[j] % k * c + j] = e[j];
        }
        e += c;
        place += c;
      }
    }
  }
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

void bt_dropout_mask(const bt_dropout_key *key, size_t layer, bt_rational drop, size_t count,
                     uint8_t *keep) {
  const bt_stream stream =
      bt_stream_open(key->seed, BT_STREAM_DROPOUT, key->epoch * 65536 + (uint64_t)layer);
  const uint64_t threshold = drop_threshold(drop);
  for (size_t i = 0; i < count; i++) {
    keep[i] = bt_stream_at(stream, key->step * count + i) >> 48 >= threshold;
  }
}

void bt_dropout_apply(bt_rational drop, size_t count, const uint8_t *keep, const bt_real *x,
                      bt_real *y) {
  const bt_real scale = (bt_real)((double)drop.den / (double)(drop.den - drop.num));
  for (size_t i = 0; i < count; i++) {
    y[i] = keep[i] != 0 ? x[i] * scale : 0;
  }
}
