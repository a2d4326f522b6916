/* What an affine command needs (numerics 9): the cells' plans, the cheapest form that is exact, and
 * the patterns of its steps. */
#include "fast/affine_pattern.h"
#include "num/round.h"

#define ONE 16384              /* a constant of this mantissa is a shift by 14 */
#define ONE_BITS 14
#define NARROW_T 2             /* the largest final shift of the narrow form */
#define GENERAL_RIGHT 62       /* as good as more, for products below 2^55 */

static bool every_row(const bt_tensor *x, const bt_tensor *y) { return x->ndim != y->ndim; }

static bt_affine_plan cell_plan(const bt_affine_job *j, size_t i) {
  const bt_command *c = j->c;
  bt_affine_term t[BT_AFFINE_TERMS];
  size_t terms = c->u.affine.terms;
  for (size_t k = 0; k < terms; k++) {
    const bt_tensor *x = c->in[k];
    size_t at = every_row(x, c->out[0]) ? i % j->last : i;
    t[k] = (bt_affine_term){.c = c->u.affine.c[k],
                            .operand_step = bt_tensor_step(x, at),
                            .operand_bits = bt_tensor_width(x)};
  }
  if (c->u.affine.has_c0) {
    t[terms++] = (bt_affine_term){.c = c->u.affine.c0, .is_addend = true};
  }
  return bt_affine_prepare(terms, t);
}

/* y = (x << left) >> right, plus what is shared: the shift before the sum covers the one after. */
static bool is_shift(const bt_affine_job *j, const bt_affine_plan *p) {
  size_t k = j->term[0];
  return j->products == 1 && p->mantissa[k] == ONE &&
         (p->t == 0 || ONE_BITS + p->shift[k] >= p->t);
}

/* Each product, shifted left, is below 2^31, and the sum is shifted by little. */
static bool is_narrow(const bt_affine_job *j, const bt_affine_plan *p) {
  for (size_t i = 0; i < j->products; i++) {
    size_t k = j->term[i];
    int left = p->shift[k] > 0 ? p->shift[k] : 0;
    uint64_t largest = bt_magnitude(p->mantissa[k]) << bt_tensor_width(j->c->in[k]) << left;
    if (largest > INT32_MAX) {
      return false;
    }
  }
  return p->t <= NARROW_T;
}

/* Plans of all cells, the output's exponents, and the form that suits every cell. */
static void plan_cells(bt_affine_job *j) {
  bt_tensor *y = j->c->out[0];
  bool shift = true, narrow = true;
  y->bits = 0;
  for (size_t a = 0; a < y->n0; a++) {
    for (size_t b = 0; b < y->nl; b++) {
      bt_affine_plan *p = &j->plan[a * y->nl + b];
      *p = cell_plan(j, a * j->segment_size + b);
      y->exp[a * y->nl + b] = (int16_t)p->exponent;
      y->bits = p->bits > y->bits ? p->bits : y->bits;
      shift = shift && is_shift(j, p);
      narrow = narrow && is_narrow(j, p);
      j->split = j->split || p->t > 0;
    }
  }
  j->form = shift ? BT_AFFINE_SHIFT : narrow ? BT_AFFINE_NARROW : BT_AFFINE_GENERAL;
}

static int64_t shifted(int64_t product, int shift) {
  return shift >= 0 ? bt_shift_left(product, shift) : bt_shift_floor(product, -shift);
}

/* The terms that every row shares, in column `column`. */
static int64_t shared_sum(const bt_affine_job *j, const bt_affine_plan *p, size_t column) {
  const bt_command *c = j->c;
  int64_t sum = 0;
  for (size_t k = 0; k < p->terms; k++) {
    bool addend = k == c->u.affine.terms;
    if (addend || every_row(c->in[k], c->out[0])) {
      int32_t x = addend ? 1 : bt_tensor_mantissa(c->in[k], column);
      sum += shifted((int64_t)p->mantissa[k] * x, p->shift[k]);
    }
  }
  return sum;
}

static void set_step(const bt_affine_job *j, const bt_affine_plan *p, size_t i, uint32_t *left,
                     uint32_t *right) {
  int s = p->shift[j->term[i]], most = j->form == BT_AFFINE_GENERAL ? GENERAL_RIGHT : 31;
  s += j->form == BT_AFFINE_SHIFT ? ONE_BITS - p->t : 0;
  *left = (uint32_t)(s > 0 ? s : 0);
  *right = (uint32_t)(s >= 0 ? 0 : s < -most ? most : -s);
}

/* Entry e of a pattern, of a column whose shared sum is `base`. */
static void set_entry(const bt_affine_job *j, bt_affine_pattern *to, const bt_affine_plan *p,
                      size_t e, int64_t base) {
  size_t step = j->uniform ? 0 : e;
  for (size_t i = 0; i < j->products; i++) {
    size_t at = i * j->steps + step;
    to->mantissa[at] = p->mantissa[j->term[i]];
    set_step(j, p, i, &to->left[at], &to->right[at]);
    if (j->form == BT_AFFINE_GENERAL) {
      base = (int64_t)((uint64_t)base - ((uint64_t)BT_AFFINE_BIAS >> to->right[at]));
    }
  }
  to->t[step] = (uint32_t)p->t;
  to->base[e] = base;
  to->high[e] = (int32_t)(base >> (j->form == BT_AFFINE_SHIFT ? p->t : j->split ? NARROW_T : 0));
  to->low[e] = (int32_t)(base & ((1 << NARROW_T) - 1));
}

static void set_pattern(const bt_affine_job *j, bt_affine_pattern *to, size_t segment) {
  size_t nl = j->c->out[0]->nl;
  const bt_affine_plan *plan = j->plan + segment * nl;
  to->segment = segment;
  for (size_t column = 0; column < (j->flat ? 1 : j->last); column++) {
    const bt_affine_plan *p = &plan[nl > 1 ? column : 0];
    int64_t base = shared_sum(j, p, column);
    for (size_t e = column; e < j->period; e += j->last) {
      set_entry(j, to, p, e, base);
    }
  }
}

const bt_affine_pattern *bt_fast_affine_pattern(const bt_affine_job *j, unsigned thread,
                                                size_t segment) {
  bt_affine_pattern *p = &j->pattern[j->segments > 1 ? thread : 0];
  if (p->segment != segment) {
    set_pattern(j, p, segment);
  }
  return p;
}

/* One pattern a thread, or one that is set already. */
static bool make_patterns(bt_fast *f, bt_affine_job *j) {
  size_t count = j->segments > 1 ? bt_threads_count(f->threads) : 1, p = j->period;
  size_t words = 2 * p + j->steps * (3 * j->products + 1);
  bt_affine_pattern *pattern = bt_scratch_take(f->scratch, count * sizeof *pattern);
  int32_t *area = bt_scratch_take(f->scratch, count * words * sizeof *area);
  int64_t *base = bt_scratch_take(f->scratch, count * p * sizeof *base);
  if (pattern == NULL || area == NULL || base == NULL) {
    return false;
  }
  for (size_t i = 0; i < count; i++, area += words, base += p) {
    pattern[i] = (bt_affine_pattern){.segment = SIZE_MAX, .base = base, .high = area,
                                     .low = area + p, .t = (uint32_t *)(area + 2 * p)};
    int32_t *steps = area + 2 * p + j->steps;
    pattern[i].mantissa = steps;
    pattern[i].left = (uint32_t *)(steps + j->products * j->steps);
    pattern[i].right = (uint32_t *)(steps + 2 * j->products * j->steps);
  }
  j->pattern = pattern;
  if (j->segments == 1) {
    set_pattern(j, pattern, 0);
  }
  return true;
}

/* The terms of the output's shape that count, and whether any is a vector. */
static bool find_products(bt_affine_job *j) {
  const bt_command *c = j->c;
  bool vectors = false;
  for (size_t k = 0; k < c->u.affine.terms; k++) {
    bool row = every_row(c->in[k], c->out[0]);
    vectors = vectors || row;
    if (!row && c->u.affine.c[k].mantissa != 0) {
      j->term[j->products++] = k;
    }
  }
  return vectors;
}

/* From any last index on, a run's entries, or as many as there are elements. */
static size_t pattern_size(const bt_affine_job *j) {
  return j->last + (j->segment_size < BT_AFFINE_RUN ? j->segment_size : BT_AFFINE_RUN);
}

bool bt_fast_affine_begin(bt_fast *f, const bt_command *c, bt_affine_job *job) {
  const bt_tensor *y = c->out[0];
  size_t n = bt_tensor_elements(y), last = bt_tensor_last(y);
  *job = (bt_affine_job){.f = f, .c = c, .n = n, .last = last, .segments = y->n0};
  if (n == 0 || y->ndim == 0 || (y->ndim == 1 && y->n0 > 1) ||
      (y->n0 > 1 && (y->n0 != y->dim[0] || (y->nl > 1 && n / y->n0 == last)))) {
    return false;
  }
  bool vectors = find_products(job);
  job->segment_size = n / y->n0;
  job->uniform = y->nl == 1;
  job->flat = job->uniform && !vectors;
  job->period = job->flat ? 1 : pattern_size(job);
  job->steps = job->uniform ? 1 : job->period;
  job->plan = bt_scratch_take(f->scratch, y->n0 * y->nl * sizeof *job->plan);
  if (job->plan == NULL) {
    return false;
  }
  plan_cells(job);
  return make_patterns(f, job);
}

bool bt_fast_affine_rises(const bt_affine_job *j) {
  return j->c->u.affine.c[j->term[0]].mantissa > 0;
}

int32_t bt_fast_affine_value(const bt_affine_job *j, size_t segment, size_t column, int32_t x) {
  size_t nl = j->c->out[0]->nl, k = j->term[0];
  const bt_affine_plan *p = &j->plan[segment * nl + (nl > 1 ? column : 0)];
  int64_t sum = shared_sum(j, p, column) + shifted((int64_t)p->mantissa[k] * x, p->shift[k]);
  int32_t y = (int32_t)bt_shift_floor(sum, p->t);
  return j->c->u.affine.relu && y < 0 ? 0 : y;
}
