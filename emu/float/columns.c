#include "float/columns.h"

#include <string.h>

/* A piece of about this many elements stays in the second-level cache. */
#define PIECE_ELEMENTS ((size_t)96 * 1024)
/* Rows below which OpenBLAS spends its time packing the other operand. */
#define PIECE_ROWS ((size_t)192)

size_t bt_piece_lines(const bt_geometry *g) {
  const size_t cached = PIECE_ELEMENTS / (g->ow * bt_window(g));
  const size_t enough = (PIECE_ROWS + g->ow - 1) / g->ow;
  const size_t lines = cached > enough ? cached : enough;
  return lines < g->n * g->oh ? lines : g->n * g->oh;
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

/* x: the sample; column: the line's. A window's row of kw * c is one run. */
static void unfold_line(const bt_geometry *g, const bt_real *x, size_t oh, bt_real *column) {
  const size_t run = g->kw * g->c;
  const span rows = inside(oh * g->stride, g->pad, g->h, g->kh);
  for (size_t ow = 0; ow < g->ow; ow++) {
    const span cols = inside(ow * g->stride, g->pad, g->w, g->kw);
    const bool whole = rows.first == 0 && rows.end == g->kh && cols.first == 0 &&
                       cols.end == g->kw;
    if (!whole) {
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

void bt_unfold(const bt_geometry *g, const bt_real *x, size_t line, size_t lines,
               bt_real *column) {
  for (size_t i = line; i < line + lines; i++) {
    unfold_line(g, x + i / g->oh * g->h * g->w * g->c, i % g->oh, column);
    column += g->ow * bt_window(g);
  }
}

static void fold_line(const bt_geometry *g, const bt_real *column, size_t oh, bt_real *dx) {
  const size_t run = g->kw * g->c;
  const span rows = inside(oh * g->stride, g->pad, g->h, g->kh);
  for (size_t ow = 0; ow < g->ow; ow++) {
    const span cols = inside(ow * g->stride, g->pad, g->w, g->kw);
    const size_t count = (cols.end - cols.first) * g->c;
    for (size_t kh = rows.first; kh < rows.end && count > 0; kh++) {
      const size_t ih = oh * g->stride + kh - g->pad;
      const size_t iw = ow * g->stride + cols.first - g->pad;
      bt_real *restrict to = dx + (ih * g->w + iw) * g->c;
      const bt_real *restrict from = column + kh * run + cols.first * g->c;
      for (size_t i = 0; i < count; i++) {
        to[i] += from[i];
      }
    }
    column += g->kh * run;
  }
}

void bt_fold_add(const bt_geometry *g, const bt_real *column, size_t line, size_t lines,
                 bt_real *dx) {
  for (size_t i = line; i < line + lines; i++) {
    fold_line(g, column, i % g->oh, dx + i / g->oh * g->h * g->w * g->c);
    column += g->ow * bt_window(g);
  }
}
