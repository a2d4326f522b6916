/* Bytes that a command moves through the SRAM buffers and DRAM (cost 5). */
#ifndef BT_COST_TRAFFIC_H
#define BT_COST_TRAFFIC_H

#include "cost/count.h"
#include "cost/cycles.h"

/* Adds a contraction's bytes: operand tiles, refetches, wide results. */
void bt_traffic_contract(bt_cost_counts *n, const bt_machine *machine, const bt_command *c,
                         const bt_passes *passes);

/* Adds a quantize command's bytes, with the spill if its wide input does not fit and the
 * machine's policy is spill. */
void bt_traffic_quantize(bt_cost_counts *n, const bt_machine *machine, const bt_command *c);

/* Adds the bytes of any other command: operands and results once. With `again`, a second run
 * (`recompute`) that writes no result but the wide one. */
void bt_traffic_vector(bt_cost_counts *n, const bt_command *c, bool again);

/* Whether a quantize command's input can wait in the output buffer until its exponents are
 * known (cost 5.3). */
bool bt_traffic_fits(const bt_machine *machine, const bt_command *c);

#endif
