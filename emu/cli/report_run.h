/* What a report shows of a run beside what its directory records: the cost of an epoch, and what
 * captured steps hold. */
#ifndef BT_CLI_REPORT_RUN_H
#define BT_CLI_REPORT_RUN_H

#include <jansson.h>

#include "cost/energy.h"

typedef struct {
  const bt_energy_table *const *table; /* the first prices; the others are for the spread */
  size_t tables;
} bt_report_prices;

/* Adds to a run that bt_page_run_read read (report/page.h lists the keys): files, machine,
 * swa_start, energy, cost, footprint, chains, reproduce. The weights' exponents are those of the
 * run's checkpoint if there is one. BT_BAD_INPUT: its recipe, net or machine cannot be read. */
bt_status bt_report_run(json_t *run, const bt_report_prices *prices, bt_error *error);

/* Adds `steps`: the captured steps of the run, each run again on engine fast; or, where none can
 * be, `no_steps` with the reason. BT_FAILED when a step fails. */
bt_status bt_report_steps(json_t *run, unsigned threads, bt_error *error);

#endif
