/* bt_gemm_s8 against the slow oracle: every accumulator width and shift, both overflows, all
 * roundings and kinds of chunk, psum widths 8..32 in turn; outputs, the generator, saturations.
 *
 *   test_gemm_oracle [--seed S] [--case C]        C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"

typedef struct {
  uint64_t seed;
  long only; /* one case, or -1 for all */
} options;

typedef struct {
  uint64_t cases, products, acc_overflows, psum_overflows, stochastic;
} totals;

enum { WIDTHS = 25, SHIFTS = 15, ROUNDINGS = 3, CHUNKS = 6 };
enum { CASES = WIDTHS * SHIFTS * ROUNDINGS * CHUNKS * 2 };
enum { MAX_K = 80, MAX_SIDE = 8 };

typedef struct {
  size_t m, n, k;
  int8_t a[MAX_SIDE * MAX_K], b[MAX_SIDE * MAX_K];
} operands;

/* Case 0..CASES-1 is a place in width x shift x rounding x chunk x overflow. */
static bt_accumulator choose(size_t number, size_t k, oracle_stream *s) {
  static const bt_rounding mode[] = {BT_FLOOR, BT_NEAREST_EVEN, BT_STOCHASTIC};
  const size_t odd = 2 * (size_t)oracle_stream_in(s, 1, 12) + 1;
  const size_t chunk[CHUNKS] = {0, 1, 2, odd, k, k + 1 + odd};
  bt_accumulator acc;
  acc.wrap = number % 2 == 1;
  acc.chunk = chunk[number / 2 % CHUNKS];
  acc.acc_round.mode = mode[number / 2 / CHUNKS % ROUNDINGS];
  acc.acc_round.random_bits = (unsigned)oracle_stream_in(s, 1, 24);
  acc.acc_round.sr_half = oracle_stream_in(s, 0, 1) == 1;
  acc.acc_shift = (int)(number / 2 / CHUNKS / ROUNDINGS % SHIFTS);
  acc.acc_bits = 8 + (int)(number / 2 / CHUNKS / ROUNDINGS / SHIFTS);
  acc.psum_bits = (int)oracle_stream_in(s, 8, 32);
  return acc;
}

/* Boundary operands, uniform ones, the largest products of one sign, or small ones. */
static void fill(int8_t *v, size_t n, int kind, oracle_stream *s) {
  static const int8_t edge[] = {-128, -127, 0, 127, 126, 1, -1, -128};
  for (size_t i = 0; i < n; i++) {
    if (kind == 0)
      v[i] = edge[oracle_stream_in(s, 0, 7)];
    else if (kind == 1)
      v[i] = (int8_t)oracle_stream_in(s, -128, 127);
    else if (kind == 2)
      v[i] = -128;
    else
      v[i] = (int8_t)oracle_stream_in(s, -11, 11);
  }
}

static void make_operands(operands *o, oracle_stream *s) {
  o->m = (size_t)oracle_stream_in(s, 1, 4);
  o->n = (size_t)oracle_stream_in(s, 1, 5);
  o->k = (size_t)oracle_stream_in(s, 1, MAX_K);
  switch (oracle_stream_in(s, 0, 19)) {
  case 0:
    o->m = (size_t)oracle_stream_in(s, 0, 1);
    break;
  case 1:
    o->n = (size_t)oracle_stream_in(s, 0, 1);
    break;
  case 2:
    o->k = (size_t)oracle_stream_in(s, 0, 1);
    break;
  default:
    break;
  }
  fill(o->a, o->m * o->k, (int)oracle_stream_in(s, 0, 3), s);
  fill(o->b, o->k * o->n, (int)oracle_stream_in(s, 0, 3), s);
}

static void describe(const options *opt, size_t number, const bt_accumulator *acc,
                     const operands *o, unsigned lanes, char *text, size_t size) {
  static const char *const mode[] = {"stochastic", "nearest_even", "nearest_away", "floor"};
  snprintf(text, size,
           "m %zu n %zu k %zu, acc_bits %d %s, shift %d %s R %u%s, chunk %zu psum_bits %d, "
           "lanes %u; alone: test_gemm_oracle --seed %" PRIu64 " --case %zu",
           o->m, o->n, o->k, acc->acc_bits, acc->wrap ? "wrap" : "saturate", acc->acc_shift,
           mode[acc->acc_round.mode], acc->acc_round.random_bits,
           acc->acc_round.sr_half ? " sr_half" : "", acc->chunk, acc->psum_bits, lanes, opt->seed,
           number);
}

/* The operands of one output, for a failure's message. */
static void print_operands(const operands *o, size_t q) {
  for (size_t k = 0; k < o->k; k++)
    print_error("%s%d*%d", k ? " " : "", o->a[q / o->n * o->k + k], o->b[k * o->n + q % o->n]);
  print_error("\n");
}

static void compare_rng(const bt_lfsr *got, const bt_lfsr *want, const char *text) {
  for (unsigned l = 0; l < want->lanes; l++)
    if (got->lane[l] != want->lane[l] || got->steps != want->steps)
      fail_msg("lane %u: 0x%08X at step %" PRIu64 ", the oracle's 0x%08X at %" PRIu64 "; %s", l,
               (unsigned)got->lane[l], got->steps, (unsigned)want->lane[l], want->steps, text);
}

static void run_case(const options *opt, size_t number, totals *total) {
  oracle_stream s = {oracle_splitmix64(opt->seed, number + 1), 0};
  operands o;
  make_operands(&o, &s);
  bt_accumulator acc = choose(number, o.k, &s);
  bool stochastic = acc.acc_round.mode == BT_STOCHASTIC;
  unsigned lanes = 1u << oracle_stream_in(&s, 0, 6);
  uint64_t seed = oracle_stream_next(&s), saturations = 0;
  char text[400];
  describe(opt, number, &acc, &o, lanes, text, sizeof text);
  bt_lfsr got_rng = {.lanes = lanes}, want_rng = {.lanes = lanes};
  if (stochastic) {
    oracle_lfsr_start(&want_rng, seed, lanes);
    got_rng = want_rng;
  }
  int32_t got[MAX_SIDE * MAX_SIDE], want[MAX_SIDE * MAX_SIDE];
  oracle_overflows overflows = {0};
  oracle_gemm(&acc, o.m, o.n, o.k, o.a, o.b, &want_rng, want, &overflows);
  bt_error error = {""};
  bt_status status = bt_gemm_s8(&acc, o.m, o.n, o.k, o.a, o.b, stochastic ? &got_rng : NULL, got,
                                &saturations, &error);
  if (status != BT_OK)
    fail_msg("status %d, %s; %s", (int)status, error.text, text);
  for (size_t q = 0; q < o.m * o.n; q++) {
    if (got[q] == want[q])
      continue;
    print_operands(&o, q);
    fail_msg("output %zu: %d, the oracle's %d; %s", q, got[q], want[q], text);
  }
  compare_rng(&got_rng, &want_rng, text);
  if (saturations != overflows.acc + overflows.psum)
    fail_msg("saturations %" PRIu64 ", the oracle's %" PRIu64 " at acc_bits and %" PRIu64
             " at psum_bits; %s", saturations, overflows.acc, overflows.psum, text);
  total->cases++;
  total->products += o.m * o.n * o.k;
  total->acc_overflows += overflows.acc;
  total->psum_overflows += overflows.psum;
  total->stochastic += stochastic ? o.m * o.n * o.k : 0;
}

static void test_all_cases(void **state) {
  const options *opt = *state;
  totals total = {0};
  if (opt->only >= 0) {
    run_case(opt, (size_t)opt->only, &total);
    return;
  }
  for (size_t number = 0; number < CASES; number++)
    run_case(opt, number, &total);
  print_message("compared %" PRIu64 " products in %" PRIu64 " cases, seed %" PRIu64 ": %" PRIu64
                " with draws, %" PRIu64 " overflows at acc_bits, %" PRIu64 " at psum_bits\n",
                total.products, total.cases, opt->seed, total.stochastic, total.acc_overflows,
                total.psum_overflows);
  assert_int_equal(total.cases, CASES);
  assert_true(total.acc_overflows > 10000 && total.psum_overflows > 10000);
}

int main(int argc, char **argv) {
  options opt = {20240118, -1};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--seed") == 0)
      opt.seed = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "--case") == 0)
      opt.only = strtol(argv[i + 1], NULL, 10);
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_all_cases, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
