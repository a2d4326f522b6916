/* contract with an operand in blocks tile or k32 (numerics 8.2): every output aligns the exponents
 * of its own pairs. Its k are sorted into groups of equal exponent, which then go through
 * accumulator and aligner one by one. */
#include <limits.h>
#include <stdlib.h>

#include "cmd/gather.h"
#include "num/accumulate.h"
#include "num/align.h"
#include "num/error.h"
#include "num/lfsr.h"
#include "ref/commands.h"

#define GROUPS (BT_ALIGN_BITS + 1)
#define NO_PAIR INT16_MIN /* exponent of a place in a zero block or outside the image */

/* One operand's elements along k: mantissas, and exponents with NO_PAIR among them. */
typedef struct {
  int16_t *m, *e;
} line;

/* An output's pairs in groups g = gref .. gref + 16, k ascending in each. */
typedef struct {
  bt_alignment plan;
  size_t end[GROUPS]; /* of group gref + i in the sorted arrays; it begins at the end of i - 1 */
  size_t dropped;
} sorted;

typedef struct {
  const bt_command *c;
  bt_geometry g;
  bt_direction d;
  bt_extent x;
  bt_accumulator acc;
  bool any_order;    /* no order of addition changes a bit */
  bool two_pass;     /* the second operand has more than 8 bits (numerics 8.3) */
  int16_t *block[2]; /* each operand's exponents by block, NO_PAIR for zero blocks */
  line row, columns; /* [k] of the first operand; [cols][k] of the second */
  int32_t *offset;   /* [k] */
  int8_t *a, *low, *high; /* [k] the pairs sorted; low is all of the second operand in one pass */
  uint32_t *draws, *sorted_draws; /* [k]; only for a stochastic acc_rounding */
} work;

static int16_t *find_exponents(const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t);
  int16_t *e = malloc((blocks + 1) * sizeof *e);
  for (size_t b = 0; e != NULL && b < blocks; b++) {
    e[b] = (int16_t)(bt_tensor_zero_block(t, b) ? NO_PAIR : t->exp[b] - (t->fmt.wl - 2));
  }
  return e;
}

static void read_line(const work *w, int operand, line to) {
  const bt_tensor *t = w->c->in[operand];
  for (size_t k = 0; k < w->x.k; k++) {
    bool inside = w->offset[k] >= 0;
    size_t i = inside ? (size_t)w->offset[k] : 0;
    to.m[k] = (int16_t)(inside ? bt_tensor_mantissa(t, i) : 0);
    to.e[k] = inside ? w->block[operand][bt_tensor_exponent_of(t, i)] : NO_PAIR;
  }
}

static line column(const work *w, size_t j) {
  return (line){w->columns.m + j * w->x.k, w->columns.e + j * w->x.k};
}

static bool is_pair(const line *a, const line *b, size_t k) {
  return a->e[k] != NO_PAIR && b->e[k] != NO_PAIR;
}

/* The alignment of an output; false if it has no pair. */
static bool plan_output(const work *w, const line *b, bt_alignment *plan) {
  int gmin = INT_MAX, gmax = INT_MIN;
  for (size_t k = 0; k < w->x.k; k++) {
    int g = w->row.e[k] + b->e[k];
    if (is_pair(&w->row, b, k)) {
      gmin = g < gmin ? g : gmin;
      gmax = g > gmax ? g : gmax;
    }
  }
  if (gmax == INT_MIN) {
    return false;
  }
  /* Two passes make the sum 7 bits wider, as acc_shift makes it narrower, at the same exponent. */
  int wider = w->two_pass ? 7 : 0;
  *plan = bt_align_plan(gmin, gmax, w->x.k, w->acc.acc_shift - wider);
  plan->exponent += wider;
  return true;
}

/* Sorts the pairs of an output by group. */
static void sort_pairs(work *w, const line *b, sorted *s) {
  size_t at[GROUPS] = {0};
  s->dropped = 0;
  for (size_t k = 0; k < w->x.k; k++) {
    int g = w->row.e[k] + b->e[k] - s->plan.gref;
    if (!is_pair(&w->row, b, k)) {
      continue;
    }
    if (g < 0) {
      s->dropped++;
    } else {
      at[g]++;
    }
  }
  for (size_t i = 0, n = 0; i < GROUPS; i++) {
    n += at[i];
    s->end[i] = n;
    at[i] = n - at[i];
  }
  for (size_t k = 0; k < w->x.k; k++) {
    int g = w->row.e[k] + b->e[k] - s->plan.gref;
    if (!is_pair(&w->row, b, k) || g < 0) {
      continue;
    }
    size_t p = at[g]++;
    w->a[p] = (int8_t)w->row.m[k];
    w->low[p] = (int8_t)(w->two_pass ? b->m[k] & 127 : b->m[k]);
    w->high[p] = (int8_t)(b->m[k] >> 7);
    if (w->draws != NULL) {
      w->sorted_draws[p] = w->draws[k];
    }
  }
}

static int32_t accumulate(const work *w, size_t begin, size_t end, const int8_t *b,
                          bt_counts *counts) {
  if (w->any_order) {
    return bt_accumulate_exact(end - begin, w->a + begin, b + begin);
  }
  const uint32_t *draws = w->draws == NULL ? NULL : w->sorted_draws + begin;
  return bt_accumulate_ordered(&w->acc, end - begin, w->a + begin, b + begin, draws,
                               &counts->saturations);
}

/* The sum of all groups, in ascending order. */
static int32_t add_groups(const work *w, const sorted *s, bt_counts *counts) {
  int64_t sum = 0;
  for (size_t i = 0; i < GROUPS; i++) {
    size_t begin = i == 0 ? 0 : s->end[i - 1], end = s->end[i];
    if (begin == end) {
      continue;
    }
    sum = bt_align_add(sum, accumulate(w, begin, end, w->low, counts), (int)i);
    if (w->two_pass) {
      sum = bt_align_add(sum, accumulate(w, begin, end, w->high, counts), (int)i + 7);
    }
  }
  counts->dropped += s->dropped;
  return bt_align_finish(sum, s->plan.t);
}

static void run_output(work *w, size_t q, const line *b, bt_lfsr *rng, bt_counts *counts) {
  bt_tensor *out = w->c->out[0];
  sorted s;
  int32_t m = 0;
  int exponent = BT_ZERO_EXPONENT;
  if (w->draws != NULL) {
    bt_lfsr_fill(rng, q * w->x.k, w->x.k, w->acc.acc_round.random_bits, w->draws);
  }
  if (plan_output(w, b, &s.plan)) {
    sort_pairs(w, b, &s);
    m = add_groups(w, &s, counts);
    exponent = s.plan.exponent;
    out->bits = s.plan.bits > out->bits ? s.plan.bits : out->bits;
  }
  ((int32_t *)out->data)[q] = m;
  out->exp[q] = (int16_t)exponent;
}

static void run_rows(work *w, bt_lfsr *rng, bt_counts *counts) {
  w->c->out[0]->bits = 0;
  for (size_t j = 0; j < w->x.cols; j++) {
    bt_gather_b(&w->g, w->d, j, w->offset);
    read_line(w, 1, column(w, j));
  }
  for (size_t row = 0; row < w->x.rows; row++) {
    bt_gather_a(&w->g, w->d, row, w->offset);
    read_line(w, 0, w->row);
    for (size_t j = 0; j < w->x.cols; j++) {
      line b = column(w, j);
      run_output(w, row * w->x.cols + j, &b, rng, counts);
    }
  }
}

static bool make_buffers(work *w, bool stochastic) {
  size_t k = w->x.k, all = k * w->x.cols;
  w->block[0] = find_exponents(w->c->in[0]);
  w->block[1] = find_exponents(w->c->in[1]);
  w->row = (line){malloc(k * sizeof(int16_t)), malloc(k * sizeof(int16_t))};
  w->columns = (line){malloc(all * sizeof(int16_t)), malloc(all * sizeof(int16_t))};
  w->offset = malloc(k * sizeof *w->offset);
  w->a = malloc(k);
  w->low = malloc(k);
  w->high = malloc(k);
  if (stochastic) {
    w->draws = malloc(k * sizeof *w->draws);
    w->sorted_draws = malloc(k * sizeof *w->sorted_draws);
  }
  return w->block[0] != NULL && w->block[1] != NULL && w->row.m != NULL && w->row.e != NULL &&
         w->columns.m != NULL && w->columns.e != NULL && w->offset != NULL && w->a != NULL &&
         w->low != NULL && w->high != NULL &&
         (!stochastic || (w->draws != NULL && w->sorted_draws != NULL));
}

static void free_buffers(work *w) {
  void *const all[] = {w->block[0], w->block[1], w->row.m, w->row.e, w->columns.m, w->columns.e,
                       w->offset,   w->a,        w->low,   w->high,  w->draws,     w->sorted_draws};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    free(all[i]);
  }
}

bt_status bt_ref_contract_blocks(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                                 bt_counts *counts, bt_error *error) {
  work w = {.c = c, .g = c->u.contract.geometry, .d = c->u.contract.direction, .acc = *acc};
  w.x = bt_geometry_extent(&w.g, w.d);
  w.two_pass = c->in[1]->fmt.wl > 8;
  w.any_order = bt_accumulate_any_order(acc, w.x.k, 14);
  bool stochastic = acc->acc_shift > 0 && acc->acc_round.mode == BT_STOCHASTIC;
  bool made = make_buffers(&w, stochastic);
  if (made) {
    run_rows(&w, rng, counts);
    if (stochastic) {
      bt_lfsr_finish(rng, w.x.rows * w.x.cols * w.x.k, acc->acc_round.random_bits);
    }
  }
  free_buffers(&w);
  return made ? BT_OK : bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
}
