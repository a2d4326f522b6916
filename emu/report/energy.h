/* Where the energy of an epoch goes: by layer, phase and component. */
#ifndef BT_REPORT_ENERGY_H
#define BT_REPORT_ENERGY_H

#include <jansson.h>

#include "cost/ledger.h"
#include "cost/watch.h"

/* A program, and how many times the counted epoch runs it. */
typedef struct {
  const bt_program *program;
  uint64_t times;
} bt_page_part;

typedef struct {
  const bt_page_part *part;
  size_t parts;
  size_t layers; /* labels' layers are below it */
  const bt_machine *machine;
  const bt_energy_table *table;
} bt_page_epoch;

/* [[LAYER, PHASE, COMPONENT, LOW, HIGH], ...]: indices of layer, bt_phase and bt_part, and joules;
 * combinations without energy left out. What a chain of commands adds beside its commands' own
 * counts (spills, second runs, time: cost 8) goes to the layer of its last command. The rows are
 * the ledger of the whole epoch, split: their exact sum is its energy, low and high, and anything
 * else is BT_FAILED. BT_BAD_INPUT as bt_cost_after. Owned by the caller. */
bt_status bt_page_energy(const bt_page_epoch *epoch, json_t **rows, bt_error *error);

#endif
