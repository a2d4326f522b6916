/* The loops around the tiles of windows in portable C. */
#include "fast/windows_loops.h"

void bt_widen_portable(size_t n, const int8_t *from, void *to) { bt_loop_widen(n, from, to); }

void bt_pair_runs_portable(size_t words, size_t columns, const int8_t *from, size_t step,
                           uint8_t *to, size_t to_step) {
  bt_loop_pair_runs(words, columns, from, step, to, to_step);
}

void bt_pair_rows_portable(size_t columns, const int8_t *const *row, const uint8_t *lift,
                           uint8_t *to) {
  bt_loop_pair_rows(columns, row, lift, to);
}

void bt_align_portable(size_t n, int32_t *m, unsigned left, unsigned right) {
  bt_loop_align(n, m, left, right);
}

void bt_extremes_portable(size_t n, const int32_t *m, int32_t *low, int32_t *high) {
  bt_loop_extremes(n, m, low, high);
}

void bt_stream_portable(size_t n, const int32_t *from, int32_t *to) {
  memcpy(to, from, n * sizeof *to);
}

void bt_fence_portable(void) {} /* plain stores need none */
