/* Lowering the update of the parameters (numerics 15). */
#include "net/lowering.h"

/* The constants of both affine commands. */
typedef struct {
  bt_constant one, rho, wd;                  /* v' */
  bt_constant minus_lr_rho, minus_lr, minus_lr_wd; /* w' */
} coefficients;

static coefficients make_coefficients(bt_builder *b) {
  const bt_lowering *how = b->how;
  bt_rational lr, lr_rho, lr_wd;
  coefficients c = {.one = {16384, -14}};
  bt_status s = bt_rational_mul((bt_rational){-1, 1}, how->rate, &lr, b->error);
  s = s == BT_OK ? bt_rational_mul(lr, how->momentum, &lr_rho, b->error) : s;
  s = s == BT_OK ? bt_rational_mul(lr, how->weight_decay, &lr_wd, b->error) : s;
  if (s != BT_OK) {
    b->status = s;
    return c;
  }
  c.rho = bt_constant_make(how->momentum, 16);
  c.wd = bt_constant_make(how->weight_decay, 16);
  c.minus_lr = bt_constant_make(lr, 16);
  c.minus_lr_rho = bt_constant_make(lr_rho, 16);
  c.minus_lr_wd = bt_constant_make(lr_wd, 16);
  return c;
}

/* Exponents for each channel, or element, where any of the terms has them. */
static bt_tensor *build_wide(bt_builder *b, const bt_tensor *w, const bt_tensor *v,
                             const bt_tensor *g) {
  bool split = w->fmt.block == BT_BLOCK_DIM0 || v->fmt.block == BT_BLOCK_DIM0 ||
               g->fmt.block == BT_BLOCK_DIM0;
  return bt_build_tensor(b, bt_tensor_wide_from(w->name, w->ndim, w->dim, split && w->ndim > 1,
                                                false, 3, (const bt_tensor *[]){w, v, g}));
}

static void build_parameter(bt_builder *b, bt_model *model, size_t p, const coefficients *c) {
  bt_tensor *w = model->w[p], *v = model->v[p], *g = b->gradient[p];
  const bt_layer *l = bt_net_parameter_layer(b->net, p);
  size_t i = (size_t)(l - b->net->layer);
  bt_tensor *new_v = build_wide(b, w, v, g), *new_w = build_wide(b, w, v, g);
  bt_command momentum = {.op = BT_OP_AFFINE, .in = {v, g, w}, .out = {new_v}};
  momentum.u.affine.terms = 3;
  momentum.u.affine.c[0] = c->rho;
  momentum.u.affine.c[1] = c->one;
  momentum.u.affine.c[2] = c->wd;
  bt_build_command(b, momentum, BT_PHASE_UPDATE, i, w->name, "momentum");
  bt_command step = {.op = BT_OP_AFFINE, .in = {w, v, g, w}, .out = {new_w}};
  step.u.affine.terms = 4;
  step.u.affine.c[0] = c->one;
  step.u.affine.c[1] = c->minus_lr_rho;
  step.u.affine.c[2] = c->minus_lr;
  step.u.affine.c[3] = c->minus_lr_wd;
  bt_build_command(b, step, BT_PHASE_UPDATE, i, w->name, "step");
  bt_build_quantize(b, new_v, v, BT_PHASE_UPDATE, i, w->name, "momentum quantize");
  bt_build_quantize(b, new_w, w, BT_PHASE_UPDATE, i, w->name, "quantize");
}

void bt_build_update(bt_builder *b, bt_model *model) {
  coefficients c = make_coefficients(b);
  for (size_t p = 0; b->status == BT_OK && p < model->parameters; p++) {
    build_parameter(b, model, p, &c);
  }
}
