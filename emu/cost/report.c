#include "cost/report.h"

#include <inttypes.h>
#include <string.h>

#include "cost/report_machine.h"
#include "num/error.h"

#define ATTOJOULES_PER_MICROJOULE UINT64_C(1000000000000)

const char *bt_energy_text(bt_attojoules energy, uint64_t divisor, char text[BT_MICROJOULES_SIZE]) {
  bt_attojoules unit = (bt_attojoules)divisor * (ATTOJOULES_PER_MICROJOULE / 1000000);
  bt_attojoules millionths = energy / unit + (energy % unit >= unit - energy % unit);
  char whole[BT_ATTOJOULES_SIZE];
  snprintf(text, BT_MICROJOULES_SIZE, "%s.%06llu", bt_attojoules_text(millionths / 1000000, whole),
           (unsigned long long)(millionths % 1000000));
  return text;
}

void bt_report_energy(const bt_ledger *ledger, bt_attojoules training[2],
                      bt_attojoules evaluation[2]) {
  bt_ledger_phase(ledger, BT_PHASE_EVALUATION, evaluation);
  training[0] = ledger->low - evaluation[0];
  training[1] = ledger->high - evaluation[1];
}

bt_status bt_report_spread(const bt_cost_report *r, bt_spread *spread, bt_error *error) {
  const bt_energy_table *table[BT_MAX_TABLES] = {r->table};
  if (r->tables_beside >= BT_MAX_TABLES) {
    return bt_fail(error, BT_BAD_INPUT, "%zu energy tables to compare: expected 1 to %u",
                   r->tables_beside + 1, BT_MAX_TABLES);
  }
  for (size_t i = 0; i < r->tables_beside; i++) {
    table[1 + i] = r->beside[i];
  }
  return bt_spread_make(r->cost, r->machine, table, 1 + r->tables_beside, r->options, spread,
                        error);
}

void bt_report_missing(FILE *out, const bt_ledger *ledger, bt_phase phase, const char *separator) {
  bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS];
  size_t n = bt_ledger_missing(ledger, phase, missing);
  for (size_t i = 0; i < n; i++) {
    fprintf(out, "%s%s %" PRIu64, i == 0 ? "" : separator, missing[i].action, missing[i].count);
  }
  if (n == 0) {
    fputs("none", out);
  }
}

static void text_energy(FILE *out, const bt_cost_report *r, const bt_ledger *ledger, bool high) {
  char text[BT_MICROJOULES_SIZE];
  bt_attojoules sum[2];
  fprintf(out, "%-18s", high ? "energy high, uJ" : "energy low, uJ");
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    if (r->cost->phase[p].n[BT_COUNT_COMMANDS] > 0) {
      bt_ledger_phase(ledger, (bt_phase)p, sum);
      fprintf(out, " %20s", bt_energy_text(sum[high], 1, text));
    }
  }
  fprintf(out, " %20s\n", bt_energy_text(high ? ledger->high : ledger->low, 1, text));
}

static void text_counts(FILE *out, const bt_cost_report *r, const bt_cost_counts *total) {
  bool shown[BT_PHASE_COUNT];
  fprintf(out, "%-18s", "");
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    shown[p] = r->cost->phase[p].n[BT_COUNT_COMMANDS] > 0;
    if (shown[p]) {
      fprintf(out, " %20s", bt_phase_name((bt_phase)p));
    }
  }
  fprintf(out, " %20s\n", "total");
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    if (total->n[k] == 0) {
      continue;
    }
    fprintf(out, "%-18s", bt_count_name((bt_count_kind)k));
    for (int p = 0; p < BT_PHASE_COUNT; p++) {
      if (shown[p]) {
        fprintf(out, " %20" PRIu64, r->cost->phase[p].n[k]);
      }
    }
    fprintf(out, " %20" PRIu64 "\n", total->n[k]);
  }
}

/* A row a component that was counted: microjoules, or that the table lacks all or some of it. */
static void text_parts(FILE *out, const bt_ledger *ledger) {
  char low[BT_MICROJOULES_SIZE], high[BT_MICROJOULES_SIZE];
  fprintf(out, "%-18s %20s %20s\n", "component", "low, uJ", "high, uJ");
  for (int p = 0; p < BT_PARTS; p++) {
    size_t rows = 0, lacks = 0;
    bt_attojoules sum[2];
    for (size_t i = 0; i < ledger->rows; i++) {
      rows += ledger->row[i].part == (bt_part)p;
      lacks += ledger->row[i].part == (bt_part)p && ledger->row[i].state == BT_NOT_IN_TABLE;
    }
    bt_ledger_part(ledger, (bt_part)p, sum);
    if (rows > 0 && lacks == rows) {
      fprintf(out, "%-18s %20s %20s\n", bt_part_name((bt_part)p), "not in table", "not in table");
    } else if (rows > 0) {
      fprintf(out, "%-18s %20s %20s%s\n", bt_part_name((bt_part)p),
              bt_energy_text(sum[0], 1, low), bt_energy_text(sum[1], 1, high),
              lacks > 0 ? "  some not in table" : "");
    }
  }
}

static void text_per_image(FILE *out, const char *what, const bt_attojoules energy[2],
                           uint64_t images) {
  char low[BT_MICROJOULES_SIZE], high[BT_MICROJOULES_SIZE];
  if (images == 0) {
    return;
  }
  fprintf(out, "energy per %s image: %s to %s uJ (%" PRIu64 " images)\n", what,
          bt_energy_text(energy[0], images, low), bt_energy_text(energy[1], images, high), images);
}

static void text_tables(FILE *out, const bt_cost_report *r) {
  const bt_energy_table *t = r->table;
  fprintf(out, "energy table: %s (%s)\ntechnology: %s, voltage: %s\n", t->name, t->source,
          t->technology, t->voltage);
  if (t->dram.access_bits > 0 && strcmp(t->dram.table, t->name) != 0) {
    fprintf(out, "dram table: %s (%s)\n", t->dram.table, t->dram.source);
  }
  if (t->warning[0] != '\0') {
    fprintf(out, "warning: %s: %s\n", t->name, t->warning);
  }
  for (int p = 0; r->options != NULL && p < BT_PARTS; p++) {
    uint32_t a = r->options->activity[p];
    if (a > 0) {
      fprintf(out, "activity: %s at %u.%06u of the table's\n", bt_part_name((bt_part)p),
              a / 1000000, a % 1000000);
    }
  }
}

static void text_totals(FILE *out, const bt_spread *spread) {
  const bt_totals *t = &spread->all[0];
  if (t->cycles > 0) {
    fprintf(out, "time: %.9g s (%" PRIu64 " cycles at %" PRIu64 " Hz)\n", bt_totals_seconds(t),
            t->cycles, t->clock_hz);
  } else {
    fputs("time: no cycles counted, so no W and no J s\n", out);
  }
  bt_spread_text(out, spread);
  fprintf(out, "TOPS/W is 2 operations a MAC (%" PRIu64 " MACs) a joule of all phases%s\n", t->macs,
          t->missing > 0 ? "; what is not in the table makes J a lower bound, TOPS/W an upper one"
                         : "");
}

bt_status bt_report_text(FILE *out, const bt_cost_report *r, bt_error *error) {
  bt_attojoules training[2], evaluation[2];
  bt_cost_counts total;
  bt_ledger ledger;
  bt_spread spread;
  bt_status status = bt_cost_total(r->cost, &total, error);
  status = status == BT_OK
               ? bt_ledger_make(r->cost, r->machine, r->table, r->options, &ledger, error)
               : status;
  status = status == BT_OK ? bt_report_spread(r, &spread, error) : status;
  if (status != BT_OK) {
    return status;
  }
  text_counts(out, r, &total);
  bt_report_traffic(out, r->cost);
  bt_report_use_text(out, &total, r->machine);
  text_energy(out, r, &ledger, false);
  text_energy(out, r, &ledger, true);
  text_parts(out, &ledger);
  bt_report_energy(&ledger, training, evaluation);
  text_per_image(out, "training", training, r->train_images);
  text_per_image(out, "evaluation", evaluation, r->evaluation_images);
  text_totals(out, &spread);
  text_tables(out, r);
  fputs("not in table: ", out);
  bt_report_missing(out, &ledger, BT_PHASE_COUNT, ", ");
  fputc('\n', out);
  return BT_OK;
}
