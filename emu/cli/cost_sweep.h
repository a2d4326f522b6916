/* bittrue cost --sweep PARAMETER=V1,V2,...: an epoch at several values of one parameter, as CSV. */
#ifndef BT_CLI_COST_SWEEP_H
#define BT_CLI_COST_SWEEP_H

#include "cost/energy.h"
#include "train/recipe.h"

typedef struct {
  const char *text; /* PARAMETER=V1,V2,...: cli/cost_parameter.h */
  const bt_recipe *recipe;
  const bt_machine *machine;
  const bt_energy_table *table;
  uint64_t images[2]; /* of training and of evaluation */
  const char *run;    /* as in cli/cost_epoch.h */
  bool fp32;          /* of the counterpart */
} bt_cost_sweep;

/* Prints a head and a row a value on stdout. All values are checked before the first is counted. */
bt_status bt_cost_sweep_print(const bt_cost_sweep *sweep, bt_error *error);

#endif
