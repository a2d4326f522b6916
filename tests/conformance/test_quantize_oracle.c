/* bt_quantize_f64 and bt_quantize_f32 against the slow oracle on at least 10^7 values:
 * mantissas, exponents, block numbers, counts, and the generator's lanes and position.
 *
 *   test_quantize_oracle [--values N] [--seed S] [--case C]
 *
 * A case is one word length, block, clip and rounding; C of a failure runs it alone. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "patterns.h"
#include "support/drawn.h"

#define MAX_ELEMENTS 800u

typedef struct {
  uint64_t values, seed;
  long only; /* one case, or -1 for all */
} options;

/* One tensor of one case, and all that a failure has to say about it. */
typedef struct {
  const options *opt;
  size_t number; /* of the case */
  bt_format format;
  bt_round_options round;
  pattern kind;
  bool f32;
  size_t ndim, dim[4];
  double *x;
} trial;

static const unsigned random_bits[] = {1, 2, 8, 16, 23, 24};

enum { WORDS = 15, BLOCKS = 6, CLIPS = 2, ROUNDINGS = 15 };
enum { CASES = WORDS * BLOCKS * CLIPS * ROUNDINGS };

/* Case 0..CASES-1 is a place in wl x block (fixed last) x clip x rounding. */
static void choose(trial *t, size_t number) {
  static const bt_rounding plain[] = {BT_NEAREST_EVEN, BT_NEAREST_AWAY, BT_FLOOR};
  size_t rounding = number % ROUNDINGS, block = number / ROUNDINGS / CLIPS % BLOCKS;
  memset(&t->format, 0, sizeof t->format);
  t->number = number;
  t->format.wl = 2 + (int)(number / ROUNDINGS / CLIPS / BLOCKS);
  t->format.asymmetric = number / ROUNDINGS % CLIPS == 1;
  t->format.kind = block == 5 ? BT_FIXED : BT_BFP;
  t->format.block = block == 5 ? BT_BLOCK_TENSOR : (bt_block)block;
  t->round = (bt_round_options){BT_STOCHASTIC, 16, false};
  if (rounding < 3) {
    t->round.mode = plain[rounding];
  } else {
    t->round.random_bits = random_bits[(rounding - 3) % 6];
    t->round.sr_half = rounding >= 9;
  }
}

/* A shape of 1 to 4 dimensions, tiles to go with it, fractional bits. */
static void shape(trial *t, oracle_stream *s) {
  static const size_t length[] = {1, 2, 3, 5, 7, 8, 13, 31, 32, 33, 64, 65, 100, 257};
  static const size_t tile[] = {1, 2, 3, 5, 8, 32, 400};
  static const int fl[] = {0, 1, 6, 15, 31, 59, 60};
  t->ndim = (size_t)oracle_stream_in(s, 1, 4);
  size_t room = MAX_ELEMENTS;
  for (size_t d = 0; d < t->ndim; d++) {
    t->dim[d] = length[oracle_stream_in(s, 0, 13)];
    if (t->dim[d] > room)
      t->dim[d] = room;
    if (oracle_stream_in(s, 0, 49) == 0)
      t->dim[d] = 0;
    room /= t->dim[d] > 0 ? t->dim[d] : 1;
  }
  t->format.tile_rows = tile[oracle_stream_in(s, 0, 6)];
  t->format.tile_cols = tile[oracle_stream_in(s, 0, 6)];
  t->format.fl = t->format.kind == BT_FIXED ? fl[oracle_stream_in(s, 0, 6)] : 0;
}

static void describe(const trial *t, char *text, size_t size) {
  static const char *const block[] = {"tensor", "dim0", "sample", "tile", "k32"};
  static const char *const mode[] = {"stochastic", "nearest_even", "nearest_away", "floor"};
  char dims[64] = "";
  for (size_t d = 0; d < t->ndim; d++)
    snprintf(dims + strlen(dims), sizeof dims - strlen(dims), d ? "x%zu" : "%zu", t->dim[d]);
  snprintf(text, size,
           "%s%d.%d %s:%zux%zu %s, %s R %u%s, %s, pattern %s, dims %s; alone: "
           "test_quantize_oracle --values %" PRIu64 " --seed %" PRIu64 " --case %zu",
           t->format.kind == BT_BFP ? "bfp" : "fixed", t->format.wl, t->format.fl,
           block[t->format.block], t->format.tile_rows, t->format.tile_cols,
           t->format.asymmetric ? "asymmetric" : "symmetric", mode[t->round.mode],
           t->round.random_bits, t->round.sr_half ? " sr_half" : "", t->f32 ? "f32" : "f64",
           pattern_name(t->kind), dims, t->opt->values, t->opt->seed, t->number);
}

/* What a quantization returned. */
typedef struct {
  bt_lfsr rng;
  bt_quantize_counts counts;
  int16_t mantissa[MAX_ELEMENTS];
  int8_t exponent[MAX_ELEMENTS + 1];
} outcome;

static void compare(const trial *t, size_t n, size_t blocks, const outcome *got,
                    const outcome *want) {
  char text[400];
  describe(t, text, sizeof text);
  for (size_t b = 0; b < blocks && t->format.kind == BT_BFP; b++)
    if (got->exponent[b] != want->exponent[b])
      fail_msg("block %zu: exponent %d, the oracle's %d; %s", b, got->exponent[b],
               want->exponent[b], text);
  for (size_t i = 0; i < n; i++) {
    uint64_t bits;
    memcpy(&bits, &t->x[i], sizeof bits);
    if (got->mantissa[i] != want->mantissa[i])
      fail_msg("element %zu = %a (as double 0x%016" PRIX64 "): mantissa %d, the oracle's %d; %s", i,
               t->x[i], bits, got->mantissa[i], want->mantissa[i], text);
  }
  const bt_quantize_counts *g = &got->counts, *w = &want->counts;
  if (g->clipped != w->clipped || g->overflow != w->overflow || g->flushed != w->flushed)
    fail_msg("clipped, overflow, flushed: %" PRIu64 ", %" PRIu64 ", %" PRIu64
             ", the oracle's %" PRIu64 ", %" PRIu64 ", %" PRIu64 "; %s",
             g->clipped, g->overflow, g->flushed, w->clipped, w->overflow, w->flushed, text);
  for (unsigned l = 0; l < want->rng.lanes; l++)
    if (got->rng.lane[l] != want->rng.lane[l] || got->rng.steps != want->rng.steps)
      fail_msg("lane %u of %u: 0x%08X at step %" PRIu64 ", the oracle's 0x%08X at %" PRIu64 "; %s",
               l, want->rng.lanes, (unsigned)got->rng.lane[l], got->rng.steps,
               (unsigned)want->rng.lane[l], want->rng.steps, text);
}

static void compare_blocks(const trial *t, size_t n, size_t blocks) {
  char text[400];
  describe(t, text, sizeof text);
  assert_int_equal(bt_elements(t->ndim, t->dim), n);
  if (bt_block_count(&t->format, t->ndim, t->dim) != blocks)
    fail_msg("bt_block_count %zu, the oracle's %zu; %s",
             bt_block_count(&t->format, t->ndim, t->dim), blocks, text);
  for (size_t i = 0; i < n; i++) {
    size_t got = bt_block_of(&t->format, t->ndim, t->dim, i);
    size_t want = oracle_block_of(&t->format, t->ndim, t->dim, i);
    if (got != want)
      fail_msg("element %zu: bt_block_of %zu, the oracle's %zu; %s", i, got, want, text);
  }
}

/* bt_dequantize_f32: mantissa * step, exact (numerics 2.1, 2.2). Asymmetric clip at E = 127 has one
 * value, -2^128, that no float holds and the library refuses. */
static void compare_values(const trial *t, size_t n, const outcome *got) {
  float value[MAX_ELEMENTS];
  char text[400];
  describe(t, text, sizeof text);
  bt_status status = bt_dequantize_f32(&t->format, t->ndim, t->dim, got->mantissa, got->exponent,
                                       value, NULL);
  for (size_t i = 0; i < n; i++) {
    int step = -t->format.fl;
    if (t->format.kind == BT_BFP)
      step = got->exponent[oracle_block_of(&t->format, t->ndim, t->dim, i)] - (t->format.wl - 2);
    double want = ldexp(got->mantissa[i], step);
    if (fabs(want) >= 0x1p128) {
      assert_int_equal(status, BT_BAD_INPUT);
      return;
    }
    if ((double)value[i] != want)
      fail_msg("element %zu: %d at step 2^%d became %a; %s", i, got->mantissa[i], step,
               (double)value[i], text);
  }
  assert_int_equal(status, BT_OK);
}

static void run_library(const trial *t, size_t n, outcome *got) {
  bt_error error = {""};
  bt_status status;
  bt_lfsr *rng = t->round.mode == BT_STOCHASTIC ? &got->rng : NULL;
  if (t->f32) {
    float *narrow = calloc(n + 1, sizeof *narrow);
    for (size_t i = 0; i < n; i++)
      narrow[i] = (float)t->x[i];
    status = bt_quantize_f32(&t->format, &t->round, t->ndim, t->dim, narrow, rng, got->mantissa,
                             t->format.kind == BT_BFP ? got->exponent : NULL, &got->counts, &error);
    free(narrow);
  } else {
    status = bt_quantize_f64(&t->format, &t->round, t->ndim, t->dim, t->x, rng, got->mantissa,
                             t->format.kind == BT_BFP ? got->exponent : NULL, &got->counts, &error);
  }
  if (status != BT_OK) {
    char text[400];
    describe(t, text, sizeof text);
    fail_msg("status %d, %s; %s", (int)status, error.text, text);
  }
}

/* One case: tensors of all patterns in turn, the draws running on, until `values` are compared. */
static void run_case(const options *opt, size_t number, uint64_t values, oracle_seen *seen) {
  oracle_stream stream = {oracle_splitmix64(opt->seed, number + 1), 0};
  trial t = {.opt = opt};
  choose(&t, number);
  outcome *got = calloc(1, sizeof *got), *want = calloc(1, sizeof *want);
  t.x = calloc(MAX_ELEMENTS, sizeof *t.x);
  unsigned lanes = 1u << oracle_stream_in(&stream, 0, 6);
  uint64_t seed = oracle_stream_next(&stream);
  oracle_lfsr_start(&want->rng, seed, lanes);
  assert_int_equal(bt_lfsr_start(&got->rng, seed, lanes), BT_OK);
  uint64_t done = 0;
  for (size_t tensor = 0; done < values || tensor < PATTERN_COUNT; tensor++) {
    t.kind = (pattern)(tensor % PATTERN_COUNT);
    t.f32 = (number + tensor + tensor / PATTERN_COUNT) % 2 == 1;
    shape(&t, &stream);
    size_t n = oracle_elements(t.ndim, t.dim);
    size_t blocks = oracle_block_count(&t.format, t.ndim, t.dim);
    pattern_target target = {&t.format, t.ndim, t.dim, t.round.random_bits, t.f32, &stream};
    pattern_fill(&target, t.kind, t.x);
    oracle_quantize(&t.format, &t.round, t.ndim, t.dim, t.x, &want->rng, want->mantissa,
                    want->exponent, &want->counts, seen);
    run_library(&t, n, got);
    if (t.format.kind == BT_BFP)
      compare_blocks(&t, n, blocks);
    compare(&t, n, blocks, got, want);
    compare_values(&t, n, got);
    done += n;
  }
  free(t.x);
  free(got);
  free(want);
}

static void check_seen(const oracle_seen *seen) {
  const struct {
    const char *name;
    uint64_t count;
  } row[] = {{"exact on the grid", seen->exact},
             {"ties", seen->ties},
             {"powers of two", seen->powers_of_two},
             {"negative zeros", seen->negative_zero},
             {"at an end of the range", seen->at_clip_edge},
             {"at -2^(wl-1)", seen->over_asymmetric_edge},
             {"s > R", seen->discarded_above_draw},
             {"s > 64", seen->discarded_above_64},
             {"s > 100", seen->discarded_above_100},
             {"carries to an exact integer", seen->carried_exactly},
             {"zero blocks", seen->zero_blocks},
             {"blocks above E = 127", seen->overflow_blocks},
             {"blocks below E = -128", seen->flushed_blocks}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    print_message("  %-28s %" PRIu64 "\n", row[i].name, row[i].count);
    assert_true(row[i].count >= 1000);
  }
}

static void test_all_cases(void **state) {
  const options *opt = *state;
  oracle_seen seen = {0};
  if (opt->only >= 0) {
    run_case(opt, (size_t)opt->only, opt->values / CASES + 1, &seen);
    return;
  }
  for (size_t number = 0; number < CASES; number++)
    run_case(opt, number, opt->values / CASES + 1, &seen);
  print_message("compared %" PRIu64 " values in %d cases, seed %" PRIu64 "\n", seen.values,
                (int)CASES, opt->seed);
  assert_true(seen.values >= opt->values);
  check_seen(&seen);
}

int main(int argc, char **argv) {
  options opt = {BT_DRAWN(BT_DRAWN(10000000)), 20240117, -1}; /* twice: GMP is slow there */
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--values") == 0)
      opt.values = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "--seed") == 0)
      opt.seed = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "--case") == 0)
      opt.only = strtol(argv[i + 1], NULL, 10);
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_all_cases, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
