#include "num/constant.h"

#include "num/error.h"
#include "num/round.h"

static unsigned __int128 gcd(unsigned __int128 a, unsigned __int128 b) {
  while (b != 0) {
    unsigned __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* num / den in lowest terms, from 128-bit intermediates. */
static bt_status reduce(__int128 num, __int128 den, bt_rational *r, bt_error *error) {
  if (den == 0) {
    return bt_fail(error, BT_BAD_INPUT, "a rational number with denominator 0");
  }
  bool negative = (num < 0) != (den < 0);
  unsigned __int128 n = num < 0 ? -(unsigned __int128)num : (unsigned __int128)num;
  unsigned __int128 d = den < 0 ? -(unsigned __int128)den : (unsigned __int128)den;
  unsigned __int128 common = gcd(n, d);
  n /= common;
  d /= common;
  if (n > INT64_MAX || d > INT64_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "a number with more than 63 bits in its exact fraction");
  }
  r->num = negative ? -(int64_t)n : (int64_t)n;
  r->den = (int64_t)d;
  return BT_OK;
}

bt_status bt_rational_make(int64_t num, int64_t den, bt_rational *r, bt_error *error) {
  return reduce(num, den, r, error);
}

bt_status bt_rational_mul(bt_rational a, bt_rational b, bt_rational *r, bt_error *error) {
  return reduce((__int128)a.num * b.num, (__int128)a.den * b.den, r, error);
}

bt_status bt_rational_div(bt_rational a, bt_rational b, bt_rational *r, bt_error *error) {
  return reduce((__int128)a.num * b.den, (__int128)a.den * b.num, r, error);
}

bt_status bt_rational_add(bt_rational a, bt_rational b, bt_rational *r, bt_error *error) {
  __int128 left = (__int128)a.num * b.den, right = (__int128)b.num * a.den;
  return reduce(left + right, (__int128)a.den * b.den, r, error);
}

int bt_rational_cmp(bt_rational a, bt_rational b) {
  __int128 left = (__int128)a.num * b.den, right = (__int128)b.num * a.den;
  return left < right ? -1 : left > right;
}

/* Appends digits to *value; counts them in *count. False past 18 digits in all. */
static bool read_digits(const char **text, int64_t *value, int *count) {
  const char *p = *text;
  for (; *p >= '0' && *p <= '9'; p++) {
    if (*value >= INT64_C(100000000000000000)) {
      return false;
    }
    *value = *value * 10 + (*p - '0');
    ++*count;
  }
  *text = p;
  return true;
}

bt_status bt_rational_parse(const char *text, bt_rational *r, bt_error *error) {
  const char *p = text;
  int64_t value = 0, power = 0;
  int whole = 0, fraction = 0, digits = 0;
  bool negative = *p == '-';
  p += *p == '-' || *p == '+';
  bool good = read_digits(&p, &value, &whole);
  if (good && *p == '.') {
    p++;
    good = read_digits(&p, &value, &fraction);
  }
  good = good && whole + fraction > 0;
  if (good && (*p == 'e' || *p == 'E')) {
    bool down = *++p == '-';
    p += *p == '-' || *p == '+';
    good = read_digits(&p, &power, &digits) && digits > 0 && power <= 36;
    power = down ? -power : power;
  }
  power -= fraction;
  if (!good || *p != '\0' || power > 18 || power < -36) {
    return bt_fail(error, BT_BAD_INPUT, "'%s': expected a decimal number such as 0.05 or 5e-4",
                   text);
  }
  __int128 num = negative ? -value : value, den = 1;
  for (; power > 0; power--) {
    num *= 10;
  }
  for (; power < 0; power++) {
    den *= 10;
  }
  return reduce(num, den, r, error);
}

/* Rounds n * 2^s / d to nearest even; the quotient is known to be below 2^33. */
static uint64_t scaled_quotient(uint64_t n, uint64_t d, int s) {
  unsigned __int128 num = n, den = d;
  if (s >= 0) {
    num <<= s;
  } else {
    den <<= -s;
  }
  unsigned __int128 quotient = num / den, twice = 2 * (num % den);
  bool up = twice > den || (twice == den && (quotient & 1) != 0);
  return (uint64_t)(quotient + (up ? 1 : 0));
}

bt_status bt_constant_parse(const char *text, int bits, bt_constant *c, bt_error *error) {
  bt_rational r;
  if (bits != 16 && bits != 32) {
    return bt_fail(error, BT_BAD_INPUT, "a constant of %d bits: expected 16 or 32", bits);
  }
  bt_status status = bt_rational_parse(text, &r, error);
  if (status == BT_OK) {
    *c = bt_constant_make(r, bits);
  }
  return status;
}

bt_constant bt_constant_make(bt_rational r, int bits) {
  if (r.num == 0) {
    return (bt_constant){0, 0};
  }
  uint64_t n = bt_magnitude(r.num), d = (uint64_t)r.den;
  /* The quotient's top bit is at bitlen(n) - bitlen(d) or one below; aim at `bits` - 1 bits. */
  int s = bits - 1 - (bt_bitlen(n) - bt_bitlen(d));
  uint64_t limit = UINT64_C(1) << (bits - 1);
  unsigned __int128 num = n, den = d;
  if ((s >= 0 ? num << s : num) >= (s >= 0 ? den : den << -s) * limit) {
    s--;
  }
  uint64_t m = scaled_quotient(n, d, s);
  if (m == limit) {
    m >>= 1;
    s--;
  }
  return (bt_constant){r.num < 0 ? -(int32_t)m : (int32_t)m, -s};
}
