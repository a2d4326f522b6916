/* Memory traces: every access to DRAM of a program's run, in the order of time, with the cycles of
 * the cost model's schedule (docs/traces.md). It is made while the program is counted, in memory
 * that does not grow with it. */
#ifndef BT_COST_TRACE_H
#define BT_COST_TRACE_H

#include "cost/trace_pieces.h"
#include "cost/trace_write.h"
#include "cost/watch.h"

typedef struct {
  bt_trace_format format;
  unsigned burst;      /* bytes of an access at most */
  bool whole;          /* bt_trace_writer's */
  bool values;         /* carry data where the format does: tensors must have storage */
  const bool *chosen;  /* by number of command: chains with one of these; NULL: all */
} bt_trace_options;

typedef struct bt_trace bt_trace;

/* A trace of a program on a machine, both of which outlive it, as does the sink. BT_BAD_INPUT as
 * bt_trace_writer_open() and bt_trace_map_new(). NULL on an error. */
bt_trace *bt_trace_open(const bt_program *program, const bt_machine *machine,
                        const bt_trace_options *options, const bt_trace_sink *sink,
                        bt_error *error);
void bt_trace_free(bt_trace *t);

const bt_trace_map *bt_trace_map_of(const bt_trace *t);

/* What a bt_cost_watch is given, or bt_cost_program(): each chain goes into the trace when it is
 * counted. */
const bt_cost_listener *bt_trace_listener(const bt_trace *t);

/* With values: to be called before command `number` runs, which may overwrite a tensor that others
 * have read before. BT_FAILED: no memory. */
bt_status bt_trace_before(bt_trace *t, size_t number, bt_error *error);

/* The end of the trace: what closes the format, and the last text. The first error of all. */
bt_status bt_trace_finish(bt_trace *t, bt_error *error);

/* Whether the trace has failed, so that going on is of no use. */
bool bt_trace_failed(const bt_trace *t);

/* Cycles so far. */
uint64_t bt_trace_cycles(const bt_trace *t);

#endif
