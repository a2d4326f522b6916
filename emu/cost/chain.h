/* How long a chain of commands takes (cost 8). A chain is a command and, where it reads a wide
 * value, what makes that, back to narrow operands: the wide values pass from unit to unit. */
#ifndef BT_COST_CHAIN_H
#define BT_COST_CHAIN_H

#include "cost/count.h"

#define BT_MAX_CHAIN 16u

/* Where wide values are while their exponent is looked for (cost 5.3). */
typedef enum {
  BT_WAIT_NONE,     /* no exponent is looked for */
  BT_WAIT_BUFFER,   /* in the output buffer */
  BT_WAIT_DRAM,     /* spilled */
  BT_WAIT_RECOMPUTE /* nowhere: they are computed again */
} bt_wait;

typedef struct {
  const bt_machine *machine;
  unsigned commands;
  bt_demand demand[BT_MAX_CHAIN]; /* in the order of execution; a waiting quantize last */
  bt_wait wait;
  uint64_t wide_bytes; /* of the largest wide value in it; 0 if none */
  uint64_t spilled;    /* bytes of the wide value that waits in DRAM; 0 for a narrow one */
  uint64_t parked;     /* bytes of wide values read that other chains left in DRAM */
  uint64_t leaves;     /* bytes of a wide result that goes to DRAM */
} bt_chain;

typedef struct {
  uint64_t cycles;               /* elapsed */
  uint64_t unit_cycles[BT_UNITS]; /* second runs included */
  uint64_t activations;          /* DRAM rows opened */
} bt_chain_cost;

/* BT_BAD_INPUT for a chain of more cycles than 63 bits hold. */
bt_status bt_chain_schedule(const bt_chain *chain, bt_chain_cost *cost, bt_error *error);

/* What the DRAM port does at one step: its loads, then the store of the step before; and what the
 * units do. Times are cycles from the chain's start; what has no bytes or no work has no cycles,
 * and its time means nothing. */
typedef struct {
  bool second;            /* in the second run, for rounding */
  uint64_t step, steps;   /* step == steps: nothing but the last store */
  const bt_nest *nest;    /* NULL without a contraction */
  bt_visit visit;         /* of it */
  bt_visit_cost of;       /* tile and bytes of this visit, in all its chunks */
  uint64_t chunk;         /* of nest->chunks */
  uint64_t loads_at;      /* of A, then of B, then of everything else, back to back */
  uint64_t load_bytes[3]; /* in this chunk */
  uint64_t load_cycles[3];
  uint64_t store_at, store_cycles, store_bytes;
  uint64_t unit_at[BT_UNITS], unit_cycles[BT_UNITS];
} bt_chain_step;

typedef struct {
  void (*step)(void *context, const bt_chain_step *step);
  void *context;
} bt_chain_follower;

/* The same schedule, told step by step, in the order of time. */
bt_status bt_chain_follow(const bt_chain *chain, const bt_chain_follower *follower,
                          bt_chain_cost *cost, bt_error *error);

/* Of the busiest unit. */
uint64_t bt_chain_busiest(const bt_chain_cost *cost);

#endif
