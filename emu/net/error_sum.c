/* Lowering the error of a layer's output: what its readers contribute, summed (numerics 20). */
#include "net/lowering.h"

void bt_build_contribute(bt_builder *b, size_t i, size_t maker, size_t terms,
                         bt_tensor *const *term, bt_tensor *const *constants, bt_tensor *addend) {
  bt_error_sum *s = &b->error_of[i];
  for (size_t k = 0; k < terms && s->terms < BT_MAX_TERMS; k++) {
    s->term[s->terms] = term[k];
    s->constants[s->terms++] = constants == NULL ? NULL : constants[k];
  }
  s->addend = addend == NULL ? s->addend : addend;
  s->contributions++;
  s->maker = maker;
}

static bool is_wide(const bt_tensor *t) { return t->kind == BT_T_WIDE; }

/* One contribution, of one tensor: it, or its quantization. */
static bt_tensor *take_only(bt_builder *b, const bt_error_sum *s, bt_format format) {
  bt_tensor *x = s->term[0];
  if (!is_wide(x) && x->fmt.wl <= format.wl) {
    return x;
  }
  return bt_build_shared(b, x, format, BT_PHASE_DATA_GRADIENT, s->maker, "data gradient quantize");
}

static bt_tensor *sum_all(bt_builder *b, size_t i, const bt_error_sum *s, bt_format format) {
  size_t layer = s->contributions == 1 ? s->maker : i;
  const char *name = b->net->layer[layer].name;
  const char *what = layer == i ? "error" : "data gradient";
  bt_command c = {.op = BT_OP_AFFINE};
  c.u.affine.terms = s->terms;
  for (size_t k = 0; k < s->terms; k++) {
    c.in[k] = s->term[k];
    c.in[BT_IN_CONSTANTS + k] = s->constants[k];
    c.u.affine.c[k] = bt_build_one();
  }
  c.in[BT_IN_ADDEND] = s->addend;
  const bt_tensor *shape = b->out[i];
  bt_tensor *wide = c.out[0] =
      bt_build_tensor(b, bt_build_wide_like(name, shape, s->terms, s->term));
  bt_tensor *e =
      bt_build_tensor(b, bt_build_bfp(BT_ROLE_ERROR, name, format, shape->ndim, shape->dim));
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, layer, name, what);
  bt_build_quantize(b, wide, e, BT_PHASE_DATA_GRADIENT, layer, name,
                    layer == i ? "error quantize" : "data gradient quantize");
  return e;
}

bt_tensor *bt_build_error_of(bt_builder *b, size_t i) {
  const bt_error_sum *s = &b->error_of[i];
  bool residual = b->net->layer[i].output == BT_OUTPUT_RESIDUAL;
  bt_format format = residual ? b->how->residual : b->how->e;
  if (b->status != BT_OK) {
    return NULL;
  }
  bool alone = s->terms == 1 && s->constants[0] == NULL && s->addend == NULL;
  return alone ? take_only(b, s, format) : sum_all(b, i, s, format);
}
