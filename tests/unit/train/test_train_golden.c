/* Two short runs in integers, figure by figure: the same on every compiler, build and engine. A
 * change of these numbers is a change of the contract (docs/numerics.md), never of a test. */
#include "support/job.h"
#ifdef BITTRUE_HAVE_FAST
#include "fast/fast.h"
#endif

typedef struct {
  int64_t train, test, swa; /* sums of losses, units of 2^-16 bits */
  uint64_t correct[3];
} figures;

typedef struct {
  const char *layers;
  const char *digest;
  figures epoch[3];
} golden;

static const golden mlp = {
    .layers = SMALL_MLP,
    .digest = "e6d712493f08d83ab1d481657547936bda4baa4f107aef0f4c6a2f28ae6fe584",
    .epoch = {{43514159, 10303268, 0, {59, 80, 0}},
              {19108321, 10076988, 10076988, {187, 82, 82}},
              {15972124, 6457512, 8152372, {190, 90, 85}}},
};

static const golden deep = {
    .layers = SMALL_DEEP,
    .digest = "62b10c10c9ca9ef025704c4726134c27f9d6656db608590b1de0587a0e24747b",
    .epoch = {{50988203, 21864028, 0, {23, 14, 0}},
              {45542814, 21861597, 21861597, {31, 13, 13}},
              {45354217, 21660038, 21783913, {32, 13, 12}}},
};

static void print(const bt_state *run, const char *digest) {
  printf("    .digest = \"%s\",\n    .epoch = {", digest);
  for (size_t i = 0; i < 3; i++) {
    const bt_epoch_row *r = &run->row[i];
    printf("%s{%lld, %lld, %lld, {%llu, %llu, %llu}}", i == 0 ? "" : ",\n              ",
           (long long)r->train.loss_bits, (long long)r->test.loss_bits,
           (long long)r->swa.loss_bits, (unsigned long long)r->train.correct,
           (unsigned long long)r->test.correct, (unsigned long long)r->swa.correct);
  }
  printf("},\n");
}

static void expect(const golden *g, bt_engine *(*make)(const bt_machine *)) {
  bt_error error = {""};
  bt_state run;
  char digest[65];
  job *j = job_open(g->layers, 3, 2);
  bt_engine *engine = make(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 0);
  MUST(bt_state_digest(&run, digest, &error));
  bool good = strcmp(digest, g->digest) == 0;
  for (size_t i = 0; i < 3; i++) {
    const bt_epoch_row *r = &run.row[i];
    const figures *e = &g->epoch[i];
    good = good && r->train.loss_bits == e->train && r->test.loss_bits == e->test &&
           r->swa.loss_bits == e->swa && r->train.correct == e->correct[0] &&
           r->test.correct == e->correct[1] && r->swa.correct == e->correct[2];
  }
  if (!good) {
    print(&run, digest);
    fail_msg("engine %s: the run's figures are those above, expected those of the source",
             engine->name);
  }
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

static void test_ref(void **state) {
  (void)state;
  expect(&mlp, bt_ref_engine);
  expect(&deep, bt_ref_engine);
}

#ifdef BITTRUE_HAVE_FAST
static bt_engine *portable(const bt_machine *machine) {
  return bt_fast_engine_on(machine, "portable", 1);
}
static bt_engine *two_threads(const bt_machine *machine) { return bt_fast_engine(machine, 2); }

static void test_fast(void **state) {
  (void)state;
  expect(&mlp, two_threads);
  expect(&deep, two_threads);
  expect(&deep, portable);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ref),
#ifdef BITTRUE_HAVE_FAST
      cmocka_unit_test(test_fast),
#endif
  };
  return scratch_report("test_train_golden", cmocka_run_group_tests(tests, NULL, NULL));
}
