/* Quantization on the fast engine gives the reference's bits: every mode, number of lanes, random
 * bits, block, thread count and instruction set (AVX-512 through SIMDe); with and without known
 * extremes; in chunks out of order; and from floats.
 *
 *   test_fast_quantize [SEED [FIRST [COUNT]]]    default: 1 0 400 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/commands.h"
#include "fast/fast.h"
#include "fast/float32.h"
#include "fast/quantize.h"
#include "num/stream.h"
#include "random_case.h"
#include "ref/ref.h"

typedef struct {
  uint64_t seed, first, count;
} range;

static bt_fast new_fast(const char *isa, unsigned threads) {
  bt_fast f = {.threads = bt_threads_new(threads), .scratch = bt_scratch_new()};
  bt_jump_init(&f.jump);
  bt_kernels_fill(&f.kernels, isa);
  assert_non_null(f.threads);
  assert_non_null(f.scratch);
  return f;
}

static void free_fast(bt_fast *f) {
  bt_threads_free(f->threads);
  bt_scratch_free(f->scratch);
}

static bt_round_options rounding(chance *r) {
  bt_round_options o = {(bt_rounding)below(r, 4), 1 + (unsigned)below(r, 24), below(r, 3) == 0};
  o.mode = below(r, 2) == 0 ? BT_STOCHASTIC : o.mode;
  return o;
}

static bt_format format(chance *r, int most) {
  bt_format f = {.kind = BT_BFP, .block = (bt_block)below(r, 5), .asymmetric = below(r, 3) == 0};
  f.wl = below(r, 2) == 0 ? 8 : 2 + (int)below(r, (uint64_t)most - 1);
  f.tile_rows = 1 + (size_t)below(r, 5);
  f.tile_cols = 1 + (size_t)below(r, 200);
  return f;
}

/* Sizes around groups, pieces and the parts that threads take. */
static size_t shape(chance *r, size_t dim[3]) {
  static const size_t last[] = {1, 3, 10, 31, 32, 33, 64, 100, 256, 300};
  size_t ndim = 1 + (size_t)below(r, 3);
  dim[0] = ndim == 1 ? 1 + (size_t)below(r, 400) : 1 + (size_t)below(r, 12);
  dim[1] = 1 + (size_t)below(r, 20);
  dim[ndim - 1] = ndim == 1 ? dim[0] : last[below(r, 10)];
  if (below(r, 10) == 0) {
    size_t ends[] = {63, 64, 65, 4096, 16384 + 64, 32768 - 1, 32768 + 65, 70000};
    dim[0] = ends[below(r, 8)];
    ndim = 1;
  }
  return ndim;
}

typedef struct {
  bt_tensor in, ref, out;
  bt_command c;
  bt_lfsr rng, rng_ref, rng_out;
  bt_counts counts_ref, counts_out;
  int32_t *low, *high;
  bt_extremes known;
} wide_case;

static void fill(chance *r, bt_tensor *t) {
  int spread = below(r, 2) == 0 ? 3 : below(r, 4) == 0 ? 90 : 20, base = (int)below(r, 40) - 50;
  t->bits = below(r, 4) == 0 ? 31 : (int)below(r, 31);
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = (int16_t)(base + (int)below(r, (uint64_t)spread));
  }
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    int64_t m = (int64_t)below(r, UINT64_C(1) << below(r, (uint64_t)t->bits + 1));
    m = below(r, 16) == 0 ? INT64_C(1) << t->bits : m;
    m = below(r, 2) == 0 ? -m : m;
    ((int32_t *)t->data)[i] = (int32_t)(m > INT32_MAX ? INT32_MAX : m);
  }
}

static void find_extremes(wide_case *w) {
  const bt_tensor *t = &w->in;
  size_t last = bt_tensor_last(t), n = bt_tensor_elements(t), row = n / t->n0;
  w->known = (bt_extremes){t->n0, last, calloc(t->n0 * last, sizeof(int32_t)),
                           calloc(t->n0 * last, sizeof(int32_t))};
  for (size_t i = 0; i < n; i++) {
    size_t j = i / row * last + i % last;
    int32_t m = ((int32_t *)t->data)[i];
    bool seen = i % row >= last;
    w->known.low[j] = !seen || m < w->known.low[j] ? m : w->known.low[j];
    w->known.high[j] = !seen || m > w->known.high[j] ? m : w->known.high[j];
  }
}

static void make_wide(wide_case *w, const range *cases, uint64_t number) {
  chance r = {bt_splitmix64(cases->seed + BT_SPLITMIX_GAMMA) ^ (number * BT_SPLITMIX_GAMMA), 1};
  size_t dim[3], ndim = shape(&r, dim);
  memset(w, 0, sizeof *w);
  uint64_t cells = below(&r, 5);
  w->in = cells == 4 ? bt_tensor_wide_each("x", ndim, dim)
                     : bt_tensor_wide("x", ndim, dim, cells % 2 == 1 && ndim > 1, cells >= 2);
  bt_format f = format(&r, 16);
  w->ref = bt_tensor_bfp("ref", f, ndim, dim);
  w->out = bt_tensor_bfp("out", f, ndim, dim);
  assert_true(bt_tensor_alloc(&w->in) && bt_tensor_alloc(&w->ref) && bt_tensor_alloc(&w->out));
  fill(&r, &w->in);
  find_extremes(w);
  bt_lfsr_start(&w->rng, below(&r, 1000), 1u << below(&r, 7));
  w->rng_ref = w->rng_out = w->rng;
  w->c = (bt_command){.op = BT_OP_QUANTIZE, .in = {&w->in}, .out = {&w->ref}};
  w->c.u.quantize.round = rounding(&r);
  bt_machine machine = bt_machine_default();
  bt_engine *ref = bt_ref_engine(&machine);
  assert_int_equal(ref->run(ref, &w->c, &w->rng_ref, &w->counts_ref, NULL), BT_OK);
  ref->destroy(ref);
  w->c.out[0] = &w->out;
}

static void free_wide(wide_case *w) {
  bt_tensor_free(&w->in);
  bt_tensor_free(&w->ref);
  bt_tensor_free(&w->out);
  free(w->known.low);
  free(w->known.high);
}

static const char *difference(const wide_case *w) {
  size_t n = bt_tensor_elements(&w->out), size = bt_tensor_element_size(&w->out);
  size_t blocks = bt_tensor_exponents(&w->out);
  return memcmp(w->ref.exp, w->out.exp, blocks * sizeof *w->out.exp) != 0    ? "exponents"
         : memcmp(w->ref.data, w->out.data, n * size) != 0                   ? "mantissas"
         : memcmp(&w->counts_ref, &w->counts_out, sizeof w->counts_ref) != 0 ? "counts"
         : memcmp(&w->rng_ref, &w->rng_out, sizeof w->rng_ref) != 0          ? "generator"
                                                                             : NULL;
}

/* Chunks from copies of their own, the later half of the tensor first. */
static bool by_chunks(bt_fast *f, wide_case *w, size_t chunk) {
  bt_quantize_plan plan;
  size_t n = bt_tensor_elements(&w->out), middle = n / 2 / 64 * 64;
  if (!bt_fast_quantize_plan(f, &w->c, &w->known, &w->rng_out, &plan)) {
    return false;
  }
  int32_t *m = malloc(chunk * sizeof *m);
  for (int half = 1; half >= 0; half--) {
    size_t end = half == 1 ? n : middle, length;
    bt_lane_state lanes = {0};
    for (size_t i = half == 1 ? middle : 0; i < end; i += length) {
      length = chunk < end - i ? chunk : end - i;
      memcpy(m, (int32_t *)w->in.data + i, length * sizeof *m);
      bt_lanes_seek(&lanes, &plan.start, plan.jump, i);
      w->counts_out.quantize.clipped += bt_fast_quantize_chunk(&plan, &lanes, i, length, m);
    }
  }
  free(m);
  bt_fast_quantize_finish(&plan, &w->rng_out);
  return true;
}

/* way 0: a pass for the exponents; 1: known extremes; 2: chunks. */
static void compare(const range *cases, uint64_t number, const char *isa, unsigned threads,
                    int way, uint64_t *covered) {
  wide_case w;
  make_wide(&w, cases, number);
  bt_fast f = new_fast(isa, threads);
  bool done = way == 2 ? by_chunks(&f, &w, 64 * (1 + number % 40))
                       : bt_fast_quantize(&f, &w.c, way == 1 ? &w.known : NULL, &w.rng_out,
                                          &w.counts_out);
  const char *what = done ? difference(&w) : NULL;
  bool in_range = w.counts_ref.quantize.overflow == 0 && w.counts_ref.quantize.flushed == 0;
  if (!done && way < 2 && in_range) {
    what = "coverage";
  }
  if (what != NULL) {
    fail_msg("%s differ on %s, %u threads, way %d: test_fast_quantize %llu %llu 1", what, isa,
             threads, way, (unsigned long long)cases->seed, (unsigned long long)number);
  }
  *covered += done;
  free_fast(&f);
  free_wide(&w);
}

static void wide_equals_ref(void **state) {
  static const unsigned threads[] = {1, 2, 3, 7};
  const range *r = *state;
  print_message("seed %llu, cases %llu to %llu\n", (unsigned long long)r->seed,
                (unsigned long long)r->first, (unsigned long long)(r->first + r->count - 1));
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    if (!bt_fast_supports(*isa)) {
      print_message("this CPU has no %s\n", *isa);
      continue;
    }
    uint64_t covered[3] = {0};
    for (uint64_t i = r->first; i < r->first + r->count; i++) {
      for (int way = 0; way < 3; way++) {
        compare(r, i, *isa, threads[i % 4], way, &covered[way]);
      }
    }
    print_message("%s: %llu, %llu with extremes, %llu in chunks\n", *isa,
                  (unsigned long long)covered[0], (unsigned long long)covered[1],
                  (unsigned long long)covered[2]);
    assert_true(r->count < 100 || covered[2] > r->count / 4);
  }
}

/* Lanes reached by jumps are those reached by draws, also beyond the generator's period. */
static void jumps_equal_steps(void **state) {
  const range *cases = *state;
  chance r = {cases->seed, 1};
  bt_jump j;
  bt_jump_init(&j);
  for (int i = 0; i < 300; i++) {
    uint64_t steps = below(&r, UINT64_MAX) >> below(&r, 56);
    uint32_t state_before[3] = {1 + (uint32_t)below(&r, 1u << 31), 1, UINT32_MAX}, after[3];
    memcpy(after, state_before, sizeof after);
    bt_jump_lanes(&j, after, 3, steps);
    for (int l = 0; l < 3; l++) {
      assert_int_equal(after[l], bt_lfsr_jump(state_before[l], steps));
    }
    bt_lfsr a, b;
    bt_round_options round = {BT_STOCHASTIC, 1 + (unsigned)below(&r, 24), false};
    bt_lfsr_start(&a, below(&r, 1000), 1u << below(&r, 7));
    b = a;
    size_t n = (size_t)below(&r, UINT64_C(1) << (1 + below(&r, 40)));
    bt_lanes_finish(&a, &j, &round, n);
    bt_lfsr_advance(&b, (n + b.lanes - 1) / b.lanes, round.random_bits);
    assert_memory_equal(&a, &b, sizeof a);
    bt_lane_state start, far = {0};
    b = a;
    size_t first = n / 64 * 64;
    bt_lanes_start(&start, &j, &round, &a);
    bt_lanes_seek(&far, &start, &j, first);
    bt_lfsr_advance(&b, first / b.lanes, round.random_bits);
    for (unsigned v = 0; v < far.width; v++) { /* the draw of element first + v */
      uint32_t x = bt_lfsr_jump(b.lane[v % b.lanes], v / b.lanes * (uint64_t)round.random_bits);
      assert_int_equal(far.lane[v], x);
    }
  }
}

/* Values of every kind: any exponent, zeros of both signs, ties, denormals, the ends. */
static void fill_floats(chance *r, size_t n, float *x) {
  uint32_t base = (uint32_t)below(r, 255);
  uint32_t spread = 1 + (uint32_t)below(r, below(r, 2) == 0 ? 6 : 70);
  for (size_t i = 0; i < n; i++) {
    uint32_t field = base + (uint32_t)below(r, spread), fraction = (uint32_t)below(r, 1u << 23);
    fraction = below(r, 3) == 0 ? fraction & ~((1u << below(r, 24)) - 1) : fraction;
    fraction = below(r, 20) == 0 ? 0x7FFFFF : fraction;
    field = below(r, 30) == 0 ? 0 : field;
    uint32_t u = (field > 254 ? 254 : field) << 23 | fraction;
    u = below(r, 10) == 0 ? 0 : u;
    u |= (uint32_t)below(r, 2) << 31;
    memcpy(x + i, &u, sizeof u);
  }
  uint32_t bad = below(r, 2) == 0 ? 0x7F800000 : 0xFFC00001;
  if (below(r, 25) == 0) {
    memcpy(x + below(r, n), &bad, sizeof bad);
  }
}

static const char *float_difference(const range *cases, uint64_t number, const char *isa,
                                    unsigned threads, uint64_t *vectors) {
  chance r = {bt_splitmix64(cases->seed + 7) ^ (number * BT_SPLITMIX_GAMMA), 1};
  size_t dim[3], ndim = shape(&r, dim), n = bt_elements(ndim, dim);
  bt_format f = format(&r, 8);
  f.block = below(&r, 8) == 0 ? f.block : (bt_block)below(&r, 3);
  bt_round_options round = rounding(&r);
  size_t blocks = bt_block_count(&f, ndim, dim);
  float *x = malloc(n * sizeof *x);
  int16_t *wide = calloc(n, sizeof *wide);
  int8_t *out = calloc(n, 1), *exp_ref = calloc(blocks, 1), *exp_out = calloc(blocks, 1);
  bt_lfsr a, b;
  bt_quantize_counts ref = {0}, got = {0};
  bt_error why_ref = {""}, why = {""};
  fill_floats(&r, n, x);
  bt_lfsr_start(&a, below(&r, 1000), 1u << below(&r, 7));
  b = a;
  bt_status status = bt_quantize_f32(&f, &round, ndim, dim, x, &a, wide, exp_ref, &ref, &why_ref);
  bt_fast fast = new_fast(isa, threads);
  bool same = status == bt_fast_quantize_f32(&fast, &f, &round, ndim, dim, x, &b, out, exp_out,
                                             &got, &why) &&
              strcmp(why_ref.text, why.text) == 0;
  *vectors += ref.flushed == 0 && status == BT_OK;
  for (size_t i = 0; same && i < n; i++) {
    same = wide[i] == out[i];
  }
  const char *what = !same                                   ? "mantissas or status"
                     : memcmp(exp_ref, exp_out, blocks) != 0 ? "exponents"
                     : memcmp(&a, &b, sizeof a) != 0         ? "generator"
                     : memcmp(&ref, &got, sizeof ref) != 0   ? "counts"
                                                             : NULL;
  free_fast(&fast);
  free(x), free(wide), free(out), free(exp_ref), free(exp_out);
  return what;
}

static void floats_equal_ref(void **state) {
  const range *r = *state;
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    uint64_t vectors = 0;
    for (uint64_t i = r->first; bt_fast_supports(*isa) && i < r->first + r->count; i++) {
      const char *what = float_difference(r, i, *isa, 1 + (unsigned)(i % 3), &vectors);
      if (what != NULL) {
        fail_msg("%s of floats differ on %s: test_fast_quantize %llu %llu 1", what, *isa,
                 (unsigned long long)r->seed, (unsigned long long)i);
      }
    }
  }
}

int main(int argc, char **argv) {
  range r = {1, 0, 400};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(jumps_equal_steps, &r),
                                     cmocka_unit_test_prestate(wide_equals_ref, &r),
                                     cmocka_unit_test_prestate(floats_equal_ref, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
