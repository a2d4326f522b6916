/* The exponents of a quantization's blocks, from all mantissas (numerics 7.1), on threads. */
#include <stdatomic.h>

#include "fast/parts.h"
#include "fast/quantize_parts.h"
#include "num/quantize.h"

#define PIECE 32768u /* elements: a block larger than this is cut into pieces */

/* Bands are lines of tiles; where a band is a single block, it is cut into pieces, which each find
 * a largest of their own. */
typedef struct {
  const bt_quantize_plan *p;
  size_t band;   /* elements */
  size_t pieces; /* of a band */
  int *largest;  /* [blocks * pieces] */
  atomic_uint bits;
} search;

static int stretch_largest(search *w, const bt_stretch *s, size_t n) {
  const bt_quantize_plan *p = w->p;
  const int32_t *m = (const int32_t *)p->in->data + s->first;
  const int16_t *e = bt_stretch_exponents(p, s);
  uint32_t bits = p->kernels->magnitude(n, m);
  if ((bits & ~atomic_load_explicit(&w->bits, memory_order_relaxed)) != 0) {
    atomic_fetch_or_explicit(&w->bits, bits, memory_order_relaxed);
  }
  if (!bt_stretch_uniform(p)) {
    return p->kernels->log2_largest(n, m, e);
  }
  return bits == 0 ? BT_ALL_ZERO : bt_bitlen(bits) - 1 + *e;
}

static void search_elements(search *w, size_t first, size_t end, size_t piece) {
  bool uniform = bt_stretch_uniform(w->p);
  bt_stretch s = bt_stretch_at(w->p, first);
  while (s.first < end) {
    size_t length = (s.end < end ? s.end : end) - s.first;
    length = !uniform && length > BT_QUANTIZE_SLACK ? BT_QUANTIZE_SLACK : length;
    int top = stretch_largest(w, &s, length);
    int *largest = &w->largest[s.block * w->pieces + piece];
    *largest = top > *largest ? top : *largest;
    bt_stretch_skip(w->p, &s, length);
  }
}

/* Items are bands, or pieces of them. */
static void search_items(void *context, size_t first, size_t end, unsigned thread) {
  search *w = context;
  (void)thread;
  if (w->pieces == 1) {
    size_t elements = w->p->n;
    search_elements(w, first * w->band, end * w->band < elements ? end * w->band : elements, 0);
    return;
  }
  for (size_t i = first; i < end; i++) {
    size_t start = i / w->pieces * w->band, from = i % w->pieces * PIECE, to = from + PIECE;
    search_elements(w, start + from, start + (to < w->band ? to : w->band), i % w->pieces);
  }
}

bool bt_quantize_find_exponents(bt_fast *f, bt_quantize_plan *p) {
  const bt_tiling *t = &p->tiling;
  size_t band = t->rows < p->n / t->width ? t->rows * t->width : p->n;
  size_t bands = (p->n + band - 1) / band, blocks = bt_tensor_exponents(p->out);
  search w = {.p = p, .band = band, .pieces = 1};
  if (blocks == bands && t->rows == 1) {
    w.pieces = (band + PIECE - 1) / PIECE;
  }
  size_t slots = blocks * w.pieces;
  w.largest = bt_scratch_take(f->scratch, slots * sizeof *w.largest);
  if (w.largest == NULL) {
    return false;
  }
  for (size_t i = 0; i < slots; i++) {
    w.largest[i] = BT_ALL_ZERO;
  }
  bt_parts_run(f, bands * w.pieces, w.pieces == 1 ? band : PIECE, search_items, &w);
  bool fits = true;
  for (size_t b = 0; b < blocks; b++) {
    int largest = BT_ALL_ZERO;
    for (size_t i = b * w.pieces; i < (b + 1) * w.pieces; i++) {
      largest = w.largest[i] > largest ? w.largest[i] : largest;
    }
    fits = bt_quantize_set_exponent(p, b, largest) && fits;
  }
  p->narrow = bt_bitlen(atomic_load(&w.bits)) <= 30;
  return fits;
}
