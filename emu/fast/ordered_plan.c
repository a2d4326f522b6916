/* Blocks, groups and alignment of an ordered contraction (numerics 8.2), and the kind of its
 * accumulators. */
#include "fast/ordered.h"
#include "num/round.h"

static bool *find_zero_blocks(const bt_ordered *o, const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t);
  bool *zero = bt_scratch_take(o->f->scratch, blocks * sizeof *zero);
  for (size_t b = 0; zero != NULL && b < blocks; b++) {
    zero[b] = bt_tensor_zero_block(t, b);
  }
  return zero;
}

static void find_blocks(bt_ordered *o) {
  const bt_geometry *g = &o->g;
  bt_ordered_plan *p = &o->plan;
  bool cut_a = o->c->in[0]->fmt.block != BT_BLOCK_TENSOR;
  bool cut_b = o->c->in[1]->fmt.block != BT_BLOCK_TENSOR;
  switch (o->d) {
    case BT_DATA_GRADIENT:
      p->unit_terms = g->kh * g->kw;
      p->rows_a = cut_a ? g->h * g->w : 0;
      p->k_b = cut_b ? p->unit_terms : 0;
      break;
    case BT_WEIGHT_GRADIENT:
      p->unit_terms = g->oh * g->ow;
      p->k_a = cut_a ? p->unit_terms : 0;
      p->k_b = cut_b ? p->unit_terms : 0;
      break;
    case BT_FORWARD:
    default:
      p->unit_terms = o->x.k;
      p->rows_a = cut_a ? g->oh * g->ow : 0;
      p->columns_b = cut_b ? 1 : 0;
  }
}

/* The part of g that changes along k, of a unit; false for one in a zero block. */
static bool unit_exponent(const bt_ordered *o, size_t unit, int *g) {
  const bt_ordered_plan *p = &o->plan;
  *g = (p->k_a == 0 ? 0 : o->c->in[0]->exp[unit]) + (p->k_b == 0 ? 0 : o->c->in[1]->exp[unit]);
  return !(p->k_a != 0 && p->zero_a[unit]) && !(p->k_b != 0 && p->zero_b[unit]);
}

/* Appends the units of exponent gref + shift as a group. */
static void append_group(bt_ordered *o, size_t units, int shift) {
  bt_ordered_plan *p = &o->plan;
  size_t begin = p->units;
  for (size_t u = 0; u < units; u++) {
    int g;
    if (unit_exponent(o, u, &g) && g - p->align.gref == shift) {
      p->unit[p->units++] = (uint32_t)u;
    }
  }
  if (p->units > begin) {
    p->group[p->groups++] =
        (bt_ordered_group){shift, begin * p->unit_terms, p->units * p->unit_terms};
  }
}

/* Groups in ascending order of exponent; of each unit its place. */
static void sort_units(bt_ordered *o) {
  bt_ordered_plan *p = &o->plan;
  size_t units = o->x.k / p->unit_terms;
  int gmin = 0, gmax = 0, g;
  for (size_t u = 0; u < units; u++) {
    if (unit_exponent(o, u, &g)) {
      gmin = p->any && gmin < g ? gmin : g;
      gmax = p->any && gmax > g ? gmax : g;
      p->any = true;
    }
  }
  if (!p->any) {
    return;
  }
  p->align = bt_align_plan(gmin, gmax + (o->two_pass ? 7 : 0), o->x.k, o->acc.acc_shift);
  for (int shift = 0; shift <= gmax - p->align.gref; shift++) {
    append_group(o, units, shift);
  }
  for (size_t u = 0; u < units; u++) {
    p->dropped += unit_exponent(o, u, &g) && g < p->align.gref ? p->unit_terms : 0;
  }
}

bool bt_ordered_make_plan(bt_ordered *o) {
  bt_ordered_plan *p = &o->plan;
  find_blocks(o);
  p->zero_a = find_zero_blocks(o, o->c->in[0]);
  p->zero_b = find_zero_blocks(o, o->c->in[1]);
  p->unit = bt_scratch_take(o->f->scratch, o->x.k / p->unit_terms * sizeof *p->unit);
  if (p->zero_a == NULL || p->zero_b == NULL || p->unit == NULL) {
    return false;
  }
  sort_units(o);
  o->terms = p->units * p->unit_terms;
  if (o->two_pass) { /* lo at g, then hi at g + 7, over the same k */
    p->group[p->groups++] = (bt_ordered_group){7, o->x.k, 2 * o->x.k};
    o->terms = 2 * o->x.k;
  }
  p->adds = p->groups > 1 || p->group[0].shift > 0;
  return true;
}

/* Whether the block outside the sum, that of an output row or column, is zero. */
static bool zero_row(const bt_ordered_plan *p, size_t row) {
  return !p->any || (p->k_a == 0 && p->zero_a[p->rows_a == 0 ? 0 : row / p->rows_a]);
}
static bool zero_column(const bt_ordered_plan *p, size_t column) {
  return p->k_b == 0 && p->zero_b[p->columns_b == 0 ? 0 : column];
}

uint64_t bt_ordered_dropped(const bt_ordered *o) {
  uint64_t rows = 0, columns = 0;
  if (o->plan.dropped == 0) {
    return 0;
  }
  for (size_t i = 0; i < o->x.rows; i++) {
    rows += !zero_row(&o->plan, i);
  }
  for (size_t j = 0; j < o->x.cols; j++) {
    columns += !zero_column(&o->plan, j);
  }
  return rows * columns * o->plan.dropped;
}

void bt_ordered_write_exponents(const bt_ordered *o) {
  const bt_tensor *a = o->c->in[0], *b = o->c->in[1];
  const bt_ordered_plan *p = &o->plan;
  bt_tensor *out = o->c->out[0];
  int steps = -(a->fmt.wl - 2) - (b->fmt.wl - 2);
  for (size_t r = 0; r < out->n0; r++) {
    size_t row = r * (o->x.rows / out->n0);
    for (size_t j = 0; j < out->nl; j++) {
      int outer_a = p->k_a != 0 ? 0 : a->exp[p->rows_a == 0 ? 0 : row / p->rows_a];
      int outer_b = p->k_b != 0 ? 0 : b->exp[p->columns_b == 0 ? 0 : j];
      bool zero = zero_row(p, row) || zero_column(p, j);
      int e = zero ? BT_ZERO_EXPONENT : p->align.exponent + outer_a + outer_b + steps;
      out->exp[r * out->nl + j] = (int16_t)e;
    }
  }
  out->bits = p->any ? p->align.bits : 0;
}

/* Narrow lanes that hold the accumulator at their top end: the lane's own ends are then the
 * accumulator's, if an entry fits. */
static bool fits_lane(const bt_ordered_way *w, int64_t product) {
  int up = 16 - w->bits;
  return w->bits <= 16 && (w->entry == BT_ENTRY_EXACT ? product << up <= INT16_MAX
                                                      : up <= w->shift);
}

static void scale_operands(bt_ordered_way *w) {
  if (w->wide) {
    return;
  }
  if (w->entry == BT_ENTRY_EXACT) {
    w->a_shift = w->scale;
  } else if (w->entry == BT_ENTRY_FLOOR) { /* so that the product's high half is the quotient */
    int up = 16 - w->shift + w->scale;
    w->a_shift = up > 8 ? 8 : up;
    w->b_shift = up - w->a_shift;
  }
}

bt_ordered_way bt_ordered_find_way(const bt_ordered *o, int bits, bt_entry entry) {
  int64_t a = -(int64_t)bt_clip_low(&o->c->in[0]->fmt);
  int64_t b = o->two_pass ? 128 : -(int64_t)bt_clip_low(&o->c->in[1]->fmt);
  bt_ordered_way w = {.entry = entry, .bits = bits, .wide = bits > 16};
  w.b_max = (int32_t)(o->swapped ? a : b);
  w.shift = entry == BT_ENTRY_EXACT ? 0 : o->acc.acc_shift;
  bool lane = bits == 32 || fits_lane(&w, a * b);
  w.scale = lane && !w.wide ? 16 - bits : 0;
  w.over = lane ? o->acc.wrap ? BT_OVER_LANE_WRAP : BT_OVER_LANE_SATURATE
           : o->acc.wrap ? BT_OVER_WRAP
                         : BT_OVER_SATURATE;
  w.right = w.shift - w.scale;
  w.mask = -(int32_t)(UINT32_C(1) << w.scale);
  w.high = (int32_t)((UINT32_C(1) << (bits - 1)) - 1);
  w.low = -w.high - 1;
  scale_operands(&w);
  w.quiet = -1;
  while (w.quiet < (int32_t)BT_ORDERED_STRETCH * 128 &&
         bt_ordered_reach(&w, w.quiet + 1) <= UINT16_MAX) {
    w.quiet++;
  }
  return w;
}
