/* The baseline's training loop on a small made-up set. Alone: ctest -R test_float_baseline */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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
  size_t rows, again; /* again: of a checkpoint */
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
                          .seed = 3, .evaluate_every = 1}};
  f.recipe.net = (bt_net){
      .name = "small", .height = SIDE, .width = SIDE, .channels = 1, .classes = 2, .layers = 2,
      .layer = {{.kind = BT_LAYER_FC, .name = "fc1", .inputs = 1, .input = {BT_NET_IMAGE},
                 .flat = true, .bias = true, .parameters = 2, .in_h = 1, .in_w = 1, .in_c = PIXELS,
                 .out_h = 1, .out_w = 1, .out_c = 8, .kernel = 1, .stride = 1, .relu = true,
                 .parameter = 0},
                {.kind = BT_LAYER_FC, .name = "fc2", .inputs = 1, .input = {0}, .flat = true,
                 .bias = true, .parameters = 2, .in_h = 1, .in_w = 1, .in_c = 8,
                 .out_h = 1, .out_w = 1, .out_c = 2, .kernel = 1, .stride = 1, .parameter = 2}},
      .parameters = 4};
  return f;
}

/* The same with batch norm and ReLU after the first layer. */
static fixture make_norm(void) {
  fixture f = make();
  bt_net *net = &f.recipe.net;
  net->layer[2] = net->layer[1];
  net->layer[2].input[0] = 1;
  net->layer[2].parameter = 4;
  net->layer[1] = (bt_layer){.kind = BT_LAYER_NORM, .name = "bn1", .inputs = 1, .input = {0},
                             .flat = true, .relu = true, .in_h = 1, .in_w = 1, .in_c = 8,
                             .out_h = 1, .out_w = 1, .out_c = 8, .eps = {1, 100000},
                             .parameter = 2, .parameters = 2};
  net->layers = 3;
  net->parameters = 6;
  return f;
}

static void keep_row(void *context, const bt_baseline_epoch *epoch, bool again) {
  fixture *f = context;
  f->again += again;
  assert_true(f->rows < EPOCHS);
  f->row[f->rows++] = *epoch;
}

static bt_status train_as(fixture *f, bt_baseline_options options, bt_baseline_result *result) {
  f->rows = f->again = 0;
  f->set.train = draw(TRAIN, 11, f->train_pixels, f->train_labels);
  f->set.test = draw(TEST, 12, f->test_pixels, f->test_labels);
  options.progress = keep_row;
  options.context = f;
  bt_error error;
  return bt_baseline_train(&f->recipe, &f->set, &options, result, &error);
}

static bt_status train(fixture *f, size_t steps, bt_baseline_result *result) {
  return train_as(f, (bt_baseline_options){.steps = steps, .threads = 1}, result);
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

/* A net with batch norm, stopped after any number of steps and gone on with, on another number of
 * threads, ends with the same figures to the last bit. */
static void test_resume(void **state) {
  (void)state;
  char place[] = "/tmp/bittrue-baseline-XXXXXX", path[64];
  assert_non_null(mkdtemp(place));
  snprintf(path, sizeof path, "%s/" BT_BASELINE_FILE, place);
  fixture whole = make_norm();
  bt_baseline_result expected, result;
  assert_int_equal(train(&whole, 0, &expected), BT_OK);
  for (size_t steps = 1; steps < 4 * EPOCHS; steps += 5) {
    fixture f = make_norm();
    const bt_baseline_options first = {.steps = steps, .threads = 1, .directory = place};
    const bt_baseline_options second = {.threads = 3, .directory = place, .resume = true};
    assert_int_equal(train_as(&f, first, &result), BT_OK);
    assert_int_equal(train_as(&f, second, &result), BT_OK);
    assert_int_equal(f.rows, EPOCHS);
    assert_int_equal(f.again, steps / 4);
    assert_true(result.sgd == expected.sgd && result.swa == expected.swa);
    assert_true(result.images == expected.images && result.steps == expected.steps);
    for (size_t i = 0; i < EPOCHS; i++) {
      assert_true(f.row[i].train_loss == whole.row[i].train_loss);
    }
    f.recipe.seed++;
    assert_int_equal(train_as(&f, second, &result), BT_BAD_INPUT);
    unlink(path);
  }
  rmdir(place);
}

/* Epochs 3, 4 (swa_start) and 6 are evaluated. */
static void test_evaluate_every(void **state) {
  (void)state;
  fixture f = make(), all = make();
  bt_baseline_result result, other;
  assert_int_equal(train(&all, 0, &other), BT_OK);
  f.recipe.evaluate_every = 3;
  assert_int_equal(train(&f, 0, &result), BT_OK);
  for (size_t i = 0; i < EPOCHS; i++) {
    const bool evaluated = i == 2 || i == 3 || i == 5;
    assert_true(f.row[i].test_error == (evaluated ? all.row[i].test_error : BT_NOT_REACHED));
  }
  assert_true(result.sgd == other.sgd && result.swa == other.swa && result.last == other.last);
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
      cmocka_unit_test(test_resume), cmocka_unit_test(test_evaluate_every),
      cmocka_unit_test(test_one_snapshot), cmocka_unit_test(test_steps),
      cmocka_unit_test(test_refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
