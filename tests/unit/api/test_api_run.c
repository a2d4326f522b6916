/* bittrue_run.h: a small training run, the same bits as the training loop's, and every refusal. */
#include "bittrue_run.h"
#include "support/small.h"
#include "unit/api/api.h"
#include "unit/io/scratch.h"

/* The run of test_train_golden's `mlp`: 210 images in batches of 32, three epochs of 7 steps. */
#define DIGEST "e6d712493f08d83ab1d481657547936bda4baa4f107aef0f4c6a2f28ae6fe584"

static scratch make_job(void) {
  scratch s = scratch_open();
  small_set set = {.side = 8, .train = 210, .test = 100, .seed = 1};
  small_recipe recipe = {.side = 8, .batch = 32, .epochs = 3, .swa_start = 2, .seed = 1,
                         .layers = SMALL_MLP, .rounding = "stochastic", .data = s.directory};
  assert_true(small_set_write(s.directory, &set));
  assert_true(small_recipe_write(s.directory, &recipe));
  return s;
}

static bt_run *open_run(scratch *s, const char *engine) {
  bt_run *run = NULL;
  bt_run_options o = {.engine = engine, .threads = 2};
  GOOD(bt_run_open(scratch_path(s, "recipe.yaml"), &o, &run, &error));
  return run;
}

static void expect_digest(const bt_run *run, const char *expected) {
  char text[65];
  GOOD(bt_run_digest(run, text, &error));
  assert_string_equal(text, expected);
}

/* The figures of the last epoch are test_train_golden's. */
static void expect_end(const bt_run *run) {
  bt_run_progress p;
  bt_run_where(run, &p);
  assert_true(p.steps == 21 && p.total_steps == 21 && p.epoch == 4 && p.now.images == 0);
  assert_true(p.train.images == 210 && p.train.correct == 190 && p.train.loss_bits == 15972124);
  assert_true(p.test.images == 100 && p.test.correct == 90 && p.test.loss_bits == 6457512);
  assert_true(p.average.images == 100 && p.average.correct == 85);
  expect_digest(run, DIGEST);
}

static void test_whole(void **state) {
  (void)state;
  scratch s = make_job();
  bt_run *run = open_run(&s, "ref");
  GOOD(bt_run_train(run, 2, &error));
  GOOD(bt_run_train(run, UINT64_MAX, &error)); /* 2 and this are beyond 64 bits */
  expect_end(run);
  GOOD(bt_run_train(run, 5, &error)); /* there is no more */
  expect_end(run);
  bt_run_close(run);
  bt_run_close(NULL);
  scratch_close(&s);
}

/* In pieces, through a file, on the other engine. */
static void test_pieces(void **state) {
  (void)state;
  scratch s = make_job();
  char path[600];
  bt_run_progress p;
  bt_run *run = open_run(&s, NULL);
  GOOD(bt_run_train(run, 0, &error));
  GOOD(bt_run_train(run, 3, &error));
  GOOD(bt_run_train(run, 7, &error));
  bt_run_where(run, &p);
  assert_true(p.steps == 10 && p.epoch == 2 && p.now.images == 96 && p.train.images == 210);
  assert_true(p.train.correct == 59 && p.average.images == 0); /* no average before epoch 2 */
  snprintf(path, sizeof path, "%s/there", s.directory);
  GOOD(bt_run_save(run, path, &error));
  bt_run_close(run);
  run = open_run(&s, NULL);
  GOOD(bt_run_load(run, path, &error));
  GOOD(bt_run_train(run, 11, &error));
  expect_end(run);
  bt_run_close(run);
  scratch_close(&s);
}

/* fc1: 64 inputs to 24 outputs with biases, fc2: 24 to 10. */
static void test_parameters(void **state) {
  (void)state;
  scratch s = make_job();
  bt_run *run = open_run(&s, "ref");
  static const char *const names[] = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"};
  static const size_t elements[] = {64 * 24, 24, 24 * 10, 10}, blocks[] = {24, 1, 10, 1};
  const char *name = NULL;
  bt_blocks w;
  assert_int_equal(bt_run_parameters(run), 4);
  for (size_t i = 0; i < 4; i++) {
    GOOD(bt_run_parameter(run, i, &name, &w, &error));
    assert_string_equal(name, names[i]);
    assert_int_equal(bt_elements(w.ndim, w.dim), elements[i]);
    assert_int_equal(bt_block_count(&w.format, w.ndim, w.dim), blocks[i]);
    /* A block with a nonzero mantissa has one of at least 2^6 (numerics 7); biases start at 0. */
    bool bias = i % 2 == 1;
    int largest = 0;
    for (size_t k = 0; k < elements[i] / blocks[i]; k++) {
      largest = abs(w.mantissa[k]) > largest ? abs(w.mantissa[k]) : largest;
    }
    assert_true(bias ? largest == 0 && w.exponent[0] == -128 : largest >= 64 && largest <= 127);
  }
  REFUSED(bt_run_parameter(run, 4, &name, &w, &error), BT_BAD_INPUT,
          "parameter 4: expected one below 4");
  bt_run_close(run);
  scratch_close(&s);
}

static void refuse_open(const char *recipe, const bt_run_options *o, const char *line) {
  bt_run *run = (bt_run *)&run;
  REFUSED(bt_run_open(recipe, o, &run, &error), BT_BAD_INPUT, line);
  assert_null(run);
}

static void test_refuses(void **state) {
  (void)state;
  scratch s = make_job();
  char recipe[600], line[1400];
  snprintf(recipe, sizeof recipe, "%s/recipe.yaml", s.directory);
  refuse_open(recipe, &(bt_run_options){.engine = "rtl"}, "engine 'rtl': expected fast or ref");
  refuse_open(recipe, &(bt_run_options){.threads = 257}, "257 threads, expected 0 to 256");
  snprintf(line, sizeof line, "%s/none.yaml: cannot be read: No such file or directory",
           s.directory);
  refuse_open(scratch_path(&s, "none.yaml"), NULL, line);
  snprintf(line, sizeof line, "%s/none.yaml", s.directory);
  char expected[1500];
  snprintf(expected, sizeof expected, "%s: cannot be read: No such file or directory", line);
  refuse_open(recipe, &(bt_run_options){.machine = line}, expected);

  /* Another seed's file, and none. */
  bt_run *run = open_run(&s, "ref"), *other = NULL;
  GOOD(bt_run_open(recipe, &(bt_run_options){.has_seed = true, .seed = 2}, &other, &error));
  char path[600];
  snprintf(path, sizeof path, "%s/there", s.directory);
  GOOD(bt_run_save(run, path, &error));
  snprintf(line, sizeof line,
           "%s: a checkpoint of another recipe, seed or machine than %s (seed 2) on systolic-16x16",
           path, recipe);
  REFUSED(bt_run_load(other, path, &error), BT_BAD_INPUT, line);
  snprintf(path, sizeof path, "%s/no/folder", s.directory);
  snprintf(line, sizeof line, "%s: cannot be written: No such file or directory", path);
  REFUSED(bt_run_save(run, path, &error), BT_BAD_INPUT, line);
  bt_run_close(run);
  bt_run_close(other);
  scratch_close(&s);
}

static void test_machine(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_accumulator acc = {.acc_bits = 1};
  unsigned lanes = 3;
  GOOD(bt_machine_datapath("systolic-4x4-acc16", &acc, &lanes, &error));
  assert_int_equal(acc.acc_bits, 16);
  acc.acc_bits = 1;
  lanes = 3;
  char line[1200];
  const char *path = scratch_text(&s, "m.yaml", "name: m\nlanes: 3\n");
  bt_error error = {""};
  assert_int_equal(bt_machine_datapath(path, &acc, &lanes, &error), BT_BAD_INPUT);
  snprintf(line, sizeof line, "%s:2: ", path);
  assert_memory_equal(error.text, line, strlen(line)); /* file and line */
  assert_int_equal(bt_machine_datapath("none", &acc, &lanes, &error), BT_BAD_INPUT);
  assert_memory_equal(error.text, "no machine none: expected a path, or a file none.yaml in ", 57);
  assert_true(acc.acc_bits == 1 && lanes == 3);
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_whole), cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_parameters), cmocka_unit_test(test_refuses),
      cmocka_unit_test(test_machine)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
