/* affine: y = c0 + sum of c_i * x_i, with ReLU or mask (numerics 9). What is the same in every row
 * (plans, the addend, vectors for every row) is laid out once as a pattern of whole rows; elements
 * then go pattern by pattern. */
#include <stdlib.h>

#include "fast/commands.h"
#include "num/affine.h"
#include "num/round.h"

#define PATTERN 128u /* the least elements of a pattern */

/* What one product needs, element by element of the pattern. */
typedef struct {
  const bt_tensor *x;
  int32_t *mantissa;
  uint8_t *left, *right;
} term;

typedef struct {
  const bt_command *c;
  bt_tensor *y;
  size_t last, segment_size, period, terms;
  term term[BT_MAX_TERMS]; /* operands of the output's shape */
  int64_t *base, *sum;     /* [period] the terms that every row shares; a work area */
  uint8_t *t;              /* [period] the final shifts */
  int32_t *mantissas;
  uint8_t *shifts;
} work;

static bool every_row(const bt_tensor *x, const bt_tensor *y) { return x->ndim != y->ndim; }

static bt_affine_plan cell_plan(const work *w, size_t i) {
  const bt_command *c = w->c;
  bt_affine_term t[BT_AFFINE_TERMS];
  size_t terms = c->u.affine.terms;
  for (size_t k = 0; k < terms; k++) {
    const bt_tensor *x = c->in[k];
    size_t at = every_row(x, w->y) ? i % w->last : i;
    t[k] = (bt_affine_term){c->u.affine.c[k], bt_tensor_step(x, at), bt_tensor_width(x), false};
  }
  if (c->u.affine.has_c0) {
    t[terms++] = (bt_affine_term){c->u.affine.c0, 0, 0, true};
  }
  return bt_affine_prepare(terms, t);
}

static int64_t shifted(int64_t product, int shift) {
  return shift >= 0 ? bt_shift_left(product, shift) : bt_shift_floor(product, -shift);
}

/* Element p of the pattern, of column p % last. */
static void set_element(work *w, const bt_affine_plan *plan, size_t p) {
  size_t products = 0;
  w->base[p] = 0;
  w->t[p] = (uint8_t)plan->t;
  for (size_t k = 0; k < plan->terms; k++) {
    bool addend = k == w->c->u.affine.terms;
    if (addend || every_row(w->c->in[k], w->y)) {
      int32_t x = addend ? 1 : bt_tensor_mantissa(w->c->in[k], p % w->last);
      w->base[p] += shifted((int64_t)plan->mantissa[k] * x, plan->shift[k]);
      continue;
    }
    int s = plan->shift[k];
    term *t = &w->term[products++];
    t->mantissa[p] = plan->mantissa[k];
    t->left[p] = (uint8_t)(s > 0 ? s : 0);
    t->right[p] = (uint8_t)(s >= 0 ? 0 : s < -63 ? 63 : -s);
  }
}

/* The pattern and the exponents of the output's cells a of dimension 0. */
static void set_pattern(work *w, size_t a) {
  bt_tensor *y = w->y;
  for (size_t j = 0; j < (y->nl > 1 ? w->last : 1); j++) {
    bt_affine_plan plan = cell_plan(w, a * w->segment_size + j);
    for (size_t p = j; p < w->period; p += y->nl > 1 ? w->last : 1) {
      set_element(w, &plan, p);
    }
    y->exp[a * y->nl + j] = (int16_t)plan.exponent;
    y->bits = plan.bits > y->bits ? plan.bits : y->bits;
  }
}

#define ADD(type)                                                                       \
  for (size_t i = 0; i < n; i++) {                                                      \
    int64_t product = (int64_t)t->mantissa[i] * ((const type *)t->x->data)[first + i];  \
    sum[i] += (int64_t)((uint64_t)product << t->left[i]) >> t->right[i];                \
  }

static void add_term(const term *t, size_t first, size_t n, int64_t *restrict sum) {
  switch (t->x->kind) {
    case BT_T_BFP8:
      ADD(int8_t) break;
    case BT_T_BFP16:
      ADD(int16_t) break;
    case BT_T_WIDE:
      ADD(int32_t) break;
    case BT_T_BYTE:
    default:
      ADD(uint8_t)
  }
}

/* Elements first..first+n-1, which start a pattern. */
static void run_pattern(const work *w, size_t first, size_t n) {
  int32_t *out = (int32_t *)w->y->data + first;
  for (size_t i = 0; i < n; i++) {
    w->sum[i] = w->base[i];
  }
  for (size_t k = 0; k < w->terms; k++) {
    add_term(&w->term[k], first, n, w->sum);
  }
  for (size_t i = 0; i < n; i++) {
    out[i] = (int32_t)(w->sum[i] >> w->t[i]);
  }
  if (w->c->u.affine.relu) {
    uint8_t *mask = (uint8_t *)w->c->out[1]->data + first;
    for (size_t i = 0; i < n; i++) {
      mask[i] = out[i] > 0;
      out[i] = out[i] > 0 ? out[i] : 0;
    }
  }
  if (w->c->u.affine.masked) {
    const uint8_t *gate = (const uint8_t *)w->c->in[BT_MAX_TERMS]->data + first;
    for (size_t i = 0; i < n; i++) {
      out[i] = gate[i] == 0 ? 0 : out[i];
    }
  }
}

static bool make_buffers(work *w) {
  size_t p = w->period;
  w->base = malloc(2 * p * sizeof *w->base);
  w->mantissas = malloc(BT_MAX_TERMS * p * sizeof *w->mantissas);
  w->shifts = malloc((2 * BT_MAX_TERMS + 1) * p);
  if (w->base == NULL || w->mantissas == NULL || w->shifts == NULL) {
    return false;
  }
  w->sum = w->base + p;
  w->t = w->shifts + 2 * BT_MAX_TERMS * p;
  for (size_t k = 0; k < w->c->u.affine.terms; k++) {
    if (!every_row(w->c->in[k], w->y)) {
      size_t i = w->terms++;
      w->term[i] = (term){w->c->in[k], w->mantissas + i * p, w->shifts + 2 * i * p,
                          w->shifts + (2 * i + 1) * p};
    }
  }
  return true;
}

bool bt_fast_affine(bt_fast *f, const bt_command *c) {
  (void)f;
  bt_tensor *y = c->out[0];
  work w = {.c = c, .y = y, .last = bt_tensor_last(y)};
  size_t n = bt_tensor_elements(y);
  if (n == 0 || y->ndim == 0 || (y->ndim == 1 && y->n0 > 1)) {
    return false;
  }
  w.segment_size = n / y->n0;
  w.period = w.last * ((PATTERN + w.last - 1) / w.last);
  bool done = make_buffers(&w);
  if (done) {
    y->bits = 0;
    for (size_t a = 0; a < y->n0; a++) {
      set_pattern(&w, a);
      for (size_t i = 0; i < w.segment_size; i += w.period) {
        size_t rest = w.segment_size - i;
        run_pattern(&w, a * w.segment_size + i, rest < w.period ? rest : w.period);
      }
    }
  }
  free(w.base);
  free(w.mantissas);
  free(w.shifts);
  return done;
}
