/* The convex experiments, small (numerics 21): what SWALP proves and SGD-LP does not, on both
 * tasks; the same bits on every engine and with every number of threads; recipes that are wrong. */
#include <math.h>

#include "float/objective.h"
#include "support/job.h"
#include "train/convex.h"
#ifdef BITTRUE_HAVE_FAST
#include "fast/fast.h"
#endif

static const char regression[] =
    "name: small\ntask: regression\ndata: {set: synthetic, samples: 512, features: 32, seed: 3}\n"
    "batch: 16\nsteps: 16000\naverage_start: 1000\nlr: 0.015625\nformats:\n"
    "  weights: {format: fixed6.4}\n  gradients: {format: bfp8, block: tensor}\n"
    "  errors: {format: bfp8, block: tensor}\nrounding: {random_bits: 24}\n";

static const char classification[] =
    "name: small\ntask: classification\ndata: {set: mnist, directory: DIR}\n"
    "batch: 30\nsteps: 4000\naverage_start: 1000\nsampling: shuffle\nlr: 0.125\n"
    "weight_decay: 1e-2\nformats:\n"
    "  weights: {format: fixed6.4}\n  gradients: {format: bfp8, block: tensor}\n"
    "  errors: {format: bfp8, block: tensor}\n  logits: {format: bfp16, block: tensor}\n"
    "rounding: {random_bits: 24}\n";

typedef struct {
  scratch s;
  bt_convex_recipe recipe;
  bt_samples samples;
  bt_machine machine;
} convex_job;

/* The recipe with `from` replaced by `to`; DIR becomes the directory of a small set. */
static bt_status load(convex_job *j, const char *text, const char *from, const char *to,
                      bt_error *error) {
  char changed[2048];
  const char *at = strstr(text, from);
  assert_non_null(at);
  snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  return bt_convex_recipe_load(scratch_text(&j->s, "convex.yaml", changed), &j->recipe, error);
}

static convex_job *open_job(const char *text) {
  convex_job *j = calloc(1, sizeof *j);
  bt_error error = {""};
  small_set set = {.side = 8, .train = 210, .test = 10, .seed = 1};
  j->s = scratch_open();
  j->machine = bt_machine_default();
  if (strstr(text, "DIR") != NULL) {
    assert_true(small_set_write(j->s.directory, &set));
    MUST(load(j, text, "DIR", j->s.directory, &error));
  } else {
    MUST(load(j, text, "small", "small", &error));
  }
  MUST(bt_convex_samples(&j->recipe, &j->samples, &error));
  return j;
}

static void close_job(convex_job *j) {
  bt_samples_free(&j->samples);
  scratch_close(&j->s);
  free(j);
}

/* A whole run on an engine, which is destroyed. */
static void run(convex_job *j, bt_engine *engine, bt_convex_state *state) {
  bt_error error = {""};
  MUST(bt_convex_start(&j->recipe, &j->samples, &j->machine, state, &error));
  MUST(bt_convex_run(state, engine, NULL, &error));
  engine->destroy(engine);
}

/* The values of iterate and average, one after the other. */
static double *values(const bt_convex_state *state, size_t n) {
  double *w = malloc(2 * n * sizeof *w);
  bt_convex_iterate(state, w);
  bt_convex_average(state, w + n);
  return w;
}

/* The nearest fixed6.4 weights are 32 * 2^-8 / 12 = 0.0104 from w* on average: the average of the
 * iterates comes at least three times as close, the last iterate stays at least as far. */
static void test_below_quantization(void **state) {
  (void)state;
  convex_job *j = open_job(regression);
  bt_convex_state end;
  bt_error error = {""};
  bt_objective o = {&j->samples, 0, j->recipe.bias};
  double minimum[32], nearest = 0;
  run(j, bt_ref_engine(&j->machine), &end);
  MUST(bt_objective_minimum(&o, minimum, &error));
  for (size_t i = 0; i < 32; i++) {
    double d = rint(minimum[i] * 16) / 16 - minimum[i];
    nearest += d * d;
  }
  double *w = values(&end, 32), iterate = bt_distance2(32, w, minimum);
  double average = bt_distance2(32, w + 32, minimum);
  print_message("|w - w*|^2: iterate %g, average %g, nearest %g\n", iterate, average, nearest);
  assert_int_equal(end.snapshots, 15000);
  if (average > nearest / 3 || iterate < nearest) {
    fail_msg("iterate %g, average %g: expected above and a third of %g", iterate, average, nearest);
  }
  free(w);
  bt_convex_free(&end);
  close_job(j);
}

/* The average's gradient is at most a third of the iterate's, squared. */
static void test_gradient_norm(void **state) {
  (void)state;
  convex_job *j = open_job(classification);
  bt_convex_state end;
  bt_error error = {""};
  bt_objective o = {&j->samples, 0.01, true};
  bt_objective_value iterate, average;
  run(j, bt_ref_engine(&j->machine), &end);
  size_t n = bt_objective_parameters(&o);
  double *w = values(&end, n);
  MUST(bt_objective_at(&o, w, &iterate, NULL, &error));
  MUST(bt_objective_at(&o, w + n, &average, NULL, &error));
  print_message("squared gradient norm: iterate %g, average %g\n", iterate.gradient2,
                average.gradient2);
  if (average.gradient2 > iterate.gradient2 / 3 || average.loss > iterate.loss) {
    fail_msg("iterate %g, average %g: expected a third", iterate.gradient2, average.gradient2);
  }
  free(w);
  bt_convex_free(&end);
  close_job(j);
}

/* One step from zero to nearest is -lr times the objective's gradient over the batch, to a step of
 * the weights and to the 8 bits of errors and gradients (each within 2^-7 of the largest). */
static void check_step(const char *text) {
  convex_job *j = open_job(text);
  bt_error error = {""};
  bt_convex_state end;
  bt_objective o = {&j->samples, 0, j->recipe.bias};
  bt_sampler sampler;
  j->recipe.steps = 1;
  j->recipe.round.mode = BT_NEAREST_EVEN;
  MUST(bt_format_parse("fixed15.14", &j->recipe.w, &error));
  run(j, bt_ref_engine(&j->machine), &end);
  size_t n = bt_objective_parameters(&o), batch = j->recipe.batch;
  double *w = values(&end, n), *gradient = malloc(n * sizeof *gradient), largest = 0;
  double *zero = calloc(n, sizeof *zero), *x = malloc(batch * j->samples.features * sizeof *x);
  double *y = malloc(batch * j->samples.outputs * sizeof *y);
  uint32_t *index = malloc(batch * sizeof *index);
  MUST(bt_sampler_open(&sampler, j->recipe.sampling, 1, j->samples.count, batch, &error));
  bt_sampler_step(&sampler, 0, index);
  bt_objective_batch(&o, zero, batch, index, x, y, gradient);
  for (size_t i = 0; i < n; i++) {
    largest = fabs(gradient[i]) > largest ? fabs(gradient[i]) : largest;
  }
  double rate = (double)j->recipe.lr.num / (double)j->recipe.lr.den;
  for (size_t i = 0; i < n; i++) {
    if (fabs(w[i] + rate * gradient[i]) > 1.0 / 16384 + rate * largest * 4 / 128) {
      fail_msg("parameter %zu of %zu: %g, expected %g", i, n, w[i], -rate * gradient[i]);
    }
  }
  void *const all[] = {w, gradient, zero, x, y, index};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    free(all[i]);
  }
  bt_sampler_close(&sampler);
  bt_convex_free(&end);
  close_job(j);
}

static void test_one_step(void **state) {
  (void)state;
  check_step(regression);
  check_step(classification);
}

static void digest_on(convex_job *j, bt_engine *engine, char digest[65]) {
  bt_convex_state end;
  bt_error error = {""};
  run(j, engine, &end);
  MUST(bt_convex_digest(&end, digest, &error));
  bt_convex_free(&end);
}

static void check_engines(const char *text, const char *to, const char *pinned) {
  convex_job *j = open_job(text);
  bt_error error = {""};
  char want[65];
  j->recipe.steps = 300;
  j->recipe.average_start = 100;
  MUST(bt_format_parse(to, &j->recipe.w, &error));
  digest_on(j, bt_ref_engine(&j->machine), want);
  if (pinned != NULL) {
    assert_string_equal(want, pinned);
  }
#ifdef BITTRUE_HAVE_FAST
  for (unsigned threads = 1; threads <= 2; threads++) {
    char got[65];
    digest_on(j, bt_fast_engine(&j->machine, threads), got);
    if (strcmp(got, want) != 0) {
      fail_msg("weights %s, %u threads: digest %s, ref has %s", to, threads, got, want);
    }
  }
#endif
  close_job(j);
}

/* A change of a digest is a change of the contract (docs/numerics.md), never of a test. */
static void test_engines_agree(void **state) {
  (void)state;
  static const char *const weights[] = {"fixed4.2", "fixed15.14", "bfp8", "bfp15"};
  for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
    check_engines(regression, weights[i], NULL);
    check_engines(classification, weights[i], NULL);
  }
  check_engines(regression, "fixed8.6",
                "a0f27ee6f9c0cf7d8e34772933ce3523b37cef12a1e4aa6ee6e05dc8bf1dacab");
  check_engines(classification, "fixed8.6",
                "30692a21c9a55cceb381ac19614c45a08fdc2e0ffae3fce302d8a6669269fde4");
}

static void refuse(const char *text, const char *from, const char *to, const char *first,
                   const char *second) {
  convex_job j = {.s = scratch_open()};
  bt_error error = {""};
  assert_refused(load(&j, text, from, to, &error), BT_BAD_INPUT, &error, j.s.directory, first,
                 second, NULL);
  scratch_close(&j.s);
}

static void test_wrong_recipes(void **state) {
  (void)state;
  refuse(regression, "task: regression", "task: ranking", "yaml:2: ", "classification");
  refuse(regression, "task: regression", "task: classification", "yaml:3: ", "images");
  refuse(regression, "batch: 16", "batch: 0", "yaml:4: ", "batch");
  refuse(regression, "steps: 16000", "step: 16000", "steps", "missing");
  refuse(regression, "lr: 0.015625", "lr: 0", "lr: expected", "above 0");
  refuse(regression, "lr:", "momentum: 0.9\nlr:", "momentum", "unknown key");
  refuse(regression, "fixed6.4", "fixed16.14", "yaml:9: weights", "bfp15");
  refuse(regression, "errors: {format: bfp8", "errors: {format: fixed8.6", "yaml:11: errors",
         "bfp2 to bfp8");
  refuse(regression, "errors: {format: bfp8, block: tensor", "errors: {format: bfp8, block: dim0",
         "errors and logits", "block tensor");
  refuse(regression, "gradients: {format: bfp8, block: tensor",
         "gradients: {format: bfp8, block: sample", "weights and gradients", "tile:RxC");
  refuse(classification, "  logits: {format: bfp16, block: tensor}\n", "", "logits", "missing");
  convex_job j = {.s = scratch_open()};
  bt_error error = {""};
  MUST(load(&j, regression, "lr:", "sampling: shuffle\nlr:", &error));
  j.recipe.batch = 15;
  assert_refused(bt_convex_samples(&j.recipe, &j.samples, &error), BT_BAD_INPUT, &error,
                 "batch 15", "divisor of the 512", NULL);
  bt_samples_free(&j.samples);
  scratch_close(&j.s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_below_quantization), cmocka_unit_test(test_gradient_norm),
      cmocka_unit_test(test_one_step), cmocka_unit_test(test_engines_agree),
      cmocka_unit_test(test_wrong_recipes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
