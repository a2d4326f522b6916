/* Units of energy tables, and numbers with units. */
#ifndef BT_COST_ENERGY_UNITS_H
#define BT_COST_ENERGY_UNITS_H

#include "cost/energy.h"
#include "io/yaml.h"

#define BT_ENERGY_MAX UINT64_C(1000000000000000) /* 1 mJ an action: sums stay within 128 bits */
#define BT_POWER_MAX ((bt_attowatts)1000 * UINT64_C(1000000000000000000))

/* The file's `unit`: attojoule, femtojoule or picojoule, in attojoules. BT_BAD_INPUT: none, a unit
 * of power or of current (named as such), another. */
bt_status bt_energy_unit(const bt_yaml *doc, const bt_yaml_node *root, uint64_t *unit,
                         bt_error *error);

/* A decimal number of `unit` attojoules at a key: exact, 1..BT_ENERGY_MAX attojoules. */
bt_status bt_energy_value(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          uint64_t unit, uint64_t *energy, bt_error *error);

/* An optional power, a text as "1.5 mW"; *power stays where the key is absent. nW to W,
 * at most BT_POWER_MAX. */
bt_status bt_energy_power(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          bt_attowatts *power, bt_error *error);

/* A time, a text as "7.8 us", in picoseconds: ps to s. */
bt_status bt_energy_time(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                         uint64_t *picoseconds, bt_error *error);

/* The root's `voltage`: "not stated", or a number with V or mV. */
bt_status bt_energy_voltage(const bt_yaml *doc, const bt_yaml_node *root, char text[32],
                            bt_error *error);

#endif
