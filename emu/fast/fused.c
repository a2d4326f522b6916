#include "fast/fused.h"

#include <string.h>

#include "fast/commands.h"
#include "fast/contract.h"
#include "fast/fused_quantize.h"

/* Successive commands of a program. */
typedef struct {
  const bt_program *program;
  size_t first, count; /* the commands from first on */
  bt_status *status;
  bt_error *error;
} group;

static const bt_command *at(const group *g, size_t i) {
  return i < g->count ? bt_program_at(g->program, g->first + i) : NULL;
}

static bool is(const bt_command *c, bt_op op) { return c != NULL && c->op == op; }

/* Whether the tensor is of no use to any but the group's first n commands. */
static bool is_own(const group *g, const bt_tensor *t, size_t n) {
  return bt_program_private(g->program, t, g->first, g->first + n);
}

static bool quantizes(const bt_command *q, const bt_tensor *t) {
  return is(q, BT_OP_QUANTIZE) && q->in[0] == t;
}

static bool reads(const bt_command *c, const bt_tensor *t) {
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    if (c->in[i] == t) {
      return true;
    }
  }
  return false;
}

/* An affine of operands that may be written while it goes through them: no vector among them, and
 * no operand whose exponents it looks up for each row. */
static bool is_affine(const bt_command *a, const bt_tensor *written) {
  for (size_t i = 0; is(a, BT_OP_AFFINE) && i < a->u.affine.terms; i++) {
    bool by_row = a->in[BT_IN_CONSTANTS + i] != NULL && a->out[0]->n0 > 1;
    if (a->in[i] == written && (a->in[i]->ndim != a->out[0]->ndim || by_row)) {
      return false;
    }
  }
  return is(a, BT_OP_AFFINE) && !(a->u.affine.masked && a->in[BT_IN_MASK] == written);
}

/* Affine, affine, and the quantization of each. */
static size_t run_update(bt_fast *f, const group *g, bt_lfsr *rng, bt_counts *counts) {
  const bt_command *a = at(g, 0), *b = at(g, 1), *p = at(g, 2), *q = at(g, 3);
  if (!is(b, BT_OP_AFFINE) || !quantizes(p, a->out[0]) || !quantizes(q, b->out[0]) ||
      a->out[0] == b->out[0] || reads(b, a->out[0]) || p->out[0] == q->out[0] ||
      !is_affine(a, p->out[0]) || !is_affine(a, q->out[0]) || !is_affine(b, p->out[0]) ||
      !is_affine(b, q->out[0]) || bt_tensor_elements(p->out[0]) != bt_tensor_elements(q->out[0]) ||
      !is_own(g, a->out[0], 4) || !is_own(g, b->out[0], 4)) {
    return 0;
  }
  bt_fused s = {.f = f, .streams = 2};
  return bt_fused_affine(&s, 0, a, NULL) && bt_fused_affine(&s, 1, b, NULL) &&
                 bt_fused_run(&s, (const bt_command *[]){p, q}, rng, counts)
             ? 4
             : 0;
}

static size_t run_affine(bt_fast *f, const group *g, bt_lfsr *rng, bt_counts *counts) {
  const bt_command *a = at(g, 0), *q = at(g, 1);
  if (!quantizes(q, a->out[0]) || !is_affine(a, q->out[0]) || !is_own(g, a->out[0], 2)) {
    return run_update(f, g, rng, counts);
  }
  bt_fused s = {.f = f, .streams = 1};
  return bt_fused_affine(&s, 0, a, NULL) && bt_fused_run(&s, &q, rng, counts) ? 2 : 0;
}

/* Extremes by the columns of the contraction's matrix: the last index, or several of it where a
 * fully connected layer's input is an image. */
static bool make_extremes(bt_fast *f, const bt_command *c, bt_extremes *x) {
  const bt_tensor *out = c->out[0];
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  size_t columns = d == BT_WEIGHT_GRADIENT ? g->c : bt_geometry_extent(g, d).cols;
  size_t n = out->n0 * columns;
  *x = (bt_extremes){out->n0, columns, bt_scratch_take(f->scratch, n * sizeof *x->low),
                     bt_scratch_take(f->scratch, n * sizeof *x->high)};
  return columns % bt_tensor_last(out) == 0 && x->low != NULL && x->high != NULL;
}

/* Joins the columns that are one last index. */
static void fold_extremes(const bt_tensor *out, bt_extremes *x) {
  size_t last = bt_tensor_last(out), from = 0;
  for (size_t row = 0; row < x->rows; row++) {
    int32_t *low = x->low + row * last, *high = x->high + row * last;
    for (size_t j = 0; j < x->columns; j++, from++) {
      int32_t least = x->low[from], most = x->high[from], *l = &low[j % last], *h = &high[j % last];
      *l = j < last || least < *l ? least : *l;
      *h = j < last || most > *h ? most : *h;
    }
  }
  x->columns = last;
}

/* What may follow a contraction: 1 a quantization, 2 an affine and a quantization; else 0. */
static size_t followers(const group *g) {
  const bt_command *c = at(g, 0), *next = at(g, 1), *last = at(g, 2);
  if (quantizes(next, c->out[0])) {
    return is_own(g, c->out[0], 2) ? 1 : 0;
  }
  bool fits = is(next, BT_OP_AFFINE) && quantizes(last, next->out[0]) &&
              is_affine(next, last->out[0]) && is_own(g, c->out[0], 3) &&
              is_own(g, next->out[0], 3);
  return fits ? 2 : 0;
}

static size_t run_contract(bt_fast *f, const group *g, bt_lfsr *rng, bt_counts *counts) {
  const bt_command *c = at(g, 0), *next = at(g, 1);
  size_t more = followers(g);
  bt_extremes x;
  if (more == 0 || !bt_fast_contract_covers(c, &f->acc) || !make_extremes(f, c, &x)) {
    return 0;
  }
  *g->status = bt_fast_contract(f, c, &x, counts, g->error);
  if (*g->status != BT_OK) {
    return 1;
  }
  fold_extremes(c->out[0], &x);
  if (more == 1) {
    return bt_fast_quantize(f, next, &x, rng, counts) ? 2 : 1;
  }
  bt_fused s = {.f = f, .streams = 1};
  const bt_command *q = at(g, 2);
  return bt_fused_affine(&s, 0, next, &x) && bt_fused_run(&s, &q, rng, counts) ? 3 : 1;
}

static size_t run_pool_back(bt_fast *f, const group *g) {
  const bt_command *c = at(g, 0), *gate = at(g, 1);
  if (!is(gate, BT_OP_GATE) || gate->in[0] != c->out[0] || !is_own(g, c->out[0], 2) ||
      gate->in[1]->ndim != c->out[0]->ndim) {
    return 0;
  }
  return bt_fast_pool_back_gate(f, c, gate->in[1], gate->out[0]) ? 2 : 0;
}

size_t bt_fast_run_group(bt_fast *f, const bt_program *program, size_t first, bt_lfsr *rng,
                         bt_counts *counts, bt_status *status, bt_error *error) {
  group g = {program, first, bt_program_size(program) - first, status, error};
  *status = BT_OK;
  switch (at(&g, 0)->op) {
    case BT_OP_CONTRACT:
      return run_contract(f, &g, rng, counts);
    case BT_OP_AFFINE:
      return run_affine(f, &g, rng, counts);
    case BT_OP_POOL_BACK:
      return run_pool_back(f, &g);
    default:
      return 0;
  }
}
