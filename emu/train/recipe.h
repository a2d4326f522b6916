/* Recipes: what is trained, on what, how (models/recipes). */
#ifndef BT_TRAIN_RECIPE_H
#define BT_TRAIN_RECIPE_H

#include "data/dataset.h"
#include "net/net.h"

typedef struct {
  char path[512];
  char name[64];
  bt_net net;
  char net_path[512];
  char dataset[64];
  char directory[512]; /* of the data; "" for the default place */
  bt_rational mean[BT_MAX_CHANNELS]; /* of pixels / 255, one for each channel of the net */
  bt_rational std[BT_MAX_CHANNELS];
  bt_augmentation augmentation; /* of training images */
  size_t batch;
  size_t epochs, swa_start;
  size_t evaluate_every;   /* epochs between test errors; swa_start and the last have one */
  bt_rational lr, swa_lr, momentum, weight_decay;
  uint64_t seed;
  bt_format w, a, g, e, m; /* formats of weights, activations, gradients, errors, momentum */
  bt_format residual;      /* of residual outputs and their errors (numerics 20) */
  bt_round_options round;  /* of every quantization in training */
  int swa_bits;            /* of the averaged weights in evaluation, 8..15 */
} bt_recipe;

/* Reads a recipe and the net it names (relative to the recipe's directory). */
bt_status bt_recipe_load(const char *path, bt_recipe *recipe, bt_error *error);

/* Whether the net's layers take the recipe's blocks and word lengths (numerics 8.3, 13, 14, 19): a
 * loaded recipe's do. BT_BAD_INPUT names the layer. */
bt_status bt_recipe_check(const bt_recipe *recipe, bt_error *error);

/* The learning rate of an epoch, from 1 (numerics 17). */
bt_status bt_recipe_rate(const bt_recipe *recipe, size_t epoch, bt_rational *rate, bt_error *error);

#endif
