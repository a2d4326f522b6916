/* One rank of DRAM with an open-page policy: bursts in order become ACT, RD, WR, PRE, PREA and REFA
 * (docs/traces.md, "traces 5"). */
#ifndef BT_COST_TRACE_DRAM_H
#define BT_COST_TRACE_DRAM_H

#include "cost/trace_text.h"
#include "machine/machine.h"

#define BT_TRACE_BANKS 16u
#define BT_TRACE_GROUP_BANKS 4u  /* banks of a bank group */
#define BT_TRACE_COLUMN_BYTES 8u /* of 64 data lines */

/* Cycles between commands; those of a DDR4 at 1 GHz. */
typedef struct {
  uint64_t rcd, rp, ras, rrd, faw, ccd, rtp, wr, rl, wl, wtr, bl, refi, rfc;
} bt_trace_timing;

typedef struct {
  bt_trace_timing t;
  uint64_t row_bytes;
  uint64_t ready;              /* when the next command may stand on the bus */
  uint64_t column_ready[2];    /* when a read, a write may come, by the data lines */
  uint64_t act_ready;          /* by tRRD, and after a refresh */
  uint64_t acts[4];            /* the times of the last four ACTs, oldest first */
  uint64_t acts_seen;
  uint64_t refresh;            /* when the next one is due */
  struct {
    bool open;
    uint64_t row;
    uint64_t act, pre, read_or_write; /* earliest times of these commands */
  } bank[BT_TRACE_BANKS];
} bt_trace_dram;

bt_trace_dram bt_trace_dram_start(const bt_machine *machine, unsigned burst);

/* The commands of a burst that is wanted at `cycle`, with its data. */
void bt_trace_dram_burst(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle, uint64_t address,
                         bool write, const uint8_t *data, size_t size);

/* The END row, when the last command is done and not before `cycle`. */
void bt_trace_dram_end(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle);

#endif
