/* Training in fixed point: weights, gradients and momentum of one block and a constant exponent
 * (numerics 2.2), weights of up to 15 bits where nothing goes back (numerics 8.3). The bits are the
 * same on every engine and with every number of threads. */
#include "support/job.h"
#ifdef BITTRUE_HAVE_FAST
#include "fast/fast.h"
#endif

#define ONE_LAYER "  - {fc: fc1, out: 10}\n"

typedef struct {
  const char *layers, *w, *g, *m;
} recipe_case;

static const recipe_case cases[] = {{SMALL_MLP, "fixed8.6", "fixed8.8", "fixed8.5"},
                                    {SMALL_DEEP, "fixed8.7", "bfp8", "bfp8"},
                                    {SMALL_MLP, "bfp8", "fixed4.6", "fixed6.6"},
                                    {ONE_LAYER, "fixed4.2", "bfp8", "fixed8.6"},
                                    {ONE_LAYER, "fixed15.13", "bfp8", "bfp8"},
                                    {ONE_LAYER, "bfp15", "bfp8", "bfp8"}};

static void set_format(bt_format *f, const char *text) {
  bt_error error;
  MUST(bt_format_parse(text, f, &error));
}

/* Two epochs, both averaged; the exponents of fixed point stay what they are. */
static void train(const recipe_case *t, job *j, bt_engine *engine, char digest[65]) {
  bt_error error = {""};
  bt_state run;
  bt_loss first;
  set_format(&j->recipe.w, t->w);
  set_format(&j->recipe.g, t->g);
  set_format(&j->recipe.m, t->m);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 0);
  MUST(bt_state_digest(&run, digest, &error));
  first = run.row[0].train;
  if (run.row[1].train.loss_bits >= first.loss_bits) {
    fail_msg("weights %s: the loss did not fall", t->w);
  }
  for (size_t p = 0; p < run.model->parameters; p++) {
    const bt_tensor *w = run.model->w[p];
    if (w->fmt.kind == BT_FIXED) {
      assert_int_equal(bt_tensor_step(w, 0), -w->fmt.fl);
    }
  }
  bt_state_free(&run);
  engine->destroy(engine);
}

static void test_engines_agree(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    job *j = job_open(cases[i].layers, 2, 1);
    char want[65];
    train(&cases[i], j, bt_ref_engine(&j->machine), want);
#ifdef BITTRUE_HAVE_FAST
    for (unsigned threads = 1; threads <= 2; threads++) {
      char got[65];
      train(&cases[i], j, bt_fast_engine(&j->machine, threads), got);
      if (strcmp(want, got) != 0) {
        fail_msg("case %zu, weights %s, %u threads: digest %s, ref has %s", i, cases[i].w, threads,
                 got, want);
      }
    }
#endif
    job_close(j);
  }
}

/* Snapshots 3/64 and 4/64 of fixed8.6: the average is 7/128, bfp of the block. */
static void test_average(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(ONE_LAYER, 1, 1);
  bt_model *model;
  bt_tensor *average[BT_MAX_PARAMETERS] = {NULL};
  bt_format f;
  set_format(&f, "fixed8.6");
  MUST(bt_model_new(&j->recipe.net, f, f, 1, &model, &error));
  bt_engine *engine = bt_ref_engine(&j->machine);
  size_t n = bt_tensor_elements(model->w[0]);
  bt_lfsr none = {.lanes = 1};
  bt_counts counts = {0};
  bt_program *p;
  MUST(bt_lower_averaging(model, &p, &error));
  for (int m = 3; m <= 4; m++) {
    memset(model->w[0]->data, m, n);
    MUST(bt_program_run(p, engine, &none, &counts, NULL, &error));
  }
  MUST(bt_model_average(model, 8, average, &error));
  assert_int_equal(average[0]->fmt.kind, BT_BFP);
  assert_int_equal(average[0]->exp[0], -5);             /* floor(log2(7/128)) */
  assert_int_equal(bt_tensor_mantissa(average[0], 0), 112); /* 7/128 in steps of 2^-11 */
  assert_int_equal(average[1]->exp[0], -128);           /* the bias: sums of zeros */
  bt_weights_free(average);
  bt_program_free(p);
  bt_model_free(model);
  engine->destroy(engine);
  job_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_engines_agree),
                                     cmocka_unit_test(test_average)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
