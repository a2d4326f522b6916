/* The memory of a training run: what was planned, and what the system gave at most. */
#ifndef BT_TRAIN_MEMORY_H
#define BT_TRAIN_MEMORY_H

#include "data/dataset.h"
#include "engine/engine.h"
#include "net/lower.h"

/* Bytes; each part the most that it held at a time. */
typedef struct {
  size_t data;     /* images and labels */
  size_t model;    /* weights, momentum, averages, and the average as weights */
  size_t programs; /* arenas and inputs of the programs that exist together */
  size_t engine;   /* work areas */
  size_t pipeline; /* batches made ahead, and their order */
} bt_memory;

size_t bt_memory_planned(const bt_memory *m); /* the sum */

/* The largest resident size that the process ever had, in bytes: its code, libraries and stacks
 * included. */
size_t bt_memory_peak(void);

size_t bt_memory_of_data(const bt_dataset *data);
size_t bt_memory_of_model(const bt_model *model);

/* Raises `programs` to what these two programs (NULL for none) hold together. */
void bt_memory_programs(bt_memory *m, const bt_program *a, const bt_program *b);
/* Raises `engine` to what it holds now. */
void bt_memory_engine(bt_memory *m, const bt_engine *engine);

#endif
