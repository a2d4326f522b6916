/* Coverage of contractions, pools and softmax. */
#include "engine/coverage_parts.h"

static bool has_zero_block(const bt_tensor *t) {
  for (size_t b = 0; b < bt_tensor_exponents(t); b++) {
    if (bt_tensor_zero_block(t, b)) {
      return true;
    }
  }
  return false;
}

/* Whether nonzero blocks that vary along k have differing exponents. */
static bool differs(const bt_tensor *t, bool varies) {
  int first = 0;
  bool any = false;
  for (size_t b = 0; varies && b < bt_tensor_exponents(t); b++) {
    if (bt_tensor_zero_block(t, b)) {
      continue;
    }
    if (any && t->exp[b] != first) {
      return true;
    }
    first = t->exp[b];
    any = true;
  }
  return false;
}

void bt_cover_contract(uint64_t *n, const bt_machine *machine, const bt_command *c,
                       const bt_counts *did) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  bt_extent x = bt_geometry_extent(g, d);
  bool tiled = bt_contract_by_element(c);
  bool a = differs(c->in[0], tiled || d == BT_WEIGHT_GRADIENT);
  bool b = differs(c->in[1], tiled || d != BT_FORWARD);
  n[d == BT_FORWARD ? BT_COVER_CONTRACT_FORWARD
    : d == BT_DATA_GRADIENT ? BT_COVER_CONTRACT_DATA : BT_COVER_CONTRACT_WEIGHT]++;
  n[BT_COVER_CONTRACT_SHORT_ROWS] += x.rows % machine->rows != 0;
  n[BT_COVER_CONTRACT_SHORT_COLUMNS] += x.cols % machine->cols != 0;
  n[BT_COVER_CONTRACT_PAD] += g->pad > 0;
  n[BT_COVER_CONTRACT_STRIDE] += g->stride > 1;
  n[BT_COVER_CONTRACT_GROUPS] += a || b;
  n[BT_COVER_CONTRACT_DROPPED] += did->dropped > 0;
  n[BT_COVER_CONTRACT_ZERO_BLOCK] += has_zero_block(c->in[0]) || has_zero_block(c->in[1]);
  n[BT_COVER_CONTRACT_SATURATED] += did->saturations > 0;
  n[BT_COVER_CONTRACT_SHIFTED] += c->out[0]->bits == 31;
}

/* The largest mantissa of the window whose first place is `first`, and in how many places. */
static int32_t largest(const bt_tensor *x, size_t k, size_t first, size_t *times) {
  size_t row = x->dim[2] * x->dim[3], channels = x->dim[3];
  int32_t best = INT32_MIN;
  for (size_t i = 0; i < k * k; i++) {
    int32_t m = bt_tensor_mantissa(x, first + i / k * row + i % k * channels);
    *times = m > best ? 1 : *times + (m == best);
    best = m > best ? m : best;
  }
  return best;
}

static void cover_windows(uint64_t *n, const bt_command *c) {
  const bt_tensor *x = c->in[0], *y = c->out[0];
  size_t k = c->u.pool.k, channels = x->dim[3];
  for (size_t i = 0; i < bt_tensor_elements(y); i++) {
    size_t column = i / channels % y->dim[2], row = i / channels / y->dim[2] % y->dim[1];
    size_t image = i / channels / y->dim[2] / y->dim[1], times = 0;
    size_t first = ((image * x->dim[1] + row * k) * x->dim[2] + column * k) * channels;
    int32_t best = largest(x, k, first + i % channels, &times);
    n[BT_COVER_POOL_TIE] += times > 1;
    n[BT_COVER_POOL_NEGATIVE] += best < 0;
  }
}

void bt_cover_pool(uint64_t *n, const bt_command *c) {
  bool back = c->op == BT_OP_POOL_BACK || c->op == BT_OP_SPREAD;
  const bt_tensor *large = back ? c->out[0] : c->in[0];
  n[BT_COVER_POOL_LEFT_OVER] +=
      large->dim[1] % c->u.pool.k != 0 || large->dim[2] % c->u.pool.k != 0;
  n[BT_COVER_POOL_BACK] += c->op == BT_OP_POOL_BACK;
  n[BT_COVER_POOL_SUM] += c->op == BT_OP_POOL_SUM;
  n[BT_COVER_POOL_SPREAD] += c->op == BT_OP_SPREAD;
  if (c->op == BT_OP_POOL) {
    cover_windows(n, c);
  }
}

void bt_cover_softmax(uint64_t *n, const bt_command *c) {
  const bt_tensor *x = c->in[0], *error = c->out[0];
  size_t classes = x->dim[1];
  for (size_t row = 0; row < x->dim[0]; row++) {
    size_t label = (size_t)bt_tensor_integer(c->in[1], row), times = 0;
    int32_t best = INT32_MIN;
    for (size_t i = row * classes; i < (row + 1) * classes; i++) {
      int32_t m = bt_tensor_mantissa(x, i);
      times = m > best ? 1 : times + (m == best);
      best = m > best ? m : best;
      n[BT_COVER_SOFTMAX_ZERO] +=
          error != NULL && i != row * classes + label && bt_tensor_mantissa(error, i) == 0;
    }
    n[BT_COVER_SOFTMAX_TIE] += times > 1;
    n[BT_COVER_SOFTMAX_RIGHT] += bt_tensor_mantissa(x, row * classes + label) == best;
  }
}
