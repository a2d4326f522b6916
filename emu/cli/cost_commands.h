/* A table of a program's commands: what each asks of the machine, and the chains they form. */
#ifndef BT_CLI_COST_COMMANDS_H
#define BT_CLI_COST_COMMANDS_H

#include "cmd/program.h"
#include "machine/machine.h"

/* CSV: a head, then a row a command, chains in the order in which they run: number of the chain;
 * label, operation, phase, unit; cycles of the unit, MACs, utilisation of the array in its cycles
 * (macs / (R * C * unit cycles)); bytes read (a contraction's operands included) and written,
 * without spills. The row of a chain's last command has the chain's elapsed cycles, its stall
 * cycles, bytes moved with spills, and the bytes a cycle of DRAM that would not stall it; these are
 * empty in other rows. Written whole or not at all. Errors as bt_cost_program. */
bt_status bt_cost_commands_write(const char *path, const bt_program *program,
                                 const bt_machine *machine, bool fp32, bt_error *error);

#endif
