/* The parts of a quantization that its own files share (fast/quantize.h has what others use). */
#ifndef BT_FAST_QUANTIZE_PARTS_H
#define BT_FAST_QUANTIZE_PARTS_H

#include "fast/quantize.h"

/* All of a plan but the exponents of the blocks and `narrow`; false if the command is not covered
 * or memory is out. */
bool bt_quantize_begin(bt_fast *f, const bt_command *c, const bt_lfsr *rng, bt_quantize_plan *p);

/* Writes a block's exponent from its largest floor(log2), or BT_ALL_ZERO; false where it is beyond
 * its range, or of fixed point and below `largest`. */
bool bt_quantize_set_exponent(const bt_quantize_plan *p, size_t block, int largest);

/* The same and `narrow`, from all mantissas of the input. */
bool bt_quantize_find_exponents(bt_fast *f, bt_quantize_plan *p);

/* Elements first..end-1, which share a block and a row of cells; what follows is for finding the
 * next stretch without dividing. */
typedef struct {
  size_t first, end, block, row;
  size_t column; /* first's last index */
  size_t block_end, row_end, line_end;
  size_t line, band; /* within the tile; the first block of the tile's line of tiles */
} bt_stretch;

/* The stretch from element i on. */
bt_stretch bt_stretch_at(const bt_quantize_plan *p, size_t i);

/* Leaves out its first n elements, at most all: then it becomes the stretch that follows. */
void bt_stretch_skip(const bt_quantize_plan *p, bt_stretch *s, size_t n);

/* Whether the elements of every stretch share an exponent: *bt_stretch_exponents(). Otherwise that
 * has one for each, for BT_QUANTIZE_SLACK elements at most. */
static inline bool bt_stretch_uniform(const bt_quantize_plan *p) {
  return !p->each && p->in->nl == 1;
}

static inline const int16_t *bt_stretch_exponents(const bt_quantize_plan *p, const bt_stretch *s) {
  return p->each ? p->exponents + s->first
                 : p->exponents + s->row * p->exponent_row + (p->in->nl > 1 ? s->column : 0);
}

#endif
