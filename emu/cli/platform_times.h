/* Simulated time of commands on the SystemC platform, beside the Verilated machine's cycles. */
#ifndef BT_CLI_PLATFORM_TIMES_H
#define BT_CLI_PLATFORM_TIMES_H

#include "engine/engine.h"

typedef struct {
  uint64_t commands, tlm, rtl; /* cycles from the doorbell to the interrupt */
} bt_platform_time;

typedef struct {
  bool tlm, rtl; /* which of the engines took part */
  uint64_t row_hits, row_misses;
  bt_platform_time of[BT_OP_STATISTICS + 1];
} bt_platform_times;

/* Adds what the engines say of the last command, which both ran; nothing if neither is tlm.
 * verbose: a line of it. */
void bt_platform_times_add(bt_platform_times *t, const bt_engine *first, const bt_engine *second,
                        const bt_command *c, bool whole, bool verbose);

/* The totals by kind of command; nothing without tlm. */
void bt_platform_times_print(const bt_platform_times *t);

/* Cycles of all commands. */
uint64_t bt_platform_times_tlm(const bt_platform_times *t);

#endif
