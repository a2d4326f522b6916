/* The parts of the weight gradient (numerics 8): out[o][(kh, kw, c)] sums error times image over
 * samples and places of the output.
 *
 * k goes in words of BT_PAIR 2 or BT_QUAD 4 samples, all at one place. So packed, an image is
 * [y][x][c] words, zeros around it included, and the columns of a row of a window lie side by side;
 * an error is [place of the output][o] words, in
 * strips of o. Samples stand in the order of falling exponents, so
 * that one accumulator takes them all, shifted left where the exponent falls. */
#ifndef BT_FAST_WEIGHT_H
#define BT_FAST_WEIGHT_H

#include "fast/contract.h"

#define BT_NO_SAMPLE SIZE_MAX

/* A word's samples in a rectangle of the output: what is packed at once. */
typedef struct {
  size_t first;               /* of its samples, in bt_weight.order */
  size_t y, x, rows, columns; /* of the output */
  int shift;                  /* of its samples' exponent, to gref */
  int64_t bound;              /* no row's magnitudes of the error sum to more */
  size_t group;               /* slabs of a group have sums below 2^31 at its last slab's shift */
  size_t word;                /* its first, in its block */
} bt_weight_slab;

/* Words that a tile takes in one go: a panel of them, and the error beside it, fit the L1 cache. */
typedef struct {
  size_t word, words;
  bool accumulate;
  unsigned shift; /* of what is there */
} bt_weight_step;

typedef struct {
  const bt_contraction *w;
  bt_geometry g;             /* of 1x1 windows with one exponent: folded (weight_plan.c) */
  unsigned threads;
  size_t per_word;           /* samples */
  size_t slab_rows, slab_columns, slab_words; /* the largest slab */
  size_t image_width, image_bytes;            /* of a slab; places, bytes */
  /* Rows of the error lie in strips, one after the other: strip_rows words for each word of k. */
  size_t strip_rows, strip_step, strip_bytes; /* step, bytes: from a word, a strip to the next */
  size_t run_vectors, vectors, panels, row_tiles; /* of a row of windows; in all */

  size_t *order, order_size; /* the samples, BT_NO_SAMPLE where a word is not full */
  bt_weight_slab *slab;
  size_t slabs, groups;

  /* The block at hand: slabs first..end - 1 of one group, packed together. */
  size_t first, end, words;
  bool last;                 /* of its group */
  int base;                  /* shift of its group's sums */
  bt_weight_step *step;
  size_t steps;
  size_t block_slabs, block_words, step_words; /* at most */
  uint8_t *error, *image;
  int32_t *b_offset;         /* [words] into image */
  const int32_t *a_offset, *panel_offset; /* [step_words] */
  uint8_t *panel;            /* [threads] of panel_bytes */
  size_t panel_bytes;
  int32_t *row_sum, *correction; /* [threads][o] of the error's rows, of a part; QUAD: of a group */
  int8_t *zeros;             /* a row of a slab's error */
  int64_t *sum;              /* [o][columns] where there are several groups */
} bt_weight;

/* Geometry, order of samples, slabs and groups; false when out of memory. */
bool bt_weight_plan(bt_weight *s);

/* Packs the block at hand. */
void bt_weight_pack(bt_weight *s);

/* Adds the block at hand to out, and makes the last of a group the result. */
void bt_weight_tiles(bt_weight *s);

/* Rows begin..end - 1, columns of `width` from `column` on: the group's sums are complete. */
void bt_weight_finish(const bt_weight *s, size_t begin, size_t end, size_t column, size_t width);

/* Extremes of out (context.h); false when out of memory. */
bool bt_weight_extremes(const bt_contraction *w);

#endif
