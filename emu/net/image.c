/* Lowering the image's normalisation: pixels to the first activations (numerics 17). */
#include "net/lowering.h"

/* 1 / (255 * std) and -mean / std of a channel. */
static void channel_constants(bt_builder *b, size_t channel, bt_constant *scale,
                              bt_constant *offset) {
  const bt_rational n255 = {255, 1}, minus = {-1, 1}, unit = {1, 1};
  bt_rational mean = b->how->mean[channel], std = b->how->std[channel], c1 = unit, c0 = unit;
  bt_status s = bt_rational_mul(n255, std, &c1, b->error);
  s = s == BT_OK ? bt_rational_div(unit, c1, &c1, b->error) : s;
  s = s == BT_OK ? bt_rational_mul(minus, mean, &c0, b->error) : s;
  s = s == BT_OK ? bt_rational_div(c0, std, &c0, b->error) : s;
  b->status = b->status == BT_OK ? s : b->status;
  *scale = bt_constant_make(c1, 16);
  *offset = bt_constant_make(c0, 32);
}

static void set_constant(bt_tensor *vector, size_t i, bt_constant c, int bits) {
  vector->bits = bits;
  if (vector->data != NULL) { /* not a program of shapes */
    ((int32_t *)vector->data)[i] = c.mantissa;
    vector->exp[i] = (int16_t)c.exponent;
  }
}

/* Vectors of constants for images of several channels. */
static void set_vectors(bt_builder *b, bt_command *c) {
  size_t channels = b->net->channels;
  bt_tensor *scale = bt_build_kept(b, bt_tensor_constants("input scale", channels));
  bt_tensor *offset = bt_build_kept(b, bt_tensor_constants("input offset", channels));
  for (size_t i = 0; b->status == BT_OK && i < channels; i++) {
    bt_constant c1, c0;
    channel_constants(b, i, &c1, &c0);
    set_constant(scale, i, c1, 15);
    set_constant(offset, i, c0, 31);
  }
  c->in[BT_IN_CONSTANTS] = scale;
  c->in[BT_IN_ADDEND] = offset;
}

bt_tensor *bt_build_image(bt_builder *b, bt_tensor *pixels) {
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *wide =
      bt_build_tensor(b, bt_tensor_wide("input", pixels->ndim, pixels->dim, false, false));
  bt_tensor *a = bt_build_tensor(
      b, bt_build_bfp(BT_ROLE_ACTIVATION, "input", b->how->a, pixels->ndim, pixels->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {pixels}, .out = {wide}};
  c.u.affine.terms = 1;
  if (b->net->channels > 1) {
    set_vectors(b, &c);
  } else {
    channel_constants(b, 0, &c.u.affine.c[0], &c.u.affine.c0);
    c.u.affine.has_c0 = c.u.affine.c0.mantissa != 0;
  }
  bt_build_command(b, c, bt_build_forward_phase(b), 0, "input", "normalise");
  bt_build_quantize(b, wide, a, bt_build_forward_phase(b), 0, "input", "quantize");
  return a;
}
