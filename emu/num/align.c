#include "num/align.h"

#include "num/round.h"

bt_alignment bt_align_plan(int gmin, int gmax, size_t k, int acc_shift) {
  bt_alignment a;
  a.gref = gmax - gmin > BT_ALIGN_BITS ? gmax - BT_ALIGN_BITS : gmin;
  int bits = 14 - acc_shift + bt_clog2(k) + (gmax - a.gref);
  a.t = bits > 31 ? bits - 31 : 0;
  a.exponent = a.gref + acc_shift + a.t;
  a.bits = bits > 31 ? 31 : bits;
  return a;
}

int64_t bt_align_add(int64_t sum, int32_t partial, int shift) {
  const int64_t high = (INT64_C(1) << 47) - 1;
  return bt_saturate(sum + bt_shift_left(partial, shift), -high - 1, high);
}

int32_t bt_align_finish(int64_t sum, int t) {
  return (int32_t)bt_saturate(bt_shift_floor(sum, t), INT32_MIN, INT32_MAX);
}
