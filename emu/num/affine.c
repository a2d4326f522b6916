#include "num/affine.h"

#include <limits.h>

#include "num/align.h"
#include "num/round.h"

/* |mantissa| in the bound M for a vector of constants (numerics 9). */
#define VECTOR_PRODUCT (UINT64_C(1) << 15)
#define VECTOR_ADDEND (UINT64_C(1) << 31)

bt_affine_range bt_affine_range_of(size_t n, const int32_t *mantissa, const int16_t *exponent) {
  bt_affine_range r = {false, 0, 0};
  for (size_t i = 0; i < n; i++) {
    if (mantissa[i] != 0) {
      r.highest = !r.any || exponent[i] > r.highest ? exponent[i] : r.highest;
      r.lowest = !r.any || exponent[i] < r.lowest ? exponent[i] : r.lowest;
      r.any = true;
    }
  }
  return r;
}

static bool counts(const bt_affine_term *x) {
  return x->is_vector ? x->range.any : x->c.mantissa != 0;
}

static int operand_step(const bt_affine_term *x) { return x->is_addend ? 0 : x->operand_step; }

/* t_i */
static int term_exponent(const bt_affine_term *x) {
  return operand_step(x) + (x->is_vector ? x->range.highest : x->c.exponent);
}

static uint64_t largest_mantissa(const bt_affine_term *x) {
  if (x->is_vector) {
    return x->is_addend ? VECTOR_ADDEND : VECTOR_PRODUCT;
  }
  return bt_magnitude(x->c.mantissa);
}

/* ceil(v * 2^s) for the bound M; v <= 2^46 and s <= BT_AFFINE_GUARD. */
static uint64_t scale_bound(uint64_t v, int s) {
  if (s >= 0) {
    return v << s;
  }
  return s <= -63 ? (v != 0) : (v + (UINT64_C(1) << -s) - 1) >> -s;
}

/* The part of a term in M. */
static uint64_t term_bound(const bt_affine_term *x, int align) {
  uint64_t largest = largest_mantissa(x) << (x->is_addend ? 0 : x->operand_bits);
  int lowest = x->is_vector ? operand_step(x) + x->range.lowest : term_exponent(x);
  return scale_bound(largest, term_exponent(x) - align) + (lowest < align);
}

void bt_affine_at(bt_affine_plan *plan, size_t i, bt_constant c, int step) {
  plan->mantissa[i] = c.mantissa;
  plan->shift[i] = c.mantissa == 0 ? 0 : c.exponent + step - plan->align;
}

bt_affine_plan bt_affine_prepare(size_t terms, const bt_affine_term *term) {
  bt_affine_plan p = {.terms = terms, .exponent = BT_ZERO_EXPONENT};
  int top = INT_MIN;
  for (size_t i = 0; i < terms; i++) {
    if (counts(&term[i]) && term_exponent(&term[i]) > top) {
      top = term_exponent(&term[i]);
    }
  }
  if (top == INT_MIN) {
    return p;
  }
  p.align = top - BT_AFFINE_GUARD;
  uint64_t bound = 0;
  for (size_t i = 0; i < terms; i++) {
    if (counts(&term[i])) {
      bound += term_bound(&term[i], p.align);
    }
    if (!term[i].is_vector) {
      bt_affine_at(&p, i, term[i].c, operand_step(&term[i]));
    }
  }
  int bits = bt_bitlen(bound);
  p.t = bits > 31 ? bits - 31 : 0;
  p.exponent = p.align + p.t;
  p.bits = bits > 31 ? 31 : bits;
  return p;
}

int32_t bt_affine_apply(const bt_affine_plan *p, const int32_t *x) {
  int64_t sum = 0;
  for (size_t i = 0; i < p->terms; i++) {
    int64_t product = (int64_t)p->mantissa[i] * x[i];
    sum += p->shift[i] >= 0 ? bt_shift_left(product, p->shift[i])
                            : bt_shift_floor(product, -p->shift[i]);
  }
  return (int32_t)bt_shift_floor(sum, p->t);
}
