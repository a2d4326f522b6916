/* Batch norm: y = scale * (x - mean) / sqrt(variance + eps) + shift, by channel. */
#include <math.h>

#include "float/layers.h"

typedef struct {
  size_t channels;
  const bt_real *x, *e;
  const bt_real *mean, *a, *b; /* y = a * (x - mean) + b; dx = a * e - b - c * (x - mean) */
  const bt_real *c;
  bool relu;
  bt_real *out;
} job;

static void forward_rows(const void *context, size_t first, size_t end) {
  const job *j = context;
  const size_t n = j->channels;
  const bt_real *restrict mean = j->mean, *restrict a = j->a, *restrict b = j->b;
  for (size_t r = first; r < end; r++) {
    const bt_real *restrict x = j->x + r * n;
    bt_real *restrict y = j->out + r * n;
    if (j->relu) {
      for (size_t i = 0; i < n; i++) {
        const bt_real v = a[i] * (x[i] - mean[i]) + b[i];
        y[i] = v > 0 ? v : 0;
      }
    } else {
      for (size_t i = 0; i < n; i++) {
        y[i] = a[i] * (x[i] - mean[i]) + b[i];
      }
    }
  }
}

static void backward_rows(const void *context, size_t first, size_t end) {
  const job *j = context;
  const size_t n = j->channels;
  const bt_real *restrict mean = j->mean, *restrict a = j->a, *restrict b = j->b;
  const bt_real *restrict c = j->c;
  for (size_t r = first; r < end; r++) {
    const bt_real *restrict x = j->x + r * n;
    const bt_real *restrict e = j->e + r * n;
    bt_real *restrict dx = j->out + r * n;
    for (size_t i = 0; i < n; i++) {
      dx[i] = a[i] * e[i] - b[i] - c[i] * (x[i] - mean[i]);
    }
  }
}

static double eps_of(const bt_layer *layer) {
  return (double)layer->eps.num / (double)layer->eps.den;
}

void bt_norm_batch(const bt_float_work *work, const bt_layer *layer, size_t rows, const bt_real *x,
                   bt_norm *norm) {
  bt_channel_moments(work, rows, layer->out_c, x, norm->mean, norm->squares);
  for (size_t i = 0; i < layer->out_c; i++) {
    const double variance = norm->squares[i] / (double)rows + eps_of(layer);
    norm->factor[i] = (bt_real)(variance > 0 ? 1 / sqrt(variance) : 0);
  }
}

void bt_norm_forward(const bt_float_work *work, const bt_layer *layer, size_t rows,
                     const bt_norm *norm, const bt_real *x, const bt_real *scale,
                     const bt_real *shift, bt_real *y) {
  bt_real *a = work->constant;
  for (size_t i = 0; i < layer->out_c; i++) {
    a[i] = scale[i] * norm->factor[i];
  }
  const job j = {.channels = layer->out_c, .x = x, .mean = norm->mean, .a = a, .b = shift,
                 .relu = layer->relu, .out = y};
  bt_float_each(work, rows, layer->out_c, forward_rows, &j);
}

void bt_norm_backward(const bt_float_work *work, const bt_layer *layer, size_t rows,
                      const bt_norm *norm, const bt_real *x, const bt_real *scale,
                      const bt_real *e, bt_real *dscale, bt_real *dshift, bt_real *dx) {
  bt_real *a = work->constant, *b = a + work->channels, *c = b + work->channels;
  const bt_real n = (bt_real)rows;
  bt_channel_products(work, rows, layer->out_c, x, e, norm->mean, dshift, dscale);
  for (size_t i = 0; i < layer->out_c; i++) {
    const bt_real r = norm->factor[i];
    dscale[i] *= r;
    a[i] = scale[i] * r;
    b[i] = a[i] * dshift[i] / n;
    c[i] = a[i] * r * dscale[i] / n;
  }
  if (dx != NULL) {
    const job j = {.channels = layer->out_c, .x = x, .e = e, .mean = norm->mean, .a = a, .b = b,
                   .c = c, .out = dx};
    bt_float_each(work, rows, layer->out_c, backward_rows, &j);
  }
}

void bt_norm_collect(const bt_layer *layer, size_t rows, bt_norm *norm) {
  for (size_t i = 0; i < layer->out_c; i++) {
    norm->mean_sum[i] += (double)rows * (double)norm->mean[i];
    if (rows > 1) {
      norm->variance_sum[i] += (double)rows * (norm->squares[i] / (double)(rows - 1));
    }
  }
  *norm->rows += (double)rows;
}

void bt_norm_use_collected(const bt_layer *layer, bt_norm *norm) {
  for (size_t i = 0; i < layer->out_c; i++) {
    const double variance = norm->variance_sum[i] / *norm->rows + eps_of(layer);
    norm->mean[i] = (bt_real)(norm->mean_sum[i] / *norm->rows);
    norm->factor[i] = (bt_real)(variance > 0 ? 1 / sqrt(variance) : 0);
  }
}
