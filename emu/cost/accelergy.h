/* Accelergy's files: energy reference tables (ERT) read as energy tables, action counts written
 * (docs/energy.md states the mapping of names). */
#ifndef BT_COST_ACCELERGY_H
#define BT_COST_ACCELERGY_H

#include "cost/energy.h"
#include "io/yaml.h"

/* Reads ERT.tables[].{name, actions[].{name, arguments, energy}}, energies in picojoules, rounded
 * to attojoules. Of entries that differ in their arguments the dearest counts. An entry without a
 * counterpart here and with an energy is named in table->warning. BT_BAD_INPUT: a negative energy,
 * all energies zero, the same energy for all of two components or more (Accelergy's dummy
 * estimator), nothing that maps. */
bt_status bt_accelergy_read(const bt_yaml *doc, bt_energy_table *table, bt_error *error);

/* Bits of one DRAM access of an ERT, which does not say: an assumption. */
#define BT_ACCELERGY_DRAM_BITS 64u

/* Writes a file of `action_counts` (version 0.2, which later ones read too): for all phases
 * together, each action as a component of its name with an action `compute`, buffers in words
 * read and written (rounded up), DRAM in accesses of BT_ACCELERGY_DRAM_BITS, spills included.
 * Actions of no count are left out. BT_BAD_INPUT: the file cannot be written, a sum beyond 64
 * bits. */
bt_status bt_accelergy_counts_write(const char *path, const bt_cost *cost,
                                    const bt_machine *machine, bt_error *error);

#endif
