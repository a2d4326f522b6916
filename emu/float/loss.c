/* Softmax cross-entropy, in double: a few classes a row cost nothing. */
#include <math.h>

#include "float/layers.h"

static size_t first_largest(size_t count, const bt_real *x) {
  size_t best = 0;
  for (size_t i = 1; i < count; i++) {
    best = x[i] > x[best] ? i : best;
  }
  return best;
}

double bt_softmax_loss(size_t n, size_t classes, const bt_real *logits, const uint8_t *labels,
                       uint64_t *correct, bt_real *e) {
  double loss = 0;
  for (size_t r = 0; r < n; r++) {
    const bt_real *x = logits + r * classes;
    const size_t best = first_largest(classes, x);
    const double top = (double)x[best];
    double sum = 0;
    for (size_t j = 0; j < classes; j++) {
      sum += exp((double)x[j] - top);
    }
    loss += log(sum) + top - (double)x[labels[r]];
    *correct += best == labels[r];
    for (size_t j = 0; e != NULL && j < classes; j++) {
      const double p = exp((double)x[j] - top) / sum;
      e[r * classes + j] = (bt_real)((p - (j == labels[r] ? 1.0 : 0.0)) / (double)n);
    }
  }
  return loss;
}
