/* How long a chain of units takes over a sequence of steps, with DRAM on one side (cost 8.2).
 *
 * A step is a part of the work whose operands and results fit half a buffer each: while the units
 * work on one half, DRAM fills or empties the other. One DRAM port serves loads and stores, in the
 * order load 0, load 1, store 0, load 2, store 1, ... */
#ifndef BT_COST_PIPELINE_H
#define BT_COST_PIPELINE_H

#include <stdint.h>

#define BT_MAX_STAGES 4u /* the kinds of units */

typedef struct {
  uint64_t load, store;         /* cycles of the DRAM port; 0: nothing to wait for */
  uint64_t unit[BT_MAX_STAGES]; /* cycles of each unit */
} bt_pipeline_step;

typedef struct {
  unsigned stages;
  uint64_t port;                   /* when DRAM is free */
  uint64_t loaded;                 /* when the last load ended */
  uint64_t done[BT_MAX_STAGES][2]; /* when units ended the last step, and the one before */
  uint64_t stored[2];              /* when the last store but one, but two, ended */
  uint64_t pending;                /* cycles of the last step's store */
} bt_pipeline;

/* An idle pipeline of 1..BT_MAX_STAGES units at time 0. */
bt_pipeline bt_pipeline_start(unsigned stages);

/* Unit 0 starts when the step is loaded, unit u when unit u - 1 has ended it; each has ended the
 * step before; and the next one (for the last: the store) has ended the step before that, which
 * frees half a buffer. A load starts when unit 0 has ended the step before the last. */
void bt_pipeline_add(bt_pipeline *p, const bt_pipeline_step *step);

/* When the last unit and the last store end. */
uint64_t bt_pipeline_end(bt_pipeline *p);

#endif
