/* The display of a training run: one live line on a terminal, a line an epoch in a log. */
#ifndef BT_CLI_PROGRESS_H
#define BT_CLI_PROGRESS_H

#include <stdio.h>

#include "train/train.h"

typedef struct bt_display bt_display;

/* Writes to stderr. NULL when out of memory: the other functions accept it. */
bt_display *bt_display_open(const bt_recipe *recipe);
void bt_display_close(bt_display *d);

/* For bt_train_options.progress; context is the bt_display. */
void bt_display_progress(void *context, const bt_progress *p);

/* The memory of a run, planned and at its peak, to stderr. */
void bt_display_memory(const bt_display *d, const bt_memory *memory);

/* The result of a run, to stdout. */
void bt_display_result(const bt_state *state, const char *directory);

#endif
