/* A stream of bytes through a section, cut into accesses (docs/traces.md, "traces 3"). */
#ifndef BT_COST_TRACE_RUN_H
#define BT_COST_TRACE_RUN_H

#include "cost/trace_write.h"

/* Bytes next..end-1 of a section are still to be accessed; up to `done` they are asked for. */
typedef struct {
  const bt_trace_section *section;
  uint64_t done, next, end;
} bt_trace_run;

/* A transfer on the DRAM port, of several runs one after the other. */
typedef struct {
  bt_trace_writer *writer;
  uint64_t at, cycles;      /* absolute; at least one cycle where there are bytes */
  uint64_t offset;          /* bytes of it that have gone by */
  bool write;
  unsigned file;
  const bt_tensor *values;
} bt_trace_transfer;

static inline bt_trace_run bt_trace_run_whole(const bt_trace_section *s) {
  return (bt_trace_run){s, 0, 0, s->bytes};
}

/* Moves the next n bytes of the run. An access is made when its first byte is asked for, and then
 * brings all of its burst that the run has; one that ends inside a burst takes that burst's last
 * bytes instead, so that an access always reaches to the end of its burst or section. */
void bt_trace_run_take(bt_trace_run *r, uint64_t n, bt_trace_transfer *t);

#endif
