/* Cycles of the array, the quantizer and the vector units: equal to the RTL's counters (cost 2, 3
 * and 4). */
#ifndef BT_COST_CYCLES_H
#define BT_COST_CYCLES_H

#include "cmd/command.h"
#include "machine/machine.h"

/* How a contraction runs on the array: `groups` runs over each tile (numerics 8.2, 8.3), with
 * k summed over them. A tile is what the array works on without a change of place: rows x cols
 * outputs in os; in ws as many rows, in is as many columns as their partial sums fit half of the
 * output buffer (cost 2). */
typedef struct {
  uint64_t rows, cols;           /* outputs */
  uint64_t tile_rows, tile_cols; /* outputs of a whole tile */
  uint64_t row_tiles, col_tiles;
  uint64_t groups;
  uint64_t k;
  uint64_t folds;  /* ws, is: ceil(k_g / R), summed over groups; 0 in os */
  uint64_t chunks; /* of the accumulator (numerics 8.1), summed over groups; 0 without chunks */
} bt_passes;

/* The passes of a contraction. With `plan`, an operand without storage, or whose exponents are
 * all -128 as allocated, is not computed yet: its exponents count as equal along k. Of operands in
 * blocks tile or k32 no exponent is read: a pass is a run of k in one block of each (cost 2).
 * BT_FAILED when out of memory. */
bt_status bt_cost_passes(const bt_machine *machine, const bt_command *c, bool plan,
                         bt_passes *passes, bt_error *error);

/* The same for one pass over all of k, whatever the exponents: an array of fp32 (cost 9). */
void bt_cost_plain_passes(const bt_machine *machine, const bt_command *c, bt_passes *passes);

/* Array cycles of a tile of m x n outputs, and of all tiles (cost 2). */
unsigned __int128 bt_cost_tile_cycles(const bt_machine *machine, const bt_passes *passes,
                                      uint64_t m, uint64_t n);
unsigned __int128 bt_cost_array_cycles(const bt_machine *machine, const bt_passes *passes);

/* Bits of the array's registers clocked in these passes, once each cycle, with operands and
 * accumulators of so many bits (cost 4.2). */
unsigned __int128 bt_cost_register_bits(const bt_machine *machine, const bt_passes *passes,
                                        unsigned operand_bits, unsigned acc_bits);

/* Quantizer cycles of a quantize command (cost 3), from its output's shape and format. */
unsigned __int128 bt_cost_quantizer_cycles(const bt_machine *machine, const bt_command *c);

/* Cycles of a command that runs on a vector unit (cost 4). */
unsigned __int128 bt_cost_vector_cycles(const bt_machine *machine, const bt_command *c);

#endif
