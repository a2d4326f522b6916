/* The baseline's training loop on a small made-up set. Alone: ctest -R test_float_baseline */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "float/baseline.h"
#include "num/stream.h"

enum { SIDE = 4, PIXELS = SIDE * SIDE, TRAIN = 50, TEST = 40, EPOCHS = 6, SWA_START = 4 };

typedef struct {
  bt_recipe recipe;
  bt_dataset set;
  uint8_t train_pixels[TRAIN * PIXELS], test_pixels[TEST * PIXELS];
  uint8_t train_labels[TRAIN], test_labels[TEST];
  bt_baseline_epoch row[EPOCHS];
  size_t rows;
} fixture;

/* Noise; class 1 is brighter in its lower half. */
static bt_images draw(size_t count, uint64_t seed, uint8_t *pixels, uint8_t *labels) {
  const bt_stream s = bt_stream_open(seed, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < count * PIXELS; i++) {
    const size_t sample = i / PIXELS;
    const bool bright = i % PIXELS >= PIXELS / 2 && sample % 2 == 1;
    pixels[i] = (uint8_t)(bt_stream_below(s, i, 150) + (bright ? 30 : 0));
    labels[sample] = (uint8_t)(sample % 2);
  }
  return (bt_images){count, SIDE, SIDE, 1, 2, pixels, labels};
}

/* A perceptron 16-8-2, batches of 16 and a last one of 2. */
static fixture make(void) {
  fixture f = {.recipe = {.name = "small", .mean = {{1, 3}}, .std = {{1, 5}}, .batch = 16,
                          .epochs = EPOCHS, .swa_start = SWA_START, .lr = {1, 10},
                          .swa_lr = {1, 20}, .momentum = {9, 10}, .weight_decay = {1, 2000},
                          .seed = 3}};
  f.recipe.net = (bt_net){
      .name = "small", .height = SIDE, .width = SIDE, .channels = 1, .classes = 2, .layers = 2,
      .layer = {{.kind = BT_LAYER_FC, .name = "fc1", .in_h = 1, .in_w = 1, .in_c = PIXELS,
                 .out_h = 1, .out_w = 1, .out_c = 8, .kernel = 1, .stride = 1, .relu = true,
                 .parameter = 0},
                {.kind = BT_LAYER_FC, .name = "fc2", .in_h = 1, .in_w = 1, .in_c = 8, .out_h = 1,
                 .out_w = 1, .out_c = 2, .kernel = 1, .stride = 1, .parameter = 2}},
      .parameters = 4};
  return f;
}

static void keep_row(void *context, const bt_baseline_epoch *epoch) {
  fixture *f = context;
  assert_true(f->rows < EPOCHS);
  f->row[f->rows++] = *epoch;
}

static bt_status train(fixture *f, size_t steps, bt_baseline_result *result) {
  f->rows = 0;
  f->set.train = draw(TRAIN, 11, f->train_pixels, f->train_labels);
  f->set.test = draw(TEST, 12, f->test_pixels, f->test_labels);
  const bt_baseline_options options = {steps, 1, keep_row, f};
  bt_error error;
  return bt_baseline_train(&f->recipe, &f->set, &options, result, &error);
}

static void test_learns(void **state) {
  (void)state;
  fixture f = make();
  bt_baseline_result result;
  assert_int_equal(train(&f, 0, &result), BT_OK);
  assert_int_equal(f.rows, EPOCHS);
  assert_int_equal(result.steps, EPOCHS * 4);
  assert_int_equal(result.images, EPOCHS * TRAIN);
  assert_int_equal(result.snapshots, EPOCHS - SWA_START + 1);
  assert_true(f.row[EPOCHS - 1].train_loss < 0.75 * f.row[0].train_loss);
  assert_true(result.last < 35 && result.swa >= 0 && result.swa < 35);
  assert_true(result.last == f.row[EPOCHS - 1].test_error);
  assert_true(result.sgd == f.row[SWA_START - 1].test_error);
  assert_true(result.sgd != result.last); /* so that the line above can tell them apart */
  assert_true(f.row[0].lr == 0.1 && f.row[EPOCHS - 1].lr == 0.05);
}

/* Same seed: the same figures to the last bit; another seed: others. */
static void test_reproducible(void **state) {
  (void)state;
  fixture a = make(), b = make();
  bt_baseline_result ra, rb;
  assert_int_equal(train(&a, 0, &ra), BT_OK);
  assert_int_equal(train(&b, 0, &rb), BT_OK);
  for (size_t i = 0; i < EPOCHS; i++) {
    assert_memory_equal(&a.row[i].train_loss, &b.row[i].train_loss, sizeof(double));
  }
  b.recipe.seed = 4;
  assert_int_equal(train(&b, 0, &rb), BT_OK);
  assert_true(a.row[0].train_loss != b.row[0].train_loss);
}

/* The average of one snapshot is that iterate. */
static void test_one_snapshot(void **state) {
  (void)state;
  fixture f = make();
  f.recipe.epochs = SWA_START;
  bt_baseline_result result;
  assert_int_equal(train(&f, 0, &result), BT_OK);
  assert_int_equal(result.snapshots, 1);
  assert_true(result.swa == result.last && result.sgd == result.last);
}

static void test_steps(void **state) {
  (void)state;
  fixture f = make();
  bt_baseline_result result;
  assert_int_equal(train(&f, 4 * SWA_START - 1, &result), BT_OK); /* the epoch lacks a step */
  assert_int_equal(f.rows, SWA_START);
  assert_true(result.sgd == BT_NOT_REACHED && result.swa == BT_NOT_REACHED && result.last >= 0);
  assert_int_equal(train(&f, 4 * SWA_START, &result), BT_OK);
  assert_true(result.sgd == result.last && result.swa == result.last);
}

static void test_refusals(void **state) {
  (void)state;
  fixture f = make();
  bt_baseline_result result;
  f.recipe.net.height = SIDE + 1;
  assert_int_equal(train(&f, 0, &result), BT_BAD_INPUT);
  f = make();
  f.recipe.batch = 0;
  assert_int_equal(train(&f, 0, &result), BT_BAD_INPUT);
  f = make();
  f.recipe.lr = (bt_rational){INT64_C(1000000000000), 1}; /* diverges */
  assert_int_equal(train(&f, 0, &result), BT_MISMATCH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_learns), cmocka_unit_test(test_reproducible),
      cmocka_unit_test(test_one_snapshot), cmocka_unit_test(test_steps),
      cmocka_unit_test(test_refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
