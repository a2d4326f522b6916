// The weight-stationary array with its store and aligner: drawn contractions, visit by visit and
// fold by fold, against emu/num in the order of k (saturation, chunks and shifts show any other)
// and, without groups, against bt_gemm_s8; the cycles against the cost model's; with stalls.
#include <deque>
#include <vector>

#include "Vcheck_ws_1x1.h"
#include "Vcheck_ws_3x4_c.h"
#include "Vcheck_ws_4x2_n.h"
#include "Vcheck_ws_4x3.h"
#include "Vcheck_ws_5x5_w.h"
#include "bench.h"
#include "bittrue.h"
#include "simulation.h"
extern "C" {
#include "cost/cycles.h"
#include "num/accumulate.h"
#include "num/align.h"
}

struct Shape {
  const char *name;
  size_t rows, cols, depth;
  bt_accumulator acc;
};

struct Met {
  uint64_t saturations = 0, folds = 0, short_folds = 0, groups = 0, visits = 0, stalls = 0;
};

static bt_accumulator variant(int acc_bits, bool wrap, int shift, bt_rounding rounding,
                              size_t chunk, int psum_bits) {
  bt_accumulator acc = bt_accumulator_default();
  acc.acc_bits = acc_bits;
  acc.wrap = wrap;
  acc.acc_shift = shift;
  acc.acc_round.mode = rounding;
  acc.chunk = chunk;
  acc.psum_bits = psum_bits;
  return acc;
}

struct Work {
  size_t rows, cols, k;
  std::vector<int8_t> a, b;             // [rows][k], [k][cols]
  std::vector<std::vector<size_t>> group; // the k of each, ascending
  std::vector<int> shift;
  int t;
};

static Work draw_work(bench::Random &random, const Shape &s) {
  Work w;
  w.rows = 1 + random.below(2 * s.depth + 3);
  w.cols = 1 + random.below(2 * s.cols + 1);
  w.k = 1 + random.below(random.below(6) == 0 ? 100 : 4 * s.rows);
  bool extreme = random.below(4) == 0;
  for (size_t i = 0; i < w.rows * w.k; i++) w.a.push_back(extreme ? -128 : random.byte());
  for (size_t i = 0; i < w.cols * w.k; i++) w.b.push_back(extreme ? 127 : random.byte());
  size_t groups = random.below(2) ? 1 : 1 + random.below(3);
  w.group.resize(groups);
  for (size_t k = 0; k < w.k; k++) {
    size_t g = groups == 1 ? 0 : random.below(groups + 1); // the last one: in no group
    if (g < groups) w.group[g].push_back(k);
  }
  int shift = 0;
  for (size_t g = 0; g < groups; g++) {
    w.shift.push_back(shift);
    shift = static_cast<int>(random.range(shift, 16));
  }
  if (w.group[0].empty()) w.group[0].push_back(0);
  w.t = groups == 1 ? 0 : static_cast<int>(random.range(0, 12));
  return w;
}

static int32_t expected(const bt_accumulator &acc, const Work &w, size_t i, size_t j, Met &met) {
  int64_t sum = 0;
  for (size_t g = 0; g < w.group.size(); g++) {
    std::vector<int8_t> a, b;
    for (size_t k : w.group[g]) {
      a.push_back(w.a[i * w.k + k]);
      b.push_back(w.b[k * w.cols + j]);
    }
    if (a.empty()) continue;
    int32_t partial =
        bt_accumulate_ordered(&acc, a.size(), a.data(), b.data(), nullptr, &met.saturations);
    sum = bt_align_add(sum, partial, w.shift[g]);
  }
  return bt_align_finish(sum, w.t);
}

// The model's cycles of the whole contraction.
static uint64_t model_cycles(const Shape &s, const Work &w) {
  bt_machine machine = bt_machine_default();
  machine.rows = s.rows;
  machine.cols = s.cols;
  machine.dataflow = BT_DATAFLOW_WS;
  machine.sram_output_bytes = 2 * 4 * s.cols * s.depth;
  bt_command c = {};
  bt_geometry &g = c.u.contract.geometry;
  g.n = w.rows;
  g.h = g.w = g.kh = g.kw = g.stride = g.oh = g.ow = 1;
  g.c = w.k;
  g.o = w.cols;
  c.u.contract.direction = BT_FORWARD;
  bt_passes passes;
  bt_cost_plain_passes(&machine, &c, &passes);
  passes.folds = 0;
  for (const std::vector<size_t> &k : w.group) passes.folds += (k.size() + s.rows - 1) / s.rows;
  return static_cast<uint64_t>(bt_cost_array_cycles(&machine, &passes));
}

template <class Model> class Bench {
public:
  Bench(bench::Checks &checks, const Shape &s) : checks_(checks), s_(s), random_(checks.seed()) {
    tile_->start_i = 0;
    tile_->stall_i = 0;
    tile_->drop_i = 0;
  }

  void run(int count) {
    uint64_t cycles = 0;
    for (int n = 0; n < count; n++) {
      Work w = draw_work(random_, s_);
      work_ = &w;
      stalls_ = random_.below(3);
      out_.assign(w.rows * w.cols, 0x5a5a5a5a);
      rows_seen_ = 0;
      for (size_t row = 0; row < w.rows; row += s_.depth)
        for (size_t col = 0; col < w.cols; col += s_.cols) visit(w, row, col);
      for (int i = 0; i < 4; i++) tick(); // the last rows leave behind the last fold
      cycles += model_cycles(s_, w);
      checks_.that(tile_->cycles_o == static_cast<uint32_t>(cycles),
                   "%s: contraction %d: %u cycles, expected %" PRIu64, s_.name, n, tile_->cycles_o,
                   cycles);
      compare(w, n);
    }
    checks_.that(met_.saturations > 0 && (s_.rows == 1 || met_.short_folds > 0) &&
                     met_.stalls > 0 && met_.groups > met_.visits && met_.folds > met_.groups,
                 "%s: a case was not met", s_.name);
    std::printf("%s: %" PRIu64 " visits, %" PRIu64 " groups, %" PRIu64 " folds, %" PRIu64
                " short, %" PRIu64 " saturations\n",
                s_.name, met_.visits, met_.groups, met_.folds, met_.short_folds, met_.saturations);
  }

private:
  void compare(const Work &w, int n) {
    size_t tiles = (w.cols + s_.cols - 1) / s_.cols;
    checks_.that(rows_seen_ == w.rows * tiles, "%s: contraction %d: %zu rows left", s_.name, n,
                 rows_seen_);
    for (size_t i = 0; i < w.rows; i++) {
      for (size_t j = 0; j < w.cols; j++) {
        int32_t wanted = expected(s_.acc, w, i, j, met_), got = out_[i * w.cols + j];
        checks_.that(got == wanted,
                     "%s: contraction %d (%zu x %zu, k %zu): %zu %zu: %d, expected %d",
                     s_.name, n, w.rows, w.cols, w.k, i, j, got, wanted);
      }
    }
    if (w.group.size() > 1) return;
    std::vector<int32_t> gemm(w.rows * w.cols);
    bt_gemm_s8(&s_.acc, w.rows, w.cols, w.k, w.a.data(), w.b.data(), nullptr, gemm.data(), nullptr,
               nullptr);
    checks_.that(gemm == out_, "%s: contraction %d: not bt_gemm_s8's", s_.name, n);
  }

  void visit(const Work &w, size_t row, size_t col) {
    size_t m = w.rows - row < s_.depth ? w.rows - row : s_.depth;
    places_.push_back({row, col, m});
    met_.visits++;
    size_t last = 0;
    for (size_t g = 0; g < w.group.size(); g++)
      if (!w.group[g].empty()) last = g;
    bool first = true;
    for (size_t g = 0; g <= last; g++) {
      const std::vector<size_t> &k = w.group[g];
      if (k.empty()) continue;
      met_.groups++;
      for (size_t begin = 0; begin < k.size(); begin += s_.rows) {
        tile_->open_i = begin == 0;
        tile_->close_i = begin + s_.rows >= k.size();
        tile_->first_i = first;
        tile_->last_i = g == last;
        tile_->lshift_i = static_cast<uint8_t>(w.shift[g]);
        tile_->rshift_i = static_cast<uint8_t>(w.t);
        fold(w, k, begin, row, col, m);
      }
      first = false;
    }
    for (uint64_t i = random_.below(3); i > 0; i--) tick();
  }

  void fold(const Work &w, const std::vector<size_t> &k, size_t begin, size_t row, size_t col,
            size_t m) {
    size_t len = k.size() - begin < s_.rows ? k.size() - begin : s_.rows;
    met_.folds++;
    met_.short_folds += len < s_.rows;
    tile_->len_i = static_cast<uint8_t>(len);
    tile_->rows_i = static_cast<uint32_t>(m);
    tile_->start_i = 1;
    tick(); // also the last cycle of the fold before
    tile_->start_i = 0;
    for (size_t r = s_.rows; r-- > 0;) {
      for (size_t c = 0; c < s_.cols; c++)
        bt_rtl::bytes(tile_->b_i)[c] =
            r < len && col + c < w.cols ? byte(w.b[k[begin + r] * w.cols + col + c]) : 85;
      checks_.that(tile_->load_o, "%s: does not load", s_.name);
      wait();
      tick();
    }
    for (size_t i = 0; i < m; i++) {
      for (size_t r = 0; r < s_.rows; r++)
        bt_rtl::bytes(tile_->a_i)[r] = r < len ? byte(w.a[(row + i) * w.k + k[begin + r]]) : 85;
      checks_.that(tile_->stream_o, "%s: does not stream", s_.name);
      wait();
      if (i + 1 < m || !tile_->done_o) tick();
    }
    while (!tile_->done_o) {
      wait();
      if (!tile_->done_o) tick();
    }
  }

  static uint8_t byte(int8_t x) { return static_cast<uint8_t>(x); }

  // Cycles in which the array stands.
  void wait() {
    while (stalls_ > 0 && random_.below(4) == 0) {
      tile_->stall_i = 1;
      tick();
      tile_->stall_i = 0;
      tile_->eval(); // done_o may follow stall_i
      met_.stalls++;
    }
  }

  void tick() {
    tile_.tick();
    if (!tile_->valid_o) return;
    rows_seen_++;
    if (places_.empty()) return;
    Place place = places_.front();
    size_t i = place.row + tile_->row_o;
    for (size_t c = 0; c < s_.cols && place.col + c < work_->cols && i < work_->rows; c++)
      std::memcpy(&out_[i * work_->cols + place.col + c], bt_rtl::bytes(tile_->sum_o) + 4 * c, 4);
    if (tile_->row_o + 1u == place.rows) places_.pop_front();
  }

  bench::Checks &checks_;
  Shape s_;
  bench::Random random_;
  bt_rtl::Simulation<Model> tile_;
  Met met_;
  const Work *work_ = nullptr;
  struct Place {
    size_t row, col, rows;
  };
  std::deque<Place> places_; // of visits whose rows leave; a visit may begin before the last have
  size_t rows_seen_ = 0;
  uint64_t stalls_ = 0;
  std::vector<int32_t> out_;
};

template <class Model> static void run(bench::Checks &checks, const Shape &s) {
  Bench<Model>(checks, s).run(400);
}

int main() {
  bench::Checks checks("test_rtl_array_ws");
  run<Vcheck_ws_4x3>(checks, {"4x3, 16 bits", 4, 3, 8, variant(16, false, 0, BT_FLOOR, 0, 32)});
  run<Vcheck_ws_1x1>(checks, {"1x1, 15 bits", 1, 1, 4, variant(15, false, 0, BT_FLOOR, 0, 32)});
  run<Vcheck_ws_5x5_w>(checks, {"5x5, 12 bits wrap, 3 floor", 5, 5, 3,
                                variant(12, true, 3, BT_FLOOR, 0, 32)});
  run<Vcheck_ws_4x2_n>(checks, {"4x2, 8 bits, 6 nearest", 4, 2, 16,
                                variant(8, false, 6, BT_NEAREST_EVEN, 0, 32)});
  run<Vcheck_ws_3x4_c>(checks, {"3x4, 10 bits, 4 nearest, chunks of 4 in 14", 3, 4, 5,
                                variant(10, false, 4, BT_NEAREST_EVEN, 4, 14)});
  return checks.status();
}
