/* Nets: layers with their shapes, as read from models/nets. */
#ifndef BT_NET_NET_H
#define BT_NET_NET_H

#include "cmd/command.h"

/* The most channels of a net's input. */
#define BT_MAX_CHANNELS 4u

typedef enum { BT_LAYER_CONV, BT_LAYER_FC, BT_LAYER_POOL, BT_LAYER_DROPOUT } bt_layer_kind;

typedef struct {
  bt_layer_kind kind;
  char name[32];
  size_t in_h, in_w, in_c;    /* shape of one sample's input; fc: 1, 1, features */
  size_t out_h, out_w, out_c; /* and of its output */
  size_t kernel, stride, pad; /* conv; pool: kernel = stride */
  bool relu;                  /* conv, fc */
  bt_rational drop;           /* dropout: probability of dropping, in [0, 1) */
  int parameter;              /* conv, fc: index of the weight; the bias is the next; else -1 */
} bt_layer;

#define BT_MAX_LAYERS 64u

typedef struct {
  char name[64];
  size_t height, width, channels, classes; /* of the input; of the output */
  size_t layers;
  bt_layer layer[BT_MAX_LAYERS];
  size_t parameters; /* tensors: a weight and a bias for each conv and fc */
} bt_net;

/* Reads a net file and infers all shapes. A layer that does not fit its input, or a last layer
 * that is not an fc of `classes` outputs, is BT_BAD_INPUT with file, line and both shapes. */
bt_status bt_net_load(const char *path, bt_net *net, bt_error *error);

/* Geometry of a conv or fc layer for a batch of n (an fc is a 1x1 convolution). */
bt_geometry bt_layer_geometry(const bt_layer *layer, size_t n);

/* Shape of parameter tensor p: OHWI for a conv weight, [out][in] for an fc weight, [out] for a
 * bias. Returns ndim. *fan_in is the weight's (kernel*kernel*in_c); 0 for a bias. */
size_t bt_net_parameter(const bt_net *net, size_t p, size_t dim[4], size_t *fan_in);
/* "conv1.weight", "conv1.bias", ... into text. */
void bt_net_parameter_name(const bt_net *net, size_t p, char *text, size_t size);
/* The layer that owns parameter p. */
const bt_layer *bt_net_parameter_layer(const bt_net *net, size_t p);

/* The unquantized initial value of element i of parameter p, in units of 2^-24 (numerics 5.4). */
int32_t bt_net_initial(const bt_net *net, size_t p, size_t i, uint64_t seed);

#endif
