/* A baseline run's state, and its checkpoint (float only). */
#ifndef BT_FLOAT_STATE_H
#define BT_FLOAT_STATE_H

#include "float/baseline.h"
#include "float/model.h"

/* The epoch at hand. */
typedef struct {
  uint64_t epoch, step; /* from 1; steps done of it */
  uint64_t images, correct;
  double loss;          /* sum over its images */
  double seconds;       /* of its steps */
} bt_baseline_place;

typedef struct {
  const bt_recipe *recipe;
  bt_float_model *model;
  bt_real *v;             /* momentum [weights] */
  double *sum;            /* of the snapshots [weights] */
  bt_baseline_place place;
  bt_baseline_result result;
  bt_baseline_epoch *row; /* [recipe->epochs] */
  uint64_t rows;
} bt_baseline_state;

/* The state before the first step. On an error what has been made is there to be closed. */
bt_status bt_baseline_open(const bt_recipe *recipe, unsigned threads, bt_baseline_state *s,
                           bt_error *error);
void bt_baseline_close(bt_baseline_state *s); /* of a zeroed one too */

/* Atomically; a run with the same recipe and seed can load it. */
bt_status bt_baseline_save(const bt_baseline_state *s, const char *path, bt_error *error);
bt_status bt_baseline_load(bt_baseline_state *s, const char *path, bt_error *error);

#endif
