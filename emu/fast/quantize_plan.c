/* What a quantization decides once a command: its tiling, exponents and draws. */
#include "fast/quantize.h"
#include "fast/quantize_parts.h"
#include "num/format.h"
#include "num/quantize.h"

static size_t ceil_div(size_t a, size_t b) { return a / b + (a % b != 0); }

static bt_tiling tiling_of(const bt_tensor *t, size_t n) {
  size_t rest = n / t->dim[0];
  switch (t->fmt.block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return (bt_tiling){rest, 1, rest, 1};
    case BT_BLOCK_TILE:
      return (bt_tiling){rest, t->fmt.tile_rows, t->fmt.tile_cols,
                         ceil_div(rest, t->fmt.tile_cols)};
    case BT_BLOCK_K32:
      return (bt_tiling){bt_tensor_last(t), 1, 32, ceil_div(bt_tensor_last(t), 32)};
    case BT_BLOCK_TENSOR:
    default:
      return (bt_tiling){n, 1, n, 1};
  }
}

static bool covers(const bt_command *c) {
  const bt_tensor *in = c->in[0];
  size_t n = bt_tensor_elements(c->out[0]);
  return in->kind == BT_T_WIDE && in->ndim > 0 && n > 0 &&
         (in->nl == 1 || in->n0 == 1 || in->ndim > 1);
}

static void find_ends(bt_quantize_plan *p, const bt_tensor *in) {
  p->least = p->most = in->exp[0];
  for (size_t i = 1; i < bt_tensor_exponents(in); i++) {
    p->least = in->exp[i] < p->least ? in->exp[i] : p->least;
    p->most = in->exp[i] > p->most ? in->exp[i] : p->most;
  }
}

/* Each row's exponents, run on beyond its end so that a stretch of them never wraps. */
static const int16_t *lay_out_exponents(bt_fast *f, const bt_tensor *in, size_t row) {
  int16_t *e = bt_scratch_take(f->scratch, in->n0 * row * sizeof *e);
  for (size_t a = 0; e != NULL && a < in->n0; a++) {
    for (size_t j = 0; j < row; j++) {
      e[a * row + j] = j < in->nl ? in->exp[a * in->nl + j] : e[a * row + j - in->nl];
    }
  }
  return e;
}

bool bt_quantize_begin(bt_fast *f, const bt_command *c, const bt_lfsr *rng,
                       bt_quantize_plan *p) {
  const bt_tensor *in = c->in[0], *out = c->out[0];
  if (!covers(c)) {
    return false;
  }
  int32_t high = (int32_t)1 << (out->fmt.wl - 1);
  *p = (bt_quantize_plan){.c = c, .in = in, .out = c->out[0], .kernels = &f->kernels,
                          .jump = &f->jump, .n = bt_tensor_elements(out),
                          .last = bt_tensor_last(out), .exponents = in->exp,
                          .exponent_row = in->nl};
  p->row = p->n / in->n0;
  p->each = in->n0 * in->nl == p->n;
  p->tiling = tiling_of(out, p->n);
  p->q = (bt_quantizer){c->u.quantize.round.mode, high, out->fmt.asymmetric ? INT16_MIN : -high,
                        out->kind == BT_T_BFP16};
  if (out->kind == BT_T_BFP16 && out->fmt.asymmetric) {
    p->q.low = INT32_MIN;
  }
  if (!p->each && in->nl > 1) {
    p->exponent_row = in->nl + (p->row < BT_QUANTIZE_SLACK ? p->row : BT_QUANTIZE_SLACK);
    p->exponents = lay_out_exponents(f, in, p->exponent_row);
  }
  find_ends(p, in);
  bt_lanes_start(&p->start, &f->jump, &c->u.quantize.round, rng);
  return p->exponents != NULL;
}

bool bt_quantize_set_exponent(const bt_quantize_plan *p, size_t block, int largest) {
  if (p->out->fmt.kind == BT_FIXED) {
    int exponent = bt_fixed_exponent(&p->out->fmt);
    p->out->exp[block] = (int16_t)exponent;
    return largest <= exponent; /* above, values are beyond what the kernels clip */
  }
  bt_scale scale = bt_scale_of(largest);
  p->out->exp[block] = (int16_t)scale.exponent;
  return scale.kind == BT_SCALE_NORMAL || scale.kind == BT_SCALE_ZERO;
}

static uint32_t largest_magnitude(int32_t low, int32_t high) {
  uint64_t a = bt_magnitude(low), b = bt_magnitude(high);
  return (uint32_t)(a > b ? a : b);
}

/* The largest floor(log2) of a row of extremes; *bits becomes the longest of the mantissas seen. */
static int row_largest(const bt_tensor *in, const bt_extremes *known, size_t row, int *bits) {
  int largest = BT_ALL_ZERO;
  for (size_t j = 0; j < known->columns; j++) {
    size_t i = row * known->columns + j;
    int length = bt_bitlen(largest_magnitude(known->low[i], known->high[i]));
    int top = length - 1 + in->exp[row * in->nl + (in->nl > 1 ? j : 0)];
    largest = length > 0 && top > largest ? top : largest;
    *bits = length > *bits ? length : *bits;
  }
  return largest;
}

bool bt_fast_quantize_plan(bt_fast *f, const bt_command *c, const bt_extremes *known,
                           const bt_lfsr *rng, bt_quantize_plan *p) {
  if (!bt_quantize_begin(f, c, rng, p) || bt_tensor_has_tiles(p->out) ||
      known->rows != p->in->n0 ||
      (known->columns != p->last && (known->columns != 1 || p->in->nl > 1))) {
    return false;
  }
  size_t blocks = bt_tensor_exponents(p->out);
  if (blocks > 1 && known->rows % blocks != 0) {
    return false;
  }
  int bits = 0;
  size_t rows = known->rows / blocks;
  for (size_t b = 0; b < blocks; b++) {
    int largest = BT_ALL_ZERO;
    for (size_t a = b * rows; a < (b + 1) * rows; a++) {
      int top = row_largest(p->in, known, a, &bits);
      largest = top > largest ? top : largest;
    }
    if (!bt_quantize_set_exponent(p, b, largest)) {
      return false;
    }
  }
  p->narrow = bits <= 30;
  return true;
}

void bt_fast_quantize_finish(const bt_quantize_plan *p, bt_lfsr *rng) {
  bt_lanes_finish(rng, p->jump, &p->c->u.quantize.round, p->n);
}
