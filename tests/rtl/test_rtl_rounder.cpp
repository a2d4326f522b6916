// All 65,536 16-bit mantissas through the rounder, in every mode, over shifts and draws; and
// 32-bit mantissas at random. The model is the contract's text (numerics 3) in 128 bits.
#include "Vcheck_rounder.h"
#include "bench.h"

typedef __int128 wide;

static wide floor_div(wide n, wide d) { return n / d - (n % d < 0); }

// floor(m / 2^s + r / 2^16) = floor((m * 2^16 + r * 2^s) / 2^(s + 16)), with s cut where the
// result is the same from there on: beyond every clip range, and at |m / 2^s| < 2^-17.
static wide model_round(int32_t m, int s, uint32_t r, int mode) {
  if (s <= 0) return wide(m) * (wide(1) << (s < -60 ? 60 : -s));
  if (s > 50) s = 50;
  wide unit = wide(1) << s;
  wide low = floor_div(m, unit), rest = m - low * unit; // 0 <= rest < unit
  switch (mode) {
  case 0: return floor_div(wide(m) * 65536 + r * unit, unit * 65536);
  case 1: return low + (2 * rest > unit || (2 * rest == unit && low % 2 != 0));
  case 2: return low + (2 * rest > unit || (2 * rest == unit && m > 0));
  default: return low;
  }
}

static Vcheck_rounder rounder;
static bench::Checks checks("test_rtl_rounder");

static void check(int32_t m, int s, uint32_t draw, int mode, int wl, bool asymmetric) {
  rounder.mant_i = static_cast<uint32_t>(m);
  rounder.shift_i = static_cast<uint32_t>(s) & 0x3ffff;
  rounder.draw_i = static_cast<uint16_t>(draw);
  rounder.mode_i = static_cast<uint8_t>(mode);
  rounder.wl_i = static_cast<uint8_t>(wl);
  rounder.asymmetric_i = asymmetric;
  rounder.eval();
  wide rounded = model_round(m, s, draw, mode);
  wide top = (1 << (wl - 1)) - 1, bottom = asymmetric ? -top - 1 : -top;
  wide expected = rounded > top ? top : rounded < bottom ? bottom : rounded;
  int16_t got = static_cast<int16_t>(rounder.mant_o);
  checks.that(got == expected && rounder.clipped_o == (expected != rounded),
              "m %d shift %d draw 0x%x mode %d wl %d asymmetric %d: %d clipped %d, expected %d", m,
              s, draw, mode, wl, asymmetric, got, rounder.clipped_o, static_cast<int>(expected));
}

int main() {
  bench::Random random(checks.seed());
  static const int shifts[] = {-131072, -100, -17, -16, -15, -8, -1, 0,  1,  2,  3,  4,
                               5,       6,    7,   8,   9,   10, 11, 12, 13, 14, 15, 16,
                               17,      18,   19,  20,  31,  32, 33, 47, 48, 49, 131071};
  for (int s : shifts) {
    for (int m = -32768; m <= 32767; m++) {
      uint32_t any = static_cast<uint32_t>(random.below(65536));
      int wl = static_cast<int>(random.range(2, 16));
      for (uint32_t draw : {0u, 1u, 0x7fffu, 0x8000u, 0xffffu, any}) check(m, s, draw, 0, wl, any & 1);
      for (int mode = 1; mode < 4; mode++) check(m, s, any, mode, wl, any & 1);
      check(m, s, any, m & 3, 8, false);
    }
  }
  for (int n = 0; n < 2000000; n++) {
    // Magnitudes of all lengths, and shifts that leave about wl bits.
    int32_t m = static_cast<int32_t>(random.next()) >> random.below(32);
    if (random.below(16) == 0) m = random.below(2) ? INT32_MIN : INT32_MAX;
    check(m, static_cast<int>(random.range(-20, 52)), static_cast<uint32_t>(random.below(65536)),
          static_cast<int>(random.below(4)), static_cast<int>(random.range(2, 16)),
          random.below(2));
  }
  return checks.status();
}
