/* The options of bittrue cost. */
#ifndef BT_CLI_COST_OPTIONS_H
#define BT_CLI_COST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cost_compare.h"
#include "cost/totals.h"

typedef struct {
  const char *recipe, *machine, *dram, *run, *sweep, *activity;
  const char *csv, *footprint, *commands, *ledger, *action_counts; /* files to write */
  const char *compare[BT_COMPARE_MOST];
  size_t compared; /* 0 without --compare */
  const char *energy[BT_MAX_TABLES];
  size_t tables; /* at least 1: the first one prices, the others stand beside it */
  bool json;
  bool fp32;          /* the counterpart in fp32 instead of the recipe's words */
  bool counted[2];    /* the next two are given */
  uint64_t images[2]; /* of training and of evaluation */
} bt_cost_options;

/* Reads the command line; ends the process with status 2 and one line on bad usage. */
void bt_cost_options_read(bt_cost_options *o, int argc, char **argv);

#endif
