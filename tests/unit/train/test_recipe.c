/* Recipes: the schedule of rates as exact rationals, and every way in which a file can be wrong. */
#include "support/job.h"

static const bt_recipe *lenet5(void) {
  static bt_recipe recipe;
  bt_error error;
  MUST(bt_recipe_load(RECIPES "/lenet5-fashion.yaml", &recipe, &error));
  return &recipe;
}

static void expect_rate(size_t epoch, int64_t num, int64_t den) {
  bt_rational rate;
  bt_error error;
  MUST(bt_recipe_rate(lenet5(), epoch, &rate, &error));
  if (rate.num != num || rate.den != den) {
    fail_msg("epoch %zu: %lld/%lld, expected %lld/%lld", epoch, (long long)rate.num,
             (long long)rate.den, (long long)num, (long long)den);
  }
}

/* lr 1/20, swa_start 12, swa_lr 1/100; t = epoch / 12 (numerics 17). */
static void test_schedule(void **state) {
  (void)state;
  expect_rate(1, 1, 20);
  expect_rate(6, 1, 20);     /* t = 1/2: still the first part */
  expect_rate(7, 127, 3200); /* 1 - 99/100 * (1/12) / (4/10) = 1 - 99/480 = 127/160 */
  expect_rate(9, 61, 3200);  /* 1 - 99/100 * (1/4) / (4/10) = 1 - 99/160 = 61/160 */
  expect_rate(10, 7, 800);   /* 1 - 99/100 * (1/3) / (4/10) = 1 - 33/40 = 7/40 */
  expect_rate(11, 1, 2000);  /* t = 11/12 > 9/10: 1/100 of the rate */
  expect_rate(12, 1, 2000);
  expect_rate(13, 1, 100);
  expect_rate(18, 1, 100);
}

/* swa_start 10: t = 9/10 is the end of the slope, where both parts agree. */
static void test_end_of_slope(void **state) {
  (void)state;
  bt_recipe r = *lenet5();
  bt_rational rate;
  bt_error error;
  r.swa_start = 10;
  MUST(bt_recipe_rate(&r, 9, &rate, &error));
  assert_int_equal(rate.num, 1);
  assert_int_equal(rate.den, 2000);
}

static void test_lenet5(void **state) {
  (void)state;
  const bt_recipe *r = lenet5();
  assert_string_equal(r->net.name, "lenet5");
  assert_int_equal(r->batch, 128);
  assert_int_equal(r->epochs, 18);
  assert_int_equal(r->swa_start, 12);
  assert_int_equal(r->w.wl, 8);
  assert_int_equal(r->w.block, BT_BLOCK_DIM0);
  assert_int_equal(r->a.block, BT_BLOCK_TENSOR);
  assert_int_equal(r->weight_decay.num, 1);
  assert_int_equal(r->weight_decay.den, 2000);
  assert_int_equal(r->mean[0].den, 500); /* 0.286 = 143/500 */
  assert_int_equal(r->swa_bits, 15);
}

/* Loads the small recipe of these layers with `from` replaced by `to`. */
static bt_status load_changed(scratch *s, const char *layers, const char *from, const char *to,
                              bt_recipe *recipe, bt_error *error) {
  small_recipe small = {.side = 8, .batch = 32, .epochs = 2, .swa_start = 1, .seed = 1,
                        .layers = layers, .rounding = "stochastic", .data = "d"};
  char text[4096], changed[8192];
  assert_true(small_recipe_write(s->directory, &small));
  FILE *f = fopen(scratch_path(s, "recipe.yaml"), "r");
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  text[n] = '\0';
  char *at = strstr(text, from);
  assert_non_null(at);
  snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  return bt_recipe_load(scratch_text(s, "recipe.yaml", changed), recipe, error);
}

/* The same: refused in one line with both parts. */
static void refuse_layers(const char *layers, const char *from, const char *to, const char *first,
                          const char *second) {
  scratch s = scratch_open();
  bt_recipe recipe;
  bt_error error = {""};
  bt_status status = load_changed(&s, layers, from, to, &recipe, &error);
  assert_refused(status, BT_BAD_INPUT, &error, s.directory, first, second, NULL);
  scratch_close(&s);
}

static void refuse(const char *from, const char *to, const char *first, const char *second) {
  refuse_layers(SMALL_MLP, from, to, first, second);
}

static void test_wrong_keys_and_types(void **state) {
  (void)state;
  refuse("batch: 32", "batch: 32\nbatchsize: 32", "recipe.yaml:5: ", "batchsize");
  refuse("batch: 32", "batch: large", "recipe.yaml:4: ", "batch");
  refuse("batch: 32", "batch: 0", "recipe.yaml:4: ", "batch");
  refuse("batch: 32", "batch: 1.5", "recipe.yaml:4: ", "batch");
  refuse("batch: 32\n", "", "batch", "missing");
  refuse("lr: 0.05", "lr: fast", "recipe.yaml:7: ", "lr");
  refuse("\nlr: 0.05", "\nlr: 0", "lr", "above 0");
  refuse("\nlr: 0.05", "\nlr: -0.05", "lr", "above 0");
  refuse("momentum: 0.9", "momentum: -1", "momentum", "at least 0");
  refuse("seed: 1", "seed: -1", "recipe.yaml:11: ", "seed");
  refuse("set: mnist", "set: [mnist]", "recipe.yaml:3: ", "set");
  refuse("set: mnist", "set: mnist, folder: x", "recipe.yaml:3: ", "folder");
  refuse("mode: stochastic", "mode: random", "recipe.yaml:18: ", "nearest_even");
  refuse("random_bits: 16", "random_bits: 25", "recipe.yaml:18: ", "random_bits");
  refuse("net: net.yaml", "net: missing.yaml", "missing.yaml", "");
}

static void test_wrong_formats(void **state) {
  (void)state;
  refuse("weights: {format: bfp8", "weights: {format: bfp16", "recipe.yaml:13: ", "bfp2 to bfp15");
  refuse("gradients: {format: bfp8", "gradients: {format: bfp9", "recipe.yaml:14: ",
         "bfp2 to bfp8 or as many bits of fixed point: the array multiplies bytes");
  refuse("activations: {format: bfp8", "activations: {format: fixed8.6", "recipe.yaml:16: ",
         "bfp2 to bfp8: the array");
  refuse("weights: {format: bfp8", "weights: {format: fixed8.6", "recipe.yaml:13: ",
         "fixed point has no blocks");
  refuse("weights: {format: bfp8", "weights: {format: bfp9", "recipe.yaml:13: layer fc2",
         "at most 8 bits");
  refuse("weights: {format: bfp8", "weights: {format: int8", "recipe.yaml:13: ", "int8");
  refuse("weights: {format: bfp8, block: dim0", "weights: {format: bfp8, block: k33",
         "recipe.yaml:13: ", "k32 or tile:RxC");
  refuse("activations: {format: bfp8, block: tensor", "activations: {format: bfp8, block: dim0",
         "recipe.yaml:", "activations and errors take blocks tensor, sample, tile:RxC or k32");
  refuse("errors: {format: bfp8, block: tensor", "errors: {format: bfp8, block: dim0",
         "recipe.yaml:", "activations and errors take blocks");
  refuse("  errors: {format: bfp8, block: tensor}\n", "", "errors", "missing");
}

/* Mean and deviation: a number, or a list as long as the net has channels. */
static void test_channels(void **state) {
  (void)state;
  const char *mean = "mean: 0.5", *std = "std: 0.25";
  refuse(mean, "mean: [0.5, 0.5]", "recipe.yaml:3: mean: a list of 2 numbers",
         "expected one number or the 1 of net small's channels");
  refuse(mean, "mean: []", "recipe.yaml:3: mean", "a number or a list of 1..4 numbers");
  refuse(std, "std: [1, 1, 1, 1, 1]", "recipe.yaml:3: std", "a list of 1..4 numbers");
  refuse(std, "std: [x]", "recipe.yaml:3: std", "a decimal number");
  refuse(std, "std: {a: 1}", "recipe.yaml:3: std", "a number or a list");
  refuse(std, "std: 0", "recipe.yaml:3: std", "above 0");
  refuse(std, "std: [-1]", "recipe.yaml:3: std", "above 0");
  scratch s = scratch_open();
  bt_recipe r;
  bt_error error = {""};
  MUST(load_changed(&s, SMALL_MLP, mean, "mean: [0.4]", &r, &error));
  assert_int_equal(r.mean[0].num * 10 + r.mean[0].den, 25);
  assert_int_equal(r.augmentation.crop_pad, 0);
  assert_false(r.augmentation.flip);
  scratch_close(&s);
}

/* A recipe of three channels with this in its data map instead of mean and deviation. */
static bt_status load_colour(scratch *s, const char *options, bt_recipe *recipe, bt_error *error) {
  small_recipe small = {.side = 32, .batch = 32, .epochs = 2, .swa_start = 1, .seed = 1,
                        .layers = SMALL_COLOUR, .rounding = "stochastic", .data = "d",
                        .set = "cifar-10", .options = options};
  assert_true(small_recipe_write(s->directory, &small));
  char command[1024];
  snprintf(command, sizeof command, "sed -i 's/ mean: 0.5, std: 0.25,//' %s/recipe.yaml",
           s->directory);
  assert_int_equal(system(command), 0);
  return bt_recipe_load(scratch_path(s, "recipe.yaml"), recipe, error);
}

static void test_colour(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_recipe r;
  bt_error error = {""};
  MUST(load_colour(&s, ", mean: [0.1, 0.2, 0.3], std: 0.5, crop_pad: 4, flip: true", &r, &error));
  for (size_t c = 0; c < 3; c++) {
    assert_int_equal(r.mean[c].num * 10, (int64_t)(c + 1) * r.mean[c].den);
    assert_int_equal(r.std[c].den, 2);
  }
  assert_int_equal(r.augmentation.crop_pad, 4);
  assert_true(r.augmentation.flip);
  static const char *const wrong[][2] = {
      {", mean: 0, std: [1, 1]", "std: a list of 2 numbers, expected one number or the 3 of net"},
      {", mean: 0, std: [1, 1, 0]", "std: expected numbers above 0"},
      {", mean: 0, std: 1, crop_pad: -1", "crop_pad: expected an integer in 0..256, got '-1'"},
      {", mean: 0, std: 1, crop_pad: 257", "crop_pad: expected an integer in 0..256"},
      {", mean: 0, std: 1, crop_pad: four", "crop_pad: expected an integer in 0..256"},
      {", mean: 0, std: 1, flip: maybe", "flip: expected true or false, got 'maybe'"},
      {", mean: 0, std: 1, crop: 4", "unknown key 'crop'"}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_refused(load_colour(&s, wrong[i][0], &r, &error), BT_BAD_INPUT, &error,
                   "recipe.yaml:3: ", wrong[i][1], NULL);
  }
  scratch_close(&s);
}

/* Fixed point needs no block and clips to its whole range; wide weights suit a net without a data
 * gradient. */
static void test_fixed_point(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_recipe r;
  bt_error error = {""};
  const char *w = "weights: {format: bfp8, block: dim0}";
  MUST(load_changed(&s, SMALL_MLP, w, "weights: {format: fixed8.6}", &r, &error));
  assert_int_equal(r.w.kind, BT_FIXED);
  assert_int_equal(r.w.fl, 6);
  assert_true(r.w.asymmetric);
  MUST(load_changed(&s, "  - {fc: fc1, out: 10}\n", w,
                    "weights: {format: fixed15.14, block: tensor, clip: symmetric}", &r, &error));
  assert_int_equal(r.w.wl, 15);
  assert_false(r.w.asymmetric);
  scratch_close(&s);
}

/* Blocks that a layer cannot take (numerics 13 and 14) are refused with the layer's name. */
static void test_blocks_and_layers(void **state) {
  (void)state;
  const char *a = "activations: {format: bfp8, block: tensor";
  const char *e = "errors: {format: bfp8, block: tensor";
  refuse_layers(SMALL_CONV, a, "activations: {format: bfp8, block: k32", "layer pool1",
                "a pool takes activations and errors in blocks tensor or sample");
  refuse_layers(SMALL_CONV, e, "errors: {format: bfp8, block: tile:4x4", "layer pool1", "a pool");
  refuse(a, "activations: {format: bfp8, block: tile:4x9", "layer fc2",
         "logits with one exponent a row");
  static const char *const taken[] = {"block: k32", "block: tile:3x10", "block: sample"};
  for (size_t i = 0; i < 3; i++) {
    char to[100];
    scratch s = scratch_open();
    bt_recipe recipe;
    bt_error error = {""};
    snprintf(to, sizeof to, "activations: {format: bfp8, %s", taken[i]);
    MUST(load_changed(&s, SMALL_MLP, a, to, &recipe, &error));
    snprintf(to, sizeof to, "errors: {format: bfp8, %s", taken[i]);
    MUST(load_changed(&s, SMALL_MLP, e, to, &recipe, &error));
    scratch_close(&s);
  }
}

/* One sample, one exponent: nothing that weights could have. */
static void test_weights_have_no_samples(void **state) {
  (void)state;
  refuse("weights: {format: bfp8, block: dim0", "weights: {format: bfp8, block: sample",
         "recipe.yaml:", "blocks tensor, dim0, tile");
  refuse("gradients: {format: bfp8, block: dim0", "gradients: {format: bfp8, block: sample",
         "recipe.yaml:", "blocks tensor, dim0, tile");
  refuse("momentum: {format: bfp8, block: dim0", "momentum: {format: bfp8, block: sample",
         "recipe.yaml:", "blocks tensor, dim0, tile");
}

static void test_data_of_another_shape(void **state) {
  (void)state;
  bt_error error;
  job *j = job_open(SMALL_MLP, 1, 1);
  j->recipe.net.height = 9;
  assert_refused(bt_train_check_data(&j->recipe, &j->data, &error), BT_BAD_INPUT, &error,
                 "9x8x1 images of 10 classes", "8x8x1 of 10", NULL);
  j->recipe.net.height = 8;
  j->recipe.net.classes = 9;
  assert_refused(bt_train_check_data(&j->recipe, &j->data, &error), BT_BAD_INPUT, &error,
                 "of 9 classes", NULL);
  job_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_schedule),
      cmocka_unit_test(test_end_of_slope),
      cmocka_unit_test(test_lenet5),
      cmocka_unit_test(test_wrong_keys_and_types),
      cmocka_unit_test(test_wrong_formats),
      cmocka_unit_test(test_channels),      cmocka_unit_test(test_colour),
      cmocka_unit_test(test_fixed_point),
      cmocka_unit_test(test_blocks_and_layers),
      cmocka_unit_test(test_weights_have_no_samples),
      cmocka_unit_test(test_data_of_another_shape),
  };
  return scratch_report("test_recipe", cmocka_run_group_tests(tests, NULL, NULL));
}
