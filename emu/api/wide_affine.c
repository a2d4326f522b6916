/* bt_wide_affine: one affine command on the caller's arrays (numerics 9). */
#include <stdio.h>

#include "api/view.h"
#include "num/error.h"
#include "num/round.h"
#include "ref/commands.h"

#define EXPONENT_LIMIT 4096

/* The tensors of one call. */
typedef struct {
  const bt_affine *a;
  bt_tensor x[BT_WIDE_TERMS];
  bt_tensor constants[BT_WIDE_TERMS + 1]; /* of the terms and, last, the addend */
  bt_tensor mask, positive, y;
  bt_command c;
} work;

static bool is_constant(bt_constant c, int bits) {
  uint64_t m = bt_magnitude(c.mantissa), least = UINT64_C(1) << (bits - 2);
  return m == 0 || (m >= least && m < 2 * least && c.exponent >= -EXPONENT_LIMIT &&
                    c.exponent < EXPONENT_LIMIT);
}

static bt_status check_constant(const char *name, bt_constant c, int bits, bt_error *error) {
  if (is_constant(c, bits)) {
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT,
                 "%s: %d * 2^%d: expected 0, or a mantissa of %d bits and an exponent of %d to %d",
                 name, c.mantissa, c.exponent, bits, -EXPONENT_LIMIT, EXPONENT_LIMIT - 1);
}

/* A vector of constants for the last indices. */
static bt_status make_vector(const char *name, const bt_constant *each, size_t last, int bits,
                             bt_tensor *v, bt_error *error) {
  *v = bt_tensor_constants(name, last);
  if (!bt_tensor_alloc(v)) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", name);
  }
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < last; i++) {
    s = check_constant(name, each[i], bits, error);
    ((int32_t *)v->data)[i] = each[i].mantissa;
    v->exp[i] = (int16_t)(each[i].mantissa == 0 ? 0 : each[i].exponent);
  }
  return s;
}

static bt_status make_terms(work *w, bt_error *error) {
  static const char *const name[] = {"term 0", "term 1", "term 2", "term 3"};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < w->a->terms; i++) {
    const bt_wide_term *t = &w->a->term[i];
    s = bt_view_wide(name[i], t->x, &w->x[i], error);
    w->c.in[i] = &w->x[i];
    w->c.u.affine.c[i] = t->c;
    if (s == BT_OK && t->each == NULL) {
      s = check_constant(name[i], t->c, 16, error);
    } else if (s == BT_OK) {
      s = make_vector(name[i], t->each, bt_tensor_last(&w->x[0]), 16, &w->constants[i], error);
      w->c.in[BT_IN_CONSTANTS + i] = &w->constants[i];
    }
  }
  return s;
}

static bt_status make_addend(work *w, bt_error *error) {
  if (w->a->c0_each != NULL) {
    bt_tensor *v = &w->constants[BT_WIDE_TERMS];
    w->c.in[BT_IN_ADDEND] = v;
    return make_vector("c0", w->a->c0_each, bt_tensor_last(&w->x[0]), 32, v, error);
  }
  w->c.u.affine.has_c0 = w->a->c0.mantissa != 0;
  w->c.u.affine.c0 = w->a->c0;
  return check_constant("c0", w->a->c0, 32, error);
}

/* y has the cells of the finest term (numerics 9). */
static bt_status make_output(work *w, uint8_t *positive, bt_error *error) {
  const bt_tensor *x = &w->x[0];
  w->y = bt_tensor_wide("y", x->ndim, x->dim, false, false);
  for (size_t i = 0; i < w->a->terms; i++) {
    bool whole = w->x[i].ndim == x->ndim;
    w->y.n0 = whole && w->x[i].n0 > w->y.n0 ? w->x[i].n0 : w->y.n0;
    w->y.nl = w->x[i].nl > w->y.nl ? w->x[i].nl : w->y.nl;
  }
  w->mask = bt_tensor_byte("mask", x->ndim, x->dim);
  w->mask.data = (uint8_t *)(uintptr_t)w->a->mask;
  w->positive = bt_tensor_byte("positive", x->ndim, x->dim);
  w->c.u.affine.masked = w->a->mask != NULL;
  w->c.u.affine.relu = w->a->relu;
  w->c.in[BT_IN_MASK] = w->a->mask == NULL ? NULL : &w->mask;
  w->c.out[0] = &w->y;
  w->c.out[1] = w->a->relu ? &w->positive : NULL;
  bt_status s = bt_command_check(&w->c, error);
  if (s == BT_OK && (!bt_tensor_alloc(&w->y) || !bt_tensor_alloc(&w->positive))) {
    return bt_fail(error, BT_FAILED, "y: out of memory");
  }
  if (s == BT_OK && positive != NULL && !w->a->relu) {
    return bt_fail(error, BT_BAD_INPUT, "a place for the signs before a ReLU, without relu");
  }
  return s;
}

bt_status bt_wide_affine(const bt_affine *affine, bt_wide *y, uint8_t *positive,
                         bt_error *error) {
  work w = {.a = affine, .c = {.op = BT_OP_AFFINE, .label.text = "bt_wide_affine"}};
  if (affine->terms < 1 || affine->terms > BT_WIDE_TERMS) {
    return bt_fail(error, BT_BAD_INPUT, "%zu terms, expected 1 to %u", affine->terms,
                   BT_WIDE_TERMS);
  }
  w.c.u.affine.terms = affine->terms;
  bt_status s = make_terms(&w, error);
  s = s == BT_OK ? make_addend(&w, error) : s;
  s = s == BT_OK ? make_output(&w, positive, error) : s;
  s = s == BT_OK ? bt_ref_affine(&w.c) : s;
  if (s == BT_OK) {
    const uint8_t *from = w.positive.data;
    for (size_t i = 0; positive != NULL && i < bt_tensor_elements(&w.y); i++) {
      positive[i] = from[i];
    }
    bt_view_give(&w.y, y);
  }
  bt_tensor_free(&w.y);
  bt_tensor_free(&w.positive);
  for (size_t i = 0; i <= BT_WIDE_TERMS; i++) {
    bt_tensor_free(&w.constants[i]);
  }
  return s;
}
