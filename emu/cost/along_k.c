#include "cost/along_k.h"

static const bt_tensor *varying(const bt_tensor *t) {
  bool rows = t->fmt.kind == BT_BFP &&
              (t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
  return rows ? t : NULL;
}

bt_along_k bt_along_k_of(const bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_along_k v = {{NULL, NULL}, 1, bt_geometry_extent(g, c->u.contract.direction).k};
  if (c->u.contract.direction == BT_DATA_GRADIENT) {
    v = (bt_along_k){{NULL, varying(c->in[1])}, g->o, g->kh * g->kw};
  } else if (c->u.contract.direction == BT_WEIGHT_GRADIENT) {
    v = (bt_along_k){{varying(c->in[0]), varying(c->in[1])}, g->n, g->oh * g->ow};
  }
  return v;
}

bool bt_along_k_exponent(const bt_along_k *v, size_t step, int *exponent) {
  *exponent = 0;
  for (int i = 0; i < 2; i++) {
    const bt_tensor *t = v->operand[i];
    if (t == NULL) {
      continue;
    }
    size_t block = bt_tensor_exponent_of(t, step * (bt_tensor_elements(t) / v->steps));
    if (bt_tensor_zero_block(t, block)) {
      return false;
    }
    *exponent += t->exp[block];
  }
  return true;
}
