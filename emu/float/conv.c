/* Convolution by im2col and a matrix multiply; a fully connected layer is the 1x1 case. */
#include <string.h>

#include "float/columns.h"
#include "float/layers.h"

/* One pass over a batch, its samples in parts. */
typedef struct {
  const bt_geometry *g;
  const bt_float_work *work;
  size_t parts;
  const bt_real *x, *w, *bias, *e;
  bool relu;
  bt_real *y; /* or dw, or dx */
} job;

static size_t forward_columns(const bt_geometry *g) {
  return bt_is_direct(g) ? 0 : bt_piece_lines(g) * g->ow * bt_window(g);
}

/* Lines of output places, first..end-1, of a part or of a piece. */
typedef struct {
  size_t first, end;
} lines;

static lines part_lines(const job *j, size_t part) {
  const bt_geometry *g = j->g;
  return (lines){bt_float_part(g->n, j->parts, part) * g->oh,
                 bt_float_part(g->n, j->parts, part + 1) * g->oh};
}

/* The next piece, from p->end on; false beyond the part's end. */
static bool next_piece(const job *j, const lines *part, lines *p) {
  const size_t most = bt_piece_lines(j->g), left = part->end - p->end;
  *p = (lines){p->end, p->end + (left < most ? left : most)};
  return p->first < p->end;
}

static const bt_real *columns_of(const job *j, const lines *p, bt_real *column) {
  const bt_geometry *g = j->g;
  if (bt_is_direct(g)) {
    return j->x + p->first * g->w * g->c;
  }
  bt_unfold(g, j->x, p->first, p->end - p->first, column);
  return column;
}

static void finish(size_t rows, size_t o, const bt_real *bias, bool relu, bt_real *y) {
  for (size_t r = 0; r < rows && (bias != NULL || relu); r++) {
    for (size_t i = 0; i < o; i++) {
      const bt_real v = bias != NULL ? y[r * o + i] + bias[i] : y[r * o + i];
      y[r * o + i] = relu && !(v > 0) ? 0 : v;
    }
  }
}

static void forward_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const bt_geometry *g = j->g;
  bt_real *column = j->work->column + thread * j->work->columns;
  const lines all = part_lines(j, part);
  for (lines p = {all.first, all.first}; next_piece(j, &all, &p);) {
    const size_t rows = (p.end - p.first) * g->ow;
    const bt_real *a = columns_of(j, &p, column);
    bt_real *out = j->y + p.first * g->ow * g->o;
    bt_real_gemm(CblasNoTrans, CblasTrans, rows, g->o, bt_window(g), a, j->w, 0, out);
    finish(rows, g->o, j->bias, j->relu, out);
  }
}

static size_t parts_of(const bt_geometry *g) {
  const size_t parts = bt_float_parts(g->n * g->oh * g->ow);
  return parts < g->n ? parts : g->n;
}

void bt_conv_forward(const bt_float_work *work, const bt_geometry *g, const bt_real *x,
                     const bt_real *w, const bt_real *bias, bool relu, bt_real *y) {
  job j = {.g = g, .work = work, .parts = parts_of(g), .x = x, .w = w, .bias = bias, .relu = relu,
           .y = y};
  bt_threads_run(work->threads, j.parts, forward_part, &j);
}

static void weight_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const bt_geometry *g = j->g;
  bt_real *column = j->work->column + thread * j->work->columns;
  bt_real *dw = j->parts == 1 ? j->y : j->work->partial + part * j->work->partials;
  const lines all = part_lines(j, part);
  for (lines p = {all.first, all.first}; next_piece(j, &all, &p);) {
    const bt_real *b = columns_of(j, &p, column);
    bt_real_gemm(CblasTrans, CblasNoTrans, g->o, bt_window(g), (p.end - p.first) * g->ow,
                 j->e + p.first * g->ow * g->o, b, p.first == all.first ? 0 : 1, dw);
  }
}

static void add_parts(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_real *partial = j->work->partial;
  memcpy(j->y + first, partial + first, (end - first) * sizeof *j->y);
  for (size_t part = 1; part < j->parts; part++) {
    partial += j->work->partials;
    for (size_t i = first; i < end; i++) {
      j->y[i] += partial[i];
    }
  }
}

static void weight_gradient(job j, bt_real *dw) {
  j.y = dw;
  bt_threads_run(j.work->threads, j.parts, weight_part, &j);
  if (j.parts > 1) {
    bt_float_each(j.work, j.g->o * bt_window(j.g), j.parts, add_parts, &j);
  }
}

static void fold_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const bt_geometry *g = j->g;
  bt_real *column = j->work->column + thread * j->work->columns;
  const lines all = part_lines(j, part);
  const size_t sample = g->h * g->w * g->c;
  memset(j->y + all.first / g->oh * sample, 0,
         (all.end - all.first) / g->oh * sample * sizeof *j->y);
  for (lines p = {all.first, all.first}; next_piece(j, &all, &p);) {
    bt_real_gemm(CblasNoTrans, CblasNoTrans, (p.end - p.first) * g->ow, bt_window(g), g->o,
                 j->e + p.first * g->ow * g->o, j->w, 0, column);
    bt_fold_add(g, column, p.first, p.end - p.first, j->y);
  }
}

/* w[o][kh][kw][c] to turned[c][kh][kw][o], the window turned by half a circle; channels
 * first..end-1. Eight rows of w side by side, so that each cache line is used as a whole. */
static void turn_weights(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_geometry *g = j->g;
  const size_t places = g->kh * g->kw;
  for (size_t q = 0; q < places; q++) {
    for (size_t o = 0; o < g->o; o += 8) {
      const size_t last = o + 8 < g->o ? o + 8 : g->o;
      for (size_t c = first; c < end; c++) {
        bt_real *turned = j->work->partial + (c * places + places - 1 - q) * g->o;
        for (size_t i = o; i < last; i++) {
          turned[i] = j->w[(i * places + q) * g->c + c];
        }
      }
    }
  }
}

/* Of a square window with stride 1 the data gradient is a convolution itself, of e. */
static bool is_turnable(const bt_geometry *g) {
  return g->stride == 1 && g->kh == g->kw && g->pad < g->kh;
}

static bt_geometry turned_geometry(const bt_geometry *g) {
  return (bt_geometry){.n = g->n, .h = g->oh, .w = g->ow, .c = g->o, .o = g->c, .kh = g->kh,
                       .kw = g->kw, .stride = 1, .pad = g->kh - 1 - g->pad, .oh = g->h,
                       .ow = g->w};
}

size_t bt_conv_columns(const bt_geometry *g) {
  if (!is_turnable(g)) {
    return bt_piece_lines(g) * g->ow * bt_window(g);
  }
  const bt_geometry turned = turned_geometry(g);
  const size_t forward = forward_columns(g), back = forward_columns(&turned);
  return forward > back ? forward : back;
}

static void data_gradient(job j, bt_real *dx) {
  j.y = dx;
  if (!is_turnable(j.g)) {
    bt_threads_run(j.work->threads, j.parts, fold_part, &j);
    return;
  }
  const bt_geometry g = turned_geometry(j.g);
  bt_float_each(j.work, j.g->c, j.g->kh * j.g->kw * j.g->o, turn_weights, &j);
  bt_conv_forward(j.work, &g, j.e, j.work->partial, NULL, false, dx);
}

void bt_conv_backward(const bt_float_work *work, const bt_geometry *g, const bt_real *x,
                      const bt_real *w, const bt_real *e, bt_real *dw, bt_real *dbias,
                      bt_real *dx) {
  const job j = {.g = g, .work = work, .parts = parts_of(g), .x = x, .w = w, .e = e};
  weight_gradient(j, dw);
  if (dbias != NULL) {
    bt_channel_sums(work, g->n * g->oh * g->ow, g->o, e, dbias);
  }
  if (dx != NULL) {
    data_gradient(j, dx);
  }
}
