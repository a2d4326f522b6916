/* Batch norm's statistics against numerics 19.1 in GMP: batches of other exponents, zero batches,
 * batches of one row, sums that leave 126 bits; and norm made of them.
 *
 *   test_command_statistics [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"
#include "command_bench.h"
#include "oracle_norm.h"

enum { ENGINES = BENCH_MAX_ENGINES };

static uint64_t refused, zero_batches, single_rows, shifted, normed;

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

static const bench_effects nothing = {.before = {.lane = {12345}, .lanes = 1},
                                      .after = {.lane = {12345}, .lanes = 1}};

/* The sums of n random mantissas of `bits` bits, some columns zero, or all; some that no column
 * has, with D < 0. */
static void fill_sums(bench_case *b, bt_tensor *s1, bt_tensor *s2, uint64_t n, int bits) {
  int64_t high = (INT64_C(1) << bits) - 1;
  bool zero = in(b, 0, 5) == 0;
  for (size_t j = 0; j < s1->dim[0]; j++) {
    int64_t s = 0, t = 0;
    bool empty = zero || in(b, 0, 5) == 0;
    for (uint64_t i = 0; i < n && !empty; i++) {
      int64_t m = in(b, -high, high);
      s += m;
      t += m * m;
    }
    ((int64_t *)s1->data)[j] = s;
    ((int64_t *)s2->data)[j] = !empty && in(b, 0, 15) == 0 ? in(b, 1, 9) : t;
  }
}

static void compare(const bench_case *b, size_t engine, const oracle_statistics *want,
                    const bt_statistics *got) {
  mpz_t z;
  mpq_t v;
  mpz_init(z);
  mpq_init(v);
  bool good = got->rows == want->rows && got->first_step == want->first_step &&
              got->second_step == want->second_step;
  for (size_t i = 0; i < want->channels; i++) {
    oracle_set_wide(z, got->first[i]);
    mpq_set_z(v, z);
    oracle_scale(v, mpz_sgn(z) == 0 ? 0 : got->first_step);
    good = good && mpq_equal(v, want->first[i]);
    oracle_set_wide(z, got->second[i]);
    mpq_set_z(v, z);
    oracle_scale(v, mpz_sgn(z) == 0 ? 0 : got->second_step);
    good = good && mpq_equal(v, want->second[i]);
  }
  if (!good)
    fail_msg("engine %zu: statistics differ; %s; alone: %s --seed %" PRIu64 " --case %zu", engine,
             b->about, b->opt->program, b->opt->seed, b->number);
  mpz_clear(z);
  mpq_clear(v);
}

/* The command must fail on every engine, naming its label. */
static void expect_refusal(const bench_case *b, const bt_command *c, bt_statistics *got) {
  for (size_t e = 0; e < bench_engines(); e++) {
    bt_engine *engine = bench_engine(e, &b->machine);
    bt_command run = *c;
    bt_lfsr rng = {.lane = {1}, .lanes = 1};
    bt_counts counts = {0};
    bt_error error = {""};
    run.u.statistics.statistics = &got[e];
    bt_status s = engine->run(engine, &run, &rng, &counts, &error);
    if (s != BT_FAILED || strstr(error.text, "layer9") == NULL || strchr(error.text, '\n') != NULL)
      fail_msg("engine %zu: status %d, '%s'; %s; alone: %s --seed %" PRIu64 " --case %zu", e,
               (int)s, error.text, b->about, b->opt->program, b->opt->seed, b->number);
    engine->destroy(engine);
  }
  refused++;
}

/* norm of each engine's statistics, those being equal. */
static void check_norm(bench_case *b, const bt_statistics *got) {
  size_t n = got[0].channels;
  bt_tensor gamma = bench_bfp(b, "gamma", bench_format(b, 2, 16, BT_BLOCK_TENSOR), 1, &n, 2);
  bt_tensor beta = bench_bfp(b, "beta", bench_format(b, 2, 16, BT_BLOCK_TENSOR), 1, &n, 2);
  bt_tensor a = bench_tensor(bt_tensor_constants("a", n));
  bt_tensor shift = bench_tensor(bt_tensor_constants("b", n));
  bt_command c = {.op = BT_OP_NORM, .label = {.text = "norm"}, .in = {NULL, NULL, &gamma, &beta},
                  .out = {&a, &shift}};
  oracle_norm_seen seen = {0};
  c.u.norm.eps = in(b, 0, 1) ? (bt_constant){0, 0} : (bt_constant){1407374884, -47};
  for (size_t e = 0; e < bench_engines(); e++) {
    c.u.norm.statistics = &got[e];
    oracle_norm(&c, &seen);
    bench_check_on(b, e, &c, &nothing);
  }
  normed++;
  bt_tensor_free(&gamma);
  bt_tensor_free(&beta);
  bt_tensor_free(&a);
  bt_tensor_free(&shift);
}

/* One batch; false where it was refused. */
static bool add_batch(bench_case *b, oracle_statistics *want, bt_statistics *got, int spread) {
  bt_tensor s1 = bench_tensor(bt_tensor_sums("S1", want->channels));
  bt_tensor s2 = bench_tensor(bt_tensor_sums("S2", want->channels));
  uint64_t n = in(b, 0, 3) == 0 ? 1 : (uint64_t)in(b, 2, 30), rows = want->rows;
  long before = want->first_step;
  fill_sums(b, &s1, &s2, n, (int)in(b, 1, 15));
  s1.exp[0] = (int16_t)in(b, -20 - spread, -20 + spread);
  s2.exp[0] = (int16_t)(2 * s1.exp[0]);
  bt_command c = {.op = BT_OP_STATISTICS, .label = {.text = "layer9"}, .in = {&s1, &s2}};
  c.u.statistics.rows = n;
  bool good = oracle_statistics_add(want, &s1, &s2, n);
  snprintf(b->about, sizeof b->about, "batch of %" PRIu64 " after %" PRIu64 " rows, at 2^%d after "
           "2^%ld", n, rows, s1.exp[0], before);
  for (size_t e = 0; good && e < bench_engines(); e++) {
    c.u.statistics.statistics = &got[e];
    bench_check_on(b, e, &c, &nothing);
    compare(b, e, want, &got[e]);
  }
  if (!good)
    expect_refusal(b, &c, got);
  zero_batches += good && before == want->first_step && before == BT_EMIN_NONE;
  single_rows += n == 1;
  shifted += good && before != BT_EMIN_NONE && before != want->first_step;
  bt_tensor_free(&s1);
  bt_tensor_free(&s2);
  return good;
}

static void one_case(bench_case *b) {
  static const int spans[] = {0, 3, 20, 60};
  int spread = spans[in(b, 0, 3)];
  oracle_statistics want;
  bt_statistics got[ENGINES] = {{0}};
  oracle_statistics_open(&want, (size_t)in(b, 1, 6));
  for (size_t e = 0; e < bench_engines(); e++)
    assert_true(bt_statistics_alloc(&got[e], want.channels));
  bool good = true;
  for (int64_t batches = in(b, 1, 12); good && batches > 0; batches--)
    good = add_batch(b, &want, got, spread);
  if (good)
    check_norm(b, got);
  oracle_statistics_close(&want);
  for (size_t e = 0; e < bench_engines(); e++)
    bt_statistics_free(&got[e]);
}

static void test_statistics(void **state) {
  size_t cases = bench_all(*state, one_case);
  print_message("%" PRIu64 " refused, %" PRIu64 " zero batches first, %" PRIu64
                " of one row, %" PRIu64 " shifts of the sums, %" PRIu64 " norms\n",
                refused, zero_batches, single_rows, shifted, normed);
  if (cases >= 1000)
    assert_true(refused > 50 && zero_batches > 100 && single_rows > 500 && shifted > 500 &&
                normed > 500);
}

/* Sums at the very limit: 2^126 - 1 fits, 2^126 does not. */
static void test_limit(void **state) {
  const bench_options *opt = *state;
  bench_case b = bench_start(opt, 0);
  bt_tensor s1 = bench_tensor(bt_tensor_sums("S1", 1)), s2 = bench_tensor(bt_tensor_sums("S2", 1));
  for (int over = 0; over < 2; over++) {
    bt_statistics got[ENGINES] = {{0}};
    for (size_t e = 0; e < bench_engines(); e++) {
      assert_true(bt_statistics_alloc(&got[e], 1));
      got[e].first[0] = ((__int128)1 << 126) - 2 + over;
      got[e].first_step = 0;
      got[e].rows = 1;
    }
    ((int64_t *)s1.data)[0] = 1;
    ((int64_t *)s2.data)[0] = 1;
    s1.exp[0] = s2.exp[0] = 0;
    bt_command c = {.op = BT_OP_STATISTICS, .label = {.text = "layer9"}, .in = {&s1, &s2}};
    c.u.statistics.rows = 1;
    snprintf(b.about, sizeof b.about, "the limit");
    for (size_t e = 0; !over && e < bench_engines(); e++) {
      c.u.statistics.statistics = &got[e];
      bench_check_on(&b, e, &c, &nothing);
      assert_true(got[e].first[0] == ((__int128)1 << 126) - 1 && got[e].rows == 2);
    }
    if (over)
      expect_refusal(&b, &c, got);
    for (size_t e = 0; e < bench_engines(); e++)
      bt_statistics_free(&got[e]);
  }
  bt_tensor_free(&s1);
  bt_tensor_free(&s2);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20241911, 2000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_statistics, &opt),
                                     cmocka_unit_test_prestate(test_limit, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
