#include "cmd/tensor.h"

#include <stdlib.h>
#include <string.h>

#include "num/align.h"
#include "num/format.h"

static bt_tensor shape(const char *name, bt_tensor_kind kind, size_t ndim, const size_t *dim) {
  bt_tensor t = {.name = name, .kind = kind, .ndim = ndim, .n0 = 1, .nl = 1};
  memcpy(t.dim, dim, ndim * sizeof *dim);
  t.role = kind == BT_T_WIDE ? BT_ROLE_WIDE : BT_ROLE_OTHER;
  return t;
}

const char *bt_role_name(bt_tensor_role role) {
  static const char *const name[BT_ROLE_COUNT] = {"other",    "input",    "weight", "activation",
                                                  "error",    "gradient", "momentum", "average",
                                                  "mask",     "index",    "wide"};
  return name[role];
}

bt_tensor bt_tensor_bfp(const char *name, bt_format fmt, size_t ndim, const size_t *dim) {
  bt_tensor t = shape(name, fmt.wl <= 8 ? BT_T_BFP8 : BT_T_BFP16, ndim, dim);
  t.fmt = fmt;
  return t;
}

bt_tensor bt_tensor_wide(const char *name, size_t ndim, const size_t *dim, bool per0,
                         bool per_last) {
  bt_tensor t = shape(name, BT_T_WIDE, ndim, dim);
  t.n0 = per0 ? t.dim[0] : 1;
  t.nl = per_last ? t.dim[ndim - 1] : 1;
  return t;
}

bt_tensor bt_tensor_wide_each(const char *name, size_t ndim, const size_t *dim) {
  bt_tensor t = shape(name, BT_T_WIDE, ndim, dim);
  t.nl = bt_tensor_last(&t);
  t.n0 = t.nl == 0 ? 0 : bt_tensor_elements(&t) / t.nl;
  return t;
}

bt_tensor bt_tensor_wide_from(const char *name, size_t ndim, const size_t *dim, bool per0,
                              bool per_last, size_t count, const bt_tensor *const *from) {
  for (size_t i = 0; i < count; i++) {
    if (from[i] != NULL && bt_tensor_has_tiles(from[i])) {
      return bt_tensor_wide_each(name, ndim, dim);
    }
  }
  return bt_tensor_wide(name, ndim, dim, per0, per_last);
}

bt_tensor bt_tensor_byte(const char *name, size_t ndim, const size_t *dim) {
  return shape(name, BT_T_BYTE, ndim, dim);
}

bt_tensor bt_tensor_sums(const char *name, size_t count) {
  return shape(name, BT_T_SUMS, 1, &count);
}

bt_tensor bt_tensor_constants(const char *name, size_t count) {
  bt_tensor t = bt_tensor_wide(name, 1, &count, false, true);
  t.role = BT_ROLE_OTHER;
  return t;
}

bt_tensor bt_tensor_as(bt_tensor_role role, bt_tensor shape) {
  shape.role = role;
  return shape;
}

bool bt_tensor_alloc(bt_tensor *t) {
  size_t exponents = bt_tensor_exponents(t);
  t->data = calloc(bt_tensor_elements(t) + 1, bt_tensor_element_size(t));
  t->exp = malloc((exponents + 1) * sizeof *t->exp);
  if (t->data == NULL || t->exp == NULL) {
    bt_tensor_free(t);
    return false;
  }
  int empty = t->kind == BT_T_WIDE || t->kind == BT_T_SUMS ? BT_ZERO_EXPONENT : -128;
  if ((t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) && t->fmt.kind == BT_FIXED) {
    empty = bt_fixed_exponent(&t->fmt);
  }
  for (size_t i = 0; i < exponents; i++) {
    t->exp[i] = (int16_t)empty;
  }
  return true;
}

void bt_tensor_free(bt_tensor *t) {
  free(t->data);
  free(t->exp);
  t->data = NULL;
  t->exp = NULL;
}

size_t bt_tensor_elements(const bt_tensor *t) { return bt_elements(t->ndim, t->dim); }

size_t bt_tensor_last(const bt_tensor *t) { return t->ndim == 0 ? 1 : t->dim[t->ndim - 1]; }

size_t bt_tensor_exponents(const bt_tensor *t) {
  switch (t->kind) {
    case BT_T_BFP8:
    case BT_T_BFP16:
      return bt_block_count(&t->fmt, t->ndim, t->dim);
    case BT_T_WIDE:
      return t->n0 * t->nl;
    case BT_T_SUMS:
      return 1;
    case BT_T_BYTE:
    default:
      return 0;
  }
}

size_t bt_tensor_element_size(const bt_tensor *t) {
  static const size_t size[] = {
      [BT_T_BFP8] = 1, [BT_T_BFP16] = 2, [BT_T_WIDE] = 4, [BT_T_BYTE] = 1, [BT_T_SUMS] = 8};
  return size[t->kind];
}

int32_t bt_tensor_mantissa(const bt_tensor *t, size_t i) {
  switch (t->kind) {
    case BT_T_BFP8:
      return ((const int8_t *)t->data)[i];
    case BT_T_BFP16:
      return ((const int16_t *)t->data)[i];
    case BT_T_WIDE:
      return ((const int32_t *)t->data)[i];
    case BT_T_BYTE:
    case BT_T_SUMS:
    default:
      return ((const uint8_t *)t->data)[i];
  }
}

int64_t bt_tensor_integer(const bt_tensor *t, size_t i) {
  return t->kind == BT_T_SUMS ? ((const int64_t *)t->data)[i] : bt_tensor_mantissa(t, i);
}

void bt_tensor_store(bt_tensor *t, size_t i, int32_t m) {
  if (t->kind == BT_T_BFP8) {
    ((int8_t *)t->data)[i] = (int8_t)m;
  } else {
    ((int16_t *)t->data)[i] = (int16_t)m;
  }
}

size_t bt_tensor_exponent_of(const bt_tensor *t, size_t i) {
  if (t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) {
    return bt_block_of(&t->fmt, t->ndim, t->dim, i);
  }
  size_t row = t->n0 > 1 ? i / (bt_tensor_elements(t) / t->n0) : 0;
  size_t column = t->nl > 1 ? i % bt_tensor_last(t) : 0;
  return row * t->nl + column;
}

bool bt_tensor_has_each(const bt_tensor *t) {
  return t->kind == BT_T_WIDE && t->n0 * t->nl == bt_tensor_elements(t);
}

bool bt_tensor_has_tiles(const bt_tensor *t) {
  return (t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) &&
         (t->fmt.block == BT_BLOCK_TILE || t->fmt.block == BT_BLOCK_K32);
}

int bt_tensor_step(const bt_tensor *t, size_t i) {
  switch (t->kind) {
    case BT_T_BFP8:
    case BT_T_BFP16:
      return t->exp[bt_tensor_exponent_of(t, i)] - (t->fmt.wl - 2);
    case BT_T_SUMS:
      return t->exp[0];
    case BT_T_WIDE:
      return t->exp[bt_tensor_exponent_of(t, i)];
    case BT_T_BYTE:
    default:
      return 0;
  }
}

int bt_tensor_width(const bt_tensor *t) {
  return t->kind == BT_T_WIDE ? t->bits : t->kind == BT_T_BYTE ? 8 : t->fmt.wl - 1;
}

bool bt_tensor_zero_block(const bt_tensor *t, size_t block) {
  if (t->exp[block] != -128) {
    return false;
  }
  bt_block_extent x = bt_block_elements(&t->fmt, t->ndim, t->dim, block);
  for (size_t run = 0; run < x.runs; run++) {
    for (size_t j = 0; j < x.length; j++) {
      if (bt_tensor_mantissa(t, x.first + run * x.stride + j) != 0) {
        return false;
      }
    }
  }
  return true;
}

bool bt_tensor_same_shape(const bt_tensor *a, const bt_tensor *b) {
  return a->kind == b->kind && a->ndim == b->ndim &&
         memcmp(a->dim, b->dim, a->ndim * sizeof a->dim[0]) == 0;
}
