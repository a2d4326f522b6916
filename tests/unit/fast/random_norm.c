/* Random commands of batch norm, residual sums and average pool. */
#include "random_parts.h"

/* A vector of constants (numerics 6) of `bits` bits: some of them zero, or all; exponents within a
 * few of each other or far apart. */
void random_constants(random_case *k, chance *r, size_t at, size_t count, int bits) {
  bt_tensor *v = &k->in[at];
  int base = (int)below(r, 30) - 25 - (bits - 15), width = random_spread(r);
  uint64_t zeros = below(r, 8) == 0 ? 1 : below(r, 2) == 0 ? 4 : 40;
  *v = bt_tensor_constants("constants", count);
  if (!bt_tensor_alloc(v)) {
    return;
  }
  k->c.in[at] = v;
  v->bits = bits;
  for (size_t i = 0; i < count; i++) {
    int64_t half = INT64_C(1) << (bits - 1), m = half + (int64_t)below(r, (uint64_t)half);
    m = below(r, 5) == 0 ? half : m;
    m = below(r, zeros) == 0 ? 0 : below(r, 2) == 0 ? -m : m;
    ((int32_t *)v->data)[i] = (int32_t)m;
    v->exp[i] = (int16_t)(m == 0 ? -512 : base + (int)below(r, (uint64_t)width));
  }
}

/* As batch norm and the sum of residuals have it: a cell, terms of 8 and 16 bits or wide, constants
 * by channel with exponents close to each other, one or two more terms with the constant 1. */
void random_norm_affine(random_case *k, chance *r) {
  size_t dim[2] = {random_scaled(r, 300), random_size(r, 70)};
  bool vectors = below(r, 4) > 0;
  size_t channels = vectors ? below(r, 3) : 0, ones = below(r, 3);
  ones = channels + ones == 0 ? 2 : ones;
  k->c.op = BT_OP_AFFINE;
  k->c.u.affine.terms = channels + ones;
  for (size_t i = 0; i < channels + ones; i++) {
    bt_format f = random_format(r, 2, below(r, 2) == 0 ? 8 : 16, BT_BLOCK_TENSOR);
    bool wide = i >= channels && below(r, 4) == 0;
    random_input(k, r, i, wide ? bt_tensor_wide("x", 2, dim, false, false)
                            : bt_tensor_bfp("x", f, 2, dim), 0);
    k->in[i].exp[0] = (int16_t)((int)below(r, 6) - (wide ? k->in[i].bits : 0));
    k->c.u.affine.c[i] = (bt_constant){16384, -14};
    if (i < channels) {
      random_constants(k, r, BT_IN_CONSTANTS + i, dim[1], 15);
    }
  }
  if (vectors && below(r, 4) > 0) {
    random_constants(k, r, BT_IN_ADDEND, dim[1], 31);
  }
  random_output(k, bt_tensor_wide("out", 2, dim, false, false));
  k->c.u.affine.relu = below(r, 2) == 0;
  if (k->c.u.affine.relu) {
    random_output(k, bt_tensor_byte("mask", 2, dim));
  }
}

/* Often one of the widest of its kind, with the least mantissa. */
static bt_format sums_format(chance *r) {
  bt_format f = random_format(r, 2, 16, BT_BLOCK_TENSOR);
  uint64_t kind = below(r, 3);
  f.wl = kind == 0 ? 8 : kind == 1 ? 16 : f.wl;
  f.asymmetric = below(r, 2) == 0;
  return f;
}

void random_sums(random_case *k, chance *r) {
  size_t dim[2] = {random_scaled(r, 700), random_size(r, 100)};
  k->c.op = BT_OP_REDUCE;
  k->c.u.reduce.kind = below(r, 2) == 0 ? BT_MOMENTS : BT_PRODUCTS;
  random_input(k, r, 0, bt_tensor_bfp("x", sums_format(r), 2, dim), 0);
  if (k->c.u.reduce.kind == BT_PRODUCTS) {
    random_input(k, r, 1, bt_tensor_bfp("y", sums_format(r), 2, dim), 0);
  }
  for (size_t i = 0; i < 2; i++) {
    random_output(k, bt_tensor_sums("sums", dim[1]));
  }
}

void random_norm(random_case *k, chance *r) {
  size_t n = random_size(r, 70);
  bool back = below(r, 2) == 0;
  bt_format f = random_format(r, 2, 16, BT_BLOCK_TENSOR);
  k->c.op = back ? BT_OP_NORM_BACK : BT_OP_NORM;
  k->c.u.norm.rows = random_size(r, 100000);
  k->c.u.norm.eps = (bt_constant){1 << 30, -(int)below(r, 60)};
  random_input(k, r, 0, bt_tensor_sums("s1", n), 0);
  random_input(k, r, 1, bt_tensor_sums("s2", n), 0);
  random_input(k, r, 2, bt_tensor_bfp("gamma", f, 1, &n), 0);
  if (back) {
    random_constants(k, r, 3, n, 15);
    random_input(k, r, 4, bt_tensor_sums("se", n), 0);
    random_input(k, r, 5, bt_tensor_sums("sex", n), 0);
  } else {
    random_input(k, r, 3, bt_tensor_bfp("beta", f, 1, &n), 0);
  }
  for (size_t i = 0; i < (back ? 4 : 2); i++) {
    random_output(k, bt_tensor_constants("constants", n));
  }
}

void random_statistics(random_case *k, chance *r) {
  size_t n = random_size(r, 70);
  k->c.op = BT_OP_STATISTICS;
  k->c.u.statistics.rows = random_size(r, 100000);
  random_input(k, r, 0, bt_tensor_sums("s1", n), 0);
  random_input(k, r, 1, bt_tensor_sums("s2", n), 0);
}

void random_pool_sum(random_case *k, chance *r) {
  size_t window = random_size(r, 8), small[4] = {random_scaled(r, 3), random_size(r, 4),
                                              random_size(r, 4), random_size(r, 70)};
  size_t big[4] = {small[0], small[1] * window + (size_t)below(r, window),
                   small[2] * window + (size_t)below(r, window), small[3]};
  bool sample = below(r, 2) == 0, back = below(r, 2) == 0;
  bt_format f = random_format(r, 2, 16, sample ? BT_BLOCK_SAMPLE : BT_BLOCK_TENSOR);
  k->c.op = back ? BT_OP_SPREAD : BT_OP_POOL_SUM;
  k->c.u.pool.k = window;
  random_input(k, r, 0, bt_tensor_bfp("x", f, 4, back ? small : big), 0);
  random_output(k, back ? bt_tensor_bfp("out", f, 4, big)
                     : bt_tensor_wide("out", 4, small, sample, false));
}
