/* The contraction command in its three directions against the table of numerics 8 in plain loops:
 * mantissas, exponents and bits of every cell, saturations, dropped products, the generator.
 *
 *   test_command_contract [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "command_bench.h"
#include "oracle_contract.h"

static size_t in(bench_case *b, int64_t low, int64_t high) {
  return (size_t)oracle_stream_in(&b->stream, low, high);
}

static size_t products(const bt_geometry *g) {
  return g->n * g->oh * g->ow * g->o * g->kh * g->kw * g->c +
         g->n * g->h * g->w * g->o * g->kh * g->kw * g->c;
}

/* A fully connected layer, or a convolution of kernels 1-5, strides 1-3, pads 0-3. */
static bt_geometry pick_geometry(bench_case *b, bool *flat) {
  bt_geometry g;
  bool large = in(b, 0, 39) == 0; /* longer sums than an engine takes at once */
  static const size_t edge[] = {63, 64, 65, 129, 257};
  int64_t deep = large ? 3 : in(b, 0, 5) == 0 ? 40 : 5;
  *flat = in(b, 0, 4) == 0;
  do {
    g = (bt_geometry){.n = in(b, 1, 3), .h = 1, .w = 1, .c = in(b, 1, deep), .o = in(b, 1, deep),
                      .kh = 1, .kw = 1, .stride = 1, .oh = 1, .ow = 1};
    if (*flat) {
      g.n = in(b, 0, 2) == 0 ? edge[in(b, 0, 4)] : in(b, 1, 9);
      g.c = in(b, 1, g.n > 9 ? 9 : large ? 3000 : 300);
      continue;
    }
    g.h = in(b, 1, large ? 40 : 9);
    g.w = in(b, 1, large ? 40 : 9);
    g.kh = in(b, 1, 5);
    g.kw = in(b, 1, 5);
    g.stride = in(b, 1, 3);
    g.pad = in(b, 0, 3);
    if (g.kh > g.h + 2 * g.pad || g.kw > g.w + 2 * g.pad)
      g.kh = g.kw = 1;
    g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
    g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
  } while (products(&g) > (large ? 400000u : 30000u));
  return g;
}

static bt_accumulator pick_accumulator(bench_case *b, size_t k) {
  static const bt_rounding mode[] = {BT_FLOOR, BT_NEAREST_EVEN, BT_STOCHASTIC};
  bt_accumulator acc = bt_accumulator_default();
  if (in(b, 0, 2) == 0)
    return acc;
  acc.acc_bits = (int)(in(b, 0, 1) ? in(b, 8, 32) : in(b, 12, 20));
  acc.wrap = in(b, 0, 1);
  acc.acc_shift = in(b, 0, 1) ? (int)in(b, 0, 14) : 0;
  acc.acc_round = (bt_round_options){mode[in(b, 0, 2)], (unsigned)in(b, 1, 24), in(b, 0, 1)};
  const size_t chunk[] = {0, 0, 1, 2, in(b, 1, 9), k, k + 1};
  acc.chunk = chunk[in(b, 0, 6)];
  acc.psum_bits = (int)in(b, 8, 32);
  return acc;
}

/* Every operand at an end of its range, one sign of product: what a bound on K allows. */
static void push_to_ends(bench_case *b, bt_tensor *t, bool alternate) {
  int8_t high = (int8_t)((1 << (t->fmt.wl - 1)) - 1);
  int8_t low = (int8_t)(t->fmt.asymmetric ? -high - 1 : -high);
  for (size_t i = 0; i < bt_tensor_elements(t) && t->kind == BT_T_BFP8; i++)
    ((int8_t *)t->data)[i] = alternate && in(b, 0, 1) ? high : low;
  for (size_t e = 0; e < bt_tensor_exponents(t); e++)
    t->exp[e] = 0;
}

static int clog2(size_t k) {
  int c = 0;
  while (((size_t)1 << c) < k)
    c++;
  return c;
}

static bt_block pick_block(bench_case *b) {
  static const bt_block block[] = {BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, BT_BLOCK_DIM0,
                                   BT_BLOCK_SAMPLE, BT_BLOCK_TILE,   BT_BLOCK_K32};
  return block[in(b, 0, 5)];
}

static void pick_tile(bench_case *b, bt_format *f) {
  f->tile_rows = in(b, 1, in(b, 0, 2) ? 4 : 70);
  f->tile_cols = in(b, 1, in(b, 0, 2) ? 12 : 300);
}

static bool has_tiles(const bt_format *f) {
  return f->block == BT_BLOCK_TILE || f->block == BT_BLOCK_K32;
}

typedef struct {
  bt_tensor a, b, out;
} operands;

/* x, y or w of the geometry, in 4 dimensions or, of a fully connected layer, in 2. */
static size_t shape(const bt_geometry *g, char which, bool flat, size_t dim[4]) {
  const size_t x[] = {g->n, g->h, g->w, g->c}, y[] = {g->n, g->oh, g->ow, g->o};
  const size_t w[] = {g->o, g->kh, g->kw, g->c};
  const size_t *full = which == 'x' ? x : which == 'y' ? y : w;
  for (size_t d = 0; d < 4; d++)
    dim[d] = full[d];
  if (flat)
    dim[1] = full[3];
  return flat ? 2 : 4;
}

static operands make_operands(bench_case *b, const bt_geometry *g, bt_direction d, bool flat,
                              int spread) {
  const char *const role[] = {"xwy", "ywx", "yxw"}; /* whose shape each one has */
  bool wide_weights = d == BT_FORWARD && in(b, 0, 3) == 0;
  size_t dim[3][4], ndim = 0;
  for (int i = 0; i < 3; i++)
    ndim = shape(g, role[d][i], flat, dim[i]);
  bt_format fa = bench_format(b, 2, 8, pick_block(b));
  bt_format fb = wide_weights ? bench_format(b, 9, 15, pick_block(b))
                              : bench_format(b, 2, 8, pick_block(b));
  if (in(b, 0, 1))
    fa.wl = 8;
  if (in(b, 0, 1) && !wide_weights)
    fb.wl = 8;
  pick_tile(b, &fa);
  pick_tile(b, &fb);
  operands o;
  o.a = bench_bfp(b, "A", fa, ndim, dim[0], spread);
  o.b = bench_bfp(b, "B", fb, ndim, dim[1], spread);
  /* More cells than the operands need are allowed, and hold the same numbers. */
  if (has_tiles(&fa) || has_tiles(&fb)) {
    o.out = bench_tensor(bt_tensor_wide_each("out", ndim, dim[2]));
    return o;
  }
  bool rows = (fa.block != BT_BLOCK_TENSOR && d != BT_WEIGHT_GRADIENT) || in(b, 0, 9) == 0;
  bool columns = (fb.block != BT_BLOCK_TENSOR && d == BT_FORWARD) || in(b, 0, 9) == 0;
  o.out = bench_tensor(bt_tensor_wide("out", ndim, dim[2], rows, columns));
  return o;
}

static const char *block_name(const bt_tensor *t, char text[40]) {
  if (t->fmt.block != BT_BLOCK_TILE)
    return bench_block_name(&t->fmt);
  snprintf(text, 40, "tile:%zux%zu", t->fmt.tile_rows, t->fmt.tile_cols);
  return text;
}

static void describe(bench_case *b, const bt_command *c, const bt_accumulator *acc, int spread) {
  static const char *const mode[] = {"stochastic", "nearest_even", "nearest_away", "floor"};
  const bt_geometry *g = &c->u.contract.geometry;
  char block_a[40], block_b[40];
  snprintf(b->about, sizeof b->about,
           "%s x %zux%zux%zux%zu w %zux%zux%zu stride %zu pad %zu out %zux%zu, A wl %d %s, B wl %d "
           "%s, spread %d, acc %d %s shift %d %s R %u%s chunk %zu psum %d%s, lanes %u",
           bt_direction_name(c->u.contract.direction), g->n, g->h, g->w, g->c, g->o, g->kh, g->kw,
           g->stride, g->pad, g->oh, g->ow, c->in[0]->fmt.wl,
           block_name(c->in[0], block_a),
           c->in[1]->fmt.wl, block_name(c->in[1], block_b), spread, acc->acc_bits,
           acc->wrap ? "wrap" : "saturate", acc->acc_shift, mode[acc->acc_round.mode],
           acc->acc_round.random_bits, acc->acc_round.sr_half ? " sr_half" : "", acc->chunk,
           acc->psum_bits, c->u.contract.nearest ? " nearest" : "", b->machine.lanes);
}

static oracle_contract_seen seen;
static uint64_t saturations, stochastic;

static void one_case(bench_case *b) {
  bool flat;
  bt_geometry g = pick_geometry(b, &flat);
  bt_direction d = (bt_direction)(b->number % 3);
  int spread = (int)in(b, 0, 4);
  operands o = make_operands(b, &g, d, flat, spread);
  size_t k = d == BT_FORWARD ? g.kh * g.kw * g.c
                             : d == BT_DATA_GRADIENT ? g.o * g.kh * g.kw : g.n * g.oh * g.ow;
  b->machine.acc = pick_accumulator(b, k);
  if (in(b, 0, 7) == 0) {
    push_to_ends(b, &o.a, false);
    push_to_ends(b, &o.b, in(b, 0, 3) == 0);
    b->machine.acc.acc_shift = 0;
    int fits = 15 + clog2(k) + (int)in(b, -2, 1);
    b->machine.acc.acc_bits = fits > 32 ? 32 : fits;
    if (in(b, 0, 1))
      b->machine.acc.chunk = 0;
    else if (b->machine.acc.chunk > 0)
      b->machine.acc.psum_bits = b->machine.acc.acc_bits;
  }
  b->machine.lanes = 1u << in(b, 0, 6);
  bt_command c = {.op = BT_OP_CONTRACT, .label = {.text = "contract"}};
  c.in[0] = &o.a;
  c.in[1] = &o.b;
  c.out[0] = &o.out;
  c.u.contract.direction = d;
  c.u.contract.geometry = g;
  c.u.contract.nearest = o.b.kind == BT_T_BFP16 || in(b, 0, 4) == 0;
  describe(b, &c, &b->machine.acc, spread);
  bench_effects want = {.counts = {0}};
  oracle_lfsr_start(&want.before, oracle_stream_next(&b->stream), b->machine.lanes);
  want.after = want.before;
  oracle_contract(&c, &b->machine.acc, &want.after, &want.counts, &seen);
  saturations += want.counts.saturations;
  seen.dropped += want.counts.dropped;
  stochastic += want.after.steps > 0;
  bench_check(b, &c, &want);
  bt_tensor_free(&o.a);
  bt_tensor_free(&o.b);
  bt_tensor_free(&o.out);
}

static void test_contract(void **state) {
  const bench_options *opt = *state;
  size_t cases = bench_all(opt, one_case);
  print_message("%" PRIu64 " products, %" PRIu64 " outside the image, %" PRIu64
                " of zero blocks, %" PRIu64 " dropped, %" PRIu64 " groups, %" PRIu64
                " outputs without a pair, %" PRIu64 " shifted, %" PRIu64 " in two passes; %" PRIu64
                " saturations, %" PRIu64 " cases with draws\n",
                seen.products, seen.outside, seen.zero_pairs, seen.dropped, seen.groups,
                seen.empty_outputs, seen.shifted, seen.two_pass, saturations, stochastic);
  print_message("%" PRIu64 " outputs with exponents of their own, %" PRIu64 " of several groups, %"
                PRIu64 " in two passes\n",
                seen.aligned, seen.aligned_groups, seen.aligned_two_pass);
  if (cases >= 1000) {
    assert_true(seen.aligned > 10000 && seen.aligned_groups > 10000);
    assert_true(seen.aligned_two_pass > 1000);
    assert_true(seen.outside > 10000 && seen.zero_pairs > 10000 && seen.dropped > 10000);
    assert_true(seen.empty_outputs > 1000 && seen.shifted > 1000 && seen.two_pass > 1000);
    assert_true(saturations > 10000 && stochastic > 50);
  }
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240611, 4000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_contract, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
