/* The bytes that a tensor has in DRAM: the data of a memory trace (docs/traces.md, "traces 2"). */
#ifndef BT_COST_TRACE_VALUES_H
#define BT_COST_TRACE_VALUES_H

#include "cost/trace_map.h"

/* Bytes from..from+size-1 of a section, of the values that `t` holds: the section's tensor, or a
 * copy of it from before it was overwritten. Two's complement, little-endian; elements of less than
 * a byte from the low bits up. What lies beyond the section is zeros, and so are averages and
 * statistics. */
void bt_trace_values(const bt_trace_section *s, const bt_tensor *t, uint64_t from, size_t size,
                     uint8_t *out);

#endif
