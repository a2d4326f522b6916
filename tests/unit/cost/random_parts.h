/* What drawn programs are made of: numbers, machines, formats, tensors, commands. */
#ifndef BT_TESTS_RANDOM_PARTS_H
#define BT_TESTS_RANDOM_PARTS_H

#include "random_program.h"

/* A number of low..high; true once in n times. */
size_t random_between(random_case *r, size_t low, size_t high);
bool random_one_in(random_case *r, size_t n);

/* Arrays of 1..9 x 1..9, buffers of about 1..8192 bytes. */
bt_machine random_machine(random_case *r);

/* A bfp format in any blocks; at times fixed point, if `fixed`. One in a single block. */
bt_format random_format(random_case *r, int wl, bool fixed);
bt_format random_whole(int wl);

/* Adds a tensor to the program. */
bt_tensor *random_add(random_case *r, bt_tensor t);
/* A bfp operand that comes in, with exponents where there is storage. */
bt_tensor *random_source(random_case *r, bt_format f, size_t ndim, const size_t *dim);
/* A bfp result; if none reads it, it becomes weights or momentum at the end. */
bt_tensor *random_result(random_case *r, bt_format f, size_t ndim, const size_t *dim);

/* Adds a command, which must pass bt_command_check. */
void random_command(random_case *r, bt_command c, bt_phase phase, const char *text);

#endif
