/* One training step of a recipe, timed portion by portion. */
#ifndef BT_CLI_BENCH_STEP_H
#define BT_CLI_BENCH_STEP_H

#include "cli/bench.h"
#include "cli/session.h"
#include "train/state.h"

#define BT_BENCH_RECIPE "models/recipes/lenet5-fashion.yaml" /* where none is given */

/* Opens the recipe of the options and starts a run of it on the bench's machine. Close both, after
 * an error too; zero them first. */
bt_status bt_bench_session(bt_bench *b, bt_session *session, bt_state *state, bt_error *error);

/* Runs the first batch's step again and again, options.repeat times after a warm-up, and times
 * each portion that the engine takes of it: a command, or several as one. Adds the facts
 * contract_milliseconds (portions of a contraction alone), fused_milliseconds (a contraction and
 * what follows it as one) and other_milliseconds: sums of medians. With `rows` it adds a row for
 * each portion. */
bt_status bt_bench_step(bt_bench *b, const bt_session *session, bt_state *state, bool rows,
                        bt_error *error);

#endif
