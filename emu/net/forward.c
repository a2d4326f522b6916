/* Lowering the forward part (numerics 17). */
#include "net/lowering.h"

static bt_phase forward_phase(const bt_builder *b) {
  return b->training ? BT_PHASE_FORWARD : BT_PHASE_EVALUATION;
}

static const bt_constant one = {16384, -14};

/* The shape of a layer's output for the builder's batch: NHWC, or [n][features] for an fc. */
static size_t output_shape(const bt_builder *b, const bt_layer *l, size_t dim[4]) {
  dim[0] = b->n;
  if (l->kind == BT_LAYER_FC) {
    dim[1] = l->out_c;
    return 2;
  }
  dim[1] = l->out_h;
  dim[2] = l->out_w;
  dim[3] = l->out_c;
  return 4;
}

/* Pixels to the first activations: (p / 255 - mean) / std, quantized. */
static bt_tensor *build_input(bt_builder *b, bt_tensor *pixels) {
  const bt_lowering *how = b->how;
  bt_rational scale, offset, n255 = {255, 1}, minus = {-1, 1}, unit = {1, 1};
  bt_status s = bt_rational_mul(n255, how->std[0], &scale, b->error);
  s = s == BT_OK ? bt_rational_div(unit, scale, &scale, b->error) : s;
  s = s == BT_OK ? bt_rational_mul(minus, how->mean[0], &offset, b->error) : s;
  s = s == BT_OK ? bt_rational_div(offset, how->std[0], &offset, b->error) : s;
  b->status = b->status == BT_OK ? s : b->status;
  bt_tensor *wide =
      bt_build_tensor(b, bt_tensor_wide("input", pixels->ndim, pixels->dim, false, false));
  bt_tensor *a = bt_build_tensor(b, bt_tensor_bfp("input", how->a, pixels->ndim, pixels->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {pixels}, .out = {wide}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = bt_constant_make(scale, 16);
  c.u.affine.has_c0 = offset.num != 0;
  c.u.affine.c0 = bt_constant_make(offset, 32);
  bt_build_command(b, c, forward_phase(b), 0, "input", "normalise");
  bt_build_quantize(b, wide, a, forward_phase(b), 0, "input", "quantize");
  return a;
}

/* conv and fc: contraction, bias, ReLU, quantize. */
static bt_tensor *build_product(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  bt_tensor *w = b->weights[l->parameter], *bias = b->weights[l->parameter + 1];
  size_t dim[4], ndim = output_shape(b, l, dim);
  bool per_sample = b->how->a.block == BT_BLOCK_SAMPLE;
  bool per_channel = w->fmt.block == BT_BLOCK_DIM0;
  bt_tensor wide = bt_tensor_wide_from(l->name, ndim, dim, per_sample, per_channel, 2,
                                       (const bt_tensor *[]){x, w});
  bt_tensor *y = bt_build_tensor(b, wide);
  bt_tensor *z = bt_build_tensor(b, wide);
  bt_tensor *a = bt_build_tensor(b, bt_tensor_bfp(l->name, b->how->a, ndim, dim));
  bt_command product = {.op = BT_OP_CONTRACT, .in = {x, w}, .out = {y}};
  product.u.contract.direction = BT_FORWARD;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  product.u.contract.nearest = !b->training;
  bt_build_command(b, product, forward_phase(b), i, l->name, "forward");
  bt_command add = {.op = BT_OP_AFFINE, .in = {y, bias}, .out = {z}};
  add.u.affine.terms = 2;
  add.u.affine.c[0] = add.u.affine.c[1] = one;
  if (l->relu) {
    b->mask[i] = add.out[1] = bt_build_tensor(b, bt_tensor_byte(l->name, ndim, dim));
    add.u.affine.relu = true;
  }
  bt_build_command(b, add, forward_phase(b), i, l->name, "bias");
  bt_build_quantize(b, z, a, forward_phase(b), i, l->name, "quantize");
  return a;
}

static bt_tensor *build_pool(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  size_t dim[4], ndim = output_shape(b, l, dim);
  bt_tensor *a = bt_build_tensor(b, bt_tensor_bfp(l->name, b->how->a, ndim, dim));
  b->index[i] = bt_build_tensor(b, bt_tensor_byte(l->name, ndim, dim));
  bt_command c = {.op = BT_OP_POOL, .in = {x}, .out = {a, b->index[i]}};
  c.u.pool.k = l->kernel;
  bt_build_command(b, c, forward_phase(b), i, l->name, "forward");
  return a;
}

bt_tensor *bt_build_scaled(bt_builder *b, size_t i, bt_tensor *x, bt_format format, bt_phase phase,
                           const char *what) {
  const bt_layer *l = &b->net->layer[i];
  bool per_sample = x->fmt.block == BT_BLOCK_SAMPLE;
  const bt_tensor *const from[] = {x};
  bt_tensor *wide = bt_build_tensor(
      b, bt_tensor_wide_from(l->name, x->ndim, x->dim, per_sample, false, 1, from));
  bt_tensor *out = bt_build_tensor(b, bt_tensor_bfp(l->name, format, x->ndim, x->dim));
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
  if (!b->training) {
    return x;
  }
  b->mask[i] = bt_build_tensor(b, bt_tensor_byte(l->name, x->ndim, x->dim));
  bt_command draw = {.op = BT_OP_DROPOUT, .out = {b->mask[i]}};
  draw.u.dropout.seed = b->how->seed;
  draw.u.dropout.layer = i;
  draw.u.dropout.drop = l->drop;
  bt_build_command(b, draw, BT_PHASE_FORWARD, i, l->name, "mask");
  return bt_build_scaled(b, i, x, b->how->a, BT_PHASE_FORWARD, "forward");
}

bt_tensor *bt_build_forward(bt_builder *b, bt_tensor *pixels) {
  bt_tensor *a = build_input(b, pixels);
  for (size_t i = 0; b->status == BT_OK && i < b->net->layers; i++) {
    b->in[i] = a;
    switch (b->net->layer[i].kind) {
      case BT_LAYER_POOL:
        a = build_pool(b, i, a);
        break;
      case BT_LAYER_DROPOUT:
        a = build_dropout(b, i, a);
        break;
      case BT_LAYER_CONV:
      case BT_LAYER_FC:
      default:
        a = build_product(b, i, a);
    }
    b->out[i] = a;
  }
  return a;
}
