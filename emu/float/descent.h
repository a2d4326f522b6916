/* SGD and the average of its iterates in double: the SGD-FP and SWA-FP columns of the convex
 * experiments. */
#ifndef BT_FLOAT_DESCENT_H
#define BT_FLOAT_DESCENT_H

#include "float/objective.h"

typedef struct {
  bt_objective objective;
  double rate;
  size_t batch, parameters;
  double *w, *average;        /* [parameters]; average: of `snapshots` iterates */
  uint64_t snapshots;
  double *x, *y, *gradient;   /* room */
} bt_descent;

/* From w = 0. BT_FAILED when out of memory; close after an error too. */
bt_status bt_descent_open(bt_descent *d, const bt_objective *objective, double rate, size_t batch,
                          bt_error *error);
/* One step on samples index[batch]; then, if asked, the iterate joins the average. */
void bt_descent_step(bt_descent *d, const uint32_t *index, bool average);
void bt_descent_close(bt_descent *d);

#endif
