/* What a sweep found, as a table, CSV or JSON. */
#ifndef BT_CLI_SWEEP_TABLE_H
#define BT_CLI_SWEEP_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "cli/sweep_probe.h"
#include "train/state.h"

/* The result of one accumulator, for both forms below: variant, accumulator, epochs, steps,
 * test_error_sgd_lp, test_error_swalp, test_error_last (percent; null where the run did not get
 * there), seconds, digest, and `layers`: an entry for each layer and direction that ran, with
 * saturations, additions, largest (magnitude of a running sum) and width (bits that none
 * overflows). */
json_t *bt_sweep_result(const bt_state *state, const bt_probe *probe, double seconds);

/* One table for people: a line an accumulator, below it one a layer and direction. */
void bt_sweep_print(FILE *to, const json_t *results);

/* A row for each accumulator, layer and direction, with a header. */
void bt_sweep_csv(FILE *to, const json_t *results);

#endif
