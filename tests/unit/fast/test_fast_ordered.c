/* Contractions whose additions keep their order (numerics 8.1) give the reference's bits on every
 * instruction set and any number of threads: mantissas, exponents, width, counts, generator.
 *
 *   test_fast_ordered [SEED [FIRST [COUNT]]]    default: 1 0 400; ordered_long: 2026 0 6000 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/contract.h"
#include "fast/fast.h"
#include "fast/ordered.h"
#include "random_case.h"
#include "ref/ref.h"

typedef struct {
  uint64_t seed, first, count;
} range;
static const unsigned team[] = {1, 2, 3, 7};

/* What a run must have met. */
typedef enum {
  SATURATED, WRAPPED, NOTHING_LEFT, NARROW, MIDDLE, WIDE, FULL, FLOORED, NEAREST, DRAWN, HALF,
  FEW_BITS, CHUNKED, CHUNK_OF_ONE, CHUNK_ACROSS, ONE_LANE, MANY_LANES, TWO_PASSES, GROUPS, DROPPED,
  ZERO_BLOCK, LONG_K, PADDED, STRIDED, SWAPPED, LAST_SWAPPED = SWAPPED + 10, FEW_CHANNELS,
  CORNERS
} corner;
static const char *const corner_name[CORNERS] = {
    "saturation", "wrap", "no saturation", "8 to 16 bits", "17 to 24 bits", "25 to 31 bits",
    "32 bits", "floor", "nearest_even", "stochastic", "sr_half", "fewer random bits than shift",
    "chunks", "chunks of one", "chunks over 256 terms", "one lane", "64 lanes", "two passes",
    "exponents along k", "dropped products", "a zero block", "K over 600", "padding", "stride",
    "swapped forward", "swapped data gradient", "swapped saturation", "swapped wrap",
    "swapped chunks", "swapped two passes", "swapped blocks of A", "swapped blocks of B",
    "swapped zero block", "swapped stride", "swapped sums of groups",
    "weight gradient of few channels"};

static bt_accumulator accumulator(chance *r) {
  bt_accumulator a = bt_accumulator_default();
  a.acc_bits = 8 + (int)below(r, below(r, 2) == 0 ? 9 : 25);
  a.acc_bits = below(r, 6) == 0 ? 16 : below(r, 12) == 0 ? 32 : a.acc_bits;
  a.wrap = below(r, 3) == 0;
  a.acc_shift = below(r, 3) == 0 ? 0 : (int)below(r, 15);
  a.acc_round.mode = (bt_rounding)(below(r, 3) == 0 ? BT_FLOOR : below(r, 2));
  a.acc_round.random_bits = 1 + (unsigned)below(r, 24);
  a.acc_round.sr_half = below(r, 3) == 0;
  a.chunk = below(r, 2) == 0 ? 0 : 1 + (size_t)below(r, below(r, 4) == 0 ? 700 : 40);
  a.psum_bits = 8 + (int)below(r, below(r, 2) == 0 ? 9 : 25);
  return a;
}

static size_t some(chance *r, size_t most) {
  return 1 + (size_t)(below(r, 4) == 0 ? below(r, 2) : below(r, most));
}

static bt_geometry geometry(chance *r) {
  bool few = below(r, 4) == 0; /* columns */
  bt_geometry g = {.n = some(r, 5), .c = some(r, few ? 8 : 40), .stride = 1};
  g.o = some(r, few ? 20 : 80);
  g.h = g.w = g.kh = g.kw = g.oh = g.ow = 1;
  if (below(r, 3) == 0) {
    g.n = some(r, 60);
    g.c = below(r, 3) == 0 ? 600 + (size_t)below(r, 600) : some(r, 150);
    g.o = below(r, 8) == 0 ? 600 + (size_t)below(r, 300) : g.o;
    return g;
  }
  g.kh = some(r, 3), g.kw = some(r, 3), g.stride = some(r, 3), g.pad = (size_t)below(r, 3);
  g.h = g.kh + (size_t)below(r, 9), g.w = g.kw + (size_t)below(r, 9);
  g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
  g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
  return g;
}

static bt_format format(chance *r, int least, int most) {
  static const bt_block block[] = {BT_BLOCK_TENSOR, BT_BLOCK_DIM0, BT_BLOCK_SAMPLE};
  bt_format f = {.kind = BT_BFP, .block = block[below(r, 3)], .asymmetric = below(r, 4) == 0};
  f.wl = least + (int)below(r, (uint64_t)(most - least + 1));
  f.wl = most == 8 && below(r, 3) != 0 ? 8 : f.wl;
  return f;
}

/* All at an end of the range, of one sign or of both, or bell-shaped, or anything. */
static void fill(chance *r, bt_tensor *t) {
  int32_t high = (1 << (t->fmt.wl - 1)) - 1, low = -high - (t->fmt.asymmetric ? 1 : 0);
  uint64_t kind = below(r, 5), width = below(r, 4) == 0 ? 25 : 4;
  for (size_t b = 0; b < bt_tensor_exponents(t); b++) {
    t->exp[b] = (int16_t)(below(r, 10) == 0 ? -128 : (int)below(r, width) - 8);
  }
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    int64_t m = 0;
    for (int j = 0; j < 4; j++) {
      m += (int64_t)below(r, (uint64_t)(high - low + 1)) + low;
    }
    m = kind == 0   ? high
        : kind == 1 ? (below(r, 2) == 0 ? low : high)
        : kind == 2 ? (int64_t)below(r, (uint64_t)(high - low + 1)) + low
                    : m / (kind == 3 ? 4 : 12);
    bool zero = t->exp[bt_tensor_exponent_of(t, i)] == -128;
    bt_tensor_store(t, i, zero ? 0 : (int32_t)m);
  }
}

static void make(random_case *k, uint64_t seed, uint64_t number) {
  chance r = {.state = (seed + 1) * 0x9E3779B97F4A7C15u + number * 0xD1342543DE82EF95u};
  memset(k, 0, sizeof *k);
  k->machine = bt_machine_default();
  k->machine.acc = accumulator(&r);
  k->machine.lanes = 1u << below(&r, 7);
  bt_lfsr_start(&k->rng, below(&r, 1000), k->machine.lanes);
  bt_geometry g = geometry(&r);
  bt_direction d = (bt_direction)below(&r, 3);
  size_t x[4] = {g.n, g.h, g.w, g.c}, w[4] = {g.o, g.kh, g.kw, g.c}, y[4] = {g.n, g.oh, g.ow, g.o};
  bool wide = d == BT_FORWARD && below(&r, 6) == 0;
  k->in[0] = bt_tensor_bfp("a", format(&r, 2, 8), 4, d == BT_FORWARD ? x : y);
  k->in[1] = bt_tensor_bfp("b", format(&r, wide ? 9 : 2, wide ? 15 : 8), 4,
                           d == BT_WEIGHT_GRADIENT ? x : w);
  bool rows = d != BT_WEIGHT_GRADIENT && k->in[0].fmt.block != BT_BLOCK_TENSOR;
  bool columns = d == BT_FORWARD && k->in[1].fmt.block != BT_BLOCK_TENSOR;
  k->out[0] = bt_tensor_wide("out", 4, d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : w, rows,
                             columns);
  k->outs = 1;
  for (size_t i = 0; i < 2; i++) {
    assert_true(bt_tensor_alloc(&k->in[i]));
    fill(&r, &k->in[i]);
    k->c.in[i] = &k->in[i];
  }
  k->c.op = BT_OP_CONTRACT;
  k->c.label.text = "case";
  k->c.u.contract.geometry = g;
  k->c.u.contract.direction = d;
  k->c.u.contract.nearest = wide || below(&r, 6) == 0;
}

typedef struct {
  bt_tensor out;
  bt_lfsr rng;
  bt_counts counts;
} outcome;

static void run(const random_case *k, bt_engine *engine, outcome *o) {
  bt_error error = {""};
  bt_command c = k->c;
  assert_non_null(engine);
  *o = (outcome){.out = k->out[0], .rng = k->rng};
  assert_true(bt_tensor_alloc(&o->out));
  c.out[0] = &o->out;
  if (bt_command_check(&c, &error) != BT_OK ||
      engine->run(engine, &c, &o->rng, &o->counts, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  engine->destroy(engine);
}

static const char *difference(const outcome *a, const outcome *b) {
  const bt_tensor *x = &a->out, *y = &b->out;
  return memcmp(x->data, y->data, bt_tensor_elements(x) * sizeof(int32_t)) != 0 ? "mantissas"
         : memcmp(x->exp, y->exp, bt_tensor_exponents(x) * sizeof *x->exp) != 0 ? "exponents"
         : x->bits != y->bits                                                   ? "bits"
         : memcmp(&a->counts, &b->counts, sizeof a->counts) != 0                ? "counts"
         : memcmp(&a->rng, &b->rng, sizeof a->rng) != 0                         ? "generator"
                                                                                : NULL;
}

/* Runs it on the reference and on every fast engine there is; *ref is the reference's. */
static void compare(const random_case *k, outcome *ref, const char *rerun) {
  run(k, bt_ref_engine(&k->machine), ref);
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    for (size_t i = 0; bt_fast_supports(*isa) && i < sizeof team / sizeof *team; i++) {
      outcome o;
      run(k, bt_fast_engine_on(&k->machine, *isa, team[i]), &o);
      const char *what = difference(ref, &o);
      bt_tensor_free(&o.out);
      if (what != NULL) {
        fail_msg("%s of a %s differ on %s with %u threads; %s", what,
                 bt_direction_name(k->c.u.contract.direction), *isa, team[i], rerun);
      }
    }
  }
}

static bool zero_block(const bt_tensor *t) {
  bool some_zero = false;
  for (size_t b = 0; b < bt_tensor_exponents(t); b++) {
    some_zero = some_zero || bt_tensor_zero_block(t, b);
  }
  return some_zero;
}

/* Whether lanes are output rows, on every fast engine there is. */
static bool swaps(const random_case *k, bool wide) {
  bool all = bt_command_draws(&k->c, &k->machine.acc) == 0;
  bt_kernels kernels;
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    bt_kernels_fill(&kernels, bt_fast_supports(*isa) ? *isa : bt_fast_isas()[0]);
    all = all && bt_ordered_swaps(&k->c, &kernels.ordered, wide);
  }
  return all;
}

static void count_corners(const random_case *k, const outcome *ref, uint64_t *met) {
  const bt_accumulator *a = &k->machine.acc;
  const bt_geometry *g = &k->c.u.contract.geometry;
  const bt_direction d = k->c.u.contract.direction;
  bt_extent x = bt_geometry_extent(g, d);
  bool rounds = a->acc_shift > 0, draws = bt_command_draws(&k->c, a) > 0;
  int bits = a->chunk > 0 ? a->psum_bits : a->acc_bits; /* what products enter */
  bool now[CORNERS] = {
      [SATURATED] = ref->counts.saturations > 0 && !a->wrap,
      [WRAPPED] = ref->counts.saturations > 0 && a->wrap,
      [NOTHING_LEFT] = ref->counts.saturations == 0,
      [NARROW] = bits <= 16, [MIDDLE] = bits > 16 && bits <= 24, [WIDE] = bits > 24 && bits < 32,
      [FULL] = bits == 32,
      [FLOORED] = rounds && a->acc_round.mode == BT_FLOOR,
      [NEAREST] = rounds && a->acc_round.mode != BT_FLOOR && !draws,
      [DRAWN] = draws, [HALF] = draws && a->acc_round.sr_half,
      [FEW_BITS] = draws && (int)a->acc_round.random_bits < a->acc_shift,
      [CHUNKED] = a->chunk > 1 && a->chunk < x.k, [CHUNK_OF_ONE] = a->chunk == 1,
      [CHUNK_ACROSS] = a->chunk > 256 && x.k > 256,
      [ONE_LANE] = draws && k->machine.lanes == 1, [MANY_LANES] = draws && k->machine.lanes == 64,
      [TWO_PASSES] = k->in[1].fmt.wl > 8,
      [GROUPS] = ref->out.bits > 0 && d != BT_FORWARD && bt_tensor_exponents(&k->in[1]) > 3,
      [DROPPED] = ref->counts.dropped > 0,
      [ZERO_BLOCK] = zero_block(&k->in[0]) || zero_block(&k->in[1]),
      [LONG_K] = x.k > 600, [PADDED] = g->pad > 0, [STRIDED] = g->stride > 1,
      [FEW_CHANNELS] = d == BT_WEIGHT_GRADIENT && g->c < 8 && g->kw > 1};
  bool forward = d == BT_FORWARD, turned = swaps(k, bits > 16);
  const bool swapped[] = {forward, !forward, now[SATURATED], now[WRAPPED], now[CHUNKED],
                          now[TWO_PASSES], k->in[0].fmt.block == BT_BLOCK_DIM0,
                          k->in[1].fmt.block == BT_BLOCK_DIM0, now[ZERO_BLOCK], now[STRIDED],
                          now[GROUPS]};
  for (int i = SWAPPED; i <= LAST_SWAPPED; i++) {
    now[i] = turned && swapped[i - SWAPPED];
  }
  for (int i = 0; i < CORNERS; i++) {
    met[i] += now[i];
  }
}

static void random_cases_equal_ref(void **state) {
  const range *r = *state;
  uint64_t met[CORNERS] = {0}, ordered = 0;
  print_message("seed %llu, cases %llu to %llu\n", (unsigned long long)r->seed,
                (unsigned long long)r->first, (unsigned long long)(r->first + r->count - 1));
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    random_case k;
    outcome ref;
    char rerun[80];
    snprintf(rerun, sizeof rerun, "run it alone: test_fast_ordered %llu %llu 1",
             (unsigned long long)r->seed, (unsigned long long)i);
    make(&k, r->seed, i);
    compare(&k, &ref, rerun);
    if (!bt_fast_contract_covers(&k.c, &k.machine.acc)) {
      count_corners(&k, &ref, met);
      ordered++;
    }
    bt_tensor_free(&ref.out);
    random_case_free(&k);
  }
  print_message("%llu whose order is not free\n", (unsigned long long)ordered);
  for (int i = 0; i < CORNERS && r->count >= 400; i++) {
    if (met[i] == 0) {
      fail_msg("no case of %s", corner_name[i]);
    }
  }
}

/* A dot product whose terms are given one by one. */
typedef struct {
  int8_t a[4096], b[4096];
  size_t k;
  bool swapped, thin; /* of few columns; B of 2 bits, products up to 127 */
} chain;

/* Appends products of the sign of `total` that sum to it, each at most `most` in magnitude. */
static void append(chain *c, int64_t total, int64_t most) {
  int8_t sign = total < 0 ? -1 : 1;
  for (int64_t left = total < 0 ? -total : total; left > 0; c->k++) {
    int64_t piece = left < most ? left : most;
    int64_t a = c->thin ? piece : piece < 127 ? 1 : 127, b = piece / a;
    assert_true(c->k < sizeof c->a);
    c->a[c->k] = (int8_t)a;
    c->b[c->k] = (int8_t)(sign * b);
    left -= a * b;
  }
}

/* The chain in every output of 5 x 70 or 70 x 5: `expected` saturations each, `value` last. */
static void check_chain(const chain *c, bt_accumulator acc, uint64_t expected, int32_t value) {
  const size_t rows = c->swapped ? 70 : 5, columns = 75 - rows;
  size_t x[4] = {rows, 1, 1, c->k}, w[4] = {columns, 1, 1, c->k}, y[4] = {rows, 1, 1, columns};
  bt_format f = {.kind = BT_BFP, .wl = 8}, thin = {.kind = BT_BFP, .wl = 2};
  random_case k = {.machine = bt_machine_default(), .outs = 1};
  outcome ref;
  char text[80];
  snprintf(text, sizeof text, "chain of %zu, %d bits, %s", c->k, acc.acc_bits,
           acc.wrap ? "wrap" : "saturate");
  k.machine.acc = acc;
  k.in[0] = bt_tensor_bfp("a", f, 4, x);
  k.in[1] = bt_tensor_bfp("b", c->thin ? thin : f, 4, w);
  k.out[0] = bt_tensor_wide("out", 4, y, false, false);
  assert_true(bt_tensor_alloc(&k.in[0]) && bt_tensor_alloc(&k.in[1]));
  for (size_t r = 0; r < rows + columns; r++) {
    int8_t *a = k.in[0].data, *b = k.in[1].data;
    memcpy(r < rows ? a + r * c->k : b + (r - rows) * c->k, r < rows ? c->a : c->b, c->k);
  }
  k.in[0].exp[0] = k.in[1].exp[0] = 0;
  k.c = (bt_command){.op = BT_OP_CONTRACT, .label.text = text, .in = {&k.in[0], &k.in[1]}};
  k.c.u.contract.geometry = (bt_geometry){.n = rows, .h = 1, .w = 1, .c = c->k, .o = columns,
                                          .kh = 1, .kw = 1, .stride = 1, .oh = 1, .ow = 1};
  compare(&k, &ref, text);
  assert_int_equal(ref.counts.saturations, expected * rows * columns);
  assert_int_equal(((const int32_t *)ref.out.data)[rows * columns - 1], value);
  bt_tensor_free(&ref.out);
  random_case_free(&k);
}

/* Sums that just reach an end of the range, and that pass it by one. */
static void ends_of_the_range(void **state) {
  (void)state;
  for (int bits = 8; bits <= 24; bits++) {
    for (int wrap = 0; wrap < 2; wrap++) {
      int32_t high = (1 << (bits - 1)) - 1;
      bt_accumulator acc = bt_accumulator_default();
      acc.acc_bits = bits;
      acc.wrap = wrap != 0;
      chain up = {.k = 0}, down = {.k = 0};
      append(&up, high, 16129);
      check_chain(&up, acc, 0, high);
      append(&up, 1, 1);
      check_chain(&up, acc, 1, wrap != 0 ? -high - 1 : high);
      append(&down, -high - 1, 16129);
      check_chain(&down, acc, 0, -high - 1);
      append(&down, -1, 1);
      check_chain(&down, acc, 1, wrap != 0 ? high : -high - 1);
    }
  }
}

/* Both ends of the range passed by as much within a few terms: what was cut off cancels. */
static void both_ends_at_once(void **state) {
  (void)state;
  for (int n = 0; n < 26; n++) {
    int bits = 8 + n / 2;
    int32_t high = (1 << (bits - 1)) - 1;
    bt_accumulator acc = bt_accumulator_default();
    acc.acc_bits = bits;
    chain c = {.swapped = n % 2 != 0, .thin = n % 2 != 0 && bits < 12};
    int64_t most = c.thin ? 127 : 16129;
    for (int i = 0; i < 3; i++) {
      append(&c, high + (i > 0 ? high + 1 : 0), most);
      append(&c, 10, 10);
      append(&c, -2 * high - 1, most);
      append(&c, -10, 10);
    }
    check_chain(&c, acc, 6, -high - 1);
  }
}

/* Of two channels one is dropped: the group that is left alone is shifted all the same. */
static void one_group_left(void **state) {
  (void)state;
  size_t e[4] = {3, 1, 1, 2}, w[4] = {2, 1, 1, 70}, x[4] = {3, 1, 1, 70};
  random_case k = {.machine = bt_machine_default(), .outs = 1};
  outcome ref;
  k.machine.acc.acc_bits = 12;
  k.machine.acc.acc_shift = 3;
  k.in[0] = bt_tensor_bfp("e", (bt_format){.kind = BT_BFP, .wl = 8}, 4, e);
  k.in[1] = bt_tensor_bfp("w", (bt_format){.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0}, 4, w);
  k.out[0] = bt_tensor_wide("out", 4, x, false, false);
  assert_true(bt_tensor_alloc(&k.in[0]) && bt_tensor_alloc(&k.in[1]));
  memset(k.in[0].data, 100, 3 * 2);
  memset(k.in[1].data, 100, 2 * 70);
  k.in[0].exp[0] = 0;
  k.in[1].exp[0] = -20;
  k.in[1].exp[1] = 10;
  k.c = (bt_command){.op = BT_OP_CONTRACT, .label.text = "case", .in = {&k.in[0], &k.in[1]}};
  k.c.u.contract.direction = BT_DATA_GRADIENT;
  k.c.u.contract.geometry = (bt_geometry){.n = 3, .h = 1, .w = 1, .c = 70, .o = 2, .kh = 1,
                                          .kw = 1, .stride = 1, .oh = 1, .ow = 1};
  compare(&k, &ref, "one_group_left");
  assert_int_equal(ref.counts.dropped, 3 * 70);
  assert_int_equal(((const int32_t *)ref.out.data)[0], (100 * 100 >> 3) * (1 << 16));
  bt_tensor_free(&ref.out);
  random_case_free(&k);
}

int main(int argc, char **argv) {
  range r = {1, 0, 400};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(random_cases_equal_ref, &r),
                                     cmocka_unit_test(ends_of_the_range),
                                     cmocka_unit_test(both_ends_at_once),
                                     cmocka_unit_test(one_group_left)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
