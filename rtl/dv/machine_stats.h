/* What an engine that runs descriptors on a machine tells of its last command. */
#ifndef BT_RTL_MACHINE_STATS_H
#define BT_RTL_MACHINE_STATS_H

#ifdef __cplusplus
extern "C" {
#endif

#include "engine/engine.h"

/* What the last command took, as the machine's counters say. */
typedef struct {
  uint64_t cycles;                            /* from doorbell to interrupt */
  uint64_t array, quantizer, vector, scalar;  /* in which the unit worked */
  uint64_t stall;                             /* in which none did */
  uint64_t reads, writes;                     /* words of memory */
} bt_machine_stats;

/* Of the engines of machine_engine.h and tlm_engine.h. */
bt_machine_stats bt_machine_last(const bt_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
