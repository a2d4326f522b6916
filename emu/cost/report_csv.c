#include <inttypes.h>

#include "cost/report.h"
#include "io/csv.h"
#include "io/file.h"

bt_status bt_report_csv(FILE *out, const bt_cost_report *r, bt_error *error) {
  char text[BT_MICROJOULES_SIZE];
  bt_ledger ledger;
  bt_attojoules sum[2];
  bt_status s = bt_ledger_make(r->cost, r->machine, r->table, r->options, &ledger, error);
  if (s != BT_OK) {
    return s;
  }
  fputs("phase", out);
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    fprintf(out, ",%s", bt_count_name((bt_count_kind)k));
  }
  fputs(",energy_low_uj,energy_high_uj,not_in_table,machine,table,model\n", out);
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    fputs(bt_phase_name((bt_phase)p), out);
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      fprintf(out, ",%" PRIu64, r->cost->phase[p].n[k]);
    }
    bt_ledger_phase(&ledger, (bt_phase)p, sum);
    fprintf(out, ",%s", bt_energy_text(sum[0], 1, text));
    fprintf(out, ",%s,", bt_energy_text(sum[1], 1, text));
    bt_report_missing(out, &ledger, (bt_phase)p, "; ");
    fputc(',', out);
    bt_csv_text(out, r->machine->name);
    fputc(',', out);
    bt_csv_text(out, r->table->name);
    fputs(",machine\n", out);
  }
  return BT_OK;
}

bt_status bt_report_csv_write(const char *path, const bt_cost_report *r, bt_error *error) {
  bt_file f;
  bt_status s = bt_file_create(&f, path, error);
  if (s != BT_OK) {
    return s;
  }
  s = bt_report_csv(f.stream, r, error);
  s = s == BT_OK ? bt_file_commit(&f, error) : s;
  bt_file_abandon(&f);
  return s;
}
