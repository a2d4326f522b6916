/* Floats to block floating point, fast: the bits of bt_quantize_f32() (numerics 7). */
#ifndef BT_FAST_FLOAT32_H
#define BT_FAST_FLOAT32_H

#include "fast/context.h"

/* As bt_quantize_f32(), with mantissas of at most 8 bits as bytes: another format is BT_BAD_INPUT.
 * Blocks tensor, dim0 and sample go in vectors and on f's threads, the rest (tiles, k32, fixed
 * point, and blocks whose largest value is below 2^-126) through that function. Takes scratch;
 * BT_FAILED when out of memory. */
bt_status bt_fast_quantize_f32(bt_fast *f, const bt_format *format, const bt_round_options *round,
                               size_t ndim, const size_t *dim, const float *x, bt_lfsr *rng,
                               int8_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                               bt_error *error);

#endif
