/* contract: convolution and matrix multiply in three directions (numerics 8), of operands in blocks
 * tensor, dim0 and sample; contract_blocks.c has the others.
 *
 * Each output is a dot product of two gathered rows of bytes. Where shared exponents differ
 * along k, the k are first sorted into groups of equal exponent: a group is a run of both rows. */
#include <stdlib.h>

#include "cmd/gather.h"
#include "num/accumulate.h"
#include "num/align.h"
#include "num/error.h"
#include "num/lfsr.h"
#include "ref/commands.h"
#include "ref/headroom.h"

/* A run of the sorted k with one exponent g (numerics 8.2). */
typedef struct {
  int g;
  size_t begin, end;
} group;

typedef struct {
  const bt_command *c;
  bt_geometry g;
  bt_direction d;
  bt_extent x;
  bt_accumulator acc;
  /* Where the operands' blocks lie: successive rows, columns or k that share one; 0 for all. */
  size_t rows_a, columns_b, k_a, k_b;
  bool *zero_a, *zero_b; /* the operands' zero blocks */
  bool two_pass;       /* the second operand has more than 8 bits (numerics 8.3) */
  size_t terms;        /* sorted products an output: at most x.k, or twice that in two passes */
  size_t *order;       /* [terms] the k of each */
  bool in_order;       /* order is 0, 1, ..., x.k - 1: then sorted is row */
  group *groups;
  size_t group_count;
  int8_t *b;           /* [columns][terms] */
  int8_t *row, *sorted; /* [x.k] and [terms] of the first operand */
  int32_t *offset;     /* [x.k] */
  uint32_t *draws, *sorted_draws; /* [x.k], [terms]; only for a stochastic acc_rounding */
} work;

static bool cut_by_dim0(const bt_tensor *t) { return t->fmt.block != BT_BLOCK_TENSOR; }

static bool *find_zero_blocks(const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t);
  bool *zero = malloc(blocks * sizeof *zero);
  for (size_t b = 0; zero != NULL && b < blocks; b++) {
    zero[b] = bt_tensor_zero_block(t, b);
  }
  return zero;
}

static void find_blocks(work *w) {
  const bt_geometry *g = &w->g;
  if (cut_by_dim0(w->c->in[0])) {
    w->rows_a = w->d == BT_FORWARD ? g->oh * g->ow : w->d == BT_DATA_GRADIENT ? g->h * g->w : 0;
    w->k_a = w->d == BT_WEIGHT_GRADIENT ? g->oh * g->ow : 0;
  }
  if (cut_by_dim0(w->c->in[1])) {
    w->columns_b = w->d == BT_FORWARD ? 1 : 0;
    w->k_b = w->d == BT_DATA_GRADIENT     ? g->kh * g->kw
             : w->d == BT_WEIGHT_GRADIENT ? g->oh * g->ow
                                          : 0;
  }
}

/* The part of g that changes along k; false for a k in a zero block. */
static bool exponent_of_k(const work *w, size_t k, int *g) {
  size_t a = w->k_a == 0 ? 0 : k / w->k_a, b = w->k_b == 0 ? 0 : k / w->k_b;
  *g = (w->k_a == 0 ? 0 : w->c->in[0]->exp[a]) + (w->k_b == 0 ? 0 : w->c->in[1]->exp[b]);
  return !(w->k_a != 0 && w->zero_a[a]) && !(w->k_b != 0 && w->zero_b[b]);
}

/* Appends the k of exponent g, in order, as a group; returns the next larger exponent met. */
static int append_group(work *w, const int16_t *exponent, int g) {
  group run = {g, w->terms, w->terms};
  int next = INT16_MAX;
  for (size_t k = 0; k < w->x.k; k++) {
    if (exponent[k] == g) {
      w->order[run.end++] = k;
    } else if (exponent[k] > g && exponent[k] < next) {
      next = exponent[k];
    }
  }
  if (run.end > run.begin) {
    w->groups[w->group_count++] = run;
    w->terms = run.end;
  }
  return next;
}

static bt_status sort_groups(work *w, bt_error *error) {
  int16_t *exponent = malloc((w->x.k + 1) * sizeof *exponent);
  w->groups = malloc(520 * sizeof *w->groups); /* more than there are sums of two int8 exponents */
  w->order = malloc((2 * w->x.k + 1) * sizeof *w->order);
  if (exponent == NULL || w->groups == NULL || w->order == NULL) {
    free(exponent);
    return bt_fail(error, BT_FAILED, "%s: out of memory", w->c->label.text);
  }
  /* Blocks are contiguous in k: one look per block. */
  size_t stride = w->k_a != 0 ? w->k_a : w->k_b != 0 ? w->k_b : w->x.k;
  for (size_t first = 0; first < w->x.k; first += stride) {
    int g;
    bool counts = exponent_of_k(w, first, &g);
    for (size_t k = first; k < first + stride && k < w->x.k; k++) {
      exponent[k] = counts ? (int16_t)g : INT16_MAX;
    }
  }
  for (int g = append_group(w, exponent, INT16_MIN); g != INT16_MAX;) {
    g = append_group(w, exponent, g);
  }
  free(exponent);
  if (w->two_pass) { /* lo at g, then hi at g + 7, over the same k */
    for (size_t k = 0; k < w->x.k; k++) {
      w->order[w->x.k + k] = w->order[k];
    }
    w->groups[1] = (group){w->groups[0].g + 7, w->x.k, 2 * w->x.k};
    w->group_count = 2;
    w->terms = 2 * w->x.k;
  }
  return BT_OK;
}

static int8_t operand_byte(const work *w, int32_t offset, bool high_pass) {
  if (offset < 0) {
    return 0;
  }
  int32_t m = bt_tensor_mantissa(w->c->in[1], (size_t)offset);
  return (int8_t)(!w->two_pass ? m : high_pass ? m >> 7 : m & 127);
}

static bt_status make_buffers(work *w, bool stochastic, bt_error *error) {
  w->b = malloc(w->x.cols * w->terms + 1);
  w->row = malloc(w->x.k);
  w->in_order = w->group_count == 1 && w->terms == w->x.k;
  w->sorted = w->in_order ? w->row : malloc(w->terms + 1);
  w->offset = malloc(w->x.k * sizeof *w->offset);
  if (stochastic) {
    w->draws = malloc(w->x.k * sizeof *w->draws);
    w->sorted_draws = malloc((w->terms + 1) * sizeof *w->sorted_draws);
  }
  if (w->b == NULL || w->row == NULL || w->sorted == NULL || w->offset == NULL ||
      (stochastic && (w->draws == NULL || w->sorted_draws == NULL))) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", w->c->label.text);
  }
  for (size_t j = 0; j < w->x.cols; j++) {
    bt_gather_b(&w->g, w->d, j, w->offset);
    for (size_t p = 0; p < w->terms; p++) {
      w->b[j * w->terms + p] = operand_byte(w, w->offset[w->order[p]], p >= w->x.k);
    }
  }
  return BT_OK;
}

static void free_work(work *w) {
  free(w->zero_a);
  free(w->zero_b);
  free(w->groups);
  free(w->order);
  free(w->b);
  if (!w->in_order) {
    free(w->sorted);
  }
  free(w->row);
  free(w->offset);
  free(w->draws);
  free(w->sorted_draws);
}

static void gather_row(work *w, size_t row) {
  const int8_t *a = w->c->in[0]->data;
  bt_gather_a(&w->g, w->d, row, w->offset);
  for (size_t k = 0; k < w->x.k; k++) {
    w->row[k] = w->offset[k] < 0 ? 0 : a[w->offset[k]];
  }
  if (!w->in_order) {
    for (size_t p = 0; p < w->terms; p++) {
      w->sorted[p] = w->row[w->order[p]];
    }
  }
}

/* The draws of output q, one for each k in order, then sorted like the products. */
static void make_draws(work *w, size_t q, bt_lfsr *rng) {
  bt_lfsr_fill(rng, q * w->x.k, w->x.k, w->acc.acc_round.random_bits, w->draws);
  for (size_t p = 0; p < w->terms; p++) {
    w->sorted_draws[p] = w->draws[w->order[p]];
  }
}

/* One output: groups in ascending order through the accumulator and the aligner. */
static int32_t output(const work *w, const bt_alignment *plan, const int8_t *b, bool any_order,
                      bt_counts *counts) {
  int64_t sum = 0;
  for (size_t i = 0; i < w->group_count; i++) {
    const group *r = &w->groups[i];
    size_t n = r->end - r->begin;
    if (r->g < plan->gref) {
      counts->dropped += n;
      continue;
    }
    int32_t partial =
        any_order ? bt_accumulate_exact(n, w->sorted + r->begin, b + r->begin)
                  : bt_accumulate_ordered(&w->acc, n, w->sorted + r->begin, b + r->begin,
                                          w->draws == NULL ? NULL : w->sorted_draws + r->begin,
                                          &counts->saturations);
    sum = bt_align_add(sum, partial, r->g - plan->gref);
  }
  return bt_align_finish(sum, plan->t);
}

/* Whether the block outside the sum, that of output row or column i, is zero. */
static bool zero_row(const work *w, size_t row) {
  return w->group_count == 0 || (w->k_a == 0 && w->zero_a[w->rows_a == 0 ? 0 : row / w->rows_a]);
}
static bool zero_column(const work *w, size_t column) {
  return w->k_b == 0 && w->zero_b[w->columns_b == 0 ? 0 : column];
}

static void run_rows(work *w, const bt_alignment *plan, bool stochastic, bt_lfsr *rng,
                     bt_counts *counts) {
  bool any_order = bt_accumulate_any_order(&w->acc, w->x.k, 14);
  int32_t *out = w->c->out[0]->data;
  for (size_t row = 0; row < w->x.rows; row++) {
    gather_row(w, row);
    for (size_t j = 0; j < w->x.cols; j++) {
      size_t q = row * w->x.cols + j;
      if (stochastic) {
        make_draws(w, q, rng);
      }
      bool zero = zero_row(w, row) || zero_column(w, j);
      out[q] = zero ? 0 : output(w, plan, w->b + j * w->terms, any_order, counts);
    }
  }
}

/* The exponent of each cell: the plan's, plus those of the blocks that stand outside the sum. */
static void write_exponents(const work *w, const bt_alignment *plan) {
  const bt_tensor *a = w->c->in[0], *b = w->c->in[1];
  bt_tensor *out = w->c->out[0];
  int steps = -(a->fmt.wl - 2) - (b->fmt.wl - 2);
  for (size_t r = 0; r < out->n0; r++) {
    size_t row = r * (w->x.rows / out->n0);
    for (size_t j = 0; j < out->nl; j++) {
      int outer_a = w->k_a != 0 ? 0 : a->exp[w->rows_a == 0 ? 0 : row / w->rows_a];
      int outer_b = w->k_b != 0 ? 0 : b->exp[w->columns_b == 0 ? 0 : j];
      bool zero = zero_row(w, row) || zero_column(w, j);
      int e = zero ? BT_ZERO_EXPONENT : plan->exponent + outer_a + outer_b + steps;
      out->exp[r * out->nl + j] = (int16_t)e;
    }
  }
  out->bits = w->group_count == 0 ? 0 : plan->bits;
}

static bt_status prepare(work *w, bool stochastic, bt_error *error) {
  find_blocks(w);
  w->zero_a = find_zero_blocks(w->c->in[0]);
  w->zero_b = find_zero_blocks(w->c->in[1]);
  if (w->zero_a == NULL || w->zero_b == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", w->c->label.text);
  }
  bt_status status = sort_groups(w, error);
  return status == BT_OK ? make_buffers(w, stochastic, error) : status;
}

static work describe(const bt_command *c, const bt_accumulator *acc) {
  work w = {.c = c, .g = c->u.contract.geometry, .d = c->u.contract.direction, .acc = *acc};
  w.x = bt_geometry_extent(&w.g, w.d);
  w.two_pass = c->in[1]->fmt.wl > 8;
  if (c->u.contract.nearest && w.acc.acc_round.mode == BT_STOCHASTIC) {
    w.acc.acc_round.mode = BT_NEAREST_EVEN;
  }
  return w;
}

static bool is_stochastic(const bt_accumulator *acc) {
  return acc->acc_shift > 0 && acc->acc_round.mode == BT_STOCHASTIC;
}

bt_status bt_ref_contract(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                          bt_counts *counts, bt_error *error) {
  work w = describe(c, acc);
  if (bt_contract_by_element(c)) {
    return bt_ref_contract_blocks(c, &w.acc, rng, counts, error);
  }
  bool stochastic = is_stochastic(&w.acc);
  bt_status status = prepare(&w, stochastic, error);
  if (status == BT_OK) {
    bt_alignment plan = {0};
    if (w.group_count > 0) {
      plan = bt_align_plan(w.groups[0].g, w.groups[w.group_count - 1].g, w.x.k, acc->acc_shift);
    }
    run_rows(&w, &plan, stochastic, rng, counts);
    write_exponents(&w, &plan);
    if (stochastic) {
      bt_lfsr_finish(rng, w.x.rows * w.x.cols * w.x.k, w.acc.acc_round.random_bits);
    }
  }
  free_work(&w);
  return status;
}

/* The groups of every output, dropped ones left out, as output() takes them. */
static void follow_rows(work *w, int gref, bt_lfsr *rng, bt_headroom *range) {
  for (size_t row = 0; row < w->x.rows; row++) {
    gather_row(w, row);
    for (size_t j = 0; j < w->x.cols; j++) {
      const int8_t *b = w->b + j * w->terms;
      if (w->draws != NULL) {
        make_draws(w, row * w->x.cols + j, rng);
      }
      for (size_t i = 0; !zero_row(w, row) && !zero_column(w, j) && i < w->group_count; i++) {
        const group *r = &w->groups[i];
        if (r->g >= gref) {
          bt_accumulate_range(&w->acc, r->end - r->begin, w->sorted + r->begin, b + r->begin,
                              w->draws == NULL ? NULL : w->sorted_draws + r->begin, &range->least,
                              &range->greatest);
        }
      }
    }
  }
}

bt_status bt_ref_headroom(const bt_command *c, const bt_accumulator *acc, const bt_lfsr *rng,
                          bt_headroom *range, bt_error *error) {
  work w = describe(c, acc);
  bt_lfsr draws = *rng;
  *range = (bt_headroom){0, 0};
  if (bt_contract_by_element(c)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: expected operands in blocks tensor, dim0 or sample",
                   c->label.text);
  }
  bt_status status = prepare(&w, is_stochastic(&w.acc), error);
  if (status == BT_OK && w.group_count > 0) {
    int gref = bt_align_plan(w.groups[0].g, w.groups[w.group_count - 1].g, w.x.k, 0).gref;
    follow_rows(&w, gref, &draws, range);
  }
  free_work(&w);
  return status;
}
