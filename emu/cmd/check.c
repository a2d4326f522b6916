/* What a command must satisfy before an engine may run it. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "num/error.h"
#include "num/round.h"

static bool is_bfp(const bt_tensor *t) {
  return t != NULL && (t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16);
}
static bool is_wide(const bt_tensor *t) { return t != NULL && t->kind == BT_T_WIDE; }
static bool is_vector(const bt_tensor *t, size_t count) {
  return t != NULL && t->ndim == 1 && t->dim[0] == count;
}
static bool is_sums(const bt_tensor *t, size_t count) {
  return is_vector(t, count) && t->kind == BT_T_SUMS;
}
/* numerics 6 */
static bool is_constants(const bt_tensor *t, size_t count) {
  return is_vector(t, count) && is_wide(t) && t->n0 == 1 && t->nl == count;
}
static bool is_byte(const bt_tensor *t) { return t != NULL && t->kind == BT_T_BYTE; }
static bool has_dims(const bt_tensor *t, size_t ndim, const size_t *dim) {
  return t->ndim == ndim && memcmp(t->dim, dim, ndim * sizeof *dim) == 0;
}

static const char *shape_text(const bt_tensor *t, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t d = 0; t != NULL && d < t->ndim && used < size; d++) {
    used += (size_t)snprintf(text + used, size - used, "%s%zu", d == 0 ? "" : "x", t->dim[d]);
  }
  return text;
}

static bt_status bad(const bt_command *c, bt_error *error, const char *expected) {
  char in[64], out[64];
  return bt_fail(error, BT_BAD_INPUT, "command %s (%s): expected %s; input is %s, output %s",
                 c->label.text == NULL ? "?" : c->label.text, bt_op_name(c->op), expected,
                 shape_text(c->in[0], in, sizeof in), shape_text(c->out[0], out, sizeof out));
}

/* One block for each index of dimension 0. */
static bool by_dim0(const bt_tensor *t) {
  return is_bfp(t) && (t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
}

/* An array operand: bfp of at most `wl` bits, holding `elements`; blocks by dimension 0 are those
 * of its `first` samples or channels. */
static bool is_operand(const bt_tensor *t, int wl, size_t elements, size_t first) {
  return is_bfp(t) && t->fmt.wl <= wl && bt_tensor_elements(t) == elements &&
         (!by_dim0(t) || (t->ndim > 0 && t->dim[0] == first));
}

/* The output's cells must separate what has different exponents (numerics 8.2). */
static bool contract_cells(const bt_command *c) {
  const bt_tensor *out = c->out[0];
  bt_direction d = c->u.contract.direction;
  bool rows = by_dim0(c->in[0]) && d != BT_WEIGHT_GRADIENT;
  bool columns = by_dim0(c->in[1]) && d == BT_FORWARD;
  if (bt_contract_by_element(c)) {
    return bt_tensor_has_each(out);
  }
  return (!rows || out->n0 == c->u.contract.geometry.n) &&
         (!columns || out->nl == c->u.contract.geometry.o) &&
         (out->n0 <= 1 || out->n0 == out->dim[0]);
}

static bt_status check_contract(const bt_command *c, bt_error *error) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  size_t x = g->n * g->h * g->w * g->c, y = g->n * g->oh * g->ow * g->o;
  size_t w = g->o * g->kh * g->kw * g->c;
  if (x == 0 || y == 0 || w == 0 || x > INT32_MAX || y > INT32_MAX || w > INT32_MAX ||
      g->stride == 0 || (g->oh - 1) * g->stride + g->kh > g->h + 2 * g->pad ||
      (g->ow - 1) * g->stride + g->kw > g->w + 2 * g->pad) {
    return bad(c, error, "a geometry whose windows lie inside the padded image");
  }
  size_t a = d == BT_FORWARD ? x : y, b = d == BT_WEIGHT_GRADIENT ? x : w;
  size_t out = d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : w;
  /* Weights of two passes have no draws (numerics 8.3). */
  int wl_b = d == BT_FORWARD && c->u.contract.nearest ? 15 : 8;
  if (!is_operand(c->in[0], 8, a, g->n) ||
      !is_operand(c->in[1], wl_b, b, d == BT_WEIGHT_GRADIENT ? g->n : g->o)) {
    return bad(c, error, "bfp8 operands of the geometry's sizes, with its samples or channels");
  }
  if (!is_wide(c->out[0]) || bt_tensor_elements(c->out[0]) != out) {
    return bad(c, error, "a wide output of the geometry's size");
  }
  if (!contract_cells(c)) {
    return bad(c, error,
               "an output with an exponent for each sample or channel of its operands, or for each "
               "element if one is in tiles or k32");
  }
  return BT_OK;
}

static bt_status check_quantize(const bt_command *c, bt_error *error) {
  if (!(is_wide(c->in[0]) || is_bfp(c->in[0])) || !is_bfp(c->out[0]) ||
      (c->out[0]->fmt.kind == BT_FIXED && c->out[0]->fmt.block != BT_BLOCK_TENSOR) ||
      c->in[0]->ndim != c->out[0]->ndim ||
      !has_dims(c->in[0], c->out[0]->ndim, c->out[0]->dim)) {
    return bad(c, error, "a wide or bfp input and a bfp or fixed-point output of its shape, fixed "
                         "point in block tensor");
  }
  return bt_round_check(&c->u.quantize.round, error) == BT_OK
             ? BT_OK
             : bad(c, error, "a rounding mode with 1 to 24 random bits");
}

/* Whether the output has an exponent for each cell or block of a term of its shape. */
static bool separates(const bt_tensor *y, const bt_tensor *x) {
  if (is_wide(x)) {
    return (x->n0 <= 1 || y->n0 % x->n0 == 0) && (x->nl == 1 || y->nl == x->nl);
  }
  if (bt_tensor_exponents(x) <= 1 || x->fmt.block == BT_BLOCK_TENSOR) {
    return true;
  }
  return bt_tensor_has_tiles(x) ? bt_tensor_has_each(y)
                                : x->ndim > 1 && y->n0 % x->dim[0] == 0;
}

/* The same for a vector that serves every row. */
static bool separates_columns(const bt_tensor *y, const bt_tensor *x) {
  if (is_wide(x)) {
    return x->n0 == 1 && (x->nl == 1 || y->nl == x->nl);
  }
  return bt_tensor_exponents(x) <= 1 || x->fmt.block == BT_BLOCK_TENSOR ||
         (bt_tensor_has_tiles(x) && y->nl == bt_tensor_last(y));
}

static bool affine_vectors(const bt_command *c) {
  size_t last = bt_tensor_last(c->out[0]);
  for (size_t i = 0; i < BT_MAX_TERMS; i++) {
    const bt_tensor *v = c->in[BT_IN_CONSTANTS + i];
    if (v != NULL && (i >= c->u.affine.terms || !is_constants(v, last))) {
      return false;
    }
  }
  const bt_tensor *addend = c->in[BT_IN_ADDEND];
  return addend == NULL || (is_constants(addend, last) && !c->u.affine.has_c0);
}

static bt_status check_affine(const bt_command *c, bt_error *error) {
  const bt_tensor *y = c->out[0];
  if (c->u.affine.terms < 1 || c->u.affine.terms > BT_MAX_TERMS || !is_wide(y)) {
    return bad(c, error, "one to four terms and a wide output");
  }
  for (size_t i = 0; i < c->u.affine.terms; i++) {
    const bt_tensor *x = c->in[i];
    bool row = x != NULL && x->ndim == 1 && x->dim[0] == bt_tensor_last(y);
    if (x == NULL || x->kind == BT_T_SUMS || !(row || has_dims(x, y->ndim, y->dim))) {
      return bad(c, error, "terms of the output's shape or of its last dimension");
    }
    if (!(row && y->ndim > 1 ? separates_columns(y, x) : separates(y, x))) {
      return bad(c, error, "an output with an exponent for each cell or block of the terms");
    }
  }
  if (!affine_vectors(c)) {
    return bad(c, error, "vectors of constants for terms that exist, of the output's last "
                         "dimension, and one addend");
  }
  if (c->u.affine.relu && c->u.affine.masked) {
    return bad(c, error, "relu or a mask, not both");
  }
  if (c->u.affine.relu && (!is_byte(c->out[1]) || !has_dims(c->out[1], y->ndim, y->dim))) {
    return bad(c, error, "a mask of the output's shape");
  }
  if (c->u.affine.masked &&
      (!is_byte(c->in[BT_IN_MASK]) || !has_dims(c->in[BT_IN_MASK], y->ndim, y->dim))) {
    return bad(c, error, "a mask of the output's shape");
  }
  return BT_OK;
}

static bool same_bfp(const bt_tensor *a, const bt_tensor *b) {
  return is_bfp(a) && is_bfp(b) && a->kind == b->kind && a->fmt.wl == b->fmt.wl &&
         a->fmt.block == b->fmt.block &&
         (a->fmt.block == BT_BLOCK_TENSOR || a->fmt.block == BT_BLOCK_SAMPLE);
}

static bt_status check_pool(const bt_command *c, bt_error *error) {
  bool back = c->op == BT_OP_POOL_BACK;
  const bt_tensor *big = back ? c->out[0] : c->in[0], *small = back ? c->in[0] : c->out[0];
  const bt_tensor *index = back ? c->in[1] : c->out[1];
  size_t k = c->u.pool.k;
  if (!same_bfp(big, small) || !is_byte(index)) {
    return bad(c, error, "bfp tensors of one format in blocks tensor or sample, and index bytes");
  }
  if (k < 1 || k > 16 || big->ndim != 4 || small->ndim != 4 || small->dim[0] != big->dim[0] ||
      small->dim[1] != big->dim[1] / k || small->dim[2] != big->dim[2] / k ||
      small->dim[3] != big->dim[3] || !has_dims(index, 4, small->dim)) {
    return bad(c, error, "an image whose sides are divided by the window (1 to 16)");
  }
  return BT_OK;
}

/* numerics 11.2 */
static bt_status check_sums(const bt_command *c, bt_error *error) {
  const bt_tensor *x = c->in[0], *y = c->in[1];
  bool pair = c->u.reduce.kind == BT_PRODUCTS;
  if (!is_bfp(x) || x->fmt.block != BT_BLOCK_TENSOR || (pair != (y != NULL)) ||
      (pair && (!is_bfp(y) || y->fmt.block != BT_BLOCK_TENSOR || !has_dims(y, x->ndim, x->dim)))) {
    return bad(c, error, "bfp inputs in block tensor");
  }
  size_t last = bt_tensor_last(x);
  if (last == 0 || bt_tensor_elements(x) / last > INT32_MAX || !is_sums(c->out[0], last) ||
      !is_sums(c->out[1], last)) {
    return bad(c, error, "two vectors of sums of the input's last dimension, of less than 2^31 "
                         "rows");
  }
  return BT_OK;
}

static bt_status check_reduce(const bt_command *c, bt_error *error) {
  if (c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS) {
    return check_sums(c, error);
  }
  const bt_tensor *x = c->in[0], *y = c->in[1], *sum = c->out[0];
  bool pair = c->u.reduce.kind == BT_SUM_XY;
  bool blocks = is_bfp(x) && x->fmt.block != BT_BLOCK_TENSOR;
  if (!is_bfp(x) || (blocks && c->u.reduce.kind != BT_SUM) ||
      (pair && (!is_bfp(y) || y->fmt.block != BT_BLOCK_TENSOR || !has_dims(y, x->ndim, x->dim)))) {
    return bad(c, error, "bfp inputs in block tensor, or a plain sum");
  }
  if (!is_wide(sum) || sum->ndim != 1 || sum->dim[0] != bt_tensor_last(x) || sum->n0 != 1 ||
      sum->nl != (blocks ? sum->dim[0] : 1)) {
    return bad(c, error, "a wide vector of the input's last dimension, with an exponent for each "
                         "index if the input has blocks");
  }
  return BT_OK;
}

/* Whether the elements of a row of a matrix share an exponent (numerics 14). */
static bool one_exponent_a_row(const bt_tensor *t) {
  switch (t->fmt.block) {
    case BT_BLOCK_K32:
      return t->dim[1] <= 32;
    case BT_BLOCK_TILE:
      return t->dim[1] <= t->fmt.tile_cols;
    default:
      return t->fmt.block != BT_BLOCK_DIM0;
  }
}

static bt_status check_softmax(const bt_command *c, bt_error *error) {
  const bt_tensor *x = c->in[0];
  if (!is_bfp(x) || x->ndim != 2 || x->dim[1] < 2 || x->dim[1] > 65536 || !is_byte(c->in[1]) ||
      !has_dims(c->in[1], 1, x->dim) ||
      !one_exponent_a_row(x) ||
      (c->out[0] != NULL && (!is_wide(c->out[0]) || !has_dims(c->out[0], 2, x->dim) ||
                             c->out[0]->n0 * c->out[0]->nl != 1))) {
    return bad(c, error,
               "logits [rows][classes] with an exponent a row, labels [rows] and a wide error of "
               "their shape, one cell");
  }
  const uint8_t *label = c->in[1]->data;
  for (size_t i = 0; label != NULL && i < x->dim[0]; i++) {
    if (label[i] >= x->dim[1]) {
      return bad(c, error, "labels below the number of classes");
    }
  }
  return BT_OK;
}

/* numerics 13.1 */
static bt_status check_pool_sum(const bt_command *c, bt_error *error) {
  bool back = c->op == BT_OP_SPREAD;
  const bt_tensor *big = back ? c->out[0] : c->in[0], *small = back ? c->in[0] : c->out[0];
  size_t k = c->u.pool.k;
  if (k < 1 || k > 64 || big == NULL || small == NULL || big->ndim != 4 || small->ndim != 4 ||
      small->dim[0] != big->dim[0] || small->dim[1] != big->dim[1] / k ||
      small->dim[2] != big->dim[2] / k || small->dim[3] != big->dim[3]) {
    return bad(c, error, "an image whose sides are divided by the window (1 to 64)");
  }
  if (back && !same_bfp(big, small)) {
    return bad(c, error, "bfp tensors of one format in blocks tensor or sample");
  }
  bool sample = is_bfp(big) && big->fmt.block == BT_BLOCK_SAMPLE;
  if (!back && (!is_bfp(big) || (big->fmt.block != BT_BLOCK_TENSOR && !sample) ||
                !is_wide(small) || small->nl != 1 || small->n0 != (sample ? big->dim[0] : 1))) {
    return bad(c, error, "a bfp input in block tensor or sample and a wide output with an exponent "
                         "for each block");
  }
  return BT_OK;
}

static bool is_parameter(const bt_tensor *t, size_t count) {
  return is_bfp(t) && is_vector(t, count) && t->fmt.block == BT_BLOCK_TENSOR;
}

/* numerics 19 */
static bt_status check_norm(const bt_command *c, bt_error *error) {
  const bt_statistics *statistics = c->u.norm.statistics;
  size_t n = c->in[2] == NULL ? 0 : bt_tensor_elements(c->in[2]);
  bool back = c->op == BT_OP_NORM_BACK;
  if (!is_parameter(c->in[2], n) ||
      (back ? !is_constants(c->in[3], n) : !is_parameter(c->in[3], n))) {
    return bad(c, error, "a scale and a shift, or its constants, for each channel");
  }
  if (statistics == NULL && (!is_sums(c->in[0], n) || !is_sums(c->in[1], n) ||
                             c->u.norm.rows < 1 || c->u.norm.rows > INT32_MAX)) {
    return bad(c, error, "two sums for each channel, of 1 to 2^31 - 1 rows");
  }
  if (statistics != NULL &&
      (back || c->in[0] != NULL || c->in[1] != NULL || statistics->channels != n)) {
    return bad(c, error, "statistics of as many channels, in place of sums");
  }
  if (c->u.norm.eps.mantissa < 0) {
    return bad(c, error, "an eps of at least 0");
  }
  if (back && (!is_sums(c->in[4], n) || !is_sums(c->in[5], n))) {
    return bad(c, error, "the error's two sums for each channel");
  }
  for (size_t i = 0; i < (back ? 4 : 2); i++) {
    if (!is_constants(c->out[i], n)) {
      return bad(c, error, "vectors of constants as outputs");
    }
  }
  return BT_OK;
}

static bt_status check_statistics(const bt_command *c, bt_error *error) {
  const bt_statistics *s = c->u.statistics.statistics;
  return s != NULL && is_sums(c->in[0], s->channels) && is_sums(c->in[1], s->channels) &&
                 c->u.statistics.rows >= 1 && c->u.statistics.rows <= INT32_MAX
             ? BT_OK
             : bad(c, error, "two sums for each channel of the statistics, of 1 to 2^31 - 1 rows");
}

static bt_status check_gate(const bt_command *c, bt_error *error) {
  if (!is_bfp(c->in[0]) || !is_byte(c->in[1]) || !is_bfp(c->out[0]) ||
      !bt_tensor_same_shape(c->in[0], c->out[0]) || c->in[0]->fmt.wl != c->out[0]->fmt.wl ||
      c->in[0]->fmt.block != c->out[0]->fmt.block ||
      bt_tensor_exponents(c->in[0]) != bt_tensor_exponents(c->out[0]) ||
      bt_tensor_elements(c->in[1]) != bt_tensor_elements(c->in[0])) {
    return bad(c, error, "a bfp input, a mask of its size and an output of its format");
  }
  return BT_OK;
}

bt_status bt_command_check(const bt_command *c, bt_error *error) {
  switch (c->op) {
    case BT_OP_CONTRACT:
      return check_contract(c, error);
    case BT_OP_QUANTIZE:
      return check_quantize(c, error);
    case BT_OP_AFFINE:
      return check_affine(c, error);
    case BT_OP_GATE:
      return check_gate(c, error);
    case BT_OP_REDUCE:
      return check_reduce(c, error);
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
      return check_pool(c, error);
    case BT_OP_SOFTMAX:
      return check_softmax(c, error);
    case BT_OP_DROPOUT:
      return is_byte(c->out[0]) && c->u.dropout.drop.num >= 0 &&
                     c->u.dropout.drop.num < c->u.dropout.drop.den
                 ? BT_OK
                 : bad(c, error, "mask bytes as output and a probability in [0, 1)");
    case BT_OP_AVERAGE:
      return is_bfp(c->in[0]) && c->u.average.average != NULL
                 ? BT_OK
                 : bad(c, error, "bfp weights and their sums");
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD:
      return check_pool_sum(c, error);
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
      return check_norm(c, error);
    case BT_OP_STATISTICS:
      return check_statistics(c, error);
    default:
      return bt_fail(error, BT_BAD_INPUT, "unknown command %d", (int)c->op);
  }
}
