/* The machine on its SystemC platform as an engine: each command a descriptor in the memory of
 * `bittrue-tlm`, a process that the engine starts and ends (docs/tlm.md). It computes nothing
 * itself. covers() is that of the machine in Verilog. */
#ifndef BT_TLM_ENGINE_H
#define BT_TLM_ENGINE_H

#include "machine_stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Starts $BITTRUE_TLM, or `bittrue-tlm` beside this program, with the words of
 * $BITTRUE_TLM_OPTIONS. NULL with BT_BAD_INPUT's line in *error where it is missing, or refuses the
 * options or the machine. A process that dies later makes
 * run() fail with BT_FAILED and a line that tells how it ended. Free with
 * engine->destroy(engine). */
bt_engine *bt_tlm_engine(const bt_machine *machine, bt_error *error);

/* What the last command took on the platform. The counters are bt_machine_last()'s. */
typedef struct {
  uint64_t cycles;               /* of simulated time, from the doorbell to the interrupt */
  uint64_t row_hits, row_misses; /* beats of DRAM with rows; 0 of an ideal one */
} bt_tlm_stats;

bt_tlm_stats bt_tlm_last(const bt_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
