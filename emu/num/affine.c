#include "num/affine.h"

#include <limits.h>

#include "num/align.h"
#include "num/round.h"

static int term_exponent(const bt_affine_term *x) {
  return x->c.exponent + (x->is_addend ? 0 : x->operand_step);
}

/* ceil(v * 2^s) for the bound M; v < 2^46 and s <= BT_AFFINE_GUARD. */
static uint64_t scale_bound(uint64_t v, int s) {
  if (s >= 0) {
    return v << s;
  }
  return s <= -63 ? (v != 0) : (v + (UINT64_C(1) << -s) - 1) >> -s;
}

bt_affine_plan bt_affine_prepare(size_t terms, const bt_affine_term *term) {
  bt_affine_plan p = {.terms = terms, .exponent = BT_ZERO_EXPONENT};
  int top = INT_MIN;
  for (size_t i = 0; i < terms; i++) {
    p.mantissa[i] = term[i].c.mantissa;
    if (term[i].c.mantissa != 0 && term_exponent(&term[i]) > top) {
      top = term_exponent(&term[i]);
    }
  }
  if (top == INT_MIN) {
    return p;
  }
  int align = top - BT_AFFINE_GUARD;
  uint64_t bound = 0;
  for (size_t i = 0; i < terms; i++) {
    if (term[i].c.mantissa == 0) {
      continue;
    }
    p.shift[i] = term_exponent(&term[i]) - align;
    uint64_t largest = bt_magnitude(term[i].c.mantissa)
                       << (term[i].is_addend ? 0 : term[i].operand_bits);
    bound += scale_bound(largest, p.shift[i]) + (p.shift[i] < 0);
  }
  int bits = bt_bitlen(bound);
  p.t = bits > 31 ? bits - 31 : 0;
  p.exponent = align + p.t;
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
