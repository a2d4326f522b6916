/* The draws of a stochastic acc_rounding (numerics 8.1), by columns. */
#include <string.h>

#include "fast/ordered.h"

size_t bt_ordered_stream(const bt_ordered *o) { return o->x.k + 2 * (size_t)BT_MAX_LANES; }

/* Draws go in rounds of all lanes: those of a round that come before the row are made again. */
void bt_ordered_seek(const bt_ordered *o, size_t row, bt_ordered_draws *s) {
  unsigned bits = o->acc.acc_round.random_bits;
  size_t element = row * o->x.cols * o->x.k, lanes = o->rng.lanes;
  s->rng = o->rng;
  bt_lfsr_advance(&s->rng, element / lanes, bits);
  s->kept = 0;
  if (element % lanes != 0) {
    o->f->kernels.ordered.draw(s->rng.lane, lanes, 1, bits, s->stream);
    s->kept = lanes - element % lanes;
    memmove(s->stream, s->stream + element % lanes, s->kept * sizeof *s->stream);
  }
}

/* The draws of one output, to the front of the stream. */
static void make(const bt_ordered *o, bt_ordered_draws *s) {
  size_t lanes = o->rng.lanes;
  if (s->kept < o->x.k) {
    size_t rounds = (o->x.k - s->kept + lanes - 1) / lanes;
    o->f->kernels.ordered.draw(s->rng.lane, lanes, rounds, o->acc.acc_round.random_bits,
                               s->stream + s->kept);
    s->kept += rounds * lanes;
  }
}

static void take(const bt_ordered *o, bt_ordered_draws *s) {
  s->kept -= o->x.k;
  memmove(s->stream, s->stream + o->x.k, s->kept * sizeof *s->stream);
}

/* Draws become addends below 2^S: the top S of their bits, or all and zeros below (numerics 3). */
static void spread_column(const bt_ordered *o, const uint32_t *stream, size_t column, void *draws) {
  const bt_ordered_plan *p = &o->plan;
  bool half = o->acc.acc_round.sr_half;
  int bits = (int)o->acc.acc_round.random_bits + half, s = o->acc.acc_shift;
  int right = s <= bits ? bits - s : 0, up = s > bits ? s - bits : 0;
  for (size_t u = 0, i = 0; u < p->units; u++) {
    const uint32_t *from = stream + p->unit[u] * p->unit_terms;
    for (size_t end = i + p->unit_terms; i < end; i++) {
      uint32_t r = half ? 2 * *from++ + 1 : *from++, addend = r >> right << up;
      if (o->way.wide) {
        ((int32_t *)draws)[i * o->width + column] = (int32_t)addend;
      } else {
        ((int16_t *)draws)[i * o->width + column] = (int16_t)addend;
      }
    }
  }
}

void bt_ordered_draw(const bt_ordered *o, size_t panel, bt_ordered_draws *s, void *draws) {
  for (size_t j = 0; j < bt_ordered_columns(o, panel); j++) {
    make(o, s);
    spread_column(o, s->stream, j, draws);
    take(o, s);
  }
}
