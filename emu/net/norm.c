/* Lowering batch norm, both ways (numerics 19). */
#include "net/lowering.h"

static size_t rows_of(const bt_tensor *x) { return bt_tensor_elements(x) / bt_tensor_last(x); }

static bt_tensor *build_sums(bt_builder *b, size_t i) {
  const bt_layer *l = &b->net->layer[i];
  return bt_build_tensor(b, bt_tensor_sums(l->name, l->out_c));
}

static bt_tensor *build_constants(bt_builder *b, size_t i) {
  const bt_layer *l = &b->net->layer[i];
  return bt_build_tensor(b, bt_tensor_constants(l->name, l->out_c));
}

/* The batch's own sums; in a pass for statistics they are kept, too. */
static void build_moments(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  bt_command c = {.op = BT_OP_REDUCE, .in = {x}};
  c.out[0] = b->sum[i][0] = build_sums(b, i);
  c.out[1] = b->sum[i][1] = build_sums(b, i);
  c.u.reduce.kind = BT_MOMENTS;
  bt_build_command(b, c, bt_build_forward_phase(b), i, l->name, "moments");
  if (b->mode == BT_BUILD_STATISTICS && b->status == BT_OK) {
    bt_command keep = {.op = BT_OP_STATISTICS, .in = {b->sum[i][0], b->sum[i][1]}};
    keep.u.statistics.rows = rows_of(x);
    keep.u.statistics.statistics = &b->statistics[i];
    bt_build_command(b, keep, bt_build_forward_phase(b), i, l->name, "statistics");
  }
}

bt_tensor *bt_build_norm(bt_builder *b, size_t i, bt_tensor *x) {
  const bt_layer *l = &b->net->layer[i];
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_command norm = {.op = BT_OP_NORM};
  norm.u.norm.eps = bt_constant_make(l->eps, 32);
  if (b->mode == BT_BUILD_EVALUATION) {
    norm.u.norm.statistics = &b->statistics[i];
  } else {
    build_moments(b, i, x);
    if (b->mode == BT_BUILD_STATISTICS && i + 1 == b->layers) {
      return NULL; /* nothing reads what it would make */
    }
    norm.in[0] = b->sum[i][0];
    norm.in[1] = b->sum[i][1];
    norm.u.norm.rows = rows_of(x);
  }
  norm.in[2] = b->weights[l->parameter];
  norm.in[3] = b->weights[l->parameter + 1];
  norm.out[0] = b->scale[i] = build_constants(b, i);
  bt_tensor *offset = norm.out[1] = build_constants(b, i);
  bt_build_command(b, norm, bt_build_forward_phase(b), i, l->name, "constants");
  bt_command c = {.op = BT_OP_AFFINE, .in = {x}};
  c.in[BT_IN_CONSTANTS] = b->scale[i];
  c.in[BT_IN_ADDEND] = offset;
  c.u.affine.terms = 1;
  bt_tensor *y = c.out[0] =
      bt_build_tensor(b, bt_tensor_wide(l->name, x->ndim, x->dim, false, false));
  if (l->relu) {
    b->mask[i] = c.out[1] =
        bt_build_tensor(b, bt_build_bytes(BT_ROLE_MASK, l->name, x->ndim, x->dim));
    c.u.affine.relu = true;
  }
  bt_build_command(b, c, bt_build_forward_phase(b), i, l->name, "forward");
  return bt_build_output(b, i, y);
}

void bt_build_norm_back(bt_builder *b, size_t i, bt_tensor *e, bool contributes) {
  const bt_layer *l = &b->net->layer[i];
  bt_tensor *x = b->in[i];
  size_t p = (size_t)l->parameter;
  if (b->status != BT_OK) {
    return;
  }
  bt_command sums = {.op = BT_OP_REDUCE, .in = {e, x}};
  sums.out[0] = build_sums(b, i);
  sums.out[1] = build_sums(b, i);
  sums.u.reduce.kind = BT_PRODUCTS;
  bt_build_command(b, sums, BT_PHASE_DATA_GRADIENT, i, l->name, "products");
  bt_command c = {.op = BT_OP_NORM_BACK,
                  .in = {b->sum[i][0], b->sum[i][1], b->weights[p], b->scale[i], sums.out[0],
                         sums.out[1]}};
  c.u.norm.rows = rows_of(x);
  c.u.norm.eps = bt_constant_make(l->eps, 32);
  for (size_t k = 0; k < 4; k++) {
    c.out[k] = build_constants(b, i);
  }
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, i, l->name, "gradient constants");
  b->gradient[p] = bt_build_gradient(b, i, c.out[2], p, "scale gradient quantize");
  b->gradient[p + 1] = bt_build_gradient(b, i, c.out[3], p + 1, "shift gradient quantize");
  if (contributes) {
    bt_build_contribute(b, l->input[0], i, 2, (bt_tensor *[]){e, x},
                        (bt_tensor *[]){b->scale[i], c.out[0]}, c.out[1]);
  }
}
