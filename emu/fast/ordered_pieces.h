/* The order of an ordered contraction's terms, cut into segments and pieces. */
#ifndef BT_FAST_ORDERED_PIECES_H
#define BT_FAST_ORDERED_PIECES_H

#include "fast/ordered.h"

/* Terms of one group, gathered together. */
typedef struct {
  const bt_ordered_group *group;
  size_t begin, n;
} bt_ordered_segment;

/* Terms of a segment and of one chunk: `first` is the chunk's first term, and the sums of its
 * stretches stand from `stretch` on. */
typedef struct {
  size_t at, n, first, stretch;
  bool ends;
} bt_ordered_piece;

/* The piece that follows, all of *p being 0 at first; false at the segment's end. */
static inline bool bt_ordered_next(const bt_ordered *o, const bt_ordered_segment *s,
                                   bt_ordered_piece *p) {
  size_t chunk = o->acc.chunk;
  p->stretch += (p->n + BT_ORDERED_STRETCH - 1) / BT_ORDERED_STRETCH;
  p->at += p->n;
  if (p->at == s->n) {
    return false;
  }
  size_t in_chunk = chunk == 0 ? 0 : (s->begin + p->at - s->group->begin) % chunk;
  size_t left = s->n - p->at;
  p->first = s->begin + p->at - in_chunk;
  p->n = chunk == 0 || left < chunk - in_chunk ? left : chunk - in_chunk;
  p->ends = chunk > 0 && (in_chunk + p->n == chunk || s->begin + p->at + p->n == s->group->end);
  return true;
}

#endif
