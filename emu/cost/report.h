/* A cost as text, CSV and JSON. Every form names its energy table. */
#ifndef BT_COST_REPORT_H
#define BT_COST_REPORT_H

#include <stdio.h>

#include "cost/totals.h"

typedef struct {
  const bt_cost *cost;
  const bt_machine *machine;
  const bt_energy_table *table;
  uint64_t train_images;      /* that all phases but evaluation worked on; 0 if none */
  uint64_t evaluation_images; /* that the evaluation phase worked on; 0 if none */
  const bt_energy_options *options; /* NULL: none */
  const bt_energy_table *const *beside; /* further tables for the spread */
  size_t tables_beside;
} bt_cost_report;

/* Energy of training (all phases but evaluation) and of evaluation. */
void bt_report_energy(const bt_ledger *ledger, bt_attojoules training[2],
                      bt_attojoules evaluation[2]);

/* The list "ACTION COUNT" of what is not in the table, of one phase or (BT_PHASE_COUNT) of all,
 * separated by `separator`; "none" if empty. Adders of equal width are one action. */
void bt_report_missing(FILE *out, const bt_ledger *ledger, bt_phase phase, const char *separator);

/* A table: a row a count, a column a phase; energies in microjoules, low and high; energy by
 * component; totals and their spread; what is not in the table. Errors as bt_ledger_make. */
bt_status bt_report_text(FILE *out, const bt_cost_report *r, bt_error *error);

/* CSV: a head, then a row a phase: counts, energies in microjoules, what is not in the table,
 * machine and table. Errors as bt_ledger_make. */
bt_status bt_report_csv(FILE *out, const bt_cost_report *r, bt_error *error);

/* JSON: machine, table and its source; energies of training and evaluation, in all and per image;
 * totals and their spread; each phase's counts and energies; the ledger's rows. Energies are
 * attojoules as decimal strings (`_aj`) and whole picojoules, rounded down (`_pj`; null beyond
 * 2^63). Free *text. BT_FAILED when out of memory; else as bt_ledger_make. */
bt_status bt_report_json(const bt_cost_report *r, char **text, bt_error *error);

/* The CSV as a whole file (io/file.h). */
bt_status bt_report_csv_write(const char *path, const bt_cost_report *r, bt_error *error);

/* Microjoules of energy / divisor (at least 1), rounded half up to 6 decimals: "12.345678". */
#define BT_MICROJOULES_SIZE 48u
const char *bt_energy_text(bt_attojoules energy, uint64_t divisor, char text[BT_MICROJOULES_SIZE]);

/* The report's table and those beside it, priced. Errors as bt_spread_make. */
bt_status bt_report_spread(const bt_cost_report *r, bt_spread *spread, bt_error *error);

#endif
