/* bittrue: bit-true block floating point for accelerator design.
 *
 * This header is the library's manual. "numerics N" cites docs/numerics.md, the
 * contract that defines every result in integers. All functions are reentrant;
 * there is no global state. Functions that can fail return a bt_status and, where
 * they take a bt_error, leave one line in it that says what was wrong, where, and
 * what was expected. An error argument may be NULL; another pointer only where that
 * is said. A function that fails has written nothing, unless it says otherwise.
 * Arrays are row-major; the product of a tensor's dimensions must fit in a size_t.
 *
 * bittrue_wide.h adds the array's and the affine unit's commands, bittrue_run.h the
 * training of recipes.
 */
#ifndef BITTRUE_H
#define BITTRUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BT_VERSION "0.1.0"
/* What a program is compiled against: raised by one with every change after which a program that
 * was compiled before no longer runs right (docs/abi.md). The shared library's name holds it. */
#define BT_API_VERSION 1

/* Marks what the shared library exports; all else in it is hidden. */
#ifndef BT_API
#define BT_API __attribute__((visibility("default")))
#endif

#define BT_MAX_DIMS 8u
#define BT_MAX_LANES 64u

/* BT_MISMATCH: a check ran and found a difference. BT_BAD_INPUT: the caller's
 * arguments or files are wrong. BT_FAILED: the system said no (memory, disk). */
typedef enum { BT_OK = 0, BT_MISMATCH = 1, BT_BAD_INPUT = 2, BT_FAILED = 3 } bt_status;

typedef struct {
  char text[512]; /* one line, no newline, always terminated */
} bt_error;

/* The library's version, BT_VERSION of its own header: text that is never freed. */
BT_API const char *bt_version(void);

/* BT_API_VERSION of the library that runs. A program that loads the library by itself (dlopen)
 * must not go on where the number is not its own; for others the loader sees to it. */
BT_API int bt_api_version(void);

/* ---- Formats (numerics 2) ---- */

typedef enum { BT_BFP, BT_FIXED } bt_format_kind;
typedef enum {
  BT_BLOCK_TENSOR,
  BT_BLOCK_DIM0,
  BT_BLOCK_SAMPLE,
  BT_BLOCK_TILE,
  BT_BLOCK_K32
} bt_block;

typedef struct {
  bt_format_kind kind;
  int wl;           /* word length of a mantissa in bits, 2..16 */
  int fl;           /* fixed point only: fractional bits, 0..60 */
  bool asymmetric;  /* clip to -2^(wl-1) too; BT_FIXED's usual choice */
  bt_block block;   /* BT_BFP only */
  size_t tile_rows; /* BT_BLOCK_TILE only, both at least 1 */
  size_t tile_cols;
} bt_format;

/* Reads "bfp8" or "fixed8.6" into *format; block becomes BT_BLOCK_TENSOR and the clip the
 * format's default (symmetric for bfp, asymmetric for fixed). BT_BAD_INPUT if unreadable. */
BT_API bt_status bt_format_parse(const char *text, bt_format *format, bt_error *error);

/* Reads "tensor", "dim0", "sample", "k32" or "tile:RxC" (R and C 1..2^31-1) into the block fields
 * of *format and leaves the others. BT_BAD_INPUT if unreadable. */
BT_API bt_status bt_block_parse(const char *text, bt_format *format, bt_error *error);

/* The number of elements of a tensor; 1 for ndim 0. */
BT_API size_t bt_elements(size_t ndim, const size_t *dim);

/* The number of blocks of a tensor (numerics 2.3); 0 for a tensor without elements. Of BT_FIXED,
 * which has no shared exponents, 1 in BT_BLOCK_TENSOR. */
BT_API size_t bt_block_count(const bt_format *format, size_t ndim, const size_t *dim);

/* The block of element i, 0 <= i < elements, in row-major order (numerics 2.3). */
BT_API size_t bt_block_of(const bt_format *format, size_t ndim, const size_t *dim, size_t i);

/* ---- Random bits of the datapath (numerics 4) ---- */

typedef struct {
  uint32_t lane[BT_MAX_LANES]; /* the state of each lane, never 0 */
  unsigned lanes;              /* a power of two, 1..BT_MAX_LANES */
  uint64_t steps;              /* steps made since the start, equal in all lanes */
} bt_lfsr;

/* Starts the lanes for a seed (numerics 4.3). lanes is a power of two, 1..64: else BT_BAD_INPUT,
 * and *rng is untouched. */
BT_API bt_status bt_lfsr_start(bt_lfsr *rng, uint64_t seed, unsigned lanes);

/* One draw of `bits` (1..24) from one lane, whose state is not 0: returns the low bits, then makes
 * `bits` steps (numerics 4.2). */
BT_API uint32_t bt_lfsr_draw(uint32_t *lane, unsigned bits);

/* The state `steps` steps after `state` (numerics 4.1), in O(log steps). */
BT_API uint32_t bt_lfsr_jump(uint32_t state, uint64_t steps);

/* Advances all lanes by `draws` draws of `bits` (1..24) each, and the position with them: a command
 * on n elements takes ceil(n / lanes) draws (numerics 4.3). */
BT_API void bt_lfsr_advance(bt_lfsr *rng, uint64_t draws, unsigned bits);

/* ---- Quantize (numerics 3 and 7) ---- */

typedef enum { BT_STOCHASTIC, BT_NEAREST_EVEN, BT_NEAREST_AWAY, BT_FLOOR } bt_rounding;

typedef struct {
  bt_rounding mode;
  unsigned random_bits; /* R of stochastic rounding, 1..24 */
  bool sr_half;         /* append a 1 bit below the R random bits */
} bt_round_options;

/* What a quantization did, in elements. Callers zero it; functions add to it. */
typedef struct {
  uint64_t clipped;  /* rounded mantissa outside the clip range */
  uint64_t overflow; /* elements of blocks whose exponent was above 127 */
  uint64_t flushed;  /* nonzero elements of blocks whose exponent was below -128 */
} bt_quantize_counts;

/* Reads "stochastic", "nearest_even", "nearest_away" or "floor"; else BT_BAD_INPUT. */
BT_API bt_status bt_rounding_parse(const char *text, bt_rounding *mode, bt_error *error);

/* round(m, s) of numerics 3 for any s: m has s low bits too many; for s < 0 it is the exact product
 * m * 2^-s, held at the ends of +-2^62, beyond every clip range. |m| < 2^62. r is the draw, below
 * 2^random_bits, read in BT_STOCHASTIC only. The options are not checked: an unknown mode rounds as
 * BT_FLOOR, and random_bits must be 1..24 where they are used. */
BT_API int64_t bt_round(int64_t m, int s, const bt_round_options *options, uint32_t r);

/* Quantizes a row-major tensor of doubles, exactly as numerics 7 says for the value each
 * double stands for. mantissa: elements of int16. exponent: bt_block_count() of int8, the
 * contract's E (not written for BT_FIXED, may be NULL then). rng is used and advanced by
 * stochastic rounding only and may be NULL otherwise. counts may be NULL.
 * BT_BAD_INPUT: a NaN or an infinity (the error names the element); a format, block or rounding out
 * of range; stochastic rounding without rng. */
BT_API bt_status bt_quantize_f64(const bt_format *format, const bt_round_options *round,
                                 size_t ndim, const size_t *dim, const double *x, bt_lfsr *rng,
                                 int16_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                                 bt_error *error);

/* The same for floats. */
BT_API bt_status bt_quantize_f32(const bt_format *format, const bt_round_options *round,
                                 size_t ndim, const size_t *dim, const float *x, bt_lfsr *rng,
                                 int16_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                                 bt_error *error);

/* The values mantissa * step as floats, exact. exponent is not read for BT_FIXED and may be NULL
 * then. BT_BAD_INPUT: a format out of range; the one value of all formats that no float holds,
 * -2^128 (asymmetric bfp, E = 127), whose element the error names: those before it are written. */
BT_API bt_status bt_dequantize_f32(const bt_format *format, size_t ndim, const size_t *dim,
                                   const int16_t *mantissa, const int8_t *exponent, float *x,
                                   bt_error *error);

/* ---- Matrix multiply (numerics 8.1) ---- */

typedef struct {
  int acc_bits;            /* accumulator width, 8..32 */
  bool wrap;               /* overflow wraps; otherwise it saturates */
  int acc_shift;           /* right shift of each product or chunk, 0..14 */
  bt_round_options acc_round; /* BT_STOCHASTIC, BT_NEAREST_EVEN or BT_FLOOR */
  size_t chunk;            /* products summed at psum_bits first; 0 for none */
  int psum_bits;           /* 8..32 */
} bt_accumulator;

/* acc_bits 32, saturate, no shift, floor (16 random bits where chosen), no chunks, psum_bits 32. */
BT_API bt_accumulator bt_accumulator_default(void);

/* out[i][j] = sum over l, ascending, of a[i][l] * b[l][j], in the accumulator's arithmetic: a is
 * [m][k], b [k][n], out [m][n]. out holds the accumulators: with acc_shift S its unit is 2^S.
 * rng is needed (else may be NULL) when acc_shift is above 0 and rounds stochastically; it is then
 * advanced by ceil(m*n*k / lanes) draws. saturations, if given, gets the number of additions that
 * saturated or wrapped, in the accumulator and in the partial sums of chunks, added to it.
 * BT_BAD_INPUT: an accumulator out of range; stochastic rounding without rng; m*n*k or its bytes
 * beyond a size_t. BT_FAILED: no memory for a copy of b. */
BT_API bt_status bt_gemm_s8(const bt_accumulator *acc, size_t m, size_t n, size_t k,
                            const int8_t *a, const int8_t *b, bt_lfsr *rng, int32_t *out,
                            uint64_t *saturations, bt_error *error);

/* ---- Contractions (numerics 8): their shapes ---- */

typedef enum { BT_FORWARD, BT_DATA_GRADIENT, BT_WEIGHT_GRADIENT } bt_direction;

/* One convolution's geometry (numerics 8). A fully connected layer of C inputs and O outputs
 * is h = w = kh = kw = oh = ow = stride = 1, pad = 0. */
typedef struct {
  size_t n, h, w, c;     /* input, NHWC */
  size_t o, kh, kw;      /* weights, OHWI: [o][kh][kw][c] */
  size_t stride, pad;
  size_t oh, ow;         /* output, NHWO */
} bt_geometry;

/* ---- Constants (numerics 10) ---- */

/* mantissa * 2^exponent; 0 * 2^0 for zero. */
typedef struct {
  int32_t mantissa;
  int exponent;
} bt_constant;

/* Reads a decimal, "0.05", "5e-4", "-1", ".9", and rounds it once, nearest even, to a mantissa of
 * `bits` bits with sign: 16 for the affine unit's coefficients, 32 for its addend. BT_BAD_INPUT:
 * other bits; unreadable text, or a fraction whose terms take more than 63 bits. */
BT_API bt_status bt_constant_parse(const char *text, int bits, bt_constant *c, bt_error *error);

#ifdef __cplusplus
}
#endif
#endif
