/* Formats and blocks, inside the library: what bittrue.h does not export. */
#ifndef BT_NUM_FORMAT_H
#define BT_NUM_FORMAT_H

#include "bittrue.h"

/* BT_BAD_INPUT unless every field is in its range. */
bt_status bt_format_check(const bt_format *f, bt_error *error);

/* The exponent of a fixed-point tensor's only block, wl - 2 - fl: a constant (numerics 2.2). */
static inline int bt_fixed_exponent(const bt_format *f) { return f->wl - 2 - f->fl; }

/* The end (exclusive) of the run of successive elements from i on that share i's block; walking
 * a tensor run by run needs no division per element. */
size_t bt_block_run(const bt_format *f, size_t ndim, const size_t *dim, size_t i);

/* A block's elements: `runs` runs of `length` successive ones, `stride` apart. */
typedef struct {
  size_t first, runs, stride, length;
} bt_block_extent;
bt_block_extent bt_block_elements(const bt_format *f, size_t ndim, const size_t *dim, size_t block);

#endif
