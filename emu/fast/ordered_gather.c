/* Operands of an ordered contraction, from where numerics 8's table says they lie to where the
 * kernels walk them. */
#include "fast/ordered.h"

/* The word of a mantissa (ordered_tile.h). */
typedef struct {
  uint32_t factor, copies;
} spread;

static spread spread_of(const bt_ordered_way *w) {
  return (spread){UINT32_C(1) << w->a_shift, w->wide ? 1 : 0x10001};
}

static int32_t word(spread s, int8_t m) {
  return (int32_t)(((uint32_t)(int32_t)m * s.factor & 0xFFFF) * s.copies);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* The coordinate seen through a window, or -1 outside 0..size-1. */
static ptrdiff_t seen(size_t position, size_t stride, size_t tap, size_t pad, size_t size) {
  size_t shifted = position * stride + tap;
  return shifted < pad || shifted - pad >= size ? -1 : (ptrdiff_t)(shifted - pad);
}

/* The output position whose window has `at` under `tap`, or -1. */
static ptrdiff_t seer(size_t at, size_t stride, size_t tap, size_t pad, size_t size) {
  if (at + pad < tap || (at + pad - tap) % stride != 0 || (at + pad - tap) / stride >= size) {
    return -1;
  }
  return (ptrdiff_t)((at + pad - tap) / stride);
}

/* Where the channels lie that an output row of the forward direction sees under a tap. */
static const int8_t *window(const bt_ordered *o, size_t row, size_t tap) {
  const bt_geometry *g = &o->g;
  size_t n = row / (g->oh * g->ow), oh = row / g->ow % g->oh, ow = row % g->ow;
  ptrdiff_t h = seen(oh, g->stride, tap / g->kw, g->pad, g->h);
  ptrdiff_t w = seen(ow, g->stride, tap % g->kw, g->pad, g->w);
  if (h < 0 || w < 0) {
    return o->zeros;
  }
  return (const int8_t *)o->c->in[0]->data + ((n * g->h + (size_t)h) * g->w + (size_t)w) * g->c;
}

/* The same of the data gradient. */
static const int8_t *window_back(const bt_ordered *o, size_t row, size_t tap) {
  const bt_geometry *g = &o->g;
  size_t n = row / (g->h * g->w), h = row / g->w % g->h, w = row % g->w;
  ptrdiff_t oh = seer(h, g->stride, tap / g->kw, g->pad, g->oh);
  ptrdiff_t ow = seer(w, g->stride, tap % g->kw, g->pad, g->ow);
  if (oh < 0 || ow < 0) {
    return o->zeros;
  }
  return (const int8_t *)o->c->in[0]->data + ((n * g->oh + (size_t)oh) * g->ow + (size_t)ow) * g->o;
}

static void forward_row(const bt_ordered *o, size_t row, size_t term, size_t n, int32_t *a) {
  spread s = spread_of(&o->way);
  size_t channels = o->g.c, first = term % o->x.k;
  for (size_t i = 0; i < n;) {
    size_t tap = (first + i) / channels, c = (first + i) % channels;
    size_t run = channels - c < n - i ? channels - c : n - i;
    const int8_t *from = window(o, row, tap) + c;
    for (size_t j = 0; j < run; j++) {
      a[i + j] = word(s, from[j]);
    }
    i += run;
  }
}

/* Terms go tap by tap within a channel: each tap's terms lie `taps` apart. */
static void data_gradient_row(const bt_ordered *o, size_t row, size_t term, size_t n, int32_t *a) {
  spread s = spread_of(&o->way);
  size_t taps = o->plan.unit_terms;
  for (size_t tap = 0; tap < taps; tap++) {
    const int8_t *from = window_back(o, row, tap);
    size_t i = (tap + taps - term % taps) % taps;
    const uint32_t *unit = o->plan.unit + (term + i) / taps;
    for (; i < n; i += taps) {
      a[i] = word(s, from[*unit++]);
    }
  }
}

static void weight_gradient_rows(const bt_ordered *o, size_t row, size_t rows, size_t term,
                                 size_t n, int32_t *a, size_t step) {
  spread s = spread_of(&o->way);
  size_t sample = o->plan.unit_terms, place = term % sample;
  const uint32_t *unit = o->plan.unit + term / sample;
  for (size_t i = 0; i < n; unit++, place = 0) {
    size_t at = (*unit * sample + place) * o->g.o + row;
    const int8_t *from = (const int8_t *)o->c->in[0]->data + at;
    for (size_t end = least(n, i + sample - place); i < end; i++, from += o->g.o) {
      for (size_t r = 0; r < rows; r++) {
        a[r * step + i] = word(s, from[r]);
      }
    }
  }
}

/* An output column of a swapped contraction; all terms are of one pass. */
static void swapped_row(const bt_ordered *o, size_t column, size_t term, size_t n, int32_t *a) {
  spread s = spread_of(&o->way);
  size_t taps = o->plan.unit_terms, first = term % o->x.k;
  const int8_t *w = o->c->in[1]->data;
  if (o->d == BT_DATA_GRADIENT) {
    for (size_t i = 0; i < n; i++) {
      size_t k = o->plan.unit[(term + i) / taps] * taps + (term + i) % taps;
      a[i] = word(s, w[k * o->g.c + column]);
    }
    return;
  }
  for (size_t i = 0; i < n; i++) {
    size_t at = column * o->x.k + first + i;
    int m = o->two_pass ? ((const int16_t *)o->c->in[1]->data)[at] : w[at];
    a[i] = word(s, (int8_t)(!o->two_pass ? m : term >= o->x.k ? m >> 7 : m & 127));
  }
}

void bt_ordered_gather_a(const bt_ordered *o, size_t row, size_t rows, size_t term, size_t n,
                         int32_t *a, size_t step) {
  if (o->d == BT_WEIGHT_GRADIENT) {
    weight_gradient_rows(o, row, rows, term, n, a, step);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    (o->swapped           ? swapped_row
     : o->d == BT_FORWARD ? forward_row
                          : data_gradient_row)(o, row + r, term, n, a + r * step);
  }
}

/* Stores column j of a term. */
static void store(const bt_ordered *o, void *b, size_t i, size_t j, int32_t m) {
  if (o->way.wide) {
    ((int32_t *)b)[i * o->width + j] = m;
  } else {
    ((int16_t *)b)[i * o->width + j] = (int16_t)(m * (1 << o->way.b_shift));
  }
}

/* Stores columns j..j+n-1 of a term. */
static void store_run(const bt_ordered *o, void *b, size_t i, size_t j, size_t n,
                      const int8_t *from) {
  if (o->way.wide) {
    int32_t *to = (int32_t *)b + i * o->width + j;
    for (size_t l = 0; l < n; l++) {
      to[l] = from[l];
    }
  } else {
    int16_t *to = (int16_t *)b + i * o->width + j;
    int factor = 1 << o->way.b_shift;
    for (size_t l = 0; l < n; l++) {
      to[l] = (int16_t)(from[l] * factor);
    }
  }
}

static void forward_panel(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b) {
  for (size_t j = 0; j < bt_ordered_columns(o, panel); j++) {
    size_t column = (panel * o->width + j) * o->x.k;
    for (size_t i = 0; i < n; i++) {
      size_t at = column + (term + i) % o->x.k;
      int32_t m = o->two_pass ? ((const int16_t *)o->c->in[1]->data)[at]
                              : ((const int8_t *)o->c->in[1]->data)[at];
      store(o, b, i, j, !o->two_pass ? m : term + i >= o->x.k ? m >> 7 : m & 127);
    }
  }
}

static void data_gradient_panel(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b) {
  size_t taps = o->plan.unit_terms, columns = bt_ordered_columns(o, panel);
  const int8_t *from = (const int8_t *)o->c->in[1]->data + panel * o->width;
  for (size_t i = 0; i < n; i++) {
    size_t k = o->plan.unit[(term + i) / taps] * taps + (term + i) % taps;
    store_run(o, b, i, 0, columns, from + k * o->g.c);
  }
}

/* Columns j..j+run-1 of a panel, which are channels c..c+run-1 under a tap. */
static void weight_gradient_run(const bt_ordered *o, size_t tap, size_t c, size_t j, size_t run,
                                size_t term, size_t n, void *b) {
  const bt_geometry *g = &o->g;
  size_t place = term % o->plan.unit_terms, oh = place / g->ow, ow = place % g->ow;
  const uint32_t *unit = o->plan.unit + term / o->plan.unit_terms;
  for (size_t i = 0; i < n; unit++, oh = 0) {
    const int8_t *image = (const int8_t *)o->c->in[1]->data + *unit * g->h * g->w * g->c + c;
    for (; i < n && oh < g->oh; oh++, ow = 0) {
      ptrdiff_t h = seen(oh, g->stride, tap / g->kw, g->pad, g->h);
      for (; i < n && ow < g->ow; i++, ow++) {
        ptrdiff_t w = seen(ow, g->stride, tap % g->kw, g->pad, g->w);
        bool outside = h < 0 || w < 0;
        store_run(o, b, i, j, run,
                  outside ? o->zeros : image + ((size_t)h * g->w + (size_t)w) * g->c);
      }
    }
  }
}

/* Columns are (kh, kw, c): runs of one tap's channels. */
static void weight_gradient_panel(const bt_ordered *o, size_t panel, size_t term, size_t n,
                                  void *b) {
  size_t columns = bt_ordered_columns(o, panel), channels = o->g.c;
  for (size_t j = 0, run; j < columns; j += run) {
    size_t tap = (panel * o->width + j) / channels, c = (panel * o->width + j) % channels;
    run = least(channels - c, columns - j);
    weight_gradient_run(o, tap, c, j, run, term, n, b);
  }
}

void bt_ordered_gather_b(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b) {
  size_t columns = bt_ordered_columns(o, panel);
  static const int8_t none[64];
  if (o->image.words != NULL) {
    bt_ordered_copy_lanes(o, panel, term, n, b);
    return;
  }
  for (size_t i = 0; i < n && columns < o->width; i++) {
    store_run(o, b, i, columns, o->width - columns, none);
  }
  switch (o->d) {
    case BT_DATA_GRADIENT:
      data_gradient_panel(o, panel, term, n, b);
      break;
    case BT_WEIGHT_GRADIENT:
      weight_gradient_panel(o, panel, term, n, b);
      break;
    case BT_FORWARD:
    default:
      forward_panel(o, panel, term, n, b);
  }
}
