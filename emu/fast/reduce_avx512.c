/* The loops of a reduction, for AVX-512. */
#include "fast/reduce_loops.h"

void bt_reduce_avx512(const bt_columns *c, int64_t *result) { bt_loop_reduce(c, result); }
