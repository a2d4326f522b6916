#include "float/descent.h"

#include <stdlib.h>

#include "num/error.h"

bt_status bt_descent_open(bt_descent *d, const bt_objective *objective, double rate, size_t batch,
                          bt_error *error) {
  const bt_samples *s = objective->samples;
  *d = (bt_descent){.objective = *objective, .rate = rate, .batch = batch,
                    .parameters = bt_objective_parameters(objective)};
  d->w = calloc(d->parameters, sizeof *d->w);
  d->average = calloc(d->parameters, sizeof *d->average);
  d->gradient = malloc(d->parameters * sizeof *d->gradient);
  d->x = malloc(batch * s->features * sizeof *d->x);
  d->y = malloc(batch * s->outputs * sizeof *d->y);
  return d->w != NULL && d->average != NULL && d->gradient != NULL && d->x != NULL && d->y != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "out of memory for SGD in double");
}

void bt_descent_step(bt_descent *d, const uint32_t *index, bool average) {
  bt_objective_batch(&d->objective, d->w, d->batch, index, d->x, d->y, d->gradient);
  for (size_t i = 0; i < d->parameters; i++) {
    d->w[i] -= d->rate * d->gradient[i];
  }
  d->snapshots += average;
  for (size_t i = 0; average && i < d->parameters; i++) {
    d->average[i] += (d->w[i] - d->average[i]) / (double)d->snapshots;
  }
}

void bt_descent_close(bt_descent *d) {
  free(d->w);
  free(d->average);
  free(d->gradient);
  free(d->x);
  free(d->y);
}
