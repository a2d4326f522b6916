/* The state of a training run: all that a resumed run needs to go on with the same bits. */
#ifndef BT_TRAIN_STATE_H
#define BT_TRAIN_STATE_H

#include "engine/engine.h"
#include "net/model.h"
#include "net/lower.h"
#include "train/recipe.h"

/* What one epoch came to: a row of metrics.csv. */
typedef struct {
  uint64_t epoch;        /* from 1 */
  bt_loss train;         /* over the epoch's batches, before each update */
  bt_loss test;          /* of the iterate at the epoch's end; rows = 0 where not evaluated */
  bt_loss swa;           /* of the average; rows = 0 before swa_start too */
  uint64_t clipped;      /* elements that quantization clipped in training */
  uint64_t milliseconds; /* that the epoch took, evaluation included */
} bt_epoch_row;

typedef struct {
  const bt_recipe *recipe;
  const bt_machine *machine;
  bt_model *model;
  bt_lfsr rng;
  uint64_t epoch;        /* being trained, from 1 */
  uint64_t step;         /* steps done in it */
  uint64_t steps;        /* steps done in the run */
  bt_loss loss;          /* of the epoch so far */
  bt_counts counts;      /* of the epoch so far */
  uint64_t milliseconds; /* of the epoch so far */
  void *extra;           /* the caller's bytes, saved and loaded with the rest; may be NULL */
  size_t extra_size;
  size_t rows;           /* epochs done */
  bt_epoch_row *row;     /* [recipe->epochs] */
} bt_state;

/* Starts a run. recipe and machine must outlive the state. Free with bt_state_free, after an
 * error too. */
bt_status bt_state_start(const bt_recipe *recipe, const bt_machine *machine, bt_state *state,
                         bt_error *error);
void bt_state_free(bt_state *state);

/* Writes the state atomically. */
bt_status bt_state_save(const bt_state *state, const char *path, bt_error *error);

/* Reads a state into one that was started with the same recipe and machine. A file of another
 * recipe, machine or seed is BT_BAD_INPUT, as is a damaged one. */
bt_status bt_state_load(bt_state *state, const char *path, bt_error *error);

/* Reads the weights alone, mantissas and exponents, of the checkpoint in a run's directory into a
 * model of shapes (net/model.h), whose weights then have storage. A file of another net or of
 * weights in another format is BT_BAD_INPUT, as is a damaged one; recipe says the format. */
bt_status bt_state_load_weights(const char *directory, const bt_recipe *recipe, bt_model *model,
                                bt_error *error);

/* The epoch that was trained last, from 1: that being trained once a step of it is done. 1 before
 * any step. */
uint64_t bt_state_trained_epoch(const bt_state *state);

/* numerics 18. */
bt_status bt_state_digest(const bt_state *state, char text[65], bt_error *error);

/* Error rate and mean loss as decimal text, computed in integers: "9.27" percent, "0.2531" nats. */
void bt_loss_percent(const bt_loss *loss, char text[24]);
void bt_loss_nats(const bt_loss *loss, char text[24]);

#endif
