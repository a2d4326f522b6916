/* The shapes that bittrue bench takes as text. */
#ifndef BT_CLI_BENCH_SHAPES_H
#define BT_CLI_BENCH_SHAPES_H

#include "cmd/command.h"

#define BT_SHAPE_TEXT 96u

/* The next item of a list separated by commas, into text; false at the list's end. An empty item
 * is an item; one too long is cut. */
bool bt_shape_next(const char **list, char text[BT_SHAPE_TEXT]);

/* "MxNxK": the forward pass of a fully connected layer, M samples, K inputs, N outputs.
 * "MxNxK:tn": a weight gradient, A transposed: N inputs, M outputs, K samples.
 * "MxNxK:nt": a data gradient, B transposed: M samples, N inputs, K outputs. */
bt_status bt_shape_gemm(const char *text, bt_geometry *g, bt_direction *d, bt_error *error);

/* "NxHxWxC-OkKpPsS": NHWC images, O filters of KxK, pad P, stride S; "*T" behind it: such a layer
 * stands T times in the net. */
bt_status bt_shape_conv(const char *text, bt_geometry *g, size_t *times, bt_error *error);

/* "D0xD1x...": one to four dimensions. */
bt_status bt_shape_tensor(const char *text, size_t *ndim, size_t dim[4], bt_error *error);

#endif
