/* What the parts of lowering share: a program under construction (net only). */
#ifndef BT_NET_LOWERING_H
#define BT_NET_LOWERING_H

#include "net/lower.h"

typedef enum { BT_BUILD_TRAINING, BT_BUILD_EVALUATION, BT_BUILD_STATISTICS } bt_build_mode;

/* What one layer's output has to do with the loss so far: the contributions of the layers that
 * read it (numerics 20). */
typedef struct {
  size_t contributions, terms;
  bt_tensor *term[BT_MAX_TERMS];
  bt_tensor *constants[BT_MAX_TERMS]; /* vectors; NULL for 1 */
  bt_tensor *addend;                  /* a vector, or NULL */
  size_t maker;                       /* the layer that made the last one */
} bt_error_sum;

/* A tensor and its shared quantization. */
typedef struct {
  const bt_tensor *from;
  bt_tensor *to;
} bt_narrowed;

/* A program being built. The first error sticks and later calls do nothing. */
typedef struct {
  const bt_lowering *how;
  const bt_net *net;
  bt_tensor *const *weights;
  bt_statistics *statistics;
  size_t n;          /* samples */
  size_t layers;     /* that the mode needs, from the first on */
  bt_build_mode mode;
  bt_program *program;
  bt_status status;
  bt_error *error;
  /* Per layer: what it reads (the first of them), its output, the ReLU's or the dropout's mask,
   * the pool's index, batch norm's sums and constants, and its output's error. */
  bt_tensor *in[BT_MAX_LAYERS], *out[BT_MAX_LAYERS];
  bt_tensor *mask[BT_MAX_LAYERS], *index[BT_MAX_LAYERS];
  bt_tensor *sum[BT_MAX_LAYERS][2], *scale[BT_MAX_LAYERS];
  bt_error_sum error_of[BT_MAX_LAYERS];
  bt_tensor *image;
  bt_narrowed narrowed[2 * BT_MAX_LAYERS];
  size_t narrowings;
  bt_tensor *gradient[BT_MAX_PARAMETERS];
} bt_builder;

/* A builder of a program for n samples, with `shapes` of one without storage; *builder is NULL
 * after an error. */
bt_status bt_build_start(bt_builder **builder, const bt_lowering *how, const bt_net *net,
                         bt_build_mode mode, bool shapes, size_t n, bt_error *error);
/* Frees the builder; plans and hands over the program, or frees it after an error (then NULL). */
bt_status bt_build_finish(bt_builder *b, bt_program **program);

/* A temporary of the program (its storage comes at the end); NULL after an error. */
bt_tensor *bt_build_tensor(bt_builder *b, bt_tensor shape);
/* A tensor with storage of its own at once; without it in a program of shapes. */
bt_tensor *bt_build_kept(bt_builder *b, bt_tensor shape);

/* Appends a checked command labelled "NAME WHAT". */
void bt_build_command(bt_builder *b, bt_command c, bt_phase phase, size_t layer, const char *name,
                      const char *what);

/* Appends a quantization of `wide` to `out` in the builder's rounding (nearest_even but in
 * training). */
void bt_build_quantize(bt_builder *b, const bt_tensor *wide, bt_tensor *out, bt_phase phase,
                       size_t layer, const char *name, const char *what);

/* A wide tensor of t's shape with an exponent wherever one of `count` tensors has one. */
bt_tensor bt_build_wide_like(const char *name, const bt_tensor *t, size_t count,
                             bt_tensor *const *from);

/* Shapes of the builder's bfp tensors and bytes, with their role. */
bt_tensor bt_build_bfp(bt_tensor_role role, const char *name, bt_format format, size_t ndim,
                       const size_t *dim);
bt_tensor bt_build_bytes(bt_tensor_role role, const char *name, size_t ndim, const size_t *dim);

/* ERROR where errors are made, ACTIVATION in all other phases. */
bt_tensor_role bt_build_role(bt_phase phase);

/* The quantization of x to `format`: made once, whoever asks. */
bt_tensor *bt_build_shared(bt_builder *b, bt_tensor *x, bt_format format, bt_phase phase,
                           size_t layer, const char *what);
/* x itself, or its shared quantization if x is wide or wider than 8 bits. */
bt_tensor *bt_build_narrow(bt_builder *b, bt_tensor *x, bt_format format, bt_phase phase,
                           size_t layer, const char *what);

/* 1 as a constant, and 1 / n. */
bt_constant bt_build_one(void);
bt_constant bt_build_reciprocal(size_t n);

/* The phase of forward commands in the builder's mode. */
bt_phase bt_build_forward_phase(const bt_builder *b);

/* Layer i's dropout, either way: x times 1 / (1 - p) where its mask keeps, quantized. */
bt_tensor *bt_build_scaled(bt_builder *b, size_t i, bt_tensor *x, bt_format format, bt_phase phase,
                           const char *what);

/* The forward part, from pixels to logits; in statistics up to the last batch norm's constants. */
bt_tensor *bt_build_forward(bt_builder *b, bt_tensor *pixels);
/* The same from b->image on. */
bt_tensor *bt_build_layers(bt_builder *b);
/* Its parts: the image (numerics 17), and batch norm (numerics 19). */
bt_tensor *bt_build_image(bt_builder *b, bt_tensor *pixels);
bt_tensor *bt_build_norm(bt_builder *b, size_t i, bt_tensor *x);
/* Layer i's result as its output form says (numerics 20). */
bt_tensor *bt_build_output(bt_builder *b, size_t i, bt_tensor *wide);

/* From the logits' error back to the gradient of every parameter. */
void bt_build_backward(bt_builder *b, bt_tensor *error);
/* Its part for batch norm: gradients, and the contribution to its input's error. */
void bt_build_norm_back(bt_builder *b, size_t i, bt_tensor *e, bool contributes);
/* Quantizes a parameter's gradient as the recipe says; a vector's block is the tensor. */
bt_tensor *bt_build_gradient(bt_builder *b, size_t i, const bt_tensor *wide, size_t p,
                             const char *what);

/* Adds a contribution of layer `maker` to the error of layer i's output: a tensor, or a term of a
 * batch norm, with its constants; the addend belongs to the contribution too, or is NULL. */
void bt_build_contribute(bt_builder *b, size_t i, size_t maker, size_t terms,
                         bt_tensor *const *term, bt_tensor *const *constants, bt_tensor *addend);
/* The error of layer i's output, from all contributions. */
bt_tensor *bt_build_error_of(bt_builder *b, size_t i);

/* The update of every parameter (numerics 15). */
void bt_build_update(bt_builder *b, bt_model *model);

#endif
