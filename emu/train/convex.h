/* The convex experiments' loop: SGD in the machine's integers, and the average of its iterates
 * (numerics 21). */
#ifndef BT_TRAIN_CONVEX_H
#define BT_TRAIN_CONVEX_H

#include "engine/run.h"
#include "net/model.h"
#include "train/convex_recipe.h"

/* Where a run stands. */
typedef struct {
  const bt_convex_recipe *recipe;
  const bt_samples *samples;
  bt_net *net;
  bt_model *model;
  bt_lfsr rng;
  uint64_t steps;     /* done */
  uint64_t snapshots; /* in the average */
  bt_counts counts;
  bt_loss loss;       /* softmax: of the batches since the start */
} bt_convex_state;

/* Weights are zero. recipe and samples must outlive the state; free it after an error too. */
bt_status bt_convex_start(const bt_convex_recipe *recipe, const bt_samples *samples,
                          const bt_machine *machine, bt_convex_state *state, bt_error *error);
void bt_convex_free(bt_convex_state *state);

/* Who looks on. step: after every step, with the samples it took; average: whether the iterate was
 * averaged then. report: at the recipe's report points and after the last step. */
typedef struct {
  void (*step)(void *context, const uint32_t *index, bool average);
  bt_status (*report)(void *context, const bt_convex_state *state, bt_error *error);
  void *context;
} bt_convex_watch;

/* Runs all steps. `watch` and its functions may be NULL. */
bt_status bt_convex_run(bt_convex_state *state, bt_engine *engine, const bt_convex_watch *watch,
                        bt_error *error);

/* numerics 18. */
bt_status bt_convex_digest(const bt_convex_state *state, char text[65], bt_error *error);

/* The values of all parameters, each as [outputs][features] or [outputs], one after another: of the
 * iterate, or exact to a double's digits of the average. Reports only. */
void bt_convex_iterate(const bt_convex_state *state, double *w);
void bt_convex_average(const bt_convex_state *state, double *w);

#endif
