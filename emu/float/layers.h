/* The fp32 baseline's layers: x_forward beside x_backward.
 *
 * Activations and errors are NHWC, weights OHWI, as in the net (net/net.h). A backward function
 * takes `e`, the loss's derivative by the layer's output, and writes `dx`, the one by its input.
 * Inputs and outputs are distinct unless a function says that it works in place. */
#ifndef BT_FLOAT_LAYERS_H
#define BT_FLOAT_LAYERS_H

#include "float/work.h"
#include "net/net.h"

/* Elements of work->column, for each thread, that the convolution functions need. */
size_t bt_conv_columns(const bt_geometry *g);

/* y[n][oh][ow][o] = x * w + bias, for conv and fc (a 1x1 convolution); then max(y, 0) if relu.
 * bias may be NULL. */
void bt_conv_forward(const bt_float_work *work, const bt_geometry *g, const bt_real *x,
                     const bt_real *w, const bt_real *bias, bool relu, bt_real *y);

/* dw and dbias are written, not added to. dbias may be NULL, and dx: the first layer needs none.
 * e is the error before the ReLU (bt_relu_backward). */
void bt_conv_backward(const bt_float_work *work, const bt_geometry *g, const bt_real *x,
                      const bt_real *w, const bt_real *e, bt_real *dw, bt_real *dbias,
                      bt_real *dx);

/* Sums over the rows of x[rows][channels], in double; rows above 0. */
void bt_channel_sums(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                     bt_real *sum);
/* The mean, and the sum of (x - mean)^2. */
void bt_channel_moments(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                        bt_real *mean, double *squares);
/* The sums of e and of e * (x - mean). */
void bt_channel_products(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                         const bt_real *e, const bt_real *mean, bt_real *sum, bt_real *product);

/* A batch norm's numbers, by channel. */
typedef struct {
  bt_real *mean, *factor;            /* in use: factor = 1 / sqrt(variance + eps) */
  double *squares;                   /* of the last batch, about its mean */
  double *mean_sum, *variance_sum;   /* over batches, each times its rows (numerics 19.1) */
  double *rows;                      /* in all, one number */
} bt_norm;

/* Mean and factor of this batch, from its biased variance. */
void bt_norm_batch(const bt_float_work *work, const bt_layer *layer, size_t rows, const bt_real *x,
                   bt_norm *norm);
/* Adds the batch's mean and unbiased variance to the sums. */
void bt_norm_collect(const bt_layer *layer, size_t rows, bt_norm *norm);
/* Mean and factor from the sums; some batch must have been collected. */
void bt_norm_use_collected(const bt_layer *layer, bt_norm *norm);

/* With norm's mean and factor; then max(y, 0) if the layer has a ReLU. */
void bt_norm_forward(const bt_float_work *work, const bt_layer *layer, size_t rows,
                     const bt_norm *norm, const bt_real *x, const bt_real *scale,
                     const bt_real *shift, bt_real *y);
/* e is the error before the ReLU; norm is the batch's own. dx may be NULL. */
void bt_norm_backward(const bt_float_work *work, const bt_layer *layer, size_t rows,
                      const bt_norm *norm, const bt_real *x, const bt_real *scale,
                      const bt_real *e, bt_real *dscale, bt_real *dshift, bt_real *dx);

/* y = the sum of the inputs, in their order; then max(y, 0) if relu. */
void bt_add_forward(const bt_float_work *work, size_t count, size_t inputs,
                    const bt_real *const x[], bool relu, bt_real *y);
/* y += x. */
void bt_add_to(const bt_float_work *work, size_t count, const bt_real *x, bt_real *y);
void bt_copy(const bt_float_work *work, size_t count, const bt_real *x, bt_real *y);

/* In place: e = 0 where the layer's output y is not above 0. */
void bt_relu_backward(const bt_float_work *work, size_t count, const bt_real *y, bt_real *e);

/* Max-pool of a pool layer, n samples (numerics 13): place[i] is kh * kernel + kw of the first
 * place, in row-major order, that holds the largest value of output i's window. */
void bt_pool_forward(const bt_float_work *work, const bt_layer *layer, size_t n, const bt_real *x,
                     bt_real *y, uint8_t *place);
void bt_pool_backward(const bt_float_work *work, const bt_layer *layer, size_t n, const bt_real *e,
                      const uint8_t *place, bt_real *dx);

/* The mean of each window; rows and columns that no window reaches get no error. */
void bt_average_pool_forward(const bt_float_work *work, const bt_layer *layer, size_t n,
                             const bt_real *x, bt_real *y);
void bt_average_pool_backward(const bt_float_work *work, const bt_layer *layer, size_t n,
                              const bt_real *e, bt_real *dx);

/* What names the dropout masks of one training step (numerics 5.5). */
typedef struct {
  uint64_t seed, epoch, step;
} bt_dropout_key;

/* keep[i] is 1 where element i of `count` is kept; layer is its number in the net. */
void bt_dropout_mask(const bt_float_work *work, const bt_dropout_key *key, size_t layer,
                     bt_rational drop, size_t count, uint8_t *keep);
/* y = x / (1 - drop) where kept, else 0. The backward pass is the same map, from e to dx. */
void bt_dropout_apply(const bt_float_work *work, bt_rational drop, size_t count,
                      const uint8_t *keep, const bt_real *x, bt_real *y);

/* Softmax cross-entropy of logits [n][classes]: returns the sum of the rows' losses in nats, adds
 * the rows whose label is the first largest logit to *correct, and, unless e is NULL, writes the
 * derivative of the mean loss over the n rows. */
double bt_softmax_loss(size_t n, size_t classes, const bt_real *logits, const uint8_t *labels,
                       uint64_t *correct, bt_real *e);

#endif
