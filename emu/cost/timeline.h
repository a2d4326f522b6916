/* A training step as a timeline: what the units and the DRAM port do, from cycle to cycle of the
 * cost model's schedule, as Trace Event JSON (docs/traces.md, "traces 7"). It is made while the
 * program is counted, in memory that does not grow with the file. */
#ifndef BT_COST_TIMELINE_H
#define BT_COST_TIMELINE_H

#include "cost/trace_text.h"
#include "cost/watch.h"

typedef struct {
  bool steps;         /* every step of each chain, too */
  const bool *chosen; /* by number of command: chains with one of these; NULL: all */
} bt_timeline_options;

typedef struct bt_timeline bt_timeline;

/* A timeline of a program on a machine, both of which outlive it, as does the sink (its file 0).
 * NULL on an error: BT_BAD_INPUT as bt_trace_map_new(), BT_FAILED for no memory. */
bt_timeline *bt_timeline_open(const bt_program *program, const bt_machine *machine,
                              const bt_timeline_options *options, const bt_trace_sink *sink,
                              bt_error *error);
void bt_timeline_free(bt_timeline *t);

/* What a bt_cost_watch is given, or bt_cost_program(). */
const bt_cost_listener *bt_timeline_listener(const bt_timeline *t);

/* The end of the file, and its last text. The first error of all. */
bt_status bt_timeline_finish(bt_timeline *t, bt_error *error);

/* Whether it has failed, so that going on is of no use. */
bool bt_timeline_failed(const bt_timeline *t);

/* Cycles so far. */
uint64_t bt_timeline_cycles(const bt_timeline *t);

#endif
