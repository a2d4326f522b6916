/* Initial weights (numerics 5.4) and the model made of them. */
#include <math.h>

#include "net/model.h"
#include "num/stream.h"
#include "unit/io/scratch.h"

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};

static bt_net lenet5(void) {
  bt_net net;
  bt_error error;
  if (bt_net_load(NETS "/lenet5.yaml", &net, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return net;
}

static size_t parameter_size(const bt_net *net, size_t p) {
  size_t dim[4], fan_in, ndim = bt_net_parameter(net, p, dim, &fan_in);
  return bt_elements(ndim, dim);
}

/* conv1 has fan-in 25, for which numerics 5.4 works out sd = 303700049. */
static void test_formula(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_stream s = bt_stream_open(5, BT_STREAM_WEIGHTS, 0);
  for (size_t i = 0; i < parameter_size(&net, 0); i++) {
    int64_t z = bt_stream_normal(s, i);
    assert_int_equal(bt_net_initial(&net, 0, i, 5), z * 303700049 >> 30);
  }
  for (size_t i = 0; i < parameter_size(&net, 1); i++) {
    assert_int_equal(bt_net_initial(&net, 1, i, 5), 0);
  }
}

/* Variance 2 / fan-in: of n samples within five standard errors, 5 * sqrt(2 / n) of it; the mean
 * within five of its own. */
static void test_variance(void **state) {
  (void)state;
  bt_net net = lenet5();
  for (size_t p = 2; p <= 6; p += 2) {
    size_t dim[4], fan_in, n = parameter_size(&net, p);
    bt_net_parameter(&net, p, dim, &fan_in);
    double sum = 0, squares = 0, want = 2.0 / (double)fan_in;
    for (size_t i = 0; i < n; i++) {
      double x = bt_net_initial(&net, p, i, 1) / 16777216.0;
      sum += x;
      squares += x * x;
    }
    double variance = squares / (double)n;
    if (fabs(variance / want - 1) > 5 * sqrt(2.0 / (double)n) ||
        fabs(sum / (double)n) > 5 * sqrt(want / (double)n)) {
      fail_msg("parameter %zu: mean %g, variance %g, expected 0 and %g", p, sum / (double)n,
               variance, want);
    }
  }
}

static void test_streams_differ(void **state) {
  (void)state;
  bt_net net = lenet5();
  size_t same_seed = 0, same_parameter = 0;
  for (size_t i = 0; i < 100; i++) {
    same_seed += bt_net_initial(&net, 4, i, 1) == bt_net_initial(&net, 4, i, 2);
    same_parameter += bt_stream_normal(bt_stream_open(1, BT_STREAM_WEIGHTS, 4), i) ==
                      bt_stream_normal(bt_stream_open(1, BT_STREAM_WEIGHTS, 6), i);
  }
  assert_int_equal(same_seed, 0);
  assert_int_equal(same_parameter, 0);
}

/* The model's weights are the initial values quantized to nearest by the public function. */
static void test_model_is_quantized(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_model *model;
  bt_error error;
  const bt_round_options nearest = {.mode = BT_NEAREST_EVEN, .random_bits = 16};
  assert_int_equal(bt_model_new(&net, dim0, dim0, 3, &model, &error), BT_OK);
  for (size_t p = 0; p < net.parameters; p++) {
    const bt_tensor *w = model->w[p];
    size_t n = bt_tensor_elements(w), blocks = bt_tensor_exponents(w);
    assert_int_equal(n, parameter_size(&net, p));
    assert_int_equal(blocks, p % 2 == 0 ? w->dim[0] : 1); /* Small-block: vectors in `tensor` */
    double *x = malloc(n * sizeof *x);
    int16_t *mantissa = malloc(n * sizeof *mantissa);
    int8_t *exponent = malloc(blocks);
    for (size_t i = 0; i < n; i++) {
      x[i] = bt_net_initial(&net, p, i, 3) / 16777216.0;
    }
    assert_int_equal(bt_quantize_f64(&w->fmt, &nearest, w->ndim, w->dim, x, NULL, mantissa,
                                     exponent, NULL, &error), BT_OK);
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(bt_tensor_mantissa(w, i), mantissa[i]);
      assert_int_equal(bt_tensor_mantissa(model->v[p], i), 0);
    }
    for (size_t b = 0; b < blocks; b++) {
      assert_int_equal(w->exp[b], exponent[b]);
    }
    free(x);
    free(mantissa);
    free(exponent);
  }
  bt_model_free(model);
}

static void digest_of(const bt_net *net, uint64_t seed, uint64_t draws, uint64_t steps,
                      char text[65]) {
  bt_model *model;
  bt_error error;
  assert_int_equal(bt_model_new(net, dim0, dim0, seed, &model, &error), BT_OK);
  assert_int_equal(bt_model_digest(model, draws, steps, text, &error), BT_OK);
  bt_model_free(model);
}

static void test_digest(void **state) {
  (void)state;
  bt_net net = lenet5();
  char a[65], b[65];
  digest_of(&net, 1, 0, 0, a);
  assert_int_equal(strlen(a), 64);
  digest_of(&net, 1, 0, 0, b);
  assert_string_equal(a, b);
  digest_of(&net, 2, 0, 0, b);
  assert_string_not_equal(a, b);
  digest_of(&net, 1, 1, 0, b);
  assert_string_not_equal(a, b);
  digest_of(&net, 1, 0, 1, b);
  assert_string_not_equal(a, b);
}

/* A single changed bit of weights, momentum or averages changes the digest. */
static void test_digest_covers_all(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_model *m;
  bt_error error;
  char before[65], after[65];
  assert_int_equal(bt_model_new(&net, dim0, dim0, 1, &m, &error), BT_OK);
  for (size_t p = 0; p < net.parameters; p++) {
    m->average[p].count = 1;
  }
  assert_int_equal(bt_model_digest(m, 0, 0, before, &error), BT_OK);
  for (size_t p = 0; p < net.parameters; p++) {
    uint8_t *byte[] = {m->w[p]->data,         (uint8_t *)m->w[p]->exp,
                       m->v[p]->data,         (uint8_t *)m->v[p]->exp,
                       (uint8_t *)m->average[p].sum, (uint8_t *)m->average[p].emin};
    for (size_t i = 0; i < 6; i++) {
      *byte[i] ^= 1;
      assert_int_equal(bt_model_digest(m, 0, 0, after, &error), BT_OK);
      *byte[i] ^= 1;
      if (strcmp(before, after) == 0) {
        fail_msg("%s: part %zu is not in the digest", m->name[p], i);
      }
    }
  }
  bt_model_free(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formula),           cmocka_unit_test(test_variance),
      cmocka_unit_test(test_streams_differ),    cmocka_unit_test(test_model_is_quantized),
      cmocka_unit_test(test_digest),            cmocka_unit_test(test_digest_covers_all),
  };
  return scratch_report("test_net_model", cmocka_run_group_tests(tests, NULL, NULL));
}
