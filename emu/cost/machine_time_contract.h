/* A contraction on the machine between its plan and its last row (docs/rtl.md, "Contractions"). */
#ifndef BT_COST_MACHINE_TIME_CONTRACT_H
#define BT_COST_MACHINE_TIME_CONTRACT_H

#include "cost/machine_time_walk.h"
#include "num/align.h"

/* contract_plan's groups of k: the first k of each outer index, group by group; `end` of each group
 * in that list; inner k follow each. */
typedef struct {
  uint64_t *list;
  uint64_t end[BT_ALIGN_BITS + 1];
  unsigned groups; /* 0: zero blocks only, the output is 0 */
  uint64_t inner;
  bool two_pass;   /* group 1 takes another part of B */
} bt_contract_plan;

/* Adds the cycles of state RUNNING. */
void bt_contract_run(const bt_time_of *how, const bt_command *c, const bt_contract_plan *plan,
                     bt_port *port, bt_unit_time *time);

#endif
