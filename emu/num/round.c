#include "num/round.h"

#include <string.h>

#include "num/error.h"

/* Beyond this many surplus bits a 62-bit mantissa rounds as it does here: its value is below
 * 2^-25 of a step, less than any draw can tell. */
#define MAX_SURPLUS 88

static int64_t round_nearest(int64_t m, int s, bool to_even) {
  __int128 unit = (__int128)1 << s;
  __int128 quotient = (__int128)m >> s;
  __int128 rest = (__int128)m - quotient * unit; /* 0 <= rest < unit */
  __int128 twice = 2 * rest;
  bool up;
  if (twice != unit) {
    up = twice > unit;
  } else if (to_even) {
    up = (quotient & 1) != 0;
  } else {
    up = m > 0; /* quotient is the floor: away from zero is up for positive values only */
  }
  return (int64_t)(quotient + (up ? 1 : 0));
}

static int64_t round_stochastic(int64_t m, int s, unsigned random_bits, uint32_t r) {
  int bits = (int)random_bits;
  if (s <= bits && s < 62) {
    return (m + (int64_t)(r >> (bits - s))) >> s;
  }
  return (int64_t)(((__int128)m + ((__int128)r << (s - bits))) >> s);
}

static int64_t scale_up(int64_t m, int s) {
  const int64_t limit = INT64_C(1) << 62;
  if (m == 0 || s == 0) {
    return m;
  }
  if (bt_bitlen(bt_magnitude(m)) + s > 62) {
    return m < 0 ? -limit : limit;
  }
  return bt_shift_left(m, s);
}

int64_t bt_round(int64_t m, int s, const bt_round_options *options, uint32_t r) {
  if (s <= 0) {
    return scale_up(m, -s);
  }
  s = s > MAX_SURPLUS ? MAX_SURPLUS : s;
  switch (options->mode) {
    case BT_STOCHASTIC:
      return options->sr_half ? round_stochastic(m, s, options->random_bits + 1, 2 * r + 1)
                              : round_stochastic(m, s, options->random_bits, r);
    case BT_NEAREST_EVEN:
      return round_nearest(m, s, true);
    case BT_NEAREST_AWAY:
      return round_nearest(m, s, false);
    case BT_FLOOR:
    default:
      return bt_shift_floor(m, s);
  }
}

static const char *const mode_name[] = {"stochastic", "nearest_even", "nearest_away", "floor"};

bt_status bt_rounding_parse(const char *text, bt_rounding *mode, bt_error *error) {
  for (int i = 0; i < 4; i++) {
    if (strcmp(text, mode_name[i]) == 0) {
      *mode = (bt_rounding)i;
      return BT_OK;
    }
  }
  return bt_fail(error, BT_BAD_INPUT,
                 "rounding '%s': expected stochastic, nearest_even, nearest_away or floor", text);
}

bt_status bt_round_check(const bt_round_options *options, bt_error *error) {
  if ((unsigned)options->mode > BT_FLOOR) {
    return bt_fail(error, BT_BAD_INPUT, "unknown rounding mode %d", (int)options->mode);
  }
  if (options->mode == BT_STOCHASTIC && (options->random_bits < 1 || options->random_bits > 24)) {
    return bt_fail(error, BT_BAD_INPUT, "random bits %u: expected 1 to 24", options->random_bits);
  }
  return BT_OK;
}
