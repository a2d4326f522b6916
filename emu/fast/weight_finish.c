/* What becomes of a weight gradient's sums: QUAD's correction, the groups' common exponent, the
 * aligner's shift (numerics 8.2), and the extremes of the result. */
#include <string.h>

#include "fast/weight.h"
#include "num/round.h"

/* 128 times the sum of row o of the group's error, modulo 2^32: the image had 128 added. */
static uint32_t correction(const bt_weight *s, size_t o) {
  uint32_t sum = 0;
  for (unsigned t = 0; s->per_word == 4 && t < s->threads; t++) {
    sum += (uint32_t)s->correction[t * s->g.o + o];
  }
  return 128 * sum;
}

/* The group's sums join those of the groups before; the last one's become the result. */
static void join_groups(const bt_weight *s, int32_t *out, int64_t *sum, size_t width,
                        uint32_t minus) {
  size_t group = s->slab[s->first].group;
  bool first = group == 0, last = group + 1 == s->groups;
  for (size_t j = 0; j < width; j++) {
    int64_t total = bt_shift_left((int32_t)((uint32_t)out[j] - minus), s->base);
    total += first ? 0 : sum[j];
    if (last) {
      int64_t m = bt_shift_floor(total, s->w->plan.t);
      out[j] = (int32_t)bt_saturate(m, INT32_MIN, INT32_MAX);
    } else {
      sum[j] = total;
    }
  }
}

void bt_weight_finish(const bt_weight *s, size_t begin, size_t end, size_t column, size_t width) {
  bool whole = s->groups == 1 && s->base == 0 && s->w->plan.t == 0;
  size_t cols = s->w->x.cols;
  if (whole && s->per_word == 2) {
    return;
  }
  for (size_t o = begin; o < end; o++) {
    int32_t *out = (int32_t *)s->w->c->out[0]->data + o * cols + column;
    uint32_t minus = correction(s, o);
    for (size_t j = 0; whole && j < width; j++) {
      out[j] = (int32_t)((uint32_t)out[j] - minus);
    }
    if (!whole) {
      join_groups(s, out, s->groups == 1 ? NULL : s->sum + o * cols + column, width, minus);
    }
  }
}

/* Extremes a thread found, or those of the rows that are a thread's alone. */
typedef struct {
  const bt_contraction *w;
  int32_t *low, *high; /* [threads][c] where out has one cell along o */
} extremes;

static void start_extremes(size_t n, int32_t *low, int32_t *high) {
  for (size_t i = 0; i < n; i++) {
    low[i] = INT32_MAX;
    high[i] = INT32_MIN;
  }
}

static void widen(size_t n, const int32_t *low, const int32_t *high, int32_t *least,
                  int32_t *largest) {
  for (size_t i = 0; i < n; i++) {
    least[i] = low[i] < least[i] ? low[i] : least[i];
    largest[i] = high[i] > largest[i] ? high[i] : largest[i];
  }
}

static void find_extremes(void *context, size_t task, unsigned thread) {
  const extremes *x = context;
  const bt_contraction *w = x->w;
  const int32_t *out = (const int32_t *)w->c->out[0]->data + task * w->x.cols;
  bool own = w->extremes->rows > 1;
  int32_t *low = own ? w->extremes->low + task * w->g.c : x->low + thread * w->g.c;
  int32_t *high = own ? w->extremes->high + task * w->g.c : x->high + thread * w->g.c;
  for (size_t j = 0; j < w->x.cols; j += w->g.c) {
    widen(w->g.c, out + j, out + j, low, high);
  }
}

bool bt_weight_extremes(const bt_contraction *w) {
  bt_extremes *all = w->extremes;
  unsigned threads = bt_threads_count(w->f->threads);
  size_t parts = all->rows > 1 ? 0 : threads * w->g.c;
  extremes x = {.w = w};
  x.low = bt_scratch_take(w->f->scratch, parts * sizeof *x.low);
  x.high = bt_scratch_take(w->f->scratch, parts * sizeof *x.high);
  if (x.low == NULL || x.high == NULL) {
    return false;
  }
  start_extremes(all->rows * all->columns, all->low, all->high);
  start_extremes(parts, x.low, x.high);
  bt_threads_run(w->f->threads, w->g.o, find_extremes, &x);
  for (size_t t = 0; all->rows == 1 && t < threads; t++) {
    widen(w->g.c, x.low + t * w->g.c, x.high + t * w->g.c, all->low, all->high);
  }
  return true;
}
