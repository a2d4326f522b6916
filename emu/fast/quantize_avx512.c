/* The loops of a quantization, for AVX-512. */
#include "fast/quantize_loops.h"

uint32_t bt_magnitude_avx512(size_t n, const int32_t *m) { return bt_loop_magnitude(n, m); }

int bt_log2_largest_avx512(size_t n, const int32_t *m, const int16_t *e) {
  return bt_loop_log2_largest(n, m, e);
}

uint64_t bt_quantize_same_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, int s, void *out) {
  return bt_loop_same(q, lanes, n, m, s, out);
}

uint64_t bt_quantize_each_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, const bt_surpluses *s, void *out) {
  return bt_loop_each(q, lanes, n, m, s, out);
}
