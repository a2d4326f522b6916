/* Coverage of quantizations and affines, whose cases are in their elements. */
#include "engine/coverage_parts.h"
#include "num/format.h"
#include "num/round.h"

#define TERM_BITS 46 /* |mantissa * constant| is below 2^46 (numerics 9) */
#define GUARD 8

static void cover_format(uint64_t *n, const bt_command *c) {
  static const bt_cover blocks[] = {BT_COVER_QUANTIZE_TENSOR, BT_COVER_QUANTIZE_DIM0,
                                    BT_COVER_QUANTIZE_DIM0, BT_COVER_QUANTIZE_TILE,
                                    BT_COVER_QUANTIZE_K32};
  static const bt_cover modes[] = {BT_COVER_QUANTIZE_STOCHASTIC, BT_COVER_QUANTIZE_EVEN,
                                   BT_COVER_QUANTIZE_AWAY, BT_COVER_QUANTIZE_FLOOR};
  const bt_format *f = &c->out[0]->fmt;
  n[f->kind == BT_FIXED ? BT_COVER_QUANTIZE_FIXED : blocks[f->block]]++;
  n[modes[c->u.quantize.round.mode]]++;
}

void bt_cover_quantize(uint64_t *n, const bt_machine *machine, const bt_command *c,
                       const bt_counts *did) {
  const bt_tensor *x = c->in[0], *y = c->out[0];
  const bt_round_options *round = &c->u.quantize.round;
  bool nearest = round->mode == BT_NEAREST_EVEN || round->mode == BT_NEAREST_AWAY;
  size_t elements = bt_tensor_elements(x);
  cover_format(n, c);
  n[BT_COVER_QUANTIZE_CLIPPED] += did->quantize.clipped;
  n[BT_COVER_QUANTIZE_OVERFLOW] += did->quantize.overflow;
  n[BT_COVER_QUANTIZE_FLUSHED] += did->quantize.flushed;
  n[BT_COVER_QUANTIZE_SHORT_BEAT] += elements % machine->lanes != 0;
  for (size_t b = 0; y->fmt.kind == BT_BFP && b < bt_tensor_exponents(y); b++) {
    n[BT_COVER_QUANTIZE_ZERO_BLOCK] += bt_tensor_zero_block(y, b);
  }
  for (size_t i = 0; i < elements; i++) {
    uint64_t m = bt_magnitude(bt_tensor_mantissa(x, i));
    int s = bt_tensor_step(y, i) - bt_tensor_step(x, i);
    if (m == 0) {
      continue;
    }
    n[BT_COVER_QUANTIZE_LEFT] += s < 0;
    n[BT_COVER_QUANTIZE_BEYOND] += s - bt_bitlen(m) > (int)round->random_bits;
    n[BT_COVER_QUANTIZE_TIE] += nearest && s > 0 && s < 33 &&
                                (m & ((UINT64_C(1) << s) - 1)) == UINT64_C(1) << (s - 1);
  }
}

/* The constant of term k at last index b; BT_MAX_TERMS is the addend. */
static bt_constant constant_of(const bt_command *c, size_t k, size_t b) {
  const bt_tensor *vector = c->in[k == BT_MAX_TERMS ? BT_IN_ADDEND : BT_IN_CONSTANTS + k];
  if (vector != NULL) {
    return (bt_constant){bt_tensor_mantissa(vector, b), bt_tensor_step(vector, b)};
  }
  if (k == BT_MAX_TERMS) {
    return c->u.affine.has_c0 ? c->u.affine.c0 : (bt_constant){0, 0};
  }
  return k < c->u.affine.terms ? c->u.affine.c[k] : (bt_constant){0, 0};
}

/* Exponents of the terms of element i: how far apart they are; -1 where all constants are zero. */
static int term_spread(const bt_command *c, size_t i) {
  size_t last = bt_tensor_last(c->out[0]), n = bt_tensor_elements(c->out[0]);
  int high = INT32_MIN, low = INT32_MAX;
  for (size_t k = 0; k <= BT_MAX_TERMS; k++) {
    bt_constant x = constant_of(c, k, i % last);
    if (x.mantissa == 0) {
      continue;
    }
    const bt_tensor *t = k < BT_MAX_TERMS ? c->in[k] : NULL;
    size_t at = t != NULL && bt_tensor_elements(t) != n ? i % last : i;
    int e = x.exponent + (t != NULL ? bt_tensor_step(t, at) : 0);
    high = e > high ? e : high;
    low = e < low ? e : low;
  }
  return high == INT32_MIN ? -1 : high - low;
}

void bt_cover_affine(uint64_t *n, const bt_command *c) {
  const bt_tensor *y = c->out[0];
  bool vector = false, beyond = false, zero = true;
  for (size_t k = 0; k < c->u.affine.terms; k++) {
    vector = vector || c->in[BT_IN_CONSTANTS + k] != NULL;
  }
  n[BT_COVER_AFFINE_TERMS_1 + c->u.affine.terms - 1]++;
  n[BT_COVER_AFFINE_ADDEND] += c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL;
  n[BT_COVER_AFFINE_VECTOR] += vector;
  n[BT_COVER_AFFINE_COLUMNS] += y->nl > 1;
  n[BT_COVER_AFFINE_ROWS] += y->n0 > 1;
  n[BT_COVER_AFFINE_MASKED] += c->u.affine.masked;
  for (size_t i = 0; i < bt_tensor_elements(y); i++) {
    int spread = term_spread(c, i);
    zero = zero && spread < 0;
    beyond = beyond || spread - GUARD >= TERM_BITS;
    n[BT_COVER_AFFINE_RELU_ZERO] += c->u.affine.relu && bt_tensor_integer(c->out[1], i) == 0;
  }
  n[BT_COVER_AFFINE_BEYOND] += beyond;
  n[BT_COVER_AFFINE_ZERO] += zero;
}
