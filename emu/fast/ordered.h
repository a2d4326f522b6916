/* Contractions whose additions keep their order (numerics 8.1): what the parts share.
 *
 * Terms are the products of an output in the order in which they are added: sorted by groups of
 * equal exponent (numerics 8.2), k ascending in each; in two passes (8.3) all k twice. Along k the
 * operands' exponents change from unit to unit: an output channel in the data gradient, a sample
 * in the weight gradient; forward, all k are one unit.
 *
 * The matrices of a tile are A, whose words are spread over all lanes, and B, whose columns are the
 * lanes. These are the command's operands, and lanes output columns, unless the contraction is
 * swapped: out^T = B^T A^T, with the command's second operand as A. The additions are the same. */
#ifndef BT_FAST_ORDERED_H
#define BT_FAST_ORDERED_H

#include "fast/context.h"
#include "fast/ordered_tile.h"
#include "num/align.h"

/* The sums of the contraction of a checked command whose operands are in blocks tensor, dim0 or
 * sample, in order. */
bt_status bt_fast_ordered(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                          bt_error *error);

/* Terms begin..end-1 enter an accumulator of their own, which is then shifted left and added. */
typedef struct {
  int shift;
  size_t begin, end;
} bt_ordered_group;

#define BT_ORDERED_GROUPS 18u /* shifts 0..16, and one more in two passes */

/* The operands' blocks and exponents. */
typedef struct {
  size_t rows_a, columns_b, k_a, k_b; /* successive ones in an operand's block; 0: all */
  bool *zero_a, *zero_b;              /* the operands' zero blocks */
  size_t unit_terms, units;           /* those that count and are not dropped */
  uint32_t *unit;                     /* [units] the number of each, in order of terms */
  bt_ordered_group group[BT_ORDERED_GROUPS];
  size_t groups;
  bool adds;        /* not one group alone, unshifted */
  uint64_t dropped; /* products of an output */
  bool any;         /* some unit is in no zero block */
  bt_alignment align;
} bt_ordered_plan;

/* A widened copy of the operand in the lanes (ordered_image.c). */
typedef struct {
  uint8_t *words; /* NULL: there is none */
  size_t h, w;    /* of a sample, with the zeros around it */
  size_t *term;   /* [terms] bytes from a lane's place to that of its term */
} bt_ordered_image;

typedef struct {
  const bt_command *c;
  bt_fast *f;
  bt_geometry g;
  bt_direction d;
  bt_extent x;
  bt_accumulator acc; /* with the rounding that the command uses */
  bool two_pass, stochastic;
  bt_ordered_plan plan;
  bt_ordered_way way;  /* of the products: into chunks, or into the accumulator */
  bool swapped;
  size_t rows, columns; /* the output's, or when swapped its columns and rows */
  size_t tile_rows, width; /* of a tile */
  size_t panels;       /* of `width` columns, the last one filled up with zeros */
  void *b;             /* every panel, [panels][terms][width]; or NULL */
  bt_ordered_image image;
  size_t terms;
  int8_t *zeros;       /* what a window outside the image shows */
  bt_lane_state start; /* the draws as the command found them */
  uint32_t *place;     /* [k] terms, where draws go: `terms` for a k that is in none */
} bt_ordered;

/* Blocks, groups and alignment; false when out of memory. */
bool bt_ordered_make_plan(bt_ordered *o);
/* Exponents and width of the output. */
void bt_ordered_write_exponents(const bt_ordered *o);
/* All products of dropped groups. */
uint64_t bt_ordered_dropped(const bt_ordered *o);

/* The accumulator of `bits` bits that products enter, rounded by acc.acc_shift where `entry` says
 * so. */
bt_ordered_way bt_ordered_find_way(const bt_ordered *o, int bits, bt_entry entry);

/* Whether the command's contraction, without draws, is swapped: its image is not too large, and
 * tiles of `k` waste fewer lanes. */
bool bt_ordered_swaps(const bt_command *c, const bt_ordered_kernels *k, bool wide);

/* Decides on an image, and takes its areas; false when out of memory. */
bool bt_ordered_make_image(bt_ordered *o);
void bt_ordered_fill_image(const bt_ordered *o, size_t sample);
/* bt_ordered_gather_b() from the image; as many bytes of `b` as BT_ORDERED_SLACK are written
 * beyond the n terms. */
void bt_ordered_copy_lanes(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b);
#define BT_ORDERED_SLACK 32u

/* Words of A (ordered_tile.h) of rows row..row+rows-1 and terms term..term+n-1, which are of one
 * group: row r's at a + r * step. */
void bt_ordered_gather_a(const bt_ordered *o, size_t row, size_t rows, size_t term, size_t n,
                         int32_t *a, size_t step);
/* Columns of B for the same terms of a panel: [n][width] in the lanes' type. */
void bt_ordered_gather_b(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b);

/* Draws of one row's outputs, panel by panel from the first. */
typedef struct {
  bt_lane_state lanes;
  uint16_t *stream; /* [bt_ordered_stream(o)] addends of some columns */
  size_t kept;      /* those made and not used, at its front */
} bt_ordered_draws;
size_t bt_ordered_stream(const bt_ordered *o);
/* Where the command's draws start, and where they go; false when out of memory. */
bool bt_ordered_start(bt_ordered *o, const bt_lfsr *rng);
/* Goes to the first draw of output row `row`. */
void bt_ordered_seek(const bt_ordered *o, size_t row, bt_ordered_draws *s);
/* The draws of the panel that follows, [terms + 1][width] with the last term meaningless: what is
 * added below the binary point of a product shifted by acc_shift. */
void bt_ordered_draw(const bt_ordered *o, size_t panel, bt_ordered_draws *s, uint16_t *draws);

/* Columns of a panel that are not there to fill it up. */
static inline size_t bt_ordered_columns(const bt_ordered *o, size_t panel) {
  size_t left = o->columns - panel * o->width;
  return left < o->width ? left : o->width;
}

static inline size_t bt_ordered_lane(const bt_ordered *o) {
  return o->way.wide ? sizeof(int32_t) : sizeof(int16_t);
}

#endif
