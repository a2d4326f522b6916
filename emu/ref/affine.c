/* affine: y = c0 + sum of c_i * x_i, with ReLU or mask (numerics 9); gate (numerics 9.1). */
#include <string.h>

#include "num/affine.h"
#include "ref/commands.h"

/* The operand element that output element i uses: a vector serves every row. */
static size_t operand_index(const bt_tensor *x, const bt_tensor *y, size_t i) {
  return x->ndim == y->ndim ? i : i % bt_tensor_last(y);
}

/* The vector of constants of term k, or of the addend; NULL if it has a constant for all. */
static const bt_tensor *constants(const bt_command *c, size_t k) {
  return c->in[k == c->u.affine.terms ? BT_IN_ADDEND : BT_IN_CONSTANTS + k];
}

static bool has_addend(const bt_command *c) {
  return c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL;
}

/* Term k of element i's cell; the cell has all last indices, or i's alone. */
static bt_affine_term cell_term(const bt_command *c, size_t k, size_t i) {
  const bt_tensor *x = c->in[k], *y = c->out[0], *v = constants(c, k);
  bt_affine_term t = {.is_addend = k == c->u.affine.terms, .is_vector = v != NULL};
  t.c = t.is_addend ? c->u.affine.c0 : c->u.affine.c[k];
  if (!t.is_addend) {
    t.operand_step = bt_tensor_step(x, operand_index(x, y, i));
    t.operand_bits = bt_tensor_width(x);
  }
  if (t.is_vector) {
    size_t first = y->nl > 1 ? i % bt_tensor_last(y) : 0;
    t.range = bt_affine_range_of(y->nl > 1 ? 1 : bt_tensor_last(y),
                                 (const int32_t *)v->data + first, v->exp + first);
  }
  return t;
}

static bt_affine_plan cell_plan(const bt_command *c, size_t i) {
  bt_affine_term term[BT_AFFINE_TERMS];
  size_t terms = c->u.affine.terms + (has_addend(c) ? 1 : 0);
  for (size_t k = 0; k < terms; k++) {
    term[k] = cell_term(c, k, i);
  }
  return bt_affine_prepare(terms, term);
}

/* plan is the cell's; terms with vectors become those of the element. */
static int32_t element(const bt_command *c, bt_affine_plan *plan, size_t i) {
  int32_t x[BT_AFFINE_TERMS];
  size_t b = i % bt_tensor_last(c->out[0]);
  for (size_t k = 0; k < plan->terms; k++) {
    bool addend = k == c->u.affine.terms;
    const bt_tensor *v = constants(c, k);
    size_t at = addend ? 0 : operand_index(c->in[k], c->out[0], i);
    x[k] = addend ? 1 : bt_tensor_mantissa(c->in[k], at);
    if (v != NULL) {
      bt_constant constant = {((const int32_t *)v->data)[b], v->exp[b]};
      bt_affine_at(plan, k, constant, addend ? 0 : bt_tensor_step(c->in[k], at));
    }
  }
  return bt_affine_apply(plan, x);
}

/* The elements of the cell (a, b) of the output: rows of dimension 0 and last indices. */
static void run_cell(const bt_command *c, size_t a, size_t b) {
  bt_tensor *y = c->out[0];
  size_t last = bt_tensor_last(y), n = bt_tensor_elements(y);
  size_t begin = a * (n / y->n0), end = begin + n / y->n0;
  size_t step = y->nl > 1 ? last : 1;
  bt_affine_plan plan = cell_plan(c, begin + (y->nl > 1 ? b : 0));
  int32_t *out = y->data;
  uint8_t *mask = c->u.affine.relu ? c->out[1]->data : NULL;
  const uint8_t *gate = c->u.affine.masked ? c->in[BT_IN_MASK]->data : NULL;
  for (size_t i = begin + (y->nl > 1 ? b : 0); i < end; i += step) {
    int32_t v = element(c, &plan, i);
    if (mask != NULL) {
      mask[i] = v > 0;
      v = v > 0 ? v : 0;
    }
    if (gate != NULL && gate[i] == 0) {
      v = 0;
    }
    out[i] = v;
  }
  y->exp[a * y->nl + b] = (int16_t)plan.exponent;
  y->bits = plan.bits > y->bits ? plan.bits : y->bits;
}

bt_status bt_ref_affine(const bt_command *c) {
  bt_tensor *y = c->out[0];
  y->bits = 0;
  for (size_t a = 0; a < y->n0; a++) {
    for (size_t b = 0; b < y->nl; b++) {
      run_cell(c, a, b);
    }
  }
  return BT_OK;
}

bt_status bt_ref_gate(const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bt_tensor *y = c->out[0];
  const uint8_t *mask = c->in[1]->data;
  size_t n = bt_tensor_elements(x), size = bt_tensor_element_size(x);
  memcpy(y->exp, x->exp, bt_tensor_exponents(x) * sizeof *x->exp);
  memcpy(y->data, x->data, n * size);
  for (size_t i = 0; i < n; i++) {
    if (mask[i] == 0) {
      memset((uint8_t *)y->data + i * size, 0, size);
    }
  }
  return BT_OK;
}
