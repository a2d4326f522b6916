/* The machine in Verilog as an engine: each command a descriptor in its memory, run by Verilator
 * from the doorbell to the interrupt. It computes nothing itself: what reaches the outputs, the
 * lanes' generators and the counts is what the machine left in its memory and registers
 * (docs/rtl.md, "The machine"). covers() says which commands it can do; others do not run. */
#ifndef BT_RTL_MACHINE_ENGINE_H
#define BT_RTL_MACHINE_ENGINE_H

#ifdef __cplusplus
extern "C" {
#endif

#include "machine_stats.h"

typedef struct {
  unsigned latency;    /* cycles from a read to its word, beyond the first */
  unsigned stall;      /* of 256: the chance that memory does nothing in a cycle */
  uint64_t seed;       /* of the stalls */
  const char *waves;   /* NULL, or a VCD file; needs a build with BITTRUE_TRACE */
} bt_machine_options;

/* A memory that answers in the next cycle, never stalls; no waves. */
bt_machine_options bt_machine_options_default(void);

/* An engine for a machine among those that the Verilog was built for; NULL and BT_BAD_INPUT's line
 * in *error, which lists them, for another one. Free it with engine->destroy(engine). */
bt_engine *bt_machine_engine(const bt_machine *machine, const bt_machine_options *options,
                             bt_error *error);

/* The machines that bt_machine_engine() takes, "16x16 acc 32 saturate lanes 16, ...". */
const char *bt_machine_engines(void);

/* Waves of the next command around one of its results: `window` cycles before and after the one in
 * which element `element` of out[output] is written. The command runs twice for that. For an engine
 * with waves; without this call they show all. */
void bt_machine_show(bt_engine *engine, size_t output, size_t element, uint64_t window);

/* The cycles of the last command that its waves show, and the one in which the element was written;
 * counted from the doorbell. */
typedef struct {
  uint64_t first, last, written;
} bt_machine_shown;

bt_machine_shown bt_machine_last_shown(const bt_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
