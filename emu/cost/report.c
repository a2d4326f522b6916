#include "cost/report.h"

#include <inttypes.h>
#include <string.h>

#include "io/file.h"

void bt_report_energy(const bt_cost_report *r, bt_attojoules training[2],
                      bt_attojoules evaluation[2]) {
  training[0] = training[1] = evaluation[0] = evaluation[1] = 0;
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    bt_energy e = bt_energy_price(r->table, r->machine, &r->cost->phase[p]);
    bt_attojoules *sum = p == BT_PHASE_EVALUATION ? evaluation : training;
    sum[0] += e.low;
    sum[1] += e.high;
  }
}

void bt_report_unpriced(FILE *out, const bt_cost_report *r, const bt_cost_counts *counts,
                        const char *separator) {
  bt_energy e = bt_energy_price(r->table, r->machine, counts);
  uint64_t n[BT_COUNT_KINDS];
  const char *before = "";
  memcpy(n, counts->n, sizeof n);
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    char text[32], other[32];
    const char *name = bt_energy_action_name((bt_count_kind)k, r->machine, text);
    if (e.kind[k].priced || n[k] == 0) {
      continue;
    }
    for (int j = k + 1; j < BT_COUNT_KINDS; j++) {
      const char *same = bt_energy_action_name((bt_count_kind)j, r->machine, other);
      if (!same || strcmp(name, same) != 0) {
        continue;
      }
      bt_count_add(&n[k], n[j]);
      n[j] = 0;
    }
    fprintf(out, "%s%s %" PRIu64, before, name, n[k]);
    before = separator;
  }
  if (before[0] == '\0') {
    fputs("none", out);
  }
}

static void text_energy(FILE *out, const char *name, const bool *shown, const bt_attojoules *energy,
                        bt_attojoules total) {
  char text[BT_MICROJOULES_SIZE];
  fprintf(out, "%-18s", name);
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    if (shown[p]) {
      fprintf(out, " %20s", bt_energy_text(energy[p], 1, text));
    }
  }
  fprintf(out, " %20s\n", bt_energy_text(total, 1, text));
}

static void text_counts(FILE *out, const bt_cost_report *r, const bool *shown,
                        const bt_cost_counts *total) {
  fprintf(out, "%-18s", "");
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
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

static void text_per_image(FILE *out, const char *what, const bt_attojoules energy[2],
                           uint64_t images) {
  char low[BT_MICROJOULES_SIZE], high[BT_MICROJOULES_SIZE];
  if (images == 0) {
    return;
  }
  fprintf(out, "energy per %s image: %s to %s uJ (%" PRIu64 " images)\n", what,
          bt_energy_text(energy[0], images, low), bt_energy_text(energy[1], images, high), images);
}

bt_status bt_report_text(FILE *out, const bt_cost_report *r, bt_error *error) {
  bool shown[BT_PHASE_COUNT];
  bt_attojoules low[BT_PHASE_COUNT], high[BT_PHASE_COUNT], training[2], evaluation[2];
  bt_cost_counts total;
  bt_status status = bt_cost_total(r->cost, &total, error);
  if (status != BT_OK) {
    return status;
  }
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    bt_energy e = bt_energy_price(r->table, r->machine, &r->cost->phase[p]);
    low[p] = e.low;
    high[p] = e.high;
    shown[p] = r->cost->phase[p].n[BT_COUNT_COMMANDS] > 0;
  }
  bt_report_energy(r, training, evaluation);
  text_counts(out, r, shown, &total);
  text_energy(out, "energy low, uJ", shown, low, training[0] + evaluation[0]);
  text_energy(out, "energy high, uJ", shown, high, training[1] + evaluation[1]);
  text_per_image(out, "training", training, r->train_images);
  text_per_image(out, "evaluation", evaluation, r->evaluation_images);
  fprintf(out, "energy table: %s (%s)\nunpriced: ", r->table->name, r->table->source);
  bt_report_unpriced(out, r, &total, ", ");
  fputc('\n', out);
  return BT_OK;
}

/* A quoted field. */
static void csv_text(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') {
      fputc('"', out);
    }
    fputc(*text, out);
  }
  fputc('"', out);
}

void bt_report_csv(FILE *out, const bt_cost_report *r) {
  char text[BT_MICROJOULES_SIZE];
  fputs("phase", out);
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    fprintf(out, ",%s", bt_count_name((bt_count_kind)k));
  }
  fputs(",energy_low_uj,energy_high_uj,unpriced,machine,table\n", out);
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    const bt_cost_counts *counts = &r->cost->phase[p];
    bt_energy e = bt_energy_price(r->table, r->machine, counts);
    fputs(bt_phase_name((bt_phase)p), out);
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      fprintf(out, ",%" PRIu64, counts->n[k]);
    }
    fprintf(out, ",%s", bt_energy_text(e.low, 1, text));
    fprintf(out, ",%s,", bt_energy_text(e.high, 1, text));
    bt_report_unpriced(out, r, counts, "; ");
    fputc(',', out);
    csv_text(out, r->machine->name);
    fputc(',', out);
    csv_text(out, r->table->name);
    fputc('\n', out);
  }
}

bt_status bt_report_csv_write(const char *path, const bt_cost_report *r, bt_error *error) {
  bt_file f;
  bt_status status = bt_file_create(&f, path, error);
  if (status != BT_OK) {
    return status;
  }
  bt_report_csv(f.stream, r);
  status = bt_file_commit(&f, error);
  bt_file_abandon(&f);
  return status;
}
