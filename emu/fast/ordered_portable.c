/* Ordered accumulation, for every CPU: vectors of 16 bytes in the compiler's terms. */
#include <stdint.h>
#include <string.h>

#define BT_VECTOR 16
#define BT_ROWS 3u
#define BT_SIDE 2u
typedef uint16_t v16 __attribute__((vector_size(BT_VECTOR)));
typedef uint32_t v32 __attribute__((vector_size(BT_VECTOR)));
typedef int16_t signed16 __attribute__((vector_size(BT_VECTOR)));
typedef int32_t signed32 __attribute__((vector_size(BT_VECTOR)));

static inline v16 sra16(v16 a, int n) { return (v16)((signed16)a >> n); }
static inline v32 sra32(v32 a, int n) { return (v32)((signed32)a >> n); }

static inline v16 adds16(v16 a, v16 b) {
  v16 sum = a + b, left = sra16((a ^ sum) & (b ^ sum), 15);
  return sum ^ ((sum ^ sra16(a, 15) ^ 0x7FFF) & left);
}

static inline v16 mulhi16(v16 a, v16 b) {
  v16 high;
  for (int i = 0; i < BT_VECTOR / 2; i++) {
    high[i] = (uint16_t)(((int16_t)a[i] * (int16_t)b[i]) >> 16);
  }
  return high;
}

static inline v32 mul32(v32 a, v32 b) { return sra32(a << 16, 16) * b; }

static inline v16 pick16(v16 mask, v16 a, v16 b) { return (a & mask) | (b & ~mask); }
static inline v32 pick32(v32 mask, v32 a, v32 b) { return (a & mask) | (b & ~mask); }
static inline v16 min16(v16 a, v16 b) { return pick16((v16)((signed16)a < (signed16)b), a, b); }
static inline v16 max16(v16 a, v16 b) { return pick16((v16)((signed16)a > (signed16)b), a, b); }
static inline v32 min32(v32 a, v32 b) { return pick32((v32)((signed32)a < (signed32)b), a, b); }
static inline v32 max32(v32 a, v32 b) { return pick32((v32)((signed32)a > (signed32)b), a, b); }
static inline v16 equal16(v16 tally, v16 x, v16 y) { return tally + (v16)(x == y); }
static inline v32 equal32(v32 tally, v32 x, v32 y) { return tally + (v32)(x == y); }

static inline v16 low16(v16 a, v16 b) {
  return __builtin_shuffle(a, b, (v16){0, 8, 1, 9, 2, 10, 3, 11});
}
static inline v16 high16(v16 a, v16 b) {
  return __builtin_shuffle(a, b, (v16){4, 12, 5, 13, 6, 14, 7, 15});
}
static inline v16 load_eights(const uint16_t *p, size_t step) {
  v16 v;
  (void)step;
  memcpy(&v, p, sizeof v);
  return v;
}
static inline v32 widen(const uint16_t *p) { return (v32){p[0], p[1], p[2], p[3]}; }
static inline void store_group(uint16_t *p, const v32 *x) {
  for (int i = 0; i < 16; i++) {
    p[i] = (uint16_t)x[i / 4][i % 4];
  }
}

typedef uint64_t v64 __attribute__((vector_size(BT_VECTOR)));
static inline int any32(v32 x) { return (((v64)x)[0] | ((v64)x)[1]) != 0; }
static inline int any16(v16 x) { return any32((v32)x); }

#include "fast/ordered_loops.h"

void bt_ordered_portable(bt_ordered_kernels *k) { *k = ordered_kernels(); }
