/* The part of a report that is about the machine, whatever the energy: how busy it is, and what
 * its DRAM carries (cost 5.4, 8). */
#ifndef BT_COST_REPORT_MACHINE_H
#define BT_COST_REPORT_MACHINE_H

#include <jansson.h>
#include <stdio.h>

#include "cost/report.h"

/* A row a kind of tensor: bytes of DRAM, read and written, in a column a phase; then those read and
 * those written in all phases. */
void bt_report_traffic(FILE *out, const bt_cost *cost);

/* {"forward": {"weight": {"read": N, "written": N}, ...}, ...}; kinds without bytes left out. */
json_t *bt_report_traffic_json(const bt_cost *cost);

/* Utilisation, and DRAM bytes a cycle: on average; and wanted, if no cycle were to stall. */
typedef struct {
  double utilisation;    /* macs / (R * C * cycles) */
  double average, wanted; /* bytes a cycle; 0 without cycles */
} bt_machine_use;
bt_machine_use bt_report_use(const bt_cost_counts *total, const bt_machine *machine);
void bt_report_use_text(FILE *out, const bt_cost_counts *total, const bt_machine *machine);

#endif
