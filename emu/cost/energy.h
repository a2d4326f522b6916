/* Energy tables: what one action costs, in attojoules (docs/energy.md). Tables are sparse; what a
 * table lacks is "not in table", never zero. */
#ifndef BT_COST_ENERGY_H
#define BT_COST_ENERGY_H

#include "cost/count.h"

typedef unsigned __int128 bt_attojoules;
typedef unsigned __int128 bt_attowatts; /* attojoules a second; 0: not in table */

#define BT_MAX_PRICES 128u
#define BT_MAX_SRAM_POINTS 16u

typedef struct {
  char action[32]; /* "multiply_8x8", "add_32", "lfsr_step", ...: energy 2 lists them */
  uint64_t energy; /* attojoules of one */
} bt_price;

typedef struct {
  uint64_t low, high; /* attojoules; high 0: not in table */
} bt_energy_range;

/* Widths that a source derives from the one it measured. */
typedef enum { BT_LAW_NONE, BT_LAW_LINEAR, BT_LAW_QUADRATIC } bt_energy_law;
typedef struct {
  bt_energy_law law;
  unsigned width; /* bits of the action that is in the table */
} bt_energy_scaling;
typedef enum { BT_FAMILY_ADD, BT_FAMILY_MULTIPLY, BT_FAMILY_COMPARE, BT_FAMILY_SHIFT } bt_family;
#define BT_FAMILIES 4

typedef struct {
  uint64_t bytes;       /* size of the buffer, ascending */
  uint64_t read, write; /* attojoules of one access of sram_access_bits */
} bt_sram_point;

typedef struct {
  char table[64];   /* the file that gave these prices: an energy table, or one of DRAM alone */
  char source[512];
  char kind[32];
  uint64_t access_bits; /* that read and write are for; 0: DRAM is not priced */
  bt_energy_range read, write;
  uint64_t activate;  /* attojoules to open and close a row; 0: not in table */
  uint64_t row_bytes; /* of that row */
  bt_attowatts background, refresh;
} bt_dram_prices;

typedef struct {
  char name[64];
  char source[512]; /* paper, year, table */
  char technology[64];
  char voltage[32]; /* "0.9 V" or "not stated" */
  char warning[512]; /* what the reader left out; "" if nothing */
  uint64_t unit;     /* attojoules of the file's unit */
  size_t prices;
  bt_price price[BT_MAX_PRICES];
  bt_energy_scaling scaling[BT_FAMILIES];
  bool adds_in_products;     /* a product's price holds the addition behind it (Accelergy's mac) */
  uint64_t sram_access_bits; /* 0: SRAM is not priced, or by `buffer` */
  size_t sram_points;
  bt_sram_point sram[BT_MAX_SRAM_POINTS];
  struct {
    uint64_t read, write; /* attojoules of one word of the machine's buffers; 0: not in table */
  } buffer[3];            /* input, weight, output: from Accelergy, which gives no sizes */
  bt_attowatts sram_leakage;  /* of each KiB */
  bt_attowatts logic_leakage; /* of each unit of the array */
  bt_dram_prices dram;
} bt_energy_table;

/* Reads a table (traces/energy), or an Accelergy ERT (cost/accelergy.h; the file has a key `ERT`).
 * BT_BAD_INPUT with file, line and reason: an unknown key or action, a unit that is none of
 * energy, an energy that is negative, zero, beyond 10^15 aJ or no whole number of attojoules,
 * SRAM points out of order, and what bt_energy_check refuses. */
bt_status bt_energy_load(const char *path, bt_energy_table *table, bt_error *error);

/* Replaces table->dram by the dram section of another file. BT_BAD_INPUT if it has none, or as
 * bt_energy_load; *table is then untouched. */
bt_status bt_energy_load_dram(const char *path, bt_energy_table *table, bt_error *error);

/* The energy of one action: its own price, or one scaled by the table's law (rounded down).
 * false if the table gives neither. */
bool bt_energy_action(const bt_energy_table *table, const char *action, uint64_t *energy);

/* True for actions that a table may price. For add_N, multiply_AxB (A <= B), compare_N and shift_N
 * *family and the widths (1..64, equal if one) are set, else *a is 0. */
bool bt_energy_is_action(const char *name, bt_family *family, unsigned *a, unsigned *b);

/* Attojoules of one access to a buffer of `bytes`, by linear interpolation on log2 of the size
 * (numerics 12.3's log2), floored. false outside the table's points: nothing is extrapolated. */
bool bt_energy_sram(const bt_energy_table *table, uint64_t bytes, bool write, uint64_t *energy);

/* The name of the action that a count is priced as ("add_acc" of 32 bits is "add_32"), or NULL
 * for counts without energy of their own: commands, MACs (priced as multiplications and
 * additions) and cycles. */
const char *bt_energy_action_name(bt_count_kind kind, const bt_machine *machine, char text[32]);

typedef enum { BT_NOT_IN_TABLE, BT_PRICED, BT_IN_PRODUCT } bt_price_state;
typedef struct {
  bt_price_state state;
  uint64_t low, high; /* attojoules of one count (a byte of memory), rounded to the nearest */
} bt_unit_price;

/* What one unit of a count costs; NOT_IN_TABLE for counts without a name above. */
bt_unit_price bt_energy_each(const bt_energy_table *table, const bt_machine *machine,
                             bt_count_kind kind);

#endif
