/* What a sequence of commands costs: single commands' counts (cost/count.h), and what depends on
 * how they follow one another: chains, spills, second runs and elapsed cycles (cost 8). */
#ifndef BT_COST_WATCH_H
#define BT_COST_WATCH_H

#include "cmd/program.h"
#include "cost/chain.h"

/* Called with each chain when its last command is counted. */
typedef struct {
  void (*chain)(void *context, const bt_chain *chain, const bt_chain_cost *cost);
  void *context;
} bt_cost_listener;

/* Counts the commands of a run as they are executed. Start with cost and machine, all else zero;
 * a program's commands and tensors must stay until its last one is counted. */
#define BT_COST_RECENT 128u
typedef struct {
  bt_cost *cost;
  const bt_machine *machine;
  const bt_cost_listener *listener; /* NULL: none */
  uint64_t seen;
  uint64_t chained; /* of these, commands in chains that are counted */
  struct {
    bt_demand demand;
    bool chained;
    bool in_dram; /* its wide value was parked there */
  } recent[BT_COST_RECENT]; /* command i at i % BT_COST_RECENT */
} bt_cost_watch;

/* Adds a command, and with the last one of a chain what the chain adds; fits an engine's observer
 * (engine/run.h) with a bt_cost_watch as context. Errors as bt_cost_add; and BT_BAD_INPUT where
 * what made a wide value lies more than BT_COST_RECENT commands back, or a chain is longer than
 * BT_MAX_CHAIN. */
bt_status bt_cost_after(void *watch, const bt_command *c, bt_error *error);

/* Adds all commands of a program with bt_cost_after, then holds it to the invariants of cost 10:
 * BT_MISMATCH with the first that is broken. listener may be NULL. */
bt_status bt_cost_program(bt_cost *cost, const bt_machine *machine, const bt_program *program,
                          const bt_cost_listener *listener, bt_error *error);

#endif
