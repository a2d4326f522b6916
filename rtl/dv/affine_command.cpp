#include "affine_command.h"

namespace bt_rtl {

// The vector of constants of term k (AFFINE_TERMS: the addend), or NULL.
static const bt_tensor *vector_of(const bt_command &c, size_t k) {
  return c.in[k == AFFINE_TERMS ? BT_IN_ADDEND : BT_IN_CONSTANTS + k];
}

static bool present(const bt_command &c, size_t k) {
  if (k == AFFINE_TERMS) return c.u.affine.has_c0 || c.in[BT_IN_ADDEND];
  return k < c.u.affine.terms;
}

// The constant of term k at last index b.
static bt_constant constant_at(const bt_command &c, size_t k, size_t b) {
  const bt_tensor *v = vector_of(c, k);
  if (v) return {static_cast<const int32_t *>(v->data)[b], v->exp[b]};
  return k == AFFINE_TERMS ? c.u.affine.c0 : c.u.affine.c[k];
}

// A vector operand (a bias) serves every row.
static size_t operand_index(const bt_command &c, size_t k, size_t i) {
  return c.in[k]->ndim == c.out[0]->ndim ? i : i % bt_tensor_last(c.out[0]);
}

// Term k of a cell that begins at element i and has all last indices, or i's alone.
static AffineTerm term_of(const bt_command &c, size_t k, size_t i) {
  AffineTerm t = {};
  if (!present(c, k)) return t;
  bool addend = k == AFFINE_TERMS, vector = vector_of(c, k) != nullptr;
  const bt_tensor *y = c.out[0];
  size_t last = bt_tensor_last(y), begin = y->nl > 1 ? i % last : 0;
  size_t end = vector && y->nl == 1 ? last : begin + 1;
  for (size_t b = begin; b < end; b++) {
    bt_constant v = constant_at(c, k, b);
    if (v.mantissa == 0) continue;
    t.high = t.counts ? std::max(t.high, v.exponent) : v.exponent;
    t.low = t.counts ? std::min(t.low, v.exponent) : v.exponent;
    t.mantissa = static_cast<uint32_t>(v.mantissa < 0 ? -int64_t{v.mantissa} : v.mantissa);
    t.counts = true;
  }
  if (vector) t.mantissa = addend ? 1u << 31 : 1u << 15;
  if (!addend) {
    t.step = bt_tensor_step(c.in[k], operand_index(c, k, i));
    t.bits = bt_tensor_width(c.in[k]);
  }
  return t;
}

std::vector<AffineCell> affine_cells(const bt_command &c) {
  const bt_tensor *y = c.out[0];
  std::vector<AffineCell> cells;
  for (size_t a = 0; a < y->n0; a++)
    for (size_t b = 0; b < y->nl; b++) {
      AffineCell cell;
      for (size_t k = 0; k <= AFFINE_TERMS; k++)
        cell.term[k] = term_of(c, k, a * (bt_tensor_elements(y) / y->n0) + b);
      cells.push_back(cell);
    }
  return cells;
}

static AffineElement element_of(const bt_command &c, size_t i, const AffinePlan &plan) {
  AffineElement e = {};
  size_t b = i % bt_tensor_last(c.out[0]);
  for (size_t k = 0; k < c.u.affine.terms; k++) {
    size_t at = operand_index(c, k, i);
    bt_constant v = constant_at(c, k, b);
    e.x[k] = bt_tensor_mantissa(c.in[k], at);
    e.x_exp[k] = bt_tensor_step(c.in[k], at);
    e.c[k] = v.mantissa;
    e.c_exp[k] = v.exponent;
  }
  if (present(c, AFFINE_TERMS)) {
    bt_constant v = constant_at(c, AFFINE_TERMS, b);
    e.c0 = v.mantissa;
    e.c0_exp = v.exponent;
  }
  e.top = plan.top;
  e.floor = plan.floor;
  if (c.u.affine.masked) e.mask = static_cast<const uint8_t *>(c.in[BT_IN_MASK]->data)[i] != 0;
  return e;
}

std::vector<AffineElement> affine_elements(const bt_command &c,
                                           const std::vector<AffinePlan> &plans) {
  std::vector<AffineElement> elements;
  size_t n = bt_tensor_elements(c.out[0]);
  for (size_t i = 0; i < n; i++)
    elements.push_back(element_of(c, i, plans[bt_tensor_exponent_of(c.out[0], i)]));
  return elements;
}

std::vector<AffineElement> gate_elements(const bt_command &c) {
  std::vector<AffineElement> elements;
  const uint8_t *mask = static_cast<const uint8_t *>(c.in[1]->data);
  for (size_t i = 0; i < bt_tensor_elements(c.in[0]); i++) {
    AffineElement e = {};
    e.x[0] = bt_tensor_mantissa(c.in[0], i);
    e.c[0] = 1;
    e.top = 8; // the guard: no shift
    e.mask = mask[i] != 0;
    elements.push_back(e);
  }
  return elements;
}

} // namespace bt_rtl
