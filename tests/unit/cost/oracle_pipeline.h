/* The pipeline of docs/cost.md 8.2 as a simulation of events: actors that are free or busy until
 * some time, and a clock that jumps from one end to the next. Slow and plain: a check of
 * cost/pipeline.h, written from the document. */
#ifndef BT_TESTS_ORACLE_PIPELINE_H
#define BT_TESTS_ORACLE_PIPELINE_H

#include <stddef.h>
#include <stdint.h>

#define ORACLE_UNITS 4u

typedef struct {
  uint64_t load, store;        /* cycles of the DRAM port */
  uint64_t unit[ORACLE_UNITS]; /* cycles of each unit */
} oracle_step;

/* When the last of `steps` steps and its store have ended. `units` is 1..ORACLE_UNITS. */
uint64_t oracle_pipeline(unsigned units, size_t steps, const oracle_step *step);

#endif
