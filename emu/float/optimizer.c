#include "float/optimizer.h"

void bt_sgd_update(const bt_sgd *sgd, size_t count, const bt_real *g, bt_real *v, bt_real *w) {
  const bt_real lr = sgd->lr, momentum = sgd->momentum, decay = sgd->weight_decay;
  for (size_t i = 0; i < count; i++) {
    v[i] = momentum * v[i] + g[i] + decay * w[i];
    w[i] -= lr * v[i];
  }
}

void bt_snapshot_add(size_t count, const bt_real *w, double *sum) {
  for (size_t i = 0; i < count; i++) {
    sum[i] += (double)w[i];
  }
}

void bt_snapshot_average(size_t count, const double *sum, uint64_t snapshots, bt_real *w) {
  for (size_t i = 0; i < count; i++) {
    w[i] = (bt_real)(sum[i] / (double)snapshots);
  }
}
