// The quantizer on whole tensors, against numerics 7 and 4.3 in plain integers: blocks that begin
// anywhere in a beat, zero blocks, exponents out of range, all modes, widths and clips; the
// generators' states, the cycles; and the broken bit.
#include <vector>

#include "Vcheck_quantizer_1.h"
#include "Vcheck_quantizer_4.h"
#include "Vcheck_quantizer_fault.h"
#include "bench.h"
#include "quantizer_driver.h"

typedef __int128 wide;

static wide floor_shift(wide x, int s) { return x >> s; }

// floor(log2 |m|) by counting.
static int log2_floor(int64_t m) {
  int n = -1;
  for (uint64_t u = static_cast<uint64_t>(m < 0 ? -m : m); u != 0; u /= 2) n++;
  return n;
}

static uint32_t model_draw(uint32_t &x) {
  uint32_t r = x & 0xffff;
  for (int i = 0; i < 16; i++) x = (x >> 1) ^ (x & 1 ? 0xA3000000u : 0u);
  return r;
}

static wide model_round(int32_t m, int s, uint32_t r, bt_rounding mode) {
  if (s <= 0) return wide(m) * (wide(1) << (s < -60 ? 60 : -s)); // beyond every clip range
  if (s > 60) s = 60; // |m / 2^s| is below 2^-28 there
  wide unit = wide(1) << s, low = floor_shift(m, s), rest = m - low * unit;
  switch (mode) {
  case BT_STOCHASTIC: return floor_shift(wide(m) * 65536 + r * unit, s + 16);
  case BT_NEAREST_EVEN: return low + (2 * rest > unit || (2 * rest == unit && (low & 1)));
  case BT_NEAREST_AWAY: return low + (2 * rest > unit || (2 * rest == unit && m > 0));
  default: return low;
  }
}

struct Block {
  size_t begin, end;
};

struct Case {
  std::vector<int32_t> m;
  std::vector<int16_t> e;
  std::vector<Block> blocks;
};

// A tensor of one block, or of blocks of equal, odd length; each block of its own character.
static Case make_case(bench::Random &random) {
  Case c;
  size_t blocks = random.below(2) ? 1 : static_cast<size_t>(random.range(2, 9));
  size_t length = static_cast<size_t>(random.range(1, random.below(8) ? 23 : 300));
  for (size_t b = 0; b < blocks; b++) {
    c.blocks.push_back({b * length, b * length + length});
    uint64_t kind = random.below(8);
    int base = static_cast<int>(kind == 1   ? random.range(100, 140)
                                : kind == 2 ? random.range(-170, -130)
                                : kind == 3 ? random.range(-32000, 32000)
                                            : random.range(-60, 40));
    int spread = static_cast<int>(random.below(3) ? 0 : random.range(0, 60));
    for (size_t i = 0; i < length; i++) {
      int32_t m = static_cast<int32_t>(random.next()) >> random.below(32);
      if (random.below(20) == 0) m = random.below(2) ? INT32_MIN : INT32_MAX;
      c.m.push_back(kind == 0 ? 0 : m);
      c.e.push_back(static_cast<int16_t>(base + random.range(0, spread)));
    }
  }
  return c;
}

static size_t floor_div(size_t a, size_t b) { return a / b; }

template <class Model>
static void run(bench::Checks &checks, size_t lanes, int tensors, bool faulty = false) {
  bench::Random random(checks.seed() + lanes);
  bt_rtl::QuantizerDriver<Model> quantizer(lanes, "");
  std::vector<uint32_t> lane, got(lanes);
  for (size_t l = 0; l < lanes; l++) lane.push_back(static_cast<uint32_t>(random.next()) | 1);
  quantizer.load(lane.data());
  uint64_t clocks = quantizer.clocks(), cycles = 0, overflows = 0, flushes = 0, zeros = 0;
  for (int t = 0; t < tensors; t++) {
    Case c = make_case(random);
    std::vector<int16_t> out(c.m.size(), 0x5a5a);
    bt_rtl::Quantization q = {static_cast<int>(random.range(2, 16)),
                              static_cast<bt_rounding>(random.below(4)), random.below(2) == 1,
                              c.m.size(), c.m.data(), c.e.data(), out.data()};
    int top = (1 << (q.wl - 1)) - 1, bottom = q.asymmetric ? -top - 1 : -top;
    for (const Block &b : c.blocks) {
      bt_rtl::BlockResult r = quantizer.block(q, b.begin, b.end);
      cycles += 2 * (floor_div(b.end - 1, lanes) - floor_div(b.begin, lanes) + 1) + 2;
      bool any = false;
      int amax = 0;
      for (size_t i = b.begin; i < b.end; i++) {
        if (c.m[i] == 0) continue;
        int x = log2_floor(c.m[i]) + c.e[i];
        if (!any || x > amax) amax = x;
        any = true;
      }
      bool over = any && amax > 127, flushed = any && amax < -128;
      int shared = !any || flushed ? -128 : over ? 127 : amax;
      overflows += over, flushes += flushed, zeros += !any;
      checks.that(r.shared_exponent == shared && r.overflow == over && r.flushed == flushed,
                  "tensor %d block at %zu: E %d overflow %d flushed %d, expected E %d from %d", t,
                  b.begin, r.shared_exponent, r.overflow, r.flushed, shared, amax);
      uint64_t clipped = 0;
      for (size_t i = b.begin; i < b.end; i++) {
        uint32_t draw = q.mode == BT_STOCHASTIC ? model_draw(lane[i % lanes]) : 0;
        wide x = model_round(c.m[i], shared - (q.wl - 2) - c.e[i], draw, q.mode);
        if (!any || flushed) x = 0;
        wide expected = x > top ? top : x < bottom ? bottom : x;
        clipped += expected != x;
        if (faulty && i % lanes == 2) expected ^= 2;
        checks.that(out[i] == expected,
                    "tensor %d of %zu, block [%zu, %zu), wl %d mode %d, element %zu (%d at 2^%d, "
                    "draw 0x%x): %d, expected %d",
                    t, c.m.size(), b.begin, b.end, q.wl, q.mode, i, c.m[i], c.e[i], draw, out[i],
                    static_cast<int>(expected));
      }
      checks.that(r.clipped == clipped, "tensor %d block at %zu: %" PRIu64 " clipped, expected "
                  "%" PRIu64, t, b.begin, r.clipped, clipped);
    }
    // Lanes behind the tensor's last element draw as well, if there is a beat for them.
    for (size_t l = c.m.size() % lanes; q.mode == BT_STOCHASTIC && l != 0 && l < lanes; l++)
      model_draw(lane[l]);
    if (t % 7 == 0) { // otherwise tensors follow each other without a gap
      quantizer.finish();
      clocks += t + 1 < tensors; // the clock that starts the next
    }
    quantizer.read(got.data());
    checks.that(got == lane, "tensor %d of %zu elements: the lanes' states differ", t, c.m.size());
  }
  quantizer.finish();
  checks.that(quantizer.cycles() == static_cast<uint32_t>(cycles), "%u cycles, expected %" PRIu64,
              quantizer.cycles(), cycles);
  checks.that(quantizer.clocks() - clocks == cycles + 1, "%" PRIu64 " clocks, expected %" PRIu64,
              quantizer.clocks() - clocks, cycles + 1);
  checks.that(overflows > 9 && flushes > 9 && zeros > 9, "corners met: %" PRIu64 " overflows, "
              "%" PRIu64 " flushed, %" PRIu64 " zero", overflows, flushes, zeros);
}

int main() {
  bench::Checks checks("test_rtl_quantizer");
  run<Vcheck_quantizer_4>(checks, 4, 4000);
  run<Vcheck_quantizer_1>(checks, 1, 2000);
  // Bit 1 of lane 2's mantissas is inverted: exactly those elements must differ.
  run<Vcheck_quantizer_fault>(checks, 4, 300, true);
  return checks.status();
}
