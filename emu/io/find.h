/* Finding files that come with bittrue: machines, energy tables. */
#ifndef BT_IO_FIND_H
#define BT_IO_FIND_H

#include "bittrue.h"

typedef enum { BT_FIND_MACHINE, BT_FIND_ENERGY } bt_find_kind;

/* The path of a file given by name, into path[size]: NAME.yaml in models/machines or traces/energy
 * of the first place that has it: the data folder that belongs to the running program's place, or
 * to that of the shared library, the source tree that bittrue was built from, the folder it was
 * configured to be installed to. A name with '/' or ending in ".yaml" is a path, taken as it is.
 * BT_BAD_INPUT: no such file; the error lists the places. */
bt_status bt_find_file(bt_find_kind kind, const char *name, char *path, size_t size,
                       bt_error *error);

#endif
