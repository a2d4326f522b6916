/* pool_sum, spread: sums over k x k windows, and an error to all places of its window (numerics
 * 13.1); samples shared out to the threads. */
#include <string.h>

#include "fast/commands.h"
#include "fast/parts.h"
#include "num/round.h"

typedef struct {
  const bt_fast *f;
  const bt_tensor *big, *small;
  size_t k, size; /* of the window; bytes of a big element */
} job;

/* `pixels` pixels of `channels` 16-bit mantissas, side by side, added to sum[channels]. */
static void add_pixels(size_t pixels, size_t channels, const int16_t *x, int32_t *restrict sum) {
  for (size_t i = 0; i < pixels; i++, x += channels) {
    for (size_t c = 0; c < channels; c++) {
      sum[c] += x[c];
    }
  }
}

static void sum_samples(void *context, size_t first, size_t end, unsigned thread) {
  const job *j = context;
  const size_t *b = j->big->dim, *s = j->small->dim;
  size_t row = b[2] * b[3], window = s[1] * s[2];
  (void)thread;
  for (size_t i = first * window; i < end * window; i++) {
    int32_t *sum = (int32_t *)j->small->data + i * b[3];
    size_t top = i / window * b[1] + i % window / s[2] * j->k, left = i % s[2] * j->k * b[3];
    memset(sum, 0, b[3] * sizeof *sum);
    for (size_t h = 0; h < j->k; h++) {
      const uint8_t *x = (const uint8_t *)j->big->data + ((top + h) * row + left) * j->size;
      if (j->size == 1) {
        j->f->kernels.add_rows(j->k, b[3], (const int8_t *)x, sum);
      } else {
        add_pixels(j->k, b[3], (const int16_t *)(const void *)x, sum);
      }
    }
  }
}

bool bt_fast_pool_sum(bt_fast *f, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bt_tensor *out = c->out[0];
  job j = {f, x, out, c->u.pool.k, bt_tensor_element_size(x)};
  for (size_t i = 0; i < bt_tensor_exponents(out); i++) {
    out->exp[i] = (int16_t)(x->exp[i] - (x->fmt.wl - 2));
  }
  out->bits = bt_tensor_width(x) + bt_clog2(j.k * j.k);
  if (bt_tensor_elements(out) > 0) {
    bt_parts_run(f, x->dim[0], bt_tensor_elements(x) / x->dim[0], sum_samples, &j);
  }
  return true;
}

/* A row of windows' errors, `pixels` of `bytes` bytes, each k times. */
static void spread_row(size_t pixels, size_t k, size_t bytes, const uint8_t *x, uint8_t *out) {
  for (size_t i = 0; i < pixels * k; i++) {
    memcpy(out + i * bytes, x + i / k * bytes, bytes);
  }
}

static void spread_samples(void *context, size_t first, size_t end, unsigned thread) {
  const job *j = context;
  const size_t *b = j->big->dim, *s = j->small->dim;
  size_t pixel = b[3] * j->size, row = b[2] * pixel, used = s[2] * j->k * pixel;
  (void)thread;
  for (size_t i = first * b[1]; i < end * b[1]; i++) {
    uint8_t *out = (uint8_t *)j->big->data + i * row;
    size_t h = i % b[1] / j->k, from = h < s[1] ? used : 0; /* zeros where no window reaches */
    if (from > 0) {
      spread_row(s[2], j->k, pixel,
                 (const uint8_t *)j->small->data + (i / b[1] * s[1] + h) * s[2] * pixel, out);
    }
    memset(out + from, 0, row - from);
  }
}

bool bt_fast_spread(bt_fast *f, const bt_command *c) {
  const bt_tensor *e = c->in[0];
  bt_tensor *out = c->out[0];
  job j = {f, out, e, c->u.pool.k, bt_tensor_element_size(out)};
  memcpy(out->exp, e->exp, bt_tensor_exponents(e) * sizeof *out->exp);
  if (bt_tensor_elements(out) > 0) {
    bt_parts_run(f, out->dim[0], bt_tensor_elements(out) / out->dim[0], spread_samples, &j);
  }
  return true;
}
