/* The caller's tensors as those of commands, once they are known to be what the header says. */
#ifndef BT_API_VIEW_H
#define BT_API_VIEW_H

#include "bittrue_wide.h"
#include "cmd/tensor.h"

/* Elements of a tensor of 0..BT_WIDE_DIMS dimensions. BT_BAD_INPUT, naming it, for more dimensions,
 * no elements, or a number of them that no size_t holds. */
bt_status bt_view_elements(const char *name, size_t ndim, const size_t *dim, size_t *elements,
                           bt_error *error);

/* The format with what commands expect of fixed point: block tensor (numerics 2.2). */
bt_format bt_view_format(const bt_format *format);

/* A tensor with copies of the caller's mantissas and exponents, int8 up to 8 bits. Free it with
 * bt_tensor_free(), after an error too. Errors as bt_wide_from_blocks(). */
bt_status bt_view_blocks(const char *name, const bt_blocks *x, bt_tensor *t, bt_error *error);

/* A tensor that shares the caller's arrays. One of a single dimension has its cells along it, as
 * the last one. Errors as bt_wide_affine(). */
bt_status bt_view_wide(const char *name, const bt_wide *x, bt_tensor *t, bt_error *error);

/* Hands the arrays of a wide tensor over. */
void bt_view_give(bt_tensor *t, bt_wide *y);

#endif
