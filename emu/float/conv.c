/* Convolution by im2col and a matrix multiply; a fully connected layer is the 1x1 case. */
#include <string.h>

#include "float/layers.h"

/* A column block of about this many elements stays in the second-level cache. */
#define BT_COLUMN_TARGET ((size_t)64 * 1024)

/* With a 1x1 window the image is its own column matrix. */
static bool is_direct(const bt_geometry *g) {
  return g->kh == 1 && g->kw == 1 && g->stride == 1 && g->pad == 0;
}

static size_t window(const bt_geometry *g) { return g->kh * g->kw * g->c; }

/* Samples that are unfolded and multiplied together, at least 1. */
static size_t chunk_samples(const bt_geometry *g) {
  if (is_direct(g)) {
    return g->n;
  }
  const size_t samples = BT_COLUMN_TARGET / (g->oh * g->ow * window(g));
  return samples < 1 ? 1 : samples > g->n ? g->n : samples;
}

size_t bt_conv_columns(const bt_geometry *g) {
  return is_direct(g) ? 0 : chunk_samples(g) * g->oh * g->ow * window(g);
}

/* The part [first, end) of a window that starts at `start - pad` and lies in 0..size-1. */
typedef struct {
  size_t first, end;
} span;

static span inside(size_t start, size_t pad, size_t size, size_t kernel) {
  const size_t first = start < pad ? pad - start : 0;
  const size_t end = size + pad > start ? size + pad - start : 0;
  const size_t e = end < kernel ? end : kernel;
  return (span){first < e ? first : e, e};
}

/* A short copy: a window's row is often five values, less than a call of memcpy() costs. */
static inline void copy_run(bt_real *to, const bt_real *from, size_t count) {
  if (count > 16) {
    memcpy(to, from, count * sizeof *to);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    to[i] = from[i];
  }
}

/* One sample's x[h][w][c] to column[oh * ow][kh * kw * c]; a window's row of kw * c is one run. */
static void unfold(const bt_geometry *g, const bt_real *x, bt_real *column) {
  const size_t run = g->kw * g->c;
  for (size_t oh = 0; oh < g->oh; oh++) {
    const span rows = inside(oh * g->stride, g->pad, g->h, g->kh);
    for (size_t ow = 0; ow < g->ow; ow++) {
      const span cols = inside(ow * g->stride, g->pad, g->w, g->kw);
      const bool whole_rows = rows.first == 0 && rows.end == g->kh;
      const bool whole_cols = cols.first == 0 && cols.end == g->kw;
      if (!whole_rows || !whole_cols) {
        memset(column, 0, g->kh * run * sizeof *column);
      }
      for (size_t kh = rows.first; kh < rows.end && cols.first < cols.end; kh++) {
        const size_t ih = oh * g->stride + kh - g->pad;
        const size_t iw = ow * g->stride + cols.first - g->pad;
        copy_run(column + kh * run + cols.first * g->c, x + (ih * g->w + iw) * g->c,
                 (cols.end - cols.first) * g->c);
      }
      column += g->kh * run;
    }
  }
}

/* The transpose of unfold(): adds column to one sample's dx. */
static void fold_add(const bt_geometry *g, const bt_real *column, bt_real *dx) {
  const size_t run = g->kw * g->c;
  for (size_t oh = 0; oh < g->oh; oh++) {
    const span rows = inside(oh * g->stride, g->pad, g->h, g->kh);
    for (size_t ow = 0; ow < g->ow; ow++) {
      const span cols = inside(ow * g->stride, g->pad, g->w, g->kw);
      const size_t count = (cols.end - cols.first) * g->c;
      for (size_t kh = rows.first; kh < rows.end && count > 0; kh++) {
        const size_t ih = oh * g->stride + kh - g->pad;
        const size_t iw = ow * g->stride + cols.first - g->pad;
        bt_real *to = dx + (ih * g->w + iw) * g->c;
        const bt_real *from = column + kh * run + cols.first * g->c;
        for (size_t i = 0; i < count; i++) {
          to[i] += from[i];
        }
      }
      column += g->kh * run;
    }
  }
}

/* The column matrix of samples first..first+count-1. */
static const bt_real *columns_of(const bt_geometry *g, const bt_real *x, size_t first, size_t count,
                                 bt_real *column) {
  const size_t in = g->h * g->w * g->c;
  if (is_direct(g)) {
    return x + first * in;
  }
  for (size_t s = 0; s < count; s++) {
    unfold(g, x + (first + s) * in, column + s * g->oh * g->ow * window(g));
  }
  return column;
}

static void add_bias(size_t rows, size_t o, const bt_real *bias, bool relu, bt_real *y) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < o; j++) {
      const bt_real v = y[r * o + j] + bias[j];
      y[r * o + j] = relu && !(v > 0) ? 0 : v;
    }
  }
}

void bt_conv_forward(const bt_geometry *g, const bt_real *x, const bt_real *w, const bt_real *bias,
                     bool relu, bt_real *column, bt_real *y) {
  const size_t pixels = g->oh * g->ow;
  const size_t step = chunk_samples(g);
  for (size_t first = 0; first < g->n; first += step) {
    const size_t count = g->n - first < step ? g->n - first : step;
    const bt_real *a = columns_of(g, x, first, count, column);
    bt_real *out = y + first * pixels * g->o;
    bt_real_gemm(CblasNoTrans, CblasTrans, count * pixels, g->o, window(g), a, w, 0, out);
    add_bias(count * pixels, g->o, bias, relu, out);
  }
}

static void weight_gradient(const bt_geometry *g, const bt_real *x, const bt_real *e,
                            bt_real *column, bt_real *dw) {
  const size_t pixels = g->oh * g->ow;
  const size_t step = chunk_samples(g);
  for (size_t first = 0; first < g->n; first += step) {
    const size_t count = g->n - first < step ? g->n - first : step;
    const bt_real *b = columns_of(g, x, first, count, column);
    bt_real_gemm(CblasTrans, CblasNoTrans, g->o, window(g), count * pixels,
                 e + first * pixels * g->o, b, first == 0 ? 0 : 1, dw);
  }
}

static void bias_gradient(size_t rows, size_t o, const bt_real *e, bt_real *dbias) {
  for (size_t j = 0; j < o; j++) {
    dbias[j] = 0;
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < o; j++) {
      dbias[j] += e[r * o + j];
    }
  }
}

static void data_gradient(const bt_geometry *g, const bt_real *w, const bt_real *e, bt_real *column,
                          bt_real *dx) {
  const size_t pixels = g->oh * g->ow;
  const size_t in = g->h * g->w * g->c;
  if (is_direct(g)) {
    bt_real_gemm(CblasNoTrans, CblasNoTrans, g->n * pixels, g->c, g->o, e, w, 0, dx);
    return;
  }
  memset(dx, 0, g->n * in * sizeof *dx);
  const size_t step = chunk_samples(g);
  for (size_t first = 0; first < g->n; first += step) {
    const size_t count = g->n - first < step ? g->n - first : step;
    bt_real_gemm(CblasNoTrans, CblasNoTrans, count * pixels, window(g), g->o,
                 e + first * pixels * g->o, w, 0, column);
    for (size_t s = 0; s < count; s++) {
      fold_add(g, column + s * pixels * window(g), dx + (first + s) * in);
    }
  }
}

void bt_conv_backward(const bt_geometry *g, const bt_real *x, const bt_real *w, const bt_real *e,
                      bt_real *column, bt_real *dw, bt_real *dbias, bt_real *dx) {
  weight_gradient(g, x, e, column, dw);
  bias_gradient(g->n * g->oh * g->ow, g->o, e, dbias);
  if (dx != NULL) {
    data_gradient(g, w, e, column, dx);
  }
}
