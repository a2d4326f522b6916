/* The loops of a reduction, for every CPU. */
#include "fast/reduce_loops.h"

void bt_reduce_portable(const bt_columns *c, int64_t *result) { bt_loop_reduce(c, result); }
