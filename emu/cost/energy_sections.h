/* The parts of an energy table's file, read one by one. Internal to the reader. */
#ifndef BT_COST_ENERGY_SECTIONS_H
#define BT_COST_ENERGY_SECTIONS_H

#include "cost/energy.h"
#include "io/yaml.h"

/* Energies are in table->unit. All sections are optional; errors as bt_energy_load. */
bt_status bt_energy_read_actions(const bt_yaml *doc, bt_energy_table *table, bt_error *error);
bt_status bt_energy_read_sram(const bt_yaml *doc, bt_energy_table *table, bt_error *error);
bt_status bt_energy_read_dram(const bt_yaml *doc, bt_energy_table *table, bt_error *error);
bt_status bt_energy_read_leakage(const bt_yaml *doc, bt_energy_table *table, bt_error *error);

/* What no circuit can cost (energy 3): no price at all; two or more actions, all of one price;
 * multiply_8x8 below add_8 or equal to add_32; SRAM points falling in energy. */
bt_status bt_energy_check(const bt_yaml *doc, const bt_energy_table *table, bt_error *error);

#endif
