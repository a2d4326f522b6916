/* The draws of a stochastic acc_rounding (numerics 8.1), by columns. */
#include <string.h>

#include "fast/ordered.h"

#define SEEK 64u /* bt_lanes_seek() goes to multiples of it */

/* Columns whose draws are made together. */
static size_t columns_of(const bt_ordered *o) { return o->f->kernels.ordered.columns / 2; }

/* A column's draws, the rest of the rounds that they end in, and what makes of it an odd number of
 * lines, so that columns do not fall on the same sets of a cache. */
static size_t step_of(const bt_ordered *o) {
  size_t line = BT_LINE / sizeof(uint16_t);
  return ((o->x.k + 2 * (size_t)BT_MAX_LANES + line - 1) / line | 1) * line;
}

size_t bt_ordered_stream(const bt_ordered *o) { return columns_of(o) * step_of(o); }

bool bt_ordered_start(bt_ordered *o, const bt_lfsr *rng) {
  const bt_ordered_plan *p = &o->plan;
  bt_lanes_start(&o->start, &o->f->jump, &o->acc.acc_round, rng);
  o->place = bt_scratch_take(o->f->scratch, o->x.k * sizeof *o->place);
  if (o->place == NULL) {
    return false;
  }
  for (size_t k = 0; k < o->x.k; k++) {
    o->place[k] = (uint32_t)o->terms;
  }
  for (size_t u = 0; u < p->units; u++) {
    for (size_t i = 0; i < p->unit_terms; i++) {
      o->place[p->unit[u] * p->unit_terms + i] = (uint32_t)(u * p->unit_terms + i);
    }
  }
  return true;
}

/* The next n draws to s->kept, from `to` on. */
static void make(const bt_ordered *o, size_t n, bt_ordered_draws *s, uint16_t *to) {
  if (s->kept < n) {
    size_t rounds = (n - s->kept + s->lanes.width - 1) / s->lanes.width;
    o->f->kernels.ordered.draw(&s->lanes, rounds, (unsigned)o->acc.acc_shift, to + s->kept);
    s->kept += rounds * s->lanes.width;
  }
}

/* What follows the first n draws at `from` goes to `to`. */
static void keep(size_t n, bt_ordered_draws *s, const uint16_t *from, uint16_t *to) {
  s->kept -= n;
  memmove(to, from + n, s->kept * sizeof *to);
}

/* Draws go in rounds of all lanes: those of a round that come before the row are made again. */
void bt_ordered_seek(const bt_ordered *o, size_t row, bt_ordered_draws *s) {
  size_t element = row * o->x.cols * o->x.k;
  s->lanes = (bt_lane_state){0};
  bt_lanes_seek(&s->lanes, &o->start, &o->f->jump, element / SEEK * SEEK);
  s->kept = 0;
  make(o, element % SEEK, s, s->stream);
  keep(element % SEEK, s, s->stream, s->stream);
}

void bt_ordered_draw(const bt_ordered *o, size_t panel, bt_ordered_draws *s, uint16_t *draws) {
  size_t columns = bt_ordered_columns(o, panel), most = columns_of(o), step = step_of(o);
  for (size_t j = 0; j < columns;) {
    bt_ordered_turn t = {.terms = o->x.k, .step = step, .width = o->width, .from = s->stream,
                         .place = o->place, .to = draws + j};
    size_t n = columns - j < most ? columns - j : most;
    uint16_t rest[2 * BT_MAX_LANES];
    for (size_t i = 0; i < n; i++) {
      uint16_t *column = s->stream + i * step;
      make(o, o->x.k, s, column);
      keep(o->x.k, s, column, i + 1 < n ? column + step : rest);
    }
    o->f->kernels.ordered.turn(&t);
    memcpy(s->stream, rest, s->kept * sizeof *rest);
    j += n;
  }
}
