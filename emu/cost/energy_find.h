/* What a command line says of energy: tables by name, activities by text. */
#ifndef BT_COST_ENERGY_FIND_H
#define BT_COST_ENERGY_FIND_H

#include "cost/ledger.h"

/* The shipped tables that price operations, for a spread: NULL-terminated names. */
extern const char *const bt_energy_shipped[];

/* Loads the table of a name or path (io/find.h) and, unless `dram` is NULL, the DRAM of another in
 * its place. table->warning says what a reader left out. Errors as bt_find_file, bt_energy_load,
 * bt_energy_load_dram. */
bt_status bt_energy_find(const char *name, const char *dram, bt_energy_table *table,
                         bt_error *error);

/* Reads "PART=FACTOR,...", as "array=0.41,registers=0.385", into options->activity. Parts are those
 * of the datapath (energy 6); factors 0.000001 to 100, of at most six decimals. BT_BAD_INPUT: an
 * unknown part, one given twice, another factor. */
bt_status bt_energy_activity(const char *text, bt_energy_options *options, bt_error *error);

#endif
