/* What the convex experiments minimise, in double: for their reports, never for a run's bits. Of a
 * regression mean((x.w - target)^2) / 2, of a classification the mean cross-entropy in nats; plus
 * weight_decay / 2 * |w|^2. Parameters w are [outputs][features], then a bias [outputs] if there is
 * one. */
#ifndef BT_FLOAT_OBJECTIVE_H
#define BT_FLOAT_OBJECTIVE_H

#include "data/samples.h"

typedef struct {
  const bt_samples *samples;
  double weight_decay;
  bool bias;
} bt_objective;

size_t bt_objective_parameters(const bt_objective *o);

/* What the objective is at w. */
typedef struct {
  double loss;
  double gradient2; /* the gradient's squared norm */
  size_t wrong;     /* classification: samples of which another class has the largest output */
} bt_objective_value;

/* Over all samples. gradient[parameters] may be NULL. BT_FAILED when out of memory. */
bt_status bt_objective_at(const bt_objective *o, const double *w, bt_objective_value *value,
                          double *gradient, bt_error *error);

/* The gradient over n samples by number. `x`, [n][features], and `y`, [n][outputs], are room. */
void bt_objective_batch(const bt_objective *o, const double *w, size_t n, const uint32_t *index,
                        double *x, double *y, double *gradient);

/* The minimum of a regression without a bias, from the normal equations. BT_FAILED when out of
 * memory, BT_BAD_INPUT if they are singular. */
bt_status bt_objective_minimum(const bt_objective *o, double *w, bt_error *error);

/* |a - b|^2 */
double bt_distance2(size_t n, const double *a, const double *b);

#endif
