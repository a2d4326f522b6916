/* The baseline's layers against plain loops and small worked cases.
 * Alone: ctest -R test_float_layers */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "float/layers.h"
#include "float/optimizer.h"
#include "num/stream.h"

static float *random_floats(size_t count, uint64_t seed) {
  float *x = calloc(count, sizeof *x);
  assert_non_null(x);
  const bt_stream s = bt_stream_open(seed, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < count; i++) {
    x[i] = (float)(bt_stream_normal(s, i) / 16777216.0);
  }
  return x;
}

/* Scratch memory for layers of these sizes, on three threads. */
static bt_float_work make_work(size_t columns, size_t partials, size_t channels) {
  bt_float_work work = {.threads = bt_threads_new(3), .columns = columns, .partials = partials,
                        .channels = channels};
  work.column = calloc(3 * columns + 1, sizeof *work.column);
  work.partial = calloc(BT_FLOAT_PARTS * partials + 1, sizeof *work.partial);
  work.sum = calloc(BT_FLOAT_PARTS * 2 * channels + 1, sizeof *work.sum);
  work.constant = calloc(3 * channels + 1, sizeof *work.constant);
  assert_true(work.threads && work.column && work.partial && work.sum && work.constant);
  openblas_set_num_threads(1);
  return work;
}

static void free_work(bt_float_work *work) {
  bt_threads_free(work->threads);
  free(work->column);
  free(work->partial);
  free(work->sum);
  free(work->constant);
}

/* Sums of up to a few thousand products of normal deviates: float's error is below 1e-3. */
static void expect_close(const char *what, size_t count, const float *got, const double *want) {
  for (size_t i = 0; i < count; i++) {
    if (!(fabs((double)got[i] - want[i]) <= 1e-3)) {
      fail_msg("%s, element %zu: %.8g, expected %.8g", what, i, (double)got[i], want[i]);
    }
  }
}

typedef struct {
  const bt_geometry *g;
  const float *x, *w, *e;
  double *y, *dw, *dx;
} plain;

/* numerics 8's formula, once for all three directions: a product of one output place, one window
 * place and one channel belongs to y, dw and dx. */
static void plain_convolution(plain *p) {
  const bt_geometry *g = p->g;
  for (size_t i = 0; i < g->n * g->oh * g->ow * g->o; i++) {
    const size_t o = i % g->o, ow = i / g->o % g->ow, oh = i / g->o / g->ow % g->oh;
    const size_t n = i / g->o / g->ow / g->oh;
    for (size_t q = 0; q < g->kh * g->kw * g->c; q++) {
      const size_t c = q % g->c, kw = q / g->c % g->kw, kh = q / g->c / g->kw;
      const size_t h = oh * g->stride + kh - g->pad, w = ow * g->stride + kw - g->pad;
      if (h < g->h && w < g->w) { /* a place left of the image wraps to a large number */
        const size_t at = ((n * g->h + h) * g->w + w) * g->c + c;
        const size_t weight = o * g->kh * g->kw * g->c + q;
        p->y[i] += (double)p->x[at] * (double)p->w[weight];
        p->dw[weight] += (double)p->x[at] * (double)p->e[i];
        p->dx[at] += (double)p->e[i] * (double)p->w[weight];
      }
    }
  }
}

static void check_convolution(bt_geometry g) {
  const size_t nx = g.n * g.h * g.w * g.c, nw = g.o * g.kh * g.kw * g.c;
  const size_t ny = g.n * g.oh * g.ow * g.o;
  float *x = random_floats(nx, 1), *w = random_floats(nw, 2), *e = random_floats(ny, 3);
  float *bias = random_floats(g.o, 4);
  bt_float_work work = make_work(bt_conv_columns(&g), nw, g.o);
  float *y = calloc(ny, sizeof *y), *dw = random_floats(nw, 5), *dx = random_floats(nx, 6);
  float *dbias = random_floats(g.o, 7);
  plain p = {&g, x, w, e, calloc(ny, 8), calloc(nw, 8), calloc(nx, 8)};
  double *bias_sum = calloc(g.o, sizeof *bias_sum);
  assert_true(y && p.y && p.dw && p.dx && bias_sum);
  plain_convolution(&p);
  for (size_t i = 0; i < ny; i++) {
    p.y[i] += (double)bias[i % g.o];
    bias_sum[i % g.o] += (double)e[i];
  }
  bt_conv_forward(&work, &g, x, w, bias, false, y);
  expect_close("forward", ny, y, p.y);
  bt_conv_backward(&work, &g, x, w, e, dw, dbias, dx);
  expect_close("weight gradient", nw, dw, p.dw);
  expect_close("bias gradient", g.o, dbias, bias_sum);
  expect_close("data gradient", nx, dx, p.dx);
  bt_conv_forward(&work, &g, x, w, bias, true, y);
  for (size_t i = 0; i < ny; i++) {
    p.y[i] = p.y[i] > 0 ? p.y[i] : 0;
  }
  expect_close("forward with ReLU", ny, y, p.y);
  float *const floats[] = {x, w, e, bias, y, dw, dx, dbias};
  for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
    free(floats[i]);
  }
  free(p.y);
  free(p.dw);
  free(p.dx);
  free(bias_sum);
  free_work(&work);
}

/* Seven samples of conv1 take several blocks of columns, the last one short. */
static void test_convolution(void **state) {
  (void)state;
  check_convolution((bt_geometry){.n = 7, .h = 28, .w = 28, .c = 1, .o = 6, .kh = 5, .kw = 5,
                                  .stride = 1, .pad = 2, .oh = 28, .ow = 28});
  check_convolution((bt_geometry){.n = 3, .h = 14, .w = 14, .c = 6, .o = 16, .kh = 5, .kw = 5,
                                  .stride = 1, .pad = 0, .oh = 10, .ow = 10});
  check_convolution((bt_geometry){.n = 2, .h = 6, .w = 9, .c = 3, .o = 4, .kh = 3, .kw = 3,
                                  .stride = 2, .pad = 1, .oh = 3, .ow = 5});
  check_convolution((bt_geometry){.n = 5, .h = 16, .w = 16, .c = 16, .o = 24, .kh = 3, .kw = 3,
                                  .stride = 2, .pad = 1, .oh = 8, .ow = 8});
  check_convolution((bt_geometry){.n = 6, .h = 16, .w = 15, .c = 5, .o = 7, .kh = 1, .kw = 1,
                                  .stride = 2, .pad = 0, .oh = 8, .ow = 8});
  check_convolution((bt_geometry){.n = 9, .h = 8, .w = 8, .c = 5, .o = 7, .kh = 1, .kw = 1,
                                  .stride = 1, .pad = 0, .oh = 8, .ow = 8});
  check_convolution((bt_geometry){.n = 1, .h = 2, .w = 2, .c = 2, .o = 3, .kh = 3, .kw = 3,
                                  .stride = 3, .pad = 3, .oh = 2, .ow = 2});
  check_convolution((bt_geometry){.n = 5, .h = 1, .w = 1, .c = 40, .o = 7, .kh = 1, .kw = 1,
                                  .stride = 1, .pad = 0, .oh = 1, .ow = 1});
}

/* Equal values: the first in row-major order wins and gets the error; column 3 is left out. */
static void test_pool(void **state) {
  (void)state;
  const bt_layer layer = {.kind = BT_LAYER_POOL, .in_h = 2, .in_w = 3, .in_c = 2, .out_h = 1,
                          .out_w = 1, .out_c = 2, .kernel = 2, .stride = 2, .parameter = -1};
  const float x[] = {1, -5, 4, -3, 9, 9, 4, -3, 4, -4, 9, 9};
  const float e[] = {10, 20};
  float y[2], dx[12];
  uint8_t place[2];
  bt_float_work work = make_work(0, 0, 0);
  bt_pool_forward(&work, &layer, 1, x, y, place);
  assert_true(y[0] == 4 && y[1] == -3);
  assert_int_equal(place[0], 1);
  assert_int_equal(place[1], 1);
  bt_pool_backward(&work, &layer, 1, e, place, dx);
  for (size_t i = 0; i < 12; i++) {
    assert_true(dx[i] == (i == 2 ? 10.0F : i == 3 ? 20.0F : 0.0F));
  }
  free_work(&work);
}

/* The mean of the first two columns; column 3 is left out and gets no error. */
static void test_average_pool(void **state) {
  (void)state;
  const bt_layer layer = {.kind = BT_LAYER_AVERAGE_POOL, .in_h = 2, .in_w = 3, .in_c = 2,
                          .out_h = 1, .out_w = 1, .out_c = 2, .kernel = 2, .stride = 2,
                          .parameter = -1};
  const float x[] = {1, -5, 4, -3, 9, 9, 4, -3, 3, -5, 9, 9};
  const float e[] = {8, 20};
  float y[2], dx[12];
  bt_float_work work = make_work(0, 0, 0);
  bt_average_pool_forward(&work, &layer, 1, x, y);
  assert_true(y[0] == 3 && y[1] == -4);
  memset(dx, 1, sizeof dx);
  bt_average_pool_backward(&work, &layer, 1, e, dx);
  for (size_t i = 0; i < 12; i++) {
    assert_true(dx[i] == (i % 6 >= 4 ? 0.0F : i % 2 == 0 ? 2.0F : 5.0F));
  }
  free_work(&work);
}

/* numerics 19's example: (1, 3) gives -1 and 1; with scale 2, shift 5 and a ReLU 3 and 7. Then two
 * batches' statistics: means 2 and 5 of 2 and 3 rows; unbiased variances 2 and 3. */
static void test_norm(void **state) {
  (void)state;
  bt_layer layer = {.kind = BT_LAYER_NORM, .out_c = 1, .eps = {0, 1}};
  float mean, factor, y[3];
  double squares, mean_sum = 0, variance_sum = 0, rows = 0;
  bt_norm norm = {&mean, &factor, &squares, &mean_sum, &variance_sum, &rows};
  bt_float_work work = make_work(0, 0, 1);
  const float first[] = {1, 3}, second[] = {4, 4, 7}, one = 1, two = 2, zero = 0, five = 5;
  bt_norm_batch(&work, &layer, 2, first, &norm);
  bt_norm_collect(&layer, 2, &norm);
  bt_norm_forward(&work, &layer, 2, &norm, first, &one, &zero, y);
  assert_true(y[0] == -1 && y[1] == 1);
  layer.relu = true;
  bt_norm_forward(&work, &layer, 2, &norm, first, &one, &zero, y);
  assert_true(y[0] == 0 && y[1] == 1);
  bt_norm_forward(&work, &layer, 2, &norm, first, &two, &five, y);
  assert_true(y[0] == 3 && y[1] == 7);
  bt_norm_batch(&work, &layer, 3, second, &norm);
  bt_norm_collect(&layer, 3, &norm);
  bt_norm_use_collected(&layer, &norm);
  assert_true(fabs((double)mean - (2.0 * 2 + 3 * 5) / 5) <= 1e-6);
  assert_true(fabs((double)factor - 1 / sqrt((2.0 * 2 + 3 * 3) / 5)) <= 1e-6);
  free_work(&work);
}

/* numerics 5.5: threshold 0.3 * 65536 = 19660.8, so 19661; step 3 of 50 elements starts at 150. */
static void test_dropout(void **state) {
  (void)state;
  const bt_dropout_key key = {.seed = 9, .epoch = 4, .step = 3};
  const bt_rational drop = {3, 10};
  const bt_stream stream = bt_stream_open(9, BT_STREAM_DROPOUT, 4 * 65536 + 2);
  uint8_t keep[50];
  float x[50], y[50];
  bt_float_work work = make_work(0, 0, 0);
  bt_dropout_mask(&work, &key, 2, drop, 50, keep);
  for (size_t i = 0; i < 50; i++) {
    x[i] = (float)i + 1;
    assert_int_equal(keep[i], bt_stream_at(stream, 150 + i) >> 48 >= 19661);
  }
  bt_dropout_apply(&work, drop, 50, keep, x, y);
  for (size_t i = 0; i < 50; i++) {
    assert_true(fabs((double)y[i] - (keep[i] ? (double)x[i] / 0.7 : 0)) <= 1e-5);
  }
  free_work(&work);
}

/* Two equal logits are one half each (numerics 14's example); the first of equals is the answer. */
static void test_softmax(void **state) {
  (void)state;
  const float logits[] = {1, 1, 1, 1};
  const uint8_t labels[] = {0, 1};
  float e[4];
  uint64_t correct = 0;
  const double loss = bt_softmax_loss(2, 2, logits, labels, &correct, e);
  assert_true(fabs(loss - 2 * log(2)) <= 1e-12);
  assert_int_equal(correct, 1);
  assert_true(e[0] == -0.25F && e[1] == 0.25F && e[2] == 0.25F && e[3] == -0.25F);
  const float large[] = {-1000, 1000};
  assert_true(fabs(bt_softmax_loss(1, 2, large, labels, &correct, e) - 2000) <= 1e-9);
}

/* Two steps by hand: v = 0.5*2 + 1 + 0.25*4 = 3, w = 4 - 0.5*3; then v = 0.5*3 + 1 + 0.625. */
static void test_update(void **state) {
  (void)state;
  const bt_sgd sgd = {.lr = 0.5F, .momentum = 0.5F, .weight_decay = 0.25F};
  const float g = 1;
  float v = 2, w = 4;
  bt_sgd_update(&sgd, 1, &g, &v, &w);
  assert_true(v == 3 && w == 2.5F);
  bt_sgd_update(&sgd, 1, &g, &v, &w);
  assert_true(v == 3.125F && w == 0.9375F);
  double sum = 0;
  const float snapshots[] = {1, 2, 6};
  for (size_t i = 0; i < 3; i++) {
    bt_snapshot_add(1, snapshots + i, &sum);
  }
  bt_snapshot_average(1, &sum, 3, &w);
  assert_true(w == 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_convolution), cmocka_unit_test(test_pool),
      cmocka_unit_test(test_average_pool), cmocka_unit_test(test_norm),
      cmocka_unit_test(test_dropout), cmocka_unit_test(test_softmax),
      cmocka_unit_test(test_update)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
