/* The parts of a mismatch report, as lines of text. Each returns the characters written, cut at
 * `size`. Element i of output `which` is meant; for what = "exponent", exponent i. */
#ifndef BT_ENGINE_DESCRIBE_H
#define BT_ENGINE_DESCRIBE_H

#include "cmd/command.h"
#include "machine/machine.h"

/* Label, command, tensor, coordinates. */
size_t bt_describe_place(const bt_command *c, size_t which, const char *what, size_t i, char *text,
                         size_t size);

/* The tile of the machine's array that has element i of a contraction's output, and the place in
 * it; nothing for other commands. */
size_t bt_describe_tile(const bt_command *c, const bt_machine *machine, size_t i, char *text,
                        size_t size);

/* Both engines' values: `first` and `second` are the command with each one's outputs. */
size_t bt_describe_results(const bt_command *first, const bt_command *second, size_t which,
                           const char *what, size_t i, char *text, size_t size);

/* Input elements that the output element depends on (for a contraction its size and the
 * operands' exponents: the operands themselves are in the replay file). */
size_t bt_describe_operands(const bt_command *c, size_t which, size_t i, char *text, size_t size);

/* The element's draw, for a stochastic command: lane, state before the command, draw. */
size_t bt_describe_draws(const bt_command *c, const bt_lfsr *before, size_t i, char *text,
                         size_t size);

#endif
