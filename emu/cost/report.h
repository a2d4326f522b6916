/* A cost as text, CSV and per-image figures. Every form names its energy table. */
#ifndef BT_COST_REPORT_H
#define BT_COST_REPORT_H

#include <stdio.h>

#include "cost/energy.h"

typedef struct {
  const bt_cost *cost;
  const bt_machine *machine;
  const bt_energy_table *table;
  uint64_t train_images;      /* that all phases but evaluation worked on; 0 if none */
  uint64_t evaluation_images; /* that the evaluation phase worked on; 0 if none */
} bt_cost_report;

/* Energy of training (all phases but evaluation) and of evaluation. */
void bt_report_energy(const bt_cost_report *r, bt_attojoules training[2],
                      bt_attojoules evaluation[2]);

/* The list "ACTION COUNT" of what the counts hold and the table does not price, separated by
 * `separator`; "none" if empty. Adders of equal width are one action. */
void bt_report_unpriced(FILE *out, const bt_cost_report *r, const bt_cost_counts *counts,
                        const char *separator);

/* A table: a row a count, a column a phase; energies in microjoules, low and high; what is
 * unpriced. BT_BAD_INPUT if a sum is beyond 64 bits. */
bt_status bt_report_text(FILE *out, const bt_cost_report *r, bt_error *error);

/* CSV: a head, then a row a phase: counts, energies in microjoules, unpriced actions, machine
 * and table. */
void bt_report_csv(FILE *out, const bt_cost_report *r);

/* JSON: machine, table and its source; energies of training and evaluation, in all and per image;
 * each phase's counts, energies and unpriced actions. Energies are whole picojoules, rounded down.
 * Free it; NULL when out of memory. */
char *bt_report_json(const bt_cost_report *r);

/* The CSV as a whole file (io/file.h). */
bt_status bt_report_csv_write(const char *path, const bt_cost_report *r, bt_error *error);

#endif
