#include "cost/report_machine.h"

#include <inttypes.h>

static bool is_counted(const bt_cost *cost, unsigned kind, int phase) {
  const bt_traffic *t = &cost->dram[phase][kind];
  return t->read > 0 || t->written > 0;
}

static bt_traffic sum_of(const bt_cost *cost, unsigned kind) {
  bt_traffic sum = {0, 0};
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    bt_count_add(&sum.read, cost->dram[p][kind].read);
    bt_count_add(&sum.written, cost->dram[p][kind].written);
  }
  return sum;
}

void bt_report_traffic(FILE *out, const bt_cost *cost) {
  fprintf(out, "%-18s", "DRAM bytes");
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    if (cost->phase[p].n[BT_COUNT_COMMANDS] > 0) {
      fprintf(out, " %20s", bt_phase_name((bt_phase)p));
    }
  }
  fprintf(out, " %20s %20s\n", "all read", "all written");
  for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
    bt_traffic sum = sum_of(cost, k);
    if (sum.read == 0 && sum.written == 0) {
      continue;
    }
    fprintf(out, "%-18s", bt_traffic_name(k));
    for (int p = 0; p < BT_PHASE_COUNT; p++) {
      if (cost->phase[p].n[BT_COUNT_COMMANDS] > 0) {
        uint64_t bytes = cost->dram[p][k].read;
        bt_count_add(&bytes, cost->dram[p][k].written);
        fprintf(out, " %20" PRIu64, bytes);
      }
    }
    fprintf(out, " %20" PRIu64 " %20" PRIu64 "\n", sum.read, sum.written);
  }
}

static json_t *integer(uint64_t n) {
  return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

json_t *bt_report_traffic_json(const bt_cost *cost) {
  json_t *all = json_object();
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    json_t *phase = json_object();
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      if (is_counted(cost, k, p)) {
        json_t *o = json_object();
        json_object_set_new(o, "read", integer(cost->dram[p][k].read));
        json_object_set_new(o, "written", integer(cost->dram[p][k].written));
        json_object_set_new(phase, bt_traffic_name(k), o);
      }
    }
    json_object_set_new(all, bt_phase_name((bt_phase)p), phase);
  }
  return all;
}

bt_machine_use bt_report_use(const bt_cost_counts *total, const bt_machine *machine) {
  const uint64_t *n = total->n;
  double cycles = (double)n[BT_COUNT_CYCLES];
  double busy = (double)(n[BT_COUNT_CYCLES] - n[BT_COUNT_STALL_CYCLES]);
  double bytes = (double)n[BT_COUNT_DRAM_READ] + (double)n[BT_COUNT_DRAM_WRITE] +
                 (double)n[BT_COUNT_SPILL_READ] + (double)n[BT_COUNT_SPILL_WRITE];
  bt_machine_use use = {0, 0, 0};
  if (cycles > 0) {
    use.utilisation =
        (double)n[BT_COUNT_MACS] / ((double)machine->rows * (double)machine->cols * cycles);
    use.average = bytes / cycles;
  }
  use.wanted = busy > 0 ? bytes / busy : 0;
  return use;
}

void bt_report_use_text(FILE *out, const bt_cost_counts *total, const bt_machine *machine) {
  bt_machine_use use = bt_report_use(total, machine);
  fprintf(out, "utilisation: %.2f %% of %zu x %zu places; DRAM: %.4g bytes a cycle on average, "
               "%.4g wanted without stalls, %zu at most\n",
          100 * use.utilisation, machine->rows, machine->cols, use.average, use.wanted,
          machine->dram_bytes_per_cycle);
}
