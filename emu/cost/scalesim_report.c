#include "cost/scalesim_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "num/error.h"

/* The shortest digits that read back as the same number, as Python prints them; a comma, and what
 * follows it: a blank or the row's end. */
static void put_ratio(FILE *out, double value, char after) {
  char text[40];
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) {
      break;
    }
  }
  fprintf(out, "%s%s,%c", text, strpbrk(text, ".e") != NULL ? "" : ".0", after);
}

void bt_scalesim_report_compute(FILE *out, const bt_scalesim_report *r) {
  fputs("LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, "
        "Mapping Efficiency %, Compute Util %,\n", out);
  for (size_t i = 0; i < r->count; i++) {
    const bt_scalesim_result *l = &r->result[i];
    fprintf(out, "%zu, %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", ", i, l->cycles_with_prefetch,
            l->cycles, l->stall_cycles);
    put_ratio(out, l->overall, ' ');
    put_ratio(out, l->mapping, ' ');
    put_ratio(out, l->compute, '\n');
  }
}

void bt_scalesim_report_bandwidth(FILE *out, const bt_scalesim_report *r) {
  fputs("LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, "
        "Avg FILTER DRAM BW, Avg OFMAP DRAM BW,\n", out);
  for (size_t i = 0; i < r->count; i++) {
    const bt_scalesim_result *l = &r->result[i];
    fprintf(out, "%zu, ", i);
    for (int t = 0; t < BT_SCALESIM_KINDS; t++) {
      put_ratio(out, l->sram_bandwidth[t], ' ');
    }
    put_ratio(out, l->dram_bandwidth[BT_SCALESIM_IFMAP], ' ');
    put_ratio(out, l->dram_bandwidth[BT_SCALESIM_FILTER], ' ');
    put_ratio(out, l->dram_bandwidth[BT_SCALESIM_OFMAP], '\n');
  }
}

void bt_scalesim_report_access(FILE *out, const bt_scalesim_report *r) {
  static const char *const memory[] = {"SRAM", "DRAM"};
  static const char *const tensor[] = {"IFMAP", "Filter", "OFMAP"};
  fputs("LayerID", out);
  for (int k = 0; k < 2 * BT_SCALESIM_KINDS; k++) {
    const char *m = memory[k / BT_SCALESIM_KINDS], *t = tensor[k % BT_SCALESIM_KINDS];
    fprintf(out, ", %s %s Start Cycle, %s %s Stop Cycle, %s %s %s", m, t, m, t, m, t,
            k % BT_SCALESIM_KINDS == BT_SCALESIM_OFMAP ? "Writes" : "Reads");
  }
  fputs(",\n", out);
  for (size_t i = 0; i < r->count; i++) {
    const bt_scalesim_result *l = &r->result[i];
    fprintf(out, "%zu", i);
    for (int k = 0; k < 2 * BT_SCALESIM_KINDS; k++) {
      const bt_scalesim_access *a = k < BT_SCALESIM_KINDS ? &l->sram[k]
                                                          : &l->dram[k - BT_SCALESIM_KINDS];
      fprintf(out, ", %" PRId64 ", %" PRId64 ", %" PRIu64, a->start, a->stop, a->words);
    }
    fputs(",\n", out);
  }
}

static void text_layer(FILE *out, const char *name, const bt_scalesim_result *l) {
  fprintf(out, "%-26.26s %9" PRIu64 " %7" PRIu64 " %8" PRIu64 " %9" PRIu64 " %12" PRIu64
               " %9" PRIu64 " %12" PRIu64 " %9.3f %9.3f %9.3f %12" PRIu64 " %12" PRIu64
               " %12" PRIu64 "\n",
          name, l->m, l->n, l->k, l->row_folds * l->col_folds, l->cycles, l->stall_cycles,
          l->cycles_with_prefetch, l->overall, l->mapping, l->compute,
          l->dram[BT_SCALESIM_IFMAP].words, l->dram[BT_SCALESIM_FILTER].words,
          l->dram[BT_SCALESIM_OFMAP].words);
}

void bt_scalesim_report_text(FILE *out, const bt_scalesim_report *r) {
  const bt_scalesim_config *c = r->config;
  uint64_t macs = 0, cycles = 0, with_prefetch = 0;
  fprintf(out, "model: scalesim\nmachine: %s (%" PRIu64 "x%" PRIu64 ", %s, SRAM %" PRIu64
               "/%" PRIu64 "/%" PRIu64 " kB, %s)\ntopology: %s\n",
          c->run_name, c->rows, c->cols, bt_scalesim_dataflow_name(c->dataflow), c->ifmap_kb,
          c->filter_kb, c->ofmap_kb, r->machine, r->topology);
  fprintf(out, "%-26s %9s %7s %8s %9s %12s %9s %12s %9s %9s %9s %12s %12s %12s\n", "layer", "M",
          "N", "K", "folds", "cycles", "stalls", "+ prefetch", "overall%", "mapping%", "compute%",
          "DRAM ifmap", "filter", "ofmap");
  for (size_t i = 0; i < r->count; i++) {
    text_layer(out, r->layer[i].name, &r->result[i]);
    macs += r->result[i].macs;
    cycles += r->result[i].cycles;
    with_prefetch += r->result[i].cycles_with_prefetch;
  }
  fprintf(out, "layers %zu, macs %" PRIu64 ", cycles %" PRIu64 ", with prefetch %" PRIu64 "\n",
          r->count, macs, cycles, with_prefetch);
}

static void model_text(FILE *out, const bt_scalesim_report *r) {
  fprintf(out, "model: scalesim\nmachine: %s\ntopology: %s\n", r->machine, r->topology);
}

static void topology_text(FILE *out, const bt_scalesim_report *r) {
  fputs("Layer, M, N, K,\n", out);
  for (size_t i = 0; i < r->count; i++) {
    const bt_scalesim_result *l = &r->result[i];
    fprintf(out, "%s, %" PRIu64 ", %" PRIu64 ", %" PRIu64 ",\n", r->layer[i].name, l->m, l->n,
            l->k);
  }
}

bt_status bt_scalesim_report_write(const char *directory, const bt_scalesim_report *r,
                                   bt_error *error) {
  static const struct {
    const char *name;
    void (*print)(FILE *, const bt_scalesim_report *);
  } part[] = {{"COMPUTE_REPORT.csv", bt_scalesim_report_compute},
              {"BANDWIDTH_REPORT.csv", bt_scalesim_report_bandwidth},
              {"DETAILED_ACCESS_REPORT.csv", bt_scalesim_report_access},
              {"MODEL.txt", model_text},
              {"TOPOLOGY.csv", topology_text}};
  enum { PARTS = sizeof part / sizeof *part };
  bt_file file[PARTS] = {{0}}, *all[PARTS];
  size_t parts = r->made ? PARTS : PARTS - 1;
  bt_status status = bt_directory_make(directory, error);
  for (size_t i = 0; i < parts; i++) {
    char path[4096];
    all[i] = &file[i];
    if (status != BT_OK) {
      continue;
    }
    if (snprintf(path, sizeof path, "%s/%s", directory, part[i].name) >= (int)sizeof path) {
      status = bt_fail(error, BT_BAD_INPUT, "%.100s...: expected a shorter path", directory);
      continue;
    }
    status = bt_file_create(&file[i], path, error);
    if (status == BT_OK) {
      part[i].print(file[i].stream, r);
    }
  }
  status = status == BT_OK ? bt_file_commit_all(all, parts, error) : status;
  for (size_t i = 0; i < PARTS; i++) {
    bt_file_abandon(&file[i]);
  }
  return status;
}
