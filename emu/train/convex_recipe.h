/* Recipes of the convex experiments: linear and logistic regression (numerics 21). */
#ifndef BT_TRAIN_CONVEX_RECIPE_H
#define BT_TRAIN_CONVEX_RECIPE_H

#include "data/samples.h"
#include "net/linear.h"

typedef struct {
  char path[512];
  char name[64];
  bt_linear_loss loss;       /* task: regression is squares, classification is softmax */
  char dataset[64];          /* "synthetic" (regression), or a known set's name */
  char directory[512];       /* of a known set; "" for the default place */
  bt_synthetic synthetic;
  bt_image_rows rows;        /* of a known set */
  bool bias;                 /* classification: true unless the recipe says otherwise */
  size_t batch;
  uint64_t steps;
  uint64_t average_start;    /* steps before the first that is averaged */
  uint64_t average_every;    /* of the steps after it, one in so many is averaged */
  uint64_t report_every;     /* steps; 0: 1, 2, 3, 4, 6, 8, 12, ... */
  bt_sampling sampling;
  bt_rational lr, weight_decay;
  uint64_t seed;
  bt_format w, g, e, logits; /* of weights, gradients, errors; logits: softmax only */
  bt_round_options round;    /* of every quantization */
} bt_convex_recipe;

/* BT_BAD_INPUT with file and line for what is not as expected. */
bt_status bt_convex_recipe_load(const char *path, bt_convex_recipe *recipe, bt_error *error);

/* Loads the set and checks that it suits the recipe. Free the samples after an error too. */
bt_status bt_convex_samples(const bt_convex_recipe *recipe, bt_samples *samples, bt_error *error);

#endif
