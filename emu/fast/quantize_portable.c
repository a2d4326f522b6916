/* The loops of a quantization, for every CPU. */
#include "fast/quantize_loops.h"

void bt_magnitudes_portable(size_t n, size_t columns, const int32_t *m, uint32_t *magnitude) {
  bt_loop_magnitudes(n, columns, m, magnitude);
}

void bt_draw_portable(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits, uint32_t *draws) {
  bt_loop_draw(lane, lanes, rounds, bits, draws);
}

uint64_t bt_quantize_portable(const bt_quantizer *q, size_t n, const int32_t *m,
                          const uint32_t *draws, void *out) {
  return bt_loop_quantize(q, n, m, draws, out);
}
