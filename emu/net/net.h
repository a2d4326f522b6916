/* Nets: graphs of layers with their shapes, as read from models/nets (numerics 17 and 20). */
#ifndef BT_NET_NET_H
#define BT_NET_NET_H

#include "cmd/command.h"

typedef enum {
  BT_LAYER_CONV,
  BT_LAYER_FC,
  BT_LAYER_POOL,         /* max */
  BT_LAYER_DROPOUT,
  BT_LAYER_NORM,         /* batch norm */
  BT_LAYER_ADD,
  BT_LAYER_AVERAGE_POOL
} bt_layer_kind;

/* The form a layer's output is written in (numerics 20). */
typedef enum { BT_OUTPUT_ACTIVATIONS, BT_OUTPUT_RESIDUAL, BT_OUTPUT_WIDE } bt_layer_output;

#define BT_MAX_LAYER_INPUTS BT_MAX_TERMS
#define BT_NET_IMAGE SIZE_MAX /* as an input: the normalised image */

typedef struct {
  bt_layer_kind kind;
  char name[32];
  unsigned line;              /* of the net file, from 1; for messages */
  size_t inputs, input[BT_MAX_LAYER_INPUTS]; /* numbers of earlier layers, or BT_NET_IMAGE */
  size_t in_h, in_w, in_c;    /* shape of one sample's (every) input; fc: 1, 1, features */
  size_t out_h, out_w, out_c; /* and of its output */
  bool flat;                  /* the output is [n][features]: an fc's, or a dropout's behind it */
  size_t kernel, stride, pad; /* conv; pools: kernel = stride */
  bool relu;                  /* conv, fc, norm, add */
  bool bias;                  /* conv, fc */
  bt_layer_output output;
  bt_rational drop;           /* dropout: probability of dropping, in [0, 1) */
  bt_rational eps;            /* norm */
  int parameter;              /* index of its first parameter; -1 if it has none */
  size_t parameters;          /* conv, fc: weight, then bias if any; norm: scale, shift; else 0 */
} bt_layer;

#define BT_MAX_LAYERS 640u
#define BT_MAX_CHANNELS 4u /* of images */

typedef struct {
  char name[64];
  size_t height, width, channels, classes; /* of the input; of the output */
  bool fan_out;                            /* initial weights of convolutions (numerics 5.4) */
  size_t layers;
  bt_layer layer[BT_MAX_LAYERS];
  size_t parameters; /* tensors */
} bt_net;

/* "conv", "fc", "pool", "dropout", "batch_norm", "add", "average_pool" */
const char *bt_layer_kind_name(bt_layer_kind kind);

/* Reads a net file and infers all shapes. A layer that does not fit its input, or a last layer
 * that is not an fc of `classes` outputs, is BT_BAD_INPUT with file, line and both shapes. */
bt_status bt_net_load(const char *path, bt_net *net, bt_error *error);

/* Geometry of a conv or fc layer for a batch of n (an fc is a 1x1 convolution). */
bt_geometry bt_layer_geometry(const bt_layer *layer, size_t n);

/* Shape of parameter tensor p: OHWI for a conv weight, [out][in] for an fc weight, [out] for a
 * bias, a scale or a shift. Returns ndim. *fan_in is the weight's (kernel*kernel*in_c); 0 for a
 * vector. */
size_t bt_net_parameter(const bt_net *net, size_t p, size_t dim[4], size_t *fan_in);
/* "conv1.weight", "conv1.bias", "bn1.scale", "bn1.shift", ... into text. */
void bt_net_parameter_name(const bt_net *net, size_t p, char *text, size_t size);
/* The layer that owns parameter p. */
const bt_layer *bt_net_parameter_layer(const bt_net *net, size_t p);

/* The unquantized initial value of element i of parameter p, in units of 2^-24 (numerics 5.4). */
int32_t bt_net_initial(const bt_net *net, size_t p, size_t i, uint64_t seed);

#endif
