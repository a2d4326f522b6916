/* Forward and data gradient as windows that slide over padded images (numerics 8): what the parts
 * share. windows.c describes the images and hands out the work, windows_plan.c makes the list of
 * words that a window's sum goes through, windows_panels.c packs the weights, windows_fill.c the
 * images, and windows_rows.c runs the tiles. */
#ifndef BT_FAST_WINDOWS_H
#define BT_FAST_WINDOWS_H

#include "fast/contract.h"

#define BT_NO_TAP SIZE_MAX

/* Which part of a weight: the lower 7 bits, or those above them (numerics 8.3). */
typedef enum { BT_WHOLE, BT_LOW_PART, BT_HIGH_PART } bt_part;

/* Channels first..end-1 of the sorted ones, whose sums have one shift to gref once their weights
 * are shifted by what each has more than that. */
typedef struct {
  size_t first, end;
  int shift;
  bt_part part;
  size_t word, words; /* its words in the list */
} bt_segment;

/* Images of some of the sorted channels, in a chunk's buffer. */
typedef struct {
  size_t first, channels;
  size_t at, pixel; /* bytes: of the buffer before it, of a pixel in it */
  uint8_t *control; /* of the kernel that chooses them; NULL: one by one */
} bt_plane;

/* One call of a tile: words word..word+words-1 of the list. */
typedef struct {
  size_t word, words, plane, segment;
  bool first;     /* of a pass: its sums begin here */
  unsigned shift; /* else: of the sums so far, before these words' are added */
} bt_step;

/* Steps whose panels lie together: small enough for a panel to stay in the first-level cache. */
typedef struct {
  size_t step, steps, word, words;
} bt_block_of_k;

/* Kernel rows first..end-1 of the list. */
typedef struct {
  size_t first, end;
} bt_range;

/* Steps that are summed modulo 2^32, where that is exact; its sums count shifted by `shift`. */
typedef struct {
  size_t segment, segments, step, steps;
  int shift;
} bt_pass;

#define BT_MAX_SEGMENTS (BT_ALIGN_BITS + 2)

typedef struct {
  const bt_contraction *w;
  const bt_kernels *k;
  size_t images, height, width;        /* padded images */
  size_t source_h, source_w, source_c; /* of the operand */
  size_t spread, stride;               /* distance of source pixels, and of windows, in the image */
  ptrdiff_t top, left;                 /* where the source's first pixel lies */
  size_t rows_h, rows_w;               /* windows of an image */
  size_t kh, kw;
  size_t cell_rows;                    /* outputs of a cell along dimension 0, a column */
  bool single;                         /* every row has an image of one pixel to itself */

  size_t unit, element; /* elements of a word; bytes of an element */
  size_t *channel;      /* the sorted channels' numbers */
  bool natural;         /* they are 0, 1, ..., source_c - 1 */
  size_t segment_count, plane_count, step_count, block_count, pass_count;
  bt_segment segment[BT_MAX_SEGMENTS];
  bt_plane *plane;
  bt_step *step;
  bt_block_of_k *block;
  bt_pass pass[BT_MAX_SEGMENTS];
  size_t words;
  int32_t *a_offset; /* [words] from a window's corner in its step's plane */
  size_t *tap;       /* [words * unit] the weight of column 0, or BT_NO_TAP */
  uint8_t *lift;     /* [words * unit] left shift of the weights */
  int32_t *b_offset[2]; /* [words of a step] in a full panel, and in the last one */

  const int8_t *weights[3];  /* by bt_part; NULL where they are int16 */
  const int16_t *wide;
  size_t column_step;        /* from a weight to the next column's */
  size_t panel_columns, panels, columns; /* of a full panel; in all; of all, padded */
  uint8_t *panel;            /* [block][panel][words][its vectors][lanes] words */
  int32_t *no_offset;        /* [words] zeros; QUAD only */
  int32_t *start;            /* [range][step][columns], QUAD: what cancels the 128 added to A */

  size_t chunk_images, chunks, groups; /* images of a task; chunks; groups of panels */
  size_t buffer_size;        /* bytes of a thread's buffer */
  uint8_t *buffer;
  size_t strip_rows;         /* of the output written at once, past the caches; 0: as tiles do */
  size_t strip_size;
  int32_t *strip;            /* [threads][strip_size]: [strip_rows][columns], padded to a line */
  bool *filled;              /* [threads] its buffer holds the padding */
  uint32_t *position;        /* [rows of a chunk] of the corner, in pixels */
  size_t *reach;             /* [tiles of a chunk] the range below that a tile needs */
  size_t range_count;
  bt_range *range;           /* the first is of all rows */
  int32_t *low, *high;       /* [threads][cols], where all rows are one cell */
} bt_windows;

/* A task: images, and the panels of its group. */
typedef struct {
  const bt_windows *s;
  uint8_t *buffer;
  size_t image, images;     /* the chunk's */
  size_t row, rows;         /* the chunk's, of all outputs */
  size_t first_panel, end_panel;
  int32_t *strip;           /* the thread's */
  int32_t *low, *high;      /* the extremes that this task or thread finds: of its first cell */
} bt_chunk;

/* The segments, words, steps, blocks and passes; false when out of memory. */
bool bt_windows_plan(bt_windows *s);

/* The weights in panels; false when out of memory. */
bool bt_windows_panels(bt_windows *s);

/* The place of a panel: its words of a block, and the vectors of its columns. */
uint8_t *bt_windows_panel(const bt_windows *s, const bt_block_of_k *b, size_t panel);
size_t bt_windows_vectors(const bt_windows *s, size_t panel);
/* What cancels the 128 of a range's words in a panel's columns. */
int32_t *bt_windows_start(const bt_windows *s, size_t range, size_t step, size_t panel);
/* Columns of a panel that exist. */
size_t bt_windows_width(const bt_windows *s, size_t panel);

/* Copies what the words of a block read of the chunk's images into its buffer. */
void bt_windows_fill(const bt_chunk *c, const bt_block_of_k *b);

/* Leaves only the words of a step's tile that lie in a range of kernel rows. */
void bt_windows_cut(const bt_windows *s, size_t step, size_t panel, size_t range,
                    bt_word_tile *t);

/* Work of task `task` of chunks * groups, by thread `thread`. */
void bt_windows_rows(void *windows, size_t task, unsigned thread);

#endif
