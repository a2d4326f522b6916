/* Stochastic gradient descent with momentum, and the average of weights, in fp32. */
#ifndef BT_FLOAT_OPTIMIZER_H
#define BT_FLOAT_OPTIMIZER_H

#include <stdint.h>

#include "float/real.h"

typedef struct {
  bt_real lr, momentum, weight_decay;
} bt_sgd;

/* numerics 15 without its quantizers: v = momentum*v + g + weight_decay*w; w = w - lr*v. */
void bt_sgd_update(const bt_sgd *sgd, size_t count, const bt_real *g, bt_real *v, bt_real *w);

/* Adds the snapshot w to sum; the sums are doubles, so their order and number cost no digits. */
void bt_snapshot_add(size_t count, const bt_real *w, double *sum);
/* w = sum / snapshots, snapshots > 0. */
void bt_snapshot_average(size_t count, const double *sum, uint64_t snapshots, bt_real *w);

#endif
