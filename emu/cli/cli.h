/* The program's sub-commands, one file each: cli/NAME.c. */
#ifndef BT_CLI_CLI_H
#define BT_CLI_CLI_H

#include "bittrue.h"

/* argv[0] is the sub-command's name. Returns the exit status: 0 done, 1 a check failed or a
 * mismatch, 2 bad usage or bad input. Results to stdout, progress to stderr. */
typedef int bt_subcommand(int argc, char **argv);

bt_subcommand bt_cli_train, bt_cli_baseline, bt_cli_eval, bt_cli_net, bt_cli_cosim, bt_cli_cost,
    bt_cli_replay, bt_cli_quantize, bt_cli_gemm, bt_cli_data;

/* Prints "bittrue NAME: TEXT" on stderr and returns the exit status for `status`. */
int bt_cli_fail(const char *name, bt_status status, const bt_error *error);

#endif
