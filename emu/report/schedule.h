/* A training step on the machine: the bytes it holds, command by command, and its chains. */
#ifndef BT_REPORT_SCHEDULE_H
#define BT_REPORT_SCHEDULE_H

#include <jansson.h>

#include "cost/live.h"
#include "cost/watch.h"

/* {"label": [TEXT, ...], "phase": [NAME, ...], "total": [BYTES, ...], "fp32": [...],
 *  "kinds": {"weight": [...], ...} (those with bytes), "peak": COMMAND, "peak_fp32": COMMAND}. */
json_t *bt_page_footprint(const bt_footprint *f);

/* A row a chain, in the order in which they run: {"label": [of its contraction, or of its last
 * command], "phase": [...], "macs": [...], "bytes": [DRAM, spills included], "cycles": [elapsed],
 * "stall": [...], "array": [cycles of the unit], "scalar": [...], "vector": [...],
 * "quantizer": [...]}. Errors as bt_cost_program. Owned by the caller. */
bt_status bt_page_chains(const bt_program *step, const bt_machine *machine, json_t **chains,
                         bt_error *error);

#endif
