/* The convex experiments' objectives in double: gradients against finite differences, batches
 * against all samples, the minimum of a regression. */
#include <math.h>

#include "float/descent.h"
#include "unit/io/scratch.h"

#define PARAMETERS 40u

static bt_samples regression(void) {
  bt_samples s;
  bt_error error = {""};
  bt_synthetic of = {.count = 200, .features = 12, .seed = 3};
  assert_int_equal(bt_samples_synthetic(&of, &s, &error), BT_OK);
  return s;
}

/* Three classes of 9 features. */
static bt_samples classification(void) {
  bt_samples s;
  bt_error error = {""};
  uint8_t pixels[1010 * 9], labels[1010]; /* more than are taken at once, and not a multiple */
  for (size_t i = 0; i < sizeof pixels; i++) {
    pixels[i] = (uint8_t)(i * 2654435761u >> 7);
  }
  for (size_t i = 0; i < sizeof labels; i++) {
    labels[i] = (uint8_t)(pixels[9 * i] > pixels[9 * i + 1] ? 0 : 1 + pixels[9 * i + 2] / 128);
  }
  bt_images images = {.count = 1010, .height = 3, .width = 3, .channels = 1, .classes = 3,
                      .pixels = pixels, .labels = labels};
  const bt_image_rows plain = {1, 7};
  assert_int_equal(bt_samples_of_images(&images, &plain, &s, &error), BT_OK);
  return s;
}

static bt_objective_value value_at(const bt_objective *o, const double *w, double *gradient) {
  bt_objective_value v;
  bt_error error = {""};
  assert_int_equal(bt_objective_at(o, w, &v, gradient, &error), BT_OK);
  return v;
}

static void start(size_t n, double *w) {
  for (size_t i = 0; i < n; i++) {
    w[i] = sin((double)i + 1) / 2;
  }
}

/* Central differences with h = 1e-5 are good to 1e-9 or so. */
static void check_gradient(const bt_objective *o) {
  double w[PARAMETERS], gradient[PARAMETERS], norm2 = 0;
  size_t n = bt_objective_parameters(o);
  start(n, w);
  bt_objective_value v = value_at(o, w, gradient);
  for (size_t i = 0; i < n; i++) {
    double kept = w[i], h = 1e-5;
    w[i] = kept + h;
    double up = value_at(o, w, NULL).loss;
    w[i] = kept - h;
    double down = value_at(o, w, NULL).loss;
    w[i] = kept;
    norm2 += gradient[i] * gradient[i];
    if (fabs((up - down) / (2 * h) - gradient[i]) > 1e-7) {
      fail_msg("parameter %zu: gradient %.10g, difference %.10g", i, gradient[i],
               (up - down) / (2 * h));
    }
  }
  assert_true(fabs(norm2 - v.gradient2) < 1e-12);
}

static void check_batch(const bt_objective *o) {
  double w[PARAMETERS], whole[PARAMETERS], batch[PARAMETERS];
  size_t n = o->samples->count;
  uint32_t *index = malloc(n * sizeof *index);
  double *x = malloc(n * o->samples->features * sizeof *x);
  double *y = malloc(n * o->samples->outputs * sizeof *y);
  for (size_t i = 0; i < n; i++) {
    index[i] = (uint32_t)(n - 1 - i);
  }
  start(bt_objective_parameters(o), w);
  value_at(o, w, whole);
  bt_objective_batch(o, w, n, index, x, y, batch);
  assert_true(bt_distance2(bt_objective_parameters(o), whole, batch) < 1e-20);
  free(index);
  free(x);
  free(y);
}

static void test_regression(void **state) {
  (void)state;
  bt_samples s = regression();
  bt_objective o = {&s, 0.125, false};
  double w[PARAMETERS];
  bt_error error = {""};
  check_gradient(&o);
  check_batch(&o);
  assert_int_equal(bt_objective_minimum(&o, w, &error), BT_OK);
  assert_true(value_at(&o, w, NULL).gradient2 < 1e-20);
  bt_samples_free(&s);
}

static void test_singular(void **state) {
  (void)state;
  bt_samples s = regression();
  bt_objective o = {&s, 0, false};
  double w[PARAMETERS];
  bt_error error = {""};
  s.count = 5;
  assert_int_equal(bt_objective_minimum(&o, w, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "more samples than features"));
  bt_samples_free(&s);
}

static void test_classification(void **state) {
  (void)state;
  bt_samples s = classification();
  bt_objective o = {&s, 0.01, true};
  double zero[PARAMETERS] = {0};
  check_gradient(&o);
  check_batch(&o);
  assert_true(fabs(value_at(&o, zero, NULL).loss - log(3)) < 1e-12);
  bt_samples_free(&s);
}

/* Descent on all samples comes to the minimum, and so does the average of its end. */
static void test_descent(void **state) {
  (void)state;
  bt_samples s = regression();
  bt_objective o = {&s, 0, false};
  bt_descent d;
  bt_error error = {""};
  double w[PARAMETERS];
  uint32_t all[200];
  for (uint32_t i = 0; i < 200; i++) {
    all[i] = i;
  }
  assert_int_equal(bt_objective_minimum(&o, w, &error), BT_OK);
  assert_int_equal(bt_descent_open(&d, &o, 0.5, 200, &error), BT_OK);
  for (int step = 0; step < 400; step++) {
    bt_descent_step(&d, all, step >= 300);
  }
  assert_int_equal(d.snapshots, 100);
  assert_true(bt_distance2(12, d.w, w) < 1e-16);
  assert_true(bt_distance2(12, d.average, w) < 1e-16);
  bt_descent_close(&d);
  bt_samples_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_regression), cmocka_unit_test(test_singular),
      cmocka_unit_test(test_classification), cmocka_unit_test(test_descent)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
