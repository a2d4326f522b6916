/* When the units and the DRAM port work in a chain: its schedule (cost 8) put together. */
#ifndef BT_COST_TIMELINE_CHAIN_H
#define BT_COST_TIMELINE_CHAIN_H

#include "cost/chain.h"

/* From the first step with work to the end of the last one, in cycles from the chain's start. */
typedef struct {
  uint64_t from, to;
  uint64_t cycles; /* of work; the rest of the span is waiting */
  uint64_t steps;  /* with work; 0: no span */
} bt_span;

/* One time through the chain's steps. */
typedef struct {
  uint64_t from, to;        /* the runs of a chain lie back to back */
  bt_span unit[BT_UNITS];
  bt_span port[2];          /* loads, stores: no two transfers at a time */
  uint64_t operand[2];      /* bytes loaded of a contraction's A and B, exponents apart */
  uint64_t bytes[2];        /* loaded and stored in all */
} bt_timeline_run;

typedef struct {
  unsigned runs;            /* 2 where a second one rounds */
  bt_timeline_run run[2];
} bt_timeline_chain;

/* Tells the transfers too, in order of their starts: cycles from the chain's start. */
typedef struct {
  void (*transfer)(void *context, bool write, uint64_t at, uint64_t bytes);
  void *context;
} bt_transfer_follower;

/* Errors as bt_chain_follow(). */
bt_status bt_timeline_chain_of(const bt_chain *chain, const bt_transfer_follower *follower,
                               bt_timeline_chain *of, bt_error *error);

/* What is busiest in `runs` runs together: a unit's name, or "dram" for the port; the first of
 * those that are equally busy. */
const char *bt_timeline_bound(const bt_timeline_run *run, unsigned runs);

#endif
