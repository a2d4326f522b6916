/* Energy from counts: integers times attojoules in 128 bits. Tables are sparse; what a table
 * does not price is reported as unpriced, never as zero (docs/cost.md, "cost 7"). */
#ifndef BT_COST_ENERGY_H
#define BT_COST_ENERGY_H

#include "cost/count.h"

typedef unsigned __int128 bt_attojoules;

#define BT_MAX_PRICES 128u
#define BT_MAX_SRAM_POINTS 16u

typedef struct {
  char action[32]; /* "multiply_8x8", "add_32", "lfsr_step", ...: cost 7 lists them */
  uint64_t energy; /* attojoules of one */
} bt_price;

typedef struct {
  uint64_t bytes;  /* size of the buffer, ascending */
  uint64_t energy; /* attojoules of one access of sram_access_bits */
} bt_sram_point;

typedef struct {
  char name[64];
  char source[384]; /* paper, year, table */
  size_t prices;
  bt_price price[BT_MAX_PRICES];
  uint64_t sram_access_bits; /* 0: SRAM is not priced */
  size_t sram_points;
  bt_sram_point sram[BT_MAX_SRAM_POINTS];
  uint64_t dram_access_bits;    /* 0: DRAM is not priced */
  uint64_t dram_low, dram_high; /* attojoules of one access */
} bt_energy_table;

/* Reads a table (traces/energy). An unknown key or action, energies outside 1..10^15, SRAM
 * points out of order: BT_BAD_INPUT with file and line. */
bt_status bt_energy_load(const char *path, bt_energy_table *table, bt_error *error);

/* Attojoules of one access to a buffer of `bytes`, by linear interpolation on log2 of the size
 * (numerics 12.3's log2). false outside the table's points: nothing is extrapolated. */
bool bt_energy_sram(const bt_energy_table *table, uint64_t bytes, uint64_t *energy);

/* The energy of one action; false if the table does not price it. */
bool bt_energy_action(const bt_energy_table *table, const char *action, uint64_t *energy);

typedef struct {
  bool priced;
  bt_attojoules low, high; /* the same but for DRAM, whose energy is a range */
} bt_energy_kind;

typedef struct {
  bt_energy_kind kind[BT_COUNT_KINDS]; /* by what was counted; cycles and commands cost nothing */
  bt_attojoules low, high;             /* sums of what is priced */
} bt_energy;

/* Prices counts of a machine. */
bt_energy bt_energy_price(const bt_energy_table *table, const bt_machine *machine,
                          const bt_cost_counts *counts);

/* The name of the action that a count is priced as ("add_acc" of 32 bits is "add_32"), or NULL
 * for counts without energy of their own: commands, MACs (priced as multiplications and
 * additions) and cycles. */
const char *bt_energy_action_name(bt_count_kind kind, const bt_machine *machine, char text[32]);

/* Microjoules of energy / divisor (at least 1), rounded half up to 6 decimals: "12.345678". */
#define BT_MICROJOULES_SIZE 48u
const char *bt_energy_text(bt_attojoules energy, uint64_t divisor, char text[BT_MICROJOULES_SIZE]);

#endif
