/* What packs a weight gradient, in portable C. */
#include "fast/weight_loops.h"

void bt_pairs_portable(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step) {
  (void)flip;
  bt_loop_pairs(n, row, words, step);
}

void bt_add_rows_portable(size_t rows, size_t columns, const int8_t *m, int32_t *sum) {
  bt_loop_add_rows(rows, columns, m, sum);
}
