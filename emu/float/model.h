/* A net in fp32: parameters, gradients, and the storage that passes over a batch need. */
#ifndef BT_FLOAT_MODEL_H
#define BT_FLOAT_MODEL_H

#include "data/dataset.h"
#include "float/layers.h"

typedef struct {
  bt_net net;
  size_t batch;                         /* the most samples a pass may have */
  size_t weights;                       /* elements of all parameters together */
  size_t offset[2 * BT_MAX_LAYERS + 1]; /* parameter p: elements offset[p] .. offset[p + 1] - 1 */
  bt_real *w, *g;                       /* parameters, and the loss's gradient by them */
  bt_real *image;                       /* the normalised batch, NHWC */
  bt_real *output[BT_MAX_LAYERS];       /* of each layer, NHWC; the last one's are the logits */
  uint8_t *byte[BT_MAX_LAYERS];         /* pool: places of the maxima; dropout: kept elements */
  bt_norm norm[BT_MAX_LAYERS];          /* of batch norms */
  bt_real *error[BT_MAX_LAYERS];        /* of each layer's output, NULL where none is needed;
                                           layers share buffers where they do not meet */
  bt_real *scratch;                     /* a further contribution to an error, to be added */
  bt_float_work work;
  bt_real *reals;                       /* what all of the above point into */
  double *doubles;
  uint8_t *bytes;
} bt_float_model;

/* All parameters are zero. BT_BAD_INPUT: the batch is zero or too large for this net (an extent
 * of a matrix beyond INT_MAX); BT_FAILED: no memory or threads. Sets OpenBLAS to one thread. */
bt_status bt_float_model_create(const bt_net *net, size_t batch, unsigned threads,
                                bt_float_model **model, bt_error *error);
void bt_float_model_destroy(bt_float_model *model); /* NULL is fine */

/* The unquantized initial weights of numerics 5.4, the integers that the 8-bit run starts from. */
void bt_float_model_initialize(bt_float_model *model, uint64_t seed);

/* What makes inputs of bytes: (pixel / 255 - mean) / std, with the numbers of its channel. */
typedef struct {
  size_t channels;
  bt_real scale[BT_MAX_CHANNELS], shift[BT_MAX_CHANNELS]; /* scale * pixel + shift */
} bt_float_normal;
bt_float_normal bt_float_normal_make(size_t channels, const bt_rational *mean,
                                     const bt_rational *std);
/* n samples of NHWC pixels into image. */
void bt_float_input(bt_float_model *model, const bt_float_normal *normal, const uint8_t *pixels,
                    size_t n);

typedef enum {
  BT_PASS_TRAIN,   /* batch norms use the batch's own statistics; dropout acts */
  BT_PASS_COLLECT, /* the same without dropout, and adds to the statistics (numerics 19.1) */
  BT_PASS_EVALUATE /* batch norms use the statistics; no dropout */
} bt_float_pass;

/* From image, n <= batch samples, to the logits. `key` names dropout's masks: BT_PASS_TRAIN only,
 * and not NULL there if the net has dropout. */
void bt_float_forward(bt_float_model *model, size_t n, bt_float_pass pass,
                      const bt_dropout_key *key);

/* Statistics are zero again; after one or more passes that collect, they are taken into use. */
void bt_float_statistics_clear(bt_float_model *model);
void bt_float_statistics_use(bt_float_model *model);
bool bt_float_has_statistics(const bt_float_model *model); /* whether the net has a batch norm */

/* After a forward pass: the sum of the n losses (nats); adds to *correct. */
double bt_float_loss(const bt_float_model *model, size_t n, const uint8_t *labels,
                     uint64_t *correct);
/* The same after a training pass, and sets g to the gradient of the losses' mean. */
double bt_float_backward(bt_float_model *model, size_t n, const uint8_t *labels,
                         uint64_t *correct);

#endif
