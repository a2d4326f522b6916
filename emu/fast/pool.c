/* pool, pool_back, gate and reduce on 8-bit mantissas (numerics 9.1, 11, 13). */
#include <string.h>

#include "fast/commands.h"
#include "num/round.h"

/* One output pixel: the largest of each channel over the window's places, the first of equals. */
static void find_largest(const int8_t *restrict x, size_t k, size_t row, size_t channels,
                         int8_t *restrict out, uint8_t *restrict index) {
  memcpy(out, x, channels);
  memset(index, 0, channels);
  for (size_t i = 1; i < k * k; i++) {
    const int8_t *from = x + i / k * row + i % k * channels;
    for (size_t c = 0; c < channels; c++) {
      bool more = from[c] > out[c];
      out[c] = more ? from[c] : out[c];
      index[c] = more ? (uint8_t)i : index[c];
    }
  }
}

bool bt_fast_pool(bt_fast *f, const bt_command *c) {
  (void)f;
  const bt_tensor *x = c->in[0];
  bt_tensor *y = c->out[0];
  size_t k = c->u.pool.k, channels = x->dim[3], row = x->dim[2] * channels, at = 0;
  if (x->kind != BT_T_BFP8) {
    return false;
  }
  memcpy(y->exp, x->exp, bt_tensor_exponents(x) * sizeof *x->exp);
  for (size_t n = 0; n < y->dim[0]; n++) {
    for (size_t h = 0; h < y->dim[1]; h++) {
      const int8_t *from = (const int8_t *)x->data + (n * x->dim[1] + h * k) * row;
      for (size_t w = 0; w < y->dim[2]; w++, from += k * channels, at += channels) {
        find_largest(from, k, row, channels, (int8_t *)y->data + at,
                     (uint8_t *)c->out[1]->data + at);
      }
    }
  }
  return true;
}

bool bt_fast_pool_back(bt_fast *f, const bt_command *c) {
  (void)f;
  const bt_tensor *e = c->in[0];
  bt_tensor *out = c->out[0];
  size_t k = c->u.pool.k, channels = e->dim[3], row = out->dim[2] * channels;
  const int8_t *from = e->data;
  const uint8_t *index = c->in[1]->data;
  if (e->kind != BT_T_BFP8) {
    return false;
  }
  memcpy(out->exp, e->exp, bt_tensor_exponents(e) * sizeof *out->exp);
  memset(out->data, 0, bt_tensor_elements(out));
  for (size_t n = 0; n < e->dim[0]; n++) {
    for (size_t h = 0; h < e->dim[1]; h++) {
      int8_t *to = (int8_t *)out->data + (n * out->dim[1] + h * k) * row;
      for (size_t w = 0; w < e->dim[2]; w++, to += k * channels) {
        for (size_t ch = 0; ch < channels; ch++, from++, index++) {
          to[*index / k * row + *index % k * channels + ch] = *from;
        }
      }
    }
  }
  return true;
}

bool bt_fast_gate(bt_fast *f, const bt_command *c) {
  (void)f;
  const bt_tensor *x = c->in[0];
  bt_tensor *y = c->out[0];
  const int8_t *restrict from = x->data;
  const uint8_t *restrict mask = c->in[1]->data;
  int8_t *restrict to = y->data;
  size_t n = bt_tensor_elements(x);
  if (x->kind != BT_T_BFP8) {
    return false;
  }
  memcpy(y->exp, x->exp, bt_tensor_exponents(x) * sizeof *x->exp);
  for (size_t i = 0; i < n; i++) {
    to[i] = (int8_t)(from[i] & -(mask[i] != 0)); /* without a branch, which would guess */
  }
  return true;
}

/* Sums only, of so few rows that 32 bits hold them. */
bool bt_fast_reduce(bt_fast *f, const bt_command *c) {
  (void)f;
  const bt_tensor *x = c->in[0];
  bt_tensor *out = c->out[0];
  size_t last = bt_tensor_last(x), rows = bt_tensor_elements(x) / last;
  if (c->u.reduce.kind != BT_SUM || x->kind != BT_T_BFP8 || x->fmt.block != BT_BLOCK_TENSOR ||
      rows > (1u << 23)) {
    return false;
  }
  const int8_t *from = x->data;
  int32_t *sum = out->data;
  memset(sum, 0, last * sizeof *sum);
  for (size_t i = 0; i < rows; i++, from += last) {
    for (size_t j = 0; j < last; j++) {
      sum[j] += from[j];
    }
  }
  out->exp[0] = (int16_t)bt_tensor_step(x, 0);
  out->bits = bt_tensor_width(x) + bt_clog2(rows);
  return true;
}
