/* Kinds of commands by name, as --commands takes them. */
#ifndef BT_CLI_KINDS_H
#define BT_CLI_KINDS_H

#include "cmd/command.h"

/* Reads "contract,quantize" (or conv for contract) into a set of ops, bit number op. BT_BAD_INPUT
 * for an entry that names none. */
bt_status bt_cli_kinds(const char *list, uint32_t *ops, bt_error *error);

#endif
