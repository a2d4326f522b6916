/* Training a recipe in fp32: what the same net, initial weights, order of samples, schedule and
 * averaging give without any quantizer. The recipe's formats are not looked at. */
#ifndef BT_FLOAT_BASELINE_H
#define BT_FLOAT_BASELINE_H

#include <signal.h>

#include "data/dataset.h"
#include "train/recipe.h"

#define BT_NOT_REACHED (-1.0)

/* One epoch's figures; errors in percent. */
typedef struct {
  uint64_t epoch;     /* from 1 */
  double lr;
  double train_loss;  /* mean over the samples, nats, of the weights each batch was trained from */
  double train_error; /* of the same passes */
  double test_error;  /* at the end of the epoch; BT_NOT_REACHED where it was not evaluated */
  double images_per_second; /* of training alone */
} bt_baseline_epoch;

typedef struct {
  size_t steps;          /* stop after this many steps of the run in all; 0: the recipe's epochs */
  unsigned threads;      /* 1..BT_MAX_THREADS; the results do not depend on it */
  const char *directory; /* of checkpoints, which exists; NULL for none */
  bool untested;         /* evaluate nothing: all test errors stay BT_NOT_REACHED */
  bool resume;           /* go on from the directory's checkpoint */
  volatile sig_atomic_t *stop; /* when it becomes nonzero: checkpoint and return; may be NULL */
  /* After each step (from 1) its mean loss; after each epoch its row, those of the checkpoint
   * first (`again`). Either may be NULL. */
  void (*step)(void *context, uint64_t step, double loss);
  void (*progress)(void *context, const bt_baseline_epoch *epoch, bool again);
  void *context;
} bt_baseline_options;

#define BT_BASELINE_FILE "baseline.bt" /* the checkpoint's name in its directory */

/* Test errors in percent, BT_NOT_REACHED where the run ended before them. Batch norm's statistics
 * are made anew before each (numerics 19.1). */
typedef struct {
  double sgd;  /* SGD-FP: at the end of epoch swa_start */
  double swa;  /* SWA-FP: of the average of the weights at the ends of epochs >= swa_start */
  double last; /* of the last iterate that was evaluated */
  uint64_t steps, images, snapshots; /* images: trained on, each epoch's counted again */
  double train_seconds; /* time in training steps alone, without evaluation */
} bt_baseline_result;

/* Trains recipe->epochs epochs, and evaluates as the recipe's evaluate_every says. One machine
 * gives the same bits every time, for any number of threads and interruptions; another processor
 * may differ in the last digits of each sum, as OpenBLAS orders them.
 * BT_BAD_INPUT: the set's images or classes are not the net's, or no checkpoint of this run;
 * BT_MISMATCH: the loss is no longer finite (the error names the epoch); BT_FAILED: no memory. */
bt_status bt_baseline_train(const bt_recipe *recipe, const bt_dataset *set,
                            const bt_baseline_options *options, bt_baseline_result *result,
                            bt_error *error);

#endif
