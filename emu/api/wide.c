/* Wide tensors of the public API: their cells, where they come from and what they become. */
#include <stdlib.h>
#include <string.h>

#include "api/view.h"
#include "num/error.h"
#include "num/format.h"
#include "num/round.h"
#include "ref/commands.h"

size_t bt_wide_cell(const bt_wide *x, size_t i) {
  size_t last = x->ndim == 0 ? 1 : x->dim[x->ndim - 1];
  size_t row = x->n0 > 1 ? i / (bt_elements(x->ndim, x->dim) / x->n0) : 0;
  return row * x->nl + (x->nl > 1 ? i % last : 0);
}

void bt_wide_free(bt_wide *x) {
  free(x->mantissa);
  free(x->step);
  x->mantissa = NULL;
  x->step = NULL;
}

/* The cells that blocks become. */
static bt_tensor wide_shape(const bt_tensor *t) {
  bool each = bt_tensor_has_tiles(t);
  bool rows = !each && t->fmt.block != BT_BLOCK_TENSOR && t->ndim > 0;
  bt_tensor y = each ? bt_tensor_wide_each("y", t->ndim, t->dim)
                     : bt_tensor_wide("y", t->ndim, t->dim, rows, false);
  y.bits = bt_tensor_width(t);
  return y;
}

bt_status bt_wide_from_blocks(const bt_blocks *x, bt_wide *y, bt_error *error) {
  bt_tensor t, wide = {0};
  bt_status s = bt_view_blocks("x", x, &t, error);
  if (s == BT_OK) {
    wide = wide_shape(&t);
    s = bt_tensor_alloc(&wide) ? BT_OK : bt_fail(error, BT_FAILED, "y: out of memory");
  }
  if (s == BT_OK) {
    int32_t *mantissa = wide.data;
    for (size_t i = 0; i < bt_tensor_elements(&t); i++) {
      mantissa[i] = x->mantissa[i];
      wide.exp[bt_tensor_exponent_of(&wide, i)] = (int16_t)bt_tensor_step(&t, i);
    }
    bt_view_give(&wide, y);
  }
  bt_tensor_free(&t);
  return s;
}

static bt_status check_quantizer(const bt_format *format, const bt_round_options *round,
                                 const bt_lfsr *rng, bt_error *error) {
  bt_status s = bt_format_check(format, error);
  s = s == BT_OK ? bt_round_check(round, error) : s;
  if (s == BT_OK && round->mode == BT_STOCHASTIC && rng == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "stochastic rounding without a generator");
  }
  return s;
}

/* Runs the command on a tensor that shares the caller's mantissas, 16-bit whatever the format. */
static bt_status run_quantize(const bt_tensor *in, bt_tensor *out, const bt_round_options *round,
                              bt_lfsr *rng, bt_counts *counts, bt_error *error) {
  bt_command c = {.op = BT_OP_QUANTIZE, .label.text = "bt_wide_quantize", .in = {in}, .out = {out}};
  c.u.quantize.round = *round;
  bt_status s = bt_command_check(&c, error);
  return s == BT_OK ? bt_ref_quantize(&c, rng, counts) : s;
}

bt_status bt_wide_quantize(const bt_wide *x, const bt_format *format,
                           const bt_round_options *round, bt_lfsr *rng, int16_t *mantissa,
                           int8_t *exponent, bt_quantize_counts *counts, bt_error *error) {
  bt_tensor in;
  bt_status s = check_quantizer(format, round, rng, error);
  s = s == BT_OK ? bt_view_wide("x", x, &in, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bt_counts total = {0};
  bt_tensor out = bt_tensor_bfp("y", bt_view_format(format), in.ndim, in.dim);
  size_t blocks = bt_tensor_exponents(&out);
  out.kind = BT_T_BFP16;
  out.data = mantissa;
  out.exp = malloc((blocks + 1) * sizeof *out.exp);
  s = out.exp == NULL ? bt_fail(error, BT_FAILED, "out of memory for %zu blocks", blocks)
                      : run_quantize(&in, &out, round, rng, &total, error);
  for (size_t b = 0; s == BT_OK && format->kind == BT_BFP && b < blocks; b++) {
    exponent[b] = (int8_t)out.exp[b];
  }
  if (s == BT_OK && counts != NULL) {
    counts->clipped += total.quantize.clipped;
    counts->overflow += total.quantize.overflow;
    counts->flushed += total.quantize.flushed;
  }
  free(out.exp);
  return s;
}
