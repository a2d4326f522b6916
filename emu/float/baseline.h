/* Training a recipe in fp32: what the same net, initial weights, order of samples, schedule and
 * averaging give without any quantizer. The recipe's formats are not looked at. */
#ifndef BT_FLOAT_BASELINE_H
#define BT_FLOAT_BASELINE_H

#include "data/dataset.h"
#include "train/recipe.h"

/* One epoch's figures; errors in percent. */
typedef struct {
  size_t epoch;       /* from 1 */
  double lr;
  double train_loss;  /* mean over the samples, nats, of the weights each batch was trained from */
  double train_error; /* of the same passes */
  double test_error;  /* at the end of the epoch */
  double images_per_second; /* of training alone */
} bt_baseline_epoch;

typedef struct {
  size_t steps;  /* stop after this many training steps; 0: at the recipe's epochs */
  int threads;   /* of OpenBLAS, at least 1 */
  void (*progress)(void *context, const bt_baseline_epoch *epoch); /* may be NULL */
  void *context;
} bt_baseline_options;

#define BT_NOT_REACHED (-1.0)

/* Test errors in percent, BT_NOT_REACHED where the run ended before them. */
typedef struct {
  double sgd;  /* SGD-FP: at the end of epoch swa_start */
  double swa;  /* SWA-FP: of the average of the weights at the ends of epochs >= swa_start */
  double last; /* of the last iterate */
  uint64_t steps, images, snapshots; /* images: trained on, each epoch's counted again */
  double train_seconds; /* time in training steps alone, without evaluation */
} bt_baseline_result;

/* Trains recipe->epochs epochs. One thread count on one machine gives the same bits every time;
 * other counts and machines may differ in the last digits of each sum, as OpenBLAS splits it.
 * BT_BAD_INPUT: the set's images or classes are not the net's; BT_MISMATCH: the loss is no longer
 * finite (the error names the epoch); BT_FAILED: no memory. */
bt_status bt_baseline_train(const bt_recipe *recipe, const bt_dataset *set,
                            const bt_baseline_options *options, bt_baseline_result *result,
                            bt_error *error);

#endif
