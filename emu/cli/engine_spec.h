/* Engines as options write them: NAME[,OP=FILE[:OPTIONS]]..., "fast,conv=./user.so". */
#ifndef BT_CLI_ENGINE_SPEC_H
#define BT_CLI_ENGINE_SPEC_H

#include <stdio.h>

#include "cli/engines.h"

#define BT_ENGINE_SPEC_SIZE 1024 /* of one engine's text, with its end */

/* The kind of command that `length` characters name: "quantize", or "conv" for contract. */
bool bt_op_parse(const char *text, size_t length, bt_op *op);

/* Splits --engines' "A,B". Engines are parted by commas, and a part with a '=' belongs to the
 * engine before it: "ref,fast,conv=./user.so" is ref, and fast with a substitution. BT_BAD_INPUT
 * unless there are two. */
bt_status bt_engine_pair(const char *text, char pair[2][BT_ENGINE_SPEC_SIZE], bt_error *error);

/* Makes the engine of a text that has substitutions (engine/user.h). bt_engine_make() calls it. */
bt_status bt_engine_make_substituted(const char *spec, const bt_machine *machine,
                                     const bt_engine_options *options, bt_engine **engine,
                                     bt_error *error);

/* The engine's results go to a comparison only: its substitutions may leave values outside their
 * formats, which the comparison tells more of. Nothing for an engine without. */
void bt_engine_compare(const bt_engine *engine);

/* Prints a line for each substitution of the engine, if it has any: how many commands it ran, and
 * how many it left to the engine that it stands in. False if one of them ran none. */
bool bt_engine_print_substitutions(FILE *to, const bt_engine *engine);

#endif
