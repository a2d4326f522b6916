/* The loops of a reduction, for every CPU. */
#include "fast/ends_loops.h"
#include "fast/reduce_loops.h"
#include "fast/sums_loops.h"

void bt_reduce_portable(const bt_columns *c, int64_t *result) { bt_loop_reduce(c, result); }

void bt_sums_portable(const bt_columns *c, int64_t *first, int64_t *second) {
  bt_loop_sums(c, first, second);
}

void bt_ends_portable(const bt_columns *c, int32_t *low, int32_t *high) {
  bt_loop_ends(c, low, high);
}
