/* round, quantize and gemm of bittrue_dpi.svh. */
#include <stdlib.h>

#include "dpi_handle.h"

#define MOST_STEP 8191

int bittrue_dpi_round(void *handle, long long mantissa, int surplus, int draw,
                      long long *rounded) {
  bt_dpi *h = handle;
  *rounded = 0;
  if (h == NULL) {
    return BT_BAD_INPUT;
  }
  const long long limit = INT64_C(1) << 62;
  if (mantissa <= -limit || mantissa >= limit) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "round of %lld: expected less than 2^62 in magnitude",
                       mantissa);
  }
  if (h->round.mode == BT_STOCHASTIC && (draw < 0 || draw >> h->round.random_bits != 0)) {
    return bt_dpi_fail(h, BT_BAD_INPUT, "draw %d: expected one of %u bits", draw,
                       h->round.random_bits);
  }
  *rounded = bt_round(mantissa, surplus, &h->round, (uint32_t)draw);
  return BT_OK;
}

/* Reads the tensor, one step exponent for all or each element a cell; false after an error. Its
 * arrays are the caller's to free, either way. */
static bool read_wide(bt_dpi *h, const svOpenArrayHandle mantissa, const svOpenArrayHandle step,
                      bt_wide *x) {
  size_t n = x->dim[0] * x->dim[1];
  bool one = svDimensions(step) == 1 && svSize(step, 1) == 1;
  size_t steps = one ? 1 : n;
  if (!bt_dpi_array(h, "mantissa", mantissa, 4, n) || !bt_dpi_array(h, "step", step, 4, steps)) {
    return false;
  }
  x->n0 = one ? 1 : x->dim[0];
  x->nl = one ? 1 : x->dim[1];
  x->mantissa = malloc(n * sizeof *x->mantissa);
  x->step = malloc(steps * sizeof *x->step);
  if (x->mantissa == NULL || x->step == NULL) {
    bt_dpi_fail(h, BT_FAILED, "quantize: out of memory");
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    x->mantissa[i] = *(const int *)bt_dpi_at(mantissa, i);
  }
  for (size_t i = 0; i < steps; i++) {
    int e = *(const int *)bt_dpi_at(step, i);
    if (e < -MOST_STEP || e > MOST_STEP) {
      bt_dpi_fail(h, BT_BAD_INPUT, "step %zu: %d, expected %d to %d", i, e, -MOST_STEP, MOST_STEP);
      return false;
    }
    x->step[i] = (int16_t)e;
  }
  return true;
}

/* Quantizes into storage of its own and copies that out. */
static int quantize(bt_dpi *h, const bt_wide *x, size_t blocks, const svOpenArrayHandle quantized,
                    const svOpenArrayHandle exponent) {
  size_t n = x->dim[0] * x->dim[1];
  int16_t *q = malloc(n * sizeof *q);
  int8_t *e = malloc(blocks + 1);
  if (q == NULL || e == NULL) {
    free(q);
    free(e);
    return bt_dpi_fail(h, BT_FAILED, "quantize: out of memory");
  }
  bt_status s = bt_wide_quantize(x, &h->format, &h->round, &h->generator, q, e, &h->counts,
                                 &h->last);
  for (size_t i = 0; s == BT_OK && i < n; i++) {
    *(int16_t *)bt_dpi_at(quantized, i) = q[i];
  }
  for (size_t i = 0; s == BT_OK && i < blocks; i++) {
    *(int *)bt_dpi_at(exponent, i) = e[i];
  }
  free(q);
  free(e);
  return s == BT_OK ? BT_OK : bt_dpi_failed(h, s);
}

int bittrue_dpi_quantize(void *handle, int rows, int columns, const svOpenArrayHandle mantissa,
                         const svOpenArrayHandle step, const svOpenArrayHandle quantized,
                         const svOpenArrayHandle exponent) {
  bt_dpi *h = handle;
  size_t n;
  if (h == NULL || !bt_dpi_sizes(h, "quantize", rows, columns, &n)) {
    return BT_BAD_INPUT;
  }
  bt_wide x = {.ndim = 2, .dim = {(size_t)rows, (size_t)columns}, .bits = 31};
  bool fixed = h->format.kind == BT_FIXED;
  size_t blocks = fixed ? 0 : bt_block_count(&h->format, 2, x.dim);
  if (!bt_dpi_array(h, "quantized", quantized, 2, n) ||
      (!fixed && !bt_dpi_array(h, "exponent", exponent, 4, blocks))) {
    return BT_BAD_INPUT;
  }
  int s = BT_BAD_INPUT;
  if (read_wide(h, mantissa, step, &x)) {
    s = quantize(h, &x, blocks, quantized, exponent);
  }
  free(x.mantissa);
  free(x.step);
  return s;
}

/* The matrix as the library takes it; NULL when out of memory. */
static int8_t *bytes_of(const svOpenArrayHandle array, size_t n) {
  int8_t *to = malloc(n);
  for (size_t i = 0; to != NULL && i < n; i++) {
    to[i] = *(const int8_t *)bt_dpi_at(array, i);
  }
  return to;
}

int bittrue_dpi_gemm(void *handle, int m, int n, int k, const svOpenArrayHandle a,
                     const svOpenArrayHandle b, const svOpenArrayHandle out) {
  bt_dpi *h = handle;
  size_t of_a, of_b, of_out;
  if (h == NULL || !bt_dpi_sizes(h, "gemm: a", m, k, &of_a) ||
      !bt_dpi_sizes(h, "gemm: b", k, n, &of_b) || !bt_dpi_sizes(h, "gemm: out", m, n, &of_out) ||
      !bt_dpi_array(h, "a", a, 1, of_a) || !bt_dpi_array(h, "b", b, 1, of_b) ||
      !bt_dpi_array(h, "out", out, 4, of_out)) {
    return BT_BAD_INPUT;
  }
  int8_t *left = bytes_of(a, of_a), *right = bytes_of(b, of_b);
  int32_t *sum = malloc(of_out * sizeof *sum);
  bool room = left != NULL && right != NULL && sum != NULL;
  bt_status s = !room ? BT_FAILED
                      : bt_gemm_s8(&h->acc, (size_t)m, (size_t)n, (size_t)k, left, right,
                                   &h->generator, sum, &h->saturations, &h->last);
  for (size_t i = 0; s == BT_OK && i < of_out; i++) {
    *(int32_t *)bt_dpi_at(out, i) = sum[i];
  }
  free(left);
  free(right);
  free(sum);
  if (!room) {
    return bt_dpi_fail(h, BT_FAILED, "gemm: out of memory");
  }
  return s == BT_OK ? BT_OK : bt_dpi_failed(h, s);
}
