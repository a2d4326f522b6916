#include "num/scalar.h"

#include "num/round.h"

uint64_t bt_recip(uint64_t s) { return (UINT64_C(1) << 62) / s; }

/* round(2^30 * 2^(2^-b)), b = 1..16 (numerics 12.2). */
static const uint64_t root_of_two[17] = {
    0,          1518500250, 1276901417, 1170923762, 1121280436, 1097253708,
    1085434106, 1079572136, 1076653033, 1075196443, 1074468888, 1074105294,
    1073923544, 1073832680, 1073787251, 1073764537, 1073753181};

uint64_t bt_exp2(uint32_t f) {
  uint64_t y = UINT64_C(1) << 30;
  for (unsigned b = 1; b <= 16; b++) {
    if ((f >> (16 - b) & 1) != 0) {
      y = (y * root_of_two[b]) >> 30;
    }
  }
  return y;
}

int64_t bt_log2(uint64_t x) {
  int n = bt_bitlen(x) - 1;
  uint64_t y = n <= 31 ? x << (31 - n) : x >> (n - 31);
  int64_t result = n;
  for (int i = 0; i < 16; i++) {
    y = (y * y) >> 31;
    result *= 2;
    if (y >> 32 != 0) {
      y >>= 1;
      result++;
    }
  }
  return result;
}

uint64_t bt_isqrt(uint64_t x) {
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= x) {
      root += bit;
    }
  }
  return root;
}
