#include "num/average.h"

#include "num/round.h"

int bt_quotient_log2(uint64_t magnitude, uint64_t count) {
  int e = bt_bitlen(magnitude) - bt_bitlen(count);
  /* 2^(e-1) < magnitude / count < 2^(e+1): one comparison decides. */
  unsigned __int128 m = magnitude, c = count;
  bool reaches = e >= 0 ? m >= c << e : m << -e >= c;
  return reaches ? e : e - 1;
}

int32_t bt_quotient_round(int64_t sum, uint64_t count, int shift) {
  unsigned __int128 num = bt_magnitude(sum), den = count;
  if (shift >= 0) {
    den <<= shift > 63 ? 63 : shift; /* beyond, the quotient is below a half in any case */
  } else {
    num <<= -shift;
  }
  unsigned __int128 quotient = num / den, twice = 2 * (num % den);
  if (twice > den || (twice == den && (quotient & 1) != 0)) {
    quotient++;
  }
  return sum < 0 ? -(int32_t)quotient : (int32_t)quotient;
}
