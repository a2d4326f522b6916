/* What the commands of a fast engine share. */
#ifndef BT_FAST_CONTEXT_H
#define BT_FAST_CONTEXT_H

#include "engine/engine.h"
#include "fast/dispatch.h"
#include "fast/draw.h"
#include "fast/scratch.h"
#include "threads/threads.h"

/* The least and the largest mantissa of each column (last index) of a wide tensor, for each of
 * its n0 cells along dimension 0: exact, taken while the tensor is written, so that what follows
 * knows its range without reading it again. */
typedef struct {
  size_t rows, columns; /* the tensor's n0 and last dimension; or one for all, where nl is 1 */
  int32_t *low, *high;  /* [rows * columns] */
} bt_extremes;

typedef struct {
  bt_accumulator acc;
  bt_kernels kernels;
  bt_threads *threads;
  bt_scratch *scratch;
  bt_jump jump; /* of the draws' generator */
} bt_fast;

#endif
