/* The program's sub-commands, one file each: cli/NAME.c. */
#ifndef BT_CLI_CLI_H
#define BT_CLI_CLI_H

#include "bittrue.h"

/* argv[0] is "bittrue NAME", so that argp's own lines name the sub-command. Returns the exit
 * status: 0 done, 1 a check failed or a mismatch, 2 bad usage or bad input. Results to stdout,
 * progress to stderr. */
typedef int bt_subcommand(int argc, char **argv);

bt_subcommand bt_cli_train, bt_cli_baseline, bt_cli_eval, bt_cli_export, bt_cli_net,
    bt_cli_cosim, bt_cli_cost, bt_cli_replay, bt_cli_bench, bt_cli_sweep, bt_cli_quantize,
    bt_cli_gemm, bt_cli_data, bt_cli_convex, bt_cli_activity,
    bt_cli_vectors, bt_cli_check,
    bt_cli_report, bt_cli_trace;

/* What every --help says last, for an argp doc string after its '\v'. */
#define BT_CLI_EXITS "Exit status: 0 done, 1 a check failed, 2 bad usage or bad input."

/* Prints "bittrue NAME: TEXT" on stderr and returns the exit status for `status`: 0, 1, or 2 for
 * bad input and for what the system refused. */
int bt_cli_fail(const char *name, bt_status status, const bt_error *error);

/* The whole number in `text`, an argument of --`option`. Outside min..max it prints one line that
 * says so and ends the program with status 2, as argp does for other usage errors. */
struct argp_state;
uint64_t bt_cli_count(const struct argp_state *state, const char *option, const char *text,
                      uint64_t min, uint64_t max);

/* The argument of --threads, the same way. */
unsigned bt_cli_threads(const struct argp_state *state, const char *text);

/* For an argp parser of a command with exactly one argument, its default case: keeps the argument
 * in *value (NULL at first), and ends the program with status 2 where there is none or a second
 * one. `what` names it, "recipe". Returns an error_t. */
int bt_cli_one_argument(int key, char *text, struct argp_state *state, const char **value,
                        const char *what);

#endif
