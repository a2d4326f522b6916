/* Averages of weights against numerics 16 in GMP: the sums of the average command, and the
 * quotients of bt_model_average.
 *
 *   test_command_average [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"
#include "net/model.h"

enum { ENGINES = BENCH_MAX_ENGINES, OFFSET = 200 }; /* exact sums are kept in units of 2^-OFFSET */

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

static void fail_case(const bench_case *b, const char *text) {
  fail_msg("%s; %s; alone: %s --seed %" PRIu64 " --case %zu", text, b->about, b->opt->program,
           b->opt->seed, b->number);
}

/* ---- The command ---- */

static bt_average make_average(size_t elements, size_t blocks) {
  bt_average a = {calloc(elements + 1, sizeof *a.sum), calloc(blocks + 1, sizeof *a.emin), 0};
  for (size_t e = 0; e < blocks; e++)
    a.emin[e] = BT_EMIN_NONE;
  return a;
}

static void free_average(bt_average *a) {
  free(a->sum);
  free(a->emin);
}

typedef struct {
  bt_format f;
  size_t ndim, dim[4], n, blocks;
  mpz_t *sum; /* of m * 2^(E + OFFSET) */
  int *emin;
  bt_average got[ENGINES];
} ledger;

static void open_ledger(bench_case *b, ledger *l) {
  l->ndim = (size_t)in(b, 1, 4);
  for (size_t d = 0; d < l->ndim; d++)
    l->dim[d] = (size_t)in(b, 1, 6);
  l->f = bench_format(b, 2, 16, (bt_block)in(b, 0, 4));
  l->n = oracle_elements(l->ndim, l->dim);
  l->blocks = oracle_block_count(&l->f, l->ndim, l->dim);
  l->sum = calloc(l->n, sizeof *l->sum);
  l->emin = calloc(l->blocks, sizeof *l->emin);
  for (size_t i = 0; i < l->n; i++)
    mpz_init(l->sum[i]);
  for (size_t e = 0; e < l->blocks; e++)
    l->emin[e] = BT_EMIN_NONE;
  for (size_t e = 0; e < bench_engines(); e++)
    l->got[e] = make_average(l->n, l->blocks);
}

static void close_ledger(ledger *l) {
  for (size_t i = 0; i < l->n; i++)
    mpz_clear(l->sum[i]);
  for (size_t e = 0; e < bench_engines(); e++)
    free_average(&l->got[e]);
  free(l->sum);
  free(l->emin);
}

static bool zero_block(const bt_tensor *w, size_t e) {
  bool zero = w->exp[e] == -128;
  for (size_t i = 0; i < bt_tensor_elements(w); i++)
    zero = zero && (oracle_block_of(&w->fmt, w->ndim, w->dim, i) != e || bench_mantissa(w, i) == 0);
  return zero;
}

/* A snapshot with nonzero blocks within 24 binary orders of `base`, as 62 bits need it. */
static bt_tensor snapshot(bench_case *b, const ledger *l, int base) {
  bt_tensor w = bench_bfp(b, "w", l->f, l->ndim, l->dim, 0);
  for (size_t e = 0; e < l->blocks; e++)
    if (!zero_block(&w, e))
      w.exp[e] = (int16_t)(base + in(b, 0, 24));
  return w;
}

static void enter(ledger *l, const bt_tensor *w) {
  mpz_t value;
  mpz_init(value);
  for (size_t e = 0; e < l->blocks; e++)
    if (!zero_block(w, e) && w->exp[e] < l->emin[e])
      l->emin[e] = w->exp[e];
  for (size_t i = 0; i < l->n; i++) {
    mpz_set_si(value, bench_mantissa(w, i));
    mpz_mul_2exp(value, value,
                 (mp_bitcnt_t)(w->exp[oracle_block_of(&l->f, l->ndim, l->dim, i)] + OFFSET));
    mpz_add(l->sum[i], l->sum[i], value);
  }
  mpz_clear(value);
}

static void compare(const bench_case *b, const ledger *l, const bt_average *got) {
  mpz_t value;
  mpz_init(value);
  for (size_t i = 0; i < l->n; i++) {
    size_t e = oracle_block_of(&l->f, l->ndim, l->dim, i);
    char text[100];
    mpz_set_si(value, got->sum[i]);
    if (l->emin[e] != BT_EMIN_NONE)
      mpz_mul_2exp(value, value, (mp_bitcnt_t)(l->emin[e] + OFFSET));
    snprintf(text, sizeof text, "element %zu: sum %" PRId64 " at Emin %d, the oracle's Emin %d", i,
             got->sum[i], got->emin[e], l->emin[e]);
    if (mpz_cmp(value, l->sum[i]) != 0 || got->emin[e] != l->emin[e])
      fail_case(b, text);
  }
  mpz_clear(value);
}

static void command_case(bench_case *b) {
  ledger l;
  open_ledger(b, &l);
  int base = (int)(in(b, 0, 4) == 0 ? -128 : in(b, -128, 100)), snapshots = (int)in(b, 1, 8);
  bench_effects want = {.before = {.lane = {12345}, .lanes = 1},
                        .after = {.lane = {12345}, .lanes = 1}};
  for (int s = 0; s < snapshots; s++) {
    bt_tensor w = snapshot(b, &l, base);
    enter(&l, &w);
    for (size_t g = 0; g < bench_engines(); g++) {
      bt_command c = {.op = BT_OP_AVERAGE, .label = {.text = "average"}, .in = {&w}};
      c.u.average.average = &l.got[g];
      snprintf(b->about, sizeof b->about, "engine %zu, %zu dims, bfp%d %s, snapshot %d of %d", g,
               l.ndim, l.f.wl, bench_block_name(&l.f), s, snapshots);
      bench_check_on(b, g, &c, &want);
      compare(b, &l, &l.got[g]);
      if (l.got[g].count != (uint64_t)s + 1)
        fail_case(b, "the count of snapshots");
    }
    bt_tensor_free(&w);
  }
  close_ledger(&l);
}

/* ---- Sums of 62 bits ---- */

/* Adds mantissa m at E to `sum` at Emin on one engine. */
static bt_status add_one(size_t number, int64_t *sum, int emin, int m, int e, bt_error *error) {
  const size_t one = 1;
  bt_machine machine = bt_machine_default();
  bt_engine *engine = bench_engine(number, &machine);
  bt_tensor w = bench_tensor(bt_tensor_bfp("conv9.weight", (bt_format){.wl = 8}, 1, &one));
  ((int8_t *)w.data)[0] = (int8_t)m;
  w.exp[0] = (int16_t)e;
  bt_average a = make_average(1, 1);
  a.sum[0] = *sum;
  a.emin[0] = (int16_t)emin;
  a.count = 1;
  bt_command c = {.op = BT_OP_AVERAGE, .label = {.text = "average"}, .in = {&w}};
  c.u.average.average = &a;
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_status status = engine->run(engine, &c, &rng, &counts, error);
  *sum = a.sum[0];
  engine->destroy(engine);
  bt_tensor_free(&w);
  free_average(&a);
  return status;
}

typedef struct {
  int64_t sum;
  int emin, m, e;
  bool fits;
} edge;

static void test_62_bits(void **state) {
  (void)state;
  const int64_t top = INT64_C(1) << 62;
  const edge edges[] = {
      {top - 2, 0, 1, 0, true},        {top - 1, 0, 1, 0, false},      {top - 1, 0, -1, 0, true},
      {1 - top, 0, -1, 0, false},      {2 - top, 0, -1, 0, true},      {0, 0, 64, 55, true},
      {0, 0, 64, 56, false},           {0, 0, -64, 56, false},         {0, 0, 1, 61, true},
      {0, 0, 1, 62, false},            {0, 0, 1, 127, false},          {0, -127, 1, 127, false},
      {0, -127, 0, 127, true},         {top / 2 - 1, 1, 1, 0, true},   {top / 2, 1, 1, 0, false},
      {-top / 2, 1, 1, 0, false},      {-top / 2, 1, 0, 0, false},     {1, 100, 1, 38, false},
      {1, 61, 0, 0, true},             {1, 127, 1, -127, false},       {0, 127, 1, -128, true},
      {top - 1, 0, 0, -128, true},     {top - 1, 0, 0, 5, true},
  };
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
    for (size_t engine = 0; engine < bench_engines(); engine++) {
      bt_error error = {""};
      int64_t sum = edges[i].sum;
      bt_status status = add_one(engine, &sum, edges[i].emin, edges[i].m, edges[i].e, &error);
      if ((status == BT_OK) != edges[i].fits)
        fail_msg("engine %zu, edge %zu: status %d %s", engine, i, (int)status, error.text);
      if (!edges[i].fits && strstr(error.text, "conv9.weight") == NULL)
        fail_msg("engine %zu, edge %zu: no name in '%s'", engine, i, error.text);
    }
  }
}

/* ---- The quotient ---- */

/* One layer of `inputs` to `outputs`: a matrix and a vector. */
static bt_net make_net(size_t inputs, size_t outputs) {
  bt_net net = {.height = 1, .width = 1, .channels = inputs, .classes = outputs, .layers = 1,
                .parameters = 2};
  net.layer[0] = (bt_layer){.kind = BT_LAYER_FC, .name = "fc", .in_h = 1, .in_w = 1,
                            .in_c = inputs, .out_h = 1, .out_w = 1, .out_c = outputs,
                            .bias = true, .parameters = 2};
  return net;
}

/* Sums of any size up to 62 bits, some blocks without one. An average of values is below 2^128, as
 * they are. */
static void fill_average(bench_case *b, const bt_tensor *w, bt_average *a) {
  size_t blocks = oracle_block_count(&w->fmt, w->ndim, w->dim);
  a->count = (uint64_t)(in(b, 0, 1) ? in(b, 1, 12) : in(b, 1, INT64_C(1) << in(b, 1, 40)));
  for (size_t e = 0; e < blocks; e++) {
    int64_t kind = in(b, 0, 9), scale = in(b, 0, 61);
    a->emin[e] = (int16_t)(kind == 0 ? BT_EMIN_NONE : in(b, 0, 1) ? in(b, -128, 127)
                                                                  : in(b, -20, 10));
    if (kind > 0 && a->emin[e] + scale > 127)
      a->emin[e] = (int16_t)(127 - scale);
    for (size_t i = 0; i < oracle_elements(w->ndim, w->dim); i++) {
      if (oracle_block_of(&w->fmt, w->ndim, w->dim, i) != e)
        continue;
      int64_t high = (INT64_C(1) << scale) - 1, m = in(b, -high, high);
      if (in(b, 0, 1) && a->count < 4096 && scale < 40) /* ties */
        m = m / (int64_t)a->count * (int64_t)a->count + (int64_t)a->count / 2;
      a->sum[i] = kind <= 1 ? 0 : m > high ? high : m;
    }
  }
}

/* sum / count at its exponent, as a rational. */
static void set_quotient(mpq_t q, int64_t sum, uint64_t count, long e) {
  mpz_set_si(mpq_numref(q), sum);
  mpz_set_ui(mpq_denref(q), count);
  mpq_canonicalize(q);
  if (e >= 0)
    mpq_mul_2exp(q, q, (mp_bitcnt_t)e);
  else
    mpq_div_2exp(q, q, (mp_bitcnt_t)-e);
}

static void check_block(const bench_case *b, const bt_tensor *w, const bt_average *a,
                        const bt_tensor *got, size_t e) {
  const bt_round_options nearest = {BT_NEAREST_EVEN, 16, false};
  long step = a->emin[e] - (w->fmt.wl - 2), wl = got->fmt.wl, top = -1000000;
  mpq_t q;
  mpz_t m;
  mpq_init(q);
  mpz_init(m);
  for (size_t i = 0; i < oracle_elements(w->ndim, w->dim); i++)
    if (oracle_block_of(&w->fmt, w->ndim, w->dim, i) == e && a->sum[i] != 0) {
      set_quotient(q, a->sum[i], a->count, step);
      long log = oracle_log2(q);
      top = log > top ? log : top;
    }
  bool zero = top < -128;
  long exponent = zero ? -128 : top > 127 ? 127 : top;
  char text[160];
  snprintf(text, sizeof text, "block %zu: exponent %d, the oracle's %ld", e, got->exp[e], exponent);
  if (got->exp[e] != exponent)
    fail_case(b, text);
  for (size_t i = 0; i < oracle_elements(w->ndim, w->dim); i++) {
    if (oracle_block_of(&w->fmt, w->ndim, w->dim, i) != e)
      continue;
    long high = (1L << (wl - 1)) - 1, low = got->fmt.asymmetric ? -high - 1 : -high, want = 0;
    if (!zero) {
      set_quotient(q, a->sum[i], a->count, step - (exponent - (wl - 2)));
      oracle_round(m, q, &nearest, 0);
      want = mpz_cmp_si(m, high) > 0 ? high : mpz_cmp_si(m, low) < 0 ? low : mpz_get_si(m);
    }
    snprintf(text, sizeof text, "element %zu, sum %" PRId64 " of %" PRIu64 ": %" PRId64
             ", the oracle's %ld", i, a->sum[i], a->count, bench_mantissa(got, i), want);
    if (bench_mantissa(got, i) != want)
      fail_case(b, text);
  }
  mpq_clear(q);
  mpz_clear(m);
}

static void quotient_case(bench_case *b) {
  bt_net net = make_net((size_t)in(b, 1, 7), (size_t)in(b, 2, 6));
  bt_format f = bench_format(b, 2, 8, (bt_block)in(b, 0, 4));
  int bits = (int)in(b, 8, 15);
  bt_model *model;
  bt_error error = {""};
  bt_tensor *averaged[BT_MAX_PARAMETERS] = {NULL};
  assert_int_equal(bt_model_new(&net, f, f, 1, &model, &error), BT_OK);
  for (size_t p = 0; p < model->parameters; p++)
    fill_average(b, model->w[p], &model->average[p]);
  model->average[1].count = model->average[0].count;
  snprintf(b->about, sizeof b->about, "averages of bfp%d%s %s at %d bits", f.wl,
           f.asymmetric ? " asymmetric" : "", bench_block_name(&f), bits);
  if (bt_model_average(model, bits, averaged, &error) != BT_OK)
    fail_case(b, error.text);
  for (size_t p = 0; p < model->parameters; p++) {
    assert_int_equal(averaged[p]->fmt.wl, bits);
    assert_int_equal(averaged[p]->fmt.asymmetric, model->w[p]->fmt.asymmetric);
    for (size_t e = 0; e < bt_tensor_exponents(averaged[p]); e++)
      check_block(b, model->w[p], &model->average[p], averaged[p], e);
  }
  bt_weights_free(averaged);
  bt_model_free(model);
}

static void test_command(void **state) { bench_all(*state, command_case); }
static void test_quotient(void **state) { bench_all(*state, quotient_case); }

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20240617, 1500);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_command, &opt),
                                     cmocka_unit_test(test_62_bits),
                                     cmocka_unit_test_prestate(test_quotient, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
