/* bittrue cost --model scalesim (docs/scalesim.md). */
#ifndef BT_CLI_COST_SCALESIM_H
#define BT_CLI_COST_SCALESIM_H

#include "cost/scalesim_topology.h"

/* Whether the arguments of `bittrue cost` say --model scalesim. */
bool bt_cli_cost_is_scalesim(int argc, char **argv);

/* Runs it; the exit status. */
int bt_cli_cost_scalesim(int argc, char **argv);

/* Whether a file's name says that it is a topology: it ends in .csv. */
bool bt_cli_cost_is_topology(const char *path);

/* The contractions of one training step of a recipe, in the program's order, as products of
 * matrices. *batch images, the recipe's batch if 0, which it then is. No weights are made. Free it
 * with bt_scalesim_topology_free(). */
bt_status bt_cli_cost_recipe_products(const char *recipe, size_t *batch,
                                      bt_scalesim_topology *topology, bt_error *error);

#endif
