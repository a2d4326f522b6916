/* Programs: flat lists of commands with the tensors made for them.
 *
 * A program's tensors are of two kinds. Kept tensors have storage of their own at once: what comes
 * in from outside, or is looked at after a run. Temporaries exist only within one run; where they
 * lie is planned from the finished list, in one arena where tensors that are not alive together
 * share bytes.
 *
 * A program of shapes has the same commands and tensors, but no storage for any: for counting what
 * a run would take. It cannot be run. */
#ifndef BT_CMD_PROGRAM_H
#define BT_CMD_PROGRAM_H

#include "cmd/command.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Owns commands, their texts and the tensors made for it. */
typedef struct bt_program bt_program;
bt_program *bt_program_new(void); /* NULL when out of memory */
bt_program *bt_program_new_shapes(void);
void bt_program_free(bt_program *p);
bool bt_program_has_storage(const bt_program *p); /* false for one of shapes */

/* Adds a tensor with storage, kept until the program is freed; NULL when out of memory. In a
 * program of shapes data and exp are NULL. */
bt_tensor *bt_program_tensor(bt_program *p, bt_tensor shape);

/* Adds a tensor whose storage bt_program_plan() finds: data and exp are NULL until then. NULL when
 * out of memory. */
bt_tensor *bt_program_temporary(bt_program *p, bt_tensor shape);

/* Adds a copy of a command, its label's text formatted and owned; NULL when out of memory. */
bt_command *bt_program_add(bt_program *p, const bt_command *c, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t bt_program_size(const bt_program *p);
bt_command *bt_program_at(const bt_program *p, size_t i);

/* Commands that an engine may execute as one: no two temporaries that commands of any
 * BT_PROGRAM_WINDOW successive numbers name share a byte, whatever the order among them. */
#define BT_PROGRAM_WINDOW 8u

/* Gives every temporary that a command names its place in one allocation, at multiples of 64
 * bytes, its contents undefined before its first writer (the allocation's first contents too); in a
 * program of shapes it only finds how long each lives.
 * To be called when all commands are there; commands and temporaries added later need another
 * call, which places all anew. BT_BAD_INPUT for a temporary that a command reads before any wrote
 * it; BT_FAILED when out of memory. */
bt_status bt_program_plan(bt_program *p, bt_error *error);

/* Bytes of the arena, 0 before the plan; of the arena and the kept tensors; and of all tensors as
 * if each had a place of its own. Of a program of shapes: those that it would take; each call finds
 * the arena's size anew (0 when out of memory). */
size_t bt_program_arena_bytes(const bt_program *p);
size_t bt_program_bytes(const bt_program *p);
size_t bt_program_tensor_bytes(const bt_program *p);

/* Whether t is a planned temporary that a command names: then the first and the last of the
 * commands that do, as numbers. */
bool bt_program_lifetime(const bt_program *p, const bt_tensor *t, size_t *first, size_t *last);

/* Whether t is a planned temporary that no command outside numbers first..end-1 reads or
 * writes. */
bool bt_program_private(const bt_program *p, const bt_tensor *t, size_t first, size_t end);

#ifdef __cplusplus
}
#endif
#endif
