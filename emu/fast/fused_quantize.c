#include "fast/fused_quantize.h"

#include <string.h>

#include "fast/ends.h"
#include "fast/parts.h"

#define CHUNK 1024u /* elements of wide values that stay in the first cache; a multiple of 64 */

static bool make_range(bt_fast *f, size_t rows, size_t columns, bt_extremes *x) {
  size_t bytes = rows * columns * sizeof *x->low;
  *x = (bt_extremes){rows, columns, bt_scratch_take(f->scratch, bytes),
                     bt_scratch_take(f->scratch, bytes)};
  return x->low != NULL && x->high != NULL;
}

/* The affine is monotone in its operand, column by column: so are its ends. */
static bool map_range(bt_fused *u, size_t s, const bt_extremes *known) {
  const bt_affine_job *j = &u->affine[s];
  bt_extremes *y = &u->range[s];
  if (j->products != 1 || j->c->u.affine.masked || known->rows != j->segments ||
      known->columns != j->last || !make_range(u->f, known->rows, known->columns, y)) {
    return false;
  }
  for (size_t i = 0; i < known->rows * known->columns; i++) {
    y->low[i] = known->low[i];
    y->high[i] = known->high[i];
    bt_fast_affine_ends(j, i / known->columns, i % known->columns, &y->low[i], &y->high[i]);
  }
  return true;
}

typedef struct {
  const bt_affine_job *affine;
  bt_extremes *range; /* [threads], `row` columns each */
  size_t row;         /* 1; or the last dimension and as many as a run has: columns run on */
} range_job;

static void range_part(void *context, size_t first, size_t end, unsigned thread) {
  const range_job *r = context;
  const bt_affine_job *j = r->affine;
  const bt_kernels *k = &j->f->kernels;
  int32_t m[CHUNK];
  size_t stop = end * BT_PART_ELEMENTS < j->n ? end * BT_PART_ELEMENTS : j->n;
  for (size_t i = first * BT_PART_ELEMENTS, n; i < stop; i += n) {
    size_t segment = i / j->segment_size, left = (segment + 1) * j->segment_size - i;
    n = stop - i < CHUNK ? stop - i : CHUNK;
    n = n < left ? n : left;
    bt_fast_affine_chunk(j, thread, i, n, m);
    size_t at = segment * r->row + (r->row == 1 ? 0 : i % j->last);
    int32_t *low = r->range[thread].low + at, *high = r->range[thread].high + at;
    if (r->row == 1) {
      k->range(n, m, low, high);
    } else {
      k->extremes(n, m, low, high);
    }
  }
}

static size_t items(size_t n) { return (n + BT_PART_ELEMENTS - 1) / BT_PART_ELEMENTS; }

static void join_range(int32_t *low, int32_t *high, const bt_extremes *x, size_t i) {
  *low = x->low[i] < *low ? x->low[i] : *low;
  *high = x->high[i] > *high ? x->high[i] : *high;
}

/* All threads' columns as one, `columns` of them in a row. */
static void join_ranges(const range_job *r, size_t threads, bt_extremes *y) {
  for (size_t i = 0; i < y->rows * y->columns; i++) {
    y->low[i] = INT32_MAX;
    y->high[i] = INT32_MIN;
  }
  for (size_t t = 0; t < threads; t++) {
    for (size_t a = 0; a < y->rows; a++) {
      for (size_t j = 0; j < r->row; j++) {
        size_t to = a * y->columns + j % y->columns;
        join_range(&y->low[to], &y->high[to], &r->range[t], a * r->row + j);
      }
    }
  }
}

/* Least and largest of each cell, by computing all of it. */
static bool find_range(bt_fused *u, size_t s) {
  const bt_affine_job *j = &u->affine[s];
  size_t threads = bt_threads_count(u->f->threads), columns = j->uniform ? 1 : j->last;
  bt_extremes *part = bt_scratch_take(u->f->scratch, threads * sizeof *part);
  range_job r = {j, part, j->uniform ? 1 : j->last + CHUNK};
  if (part == NULL || j->segments * r.row > j->n ||
      !make_range(u->f, j->segments, columns, &u->range[s])) {
    return false;
  }
  for (size_t t = 0; t < threads; t++) {
    if (!make_range(u->f, j->segments, r.row, &part[t])) {
      return false;
    }
    for (size_t a = 0; a < j->segments * r.row; a++) {
      part[t].low[a] = INT32_MAX;
      part[t].high[a] = INT32_MIN;
    }
  }
  bt_parts_run(u->f, items(j->n), BT_PART_ELEMENTS, range_part, &r);
  join_ranges(&r, threads, &u->range[s]);
  return true;
}

/* From the ends of its only operand. */
static bool find_ends(bt_fused *u, size_t s) {
  const bt_affine_job *j = &u->affine[s];
  bt_extremes ends;
  return j->products == 1 && j->segments == 1 && !j->c->u.affine.masked &&
         bt_fast_ends(u->f, j->c->in[j->term[0]], &ends) && map_range(u, s, &ends);
}

bool bt_fused_affine(bt_fused *u, size_t s, const bt_command *affine, const bt_extremes *known) {
  return bt_fast_affine_begin(u->f, affine, &u->affine[s]) &&
         ((known != NULL && map_range(u, s, known)) || find_ends(u, s) || find_range(u, s));
}

static void run_part(void *context, size_t first, size_t end, unsigned thread) {
  const bt_fused *u = context;
  bt_lane_state lanes[BT_FUSED_STREAMS] = {0};
  int32_t m[BT_FUSED_STREAMS][CHUNK];
  size_t all = u->affine[0].n, begin = first * BT_PART_ELEMENTS;
  size_t stop = end * BT_PART_ELEMENTS < all ? end * BT_PART_ELEMENTS : all;
  for (size_t s = 0; s < u->streams; s++) {
    bt_lanes_seek(&lanes[s], &u->plan[s].start, u->plan[s].jump, begin);
  }
  for (size_t i = begin, n; i < stop; i += n) {
    n = stop - i < CHUNK ? stop - i : CHUNK;
    for (size_t s = 0; s < u->streams; s++) {
      bt_fast_affine_chunk(&u->affine[s], thread, i, n, m[s]);
    }
    for (size_t s = 0; s < u->streams; s++) {
      u->clipped[thread] += bt_fast_quantize_chunk(&u->plan[s], &lanes[s], i, n, m[s]);
    }
  }
}

/* The outputs' exponents may be those of an affine's operand, which it needs if the command is then
 * run by itself: where a plan fails they are put back. */
static bool make_plans(bt_fused *u, const bt_command *const *quantize, const bt_lfsr *rng) {
  bt_lfsr draws = {0};
  const bt_lfsr *at = rng == NULL ? NULL : &draws;
  int16_t *saved[BT_FUSED_STREAMS];
  bool good = true;
  if (rng != NULL) {
    draws = *rng;
  }
  for (size_t s = 0; s < u->streams; s++) {
    const bt_tensor *out = quantize[s]->out[0];
    size_t bytes = bt_tensor_exponents(out) * sizeof *out->exp;
    saved[s] = bt_scratch_take(u->f->scratch, bytes);
    if (saved[s] == NULL) {
      return false;
    }
    memcpy(saved[s], out->exp, bytes);
  }
  for (size_t s = 0; good && s < u->streams; s++) {
    good = bt_fast_quantize_plan(u->f, quantize[s], &u->range[s], at, &u->plan[s]);
    if (good) {
      bt_fast_quantize_finish(&u->plan[s], &draws);
    }
  }
  for (size_t s = 0; !good && s < u->streams; s++) {
    const bt_tensor *out = quantize[s]->out[0];
    memcpy(out->exp, saved[s], bt_tensor_exponents(out) * sizeof *out->exp);
  }
  return good;
}

bool bt_fused_run(bt_fused *u, const bt_command *const *quantize, bt_lfsr *rng,
                  bt_counts *counts) {
  size_t threads = bt_threads_count(u->f->threads);
  u->clipped = bt_scratch_take(u->f->scratch, threads * sizeof *u->clipped);
  if (u->clipped == NULL || !make_plans(u, quantize, rng)) {
    return false;
  }
  memset(u->clipped, 0, threads * sizeof *u->clipped);
  bt_parts_run(u->f, items(u->affine[0].n), BT_PART_ELEMENTS * u->streams, run_part, u);
  for (size_t t = 0; t < threads; t++) {
    counts->quantize.clipped += u->clipped[t];
  }
  for (size_t s = 0; s < u->streams; s++) {
    bt_fast_quantize_finish(&u->plan[s], rng);
  }
  return true;
}
