/* What a timeline shows of a chain: its slices, and what they say (docs/traces.md, "traces 7"). */
#ifndef BT_COST_TIMELINE_SLICES_H
#define BT_COST_TIMELINE_SLICES_H

#include "cost/timeline_chain.h"
#include "cost/timeline_text.h"
#include "cost/trace_pieces.h"

/* Tracks, as threads of the one process. They are listed in this order. */
typedef enum {
  BT_TRACK_CHAINS = 1,
  BT_TRACK_LOADS,
  BT_TRACK_ARRAY,
  BT_TRACK_SCALAR,
  BT_TRACK_VECTOR,
  BT_TRACK_QUANTIZER,
  BT_TRACK_STORES,
  BT_TRACK_END
} bt_track;

const char *bt_track_name(bt_track track);
static inline bt_track bt_track_of(bt_unit unit) {
  return (bt_track)(BT_TRACK_ARRAY + (unsigned)unit);
}

typedef struct {
  const bt_program *program;
  const bt_chain *chain;
  const bt_chain_cost *cost;
  const bt_trace_moves *moves;
  const bt_timeline_chain *times;
  uint64_t start;             /* cycle of the step at which the chain starts */
} bt_slices;

/* The chain, its units and its transfers: a slice each in each of its runs. */
void bt_slices_write(const bt_slices *s, bt_event_text *e);

/* Every step of each unit, and every transfer, within the former. Errors as bt_chain_follow(). */
bt_status bt_slices_write_steps(const bt_slices *s, bt_event_text *e, bt_error *error);

#endif
