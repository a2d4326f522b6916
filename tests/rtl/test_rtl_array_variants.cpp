// The array with its aligner and the accumulators of numerics 8.1, draws included: drawn tiles of
// contractions against emu/num, whose generator runs through all elements in order. Groups of k
// that leave k out in between, chunks within groups, nearest_even in place of stochastic; and the
// cycles, to which k that are passed over, and waiting, do not add.
#include <vector>

#include "Vcheck_array_c10.h"
#include "Vcheck_array_f12.h"
#include "Vcheck_array_n8.h"
#include "Vcheck_array_r14.h"
#include "Vcheck_array_r16.h"
#include "Vcheck_array_rc16.h"
#include "bench.h"
#include "bittrue.h"
#include "simulation.h"
extern "C" {
#include "num/accumulate.h"
#include "num/align.h"
#include "num/lfsr.h"
}

struct Shape {
  const char *name;
  size_t rows, cols;
  unsigned lanes;
  bt_accumulator acc;
};

struct Met {
  uint64_t saturations = 0, skipped = 0, groups = 0, replaced = 0, stalls = 0;
};

static bt_accumulator variant(int acc_bits, bool wrap, int shift, bt_rounding rounding,
                              unsigned random_bits, size_t chunk, int psum_bits) {
  bt_accumulator acc = bt_accumulator_default();
  acc.acc_bits = acc_bits;
  acc.wrap = wrap;
  acc.acc_shift = shift;
  acc.acc_round.mode = rounding;
  acc.acc_round.random_bits = random_bits;
  acc.chunk = chunk;
  acc.psum_bits = psum_bits;
  return acc;
}

// One contraction of which the array computes a tile.
struct Work {
  size_t rows, cols, k;        // of the whole
  size_t row0, col0;           // of the tile
  std::vector<int8_t> a, b;    // [rows][k], [cols][k]
  std::vector<int> group;      // [k]: -1 in no group
  std::vector<int> shift;      // [groups]
  int t;
  bool nearest;
  uint32_t lane0;
  std::vector<uint32_t> draws; // [rows * cols * k]
};

static Work draw_work(bench::Random &random, const Shape &s) {
  Work w;
  w.rows = s.rows + random.below(4);
  w.cols = s.cols + random.below(4);
  w.k = 1 + random.below(random.below(8) == 0 ? 150 : 25);
  w.row0 = random.below(w.rows - s.rows + 1);
  w.col0 = random.below(w.cols - s.cols + 1);
  bool extreme = random.below(4) == 0;
  for (size_t i = 0; i < w.rows * w.k; i++) w.a.push_back(extreme ? -128 : random.byte());
  for (size_t i = 0; i < w.cols * w.k; i++) w.b.push_back(extreme ? 127 : random.byte());
  int groups = static_cast<int>(random.range(1, 3)), shift = 0;
  bool gaps = groups > 1 || random.below(2);
  for (size_t k = 0; k < w.k; k++)
    w.group.push_back(gaps ? static_cast<int>(random.range(-1, groups - 1)) : 0);
  for (int g = 0; g < groups; g++) {
    w.shift.push_back(shift);
    shift = static_cast<int>(random.range(shift, 16));
  }
  w.group[random.below(w.k)] = 0; // not all k in no group
  w.t = random.below(2) ? 0 : static_cast<int>(random.range(0, 12));
  w.nearest = random.below(4) == 0;
  bt_lfsr rng;
  bt_lfsr_start(&rng, random.next(), s.lanes);
  w.lane0 = rng.lane[0];
  w.draws.resize(w.rows * w.cols * w.k);
  bt_lfsr_fill(&rng, 0, w.draws.size(), s.acc.acc_round.random_bits, w.draws.data());
  return w;
}

static int32_t expected(const Shape &s, const Work &w, size_t i, size_t j, Met &met) {
  bt_accumulator acc = s.acc;
  if (w.nearest && acc.acc_round.mode == BT_STOCHASTIC) acc.acc_round.mode = BT_NEAREST_EVEN;
  bool stochastic = acc.acc_shift > 0 && acc.acc_round.mode == BT_STOCHASTIC;
  int64_t sum = 0;
  for (size_t g = 0; g < w.shift.size(); g++) {
    std::vector<int8_t> a, b;
    std::vector<uint32_t> draws;
    for (size_t k = 0; k < w.k; k++) {
      if (w.group[k] != static_cast<int>(g)) continue;
      a.push_back(w.a[i * w.k + k]);
      b.push_back(w.b[j * w.k + k]);
      draws.push_back(w.draws[(i * w.cols + j) * w.k + k]);
    }
    if (a.empty()) continue;
    int32_t partial =
        bt_accumulate_ordered(&acc, a.size(), a.data(), b.data(),
                              stochastic ? draws.data() : nullptr, &met.saturations);
    sum = bt_align_add(sum, partial, w.shift[g]);
  }
  return bt_align_finish(sum, w.t);
}

template <class Model> class Bench {
public:
  Bench(bench::Checks &checks, const Shape &s)
      : checks_(checks), s_(s), random_(checks.seed()), out_(s.rows * s.cols) {
    tile_->start_i = 0;
    tile_->drop_i = 0;
    tile_->skip_i = 0;
    tile_->stall_i = 0;
    tile_->load_i = 0;
    tile_->nearest_i = 0;
  }

  void run(int tiles) {
    Met met;
    uint64_t cycles = 0;
    for (int n = 0; n < tiles; n++) {
      Work w = draw_work(random_, s_);
      bool first = true;
      for (size_t g = 0; g < w.shift.size(); g++) {
        size_t length = 0, later = 0;
        for (size_t k = 0; k < w.k; k++) {
          length += w.group[k] == static_cast<int>(g);
          later += w.group[k] > static_cast<int>(g);
        }
        if (length == 0) continue;
        pass(w, static_cast<int>(g), length, first, later == 0, met);
        first = false;
        met.groups++;
        cycles += length + 2 * s_.rows + s_.cols - 2;
      }
      tick();
      met.replaced += w.nearest;
      for (size_t i = 0; i < s_.rows; i++) {
        for (size_t j = 0; j < s_.cols; j++) {
          int32_t wanted = expected(s_, w, w.row0 + i, w.col0 + j, met);
          checks_.that(out_[i * s_.cols + j] == wanted,
                       "%s: tile %d (k %zu): row %zu column %zu: %d, expected %d", s_.name, n, w.k,
                       i, j, out_[i * s_.cols + j], wanted);
        }
      }
    }
    checks_.that(tile_->cycles_o == static_cast<uint32_t>(cycles),
                 "%s: %u cycles, expected %" PRIu64, s_.name, tile_->cycles_o, cycles);
    checks_.that(met.saturations > 0 && met.skipped > 0 && met.replaced > 0 && met.stalls > 0 &&
                     met.groups > static_cast<uint64_t>(tiles),
                 "%s: a case was not met", s_.name);
    std::printf("%s: %" PRIu64 " passes, %" PRIu64 " k passed over, %" PRIu64 " saturations\n",
                s_.name, met.groups, met.skipped, met.saturations);
  }

private:
  // Each walker with the draw of its output's k = from.
  void load(const Work &w, size_t from) {
    uint64_t apart = 0xFFFFFFFFu / s_.lanes;
    for (size_t i = 0; i < s_.rows; i++) {
      for (size_t j = 0; j < s_.cols; j++) {
        uint64_t e = ((w.row0 + i) * w.cols + w.col0 + j) * w.k + from;
        uint64_t steps = e % s_.lanes * apart + e / s_.lanes * s_.acc.acc_round.random_bits;
        tile_->load_i = 1;
        tile_->load_row_i = static_cast<uint8_t>(i);
        tile_->load_col_i = static_cast<uint8_t>(j);
        tile_->load_lane_i = static_cast<uint8_t>(e % s_.lanes);
        tile_->load_state_i = bt_lfsr_jump(w.lane0, steps);
        tick();
      }
    }
    tile_->load_i = 0;
  }

  void pass(const Work &w, int group, size_t length, bool first, bool last, Met &met) {
    size_t k = 0; // the walkers may begin at any k before the group's first
    if (random_.below(2))
      while (w.group[k] != group) k++;
    if (s_.acc.acc_shift > 0 && s_.acc.acc_round.mode == BT_STOCHASTIC) load(w, k);
    tile_->nearest_i = w.nearest;
    tile_->start_i = 1;
    tile_->len_i = static_cast<uint32_t>(length);
    tile_->first_i = first;
    tile_->last_i = last;
    tile_->lshift_i = static_cast<uint8_t>(w.shift[static_cast<size_t>(group)]);
    tile_->rshift_i = static_cast<uint8_t>(w.t);
    tick();
    tile_->start_i = 0;
    for (; tile_->ready_o; k++) {
      bool skip = k >= w.k || w.group[k] != group;
      tile_->skip_i = skip;
      met.skipped += skip;
      for (size_t i = 0; i < s_.rows; i++)
        bt_rtl::bytes(tile_->a_i)[i] = skip ? 85 : byte(w.a[(w.row0 + i) * w.k + k]);
      for (size_t j = 0; j < s_.cols; j++)
        bt_rtl::bytes(tile_->b_i)[j] = skip ? 85 : byte(w.b[(w.col0 + j) * w.k + k]);
      stall(met);
      tick();
    }
    tile_->skip_i = 0;
    for (; !tile_->done_o; tick()) stall(met);
    tick();
  }

  // Cycles in which the array stands.
  void stall(Met &met) {
    while (random_.below(8) == 0) {
      tile_->stall_i = 1;
      tick();
      tile_->stall_i = 0;
      tile_->eval();
      met.stalls++;
    }
  }

  static uint8_t byte(int8_t x) { return static_cast<uint8_t>(x); }

  void tick() {
    tile_.tick();
    if (!tile_->valid_o) return;
    std::memcpy(&out_[tile_->row_o * s_.cols], bt_rtl::bytes(tile_->sum_o), s_.cols * 4);
  }

  bench::Checks &checks_;
  Shape s_;
  bench::Random random_;
  bt_rtl::Simulation<Model> tile_;
  std::vector<int32_t> out_;
};

template <class Model> static void run(bench::Checks &checks, const Shape &s) {
  Bench<Model>(checks, s).run(500);
}

int main() {
  bench::Checks checks("test_rtl_array_variants");
  run<Vcheck_array_f12>(checks, {"3x4, 12 bits, 4 floor", 3, 4, 16,
                                 variant(12, false, 4, BT_FLOOR, 16, 0, 32)});
  run<Vcheck_array_n8>(checks, {"1x1, 8 bits, 6 nearest, chunks of 2 in 10", 1, 1, 16,
                                variant(8, false, 6, BT_NEAREST_EVEN, 16, 2, 10)});
  run<Vcheck_array_c10>(checks, {"2x5, 10 bits wrap, chunks of 4 in 12", 2, 5, 16,
                                 variant(10, true, 0, BT_FLOOR, 16, 4, 12)});
  run<Vcheck_array_r14>(checks, {"3x4, 14 bits, 3 stochastic, 4 lanes", 3, 4, 4,
                                 variant(14, false, 3, BT_STOCHASTIC, 16, 0, 32)});
  run<Vcheck_array_rc16>(checks, {"4x2, 12 bits, 5 stochastic of 3, chunks of 3 in 14, 16 lanes", 4,
                                  2, 16, variant(12, false, 5, BT_STOCHASTIC, 3, 3, 14)});
  run<Vcheck_array_r16>(checks, {"3x3, 16 bits, 2 stochastic of 24, 1 lane", 3, 3, 1,
                                 variant(16, false, 2, BT_STOCHASTIC, 24, 0, 32)});
  return checks.status();
}
