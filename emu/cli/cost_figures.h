/* The figures by which machines are compared: totals of an epoch's cost on one. */
#ifndef BT_CLI_COST_FIGURES_H
#define BT_CLI_COST_FIGURES_H

#include "cost/report.h"

typedef struct {
  bt_cost_counts total;     /* over all phases */
  uint64_t dram_bytes;      /* read and written, spills included */
  bt_attojoules energy[2];  /* low and high, of what the table prices */
  /* Ratios, for printing. All 0 where no cycles are counted. */
  double seconds;           /* elapsed cycles / clock */
  double utilisation;       /* nominal MACs / (rows * columns * elapsed cycles) */
  double product[2];        /* energy * seconds, joule seconds */
} bt_figures;

/* Of an epoch's cost. BT_BAD_INPUT if a sum is beyond 64 bits. */
bt_status bt_figures_of(const bt_cost *cost, const bt_machine *machine,
                        const bt_energy_table *table, bt_figures *f, bt_error *error);

/* A ratio as decimal text, six significant digits; `none` where it is 0. */
#define BT_RATIO_SIZE 32u
const char *bt_ratio_text(double ratio, const char *none, char text[BT_RATIO_SIZE]);

#endif
