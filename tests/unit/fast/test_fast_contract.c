/* Forward and data gradients that need more than one block of k, panel, chunk, segment or pass give
 * the reference's bits, and the extremes of what they wrote, on any number of threads and with
 * every instruction set (AVX-512 through SIMDe).
 *
 *   test_fast_contract [SEED [CASES]]    default: 1 2; cases a shape */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/contract.h"
#include "fast/fast.h"
#include "num/stream.h"
#include "ref/ref.h"
#include "support/drawn.h"

/* n, h, w, c; o, kh, kw; stride, pad; oh, ow. */
static const bt_geometry shape[] = {
    {13, 1, 1, 1500, 70, 1, 1, 1, 0, 1, 1},  /* blocks of k in both directions' rows */
    {130, 1, 1, 33, 700, 1, 1, 1, 0, 1, 1},  /* many columns; long data gradients */
    {5, 1, 1, 40, 300, 1, 1, 1, 0, 1, 1},    /* fewer tiles of rows than threads */
    {3, 7, 6, 130, 80, 3, 3, 1, 1, 7, 6},    /* windows over several blocks */
    {9, 10, 10, 6, 16, 5, 5, 1, 0, 6, 6},    /* fewer columns than lanes */
    {4, 9, 9, 20, 96, 3, 3, 2, 1, 5, 5},     /* a stride */
    {3, 8, 5, 64, 48, 1, 1, 1, 0, 8, 5},     /* 1x1 over places */
    {3, 8, 5, 64, 40, 1, 1, 2, 0, 4, 3},     /* 1x1 with a stride */
    {2, 40, 40, 3, 5, 3, 3, 1, 1, 40, 40},   /* an image of many rows */
    {2, 1, 1, 16, 2500, 1, 1, 1, 0, 1, 1},   /* sums that need 64 bits */
    {6, 14, 11, 12, 20, 5, 4, 3, 2, 5, 4},   /* a stride of 3 */
    {3, 12, 23, 7, 9, 2, 2, 3, 0, 4, 8},     /* one larger than the window */
    {5, 9, 20, 10, 12, 3, 3, 2, 1, 5, 10},   /* rows of several tiles */
    {84, 20, 20, 2, 252, 1, 1, 1, 0, 20, 20},   /* outputs that go past the caches, and cells */
    {42000, 1, 1, 201, 2, 1, 1, 1, 0, 1, 1}};   /* the same of a data gradient */
#define SHAPES (sizeof shape / sizeof *shape)

typedef struct {
  uint64_t seed, cases;
} range;

typedef struct {
  uint64_t state;
  bt_tensor a, b, out, expected;
  bt_command c;
  bt_counts counts;
} sample;

static uint64_t below(sample *k, uint64_t n) {
  k->state += BT_SPLITMIX_GAMMA;
  return (bt_splitmix64(k->state) >> 8) % n;
}

/* Exponents within `spread` of each other, some blocks zero; mantissas all at one end, at both, or
 * anywhere. */
static void fill(sample *k, bt_tensor *t, int spread) {
  int64_t top = (INT64_C(1) << (t->fmt.wl - 1)) - 1;
  uint64_t kind = below(k, 3);
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    bool zero = below(k, 9) == 0 && bt_tensor_exponents(t) > 1;
    t->exp[i] = (int16_t)(zero ? -128 : (int)below(k, (uint64_t)spread) - 4);
  }
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    int64_t any = (int64_t)below(k, (uint64_t)(2 * top + 1)) - top;
    int64_t m = kind == 0 ? top : kind == 1 ? (below(k, 2) == 0 ? -top : top) : any;
    bool zero = t->exp[bt_tensor_exponent_of(t, i)] == -128;
    bt_tensor_store(t, i, zero ? 0 : (int32_t)m);
  }
}

static void make(sample *k, bt_geometry g, bt_direction d, bool wide_weights) {
  static const int spread[] = {1, 2, 5, 12, 17, 25};
  size_t x[4] = {g.n, g.h, g.w, g.c}, w[4] = {g.o, g.kh, g.kw, g.c}, y[4] = {g.n, g.oh, g.ow, g.o};
  bool samples = below(k, 3) == 0, by_channel = d == BT_DATA_GRADIENT || below(k, 2) == 0;
  bt_format f = {.kind = BT_BFP, .wl = 8, .block = samples ? BT_BLOCK_SAMPLE : BT_BLOCK_TENSOR};
  bt_format v = {.kind = BT_BFP, .wl = wide_weights ? 15 : 8};
  v.block = by_channel ? BT_BLOCK_DIM0 : BT_BLOCK_TENSOR;
  f.asymmetric = below(k, 4) == 0;
  k->a = bt_tensor_bfp("a", f, 4, d == BT_FORWARD ? x : y);
  k->b = bt_tensor_bfp("b", v, 4, w);
  k->out = k->expected = bt_tensor_wide("out", 4, d == BT_FORWARD ? y : x, samples,
                                        d == BT_FORWARD && by_channel);
  assert_true(bt_tensor_alloc(&k->a) && bt_tensor_alloc(&k->b) && bt_tensor_alloc(&k->out) &&
              bt_tensor_alloc(&k->expected));
  fill(k, &k->a, 3);
  fill(k, &k->b, spread[below(k, 6)]);
  k->c = (bt_command){.op = BT_OP_CONTRACT, .label.text = "sample", .in = {&k->a, &k->b}};
  k->c.out[0] = &k->expected;
  k->c.u.contract.direction = d;
  k->c.u.contract.geometry = g;
  k->c.u.contract.nearest = wide_weights;
}

static void free_sample(sample *k) {
  bt_tensor_free(&k->a);
  bt_tensor_free(&k->b);
  bt_tensor_free(&k->out);
  bt_tensor_free(&k->expected);
}

static void run_reference(sample *k) {
  bt_machine machine = bt_machine_default();
  bt_engine *ref = bt_ref_engine(&machine);
  bt_lfsr rng;
  bt_error error = {""};
  bt_lfsr_start(&rng, 1, 1);
  if (bt_command_check(&k->c, &error) != BT_OK) {
    fail_msg("the sample itself is wrong: %s", error.text);
  }
  assert_int_equal(ref->run(ref, &k->c, &rng, &k->counts, &error), BT_OK);
  ref->destroy(ref);
  k->c.out[0] = &k->out;
}

static bool good_extremes(const bt_tensor *out, const bt_extremes *e) {
  const int32_t *m = out->data;
  size_t n = bt_tensor_elements(out), size = n / e->rows;
  for (size_t i = 0; i < e->rows * e->columns; i++) {
    int32_t low = INT32_MAX, high = INT32_MIN;
    size_t first = i / e->columns * size + i % e->columns, end = (i / e->columns + 1) * size;
    for (size_t j = first; j < end; j += e->columns) {
      low = m[j] < low ? m[j] : low;
      high = m[j] > high ? m[j] : high;
    }
    if (e->low[i] != low || e->high[i] != high) {
      return false;
    }
  }
  return true;
}

/* What differs, or NULL. */
static const char *run_fast(sample *k, const char *isa, unsigned threads, bool extremes) {
  bt_fast f = {.acc = bt_accumulator_default(), .threads = bt_threads_new(threads),
               .scratch = bt_scratch_new()};
  bt_extremes e = {.rows = k->out.n0 == 0 ? 1 : k->out.n0, .columns = bt_tensor_last(&k->out)};
  size_t cells = e.rows * e.columns, n = bt_tensor_elements(&k->out);
  bt_counts counts = {0};
  bt_error error = {""};
  const char *what = NULL;
  e.low = malloc(cells * sizeof *e.low);
  e.high = malloc(cells * sizeof *e.high);
  assert_true(f.threads != NULL && f.scratch != NULL && e.low != NULL && e.high != NULL);
  bt_kernels_fill(&f.kernels, isa);
  memset(k->out.data, 0x55, n * sizeof(int32_t));
  assert_true(bt_fast_contract_covers(&k->c, &f.acc));
  assert_int_equal(bt_fast_contract(&f, &k->c, extremes ? &e : NULL, &counts, &error), BT_OK);
  if (memcmp(k->out.data, k->expected.data, n * sizeof(int32_t)) != 0) {
    what = "mantissas";
  } else if (memcmp(k->out.exp, k->expected.exp, bt_tensor_exponents(&k->out) * 2) != 0 ||
             k->out.bits != k->expected.bits) {
    what = "exponents or bits";
  } else if (memcmp(&counts, &k->counts, sizeof counts) != 0) {
    what = "counts";
  } else if (extremes && !good_extremes(&k->out, &e)) {
    what = "extremes";
  }
  free(e.low);
  free(e.high);
  bt_threads_free(f.threads);
  bt_scratch_free(f.scratch);
  return what;
}

static void compare(const range *r, bt_direction d, bool wide_weights) {
  static const unsigned threads[] = {1, 2, 3, 7};
  for (uint64_t i = 0; i < SHAPES * r->cases; i++) {
    sample k = {.state = bt_splitmix64(r->seed) ^ (i * 8 + (uint64_t)d * 2 + wide_weights)};
    make(&k, shape[i % SHAPES], d, wide_weights);
    run_reference(&k);
    for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
      for (size_t t = 0; bt_fast_supports(*isa) && t < 4; t++) {
        const char *what = run_fast(&k, *isa, threads[t], (i + t) % 4 != 0);
        if (what != NULL) {
          fail_msg("%s of a %s of shape %zu differ on %s with %u threads; run it: "
                   "test_fast_contract %llu %llu", what, bt_direction_name(d), (size_t)(i % SHAPES),
                   *isa, threads[t], (unsigned long long)r->seed, (unsigned long long)r->cases);
        }
      }
    }
    free_sample(&k);
  }
}

static void forward_equals_ref(void **state) { compare(*state, BT_FORWARD, false); }
static void wide_weights_equal_ref(void **state) { compare(*state, BT_FORWARD, true); }
static void data_gradient_equals_ref(void **state) { compare(*state, BT_DATA_GRADIENT, false); }

int main(int argc, char **argv) {
  range r = {1, BT_DRAWN(2)};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.cases = argc > 2 ? strtoull(argv[2], NULL, 10) : r.cases;
  print_message("seed %llu, %llu cases of each of %zu shapes\n", (unsigned long long)r.seed,
                (unsigned long long)r.cases, SHAPES);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(forward_equals_ref, &r),
      cmocka_unit_test_prestate(wide_weights_equal_ref, &r),
      cmocka_unit_test_prestate(data_gradient_equals_ref, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
