/* Bytes that a command moves through the SRAM buffers and DRAM (cost 5). */
#ifndef BT_COST_TRAFFIC_H
#define BT_COST_TRAFFIC_H

#include "cost/count.h"
#include "cost/nest.h"

/* Where a command's bytes are counted, and how many went by. */
typedef struct {
  bt_cost *cost;
  const bt_machine *machine;
  bt_phase phase;
  uint64_t loaded, stored; /* bytes from and to DRAM, but a contraction's operands and spills */
} bt_mover;

/* Adds a contraction's bytes: operands as the nest reads them, wide results. */
void bt_traffic_contract(bt_mover *to, const bt_command *c, const bt_nest *nest);

/* Adds a quantize command's bytes, without those of a spill. */
void bt_traffic_quantize(bt_mover *to, const bt_command *c);

/* Adds the bytes of any other command: operands and results once. With `again`, a second run
 * (`recompute`) that writes no result but the wide one. */
void bt_traffic_vector(bt_mover *to, const bt_command *c, bool again);

/* Adds a wide tensor's way to DRAM, or back: through the output buffer both times (cost 5.3).
 * Returns its bytes. */
uint64_t bt_traffic_spill(bt_mover *to, const bt_tensor *wide, bool back);

/* Whether a quantize command's input can wait in the output buffer until its exponents are
 * known (cost 5.3). */
bool bt_traffic_fits(const bt_machine *machine, const bt_command *c);

/* Whether input i stands at an earlier place of the command, too: it is read once (cost 5). */
bool bt_traffic_repeats(const bt_command *c, unsigned i);

/* Whether a result is not stored: masks and indices are for the way back, and the command's phase
 * has none (cost 5.1). */
bool bt_traffic_dropped(const bt_command *c, const bt_tensor *t);

/* Whether the command takes or makes t as a mask, which has a bit an element in DRAM. */
bool bt_traffic_mask(const bt_command *c, const bt_tensor *t);

/* Bytes of a wide tensor. */
uint64_t bt_traffic_wide_bytes(const bt_tensor *t);

#endif
