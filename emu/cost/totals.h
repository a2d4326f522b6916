/* Joules, seconds and what follows from them, for one table and for several. Ratios are floating
 * point: for printing only (docs/energy.md, "energy 5"). */
#ifndef BT_COST_TOTALS_H
#define BT_COST_TOTALS_H

#include "cost/ledger.h"

#define BT_MAX_TABLES 16u

typedef struct {
  bt_attojoules low, high;
  uint64_t macs, cycles, clock_hz; /* cycles 0: no time */
  size_t missing;                  /* actions that were counted and are not in the table */
} bt_totals;

/* Of all phases. BT_BAD_INPUT as bt_ledger_make. */
bt_status bt_totals_make(const bt_cost *cost, const bt_machine *machine, const bt_ledger *ledger,
                         bt_totals *totals, bt_error *error);

double bt_totals_joules(bt_attojoules energy);
double bt_totals_seconds(const bt_totals *t);
double bt_totals_watts(const bt_totals *t, bt_attojoules energy);
/* 2 operations a MAC, a joule, in units of 10^12; 0 for no energy. */
double bt_totals_tops_per_watt(const bt_totals *t, bt_attojoules energy);
double bt_totals_delay_product(const bt_totals *t, bt_attojoules energy); /* joule seconds */

/* One cost priced by several tables. `common` holds only what every table prices. */
typedef struct {
  size_t tables;
  const bt_energy_table *table[BT_MAX_TABLES];
  bt_totals all[BT_MAX_TABLES], common[BT_MAX_TABLES];
} bt_spread;

/* BT_BAD_INPUT: no table or more than BT_MAX_TABLES, or as bt_ledger_make. */
bt_status bt_spread_make(const bt_cost *cost, const bt_machine *machine,
                         const bt_energy_table *const *table, size_t tables,
                         const bt_energy_options *options, bt_spread *spread, bt_error *error);

/* The smallest low and the largest high. */
void bt_spread_ends(const bt_totals *t, size_t tables, bt_attojoules ends[2]);

/* A row a table, then the spread over them: of all that each prices, and of what all price. */
void bt_spread_text(FILE *out, const bt_spread *spread);
/* CSV: table, of ("all" or "common"), joules, seconds, watts, TOPS/W and energy-delay product, low
 * and high, and the number of actions not in the table; two rows a table. */
void bt_spread_csv(FILE *out, const bt_spread *spread);

#endif
