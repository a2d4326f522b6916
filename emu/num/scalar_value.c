#include "num/scalar_value.h"

#include "num/round.h"
#include "num/scalar.h"

static int bitlen128(unsigned __int128 v) {
  uint64_t high = (uint64_t)(v >> 64);
  return high != 0 ? 64 + bt_bitlen(high) : bt_bitlen((uint64_t)v);
}

/* sign * magnitude * 2^e, cut to 32 bits. */
static bt_scalar_value cut(int sign, unsigned __int128 magnitude, int e) {
  if (magnitude == 0) {
    return (bt_scalar_value){0, 0, 0};
  }
  int surplus = bitlen128(magnitude) - 32;
  magnitude = surplus >= 0 ? magnitude >> surplus : magnitude << -surplus;
  return (bt_scalar_value){sign, (uint32_t)magnitude, e + surplus};
}

bt_scalar_value bt_scalar_make(__int128 z, int e) {
  unsigned __int128 u = (unsigned __int128)z;
  return z < 0 ? cut(-1, 0 - u, e) : cut(1, u, e);
}

bt_scalar_value bt_scalar_of_constant(bt_constant c) {
  return bt_scalar_make(c.mantissa, c.exponent);
}

bt_scalar_value bt_scalar_negate(bt_scalar_value a) {
  a.sign = -a.sign;
  return a;
}

bt_scalar_value bt_scalar_mul(bt_scalar_value a, bt_scalar_value b) {
  return cut(a.sign * b.sign, (uint64_t)a.mantissa * b.mantissa, a.exponent + b.exponent);
}

bt_scalar_value bt_scalar_div(bt_scalar_value a, bt_scalar_value b) {
  uint64_t quotient = ((uint64_t)a.mantissa << 32) / b.mantissa;
  return cut(a.sign * b.sign, quotient, a.exponent - b.exponent - 32);
}

bt_scalar_value bt_scalar_add(bt_scalar_value a, bt_scalar_value b) {
  if (a.sign == 0 || b.sign == 0) {
    return a.sign == 0 ? b : a;
  }
  if (a.exponent < b.exponent) {
    bt_scalar_value larger = b;
    b = a;
    a = larger;
  }
  int d = a.exponent - b.exponent;
  __int128 x = (uint64_t)a.mantissa << 31, y = ((uint64_t)b.mantissa << 31) >> (d < 63 ? d : 63);
  return bt_scalar_make(a.sign * x + b.sign * y, a.exponent - 31);
}

bt_scalar_value bt_scalar_rsqrt(bt_scalar_value a) {
  int k = (a.exponent & 1) != 0 ? 31 : 32; /* of the exponent's parity */
  uint64_t s = (uint64_t)a.mantissa << k;
  unsigned __int128 top = ((unsigned __int128)1 << 126) - 1;
  return cut(1, bt_isqrt((uint64_t)(top / s)), -63 - (a.exponent - k) / 2);
}

bt_constant bt_scalar_constant(bt_scalar_value a, int bits) {
  if (a.sign == 0) {
    return (bt_constant){0, 0};
  }
  const bt_round_options nearest = {BT_NEAREST_EVEN, 1, false};
  int surplus = 32 - (bits - 1);
  int64_t m = bt_round(a.mantissa, surplus, &nearest, 0);
  if (m >> (bits - 1) != 0) {
    m >>= 1;
    surplus++;
  }
  return (bt_constant){(int32_t)(a.sign * m), a.exponent + surplus};
}
