/* The baseline's gradients against central differences of its loss, for every weight of
 * nets that have each kind of layer. Alone: ctest -R test_float_gradients
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

/* Layers are appended as net/infer.c does: parameters numbered, inputs set. */
static size_t append(bt_net *net, bt_layer layer) {
  bt_layer *l = &net->layer[net->layers];
  *l = layer;
  l->inputs = l->inputs == 0 ? 1 : l->inputs;
  snprintf(l->name, sizeof l->name, "layer%zu", net->layers);
  const bool contracts = l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC;
  l->parameters = l->kind == BT_LAYER_NORM ? 2 : contracts ? (l->bias ? 2 : 1) : 0;
  l->parameter = l->parameters == 0 ? -1 : (int)net->parameters;
  net->parameters += l->parameters;
  return net->layers++;
}

/* Row 7 of conv1's output is left out by the pool; conv2 has a stride and a pad. */
static bt_net plain_net(void) {
  bt_net net = {.name = "plain", .height = 7, .width = 6, .channels = 2, .classes = 3};
  append(&net, (bt_layer){.kind = BT_LAYER_CONV, .input = {BT_NET_IMAGE}, .in_h = 7, .in_w = 6,
                          .in_c = 2, .out_h = 7, .out_w = 6, .out_c = 3, .kernel = 3, .stride = 1,
                          .pad = 1, .relu = true, .bias = true});
  append(&net, (bt_layer){.kind = BT_LAYER_POOL, .input = {0}, .in_h = 7, .in_w = 6, .in_c = 3,
                          .out_h = 3, .out_w = 3, .out_c = 3, .kernel = 2, .stride = 2});
  append(&net, (bt_layer){.kind = BT_LAYER_DROPOUT, .input = {1}, .in_h = 3, .in_w = 3, .in_c = 3,
                          .out_h = 3, .out_w = 3, .out_c = 3, .drop = {1, 4}});
  append(&net, (bt_layer){.kind = BT_LAYER_CONV, .input = {2}, .in_h = 3, .in_w = 3, .in_c = 3,
                          .out_h = 2, .out_w = 2, .out_c = 4, .kernel = 3, .stride = 2, .pad = 1,
                          .relu = true, .bias = true});
  append(&net, (bt_layer){.kind = BT_LAYER_FC, .input = {3}, .in_h = 1, .in_w = 1, .in_c = 16,
                          .out_h = 1, .out_w = 1, .out_c = 5, .kernel = 1, .stride = 1,
                          .relu = true, .bias = true, .flat = true});
  append(&net, (bt_layer){.kind = BT_LAYER_FC, .input = {4}, .in_h = 1, .in_w = 1, .in_c = 5,
                          .out_h = 1, .out_w = 1, .out_c = 3, .kernel = 1, .stride = 1,
                          .bias = true, .flat = true});
  return net;
}

static size_t append_conv(bt_net *net, size_t from, size_t in, size_t in_c, size_t out,
                          size_t out_c, size_t kernel, size_t stride) {
  return append(net, (bt_layer){.kind = BT_LAYER_CONV, .input = {from}, .in_h = in, .in_w = in,
                                .in_c = in_c, .out_h = out, .out_w = out, .out_c = out_c,
                                .kernel = kernel, .stride = stride, .pad = kernel / 2});
}

static size_t append_norm(bt_net *net, size_t from, size_t size, size_t c, bool relu) {
  return append(net, (bt_layer){.kind = BT_LAYER_NORM, .input = {from}, .in_h = size,
                                .in_w = size, .in_c = c, .out_h = size, .out_w = size, .out_c = c,
                                .relu = relu, .eps = {1, 100000}});
}

/* Convolutions without bias, a strided block with a 1x1 shortcut, one with the identity whose sum
 * of three reads the block's input twice, batch norm behind an fc, and a layer nobody reads. */
static bt_net residual_net(void) {
  bt_net net = {.name = "residual", .height = 6, .width = 6, .channels = 2, .classes = 3};
  const size_t conv = append_conv(&net, BT_NET_IMAGE, 6, 2, 6, 3, 3, 1);
  const size_t bn1 = append_norm(&net, conv, 6, 3, true);
  const size_t strided = append_conv(&net, bn1, 6, 3, 3, 4, 3, 2);
  const size_t down = append_conv(&net, conv, 6, 3, 3, 4, 1, 2);
  const size_t sum = append(&net, (bt_layer){.kind = BT_LAYER_ADD, .inputs = 2,
                                             .input = {strided, down}, .in_h = 3, .in_w = 3,
                                             .in_c = 4, .out_h = 3, .out_w = 3, .out_c = 4,
                                             .relu = true});
  append_conv(&net, bn1, 6, 3, 6, 2, 1, 1); /* read by nobody */
  const size_t bn2 = append_norm(&net, sum, 3, 4, true);
  const size_t same = append_conv(&net, bn2, 3, 4, 3, 4, 3, 1);
  const size_t three = append(&net, (bt_layer){.kind = BT_LAYER_ADD, .inputs = 3,
                                               .input = {sum, same, sum}, .in_h = 3, .in_w = 3,
                                               .in_c = 4, .out_h = 3, .out_w = 3, .out_c = 4});
  const size_t pool = append(&net, (bt_layer){.kind = BT_LAYER_AVERAGE_POOL, .input = {three},
                                              .in_h = 3, .in_w = 3, .in_c = 4, .out_h = 1,
                                              .out_w = 1, .out_c = 4, .kernel = 2, .stride = 2});
  const size_t fc = append(&net, (bt_layer){.kind = BT_LAYER_FC, .input = {pool}, .in_h = 1,
                                            .in_w = 1, .in_c = 4, .out_h = 1, .out_w = 1,
                                            .out_c = 6, .kernel = 1, .stride = 1, .flat = true});
  const size_t bn3 = append_norm(&net, fc, 1, 6, true);
  net.layer[bn3].flat = true;
  append(&net, (bt_layer){.kind = BT_LAYER_FC, .input = {bn3}, .in_h = 1, .in_w = 1, .in_c = 6,
                          .out_h = 1, .out_w = 1, .out_c = 3, .kernel = 1, .stride = 1,
                          .bias = true, .flat = true});
  return net;
}

enum { UNREAD = 5 }; /* its layer in residual_net() */

static const bt_dropout_key key = {.seed = 1, .epoch = 2, .step = 3};
static const uint8_t labels[SAMPLES] = {2, 0, 1, 1, 0, 2, 0};

static double normal(bt_stream s, uint64_t i) { return bt_stream_normal(s, i) / 16777216.0; }

static bt_float_model *random_model(bt_net net) {
  bt_float_model *m;
  bt_error error;
  if (bt_float_model_create(&net, BATCH, 2, &m, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  const bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < m->weights; i++) {
    m->w[i] = 0.4 * normal(s, i); /* biases too */
  }
  for (size_t i = 0; i < SAMPLES * net.height * net.width * net.channels; i++) {
    m->image[i] = normal(s, 100000 + i);
  }
  return m;
}

/* The mean loss, as the gradient is defined. */
static double loss_of(bt_float_model *m) {
  uint64_t correct = 0;
  bt_float_forward(m, SAMPLES, BT_PASS_TRAIN, &key);
  return bt_float_loss(m, SAMPLES, labels, &correct) / SAMPLES;
}

static void set_gradient(bt_float_model *m) {
  uint64_t correct = 0;
  bt_float_forward(m, SAMPLES, BT_PASS_TRAIN, &key);
  bt_float_backward(m, SAMPLES, labels, &correct);
}

static void check_every_weight(bt_net net, size_t unread) {
  bt_float_model *m = random_model(net);
  set_gradient(m);
  for (size_t p = 0; p < m->net.parameters; p++) {
    size_t telling = 0; /* gradients a hundred times the tolerance and more */
    for (size_t i = m->offset[p]; i < m->offset[p + 1]; i++) {
      const double w = m->w[i];
      m->w[i] = w + step;
      const double above = loss_of(m);
      m->w[i] = w - step;
      const double below = loss_of(m);
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
    const size_t layer = (size_t)(bt_net_parameter_layer(&m->net, p) - m->net.layer);
    if (layer != unread) {
      assert_true(2 * telling >= m->offset[p + 1] - m->offset[p]);
    }
  }
  bt_float_model_destroy(m);
}

static void test_plain(void **state) {
  (void)state;
  check_every_weight(plain_net(), SIZE_MAX);
}

static void test_residual(void **state) {
  (void)state;
  check_every_weight(residual_net(), UNREAD);
}

/* Without dropout and batch norm a batch of one counts a sample as a batch does: the mean of single
 * gradients is the batch's. */
static void test_mean_over_batch(void **state) {
  (void)state;
  bt_net net = plain_net();
  net.layer[2].drop = (bt_rational){0, 1};
  bt_float_model *m = random_model(net);
  const size_t size = 7 * 6 * 2;
  double sum[1024] = {0};
  assert_true(m->weights <= 1024);
  for (size_t s = 0; s < SAMPLES; s++) {
    bt_float_model *one = random_model(net);
    memcpy(one->image, m->image + s * size, size * sizeof *one->image);
    uint64_t correct = 0;
    bt_float_forward(one, 1, BT_PASS_TRAIN, &key);
    bt_float_backward(one, 1, labels + s, &correct);
    for (size_t i = 0; i < m->weights; i++) {
      sum[i] += one->g[i];
    }
    bt_float_model_destroy(one);
  }
  set_gradient(m);
  for (size_t i = 0; i < m->weights; i++) {
    assert_true(fabs(m->g[i] - sum[i] / SAMPLES) <= 1e-12);
  }
  bt_float_model_destroy(m);
}

/* One batch collected: evaluation then differs from training by the variance's n - 1 alone, which
 * the scale of each batch norm makes up for. */
static void test_statistics(void **state) {
  (void)state;
  bt_float_model *m = random_model(residual_net());
  const double trained = loss_of(m);
  bt_float_statistics_clear(m);
  bt_float_forward(m, SAMPLES, BT_PASS_COLLECT, NULL);
  bt_float_statistics_use(m);
  for (size_t l = 0; l < m->net.layers; l++) {
    const bt_layer *layer = &m->net.layer[l];
    const double n = (double)(SAMPLES * layer->out_h * layer->out_w);
    for (size_t c = 0; layer->kind == BT_LAYER_NORM && c < layer->out_c; c++) {
      const double variance = 1 / (m->norm[l].factor[c] * m->norm[l].factor[c]) - 1e-5;
      const double biased = variance * (n - 1) / n;
      m->w[m->offset[layer->parameter] + c] *= sqrt((variance + 1e-5) / (biased + 1e-5));
    }
  }
  uint64_t correct = 0;
  bt_float_forward(m, SAMPLES, BT_PASS_EVALUATE, NULL);
  const double evaluated = bt_float_loss(m, SAMPLES, labels, &correct) / SAMPLES;
  assert_true(fabs(evaluated - trained) <= 1e-10);
  bt_float_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_residual),
                                     cmocka_unit_test(test_mean_over_batch),
                                     cmocka_unit_test(test_statistics)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
