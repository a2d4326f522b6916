/* average: sums of weight snapshots (numerics 16). */
#include "num/error.h"
#include "num/format.h"
#include "num/round.h"
#include "ref/commands.h"

#define SUM_LIMIT (INT64_C(1) << 62)

/* v * 2^s, or false where its magnitude would reach 2^62. */
static bool shift_checked(int64_t *v, int s) {
  if (*v == 0 || s == 0) {
    return true;
  }
  if (bt_bitlen(bt_magnitude(*v)) + s > 62) {
    return false;
  }
  *v = bt_shift_left(*v, s);
  return true;
}

/* Adds the mantissas of one block, of exponent e, to sums at `emin`. */
static bool add_block(const bt_tensor *w, bt_block_extent x, int e, int emin_old, int emin,
                      int64_t *sum) {
  for (size_t run = 0; run < x.runs; run++) {
    for (size_t j = 0; j < x.length; j++) {
      size_t i = x.first + run * x.stride + j;
      int64_t m = bt_tensor_mantissa(w, i);
      if (!shift_checked(&sum[i], emin_old - emin) || !shift_checked(&m, e - emin)) {
        return false;
      }
      sum[i] += m;
      if (sum[i] >= SUM_LIMIT || sum[i] <= -SUM_LIMIT) {
        return false;
      }
    }
  }
  return true;
}

bt_status bt_ref_average(const bt_command *c, bt_error *error) {
  const bt_tensor *w = c->in[0];
  bt_average *a = c->u.average.average;
  size_t blocks = bt_tensor_exponents(w);
  for (size_t b = 0; b < blocks; b++) {
    if (bt_tensor_zero_block(w, b)) {
      continue;
    }
    int old = a->emin[b] == BT_EMIN_NONE ? w->exp[b] : a->emin[b];
    int emin = w->exp[b] < old ? w->exp[b] : old;
    bt_block_extent x = bt_block_elements(&w->fmt, w->ndim, w->dim, b);
    if (!add_block(w, x, w->exp[b], old, emin, a->sum)) {
      return bt_fail(error, BT_FAILED,
                     "%s: the average of block %zu of %s needs more than 62 bits (exponents "
                     "%d to %d)",
                     c->label.text, b, w->name, emin, w->exp[b] > old ? w->exp[b] : old);
    }
    a->emin[b] = (int16_t)emin;
  }
  a->count++;
  return BT_OK;
}
