/* The loops of fast/blocks.h, compiled once for each instruction set: BT_BLOCKS_KERNELS names the
 * table that they fill. */
#include "fast/blocks.h"

static void range(size_t n, int16_t a, const int16_t *restrict e, int16_t *restrict low,
                  int16_t *restrict high) {
  for (size_t i = 0; i < n; i++) {
    int16_t g = (int16_t)(a + e[i]);
    int16_t least = e[i] == BT_BLOCKS_NONE ? INT16_MAX : g;
    low[i] = least < low[i] ? least : low[i];
    high[i] = g > high[i] ? g : high[i];
  }
}

static void multiply(size_t n, size_t length, const int16_t *m, const int16_t *b,
                     int32_t *restrict sum) {
  for (size_t i = 0; i < n; i++) {
    sum[i] = m[0] * b[i];
  }
  for (size_t k = 1; k < length; k++) {
    const int16_t *restrict row = b + k * n;
    int16_t factor = m[k];
    for (size_t i = 0; factor != 0 && i < n; i++) {
      sum[i] += factor * row[i];
    }
  }
}

static void add(size_t n, int16_t a, const int16_t *restrict e, const int16_t *restrict gref,
                const int32_t *restrict sum, int64_t *restrict total) {
  for (size_t i = 0; i < n; i++) {
    int32_t s = a + e[i] - gref[i];
    uint64_t kept = s < 0 ? 0 : ~UINT64_C(0);
    total[i] += (int64_t)((uint64_t)(int64_t)sum[i] << ((uint32_t)s & 31) & kept);
  }
}

static void add_one(size_t n, int16_t a, const int16_t *restrict e, const int16_t *restrict gref,
                    int16_t m, const int16_t *restrict b, int64_t *restrict total) {
  for (size_t i = 0; i < n; i++) {
    int32_t s = a + e[i] - gref[i];
    uint32_t kept = s < 0 ? 0 : UINT32_MAX;
    total[i] += (int32_t)((uint32_t)(m * b[i]) << ((uint32_t)s & 31) & kept);
  }
}

static size_t below(size_t n, int16_t a, const int16_t *restrict e, const int16_t *restrict gref) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    count += e[i] != BT_BLOCKS_NONE && a + e[i] < gref[i];
  }
  return count;
}

const bt_blocks_kernels BT_BLOCKS_KERNELS = {range, multiply, add, add_one, below};
