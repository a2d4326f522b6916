/* What another program needs to repeat a baseline's first steps. */
#ifndef BT_CLI_BASELINE_TRACE_H
#define BT_CLI_BASELINE_TRACE_H

#include "data/dataset.h"
#include "train/recipe.h"

/* Writes into a directory, which it makes, each parameter's initial values as NAME.npy (float32,
 * of the parameter's shape) and the samples in the first epoch's order as order.npy (int32). */
bt_status bt_baseline_trace(const char *directory, const bt_recipe *recipe,
                            const bt_images *train, bt_error *error);

/* DIRECTORY/NAME into path; a longer path is BT_BAD_INPUT. */
bt_status bt_baseline_path(const char *directory, const char *name, char path[4096],
                           bt_error *error);

#endif
