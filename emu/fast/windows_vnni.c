/* The loops around the tiles of windows for the bytes of AVX-512 VNNI. */
#include "fast/windows_loops.h"

void bt_offset_vnni(size_t n, const int8_t *from, void *to) { bt_loop_offset(n, from, to); }

void bt_quad_runs_vnni(size_t words, size_t columns, const int8_t *from, size_t step, uint8_t *to,
                       size_t to_step) {
  bt_loop_quad_runs(words, columns, from, step, to, to_step);
}

void bt_quad_rows_vnni(size_t columns, const int8_t *const *row, const uint8_t *lift,
                       uint8_t *to) {
  (void)lift;
  bt_loop_quad_rows(columns, row, to);
}
