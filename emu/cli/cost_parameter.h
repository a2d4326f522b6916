/* Parameters that bittrue cost --sweep can vary: of the machine, by the names of its file, and of
 * the recipe. */
#ifndef BT_CLI_COST_PARAMETER_H
#define BT_CLI_COST_PARAMETER_H

#include "machine/machine.h"
#include "train/recipe.h"

/* Sets parameter `name` to what `value` says. BT_BAD_INPUT: an unknown name (the error lists the
 * known), or a value that is none or that the recipe's net does not take; machine and recipe may
 * be changed then. */
bt_status bt_parameter_set(const char *name, const char *value, bt_machine *machine,
                           bt_recipe *recipe, bt_error *error);

/* Whether it is the recipe's, so that programs change with it. */
bool bt_parameter_of_recipe(const char *name);

#endif
