/* reduce: exact sums and extremes per last index (numerics 11). */
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

bt_status bt_ref_reduce(const bt_command *c) {
  const bt_tensor *x = c->in[0];
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
    ((int32_t *)out->data)[j] = (int32_t)bt_shift_floor(column(c, j, rows, last), t);
  }
  out->exp[0] = (int16_t)(exponent + t);
  out->bits = bits - t;
  return BT_OK;
}
