// The aligner alone: groups at the limits of 32 bits and of every shift, dropped groups, the
// 48-bit sum's saturation and the way out.
#include <vector>

#include "Vcheck_aligner.h"
#include "bench.h"
#include "simulation.h"

static const size_t ROWS = 4, COLS = 3;

static int64_t limit(int64_t x, int bits) {
  int64_t top = (int64_t{1} << (bits - 1)) - 1;
  return x > top ? top : x < -top - 1 ? -top - 1 : x;
}

static int32_t boundary(bench::Random &random) {
  switch (random.below(6)) {
  case 0: return INT32_MIN;
  case 1: return INT32_MAX;
  case 2: return static_cast<int32_t>(random.range(-2, 2));
  default: return static_cast<int32_t>(random.next()) >> random.below(32);
  }
}

int main() {
  bench::Checks checks("test_rtl_aligner");
  bench::Random random(checks.seed());
  bt_rtl::Simulation<Vcheck_aligner> aligner;
  uint64_t saturated = 0;
  for (int tile = 0; tile < 20000; tile++) {
    int64_t sums[ROWS][COLS] = {};
    int groups = static_cast<int>(tile % 50 == 0 ? 12 : random.range(1, 4));
    int t = static_cast<int>(random.below(3) == 0 ? random.below(49) : 0);
    bool large = tile % 50 == 0;
    int32_t partial[ROWS][COLS] = {};
    for (int g = 0; g < groups; g++) {
      int shift = large ? 16 : static_cast<int>(random.below(17));
      bool last = g + 1 == groups, drop = random.below(5) == 0;
      for (size_t i = ROWS; i-- > 0;) {
        for (size_t j = 0; j < COLS; j++) {
          if (!large || g == 0) partial[i][j] = boundary(random);
          int64_t term = drop ? 0 : partial[i][j] * (int64_t{1} << shift);
          int64_t sum = (g == 0 ? 0 : sums[i][j]) + term;
          sums[i][j] = limit(sum, 48);
          saturated += sums[i][j] != sum;
          std::memcpy(bt_rtl::bytes(aligner->psum_i) + 4 * j, &partial[i][j], 4);
        }
        aligner->valid_i = 1;
        aligner->row_i = static_cast<uint8_t>(i);
        aligner->first_i = g == 0;
        aligner->last_i = last;
        aligner->drop_i = drop;
        aligner->lshift_i = static_cast<uint8_t>(shift);
        aligner->rshift_i = static_cast<uint8_t>(t);
        aligner.tick();
        checks.that(aligner->valid_o == last, "tile %d group %d: valid %d", tile, g,
                    aligner->valid_o);
        if (!last) continue;
        checks.that(aligner->row_o == i, "tile %d: row %d, expected %zu", tile, aligner->row_o, i);
        for (size_t j = 0; j < COLS; j++) {
          int32_t got;
          std::memcpy(&got, bt_rtl::bytes(aligner->sum_o) + 4 * j, 4);
          int64_t expected = limit(sums[i][j] >> t, 32);
          checks.that(got == expected, "tile %d row %zu column %zu: %d, expected %" PRId64, tile, i,
                      j, got, expected);
        }
      }
    }
    aligner->valid_i = 0;
    if (tile % 3 == 0) aligner.tick();
  }
  checks.that(saturated > 100, "the 48-bit sum saturated %" PRIu64 " times only", saturated);
  return checks.status();
}
