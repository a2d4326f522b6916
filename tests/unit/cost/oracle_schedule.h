/* The schedule of docs/cost.md 2 to 5, 8 and 9, written from the document and sharing no code with
 * emu/cost: chains are found by looking at the whole program, tiles are walked one by one, elapsed
 * time is a simulation of events. */
#ifndef BT_TESTS_ORACLE_SCHEDULE_H
#define BT_TESTS_ORACLE_SCHEDULE_H

#include "cmd/program.h"
#include "cost/count.h"

/* Adds what a program costs to a cost of zeros, whose `plan` and `fp32` are set. Only the counts of
 * oracle_checks() are filled, and the kinds of traffic. */
void oracle_cost(bt_cost *cost, const bt_machine *m, const bt_program *program);

/* Whether the oracle counts this. */
bool oracle_checks(bt_count_kind kind);

#endif
