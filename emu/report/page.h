/* The report: one HTML page that needs nothing else. */
#ifndef BT_REPORT_PAGE_H
#define BT_REPORT_PAGE_H

#include <jansson.h>

#include "bittrue.h"

/* What a page shows (docs/report.md says which chart reads what):
 * {"runs": [RUN, ...], "baselines": [what bt_page_run_read gives, and "label"], "command": how the
 *  page was made}, at least one of either. A RUN is what bt_page_run_read gives, and
 *   label      text, short
 *   swa_start  epoch from which weights are averaged
 *   files      [{"what", "name", "sha256", "text"}, ...]: recipe, net, machine
 *   reproduce  [command, ...]
 *   machine    {"name", "rows", "cols", "clock_hz", "dram_bytes_per_cycle"}
 *   layers, phases, components   names, for
 *   energy     bt_page_energy()
 *   cost       bt_report_json()
 *   fp32       {"cycles", "dram_bytes", "joules_low", "joules_high"} of an epoch in fp32
 *   footprint  bt_page_footprint()
 *   chains     bt_page_chains()
 *   steps      [{"at", "step", "values": bt_page_values_add()}, ...], or
 *   no_steps   why there are none
 *   cosim      what bittrue cosim --json prints, with "bins": {NAME: TEXT}, or absent. */

/* Writes the page as a whole file (io/file.h). Takes `doc`'s large texts out on the way. BT_FAILED
 * when out of memory, else as bt_file_create and bt_file_commit. */
bt_status bt_page_write(const char *path, json_t *doc, bt_error *error);

#endif
