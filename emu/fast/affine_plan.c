/* What an affine command needs (numerics 9): the cells' plans, the cheapest form that is exact, and
 * the patterns of its steps. */
#include <string.h>

#include "fast/affine_pattern.h"
#include "fast/affine_steps.h"
#include "num/round.h"

static bool every_row(const bt_tensor *x, const bt_tensor *y) { return x->ndim != y->ndim; }

/* Term k's vector of constants, k being `terms` for the addend; NULL where it has one for all. */
static const bt_tensor *constants(const bt_command *c, size_t k) {
  return c->in[k == c->u.affine.terms ? BT_IN_ADDEND : BT_IN_CONSTANTS + k];
}

static bool has_addend(const bt_command *c) {
  return c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL;
}

/* Term k in the cell that has element i; where cells split the last index, in i's alone. */
static bt_affine_term cell_term(const bt_affine_job *j, size_t k, size_t i) {
  const bt_command *c = j->c;
  const bt_tensor *x = c->in[k], *v = constants(c, k);
  bt_affine_term t = {.is_addend = k == c->u.affine.terms, .is_vector = v != NULL};
  if (t.is_addend) {
    t.c = c->u.affine.c0;
  } else {
    t.c = c->u.affine.c[k];
    t.operand_step = bt_tensor_step(x, every_row(x, c->out[0]) ? i % j->last : i);
    t.operand_bits = bt_tensor_width(x);
  }
  if (v != NULL) {
    size_t first = j->uniform ? 0 : i % j->last;
    t.range = bt_affine_range_of(j->uniform ? j->last : 1, (const int32_t *)v->data + first,
                                 v->exp + first);
  }
  return t;
}

static bt_affine_plan cell_plan(const bt_affine_job *j, size_t i) {
  bt_affine_term t[BT_AFFINE_TERMS];
  size_t terms = j->c->u.affine.terms + (has_addend(j->c) ? 1 : 0);
  for (size_t k = 0; k < terms; k++) {
    t[k] = cell_term(j, k, i);
  }
  return bt_affine_prepare(terms, t);
}

/* The plan of a cell row's column, with the column's constants. */
static bt_affine_plan column_plan(const bt_affine_job *j, size_t segment, size_t column) {
  size_t nl = j->c->out[0]->nl;
  bt_affine_plan q = j->plan[segment * nl + (nl > 1 ? column : 0)];
  for (size_t k = 0; k < q.terms; k++) {
    const bt_tensor *v = constants(j->c, k);
    if (v != NULL) {
      const bt_tensor *x = j->c->in[k];
      size_t at = k == j->c->u.affine.terms     ? 0
                  : every_row(x, j->c->out[0]) ? column
                                               : segment * j->segment_size + column;
      bt_constant c = {((const int32_t *)v->data)[column], v->exp[column]};
      bt_affine_at(&q, k, c, k == j->c->u.affine.terms ? 0 : bt_tensor_step(x, at));
    }
  }
  return q;
}

/* Columns of a cell row that differ. */
static size_t columns_of(const bt_affine_job *j) { return j->flat ? 1 : j->last; }

/* Plans of all cells, the output's exponents, and the form that suits every column. */
static void plan_cells(bt_affine_job *j) {
  bt_tensor *y = j->c->out[0];
  unsigned forms = ~0u;
  y->bits = 0;
  for (size_t i = 0; i < y->n0 * y->nl; i++) {
    bt_affine_plan *p = &j->plan[i];
    *p = cell_plan(j, i / y->nl * j->segment_size + i % y->nl);
    y->exp[i] = (int16_t)p->exponent;
    y->bits = p->bits > y->bits ? p->bits : y->bits;
  }
  for (size_t a = 0; a < y->n0; a++) {
    for (size_t b = 0; b < (j->vectors ? j->last : y->nl); b++) {
      bt_affine_plan q = column_plan(j, a, b);
      forms &= bt_affine_forms_of(j, &q, &j->rights);
    }
  }
  j->form = BT_AFFINE_SHIFT;
  while ((forms >> j->form & 1) == 0) {
    j->form++;
  }
}

static int64_t shifted(int64_t product, int shift) {
  return shift >= 0 ? bt_shift_left(product, shift) : bt_shift_floor(product, -shift);
}

/* The terms that every row shares, in column `column`. */
static int64_t shared_sum(const bt_affine_job *j, const bt_affine_plan *q, size_t column) {
  const bt_command *c = j->c;
  int64_t sum = 0;
  for (size_t k = 0; k < q->terms; k++) {
    bool addend = k == c->u.affine.terms;
    if (addend || every_row(c->in[k], c->out[0])) {
      int32_t x = addend ? 1 : bt_tensor_mantissa(c->in[k], column);
      sum += shifted((int64_t)q->mantissa[k] * x, q->shift[k]);
    }
  }
  return sum;
}

static void set_column(const bt_affine_job *j, bt_affine_pattern *to, size_t segment,
                       size_t column) {
  bt_affine_plan q = column_plan(j, segment, column);
  bt_affine_steps s = bt_affine_steps_of(j, &q, shared_sum(j, &q, column));
  for (size_t i = 0; i < j->products; i++) {
    size_t at = i * j->period + column;
    to->mantissa[at] = s.product[i].mantissa;
    to->left[at] = s.product[i].left;
    to->right[at] = s.product[i].right;
    to->down[at] = s.product[i].down;
  }
  to->t[column] = s.t;
  to->high[column] = s.high;
  to->low[column] = s.low;
  to->base[column] = s.base;
}

/* Fills `size` bytes with what the first `have` of them hold, again and again. */
static void repeat(void *bytes, size_t have, size_t size) {
  for (size_t n; have < size; have += n) {
    n = have < size - have ? have : size - have;
    memcpy((uint8_t *)bytes + have, bytes, n);
  }
}

static void set_pattern(const bt_affine_job *j, bt_affine_pattern *to, size_t segment) {
  size_t columns = columns_of(j), have = columns * sizeof *to->t, size = j->period * sizeof *to->t;
  to->segment = segment;
  for (size_t column = 0; column < columns; column++) {
    set_column(j, to, segment, column);
  }
  for (size_t i = 0; i < j->products; i++) {
    repeat(to->mantissa + i * j->period, have, size);
    repeat(to->left + i * j->period, have, size);
    repeat(to->right + i * j->period, have, size);
    repeat(to->down + i * j->period, have, size);
  }
  repeat(to->t, have, size);
  repeat(to->high, have, size);
  repeat(to->low, have, size);
  repeat(to->base, 2 * have, 2 * size);
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
  size_t all = j->products * p, words = 4 * all + 3 * p;
  bt_affine_pattern *pattern = bt_scratch_take(f->scratch, count * sizeof *pattern);
  int32_t *area = bt_scratch_take(f->scratch, count * words * sizeof *area);
  int64_t *base = bt_scratch_take(f->scratch, count * p * sizeof *base);
  if (pattern == NULL || area == NULL || base == NULL) {
    return false;
  }
  for (size_t i = 0; i < count; i++, area += words, base += p) {
    uint32_t *steps = (uint32_t *)area + 3 * p;
    pattern[i] = (bt_affine_pattern){.segment = SIZE_MAX, .base = base, .high = area,
                                     .low = area + p, .t = (uint32_t *)area + 2 * p,
                                     .mantissa = (int32_t *)steps, .left = steps + all,
                                     .right = steps + 2 * all, .down = steps + 3 * all};
  }
  j->pattern = pattern;
  if (j->segments == 1) {
    set_pattern(j, pattern, 0);
  }
  return true;
}

static bool is_zero(const bt_command *c, size_t k) {
  const bt_tensor *v = constants(c, k);
  return v == NULL ? c->u.affine.c[k].mantissa == 0
                   : !bt_affine_range_of(bt_tensor_elements(v), v->data, v->exp).any;
}

/* By kind: loops are made for some orders only, and the sum's order is free. */
static void sort_products(bt_affine_job *j) {
  for (size_t i = 1; i < j->products; i++) {
    for (size_t k = i; k > 0 && j->c->in[j->term[k]]->kind < j->c->in[j->term[k - 1]]->kind; k--) {
      size_t other = j->term[k];
      j->term[k] = j->term[k - 1];
      j->term[k - 1] = other;
    }
  }
}

/* The terms of the output's shape that count, by kind, and whether columns have constants of their
 * own, or terms. */
static bool find_products(bt_affine_job *j) {
  const bt_command *c = j->c;
  bool shared = false;
  j->vectors = c->in[BT_IN_ADDEND] != NULL;
  for (size_t k = 0; k < c->u.affine.terms; k++) {
    bool row = every_row(c->in[k], c->out[0]);
    shared = shared || row;
    j->vectors = j->vectors || constants(c, k) != NULL;
    if (!row && !is_zero(c, k)) {
      j->term[j->products++] = k;
    }
  }
  sort_products(j);
  return shared || j->vectors;
}

/* From any last index on, a run's entries, or as many as there are elements. */
static size_t pattern_size(const bt_affine_job *j) {
  size_t run = j->segment_size < BT_AFFINE_RUN ? j->segment_size : BT_AFFINE_RUN;
  return j->last + run + BT_AFFINE_SLACK;
}

bool bt_fast_affine_begin(bt_fast *f, const bt_command *c, bt_affine_job *job) {
  const bt_tensor *y = c->out[0];
  size_t n = bt_tensor_elements(y), last = bt_tensor_last(y);
  *job = (bt_affine_job){.f = f, .c = c, .n = n, .last = last, .segments = y->n0};
  if (n == 0 || y->ndim == 0 || (y->ndim == 1 && y->n0 > 1) ||
      (y->n0 > 1 && (y->n0 != y->dim[0] || (y->nl > 1 && n / y->n0 == last)))) {
    return false;
  }
  bool columns = find_products(job);
  job->segment_size = n / y->n0;
  job->uniform = y->nl == 1;
  job->flat = job->uniform && !columns;
  job->period = job->flat ? 1 : pattern_size(job);
  job->plan = bt_scratch_take(f->scratch, y->n0 * y->nl * sizeof *job->plan);
  if (job->plan == NULL) {
    return false;
  }
  plan_cells(job);
  return make_patterns(f, job);
}

void bt_fast_affine_ends(const bt_affine_job *j, size_t segment, size_t column, int32_t *low,
                         int32_t *high) {
  bt_affine_plan q = column_plan(j, segment, column);
  size_t k = j->term[0];
  int64_t base = shared_sum(j, &q, column), product[2] = {*low, *high};
  int32_t y[2];
  for (size_t i = 0; i < 2; i++) {
    product[i] = shifted(product[i] * q.mantissa[k], q.shift[k]);
    y[i] = (int32_t)bt_shift_floor(base + product[i], q.t);
    y[i] = j->c->u.affine.relu && y[i] < 0 ? 0 : y[i];
  }
  bool rises = q.mantissa[k] >= 0;
  *low = y[rises ? 0 : 1];
  *high = y[rises ? 1 : 0];
}
