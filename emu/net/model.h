/* A model: the parameters of a net, their momentum, and their averages. */
#ifndef BT_NET_MODEL_H
#define BT_NET_MODEL_H

#include "net/net.h"

#define BT_MAX_PARAMETERS (2 * BT_MAX_LAYERS)

typedef struct {
  const bt_net *net;
  size_t parameters;
  char name[BT_MAX_PARAMETERS][48];
  bt_tensor *w[BT_MAX_PARAMETERS];         /* weights */
  bt_tensor *v[BT_MAX_PARAMETERS];         /* momentum */
  bt_average average[BT_MAX_PARAMETERS];
  bool shapes;                             /* made without storage: bt_model_shapes */
} bt_model;

/* Allocates a model and starts it: weights as numerics 5.4 quantized to `w`, momentum zero,
 * averages empty. `m` is the momentum's format. A 1-D parameter is in block `tensor`
 * (numerics 2.3). The net must outlive the model. */
bt_status bt_model_new(const bt_net *net, bt_format w, bt_format m, uint64_t seed, bt_model **model,
                       bt_error *error);

/* The same without storage or initial values: data, exp, sum and emin are NULL. What is lowered
 * from it is a program of shapes (cmd/program.h). */
bt_status bt_model_shapes(const bt_net *net, bt_format w, bt_format m, bt_model **model,
                          bt_error *error);
void bt_model_free(bt_model *model);

/* The averages as bfp tensors of `bits` bits (numerics 16), in the weights' shapes and blocks.
 * `weights` holds BT_MAX_PARAMETERS places, NULL at first; free them with
 * bt_weights_free(), after an error too. BT_BAD_INPUT when no snapshot was added. */
bt_status bt_model_average(const bt_model *model, int bits, bt_tensor **weights, bt_error *error);
void bt_weights_free(bt_tensor **weights);

/* numerics 18: 64 hexadecimal digits and a zero. */
bt_status bt_model_digest(const bt_model *model, uint64_t draw_steps, uint64_t training_steps,
                          char text[65], bt_error *error);

#endif
