/* Unfolding images into the column matrices of convolutions. A line is one row of output places of
 * one sample: sample * oh + row. */
#ifndef BT_FLOAT_COLUMNS_H
#define BT_FLOAT_COLUMNS_H

#include "float/real.h"
#include "net/net.h"

/* With a 1x1 window the image is its own column matrix. */
static inline bool bt_is_direct(const bt_geometry *g) {
  return g->kh == 1 && g->kw == 1 && g->stride == 1 && g->pad == 0;
}
static inline size_t bt_window(const bt_geometry *g) { return g->kh * g->kw * g->c; }

/* Lines that are unfolded and multiplied together, at least 1: few enough to stay in the cache,
 * enough for a matrix multiply. */
size_t bt_piece_lines(const bt_geometry *g);

/* x[n][h][w][c]'s lines to column[lines * ow][kh * kw * c]. */
void bt_unfold(const bt_geometry *g, const bt_real *x, size_t line, size_t lines, bt_real *column);
/* The transpose: adds column to dx[n][h][w][c]. */
void bt_fold_add(const bt_geometry *g, const bt_real *column, size_t line, size_t lines,
                 bt_real *dx);

#endif
