/* The slow oracle: quantize, the generator and the accumulator in exact rationals (GMP), written
 * from docs/numerics.md alone. It shares types with bittrue.h and no code with the library;
 * nothing here is meant to be fast. */
#ifndef BT_TESTS_ORACLE_H
#define BT_TESTS_ORACLE_H

#include <gmp.h>

#include "bittrue.h"

/* ---- Random bits (numerics 4 and 5.1) ---- */

/* The n-th output, n >= 1, of SplitMix64 started at s. */
uint64_t oracle_splitmix64(uint64_t s, uint64_t n);

/* One step of numerics 4.1, bit by bit. */
uint32_t oracle_lfsr_step(uint32_t x);

/* The state `steps` steps after x: a power of the step's 32 x 32 matrix over GF(2). */
uint32_t oracle_lfsr_jump(uint32_t x, uint64_t steps);

/* Lane starts of numerics 4.3; lanes is a power of two, 1..64. */
void oracle_lfsr_start(bt_lfsr *rng, uint64_t seed, unsigned lanes);

/* The draws of a stochastic command on n elements, draws[n], by single steps; all lanes and the
 * position advance by ceil(n / lanes) draws. */
void oracle_lfsr_draws(bt_lfsr *rng, size_t n, unsigned bits, uint32_t *draws);

/* ---- Test data: an endless stream of numbers, SplitMix64's ---- */

typedef struct {
  uint64_t seed, count;
} oracle_stream;

uint64_t oracle_stream_next(oracle_stream *s);
/* An integer in low..high. */
int64_t oracle_stream_in(oracle_stream *s, int64_t low, int64_t high);

/* ---- Quantize (numerics 2, 3, 7) ---- */

/* out = x rounded to an integer; r is the element's draw (stochastic only). */
void oracle_round(mpz_t out, const mpq_t x, const bt_round_options *round, uint32_t r);

size_t oracle_elements(size_t ndim, const size_t *dim);
size_t oracle_block_count(const bt_format *format, size_t ndim, const size_t *dim);
size_t oracle_block_of(const bt_format *format, size_t ndim, const size_t *dim, size_t i);

/* floor(log2 |x|), x not 0. */
long oracle_log2(const mpq_t x);

/* Which boundaries the values of a quantization touched, in elements (blocks where so named).
 * Discarded bits are those of the value itself, below the step. */
typedef struct {
  uint64_t values, exact, ties, negative_zero;
  uint64_t at_clip_edge;          /* rounded to the first or last mantissa of the range */
  uint64_t over_asymmetric_edge;  /* rounded to -2^(wl-1) */
  uint64_t powers_of_two;
  uint64_t discarded_above_draw;  /* stochastic, more bits discarded than drawn: s > R */
  uint64_t discarded_above_64, discarded_above_100;
  uint64_t carried_exactly;       /* x/step + r/2^R is an integer, x/step is not */
  uint64_t zero_blocks, overflow_blocks, flushed_blocks;
} oracle_seen;

/* Quantizes like bt_quantize_f64; exponent is not written for BT_FIXED. rng is used by stochastic
 * rounding only. counts and seen are added to. */
void oracle_quantize(const bt_format *format, const bt_round_options *round, size_t ndim,
                     const size_t *dim, const double *x, bt_lfsr *rng, int16_t *mantissa,
                     int8_t *exponent, bt_quantize_counts *counts, oracle_seen *seen);

/* ---- Accumulation (numerics 8.1) ---- */

/* Additions that left the range: at acc_bits, and at psum_bits within chunks. */
typedef struct {
  uint64_t acc, psum;
} oracle_overflows;

void oracle_gemm(const bt_accumulator *acc, size_t m, size_t n, size_t k, const int8_t *a,
                 const int8_t *b, bt_lfsr *rng, int32_t *out, oracle_overflows *overflows);

#endif
