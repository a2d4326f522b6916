/* The fp32 baseline's layers: x_forward beside x_backward.
 *
 * Activations and errors are NHWC, weights OHWI, as in the net (net/net.h). A backward function
 * takes `e`, the loss's derivative by the layer's output, and writes `dx`, the one by its input.
 * Inputs and outputs are distinct unless a function says that it works in place. */
#ifndef BT_FLOAT_LAYERS_H
#define BT_FLOAT_LAYERS_H

#include "float/real.h"
#include "net/net.h"

/* Elements of the column workspace that the convolution functions need for this geometry. */
size_t bt_conv_columns(const bt_geometry *g);

/* y[n][oh][ow][o] = x * w + bias, for conv and fc (a 1x1 convolution); then max(y, 0) if relu. */
void bt_conv_forward(const bt_geometry *g, const bt_real *x, const bt_real *w, const bt_real *bias,
                     bool relu, bt_real *column, bt_real *y);

/* dw and dbias are written, not added to. dx may be NULL: the first layer needs none.
 * e is the error before the ReLU (bt_relu_backward). */
void bt_conv_backward(const bt_geometry *g, const bt_real *x, const bt_real *w, const bt_real *e,
                      bt_real *column, bt_real *dw, bt_real *dbias, bt_real *dx);

/* In place: e = 0 where the layer's output y is not above 0. */
void bt_relu_backward(size_t count, const bt_real *y, bt_real *e);

/* Max-pool of a pool layer, n samples (numerics 13): place[i] is kh * kernel + kw of the first
 * place, in row-major order, that holds the largest value of output i's window. */
void bt_pool_forward(const bt_layer *layer, size_t n, const bt_real *x, bt_real *y, uint8_t *place);
void bt_pool_backward(const bt_layer *layer, size_t n, const bt_real *e, const uint8_t *place,
                      bt_real *dx);

/* What names the dropout masks of one training step (numerics 5.5). */
typedef struct {
  uint64_t seed, epoch, step;
} bt_dropout_key;

/* keep[i] is 1 where element i of `count` is kept; layer is its number in the net. */
void bt_dropout_mask(const bt_dropout_key *key, size_t layer, bt_rational drop, size_t count,
                     uint8_t *keep);
/* y = x / (1 - drop) where kept, else 0. The backward pass is the same map, from e to dx. */
void bt_dropout_apply(bt_rational drop, size_t count, const uint8_t *keep, const bt_real *x,
                      bt_real *y);

/* Softmax cross-entropy of logits [n][classes]: returns the sum of the rows' losses in nats, adds
 * the rows whose label is the first largest logit to *correct, and, unless e is NULL, writes the
 * derivative of the mean loss over the n rows. */
double bt_softmax_loss(size_t n, size_t classes, const bt_real *logits, const uint8_t *labels,
                       uint64_t *correct, bt_real *e);

#endif
