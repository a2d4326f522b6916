/* The steps of a quantization (numerics 7), for any source of mantissas and exponents. */
#ifndef BT_NUM_QUANTIZE_H
#define BT_NUM_QUANTIZE_H

#include "bittrue.h"
#include "num/round.h"

/* floor(log2 |m * 2^e|) of a nonzero value: what the search for a block's exponent compares. */
static inline int bt_log2_floor(int64_t m, int e) { return bt_bitlen(bt_magnitude(m)) - 1 + e; }

#define BT_ALL_ZERO (-1000000) /* below every floor(log2): a block without a nonzero element */

typedef enum { BT_SCALE_NORMAL, BT_SCALE_ZERO, BT_SCALE_OVERFLOW, BT_SCALE_FLUSHED } bt_scale_kind;
typedef struct {
  bt_scale_kind kind;
  int exponent; /* E of numerics 2.1; -128 for zero and flushed blocks */
} bt_scale;

/* The shared exponent from the largest floor(log2) of a block, or BT_ALL_ZERO. */
bt_scale bt_scale_of(int largest);

/* One element's mantissa, `surplus` low bits too many, with its draw; counts a clip. */
int32_t bt_quantize_one(int64_t m, int surplus, const bt_format *f, const bt_round_options *round,
                        uint32_t draw, bt_quantize_counts *counts);

#endif
