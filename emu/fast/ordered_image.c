/* The image of an ordered contraction: the words of an operand between the zeros that windows show
 * outside it, in the lanes' type, so that lanes are copied from it as they lie.
 *
 * In a swapped contraction, whose lanes are output rows, a channel's words of all samples follow
 * each other: [c][n][h][w], and a data gradient's lie `stride` apart. In a weight gradient, whose
 * lanes are taps and channels, it is [n][h][w][c]. */
#include "fast/ordered.h"

#include <string.h>

#define MOVE BT_ORDERED_SLACK /* bytes that are copied at a time */
#define MOST_LANES 64u        /* of a panel */
#define MOST ((size_t)1 << 26) /* words of an image */
#define RUN 16u               /* channels from which on a weight gradient's are copied tap by tap */

/* Where a word of the image stands, in words. */
typedef struct {
  size_t channel, sample, row, pixel;
} steps;

static steps steps_of(const bt_ordered *o) {
  size_t h = o->image.h, w = o->image.w, c = o->g.c;
  return o->d == BT_WEIGHT_GRADIENT ? (steps){1, h * w * c, w * c, c}
                                    : (steps){o->g.n * h * w, h * w, w, 1};
}

static size_t term_offset(const bt_ordered *o, size_t term) {
  const bt_geometry *g = &o->g;
  steps s = steps_of(o);
  size_t taps = g->kh * g->kw, unit = o->plan.unit_terms;
  switch (o->d) {
    case BT_DATA_GRADIENT: {
      size_t tap = taps - 1 - term % taps;
      return o->plan.unit[term / taps] * s.channel + tap / g->kw * s.row + tap % g->kw;
    }
    case BT_WEIGHT_GRADIENT: {
      size_t place = term % unit;
      return o->plan.unit[term / unit] * s.sample + place / g->ow * g->stride * s.row +
             place % g->ow * g->stride * s.pixel;
    }
    case BT_FORWARD:
    default: {
      size_t k = term % o->x.k, tap = k / g->c;
      return k % g->c * s.channel + tap / g->kw * s.row + tap % g->kw;
    }
  }
}

static size_t lane_offset(const bt_ordered *o, size_t lane) {
  const bt_geometry *g = &o->g;
  steps s = steps_of(o);
  if (o->d == BT_WEIGHT_GRADIENT) {
    size_t tap = lane / g->c;
    return tap / g->kw * s.row + tap % g->kw * s.pixel + lane % g->c;
  }
  bool forward = o->d == BT_FORWARD;
  size_t h = forward ? g->oh : g->h, w = forward ? g->ow : g->w, by = forward ? g->stride : 1;
  return lane / (h * w) * s.sample + lane / w % h * by * s.row + lane % w * by;
}

/* Height and width of a sample's image; its words in all. */
static size_t extent(const bt_geometry *g, bt_direction d, size_t *h, size_t *w) {
  bool back = d == BT_DATA_GRADIENT;
  *h = back ? g->h + g->kh - 1 : g->h + 2 * g->pad;
  *w = back ? g->w + g->kw - 1 : g->w + 2 * g->pad;
  return g->n * (back ? g->o : g->c) * *h * *w;
}

static size_t padded(size_t n, size_t step) { return (n + step - 1) / step * step; }

bool bt_ordered_swaps(const bt_command *c, const bt_ordered_kernels *k, bool wide) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  bt_extent x = bt_geometry_extent(g, d);
  size_t h, w, width = wide ? k->columns / 2 : k->columns;
  size_t as_is = padded(x.rows, k->rows) * padded(x.cols, width);
  size_t swapped = padded(x.cols, k->rows) * padded(x.rows, width);
  return d != BT_WEIGHT_GRADIENT && swapped < as_is - as_is / 4 && extent(g, d, &h, &w) <= MOST;
}

bool bt_ordered_make_image(bt_ordered *o) {
  bool few = o->d == BT_WEIGHT_GRADIENT && o->g.c < RUN;
  size_t words = extent(&o->g, o->d, &o->image.h, &o->image.w);
  if (!o->swapped && (!few || words > MOST)) {
    return true;
  }
  o->image.words = bt_scratch_take(o->f->scratch, words * bt_ordered_lane(o) + MOVE);
  o->image.term = bt_scratch_take(o->f->scratch, o->terms * sizeof *o->image.term);
  if (o->image.words == NULL || o->image.term == NULL) {
    return false;
  }
  for (size_t t = 0; t < o->terms; t++) {
    o->image.term[t] = term_offset(o, t) * bt_ordered_lane(o);
  }
  memset(o->image.words + words * bt_ordered_lane(o), 0, MOVE);
  return true;
}

/* n mantissas `from_step` apart become words `step` apart. */
static void widen(const bt_ordered *o, size_t n, const int8_t *from, size_t from_step, size_t at,
                  size_t step) {
  int factor = 1 << o->way.b_shift;
  for (size_t i = 0; i < n && !o->way.wide; i++) {
    ((int16_t *)(void *)o->image.words)[at + i * step] = (int16_t)(from[i * from_step] * factor);
  }
  for (size_t i = 0; i < n && o->way.wide; i++) {
    ((int32_t *)(void *)o->image.words)[at + i * step] = from[i * from_step];
  }
}

/* A sample's pixels in a row of the image, from the operand's as they lie in memory. */
static void fill_row(const bt_ordered *o, size_t channels, const int8_t *from, size_t at) {
  const bt_geometry *g = &o->g;
  steps s = steps_of(o);
  if (o->d != BT_DATA_GRADIENT) {
    for (size_t c = 0; c < channels; c++) {
      widen(o, g->w, from + c, channels, at + c * s.channel + g->pad * s.pixel, s.pixel);
    }
    return;
  }
  for (size_t ow = 0; ow < g->ow; ow++) { /* those that no window reaches are left out */
    size_t x = ow * g->stride + g->kw - 1;
    if (x >= g->pad && x - g->pad < o->image.w) {
      widen(o, channels, from + ow * channels, 1, at + x - g->pad, s.channel);
    }
  }
}

void bt_ordered_fill_image(const bt_ordered *o, size_t sample) {
  const bt_geometry *g = &o->g;
  bool back = o->d == BT_DATA_GRADIENT;
  steps s = steps_of(o);
  size_t channels = back ? g->o : g->c, h = back ? g->oh : g->h, w = back ? g->ow : g->w;
  size_t planes = o->d == BT_WEIGHT_GRADIENT ? 1 : channels, lane = bt_ordered_lane(o);
  size_t by = back ? g->stride : 1, lead = back ? g->kh - 1 : 2 * g->pad;
  const bt_tensor *t = o->c->in[o->d == BT_WEIGHT_GRADIENT ? 1 : 0];
  const int8_t *from = (const int8_t *)t->data + sample * h * w * channels;
  for (size_t p = 0; p < planes; p++) {
    memset(o->image.words + (p * s.channel + sample * s.sample) * lane, 0, s.sample * lane);
  }
  for (size_t i = 0; i < h; i++) {
    size_t y = i * by + lead;
    if (y >= g->pad && y - g->pad < o->image.h) {
      fill_row(o, channels, from + i * w * channels, sample * s.sample + (y - g->pad) * s.row);
    }
  }
}

/* Bytes of a panel that are copied together, and some after them that later ones replace. */
typedef struct {
  size_t to, from;
} move;

static size_t find_moves(const bt_ordered *o, size_t panel, move m[MOST_LANES]) {
  size_t lane = bt_ordered_lane(o), n = 0;
  for (size_t j = 0; j < bt_ordered_columns(o, panel); j++) {
    move next = {j * lane, lane_offset(o, panel * o->width + j) * lane};
    bool covered = n > 0 && next.to - m[n - 1].to < MOVE &&
                   next.from - m[n - 1].from == next.to - m[n - 1].to;
    if (!covered) {
      m[n++] = next;
    }
  }
  return n;
}

void bt_ordered_copy_lanes(const bt_ordered *o, size_t panel, size_t term, size_t n, void *b) {
  move m[MOST_LANES];
  size_t moves = find_moves(o, panel, m), row = o->width * bt_ordered_lane(o);
  size_t used = bt_ordered_columns(o, panel) * bt_ordered_lane(o);
  for (size_t i = 0; i < n; i++) {
    const uint8_t *from = o->image.words + o->image.term[term + i];
    uint8_t *to = (uint8_t *)b + i * row;
    for (size_t p = 0; p < moves; p++) {
      memcpy(to + m[p].to, from + m[p].from, MOVE);
    }
    for (size_t p = used; p < row; p += MOVE) {
      memset(to + p, 0, MOVE);
    }
  }
}
