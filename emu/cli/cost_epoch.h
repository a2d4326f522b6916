/* One epoch of a recipe as programs of shapes, with how often each runs: what is counted on
 * machines. Nothing is trained, and no data is read. */
#ifndef BT_CLI_COST_EPOCH_H
#define BT_CLI_COST_EPOCH_H

#include "cost/count.h"
#include "net/lower.h"
#include "train/recipe.h"

/* A program and how many times an epoch runs it. */
typedef struct {
  bt_program *program;
  uint64_t times;
} bt_epoch_part;

#define BT_EPOCH_PARTS 7u

/* Training on every image, one snapshot of the average, and one evaluation of the weights, of a
 * net with batch norm after the pass for its statistics; each in batches of the recipe's size, the
 * short last one of its own (numerics 17). */
typedef struct {
  const bt_recipe *recipe;
  uint64_t images[2]; /* of training and of evaluation */
  bt_model *model;    /* shapes */
  bt_statistics *statistics;
  bt_loss loss;
  size_t parts;
  bt_epoch_part part[BT_EPOCH_PARTS];
  const bt_program *step;      /* a training step of a whole batch; of the short one if it is all
                                * there is; NULL without training images */
  const bt_program *averaging; /* NULL without training images */
} bt_epoch;

/* The images of a recipe's set into images[0] and images[1]; a number that `given` marks stays as
 * it is. Reads files only for a recipe with a directory of its own. */
bt_status bt_epoch_images(const bt_recipe *recipe, const bool given[2], uint64_t images[2],
                          bt_error *error);

/* Lowers the epoch; recipe must outlive it. With `run`, the directory of a training run, the
 * weights have the mantissas and exponents of its checkpoint, which must be of the recipe's net and
 * weights' format; else they have none. Close it after an error too. */
bt_status bt_epoch_open(bt_epoch *e, const bt_recipe *recipe, const uint64_t images[2],
                        const char *run, bt_error *error);
void bt_epoch_close(bt_epoch *e);

/* Adds the epoch's cost on a machine; of its counterpart in fp32 if cost->fp32 (cost 9). */
bt_status bt_epoch_count(const bt_epoch *e, const bt_machine *machine, bt_cost *cost,
                         bt_error *error);

#endif
