#include "oracle_units.h"

#include "oracle_nest.h"

bt_unit oracle_unit_of(const bt_command *c) {
  switch (c->op) {
    case BT_OP_CONTRACT:
      return BT_UNIT_ARRAY;
    case BT_OP_QUANTIZE:
      return BT_UNIT_QUANTIZER;
    case BT_OP_SOFTMAX:
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
    case BT_OP_STATISTICS:
      return BT_UNIT_SCALAR;
    default:
      return BT_UNIT_VECTOR;
  }
}

/* Whether elements i - 1 and i are in bands of their own: blocks that lie beside each other, in the
 * same rows, are one band (docs/cost.md 3). */
static bool begins_band(const bt_tensor *t, size_t i) {
  size_t rest = t->ndim > 1 ? bt_tensor_elements(t) / t->dim[0] : 1, last = bt_tensor_last(t);
  size_t before = bt_block_of(&t->fmt, t->ndim, t->dim, i - 1);
  if (before == bt_block_of(&t->fmt, t->ndim, t->dim, i)) {
    return false;
  }
  switch (t->fmt.block) {
    case BT_BLOCK_K32:
      return i % last == 0;
    case BT_BLOCK_TILE: /* a block of column 0 again, but another than of the row above */
      return i % rest == 0 && bt_block_of(&t->fmt, t->ndim, t->dim, i - rest) !=
                                  bt_block_of(&t->fmt, t->ndim, t->dim, i);
    default:
      return true;
  }
}

uint64_t oracle_quantizer_cycles(const bt_machine *m, const bt_tensor *t) {
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  uint64_t beats = 0, bands = 0;
  for (size_t i = 0; i < n; i++) {
    bool starts = i == 0 || (t->fmt.kind == BT_BFP && begins_band(t, i));
    bands += starts;
    beats += starts || i % m->lanes == 0;
  }
  return t->fmt.kind == BT_FIXED ? beats + blocks : 2 * beats + blocks + bands;
}

uint64_t oracle_unit_cycles(const bt_machine *m, const bt_command *c, bool fp32) {
  const bt_tensor *x = c->in[0] != NULL ? c->in[0] : c->in[2], *y = c->out[0];
  uint64_t n = x == NULL ? 0 : bt_tensor_elements(x);
  uint64_t out = y == NULL ? 0 : bt_tensor_elements(y);
  switch (c->op) {
    case BT_OP_QUANTIZE:
      return fp32 ? 0 : oracle_quantizer_cycles(m, y);
    case BT_OP_SOFTMAX:
      return 3 * n + 48 * c->in[0]->dim[0];
    case BT_OP_NORM:
      return (c->u.norm.statistics != NULL ? 134 : 143) * bt_tensor_elements(c->in[2]);
    case BT_OP_NORM_BACK:
      return 254 * bt_tensor_elements(c->in[2]);
    case BT_OP_STATISTICS:
      return 139 * n;
    case BT_OP_REDUCE: /* the lanes' sums of each last index are merged */
      return oracle_ceil(n, m->lanes) + x->dim[x->ndim - 1];
    case BT_OP_POOL:
    case BT_OP_POOL_SUM:
      return c->u.pool.k * c->u.pool.k * oracle_ceil(out, m->lanes);
    default:
      return oracle_ceil(n > out ? n : out, m->lanes);
  }
}
