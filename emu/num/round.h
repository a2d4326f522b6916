/* Rounding and clipping of one mantissa (numerics 3). */
#ifndef BT_NUM_ROUND_H
#define BT_NUM_ROUND_H

#include "bittrue.h"

/* The number of significant bits of v: 0 for 0, 8 for 255. */
static inline int bt_bitlen(uint64_t v) { return v == 0 ? 0 : 64 - __builtin_clzll(v); }

/* Smallest c with 2^c >= n; 0 for n <= 1. */
static inline int bt_clog2(uint64_t n) { return n <= 1 ? 0 : bt_bitlen(n - 1); }

static inline uint64_t bt_magnitude(int64_t v) {
  return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static inline int64_t bt_saturate(int64_t v, int64_t lo, int64_t hi) {
  return v < lo ? lo : v > hi ? hi : v;
}

/* floor(m / 2^s) for s >= 0; s of 63 and more give the sign. */
static inline int64_t bt_shift_floor(int64_t m, int s) { return m >> (s > 63 ? 63 : s); }

/* m * 2^s for s >= 0, by multiplication so that a negative m is well defined. |m| * 2^s < 2^63. */
static inline int64_t bt_shift_left(int64_t m, int s) { return m * (int64_t)(UINT64_C(1) << s); }

/* The clip range of a format (numerics 2.1, 2.2). */
static inline int32_t bt_clip_high(const bt_format *f) { return ((int32_t)1 << (f->wl - 1)) - 1; }
static inline int32_t bt_clip_low(const bt_format *f) {
  return -bt_clip_high(f) - (f->asymmetric ? 1 : 0);
}

/* BT_BAD_INPUT unless the mode is known and random_bits is 1..24. */
bt_status bt_round_check(const bt_round_options *options, bt_error *error);

#endif
