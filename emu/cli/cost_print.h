/* What bittrue cost prints of one recipe on one machine. */
#ifndef BT_CLI_COST_PRINT_H
#define BT_CLI_COST_PRINT_H

#include "cli/cost_epoch.h"
#include "cost/live.h"
#include "cost/report.h"

typedef struct {
  bt_cost_report report;
  const bt_epoch *epoch;
  const bt_footprint *footprint; /* of a training step; no commands without training */
  const bt_cost *fp32;           /* the counterpart, or NULL */
} bt_cost_result;

/* The report, the footprint and the counterpart in fp32, as text or as JSON, to stdout. */
bt_status bt_cost_print_text(const bt_cost_result *r, bt_error *error);
bt_status bt_cost_print_json(const bt_cost_result *r, bt_error *error);

#endif
