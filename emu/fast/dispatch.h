/* The kernels of the fast engine, and which instruction set each comes from. */
#ifndef BT_FAST_DISPATCH_H
#define BT_FAST_DISPATCH_H

#include "cmd/command.h"
#include "fast/draw.h"
#include "fast/ordered_tile.h"

/* How mantissas are rounded, clipped and stored (numerics 3). A rounded mantissa y that the block's
 * exponent fits lies in -2^(wl-1) .. 2^(wl-1): the clip takes y == high down by one and y == low
 * up by one. */
typedef struct {
  bt_rounding mode;
  int32_t high; /* 2^(wl-1) */
  int32_t low;  /* -high; where the format keeps that, a number that no y is */
  bool wide_out; /* int16 instead of int8 */
} bt_quantizer;

/* Element i has base - e[i] surplus bits. */
typedef struct {
  int32_t base;
  const int16_t *e;
  bool near; /* all in 1..30 */
} bt_surpluses;

/* Contractions go through k in words of 32 bits. PAIR: two int16 of successive k. QUAD: four
 * bytes of successive k, one operand's signed, the other's unsigned with 128 added. */
typedef enum { BT_PAIR, BT_QUAD } bt_word;

/* A register tile: BT_TILE_ROWS rows of A by `vectors` vectors of `lanes` columns of B (the
 * kernels' lanes). For word w and row r, A's word is at a[r] + a_offset[w], the same for all
 * columns; for vector v, B's are at b[v] + b_offset[w], one a column, side by side.
 * With sum = start + the products, out[r * out_step + v * lanes + column] becomes
 * sum, or (out << shift) + sum where accumulate is set; all modulo 2^32. Rows are stored one after
 * the other, so what a row writes beyond its place the next one may put right. */
#define BT_TILE_ROWS 6u
#define BT_TILE_VECTORS 4u
#define BT_TILE_LANES 16u
typedef struct {
  size_t words, vectors;              /* vectors 1..the kernels' */
  const int32_t *a_offset, *b_offset; /* [words] in bytes */
  const uint8_t *a[BT_TILE_ROWS];
  const uint8_t *b[BT_TILE_VECTORS];
  const int32_t *start; /* [vectors * lanes], added to every row; NULL for zeros */
  bool accumulate;
  unsigned shift; /* 0..31 */
  int32_t *out;
  size_t out_step;
} bt_word_tile;

/* A row of windows of a pool over k x k places of bytes, or its backward: `pixels` windows side by
 * side, of the image's k rows that lie `row` bytes apart. */
typedef struct {
  size_t k, channels, pixels, row;
  size_t readable;     /* pool: bytes from x to the end of the tensor */
  const int8_t *x;     /* pool: the first row's first place; back: the error [pixels][channels] */
  int8_t *out;         /* pool: [pixels][channels]; backward: the first row's first place, where */
                       /* the windows' places of all k rows are written */
  uint8_t *index;      /* [pixels][channels]: written by pool, read by its backward */
  const uint8_t *mask; /* backward: of out's shape, zeros where it is 0; or NULL */
} bt_pool_row;

/* `rows` rows of `columns` mantissas, int16 where wide. */
typedef struct {
  bt_reduction kind;
  bool wide_x, wide_y;
  size_t rows, columns;
  const void *x, *y; /* y of BT_SUM_XY and BT_PRODUCTS only */
} bt_columns;

/* How an affine command's sums (numerics 9) are computed: the cheapest form that is exact in every
 * column. All give floor(sum / 2^t'), t' the contract's t, in 32 bits modulo 2^32; shifts right are
 * floors.
 *   SHIFT    one product by 2^14: ((x << left) >> right) + high
 *   SUM      ((sum of (mantissa * x) >> right, plus low) >> t) + high, all below 2^31
 *   SPLIT    with v = (mantissa * x) >> right below 2^31: quotient = high + the sum of v >> down,
 *            sum = low + the sum of v << left modulo 2^32, remainder = sum - (quotient << t), and
 *            quotient + (remainder >> t)
 *   GENERAL  ((mantissa * x << left) >> right) in 64 bits; a bias is added to each product before
 *            its shift right, and taken off in base */
typedef enum { BT_AFFINE_SHIFT, BT_AFFINE_SUM, BT_AFFINE_SPLIT, BT_AFFINE_GENERAL } bt_affine_form;
#define BT_AFFINE_BIAS (INT64_C(1) << 62)
#define BT_AFFINE_RUN 512u
#define BT_AFFINE_SLACK 16u

/* Steps have an entry for each element, and BT_AFFINE_SLACK more that may be read; or one for all
 * where the run is flat. */
typedef struct {
  bt_tensor_kind kind;
  const void *x;
  const int32_t *mantissa;
  const uint32_t *left, *right, *down;
} bt_product;

typedef struct {
  bt_affine_form form;
  bool flat, rights;         /* rights false: SUM and SPLIT have only zeros in right */
  size_t n, products;        /* n at most BT_AFFINE_RUN */
  bt_product product[4];      /* in ascending order of kind */
  const uint32_t *t;
  const int32_t *high, *low; /* what of the sum does not depend on the elements */
  const int64_t *base;
  int32_t *out;
} bt_affine_run;

#define BT_LINE 64u /* bytes: of a cache */

/* Every pointer has its meaning from the field's comment; which instruction set it comes from is
 * no part of it. */
typedef struct {
  const char *isa;
  bt_word word;
  size_t lanes, vectors; /* of a word tile: columns a vector, and vectors at most */
  /* QUAD: A unsigned and B signed in tile_a, the other way round in tile_b. PAIR: the same. */
  void (*tile_a)(const bt_word_tile *t);
  void (*tile_b)(const bt_word_tile *t);
  /* The bits of |m| of n elements, or-ed. */
  uint32_t (*magnitude)(size_t n, const int32_t *m);
  /* The largest floor(log2 |m * 2^e|) of n elements, an e each; BT_ALL_ZERO if none is nonzero. */
  int (*log2_largest)(size_t n, const int32_t *m, const int16_t *e);
  /* n elements of m, a surplus of s bits each, to out; lanes stands at the first one and is moved
   * by n rounded up to a multiple of 64. Returns how many the clip changed.
   * One s in 1..30 for all, and |m| < 2^30: */
  uint64_t (*quantize_same)(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                            const int32_t *m, int s, void *out);
  /* One each; a nonzero m * 2^-s is below 2^(wl-1) in magnitude: */
  uint64_t (*quantize_each)(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                            const int32_t *m, const bt_surpluses *s, void *out);
  /* The largest of the bits of n floats, signs left out. */
  uint32_t (*float_magnitude)(size_t n, const float *x);
  /* The same of n finite floats. One whose exponent field is f (1 for a denormal) has a surplus of
   * k - f bits, 17 or more; k has an entry for each element, or one for all. */
  uint64_t (*quantize_float)(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                             const float *x, bool each, const int32_t *k, int8_t *out);
  void (*gate)(size_t n, const int8_t *x, const uint8_t *mask, int8_t *out);
  void (*pool)(const bt_pool_row *r);
  void (*pool_back)(const bt_pool_row *r);
  /* Joins each column's sum (or extreme) to result[columns], exactly; sums below 2^63. */
  void (*reduce)(const bt_columns *c, int64_t *result);
  /* Adds each column's sums of BT_MOMENTS or BT_PRODUCTS to first[columns] and second[columns]. */
  void (*sums)(const bt_columns *c, int64_t *first, int64_t *second);
  /* Joins each column's elements to low[columns] and high[columns]; y and kind have no part. */
  void (*ends)(const bt_columns *c, int32_t *low, int32_t *high);
  void (*affine)(const bt_affine_run *a);
  /* mask = y > 0, y = max(y, 0). */
  void (*affine_relu)(size_t n, int32_t *y, uint8_t *mask);
  void (*affine_mask)(size_t n, const uint8_t *mask, int32_t *y);
  /* Widens low..high to hold all of m. */
  void (*range)(size_t n, const int32_t *m, int32_t *low, int32_t *high);
  /* The best rate of exact int8 products: fast/peak.h. */
  uint64_t (*peak)(size_t rounds);
  /* Windows. pack: n elements to what words hold of A, unsigned where QUAD: int16, or bytes.
   * pack_runs: the words of `columns` columns, each of whose elements are a run of m, `step` apart
   * from column to column; word w of column j goes to to[w * to_step + 4 * j].
   * pack_rows: a word of each of the columns, element i of which is row[i][column] << lift[i], in
   * 16 bits; lift is 0 where QUAD. */
  void (*pack)(size_t n, const int8_t *from, void *to);
  /* Packs n chosen bytes out of `groups` groups of 16: for every 64 of them and every group,
   * control has 64 bytes, a byte's place in the group or 0x80 where it is in another. NULL where
   * there is no such instruction. */
  void (*choose)(size_t n, size_t groups, const uint8_t *control, const int8_t *from,
                 uint8_t *to);
  void (*pack_runs)(size_t words, size_t columns, const int8_t *m, size_t step, uint8_t *to,
                    size_t to_step);
  void (*pack_rows)(size_t columns, const int8_t *const *row, const uint8_t *lift, uint8_t *to);
  /* m[n] << left >> right, floor; joins m[n] to low[n] and high[n]. */
  void (*align)(size_t n, int32_t *m, unsigned left, unsigned right);
  void (*extremes)(size_t n, const int32_t *m, int32_t *low, int32_t *high);
  /* Copies past the caches what nobody reads soon; to other threads it is there after fence(). */
  void (*stream)(size_t n, const int32_t *from, int32_t *to);
  void (*fence)(void);
  /* Weight gradient: words 0..n-1 of elements 0..n-1 of as many rows as a word has places, for the
   * tile_b of these kernels; bytes of QUAD with `flip` flipped: 0x80 makes them unsigned.
   * A line of 16 words is `step` bytes from the last. */
  void (*interleave)(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step);
  /* sum[columns] of m[rows][columns], added to what is there. */
  void (*add_rows)(size_t rows, size_t columns, const int8_t *m, int32_t *sum);
  bt_ordered_kernels ordered;
} bt_kernels;

/* Fills every pointer for an instruction set that bt_fast_supports(). */
void bt_kernels_fill(bt_kernels *k, const char *isa);

/* What each instruction set overrides, in this order: the plain one fills all. */
void bt_kernels_portable(bt_kernels *k);
void bt_kernels_avx2(bt_kernels *k);
void bt_kernels_avx512(bt_kernels *k);
void bt_kernels_vnni(bt_kernels *k);

#endif
