#include "api/view.h"

#include <string.h>

#include "num/error.h"
#include "num/format.h"
#include "num/round.h"

#define STEP_LIMIT 8192

bt_status bt_view_elements(const char *name, size_t ndim, const size_t *dim, size_t *elements,
                           bt_error *error) {
  size_t n = 1;
  if (ndim > BT_WIDE_DIMS) {
    return bt_fail(error, BT_BAD_INPUT, "%s: %zu dimensions, expected at most %u", name, ndim,
                   BT_WIDE_DIMS);
  }
  for (size_t d = 0; d < ndim; d++) {
    if (dim[d] == 0 || __builtin_mul_overflow(n, dim[d], &n) || n > SIZE_MAX / 16) {
      return bt_fail(error, BT_BAD_INPUT, "%s: dimension %zu is %zu: expected at least one element "
                     "and no more than memory holds", name, d, dim[d]);
    }
  }
  *elements = n;
  return BT_OK;
}

bt_format bt_view_format(const bt_format *format) {
  bt_format f = *format;
  f.block = f.kind == BT_FIXED ? BT_BLOCK_TENSOR : f.block;
  return f;
}

static bt_status copy_blocks(const char *name, const bt_blocks *x, size_t n, bt_tensor *t,
                             bt_error *error) {
  int low = bt_clip_low(&t->fmt), high = bt_clip_high(&t->fmt);
  for (size_t i = 0; i < n; i++) {
    if (x->mantissa[i] < low || x->mantissa[i] > high) {
      return bt_fail(error, BT_BAD_INPUT, "%s: mantissa %d of element %zu: expected %d to %d", name,
                     x->mantissa[i], i, low, high);
    }
    bt_tensor_store(t, i, x->mantissa[i]);
  }
  for (size_t b = 0; t->fmt.kind == BT_BFP && b < bt_tensor_exponents(t); b++) {
    t->exp[b] = x->exponent[b];
  }
  return BT_OK;
}

bt_status bt_view_blocks(const char *name, const bt_blocks *x, bt_tensor *t, bt_error *error) {
  size_t n = 0;
  bt_error why;
  memset(t, 0, sizeof *t);
  bt_status s = bt_format_check(&x->format, &why);
  if (s != BT_OK) {
    return bt_fail(error, s, "%s: %s", name, why.text);
  }
  s = bt_view_elements(name, x->ndim, x->dim, &n, error);
  if (s != BT_OK) {
    return s;
  }
  *t = bt_tensor_bfp(name, bt_view_format(&x->format), x->ndim, x->dim);
  if (!bt_tensor_alloc(t)) {
    return bt_fail(error, BT_FAILED, "%s: out of memory for %zu elements", name, n);
  }
  return copy_blocks(name, x, n, t, error);
}

static bt_status check_cells(const char *name, const bt_wide *x, size_t n, bt_error *error) {
  size_t first = x->ndim == 0 ? 1 : x->dim[0], last = x->ndim == 0 ? 1 : x->dim[x->ndim - 1];
  bool rows = x->n0 == 1 || x->n0 == first || x->n0 == n / last;
  if (!rows || (x->nl != 1 && x->nl != last) || x->n0 > n / x->nl) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: %zu x %zu cells: expected 1, %zu or %zu by 1 or %zu, no more than elements",
                   name, x->n0, x->nl, first, n / last, last);
  }
  if (x->bits < 0 || x->bits > 31) {
    return bt_fail(error, BT_BAD_INPUT, "%s: %d bits, expected 0 to 31", name, x->bits);
  }
  for (size_t c = 0; c < x->n0 * x->nl; c++) {
    if (x->step[c] < -STEP_LIMIT || x->step[c] >= STEP_LIMIT) {
      return bt_fail(error, BT_BAD_INPUT, "%s: step exponent %d of cell %zu: expected %d to %d",
                     name, x->step[c], c, -STEP_LIMIT, STEP_LIMIT - 1);
    }
  }
  return BT_OK;
}

bt_status bt_view_wide(const char *name, const bt_wide *x, bt_tensor *t, bt_error *error) {
  size_t n = 0;
  memset(t, 0, sizeof *t);
  bt_status s = bt_view_elements(name, x->ndim, x->dim, &n, error);
  s = s == BT_OK ? check_cells(name, x, n, error) : s;
  if (s != BT_OK) {
    return s;
  }
  for (size_t i = 0; i < n; i++) {
    if (bt_magnitude(x->mantissa[i]) > UINT64_C(1) << x->bits) {
      return bt_fail(error, BT_BAD_INPUT, "%s: mantissa %d of element %zu: expected at most 2^%d",
                     name, x->mantissa[i], i, x->bits);
    }
  }
  *t = bt_tensor_wide(name, x->ndim, x->dim, false, false);
  bool line = x->ndim == 1 && x->n0 > 1;
  t->n0 = line ? 1 : x->n0;
  t->nl = line ? x->n0 : x->nl;
  t->bits = x->bits;
  t->data = x->mantissa;
  t->exp = x->step;
  return BT_OK;
}

void bt_view_give(bt_tensor *t, bt_wide *y) {
  *y = (bt_wide){.ndim = t->ndim, .n0 = t->n0, .nl = t->nl, .bits = t->bits, .mantissa = t->data,
                 .step = t->exp};
  memcpy(y->dim, t->dim, sizeof y->dim);
  t->data = NULL;
  t->exp = NULL;
}
