/* The waves of one tile: every register of the array clock by clock, as a value change dump of
 * IEEE 1364 (traces 8.3). */
#ifndef BT_COST_VCD_H
#define BT_COST_VCD_H

#include "cost/tile_passes.h"
#include "cost/trace_text.h"

/* Runs tile `tile` of a checked and covered contraction on a reset array: a cycle of reset, one
 * that starts the first pass, the tile's passes without a gap, and an idle one. *cycles: of the
 * clock, those three among them. BT_BAD_INPUT: what bt_tile_passes() refuses; a time beyond 64
 * bits; what the sink says. BT_FAILED: out of memory. */
bt_status bt_vcd_tile(const bt_machine *machine, const bt_command *c, size_t tile,
                      const bt_trace_sink *sink, uint64_t *cycles, bt_error *error);

#endif
