/* Which form of an affine's sum (numerics 9) is exact in a column, and its steps there.
 *
 * A term is floor(m * x * 2^s), m odd: zeros at the end of a constant's mantissa are taken into s.
 * SUM keeps the sum of all products in 32 bits, less the `common` low bits that are zero in all of
 * them: what is shared loses these by a floor, which changes no floor of the whole. SPLIT keeps
 * each product in 32 bits: the sum's low 32 bits, and apart from them the sum of the products'
 * quotients by 2^t. */
#include "fast/affine_steps.h"

#include "num/round.h"

#define ONE 16384        /* a constant of this mantissa is a shift by 14 */
#define ONE_BITS 14
#define GENERAL_RIGHT 62 /* as good as more, for products below 2^55 */

typedef struct {
  int32_t m; /* odd, or 0 */
  int s;
} factor;

static factor factor_of(const bt_affine_plan *q, size_t k) {
  factor f = {q->mantissa[k], q->shift[k]};
  if (f.m != 0) {
    int zeros = __builtin_ctz((unsigned)f.m);
    f.m >>= zeros;
    f.s += zeros;
  }
  return f;
}

static int width_of(const bt_affine_job *j, size_t i) {
  return bt_tensor_width(j->c->in[j->term[i]]);
}

/* y = (x << left) >> right, plus what is shared: the shift before the sum covers the one after. */
static bool is_shift(const bt_affine_job *j, const bt_affine_plan *q) {
  size_t k = j->term[0];
  return j->products == 1 && q->mantissa[k] == ONE && (q->t == 0 || ONE_BITS + q->shift[k] >= q->t);
}

/* Low bits that are zero in every product, t at most. */
static int common_bits(const bt_affine_job *j, const bt_affine_plan *q) {
  int common = q->t;
  for (size_t i = 0; i < j->products; i++) {
    factor f = factor_of(q, j->term[i]);
    common = f.m != 0 && f.s < common ? f.s : common;
  }
  return common < 0 ? 0 : common;
}

static bool is_sum(const bt_affine_job *j, const bt_affine_plan *q) {
  int common = common_bits(j, q);
  if (q->t - common > 30) {
    return false;
  }
  uint64_t most = UINT64_C(1) << (q->t - common);
  for (size_t i = 0; i < j->products; i++) {
    factor f = factor_of(q, j->term[i]);
    uint64_t product = bt_magnitude(f.m) << width_of(j, i);
    if (f.m != 0 && f.s < 0 && product > INT32_MAX) {
      return false;
    }
    most += f.m == 0 ? 0 : f.s < 0 ? (product >> (f.s < -31 ? 31 : -f.s)) + 1
                                   : product << (f.s - common);
  }
  return most <= INT32_MAX;
}

/* A factor whose product is not shifted left beyond the sum's unit. */
static factor at_most(factor f, int t) {
  if (f.m != 0 && f.s > t) {
    f.m = (int32_t)((uint32_t)f.m << (f.s - t));
    f.s = t;
  }
  return f;
}

static bool is_split(const bt_affine_job *j, const bt_affine_plan *q) {
  bool fits = true; /* five terms below 2^55: t is at most 27, and the remainders' sum below 2^32 */
  for (size_t i = 0; fits && i < j->products; i++) {
    factor f = factor_of(q, j->term[i]);
    uint64_t product = bt_magnitude(f.m) << width_of(j, i);
    product = f.m != 0 && f.s > q->t ? product << (f.s - q->t) : product;
    fits = product <= INT32_MAX || (f.m == 1 && f.s <= q->t);
  }
  return fits;
}

unsigned bt_affine_forms_of(const bt_affine_job *j, const bt_affine_plan *q, bool *rights) {
  for (size_t i = 0; i < j->products; i++) {
    factor f = factor_of(q, j->term[i]);
    *rights = *rights || (f.m != 0 && f.s < 0);
  }
  return (is_shift(j, q) ? 1u << BT_AFFINE_SHIFT : 0) | (is_sum(j, q) ? 1u << BT_AFFINE_SUM : 0) |
         (is_split(j, q) ? 1u << BT_AFFINE_SPLIT : 0) | 1u << BT_AFFINE_GENERAL;
}

static uint32_t right_of(int s, int most) {
  return (uint32_t)(s >= 0 ? 0 : s < -most ? most : -s);
}

static void set_shift(const bt_affine_job *j, const bt_affine_plan *q, bt_affine_steps *to) {
  int s = q->shift[j->term[0]] + ONE_BITS - q->t;
  to->product[0].left = (uint32_t)(s > 0 ? s : 0);
  to->product[0].right = right_of(s, 31);
  to->high = (int32_t)(to->base >> q->t);
}

static void set_sum(const bt_affine_job *j, const bt_affine_plan *q, bt_affine_steps *to) {
  int common = common_bits(j, q);
  for (size_t i = 0; i < j->products; i++) {
    factor f = factor_of(q, j->term[i]);
    uint32_t left = (uint32_t)(f.m != 0 && f.s >= 0 ? f.s - common : 0);
    to->product[i].mantissa = (int32_t)((uint32_t)f.m << left);
    to->product[i].right = f.m == 0 ? 0 : right_of(f.s, 31);
  }
  to->t = (uint32_t)(q->t - common);
  to->high = (int32_t)(to->base >> q->t);
  to->low = (int32_t)((to->base >> common) & ((INT64_C(1) << to->t) - 1));
}

static void set_split(const bt_affine_job *j, const bt_affine_plan *q, bt_affine_steps *to) {
  for (size_t i = 0; i < j->products; i++) {
    factor f = at_most(factor_of(q, j->term[i]), q->t);
    to->product[i].mantissa = f.m;
    to->product[i].right = f.m == 0 ? 0 : right_of(f.s, 31);
    to->product[i].left = (uint32_t)(f.m != 0 && f.s > 0 ? f.s : 0);
    to->product[i].down = (uint32_t)q->t - to->product[i].left;
  }
  to->high = (int32_t)(to->base >> q->t);
  to->low = (int32_t)(uint32_t)to->base;
}

static void set_general(const bt_affine_job *j, const bt_affine_plan *q, bt_affine_steps *to) {
  for (size_t i = 0; i < j->products; i++) {
    int s = q->shift[j->term[i]];
    bt_affine_step *p = &to->product[i];
    p->mantissa = q->mantissa[j->term[i]];
    p->left = (uint32_t)(s > 0 ? s : 0);
    p->right = right_of(s, GENERAL_RIGHT);
    to->base = (int64_t)((uint64_t)to->base - ((uint64_t)BT_AFFINE_BIAS >> p->right));
  }
}

bt_affine_steps bt_affine_steps_of(const bt_affine_job *j, const bt_affine_plan *q,
                                   int64_t base) {
  bt_affine_steps to = {.t = (uint32_t)q->t, .base = base};
  switch (j->form) {
    case BT_AFFINE_SHIFT:
      set_shift(j, q, &to);
      break;
    case BT_AFFINE_SUM:
      set_sum(j, q, &to);
      break;
    case BT_AFFINE_SPLIT:
      set_split(j, q, &to);
      break;
    case BT_AFFINE_GENERAL:
    default:
      set_general(j, q, &to);
  }
  return to;
}
