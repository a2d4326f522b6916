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

/* How a step's commands are run: in portions as the engine takes them, one or several as one, or
 * each by itself. */
typedef enum { BT_PORTIONS, BT_SINGLE } bt_step_cut;

/* Runs the first batch's step again and again, options.repeat times after a warm-up, and times
 * each portion. Adds sums of medians to the facts: step_milliseconds; where each command runs by
 * itself contract_milliseconds and other_milliseconds instead. With `rows` it adds a row for each
 * portion. */
bt_status bt_bench_step(bt_bench *b, const bt_session *session, bt_state *state, bt_step_cut cut,
                        bool rows, bt_error *error);

/* Nominal products of a command, places outside the image included; 0 but for contractions. */
uint64_t bt_bench_macs(const bt_command *c);

#endif
