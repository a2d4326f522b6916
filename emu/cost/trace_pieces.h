/* Which sections a chain moves in each of its runs, besides a contraction's operands (cost 5, 8):
 * what its loads and stores, counted in bytes by the schedule, consist of. */
#ifndef BT_COST_TRACE_PIECES_H
#define BT_COST_TRACE_PIECES_H

#include "cost/chain.h"
#include "cost/trace_map.h"

#define BT_TRACE_PIECES (BT_MAX_CHAIN * (2 * BT_MAX_INPUTS + 2))

/* A section that is passed through from end to end. */
typedef struct {
  const bt_trace_section *section;
  const bt_command *command; /* that reads or writes it */
} bt_trace_piece;

typedef struct {
  bt_trace_piece at[BT_TRACE_PIECES];
  size_t count;
  uint64_t bytes;
} bt_trace_list;

/* Which wide values are in DRAM: a flag a section of the map. */
typedef struct {
  const bt_trace_map *map;
  bool *parked; /* [map->count] */
} bt_trace_places;

typedef struct {
  bt_trace_list run[2][2]; /* of the first and the second run: loads, stores */
} bt_trace_moves;

/* Fills the lists of a chain, and notes which wide values it leaves in DRAM; chains come in the
 * order in which they are executed. BT_FAILED: the bytes are not those of the schedule (a defect of
 * this program). */
bt_status bt_trace_moves_of(bt_trace_places *places, const bt_chain *chain, bt_trace_moves *moves,
                            bt_error *error);

#endif
