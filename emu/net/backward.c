/* Lowering the backward part (numerics 17 and 20). */
#include "net/lowering.h"

bt_tensor *bt_build_gradient(bt_builder *b, size_t i, const bt_tensor *wide, size_t p,
                             const char *what) {
  const bt_layer *l = &b->net->layer[i];
  bt_format f = b->how->g;
  if (wide == NULL) {
    return NULL;
  }
  if (wide->ndim == 1) {
    f.block = BT_BLOCK_TENSOR;
  }
  bt_tensor *g = bt_build_tensor(
      b, bt_build_bfp(BT_ROLE_GRADIENT, b->weights[p]->name, f, wide->ndim, wide->dim));
  bt_build_quantize(b, wide, g, BT_PHASE_WEIGHT_GRADIENT, i, l->name, what);
  return g;
}

static void build_bias_gradient(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  size_t p = (size_t)l->parameter + 1;
  const bt_tensor *bias = b->weights[p];
  bool blocks = b->status == BT_OK && e->fmt.block != BT_BLOCK_TENSOR; /* numerics 11.1 */
  bt_tensor *db = bt_build_tensor(b, bt_tensor_wide(bias->name, 1, bias->dim, false, blocks));
  bt_command sum = {.op = BT_OP_REDUCE, .in = {e}, .out = {db}};
  sum.u.reduce.kind = BT_SUM;
  bt_build_command(b, sum, BT_PHASE_WEIGHT_GRADIENT, i, l->name, "bias gradient");
  b->gradient[p] = bt_build_gradient(b, i, db, p, "bias gradient quantize");
}

static void build_weight_gradient(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  size_t p = (size_t)l->parameter;
  const bt_tensor *w = b->weights[p];
  const bt_tensor *const from[] = {e, b->in[i]};
  bt_tensor *dw = bt_build_tensor(
      b, bt_tensor_wide_from(w->name, w->ndim, w->dim, false, false, 2, from));
  bt_command product = {.op = BT_OP_CONTRACT, .in = {e, b->in[i]}, .out = {dw}};
  product.u.contract.direction = BT_WEIGHT_GRADIENT;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  bt_build_command(b, product, BT_PHASE_WEIGHT_GRADIENT, i, l->name, "weight gradient");
  b->gradient[p] = bt_build_gradient(b, i, dw, p, "weight gradient quantize");
  if (l->bias) {
    build_bias_gradient(b, i, e);
  }
}

static bt_tensor *build_data_gradient(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  const bt_tensor *x = b->in[i];
  bool per_sample = b->how->e.block == BT_BLOCK_SAMPLE;
  const bt_tensor *const from[] = {e, b->weights[l->parameter]};
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *wide = bt_build_tensor(
      b, bt_tensor_wide_from(l->name, x->ndim, x->dim, per_sample, false, 2, from));
  bt_command product = {.op = BT_OP_CONTRACT, .in = {e, b->weights[l->parameter]}, .out = {wide}};
  product.u.contract.direction = BT_DATA_GRADIENT;
  product.u.contract.geometry = bt_layer_geometry(l, b->n);
  bt_build_command(b, product, BT_PHASE_DATA_GRADIENT, i, l->name, "data gradient");
  return wide;
}

static bt_tensor *build_gate(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  if (!l->relu || b->status != BT_OK) {
    return e;
  }
  bt_tensor *out =
      bt_build_tensor(b, bt_build_bfp(BT_ROLE_ERROR, l->name, e->fmt, e->ndim, e->dim));
  bt_command c = {.op = BT_OP_GATE, .in = {e, b->mask[i]}, .out = {out}};
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "relu backward");
  return out;
}

static bt_tensor *build_pool_back(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  const bt_tensor *x = b->in[i];
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *out =
      bt_build_tensor(b, bt_build_bfp(BT_ROLE_ERROR, l->name, e->fmt, x->ndim, x->dim));
  bool average = l->kind == BT_LAYER_AVERAGE_POOL;
  bt_command c = {.op = average ? BT_OP_SPREAD : BT_OP_POOL_BACK,
                  .in = {e, average ? NULL : b->index[i]}, .out = {out}};
  c.u.pool.k = l->kernel;
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "pool backward");
  return out;
}

/* The mean's error, then to every place of its window (numerics 13.1). */
static bt_tensor *build_average_back(bt_builder *b, size_t i, bt_tensor *e) {
  const bt_layer *l = &b->net->layer[i];
  if (b->status != BT_OK) {
    return NULL;
  }
  bool per_sample = e->fmt.block == BT_BLOCK_SAMPLE;
  bt_tensor *wide =
      bt_build_tensor(b, bt_tensor_wide(l->name, e->ndim, e->dim, per_sample, false));
  bt_tensor *mean =
      bt_build_tensor(b, bt_build_bfp(BT_ROLE_ERROR, l->name, b->how->e, e->ndim, e->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {e}, .out = {wide}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = bt_build_reciprocal(l->kernel * l->kernel);
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "mean backward");
  bt_build_quantize(b, wide, mean, BT_PHASE_DATA_GRADIENT, i, l->name, "mean backward quantize");
  return build_pool_back(b, i, mean);
}

/* The first layer with parameters: nothing before it needs an error. */
static size_t first_with_parameters(const bt_net *net) {
  size_t i = 0;
  while (net->layer[i].parameter < 0) {
    i++;
  }
  return i;
}

static bool wants_error(const bt_layer *l, size_t k, size_t first) {
  return l->input[k] != BT_NET_IMAGE && l->input[k] >= first;
}

static void contribute(bt_builder *b, size_t i, size_t k, bt_tensor *e) {
  if (b->status == BT_OK) {
    bt_build_contribute(b, b->net->layer[i].input[k], i, 1, &e, NULL, NULL);
  }
}

static void build_layer_back(bt_builder *b, size_t i, bt_tensor *e, size_t first) {
  const bt_layer *l = &b->net->layer[i];
  bool wanted = wants_error(l, 0, first);
  e = build_gate(b, i, e);
  switch (l->kind) {
    case BT_LAYER_POOL:
      contribute(b, i, 0, build_pool_back(b, i, e));
      break;
    case BT_LAYER_AVERAGE_POOL:
      contribute(b, i, 0, build_average_back(b, i, e));
      break;
    case BT_LAYER_DROPOUT:
      contribute(b, i, 0, bt_build_scaled(b, i, e, b->how->e, BT_PHASE_DATA_GRADIENT, "backward"));
      break;
    case BT_LAYER_NORM:
      bt_build_norm_back(b, i, e, wanted);
      break;
    case BT_LAYER_ADD:
      for (size_t k = 0; k < l->inputs; k++) {
        if (wants_error(l, k, first)) {
          contribute(b, i, k, e);
        }
      }
      break;
    case BT_LAYER_CONV:
    case BT_LAYER_FC:
    default:
      e = bt_build_narrow(b, e, b->how->e, BT_PHASE_DATA_GRADIENT, i, "error quantize");
      build_weight_gradient(b, i, e);
      if (wanted) {
        contribute(b, i, 0, build_data_gradient(b, i, e));
      }
  }
}

void bt_build_backward(bt_builder *b, bt_tensor *error) {
  size_t first = first_with_parameters(b->net), last = b->net->layers - 1;
  for (size_t i = last + 1; b->status == BT_OK && i-- > first;) {
    build_layer_back(b, i, i == last ? error : bt_build_error_of(b, i), first);
  }
}
