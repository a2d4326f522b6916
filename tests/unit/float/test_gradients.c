/* The baseline's gradients against central differences of its loss, for every weight of a net
 * that has each kind of layer. Alone: ctest -R test_float_gradients
 *
 * The sources are compiled with double. With a step h = 1e-6 a difference quotient is off by
 * h^2/6 times a third derivative (about 1e-12) and by the loss's own rounding over 2h (a few
 * 1e-16 / 2e-6, about 1e-9 with a margin); gradients are around 1e-2. A tolerance of 1e-8 plus
 * 1e-6 of the gradient lies above the former and far below any wrong term. ReLU and max-pool
 * have kinks, but the seed is fixed, and no unit is within h of one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "float/model.h"
#include "num/stream.h"

enum { BATCH = 8, SAMPLES = 7 }; /* a short batch */
static const double step = 1e-6;

/* Row 7 of conv1's output is left out by the pool; conv2 has a stride and a pad. */
static bt_net every_layer(void) {
  return (bt_net){
      .name = "every-layer",
      .height = 7, .width = 6, .channels = 2, .classes = 3,
      .layers = 6,
      .layer = {{.kind = BT_LAYER_CONV, .name = "conv1", .in_h = 7, .in_w = 6, .in_c = 2,
                 .out_h = 7, .out_w = 6, .out_c = 3, .kernel = 3, .stride = 1, .pad = 1,
                 .relu = true, .parameter = 0},
                {.kind = BT_LAYER_POOL, .name = "pool1", .in_h = 7, .in_w = 6, .in_c = 3,
                 .out_h = 3, .out_w = 3, .out_c = 3, .kernel = 2, .stride = 2, .parameter = -1},
                {.kind = BT_LAYER_DROPOUT, .name = "drop1", .in_h = 3, .in_w = 3, .in_c = 3,
                 .out_h = 3, .out_w = 3, .out_c = 3, .drop = {1, 4}, .parameter = -1},
                {.kind = BT_LAYER_CONV, .name = "conv2", .in_h = 3, .in_w = 3, .in_c = 3,
                 .out_h = 2, .out_w = 2, .out_c = 4, .kernel = 3, .stride = 2, .pad = 1,
                 .relu = true, .parameter = 2},
                {.kind = BT_LAYER_FC, .name = "fc1", .in_h = 1, .in_w = 1, .in_c = 16,
                 .out_h = 1, .out_w = 1, .out_c = 5, .kernel = 1, .stride = 1, .relu = true,
                 .parameter = 4},
                {.kind = BT_LAYER_FC, .name = "fc2", .in_h = 1, .in_w = 1, .in_c = 5,
                 .out_h = 1, .out_w = 1, .out_c = 3, .kernel = 1, .stride = 1, .parameter = 6}},
      .parameters = 8};
}

static const bt_dropout_key key = {.seed = 1, .epoch = 2, .step = 3};
static const uint8_t labels[SAMPLES] = {2, 0, 1, 1, 0, 2, 0};

static double normal(bt_stream s, uint64_t i) { return bt_stream_normal(s, i) / 16777216.0; }

static bt_float_model *random_model(void) {
  const bt_net net = every_layer();
  bt_float_model *m;
  bt_error error;
  if (bt_float_model_create(&net, BATCH, &m, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  const bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < m->weights; i++) {
    m->w[i] = 0.4 * normal(s, i); /* biases too */
  }
  for (size_t i = 0; i < SAMPLES * 7 * 6 * 2; i++) {
    m->activation[0][i] = normal(s, 100000 + i);
  }
  return m;
}

/* The mean loss, as the gradient is defined. */
static double loss_of(bt_float_model *m, bool gradient) {
  uint64_t correct = 0;
  bt_float_forward(m, SAMPLES, &key);
  return bt_float_backward(m, SAMPLES, labels, gradient, &correct) / SAMPLES;
}

static void test_every_weight(void **state) {
  (void)state;
  bt_float_model *m = random_model();
  loss_of(m, true);
  for (size_t p = 0; p < m->net.parameters; p++) {
    size_t telling = 0; /* gradients a hundred times the tolerance and more */
    for (size_t i = m->offset[p]; i < m->offset[p + 1]; i++) {
      const double w = m->w[i];
      m->w[i] = w + step;
      const double above = loss_of(m, false);
      m->w[i] = w - step;
      const double below = loss_of(m, false);
      m->w[i] = w;
      const double difference = (above - below) / (2 * step);
      if (!(fabs(difference - m->g[i]) <= 1e-8 + 1e-6 * fabs(m->g[i]))) {
        char name[64];
        bt_net_parameter_name(&m->net, p, name, sizeof name);
        fail_msg("%s[%zu]: gradient %.10g, finite difference %.10g", name, i - m->offset[p],
                 m->g[i], difference);
      }
      telling += fabs(m->g[i]) > 1e-6;
    }
    assert_true(2 * telling >= m->offset[p + 1] - m->offset[p]);
  }
  bt_float_model_destroy(m);
}

/* A forward pass without a key leaves no masks in drop1, layer 2: here all are kept. */
static void keep_all(bt_float_model *m, size_t n) {
  memset(m->byte[2], 1, n * 3 * 3 * 3);
}

/* A batch of one counts a sample as a batch does: the mean of single gradients is the batch's. */
static void test_mean_over_batch(void **state) {
  (void)state;
  bt_float_model *m = random_model();
  const size_t size = 7 * 6 * 2;
  double sum[1024] = {0};
  assert_true(m->weights <= 1024);
  for (size_t s = 0; s < SAMPLES; s++) {
    bt_float_model *one = random_model();
    for (size_t i = 0; i < size; i++) {
      one->activation[0][i] = m->activation[0][s * size + i];
    }
    uint64_t correct = 0;
    bt_float_forward(one, 1, NULL);
    keep_all(one, 1);
    bt_float_backward(one, 1, labels + s, true, &correct);
    for (size_t i = 0; i < m->weights; i++) {
      sum[i] += one->g[i];
    }
    bt_float_model_destroy(one);
  }
  bt_float_forward(m, SAMPLES, NULL);
  keep_all(m, SAMPLES);
  uint64_t correct = 0;
  bt_float_backward(m, SAMPLES, labels, true, &correct);
  for (size_t i = 0; i < m->weights; i++) {
    assert_true(fabs(m->g[i] - sum[i] / SAMPLES) <= 1e-12);
  }
  bt_float_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_weight),
                                     cmocka_unit_test(test_mean_over_batch)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
