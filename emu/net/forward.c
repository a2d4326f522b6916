/* Lowering the forward part (numerics 17 and 20). */
#include "net/lowering.h"

/* The shape of a layer's output for the builder's batch: NHWC, or [n][features] where flat. */
static size_t output_shape(const bt_builder *b, const bt_layer *l, size_t dim[4]) {
  dim[0] = b->n;
  if (l->flat) {
    dim[1] = l->out_c;
    return 2;
  }
  dim[1] = l->out_h;
  dim[2] = l->out_w;
  dim[3] = l->out_c;
  return 4;
}

bt_tensor *bt_build_output(bt_builder *b, size_t i, bt_tensor *wide) {
  const bt_layer *l = &b->net->layer[i];
  if (l->output == BT_OUTPUT_WIDE || b->status != BT_OK) {
    return wide;
  }
  bt_format f = l->output == BT_OUTPUT_RESIDUAL ? b->how->residual : b->how->a;
  bt_tensor *a = bt_build_tensor(
      b, bt_build_bfp(BT_ROLE_ACTIVATION, l->name, f, wide->ndim, wide->dim));
  bt_build_quantize(b, wide, a, bt_build_forward_phase(b), i, l->name, "quantize");
  return a;
}

/* y + bias, with ReLU: either may be missing. */
static bt_tensor *build_bias(bt_builder *b, size_t i, bt_tensor *y, bt_tensor *bias) {
  const bt_layer *l = &b->net->layer[i];
  if (b->status != BT_OK || (!l->bias && !l->relu)) {
    return y;
  }
  bt_tensor shape = *y;
  bt_command add = {.op = BT_OP_AFFINE, .in = {y, bias}};
  add.out[0] = bt_build_tensor(b, shape);
  add.u.affine.terms = bias == NULL ? 1 : 2;
  add.u.affine.c[0] = add.u.affine.c[1] = bt_build_one();
  if (l->relu) {
    b->mask[i] = add.out[1] =
        bt_build_tensor(b, bt_build_bytes(BT_ROLE_MASK, l->name, y->ndim, y->dim));
    add.u.affine.relu = true;
  }
  bt_build_command(b, add, bt_build_forward_phase(b), i, l->name, "bias");
  return add.out[0];
}

/* conv and fc: contraction, bias, ReLU, quantize. */
static bt_tensor *build_product(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  x = b->in[i] = bt_build_narrow(b, x, b->how->a, bt_build_forward_phase(b), i, "input quantize");
  bt_tensor *w = b->weights[l->parameter], *bias = l->bias ? b->weights[l->parameter + 1] : NULL;
  size_t dim[4], ndim = output_shape(b, l, dim);
  bool per_sample = b->how->a.block == BT_BLOCK_SAMPLE;
  bool per_channel = w->fmt.block == BT_BLOCK_DIM0;
  bt_tensor wide = bt_tensor_wide_from(l->name, ndim, dim, per_sample, per_channel, 2,
                                       (const bt_tensor *[]){x, w});
  bt_tensor *y = bt_build_tensor(b, wide);
  bt_command product = {.op = BT_OP_CONTRACT, .in = {x, w}, .out = {y}};
  product.u.contract.direction = BT_FORWARD;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  product.u.contract.nearest = b->mode != BT_BUILD_TRAINING || w->fmt.wl > 8; /* numerics 8.3 */
  bt_build_command(b, product, bt_build_forward_phase(b), i, l->name, "forward");
  return bt_build_output(b, i, build_bias(b, i, y, bias));
}

static bt_tensor *build_pool(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  size_t dim[4], ndim = output_shape(b, l, dim);
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *a = bt_build_tensor(
      b, bt_build_bfp(BT_ROLE_ACTIVATION, l->name, x->fmt, ndim, dim));
  b->index[i] = bt_build_tensor(b, bt_build_bytes(BT_ROLE_INDEX, l->name, ndim, dim));
  bt_command c = {.op = BT_OP_POOL, .in = {x}, .out = {a, b->index[i]}};
  c.u.pool.k = l->kernel;
  bt_build_command(b, c, bt_build_forward_phase(b), i, l->name, "forward");
  return a;
}

/* numerics 13.1 */
static bt_tensor *build_average_pool(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  size_t dim[4], ndim = output_shape(b, l, dim);
  if (b->status != BT_OK) {
    return NULL;
  }
  bool per_sample = x->fmt.block == BT_BLOCK_SAMPLE;
  bt_tensor *sum = bt_build_tensor(b, bt_tensor_wide(l->name, ndim, dim, per_sample, false));
  bt_tensor *mean = bt_build_tensor(b, bt_tensor_wide(l->name, ndim, dim, per_sample, false));
  bt_command c = {.op = BT_OP_POOL_SUM, .in = {x}, .out = {sum}};
  c.u.pool.k = l->kernel;
  bt_build_command(b, c, bt_build_forward_phase(b), i, l->name, "sum");
  bt_command scale = {.op = BT_OP_AFFINE, .in = {sum}, .out = {mean}};
  scale.u.affine.terms = 1;
  scale.u.affine.c[0] = bt_build_reciprocal(l->kernel * l->kernel);
  bt_build_command(b, scale, bt_build_forward_phase(b), i, l->name, "mean");
  return bt_build_output(b, i, mean);
}

bt_tensor *bt_build_scaled(bt_builder *b, size_t i, bt_tensor *x, bt_format format, bt_phase phase,
                           const char *what) {
  const bt_layer *l = &b->net->layer[i];
  if (b->status != BT_OK) {
    return NULL;
  }
  bool per_sample = x->fmt.block == BT_BLOCK_SAMPLE;
  const bt_tensor *const from[] = {x};
  bt_tensor *wide = bt_build_tensor(
      b, bt_tensor_wide_from(l->name, x->ndim, x->dim, per_sample, false, 1, from));
  bt_tensor *out = bt_build_tensor(
      b, bt_build_bfp(bt_build_role(phase), l->name, format, x->ndim, x->dim));
  bt_rational keep = {l->drop.den - l->drop.num, l->drop.den};
  bt_command scale = {.op = BT_OP_AFFINE, .in = {x}, .out = {wide}};
  scale.in[BT_IN_MASK] = b->mask[i];
  scale.u.affine.terms = 1;
  scale.u.affine.c[0] = bt_constant_make((bt_rational){keep.den, keep.num}, 16);
  scale.u.affine.masked = true;
  bt_build_command(b, scale, phase, i, l->name, what);
  bt_build_quantize(b, wide, out, phase, i, l->name, "quantize");
  return out;
}

/* Kept elements times 1 / (1 - p), quantized; evaluation passes through. */
static bt_tensor *build_dropout(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  if (b->mode != BT_BUILD_TRAINING || b->status != BT_OK) {
    return x;
  }
  b->mask[i] = bt_build_tensor(b, bt_build_bytes(BT_ROLE_MASK, l->name, x->ndim, x->dim));
  bt_command draw = {.op = BT_OP_DROPOUT, .out = {b->mask[i]}};
  draw.u.dropout.seed = b->how->seed;
  draw.u.dropout.layer = i;
  draw.u.dropout.drop = l->drop;
  bt_build_command(b, draw, BT_PHASE_FORWARD, i, l->name, "mask");
  return bt_build_scaled(b, i, x, b->how->a, BT_PHASE_FORWARD, "forward");
}

static bt_tensor *layer_input(const bt_builder *b, size_t i, size_t k) {
  size_t from = b->net->layer[i].input[k];
  return from == BT_NET_IMAGE ? b->image : b->out[from];
}

static bt_tensor *build_add(bt_builder *b, size_t i) {
  const bt_layer *l = &b->net->layer[i];
  bt_command c = {.op = BT_OP_AFFINE};
  bt_tensor *x[BT_MAX_LAYER_INPUTS];
  c.u.affine.terms = l->inputs;
  for (size_t k = 0; k < l->inputs; k++) {
    c.in[k] = x[k] = layer_input(b, i, k);
    c.u.affine.c[k] = bt_build_one();
  }
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *y = c.out[0] = bt_build_tensor(b, bt_build_wide_like(l->name, x[0], l->inputs, x));
  if (l->relu && b->status == BT_OK) {
    b->mask[i] = c.out[1] =
        bt_build_tensor(b, bt_build_bytes(BT_ROLE_MASK, l->name, y->ndim, y->dim));
    c.u.affine.relu = true;
  }
  bt_build_command(b, c, bt_build_forward_phase(b), i, l->name, "sum");
  return bt_build_output(b, i, y);
}

static bt_tensor *build_layer(bt_builder *b, size_t i) {
  bt_tensor *x = b->in[i] = layer_input(b, i, 0);
  switch (b->net->layer[i].kind) {
    case BT_LAYER_POOL:
      return build_pool(b, i, x);
    case BT_LAYER_AVERAGE_POOL:
      return build_average_pool(b, i, x);
    case BT_LAYER_DROPOUT:
      return build_dropout(b, i, x);
    case BT_LAYER_NORM:
      return bt_build_norm(b, i, x);
    case BT_LAYER_ADD:
      return build_add(b, i);
    case BT_LAYER_CONV:
    case BT_LAYER_FC:
    default:
      return build_product(b, i, x);
  }
}

/* How many layers the builder's mode needs: statistics end with the last batch norm. */
static size_t layers_needed(const bt_builder *b) {
  size_t n = b->net->layers;
  while (b->mode == BT_BUILD_STATISTICS && n > 0 && b->net->layer[n - 1].kind != BT_LAYER_NORM) {
    n--;
  }
  return n;
}

bt_tensor *bt_build_layers(bt_builder *b) {
  size_t layers = b->layers = layers_needed(b);
  for (size_t i = 0; b->status == BT_OK && i < layers; i++) {
    b->out[i] = build_layer(b, i);
  }
  return layers == 0 ? b->image : b->out[layers - 1];
}

bt_tensor *bt_build_forward(bt_builder *b, bt_tensor *pixels) {
  b->image = bt_build_image(b, pixels);
  return bt_build_layers(b);
}
