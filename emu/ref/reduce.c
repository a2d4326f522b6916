/* reduce: exact sums and extremes per last index (numerics 11). */
#include <limits.h>
#include <stdlib.h>

#include "num/align.h"
#include "num/error.h"
#include "num/round.h"
#include "ref/commands.h"

static int64_t column(const bt_command *c, size_t j, size_t rows, size_t last) {
  const bt_tensor *x = c->in[0], *y = c->in[1];
  bt_reduction kind = c->u.reduce.kind;
  int64_t result = kind == BT_MIN ? INT64_MAX : kind == BT_MAX ? INT64_MIN : 0;
  for (size_t i = j; i < rows * last; i += last) {
    int64_t m = bt_tensor_mantissa(x, i);
    switch (kind) {
      case BT_SUM_XX:
        result += m * m;
        break;
      case BT_SUM_XY:
        result += m * bt_tensor_mantissa(y, i);
        break;
      case BT_MIN:
        result = m < result ? m : result;
        break;
      case BT_MAX:
        result = m > result ? m : result;
        break;
      case BT_SUM:
      default:
        result += m;
    }
  }
  return result;
}

/* Whether each block of x is a zero block; NULL when out of memory. */
static bool *find_zero_blocks(const bt_tensor *x) {
  size_t blocks = bt_tensor_exponents(x);
  bool *zero = malloc(blocks + 1);
  for (size_t b = 0; zero != NULL && b < blocks; b++) {
    zero[b] = bt_tensor_zero_block(x, b);
  }
  return zero;
}

/* Column j of a sum over blocks (numerics 11.1). */
static void aligned_column(const bt_command *c, const bool *zero, size_t j, size_t n) {
  const bt_tensor *x = c->in[0];
  bt_tensor *out = c->out[0];
  size_t last = bt_tensor_last(x);
  int gmin = INT_MAX, gmax = INT_MIN;
  for (size_t i = j; i < n; i += last) {
    int g = bt_tensor_step(x, i);
    if (!zero[bt_tensor_exponent_of(x, i)]) {
      gmin = g < gmin ? g : gmin;
      gmax = g > gmax ? g : gmax;
    }
  }
  ((int32_t *)out->data)[j] = 0;
  out->exp[j] = BT_ZERO_EXPONENT;
  if (gmax == INT_MIN) {
    return;
  }
  int gref = gmax - gmin > BT_ALIGN_BITS ? gmax - BT_ALIGN_BITS : gmin;
  int bits = bt_tensor_width(x) + bt_clog2(n / last) + gmax - gref, t = bits > 31 ? bits - 31 : 0;
  int64_t sum = 0;
  for (size_t i = j; i < n; i += last) {
    int shift = bt_tensor_step(x, i) - gref;
    if (shift >= 0 && !zero[bt_tensor_exponent_of(x, i)]) {
      sum += bt_shift_left(bt_tensor_mantissa(x, i), shift);
    }
  }
  ((int32_t *)out->data)[j] = (int32_t)bt_shift_floor(sum, t);
  out->exp[j] = (int16_t)(gref + t);
  out->bits = bits - t > out->bits ? bits - t : out->bits;
}

static bt_status sum_blocks(const bt_command *c, bt_error *error) {
  const bt_tensor *x = c->in[0];
  bool *zero = find_zero_blocks(x);
  if (zero == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  c->out[0]->bits = 0;
  for (size_t j = 0; j < bt_tensor_last(x); j++) {
    aligned_column(c, zero, j, bt_tensor_elements(x));
  }
  free(zero);
  return BT_OK;
}

bt_status bt_ref_reduce(const bt_command *c, bt_error *error) {
  const bt_tensor *x = c->in[0];
  if (c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS) {
    return bt_ref_sums(c);
  }
  if (x->fmt.block != BT_BLOCK_TENSOR) {
    return sum_blocks(c, error);
  }
  bt_tensor *out = c->out[0];
  bt_reduction kind = c->u.reduce.kind;
  size_t last = bt_tensor_last(x), rows = bt_tensor_elements(x) / last;
  int bits = bt_tensor_width(x), exponent = bt_tensor_step(x, 0);
  if (kind == BT_SUM_XX || kind == BT_SUM_XY) {
    const bt_tensor *y = kind == BT_SUM_XX ? x : c->in[1];
    bits += bt_tensor_width(y);
    exponent += bt_tensor_step(y, 0);
  }
  if (kind != BT_MIN && kind != BT_MAX) {
    bits += bt_clog2(rows);
  }
  int t = bits > 31 ? bits - 31 : 0;
  for (size_t j = 0; j < last; j++) {
    int64_t sum = bt_shift_floor(column(c, j, rows, last), t);
    ((int32_t *)out->data)[j] = (int32_t)bt_saturate(sum, INT32_MIN, INT32_MAX);
  }
  out->exp[0] = (int16_t)(exponent + t);
  out->bits = bits - t;
  return BT_OK;
}
