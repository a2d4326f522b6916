/* The loops of pool, pool_back and gate, for every CPU. */
#include "fast/pool_loops.h"

void bt_pool_portable(const bt_pool_row *r) { bt_loop_pool(r); }

void bt_pool_back_portable(const bt_pool_row *r) { bt_loop_pool_back(r); }

void bt_gate_portable(size_t n, const int8_t *x, const uint8_t *mask, int8_t *out) {
  bt_loop_gate(n, x, mask, out);
}
