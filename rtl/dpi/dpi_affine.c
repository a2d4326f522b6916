/* affine of bittrue_dpi.svh, put together term by term. */
#include <stdlib.h>
#include <string.h>

#include "dpi_handle.h"

/* Frees what term i holds. */
static void drop_term(bt_dpi *h, size_t i) {
  free(h->x[i].mantissa);
  free(h->x[i].step);
  free(h->each[i]);
  h->x[i] = (bt_wide){0};
  h->each[i] = NULL;
}

void bt_dpi_affine_clear(bt_dpi *h) {
  for (size_t i = 0; i < BT_WIDE_TERMS; i++) {
    drop_term(h, i);
  }
  memset(&h->affine, 0, sizeof h->affine);
}

/* Reads n values, as one row, and the constants; false when out of memory. */
static bool read_term(bt_dpi *h, size_t i, const svOpenArrayHandle c_mantissa,
                      const svOpenArrayHandle c_exponent, const svOpenArrayHandle x, size_t n) {
  h->x[i].mantissa = malloc(n * sizeof *h->x[i].mantissa);
  h->x[i].step = malloc(sizeof *h->x[i].step);
  h->each[i] = malloc(h->constants[i] * sizeof *h->each[i]);
  if (h->x[i].mantissa == NULL || h->x[i].step == NULL || h->each[i] == NULL) {
    return false;
  }
  for (size_t k = 0; k < n; k++) {
    h->x[i].mantissa[k] = *(const int *)bt_dpi_at(x, k);
  }
  for (size_t k = 0; k < h->constants[i]; k++) {
    h->each[i][k] = (bt_constant){*(const int *)bt_dpi_at(c_mantissa, k),
                                  *(const int *)bt_dpi_at(c_exponent, k)};
  }
  return true;
}

int bittrue_dpi_affine_term(void *handle, const svOpenArrayHandle c_mantissa,
                            const svOpenArrayHandle c_exponent, const svOpenArrayHandle x,
                            int x_step, int x_bits) {
  bt_dpi *h = handle;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  size_t i = h->affine.terms;
  size_t n = (size_t)svSize(x, 1), constants = (size_t)svSize(c_mantissa, 1);
  if (i == BT_WIDE_TERMS || x_step < -1000 || x_step > 1000) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "affine: term %zu at step 2^%d, expected at most %u terms "
                       "and a step exponent of -1000 to 1000", i + 1, x_step, BT_WIDE_TERMS);
  }
  if (!bt_dpi_array(h, "x", x, 4, n) || !bt_dpi_array(h, "c_mantissa", c_mantissa, 4, constants) ||
      !bt_dpi_array(h, "c_exponent", c_exponent, 4, constants)) {
    return BT_BAD_INPUT;
  }
  h->constants[i] = constants;
  if (!read_term(h, i, c_mantissa, c_exponent, x, n)) {
    drop_term(h, i);
    return bt_dpi_fail(h, BT_FAILED, "affine: out of memory");
  }
  h->x[i].dim[0] = n;
  h->x[i].n0 = h->x[i].nl = 1;
  h->x[i].bits = x_bits;
  h->x[i].step[0] = (int16_t)x_step;
  h->affine.terms++;
  return BT_OK;
}

int bittrue_dpi_affine_addend(void *handle, int mantissa, int exponent) {
  bt_dpi *h = handle;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  h->affine.c0 = (bt_constant){mantissa, exponent};
  return BT_OK;
}

/* Gives the terms their shape, and a lone constant or one for each column. */
static bool shape_terms(bt_dpi *h, size_t rows, size_t columns) {
  for (size_t i = 0; i < h->affine.terms; i++) {
    bt_wide *x = &h->x[i];
    bool lone = h->constants[i] == 1;
    if (x->dim[0] != rows * columns || (!lone && h->constants[i] != columns)) {
      bt_dpi_fail(h, BT_BAD_INPUT, "affine: term %zu has %zu values and %zu constants, expected "
                  "%zu x %zu, and one or %zu", i + 1, x->dim[0], h->constants[i], rows, columns,
                  columns);
      return false;
    }
    x->ndim = 2;
    x->dim[0] = rows;
    x->dim[1] = columns;
    h->affine.term[i] = (bt_wide_term){x, h->each[i][0], lone ? NULL : h->each[i]};
  }
  return true;
}

/* Computes into y and positive, which the caller frees either way. */
static int compute(bt_dpi *h, size_t rows, size_t columns, bt_wide *y, uint8_t *positive) {
  if (positive == NULL) {
    return bt_dpi_fail(h, BT_FAILED, "affine: out of memory");
  }
  if (!shape_terms(h, rows, columns)) {
    return BT_BAD_INPUT;
  }
  memset(positive, 1, rows * columns);
  bt_status s = bt_wide_affine(&h->affine, y, h->affine.relu ? positive : NULL, &h->last);
  return s == BT_OK ? BT_OK : bt_dpi_failed(h, s);
}

int bittrue_dpi_affine(void *handle, int rows, int columns, svBit relu, const svOpenArrayHandle y,
                       const svOpenArrayHandle mask, int *y_step, int *y_bits) {
  bt_dpi *h = handle;
  size_t n;
  bt_wide sum = {0};
  *y_step = *y_bits = 0;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  int s = BT_BAD_INPUT;
  if (bt_dpi_sizes(h, "affine", rows, columns, &n) && bt_dpi_array(h, "y", y, 4, n) &&
      bt_dpi_array(h, "mask", mask, 1, n)) {
    uint8_t *positive = malloc(n);
    h->affine.relu = relu != 0;
    s = compute(h, (size_t)rows, (size_t)columns, &sum, positive);
    for (size_t i = 0; s == BT_OK && i < n; i++) {
      *(int32_t *)bt_dpi_at(y, i) = sum.mantissa[i];
      *(uint8_t *)bt_dpi_at(mask, i) = positive[i];
    }
    free(positive);
  }
  if (s == BT_OK) {
    *y_step = sum.step[0];
    *y_bits = sum.bits;
  }
  bt_wide_free(&sum);
  bt_dpi_affine_clear(h);
  return s;
}
