/* Bytes of single commands (docs/cost.md 5, 5.1), written from the document. */
#ifndef BT_TESTS_ORACLE_BYTES_H
#define BT_TESTS_ORACLE_BYTES_H

#include "cost/count.h"

/* A tensor that has no place in DRAM of its own: wide values, which go from unit to unit, and
 * vectors of them, which stay on the chip. */
bool oracle_passes(const bt_tensor *t);

/* Bytes of a tensor's elements, or of its exponents. */
uint64_t oracle_elements_bytes(const bt_tensor *t, bool fp32);
uint64_t oracle_exponent_bytes(const bt_tensor *t, bool fp32);

/* A command counts its bytes here. */
typedef struct {
  bt_cost *cost;
  bt_phase phase;
  bool fp32;
  uint64_t loaded, stored; /* but a contraction's elements */
} oracle_mover;

/* Operands and results of a command once, but the elements of a contraction's operands and its
 * sums. `reads` is how often a quantizer's narrow operand comes from DRAM. With `again` only what a
 * second run of the command moves. */
void oracle_move(oracle_mover *to, const bt_command *c, unsigned reads, bool again);

/* Counts bytes from DRAM through a buffer, and to DRAM. */
void oracle_dram_read(oracle_mover *to, unsigned kind, uint64_t bytes);
void oracle_dram_write(oracle_mover *to, unsigned kind, uint64_t bytes);

#endif
