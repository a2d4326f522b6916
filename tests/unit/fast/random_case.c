#include "random_parts.h"

#include <string.h>

#include "num/round.h"
#include "num/stream.h"

uint64_t below(chance *r, uint64_t n) {
  r->state += BT_SPLITMIX_GAMMA;
  return (bt_splitmix64(r->state) >> 8) % n;
}

size_t random_size(chance *r, size_t most) {
  return 1 + (size_t)(below(r, 4) == 0 ? below(r, 2) : below(r, most));
}

/* A size that large cases scale. */
size_t random_scaled(chance *r, size_t most) { return random_size(r, most * r->scale); }

bt_format random_format(chance *r, int least, int most, bt_block block) {
  bt_format f = {.kind = BT_BFP, .block = block, .tile_rows = random_size(r, 3)};
  f.tile_cols = random_size(r, 5);
  f.wl = least + (int)below(r, (uint64_t)(most - least + 1));
  f.wl = below(r, 2) == 0 && least <= 8 ? 8 : f.wl;
  f.asymmetric = below(r, 4) == 0;
  return f;
}

static bt_block cut(chance *r) {
  static const bt_block block[] = {BT_BLOCK_TENSOR, BT_BLOCK_DIM0, BT_BLOCK_SAMPLE};
  return block[below(r, 3)];
}

/* Any shape of block, the ones above more often. */
static bt_block any_block(chance *r) {
  uint64_t tiled = below(r, 6);
  return tiled == 0 ? BT_BLOCK_TILE : tiled == 1 ? BT_BLOCK_K32 : cut(r);
}

static bt_round_options rounding(chance *r) {
  bt_round_options o = {.mode = (bt_rounding)below(r, 4)};
  o.random_bits = 1 + (unsigned)below(r, 24);
  o.mode = below(r, 2) == 0 ? BT_STOCHASTIC : o.mode;
  o.sr_half = below(r, 3) == 0;
  return o;
}

/* Exponents lie within one of these of each other; the last is far beyond align_bits. */
int random_spread(chance *r) {
  static const int most[] = {1, 3, 9, 20, 60};
  return most[below(r, 5)];
}

static void store_wide(bt_tensor *t, size_t i, int64_t m) {
  ((int32_t *)t->data)[i] = (int32_t)bt_saturate(m, INT32_MIN, INT32_MAX);
}

/* A mantissa up to 2^bits in magnitude: zero, an end of the range, or anything of any length. */
static int64_t mantissa(chance *r, int bits, int64_t low, int64_t high) {
  switch (below(r, 8)) {
    case 0:
      return 0;
    case 1:
      return below(r, 2) == 0 ? low : high;
    default: {
      int64_t m = (int64_t)below(r, UINT64_C(1) << below(r, (uint64_t)bits + 1));
      return bt_saturate(below(r, 2) == 0 ? -m : m, low, high);
    }
  }
}

static void fill_bfp(chance *r, bt_tensor *t) {
  int base = (int)below(r, 20) - 10, width = random_spread(r);
  base = below(r, 20) == 0 ? 250 * (int)below(r, 2) - 125 : base;
  bool full = below(r, 3) == 0, same_sign = below(r, 2) == 0; /* sums as large as can be */
  for (size_t b = 0; b < bt_tensor_exponents(t); b++) {
    int64_t e = base + (int64_t)below(r, (uint64_t)width);
    t->exp[b] = (int16_t)(below(r, 8) == 0 ? -128 : bt_saturate(e, -128, 127));
  }
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    bool zero = t->exp[bt_tensor_exponent_of(t, i)] == -128 && width % 2 == 1;
    int64_t low = bt_clip_low(&t->fmt), high = bt_clip_high(&t->fmt);
    int64_t end = !same_sign && below(r, 2) == 0 ? low : high;
    int64_t m = full ? end : mantissa(r, t->fmt.wl - 1, low, high);
    bt_tensor_store(t, i, zero ? 0 : (int32_t)m);
  }
}

static void fill_wide(chance *r, bt_tensor *t) {
  int base = (int)below(r, 60) - 40, width = random_spread(r);
  base = below(r, 12) == 0 ? 240 * (int)below(r, 2) - 130 : base;
  t->bits = (int)below(r, 32);
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = (int16_t)(below(r, 8) == 0 ? -512 : base + (int)below(r, (uint64_t)width));
  }
  int64_t high = INT64_C(1) << t->bits;
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    bool zero = t->exp[bt_tensor_exponent_of(t, i)] == -512;
    store_wide(t, i, zero ? 0 : mantissa(r, t->bits, -high, high));
  }
}

/* As sums of some rows might be. */
static void fill_sums(chance *r, bt_tensor *t) {
  t->exp[0] = (int16_t)(below(r, 40) - 30);
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    ((int64_t *)t->data)[i] = mantissa(r, 30, -(INT64_C(1) << 40), INT64_C(1) << 40);
  }
}

void random_input(random_case *k, chance *r, size_t i, bt_tensor t, uint64_t bytes_below) {
  k->in[i] = t;
  if (!bt_tensor_alloc(&k->in[i])) {
    return; /* the comparison then fails on a NULL operand */
  }
  k->c.in[i] = &k->in[i];
  if (t.kind == BT_T_WIDE) {
    fill_wide(r, &k->in[i]);
  } else if (t.kind == BT_T_SUMS) {
    fill_sums(r, &k->in[i]);
  } else if (t.kind == BT_T_BYTE) {
    for (size_t j = 0; j < bt_tensor_elements(&t); j++) {
      ((uint8_t *)k->in[i].data)[j] = (uint8_t)below(r, bytes_below);
    }
  } else {
    fill_bfp(r, &k->in[i]);
  }
}

void random_output(random_case *k, bt_tensor t) { k->out[k->outs++] = t; }

static size_t shape(chance *r, size_t dim[4]) {
  size_t ndim = 1 + (size_t)below(r, 4);
  for (size_t d = 0; d < ndim; d++) {
    dim[d] = random_size(r, d == ndim - 1 ? 40 : 9);
  }
  dim[0] = ndim == 1 ? random_scaled(r, 3000) : random_scaled(r, dim[0]);
  return ndim;
}

static bt_geometry geometry(chance *r) {
  bt_geometry g = {.n = random_scaled(r, 5), .c = random_size(r, 20), .stride = 1};
  g.o = random_size(r, 20);
  g.h = g.w = g.kh = g.kw = g.oh = g.ow = 1;
  if (below(r, 4) == 0) { /* fully connected */
    g.n = random_scaled(r, 130);
    return g;
  }
  g.kh = random_size(r, 4), g.kw = random_size(r, 4);
  g.stride = random_size(r, 3), g.pad = (size_t)below(r, 4);
  g.h = g.kh + (size_t)below(r, 8), g.w = g.kw + (size_t)below(r, 8);
  g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
  g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
  g.oh -= below(r, 4) == 0 && g.oh > 1;
  g.ow -= below(r, 4) == 0 && g.ow > 1;
  return g;
}

static void add_contract(random_case *k, chance *r, bt_geometry g, bt_direction d) {
  size_t x[4] = {g.n, g.h, g.w, g.c}, w[4] = {g.o, g.kh, g.kw, g.c}, y[4] = {g.n, g.oh, g.ow, g.o};
  bool longer = g.c * g.kh * g.kw >= 1000;
  bool blocks = r->scale == 1 && below(r, 3) == 0; /* not in large cases: slow on the reference */
  bool two_pass = d == BT_FORWARD && (longer || below(r, 4) == 0);
  k->c.op = BT_OP_CONTRACT;
  k->c.u.contract.direction = d;
  k->c.u.contract.geometry = g;
  k->c.u.contract.nearest = two_pass || below(r, 4) == 0;
  bt_format first = random_format(r, 2, 8, blocks ? any_block(r) : cut(r));
  random_input(k, r, 0, bt_tensor_bfp("a", first, 4, d == BT_FORWARD ? x : y), 0);
  bt_block block = blocks ? any_block(r) : cut(r);
  bt_format second = two_pass ? random_format(r, longer ? 14 : 9, 15, block)
                              : random_format(r, 2, 8, block);
  random_input(k, r, 1, bt_tensor_bfp("b", second, 4, d == BT_WEIGHT_GRADIENT ? x : w), 0);
  const size_t *dim = d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : w;
  if (bt_contract_by_element(&k->c)) {
    random_output(k, bt_tensor_wide_each("out", 4, dim));
    return;
  }
  bool rows = d != BT_WEIGHT_GRADIENT && k->in[0].fmt.block != BT_BLOCK_TENSOR;
  bool columns = d == BT_FORWARD && k->in[1].fmt.block != BT_BLOCK_TENSOR;
  rows = rows || below(r, 4) == 0;
  columns = columns || below(r, 4) == 0;
  random_output(k, bt_tensor_wide("out", 4, dim, rows, columns));
}

static void make_contract(random_case *k, chance *r) {
  bt_geometry g = geometry(r);
  add_contract(k, r, g, (bt_direction)below(r, 3));
}

/* Sums so long that wide or shifted weights need passes of their own. */
static void make_long_contract(random_case *k, chance *r) {
  bt_geometry g = {.n = random_size(r, 3), .h = 1, .w = 1, .c = random_size(r, 20), .kh = 1,
                   .kw = 1, .stride = 1, .oh = 1, .ow = 1};
  g.o = random_size(r, 20);
  bool forward = below(r, 2) == 0;
  *(forward ? &g.c : &g.o) = 1000 + (size_t)below(r, 2000);
  k->machine.acc = bt_accumulator_default();
  add_contract(k, r, g, forward ? BT_FORWARD : BT_DATA_GRADIENT);
}

static void make_quantize(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  k->c.op = BT_OP_QUANTIZE;
  k->c.u.quantize.round = rounding(r);
  if (below(r, 8) == 0) {
    random_input(k, r, 0, bt_tensor_bfp("x", random_format(r, 2, 16, any_block(r)), ndim, dim), 0);
  } else if (below(r, 8) == 0) {
    random_input(k, r, 0, bt_tensor_wide_each("x", ndim, dim), 0);
  } else {
    bool per0 = below(r, 2) == 0, per_last = below(r, 2) == 0 && !(ndim == 1 && per0);
    random_input(k, r, 0, bt_tensor_wide("x", ndim, dim, per0, per_last), 0);
  }
  random_output(k, bt_tensor_bfp("out", random_format(r, 2, 16, any_block(r)), ndim, dim));
}

/* As an update has it: 8-bit terms with constants near the top of their range, so that the sum
 * needs its last bits shifted out, and a smaller last term, which has bits there (numerics 9). */
static void make_update(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  k->c.op = BT_OP_AFFINE;
  k->c.u.affine.terms = below(r, 4) == 0 ? 3 : 4;
  for (size_t i = 0; i < k->c.u.affine.terms; i++) {
    bt_format f = {.kind = BT_BFP, .wl = 8};
    random_input(k, r, i, bt_tensor_bfp("x", f, ndim, dim), 0);
    k->in[i].exp[0] = 3;
    int32_t m = (int32_t)(32767 - below(r, 500));
    int e = i == 3 ? -22 - (int)below(r, 10) : -14 - (int)below(r, 2);
    k->c.u.affine.c[i] = (bt_constant){below(r, 2) == 0 ? -m : m, e};
  }
  random_output(k, bt_tensor_wide("out", ndim, dim, false, false));
}

static void make_affine(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  ndim = ndim == 1 ? 2 : ndim;
  dim[1] = ndim == 2 ? random_size(r, 40) : dim[1];
  dim[0] = dim[0] > 100 * r->scale ? 100 * r->scale : dim[0];
  bool per0 = below(r, 2) == 0, per_last = below(r, 2) == 0, each = below(r, 6) == 0;
  k->c.op = BT_OP_AFFINE;
  k->c.u.affine.terms = 1 + (size_t)below(r, 4);
  for (size_t i = 0; i < k->c.u.affine.terms; i++) {
    bool row = below(r, 4) == 0;
    size_t n = row ? 1 : ndim, *d = row ? &dim[ndim - 1] : dim;
    uint64_t kind = below(r, 3);
    bt_block block = each && !row ? any_block(r) : per0 && !row ? cut(r) : BT_BLOCK_TENSOR;
    bt_tensor t = kind == 0   ? bt_tensor_wide("x", n, d, per0 && !row && below(r, 2) == 0,
                                               per_last && !row && below(r, 2) == 0)
                  : kind == 1 ? bt_tensor_byte("x", n, d)
                              : bt_tensor_bfp("x", random_format(r, 2, 16, block), n, d);
    random_input(k, r, i, t, 256);
    int32_t m = (int32_t)(16384 + below(r, 16384));
    k->c.u.affine.c[i] = below(r, 6) == 0 ? (bt_constant){0, 0}
                                          : (bt_constant){below(r, 2) == 0 ? -m : m,
                                                          (int)below(r, 30) - 25};
    if (below(r, 3) == 0) {
      random_constants(k, r, BT_IN_CONSTANTS + i, dim[ndim - 1], 15);
    }
  }
  k->c.u.affine.has_c0 = below(r, 3) == 0;
  if (!k->c.u.affine.has_c0 && below(r, 2) == 0) {
    random_constants(k, r, BT_IN_ADDEND, dim[ndim - 1], 31);
  }
  k->c.u.affine.c0 = (bt_constant){(int32_t)((INT64_C(1) << 30) + (int64_t)below(r, 1 << 30)) *
                                       (below(r, 2) == 0 ? -1 : 1), (int)below(r, 60) - 50};
  k->c.u.affine.relu = below(r, 3) == 0;
  k->c.u.affine.masked = !k->c.u.affine.relu && below(r, 3) == 0;
  if (k->c.u.affine.masked) {
    random_input(k, r, BT_IN_MASK, bt_tensor_byte("mask", ndim, dim), 2);
  }
  random_output(k, each ? bt_tensor_wide_each("out", ndim, dim)
                     : bt_tensor_wide("out", ndim, dim, per0, per_last));
  if (k->c.u.affine.relu) {
    random_output(k, bt_tensor_byte("mask", ndim, dim));
  }
}

static void make_pool(random_case *k, chance *r) {
  size_t window = random_size(r, 3), small[4] = {random_scaled(r, 3), random_size(r, 5),
                                              random_size(r, 5), random_size(r, 20)};
  size_t big[4] = {small[0], small[1] * window + (size_t)below(r, window),
                   small[2] * window + (size_t)below(r, window), small[3]};
  bt_format f = random_format(r, 2, 16, below(r, 2) == 0 ? BT_BLOCK_TENSOR : BT_BLOCK_SAMPLE);
  bool back = below(r, 2) == 0;
  k->c.op = back ? BT_OP_POOL_BACK : BT_OP_POOL;
  k->c.u.pool.k = window;
  random_input(k, r, 0, bt_tensor_bfp("x", f, 4, back ? small : big), 0);
  if (back) {
    random_input(k, r, 1, bt_tensor_byte("index", 4, small), window * window);
  }
  random_output(k, bt_tensor_bfp("out", f, 4, back ? big : small));
  if (!back) {
    random_output(k, bt_tensor_byte("index", 4, small));
  }
}

static void make_gate(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  bt_format f = random_format(r, 2, 16, any_block(r));
  k->c.op = BT_OP_GATE;
  random_input(k, r, 0, bt_tensor_bfp("x", f, ndim, dim), 0);
  random_input(k, r, 1, bt_tensor_byte("mask", ndim, dim), 2);
  random_output(k, bt_tensor_bfp("out", f, ndim, dim));
}

static void make_reduce(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  k->c.op = BT_OP_REDUCE;
  k->c.u.reduce.kind = below(r, 2) == 0 ? BT_SUM : (bt_reduction)below(r, 5);
  bool blocks = k->c.u.reduce.kind == BT_SUM && below(r, 3) == 0;
  bt_format f = random_format(r, 2, 16, blocks ? any_block(r) : BT_BLOCK_TENSOR);
  random_input(k, r, 0, bt_tensor_bfp("x", f, ndim, dim), 0);
  if (k->c.u.reduce.kind == BT_SUM_XY) {
    f = random_format(r, 2, 16, BT_BLOCK_TENSOR);
    random_input(k, r, 1, bt_tensor_bfp("y", f, ndim, dim), 0);
  }
  random_output(k, bt_tensor_wide("out", 1, &dim[ndim - 1], false, f.block != BT_BLOCK_TENSOR));
}

static void make_softmax(random_case *k, chance *r) {
  size_t dim[2] = {random_scaled(r, 20), 2 + (size_t)below(r, 12)};
  k->c.op = BT_OP_SOFTMAX;
  bt_format f = random_format(r, 2, 16, BT_BLOCK_TENSOR);
  random_input(k, r, 0, bt_tensor_bfp("logits", f, 2, dim), 0);
  random_input(k, r, 1, bt_tensor_byte("labels", 1, dim), dim[1]);
  random_output(k, bt_tensor_wide("error", 2, dim, false, false));
}

static void make_dropout(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  k->c.op = BT_OP_DROPOUT;
  k->c.u.dropout.seed = below(r, 100);
  k->c.u.dropout.drop = (bt_rational){1, 2 + (int64_t)below(r, 4)};
  random_output(k, bt_tensor_byte("mask", ndim, dim));
}

static void make_average(random_case *k, chance *r) {
  size_t dim[4], ndim = shape(r, dim);
  k->c.op = BT_OP_AVERAGE;
  random_input(k, r, 0, bt_tensor_bfp("w", random_format(r, 2, 16, any_block(r)), ndim, dim), 0);
}

static bt_machine machine(chance *r) {
  bt_machine m = bt_machine_default();
  if (below(r, 2) == 0) {
    m.acc.acc_bits = 8 + (int)below(r, 25);
    m.acc.wrap = below(r, 2) == 0;
    m.acc.acc_shift = below(r, 2) == 0 ? 0 : (int)below(r, 15);
    m.acc.acc_round = rounding(r);
    if (m.acc.acc_round.mode == BT_NEAREST_AWAY) {
      m.acc.acc_round.mode = BT_FLOOR;
    }
    m.acc.chunk = below(r, 2) == 0 ? 0 : random_size(r, 20);
    m.acc.psum_bits = 8 + (int)below(r, 25);
  }
  m.lanes = 1u << below(r, 7);
  return m;
}

void random_case_make(random_case *k, uint64_t seed, uint64_t number) {
  static void (*const make[])(random_case *, chance *) = {
      make_contract, make_contract, make_contract, make_contract, make_quantize, make_quantize,
      make_quantize, make_affine,   make_affine,   make_pool,     make_gate,     make_reduce,
      make_softmax,  make_dropout,  make_average,  make_long_contract, make_update,
      random_norm_affine, random_norm_affine, random_sums, random_norm, random_statistics,
      random_pool_sum};
  chance r = {bt_splitmix64(seed + BT_SPLITMIX_GAMMA) ^ (number * BT_SPLITMIX_GAMMA), 1};
  memset(k, 0, sizeof *k);
  r.scale = below(&r, 24) == 0 ? 12 : 1;
  k->machine = machine(&r);
  bt_lfsr_start(&k->rng, below(&r, 1000), k->machine.lanes);
  k->c.label.text = "case";
  make[below(&r, sizeof make / sizeof make[0])](k, &r);
}

void random_case_free(random_case *k) {
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    bt_tensor_free(&k->in[i]);
  }
}
