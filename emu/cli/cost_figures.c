#include "cli/cost_figures.h"

#include <stdio.h>

#include "num/error.h"

bt_status bt_figures_of(const bt_cost *cost, const bt_machine *machine,
                        const bt_energy_table *table, bt_figures *f, bt_error *error) {
  bt_ledger ledger;
  *f = (bt_figures){.seconds = 0};
  bt_status s = bt_cost_total(cost, &f->total, error);
  s = s == BT_OK ? bt_ledger_make(cost, machine, table, NULL, &ledger, error) : s;
  if (s != BT_OK) {
    return s;
  }
  const uint64_t *n = f->total.n;
  unsigned __int128 bytes = (unsigned __int128)n[BT_COUNT_DRAM_READ] + n[BT_COUNT_DRAM_WRITE] +
                            n[BT_COUNT_SPILL_READ] + n[BT_COUNT_SPILL_WRITE];
  if (bytes > UINT64_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "machine %s: DRAM bytes beyond 64 bits", machine->name);
  }
  f->dram_bytes = (uint64_t)bytes;
  uint64_t cycles = n[BT_COUNT_CYCLES];
  f->seconds = (double)cycles / (double)machine->clock_hz;
  f->utilisation = cycles == 0 ? 0
                               : (double)n[BT_COUNT_MACS] /
                                     ((double)machine->rows * (double)machine->cols *
                                      (double)cycles);
  for (int i = 0; i < 2; i++) {
    f->energy[i] = i == 0 ? ledger.low : ledger.high;
    f->product[i] = (double)f->energy[i] * 1e-18 * f->seconds;
  }
  return BT_OK;
}

const char *bt_ratio_text(double ratio, const char *none, char text[BT_RATIO_SIZE]) {
  snprintf(text, BT_RATIO_SIZE, "%.6g", ratio);
  return ratio > 0 ? text : none;
}
