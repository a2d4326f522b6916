/* The loops of a quantization of floats, for AVX-512. */
#include "fast/float32_loops.h"

uint32_t bt_float_magnitude_avx512(size_t n, const float *x) {
  return bt_loop_float_magnitude(n, x);
}

uint64_t bt_quantize_float_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                                const float *x, bool each, const int32_t *k, int8_t *out) {
  return bt_loop_float(q, lanes, n, x, each, k, out);
}
