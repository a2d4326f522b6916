// The array with its aligner against plain sums: shapes that are not square, accumulators that
// saturate and wrap, boundary operands, K from 1 to hundreds, groups and shifts; the cycles; and
// the broken bit, which must be seen where it is and nowhere else.
#include <vector>

#include "Vcheck_tile_1x1.h"
#include "Vcheck_tile_3x5.h"
#include "Vcheck_tile_4x3_s16.h"
#include "Vcheck_tile_4x3_w16.h"
#include "Vcheck_tile_5x2_s8.h"
#include "Vcheck_tile_fault.h"
#include "bench.h"
#include "tile_driver.h"

struct Shape {
  const char *name;
  size_t rows, cols;
  int acc_bits;
  bool saturate;
};

static int64_t limit(int64_t x, int bits) {
  int64_t top = (int64_t{1} << (bits - 1)) - 1;
  return x > top ? top : x < -top - 1 ? -top - 1 : x;
}

static int64_t wrap(int64_t x, int bits) {
  uint64_t u = static_cast<uint64_t>(x) << (64 - bits);
  return static_cast<int64_t>(u) >> (64 - bits);
}

struct Group {
  uint32_t len;
  int shift;
  std::vector<int8_t> a, b;
};

// The accumulator of one output (numerics 8.1), k ascending.
static int64_t accumulate(const Shape &s, const Group &g, size_t i, size_t j) {
  int64_t acc = 0;
  for (uint32_t k = 0; k < g.len; k++) {
    acc += g.a[k * s.rows + i] * g.b[k * s.cols + j];
    acc = s.saturate ? limit(acc, s.acc_bits) : wrap(acc, s.acc_bits);
  }
  return acc;
}

static std::vector<Group> random_groups(bench::Random &random, const Shape &s, int count) {
  std::vector<Group> groups;
  int shift = 0;
  bool extreme = random.below(4) == 0; // all products the same large one: saturates
  for (int n = 0; n < count; n++) {
    Group g;
    g.len = static_cast<uint32_t>(random.below(8) == 0 ? random.range(100, 700)
                                                       : random.range(1, 20));
    g.shift = shift;
    shift = static_cast<int>(random.range(shift, 16));
    int8_t value = random.below(2) ? -128 : 127;
    for (size_t x = 0; x < g.len * s.rows; x++) g.a.push_back(extreme ? -128 : random.byte());
    for (size_t x = 0; x < g.len * s.cols; x++) g.b.push_back(extreme ? value : random.byte());
    groups.push_back(g);
  }
  return groups;
}

template <class Model>
static void run(bench::Checks &checks, const Shape &s, int tiles, bool faulty = false) {
  bench::Random random(checks.seed());
  bt_rtl::TileDriver<Model> tile(s.rows, s.cols, "");
  const int32_t untouched = 0x5a5a5a5a;
  uint64_t cycles = 0;
  std::vector<std::vector<Group>> all;
  std::vector<std::vector<int32_t>> out(static_cast<size_t>(tiles));
  std::vector<int> rshift;
  std::vector<bt_rtl::Sink> sinks;
  for (int t = 0; t < tiles; t++) {
    std::vector<int32_t> &o = out[static_cast<size_t>(t)];
    o.assign(s.rows * s.cols, untouched);
    all.push_back(random_groups(random, s, static_cast<int>(random.range(1, 3))));
    rshift.push_back(random.below(2) ? 0 : static_cast<int>(random.range(0, 20)));
    sinks.push_back({o.data(), s.cols, static_cast<size_t>(random.range(1, int64_t(s.rows))),
                     static_cast<size_t>(random.range(1, int64_t(s.cols)))});
    const std::vector<Group> &groups = all.back();
    for (size_t n = 0; n < groups.size(); n++) {
      tile.run({groups[n].len, n == 0, n + 1 == groups.size(), groups[n].shift, rshift.back(),
                groups[n].a.data(), groups[n].b.data(), sinks.back()});
      cycles += groups[n].len + 2 * s.rows + s.cols - 2;
    }
  }
  tile.finish();
  checks.that(tile.cycles() == static_cast<uint32_t>(cycles), "%s: %u cycles, expected %" PRIu64,
              s.name, tile.cycles(), cycles);
  // Passes follow each other without a gap: one clock to start the first.
  checks.that(tile.clocks() == cycles + 1, "%s: %" PRIu64 " clocks, expected %" PRIu64, s.name,
              tile.clocks(), cycles + 1);

  for (size_t t = 0; t < all.size(); t++) {
    for (size_t i = 0; i < s.rows; i++) {
      for (size_t j = 0; j < s.cols; j++) {
        bool wanted = i < sinks[t].rows && j < sinks[t].cols;
        bool broken = faulty && i == 2 && j == 1;
        int64_t sum = 0;
        for (const Group &g : all[t]) {
          int64_t acc = accumulate(s, g, i, j);
          if (broken) acc ^= 1 << 6;
          sum = limit(sum + acc * (int64_t{1} << g.shift), 48);
        }
        int64_t expected = wanted ? limit(sum >> rshift[t], 32) : untouched;
        int32_t got = out[t][i * s.cols + j];
        checks.that(got == expected, "%s: tile %zu row %zu column %zu: %d, expected %" PRId64,
                    s.name, t, i, j, got, expected);
      }
    }
  }
}

int main() {
  bench::Checks checks("test_rtl_array");
  run<Vcheck_tile_3x5>(checks, {"3x5 acc 32 saturate", 3, 5, 32, true}, 3000);
  run<Vcheck_tile_1x1>(checks, {"1x1 acc 32 saturate", 1, 1, 32, true}, 3000);
  run<Vcheck_tile_4x3_s16>(checks, {"4x3 acc 16 saturate", 4, 3, 16, true}, 3000);
  run<Vcheck_tile_4x3_w16>(checks, {"4x3 acc 16 wrap", 4, 3, 16, false}, 3000);
  run<Vcheck_tile_5x2_s8>(checks, {"5x2 acc 8 saturate", 5, 2, 8, true}, 3000);
  // The broken bit 6 at (2, 1) inverts that bit of each pass's accumulator: were it not seen, or
  // elsewhere too, the check against the model that inverts it as well would fail.
  run<Vcheck_tile_fault>(checks, {"3x5 broken bit", 3, 5, 32, true}, 300, true);
  return checks.status();
}
