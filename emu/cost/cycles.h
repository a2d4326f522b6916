/* Cycles of the array and the quantizer: equal to the RTL's counters (cost 2 and 3). */
#ifndef BT_COST_CYCLES_H
#define BT_COST_CYCLES_H

#include "cmd/command.h"
#include "machine/machine.h"

/* How a contraction runs on the array: `groups` runs over each tile (numerics 8.2, 8.3), with
 * k summed over them. */
typedef struct {
  uint64_t row_tiles, col_tiles;
  uint64_t groups;
  uint64_t k;
  uint64_t chunks; /* of the accumulator (numerics 8.1), summed over groups; 0 without chunks */
} bt_passes;

/* The passes of a contraction. With `plan`, an operand without storage, or whose exponents are
 * all -128 as allocated, is not computed yet: its exponents count as equal along k. Of operands in
 * blocks tile or k32 no exponent is read: a pass is a run of k in one block of each (cost 2).
 * BT_BAD_INPUT: a dataflow other than os. */
bt_status bt_cost_passes(const bt_machine *machine, const bt_command *c, bool plan,
                         bt_passes *passes, bt_error *error);

/* Array cycles of these passes (cost 2). */
unsigned __int128 bt_cost_array_cycles(const bt_machine *machine, const bt_passes *passes);

/* Quantizer cycles of a quantize command (cost 3), from its output's shape and format. */
unsigned __int128 bt_cost_quantizer_cycles(const bt_machine *machine, const bt_command *c);

#endif
