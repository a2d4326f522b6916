/* What the parts of lowering share: a program under construction (net only). */
#ifndef BT_NET_LOWERING_H
#define BT_NET_LOWERING_H

#include "net/lower.h"

/* A program being built. The first error sticks and later calls do nothing. */
typedef struct {
  const bt_lowering *how;
  const bt_net *net;
  bt_tensor *const *weights;
  size_t n;          /* samples */
  bool training;
  bt_program *program;
  bt_status status;
  bt_error *error;
  /* Per layer: its input and output activations, the ReLU's or the dropout's mask, pool index. */
  bt_tensor *in[BT_MAX_LAYERS], *out[BT_MAX_LAYERS];
  bt_tensor *mask[BT_MAX_LAYERS], *index[BT_MAX_LAYERS];
  bt_tensor *gradient[BT_MAX_PARAMETERS];
} bt_builder;

/* A temporary of the program (its storage comes at the end); NULL after an error. */
bt_tensor *bt_build_tensor(bt_builder *b, bt_tensor shape);

/* Appends a checked command labelled "NAME WHAT". */
void bt_build_command(bt_builder *b, bt_command c, bt_phase phase, size_t layer, const char *name,
                      const char *what);

/* Appends a quantization of `wide` to `out` in the builder's rounding (nearest_even in
 * evaluation). */
void bt_build_quantize(bt_builder *b, const bt_tensor *wide, bt_tensor *out, bt_phase phase,
                       size_t layer, const char *name, const char *what);

/* Layer i's dropout, either way: x times 1 / (1 - p) where its mask keeps, quantized. */
bt_tensor *bt_build_scaled(bt_builder *b, size_t i, bt_tensor *x, bt_format format, bt_phase phase,
                           const char *what);

/* The forward part, from pixels to logits. */
bt_tensor *bt_build_forward(bt_builder *b, bt_tensor *pixels);

/* From the logits' error back to the gradient of every parameter. */
void bt_build_backward(bt_builder *b, bt_tensor *error);

/* The update of every parameter (numerics 15). */
void bt_build_update(bt_builder *b, bt_model *model);

#endif
