#include "num/quantize.h"

bt_scale bt_scale_of(int largest) {
  if (largest == BT_ALL_ZERO) {
    return (bt_scale){BT_SCALE_ZERO, -128};
  }
  if (largest > 127) {
    return (bt_scale){BT_SCALE_OVERFLOW, 127};
  }
  if (largest < -128) {
    return (bt_scale){BT_SCALE_FLUSHED, -128};
  }
  return (bt_scale){BT_SCALE_NORMAL, largest};
}

int32_t bt_quantize_one(int64_t m, int surplus, const bt_format *f, const bt_round_options *round,
                        uint32_t draw, bt_quantize_counts *counts) {
  int64_t rounded = bt_round(m, surplus, round, draw);
  int64_t clipped = bt_saturate(rounded, bt_clip_low(f), bt_clip_high(f));
  counts->clipped += rounded != clipped;
  return (int32_t)clipped;
}
