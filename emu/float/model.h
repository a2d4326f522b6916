/* A net in fp32: parameters, gradients, and the storage that passes over a batch need. */
#ifndef BT_FLOAT_MODEL_H
#define BT_FLOAT_MODEL_H

#include "data/dataset.h"
#include "float/layers.h"

typedef struct {
  bt_net net;
  size_t batch;                          /* the most samples a pass may have */
  size_t weights;                        /* elements of all parameters together */
  size_t offset[2 * BT_MAX_LAYERS + 1];  /* parameter p: elements offset[p] .. offset[p + 1] - 1 */
  bt_real *w, *g;                        /* parameters, and the loss's gradient by them */
  bt_real *activation[BT_MAX_LAYERS + 1]; /* [l] is layer l's input, [layers] the logits; NHWC */
  uint8_t *byte[BT_MAX_LAYERS];          /* pool: places of the maxima; dropout: kept elements */
  bt_real *error[2];                     /* of a layer's output and of its input, in turns */
  bt_real *column;                       /* workspace of the convolutions */
  bt_real *reals;                        /* what all of the above point into */
  uint8_t *bytes;
} bt_float_model;

/* All parameters are zero. BT_BAD_INPUT: the batch is zero or too large for this net (an extent
 * of a matrix beyond INT_MAX); BT_FAILED: no memory. */
bt_status bt_float_model_create(const bt_net *net, size_t batch, bt_float_model **model,
                                bt_error *error);
void bt_float_model_destroy(bt_float_model *model); /* NULL is fine */

/* The unquantized initial weights of numerics 5.4, the integers that the 8-bit run starts from. */
void bt_float_model_initialize(bt_float_model *model, uint64_t seed);

/* Input of a pass: (pixel / 255 - mean) / std, with the numbers of the pixel's channel, of samples
 * order[0..n-1], or of samples first..first+n-1 where order is NULL; their labels into labels[n].
 * With a buffer for one sample the images are augmented as `epoch` of the recipe sees them. */
typedef struct {
  const bt_images *images;
  bt_augmentation augmentation;
  uint64_t seed, epoch; /* of the augmentation */
  uint8_t *sample;      /* [height][width][channels]; NULL: images as they are */
  bt_real scale[BT_MAX_CHANNELS], shift[BT_MAX_CHANNELS]; /* scale * pixel + shift */
} bt_float_source;
bt_float_source bt_float_source_make(const bt_images *images, const bt_rational *mean,
                                     const bt_rational *std);
void bt_float_input(bt_float_model *model, const bt_float_source *source, const uint32_t *order,
                    size_t first, size_t n, uint8_t *labels);

/* From activation[0], n <= batch samples, to the logits in activation[layers]. Dropout acts only
 * where a key is given: NULL means evaluation. */
void bt_float_forward(bt_float_model *model, size_t n, const bt_dropout_key *key);

/* After a forward pass: returns the sum of the n losses (nats), adds to *correct, and with
 * `gradient` sets g to the gradient of their mean. The pass must have had the dropout masks that
 * the gradient is for; a net with dropout has no gradient of an evaluation pass. */
double bt_float_backward(bt_float_model *model, size_t n, const uint8_t *labels, bool gradient,
                         uint64_t *correct);

#endif
