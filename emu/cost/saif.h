/* Switching activity of the array's registers, bit by bit, as SAIF 2.0 (traces 8.2). */
#ifndef BT_COST_SAIF_H
#define BT_COST_SAIF_H

#include "cost/bit_counts.h"
#include "cost/clocked_array.h"
#include "cost/tile_passes.h"
#include "cost/trace_text.h"

typedef struct {
  const bt_machine *machine;
  bt_clocked_array array;
  bt_bit_counts counts;    /* of the array's bytes */
  uint64_t cycles, tiles, contractions;
} bt_saif;

/* BT_FAILED: out of memory. The machine outlives it. Close it, after an error too. */
bt_status bt_saif_open(bt_saif *s, const bt_machine *machine, bt_error *error);
void bt_saif_close(bt_saif *s);

/* Adds the sampled tiles of a contraction, from a reset array on: what bt_activity_contract() adds
 * to the toggles, bit by bit. The reset itself is neither a toggle nor time. Errors as
 * bt_tile_passes(). */
bt_status bt_saif_contract(bt_saif *s, const bt_command *c, const bt_activity_options *options,
                           bt_error *error);

/* The file. BT_BAD_INPUT: no cycles, a duration beyond 64 bits, or what the sink says. */
bt_status bt_saif_write(bt_saif *s, const bt_trace_sink *sink, bt_error *error);

#endif
