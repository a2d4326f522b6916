#include "cli/cost_print.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cost_figures.h"
#include "num/error.h"

static void print_footprint(const bt_cost_result *r) {
  const bt_footprint *f = r->footprint;
  if (f->commands == 0) {
    return;
  }
  const bt_live *peak = &f->at[f->peak], *fp32 = &f->at[f->peak_fp32];
  printf("footprint of a training step: %" PRIu64 " bytes at its peak, %s (fp32: %" PRIu64 ", %s)",
         peak->total, bt_program_at(f->program, f->peak)->label.text, fp32->fp32,
         bt_program_at(f->program, f->peak_fp32)->label.text);
  printf("; wide values besides: at most %" PRIu64 "; the averages: %" PRIu64 "\n",
         f->at[f->peak_wide].kind[BT_ROLE_WIDE], bt_live_averages(r->epoch->averaging));
}

/* {"peak_bytes": N, "peak_command": TEXT, ...} */
static json_t *footprint_json(const bt_cost_result *r) {
  const bt_footprint *f = r->footprint;
  const bt_live *peak = &f->at[f->peak];
  json_t *o = json_object(), *kinds = json_object();
  for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
    json_object_set_new(kinds, bt_traffic_name(k), json_integer((json_int_t)peak->kind[k]));
  }
  json_object_set_new(o, "peak_bytes", json_integer((json_int_t)peak->total));
  json_object_set_new(o, "peak_command",
                      json_string(bt_program_at(f->program, f->peak)->label.text));
  json_object_set_new(o, "peak_kinds", kinds);
  json_object_set_new(o, "fp32_peak_bytes",
                      json_integer((json_int_t)f->at[f->peak_fp32].fp32));
  json_object_set_new(o, "fp32_peak_command",
                      json_string(bt_program_at(f->program, f->peak_fp32)->label.text));
  json_object_set_new(o, "wide_peak_bytes",
                      json_integer((json_int_t)f->at[f->peak_wide].kind[BT_ROLE_WIDE]));
  json_object_set_new(o, "average_bytes",
                      json_integer((json_int_t)bt_live_averages(r->epoch->averaging)));
  return o;
}

/* {"cycles": N, ...} of the counterpart. */
static json_t *fp32_json(const bt_figures *f) {
  char text[BT_ATTOJOULES_SIZE];
  json_t *o = json_object();
  json_object_set_new(o, "cycles", json_integer((json_int_t)f->total.n[BT_COUNT_CYCLES]));
  json_object_set_new(o, "dram_bytes", json_integer((json_int_t)f->dram_bytes));
  json_object_set_new(o, "energy_low_aj", json_string(bt_attojoules_text(f->energy[0], text)));
  json_object_set_new(o, "energy_high_aj", json_string(bt_attojoules_text(f->energy[1], text)));
  return o;
}

bt_status bt_cost_print_json(const bt_cost_result *r, bt_error *error) {
  char *report = NULL;
  bt_figures fp32;
  bt_status s = bt_report_json(&r->report, &report, error);
  if (s == BT_OK && r->fp32 != NULL) {
    s = bt_figures_of(r->fp32, r->report.machine, r->report.table, &fp32, error);
  }
  if (s != BT_OK) {
    free(report);
    return s;
  }
  json_t *root = json_loads(report, 0, NULL);
  if (root != NULL && r->footprint->commands > 0) {
    json_object_set_new(root, "footprint", footprint_json(r));
  }
  if (root != NULL && r->fp32 != NULL) {
    json_object_set_new(root, "fp32", fp32_json(&fp32));
  }
  char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  free(report);
  if (text == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the report");
  }
  puts(text);
  free(text);
  return BT_OK;
}

/* "x N, energy A to B uJ": the counterpart's figures, and how many times the recipe's. */
static bt_status print_fp32(const bt_cost_result *r, bt_error *error) {
  char low[BT_MICROJOULES_SIZE], high[BT_MICROJOULES_SIZE];
  bt_figures own, fp32;
  const bt_cost_report *p = &r->report;
  bt_status s = bt_figures_of(p->cost, p->machine, p->table, &own, error);
  s = s == BT_OK ? bt_figures_of(r->fp32, p->machine, p->table, &fp32, error) : s;
  if (s != BT_OK) {
    return s;
  }
  uint64_t cycles = own.total.n[BT_COUNT_CYCLES];
  printf("the same in fp32: %" PRIu64 " cycles (%.2f times), %" PRIu64 " bytes of DRAM (%.2f), "
         "energy %s to %s uJ (%.2f, %.2f)\n", fp32.total.n[BT_COUNT_CYCLES],
         (double)fp32.total.n[BT_COUNT_CYCLES] / (double)(cycles + (cycles == 0)), fp32.dram_bytes,
         (double)fp32.dram_bytes / (double)(own.dram_bytes + (own.dram_bytes == 0)),
         bt_energy_text(fp32.energy[0], 1, low), bt_energy_text(fp32.energy[1], 1, high),
         (double)fp32.energy[0] / (double)(own.energy[0] + (own.energy[0] == 0)),
         (double)fp32.energy[1] / (double)(own.energy[1] + (own.energy[1] == 0)));
  return BT_OK;
}

bt_status bt_cost_print_text(const bt_cost_result *r, bt_error *error) {
  printf("one epoch of %s%s on %s, model: machine\n", r->epoch->recipe->name,
         r->report.cost->fp32 ? " in fp32" : "", r->report.machine->name);
  bt_status s = bt_report_text(stdout, &r->report, error);
  if (s == BT_OK) {
    print_footprint(r);
  }
  return s == BT_OK && r->fp32 != NULL ? print_fp32(r, error) : s;
}
