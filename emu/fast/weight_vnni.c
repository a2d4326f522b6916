/* What packs a weight gradient for VNNI, in AVX-512. */
#include "fast/weight_loops.h"

void bt_quads_vnni(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step) {
  bt_loop_quads(n, row, flip, words, step);
}

void bt_add_rows_vnni(size_t rows, size_t columns, const int8_t *m, int32_t *sum) {
  bt_loop_add_rows(rows, columns, m, sum);
}
