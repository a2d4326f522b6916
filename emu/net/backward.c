/* Lowering the backward part (numerics 17). */
#include "net/lowering.h"

/* Quantizes a gradient as the recipe says; a vector's block is the tensor. */
static bt_tensor *build_gradient(bt_builder *b, size_t i, const bt_tensor *wide, size_t p,
                                 const char *what) {
  const bt_layer *l = &b->net->layer[i];
  bt_format f = b->how->g;
  if (wide == NULL) {
    return NULL;
  }
  if (wide->ndim == 1) {
    f.block = BT_BLOCK_TENSOR;
  }
  bt_tensor *g = bt_build_tensor(b, bt_tensor_bfp(b->weights[p]->name, f, wide->ndim, wide->dim));
  bt_build_quantize(b, wide, g, BT_PHASE_WEIGHT_GRADIENT, i, l->name, what);
  return g;
}

static void build_weight_gradient(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  size_t p = (size_t)l->parameter;
  const bt_tensor *w = b->weights[p], *bias = b->weights[p + 1];
  const bt_tensor *const from[] = {e, b->in[i]};
  bool blocks = b->how->e.block != BT_BLOCK_TENSOR; /* numerics 11.1 */
  bt_tensor *dw = bt_build_tensor(
      b, bt_tensor_wide_from(w->name, w->ndim, w->dim, false, false, 2, from));
  bt_tensor *db = bt_build_tensor(b, bt_tensor_wide(bias->name, 1, bias->dim, false, blocks));
  bt_command product = {.op = BT_OP_CONTRACT, .in = {e, b->in[i]}, .out = {dw}};
  product.u.contract.direction = BT_WEIGHT_GRADIENT;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  bt_build_command(b, product, BT_PHASE_WEIGHT_GRADIENT, i, l->name, "weight gradient");
  b->gradient[p] = build_gradient(b, i, dw, p, "weight gradient quantize");
  bt_command sum = {.op = BT_OP_REDUCE, .in = {e}, .out = {db}};
  sum.u.reduce.kind = BT_SUM;
  bt_build_command(b, sum, BT_PHASE_WEIGHT_GRADIENT, i, l->name, "bias gradient");
  b->gradient[p + 1] = build_gradient(b, i, db, p + 1, "bias gradient quantize");
}

static bt_tensor *build_data_gradient(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  const bt_tensor *x = b->in[i];
  bool per_sample = b->how->e.block == BT_BLOCK_SAMPLE;
  const bt_tensor *const from[] = {e, b->weights[l->parameter]};
  bt_tensor *wide = bt_build_tensor(
      b, bt_tensor_wide_from(l->name, x->ndim, x->dim, per_sample, false, 2, from));
  bt_tensor *out = bt_build_tensor(b, bt_tensor_bfp(l->name, b->how->e, x->ndim, x->dim));
  bt_command product = {.op = BT_OP_CONTRACT, .in = {e, b->weights[l->parameter]}, .out = {wide}};
  product.u.contract.direction = BT_DATA_GRADIENT;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  bt_build_command(b, product, BT_PHASE_DATA_GRADIENT, i, l->name, "data gradient");
  bt_build_quantize(b, wide, out, BT_PHASE_DATA_GRADIENT, i, l->name, "data gradient quantize");
  return out;
}

static bt_tensor *build_gate(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  bt_tensor *out = bt_build_tensor(b, bt_tensor_bfp(l->name, b->how->e, e->ndim, e->dim));
  bt_command c = {.op = BT_OP_GATE, .in = {e, b->mask[i]}, .out = {out}};
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "relu backward");
  return out;
}

static bt_tensor *build_pool_back(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  const bt_tensor *x = b->in[i];
  bt_tensor *out = bt_build_tensor(b, bt_tensor_bfp(l->name, b->how->e, x->ndim, x->dim));
  bt_command c = {.op = BT_OP_POOL_BACK, .in = {e, b->index[i]}, .out = {out}};
  c.u.pool.k = l->kernel;
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "pool backward");
  return out;
}

/* The first layer with parameters: nothing before it needs an error. */
static size_t first_with_parameters(const bt_net *net) {
  size_t i = 0;
  while (net->layer[i].parameter < 0) {
    i++;
  }
  return i;
}

void bt_build_backward(bt_builder *b, bt_tensor *error) {
  size_t first = first_with_parameters(b->net);
  bt_tensor *e = error;
  for (size_t i = b->net->layers; b->status == BT_OK && i-- > first;) {
    switch (b->net->layer[i].kind) {
      case BT_LAYER_POOL:
        e = build_pool_back(b, i, e);
        break;
      case BT_LAYER_DROPOUT:
        e = bt_build_scaled(b, i, e, b->how->e, BT_PHASE_DATA_GRADIENT, "backward");
        break;
      case BT_LAYER_CONV:
      case BT_LAYER_FC:
      default:
        if (b->net->layer[i].relu) {
          e = build_gate(b, i, e);
        }
        build_weight_gradient(b, i, e);
        if (i > first && b->status == BT_OK) {
          e = build_data_gradient(b, i, e);
        }
    }
  }
}
