/* bittrue cost --compare: an epoch on several machines, side by side. */
#ifndef BT_CLI_COST_COMPARE_H
#define BT_CLI_COST_COMPARE_H

#include "cli/cost_epoch.h"
#include "cost/energy.h"

#define BT_COMPARE_MOST 16u

typedef struct {
  const bt_epoch *epoch;
  const bt_energy_table *table;
  size_t machines;
  const char *const *machine; /* names or paths, at least one */
  bool json, fp32;            /* fp32: of the counterpart */
} bt_compare;

/* Prints cycles, seconds, utilisation, DRAM bytes, energies and energy-delay products of each
 * machine, and the later ones' ratios to the first. */
bt_status bt_cost_compare(const bt_compare *c, bt_error *error);

#endif
