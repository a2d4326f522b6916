/* How the baseline's layers use threads and scratch memory.
 *
 * Work is cut into parts that depend on shapes alone, each part's sums are kept apart and added in
 * their order, and OpenBLAS runs on the thread that calls it: results do not depend on the number
 * of threads. */
#ifndef BT_FLOAT_WORK_H
#define BT_FLOAT_WORK_H

#include "float/real.h"
#include "threads/threads.h"

#define BT_FLOAT_PARTS 8u

typedef struct {
  bt_threads *threads;
  bt_real *column;     /* [threads][columns]: unfolded pieces of images */
  size_t columns;
  bt_real *partial;    /* [BT_FLOAT_PARTS][partials]: weight gradients; turned weights */
  size_t partials;     /* elements of the largest weight */
  double *sum;         /* [BT_FLOAT_PARTS][2 * channels]: sums by channel */
  bt_real *constant;   /* [3][channels] */
  size_t channels;     /* of the widest layer */
} bt_float_work;

/* Parts that `rows` rows of a matrix are worth, 1..BT_FLOAT_PARTS; the first of `total` things
 * that part i of `parts` takes (part `parts` starts at the end). */
size_t bt_float_parts(size_t rows);
size_t bt_float_part(size_t total, size_t parts, size_t i);

/* What a loop over elements does to first..end-1. */
typedef void (*bt_float_range)(const void *context, size_t first, size_t end);
/* Runs it over 0..total-1 in parts on all threads; `size` elements stand for one of the total. */
void bt_float_each(const bt_float_work *work, size_t total, size_t size, bt_float_range range,
                   const void *context);

#endif
