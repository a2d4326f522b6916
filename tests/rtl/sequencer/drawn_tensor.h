// Tensors of drawn commands, for benches of sequencers: shapes and values are weighted towards what
// breaks machines. And what those benches share: an engine, and the cost model's cycles.
#ifndef BT_RTL_DRAWN_TENSOR_H
#define BT_RTL_DRAWN_TENSOR_H

#include <cstring>
#include <memory>
#include <vector>

#include "bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cost/count.h"
#include "num/format.h"
#include "ref/ref.h"
}

namespace bench {

inline void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

class Tensors {
public:
  bt_tensor *add(const bt_tensor &shape) {
    all_.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(all_.back().get())) std::exit(1);
    return all_.back().get();
  }
  ~Tensors() {
    for (auto &t : all_) bt_tensor_free(t.get());
  }

private:
  std::vector<std::unique_ptr<bt_tensor>> all_;
};

inline bt_format drawn_format(Random &random, bt_block block) {
  bt_format f = {};
  f.kind = BT_BFP;
  f.wl = static_cast<int>(random.below(3) ? random.range(2, 8) : random.range(9, 16));
  f.block = block;
  f.asymmetric = random.below(3) == 0;
  if (block == BT_BLOCK_TILE) {
    f.tile_rows = 1 + static_cast<int>(random.below(4));
    f.tile_cols = 1 << random.below(6);
  }
  if (block == BT_BLOCK_TENSOR && random.below(8) == 0) {
    f.kind = BT_FIXED;
    f.fl = static_cast<int>(random.below(61));
    f.asymmetric = true;
  }
  return f;
}

// Mantissas: drawn, small, or at the limits; exponents close to each other, up to and beyond 16
// apart, or at the limits; zero blocks, and nonzero ones at E = -128.
inline void fill(Random &random, bt_tensor &t) {
  int high = (1 << (t.fmt.wl - 1)) - 1, low = t.fmt.asymmetric ? -high - 1 : -high;
  size_t n = bt_tensor_elements(&t);
  uint64_t how = random.below(5);
  for (size_t i = 0; i < n; i++) {
    int64_t m = random.range(low, high);
    if (how == 1 || (how == 0 && random.below(3) == 0)) m = random.below(2) ? low : high;
    if (how == 2) m = high;
    if (how == 3) m = low;
    bt_tensor_store(&t, i, static_cast<int32_t>(m));
  }
  if (t.fmt.kind == BT_FIXED) return;
  static const int spreads[] = {0, 3, 15, 16, 17, 40, 255};
  int spread = spreads[random.below(7)];
  int base = static_cast<int>(random.range(-128, 127 - spread));
  uint64_t zeros = random.below(4); // 0: none; 3: many
  std::vector<bool> zero(bt_tensor_exponents(&t));
  for (size_t b = 0; b < zero.size(); b++) {
    int e = base + static_cast<int>(random.below(3)   ? random.range(0, spread)
                                    : random.below(2) ? 0
                                                      : spread);
    if (random.below(40) == 0) e = random.below(2) ? -128 : 127;
    zero[b] = zeros > 0 && random.below(zeros == 3 ? 2 : 8) == 0;
    if (zeros == 3 && random.below(4) == 0) zero.assign(zero.size(), true);
    t.exp[b] = static_cast<int16_t>(zero[b] ? -128 : e);
  }
  for (size_t i = 0; i < n; i++) {
    size_t b = bt_tensor_exponent_of(&t, i);
    if (zero[b]) {
      t.exp[b] = -128;
      bt_tensor_store(&t, i, 0);
    }
  }
}

// A shape of `rows` times `last` elements, of one to four dimensions.
inline std::vector<size_t> drawn_dims(Random &random, size_t rows, size_t last) {
  if (rows == 1 && random.below(2) == 0) return {last};
  if (rows % 6 == 0 && random.below(2)) return {rows / 6, 2, 3, last};
  if (rows % 2 == 0 && random.below(2)) return {rows / 2, 2, last};
  return {rows, last};
}

inline size_t drawn_last(Random &random) {
  static const size_t likely[] = {1,  2,  3,  4,  5,  7,  8,  10, 12, 15,
                                  16, 17, 24, 31, 32, 33, 48, 63, 64};
  return random.below(4) ? likely[random.below(19)] : 1 + random.below(64);
}

// Memory as slow as `which` says.
inline bt_rtl::Timing drawn_timing(Random &random, uint64_t which) {
  unsigned latency = which == 0 ? 0 : static_cast<unsigned>(random.below(10));
  unsigned stall = which < 2 ? 0 : static_cast<unsigned>(random.range(64, 128));
  return {latency, stall, random.next()};
}

// The reference engine, and the cost model of a machine of so many lanes.
class Reference {
public:
  explicit Reference(unsigned lanes) : machine_(bt_machine_default()) {
    bt_error error = {};
    machine_.lanes = lanes;
    engine_ = bt_ref_engine(&machine_);
    must(bt_lfsr_start(&rng_, 1, lanes), error);
  }
  ~Reference() { engine_->destroy(engine_); }

  // Checks and runs it.
  bt_status run(const bt_command &c) {
    bt_error error = {};
    must(bt_command_check(&c, &error), error);
    return engine_->run(engine_, &c, &rng_, &counts_, &error);
  }

  uint64_t vector_cycles(const bt_command &c) const {
    bt_error error = {};
    bt_cost cost = {};
    bt_cost_counts total;
    must(bt_cost_add(&cost, &machine_, &c, &error), error);
    must(bt_cost_total(&cost, &total, &error), error);
    return total.n[BT_COUNT_VECTOR_CYCLES];
  }

private:
  bt_machine machine_;
  bt_engine *engine_;
  bt_lfsr rng_ = {};
  bt_counts counts_ = {};
};

} // namespace bench
#endif
