/* Where the energy of a cost goes: rows of counts and attojoules whose sum is the whole, exactly
 * (docs/energy.md, "energy 4"). */
#ifndef BT_COST_LEDGER_H
#define BT_COST_LEDGER_H

#include <stdio.h>

#include "cost/energy.h"

typedef enum {
  BT_PART_ARRAY,
  BT_PART_ALIGNER,
  BT_PART_QUANTIZER,
  BT_PART_VECTOR, /* affine, reduce, pool, pool_sum, average, dropout */
  BT_PART_SCALAR, /* softmax and batch norm */
  BT_PART_LFSR,
  BT_PART_FP32, /* all operations on words of fp32 */
  BT_PART_REGISTERS,
  BT_PART_SRAM_INPUT,
  BT_PART_SRAM_WEIGHT,
  BT_PART_SRAM_OUTPUT,
  BT_PART_DRAM_READ,
  BT_PART_DRAM_WRITE,
  BT_PART_DRAM_SPILL,
  BT_PART_DRAM_ACTIVATE,
  BT_PART_LEAKAGE,
  BT_PART_DRAM_BACKGROUND,
  BT_PART_DRAM_REFRESH,
  BT_PARTS
} bt_part;

const char *bt_part_name(bt_part part); /* "array", "sram input", ... */
bool bt_part_takes_activity(bt_part part); /* the datapath: not memory, not what time makes */

typedef struct {
  /* Millionths that scale the energy of a part's actions (1000000: that of the table); 0: not
   * given. */
  uint32_t activity[BT_PARTS];
} bt_energy_options;

typedef struct {
  bt_phase phase;
  bt_part part;
  char action[32]; /* of the table; "leakage_logic", "dram_refresh", ... for time-based rows */
  uint64_t count;  /* actions, bytes of memory, or cycles */
  bt_price_state state;
  uint64_t each_low, each_high; /* attojoules of one; 0 unless priced */
  bt_attojoules low, high;      /* count * each: exact */
} bt_ledger_row;

#define BT_TIME_ROWS 4 /* leakage of logic and of SRAM, background, refresh */
#define BT_LEDGER_ROWS (BT_PHASE_COUNT * (BT_COUNT_KINDS + BT_TIME_ROWS))

typedef struct {
  size_t rows;
  bt_ledger_row row[BT_LEDGER_ROWS];
  bt_attojoules low, high; /* the whole, priced from the counts of all phases together */
} bt_ledger;

/* Rows of every phase, in order; a row without a count is left out. What is not in the table is
 * a row without energy. options may be NULL.
 * BT_BAD_INPUT: counts beyond 64 bits, an activity for a part that takes none. BT_FAILED: the rows
 * do not sum to the whole (a defect of this program). */
bt_status bt_ledger_make(const bt_cost *cost, const bt_machine *machine,
                         const bt_energy_table *table, const bt_energy_options *options,
                         bt_ledger *ledger, bt_error *error);

/* Sum over the rows of a phase, or of a part in all phases. */
void bt_ledger_phase(const bt_ledger *ledger, bt_phase phase, bt_attojoules sum[2]);
void bt_ledger_part(const bt_ledger *ledger, bt_part part, bt_attojoules sum[2]);

/* What is not in the table, over all phases or one of them (a phase below BT_PHASE_COUNT, else
 * all): fills action and count of at most BT_COUNT_KINDS + BT_TIME_ROWS rows, one an action in
 * order, and gives their number. */
size_t bt_ledger_missing(const bt_ledger *ledger, bt_phase phase,
                         bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS]);

/* CSV: a head, a row a ledger row: phase, component, action, count, the attojoules of one and of
 * all (low, high), and "priced", "not in table" or "in product". */
void bt_ledger_csv(FILE *out, const bt_ledger *ledger);
bt_status bt_ledger_csv_write(const char *path, const bt_ledger *ledger, bt_error *error);

/* Whole attojoules in decimal. */
#define BT_ATTOJOULES_SIZE 40u
const char *bt_attojoules_text(bt_attojoules energy, char text[BT_ATTOJOULES_SIZE]);
const char *bt_price_state_name(bt_price_state state);

#endif
