/* One contraction with operands like those of training, timed. */
#ifndef BT_CLI_BENCH_CONTRACT_H
#define BT_CLI_BENCH_CONTRACT_H

#include "cli/bench_timer.h"

/* Adds a row for one direction of a layer: activations and errors in block tensor, weights in
 * dim0, as Small-block training has them. *macs becomes the nominal number of products (padding
 * included), *seconds the median. */
bt_status bt_bench_contract(bt_bench *b, const char *shape, const bt_geometry *g, bt_direction d,
                            uint64_t *macs, double *seconds, bt_error *error);

#endif
