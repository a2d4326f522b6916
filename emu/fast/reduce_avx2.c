/* The loops of a reduction, for AVX2. */
#include "fast/reduce_loops.h"

void bt_reduce_avx2(const bt_columns *c, int64_t *result) { bt_loop_reduce(c, result); }
