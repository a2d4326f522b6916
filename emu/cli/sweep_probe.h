/* An engine that watches another one's contractions: what their accumulators did, for each layer
 * and direction of a training run. */
#ifndef BT_CLI_SWEEP_PROBE_H
#define BT_CLI_SWEEP_PROBE_H

#include "engine/engine.h"
#include "net/net.h"
#include "ref/headroom.h"

#define BT_DIRECTIONS 3u

typedef struct {
  uint64_t commands, additions; /* nominal: entries into accumulators */
  uint64_t saturations;         /* additions that saturated or wrapped */
  uint64_t sampled;             /* commands whose running sums were followed */
  bt_headroom range;            /* of the sampled ones, in units of the accumulator */
} bt_probe_cell;

typedef struct bt_probe bt_probe;

/* A probe on `engine`, which it does not own. Training commands are counted in cells; of every
 * `every`-th step, from step 0 on, running sums are followed too, by the reference (slow). NULL
 * when out of memory. Free with bt_probe_free. */
bt_probe *bt_probe_new(bt_engine *engine, const bt_machine *machine, uint64_t every);
void bt_probe_free(bt_probe *p);

/* The engine to run commands on, owned by the probe. */
bt_engine *bt_probe_engine(bt_probe *p);

/* The counts of a layer (its index in the net) and a direction. */
const bt_probe_cell *bt_probe_cell_of(const bt_probe *p, size_t layer, bt_direction d);

/* The fewest bits of two's complement that hold every running sum of the range; 1 for zeros. */
int bt_headroom_bits(const bt_headroom *range);

#endif
