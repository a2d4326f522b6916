#include "float/objective.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

#define ROWS 500u /* of samples at once */

size_t bt_objective_parameters(const bt_objective *o) {
  const bt_samples *s = o->samples;
  return s->outputs * (s->features + (o->bias ? 1 : 0));
}

/* Sample i's inputs; index NULL: sample first + i. */
static void place_rows(const bt_samples *s, size_t first, size_t n, const uint32_t *index,
                       double *x) {
  double step = ldexp(1, -s->x_fl);
  for (size_t i = 0; i < n; i++) {
    const int8_t *from = s->x + (index == NULL ? first + i : index[i]) * s->features;
    for (size_t j = 0; j < s->features; j++) {
      x[i * s->features + j] = from[j] * step;
    }
  }
}

static void add_gradient(const bt_objective *o, size_t n, const double *x, const double *e,
                         double *gradient) {
  const bt_samples *s = o->samples;
  blasint outputs = (blasint)s->outputs, features = (blasint)s->features;
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, features, (blasint)n, 1, e, outputs,
              x, features, 1, gradient, features);
  for (size_t i = 0; o->bias && i < n * s->outputs; i++) {
    gradient[s->outputs * s->features + i % s->outputs] += e[i];
  }
}

static void outputs(const bt_objective *o, size_t n, const double *x, const double *w, double *y) {
  const bt_samples *s = o->samples;
  blasint out = (blasint)s->outputs, features = (blasint)s->features;
  for (size_t i = 0; i < n * s->outputs; i++) {
    y[i] = !o->bias ? 0 : w[s->outputs * s->features + i % s->outputs];
  }
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)n, out, features, 1, x, features, w,
              features, 1, y, out);
}

/* One row's outputs become its error; adds its loss. */
static void softmax_row(size_t classes, size_t label, double *y, bt_objective_value *v) {
  size_t best = 0;
  double sum = 0;
  for (size_t c = 1; c < classes; c++) {
    best = y[c] > y[best] ? c : best;
  }
  double most = y[best], own = y[label] - most;
  for (size_t c = 0; c < classes; c++) {
    sum += y[c] = exp(y[c] - most);
  }
  for (size_t c = 0; c < classes; c++) {
    y[c] = y[c] / sum - (c == label ? 1 : 0);
  }
  v->loss += log(sum) - own;
  v->wrong += best != label;
}

static void errors(const bt_samples *s, size_t first, size_t n, const uint32_t *index, double *y,
                   bt_objective_value *v) {
  for (size_t i = 0; i < n; i++) {
    size_t sample = index == NULL ? first + i : index[i];
    if (s->label != NULL) {
      softmax_row(s->outputs, s->label[sample], y + i * s->outputs, v);
    } else {
      y[i] -= ldexp(s->target[sample], -BT_TARGET_FL);
      v->loss += y[i] * y[i] / 2;
    }
  }
}

/* The mean over n samples of the sums, and the decay's part. */
static void finish(const bt_objective *o, const double *w, size_t n, bt_objective_value *v,
                   double *gradient) {
  v->loss /= (double)n;
  v->gradient2 = 0;
  for (size_t i = 0; i < bt_objective_parameters(o); i++) {
    gradient[i] = gradient[i] / (double)n + o->weight_decay * w[i];
    v->loss += o->weight_decay / 2 * w[i] * w[i];
    v->gradient2 += gradient[i] * gradient[i];
  }
}

bt_status bt_objective_at(const bt_objective *o, const double *w, bt_objective_value *value,
                          double *gradient, bt_error *error) {
  const bt_samples *s = o->samples;
  size_t parameters = bt_objective_parameters(o);
  double *own = calloc(parameters, sizeof *own);
  double *x = malloc(ROWS * s->features * sizeof *x), *y = malloc(ROWS * s->outputs * sizeof *y);
  bt_status status = own != NULL && x != NULL && y != NULL
                         ? BT_OK
                         : bt_fail(error, BT_FAILED, "out of memory for a gradient");
  *value = (bt_objective_value){0};
  for (size_t first = 0; status == BT_OK && first < s->count; first += ROWS) {
    size_t n = s->count - first < ROWS ? s->count - first : ROWS;
    place_rows(s, first, n, NULL, x);
    outputs(o, n, x, w, y);
    errors(s, first, n, NULL, y, value);
    add_gradient(o, n, x, y, own);
  }
  if (status == BT_OK) {
    finish(o, w, s->count, value, own);
    memcpy(gradient == NULL ? own : gradient, own, gradient == NULL ? 0 : parameters * sizeof *own);
  }
  free(own);
  free(x);
  free(y);
  return status;
}

void bt_objective_batch(const bt_objective *o, const double *w, size_t n, const uint32_t *index,
                        double *x, double *y, double *gradient) {
  bt_objective_value unused = {0};
  memset(gradient, 0, bt_objective_parameters(o) * sizeof *gradient);
  place_rows(o->samples, 0, n, index, x);
  outputs(o, n, x, w, y);
  errors(o->samples, 0, n, index, y, &unused);
  add_gradient(o, n, x, y, gradient);
  finish(o, w, n, &unused, gradient);
}

/* Solves a * w = b in place: a [n][n], symmetric and positive definite, by Cholesky; b becomes
 * w. */
static bool solve(size_t n, double *a, double *b) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      double v = a[i * n + j] - cblas_ddot((blasint)j, a + i * n, 1, a + j * n, 1);
      if (i == j && !(v > 0)) {
        return false;
      }
      a[i * n + j] = i == j ? sqrt(v) : v / a[j * n + j];
    }
    b[i] = (b[i] - cblas_ddot((blasint)i, a + i * n, 1, b, 1)) / a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    b[i] /= a[i * n + i];
    cblas_daxpy((blasint)i, -b[i], a + i * n, 1, b, 1);
  }
  return true;
}

bt_status bt_objective_minimum(const bt_objective *o, double *w, bt_error *error) {
  const bt_samples *s = o->samples;
  size_t f = s->features;
  double *a = calloc(f * f, sizeof *a), *x = malloc(f * sizeof *x);
  bt_status status = a != NULL && x != NULL
                         ? BT_OK
                         : bt_fail(error, BT_FAILED, "out of memory for the normal equations");
  memset(w, 0, f * sizeof *w);
  for (size_t i = 0; status == BT_OK && i < s->count; i++) {
    place_rows(s, i, 1, NULL, x);
    cblas_dsyr(CblasRowMajor, CblasLower, (blasint)f, 1, x, 1, a, (blasint)f);
    cblas_daxpy((blasint)f, ldexp(s->target[i], -BT_TARGET_FL), x, 1, w, 1);
  }
  for (size_t j = 0; status == BT_OK && j < f; j++) {
    a[j * f + j] += o->weight_decay * (double)s->count;
  }
  if (status == BT_OK && !solve(f, a, w)) {
    status = bt_fail(error, BT_BAD_INPUT, "normal equations of %zu samples of %zu features: "
                     "expected more samples than features", s->count, f);
  }
  free(a);
  free(x);
  return status;
}

double bt_distance2(size_t n, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return sum;
}
