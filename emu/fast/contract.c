/* contract: bounds, blocks and exponents (numerics 8); the sums are in windows.c and
 * weight_gradient.c. */
#include "fast/contract.h"

#include "num/error.h"
#include "num/round.h"

/* No sum in any order leaves the accumulator, or the partial sums of chunks (numerics 8.1). Their
 * magnitudes are then below 2^31 in all, and with shifts of at most 16 below 2^47: the aligner
 * does not saturate either (numerics 8.2). */
bool bt_fast_contract_covers(const bt_command *c, const bt_accumulator *acc) {
  bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  int bits = acc->chunk > 0 && acc->psum_bits < acc->acc_bits ? acc->psum_bits : acc->acc_bits;
  int64_t bound = (INT64_C(1) << (bits - 1)) - 1;
  int64_t a = bt_fast_format_largest(c->in[0]);
  int64_t b = c->in[1]->fmt.wl > 8 ? 128 : bt_fast_format_largest(c->in[1]);
  return !bt_contract_by_element(c) && acc->acc_shift == 0 &&
         ((int64_t)x.k <= bound / (a * b) || bt_fast_largest_sum(c) <= (uint64_t)bound);
}

static bool is_cut(const bt_tensor *t) { return t->fmt.block != BT_BLOCK_TENSOR; }

static void find_blocks(bt_contraction *w) {
  const bt_geometry *g = &w->g;
  size_t sample = g->oh * g->ow;
  if (is_cut(w->c->in[0])) {
    w->rows_a = w->d == BT_FORWARD ? sample : w->d == BT_DATA_GRADIENT ? g->h * g->w : 0;
    w->k_a = w->d == BT_WEIGHT_GRADIENT ? sample : 0;
  }
  if (is_cut(w->c->in[1])) {
    w->columns_b = w->d == BT_FORWARD ? 1 : 0;
    w->k_b = w->d == BT_DATA_GRADIENT     ? g->kh * g->kw
             : w->d == BT_WEIGHT_GRADIENT ? sample
                                          : 0;
  }
  w->k_block_size = w->k_a != 0 ? w->k_a : w->k_b != 0 ? w->k_b : w->x.k;
  w->k_blocks = w->x.k / w->k_block_size;
}

static bool *find_zero_blocks(bt_scratch *scratch, const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t);
  bool *zero = bt_scratch_take(scratch, blocks * sizeof *zero);
  for (size_t b = 0; zero != NULL && b < blocks; b++) {
    zero[b] = bt_tensor_zero_block(t, b);
  }
  return zero;
}

/* The exponent of a block along k; false for a zero block. */
static bool block_exponent(const bt_contraction *w, size_t block, int *g) {
  *g = (w->k_a == 0 ? 0 : w->c->in[0]->exp[block]) + (w->k_b == 0 ? 0 : w->c->in[1]->exp[block]);
  return !(w->k_a != 0 && w->zero_a[block]) && !(w->k_b != 0 && w->zero_b[block]);
}

/* Shifts of the blocks along k to their common exponent (numerics 8.2). */
static void align_blocks(bt_contraction *w) {
  int gmin = 0, gmax = 0, g;
  for (size_t b = 0; b < w->k_blocks; b++) {
    if (block_exponent(w, b, &g)) {
      gmin = w->any && gmin < g ? gmin : g;
      gmax = w->any && gmax > g ? gmax : g;
      w->any = true;
    }
  }
  if (w->any) {
    w->plan = bt_align_plan(gmin, gmax + (w->two_pass ? 7 : 0), w->x.k, 0);
  }
  for (size_t b = 0; b < w->k_blocks; b++) {
    bool counts = block_exponent(w, b, &g);
    w->shift[b] = counts && g >= w->plan.gref ? g - w->plan.gref : BT_UNUSED_BLOCK;
    w->dropped += counts && g < w->plan.gref ? w->k_block_size : 0;
  }
}

/* Whether the block outside the sum, that of an output row or column, is zero. */
static bool zero_row(const bt_contraction *w, size_t row) {
  return !w->any || (w->k_a == 0 && w->zero_a[w->rows_a == 0 ? 0 : row / w->rows_a]);
}
static bool zero_column(const bt_contraction *w, size_t column) {
  return w->k_b == 0 && w->zero_b[w->columns_b == 0 ? 0 : column];
}

static uint64_t count_dropped(const bt_contraction *w) {
  uint64_t rows = 0, columns = 0;
  if (w->dropped == 0) {
    return 0;
  }
  for (size_t i = 0; i < w->x.rows; i++) {
    rows += !zero_row(w, i);
  }
  for (size_t j = 0; j < w->x.cols; j++) {
    columns += !zero_column(w, j);
  }
  return rows * columns * w->dropped;
}

/* The exponent of each cell: the plan's, plus those of the blocks that stand outside the sum. */
static void write_exponents(const bt_contraction *w) {
  const bt_tensor *a = w->c->in[0], *b = w->c->in[1];
  bt_tensor *out = w->c->out[0];
  int steps = -(a->fmt.wl - 2) - (b->fmt.wl - 2);
  for (size_t r = 0; r < out->n0; r++) {
    size_t row = r * (w->x.rows / out->n0);
    for (size_t j = 0; j < out->nl; j++) {
      int outer_a = w->k_a != 0 ? 0 : a->exp[w->rows_a == 0 ? 0 : row / w->rows_a];
      int outer_b = w->k_b != 0 ? 0 : b->exp[w->columns_b == 0 ? 0 : j];
      bool zero = zero_row(w, row) || zero_column(w, j);
      int e = zero ? BT_ZERO_EXPONENT : w->plan.exponent + outer_a + outer_b + steps;
      out->exp[r * out->nl + j] = (int16_t)e;
    }
  }
  out->bits = w->any ? w->plan.bits : 0;
}

bt_status bt_fast_contract(bt_fast *f, const bt_command *c, bt_extremes *extremes,
                           bt_counts *counts, bt_error *error) {
  bt_contraction w = {.c = c, .f = f, .g = c->u.contract.geometry,
                      .d = c->u.contract.direction, .two_pass = c->in[1]->fmt.wl > 8,
                      .a_max = bt_fast_format_largest(c->in[0]),
                      .b_max = bt_fast_format_largest(c->in[1]), .extremes = extremes};
  w.x = bt_geometry_extent(&w.g, w.d);
  find_blocks(&w);
  w.zero_a = find_zero_blocks(f->scratch, c->in[0]);
  w.zero_b = find_zero_blocks(f->scratch, c->in[1]);
  w.shift = bt_scratch_take(f->scratch, w.k_blocks * sizeof *w.shift);
  bool done = w.zero_a != NULL && w.zero_b != NULL && w.shift != NULL;
  if (done) {
    align_blocks(&w);
    done = w.d == BT_WEIGHT_GRADIENT ? bt_fast_weight_gradient(&w) : bt_fast_windows(&w);
  }
  if (!done) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  write_exponents(&w);
  counts->dropped += count_dropped(&w);
  return BT_OK;
}
