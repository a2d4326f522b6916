// Drives a verilated affine_plan and a verilated affine_unit.
#ifndef BT_RTL_AFFINE_DRIVER_H
#define BT_RTL_AFFINE_DRIVER_H

#include <algorithm>
#include <vector>

#include "simulation.h"

namespace bt_rtl {

constexpr size_t AFFINE_TERMS = 4; // products; the addend comes behind them
constexpr size_t AFFINE_LATENCY = 4, AFFINE_PLAN_LATENCY = 3;

// A term of a cell as affine_plan sees it.
struct AffineTerm {
  bool counts;
  int step, bits; // 0 and 0 for the addend
  uint32_t mantissa;
  int high, low;
};
struct AffineCell {
  AffineTerm term[AFFINE_TERMS + 1];
};
struct AffinePlan {
  int top, floor, exponent, bits;
};

// What a lane takes for one element.
struct AffineElement {
  int32_t x[AFFINE_TERMS];
  int x_exp[AFFINE_TERMS];
  int c[AFFINE_TERMS], c_exp[AFFINE_TERMS];
  int32_t c0;
  int c0_exp;
  int top, floor;
  bool mask;
};
struct AffineResult {
  int32_t y;
  int16_t exponent;
  bool kept;
};

// Writes bits low .. low + width - 1 of a port that is zero there.
template <class Port> void put(Port &port, size_t low, size_t width, int64_t value) {
  uint8_t *byte = bytes(port);
  for (size_t i = 0; i < width; i++)
    if (value >> i & 1) byte[(low + i) / 8] |= static_cast<uint8_t>(1u << (low + i) % 8);
}

template <class Port> uint64_t get(const Port &port, size_t low, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; i++)
    value |= uint64_t{bytes(port)[(low + i) / 8] >> (low + i) % 8 & 1u} << i;
  return value;
}

template <class Port> void clear(Port &port) { std::memset(bytes(port), 0, sizeof port); }

template <class Model> class AffinePlanner {
public:
  AffinePlanner() { sim_->valid_i = 0; }

  // One cell a clock.
  std::vector<AffinePlan> run(const std::vector<AffineCell> &cells) {
    std::vector<AffinePlan> plans;
    for (size_t i = 0; i < cells.size() + AFFINE_PLAN_LATENCY - 1; i++) {
      sim_->valid_i = i < cells.size();
      if (i < cells.size()) give(cells[i]);
      sim_.tick();
      if (sim_->valid_o) plans.push_back(result());
    }
    sim_->valid_i = 0;
    sim_.tick();
    return plans;
  }

private:
  void give(const AffineCell &cell) {
    clear(sim_->counts_i), clear(sim_->step_i), clear(sim_->bits_i), clear(sim_->mantissa_i);
    clear(sim_->high_i), clear(sim_->low_i);
    for (size_t k = 0; k <= AFFINE_TERMS; k++) {
      const AffineTerm &t = cell.term[k];
      put(sim_->counts_i, k, 1, t.counts);
      put(sim_->high_i, 16 * k, 16, t.high);
      put(sim_->low_i, 16 * k, 16, t.low);
      if (k == AFFINE_TERMS) {
        sim_->c0_mantissa_i = t.mantissa;
        break;
      }
      put(sim_->step_i, 16 * k, 16, t.step);
      put(sim_->bits_i, 5 * k, 5, t.bits);
      put(sim_->mantissa_i, 16 * k, 16, t.mantissa);
    }
  }

  AffinePlan result() const {
    int top = static_cast<int>(sim_->top_o);
    return {top >= 1 << 16 ? top - (1 << 17) : top, static_cast<int>(sim_->floor_o),
            static_cast<int16_t>(sim_->exp_o), static_cast<int>(sim_->bits_o)};
  }

  Simulation<Model> sim_;
};

template <class Model> class AffineDriver {
public:
  explicit AffineDriver(size_t lanes) : lanes_(lanes) { clear(sim_->valid_i); }

  // One beat; elements beyond `count` are not valid, and their lanes see what was there before.
  void give(const AffineElement *element, size_t count, bool relu, bool masked) {
    clear(sim_->valid_i);
    sim_->relu_i = relu;
    sim_->masked_i = masked;
    clear(sim_->mask_i), clear(sim_->x_i), clear(sim_->x_exp_i), clear(sim_->c_i);
    clear(sim_->c_exp_i), clear(sim_->c0_i), clear(sim_->c0_exp_i), clear(sim_->top_i);
    clear(sim_->floor_i);
    for (size_t l = 0; l < count; l++) lane(l, element[l]);
  }

  void tick() { sim_.tick(); }

  // The lanes with a result, as bits.
  uint64_t valid() const { return get(sim_->valid_o, 0, lanes_); }
  uint64_t kept() const { return get(sim_->kept_o, 0, lanes_); }
  AffineResult result(size_t l) const {
    return {static_cast<int32_t>(get(sim_->y_o, 32 * l, 32)),
            static_cast<int16_t>(get(sim_->y_exp_o, 16 * l, 16)), (kept() >> l & 1) != 0};
  }

  // A command of its own: a beat in each clock from the first to the last.
  std::vector<AffineResult> run(const std::vector<AffineElement> &elements, bool relu,
                                bool masked) {
    std::vector<AffineResult> results;
    for (size_t i = 0; results.size() < elements.size(); i += lanes_) {
      size_t first = std::min(i, elements.size());
      give(elements.data() + first, std::min(lanes_, elements.size() - first), relu, masked);
      tick();
      for (size_t l = 0; l < lanes_; l++)
        if (valid() >> l & 1) results.push_back(result(l));
      if (i > elements.size() + 16 * lanes_) break; // results are missing
    }
    return results;
  }

  uint64_t clocks() const { return sim_.clocks(); }

private:
  void lane(size_t l, const AffineElement &e) {
    put(sim_->valid_i, l, 1, 1);
    put(sim_->mask_i, l, 1, e.mask);
    for (size_t k = 0; k < AFFINE_TERMS; k++) {
      size_t at = k * lanes_ + l;
      put(sim_->x_i, 32 * at, 32, e.x[k]);
      put(sim_->x_exp_i, 16 * at, 16, e.x_exp[k]);
      put(sim_->c_i, 16 * at, 16, e.c[k]);
      put(sim_->c_exp_i, 16 * at, 16, e.c_exp[k]);
    }
    put(sim_->c0_i, 32 * l, 32, e.c0);
    put(sim_->c0_exp_i, 16 * l, 16, e.c0_exp);
    put(sim_->top_i, 17 * l, 17, e.top);
    put(sim_->floor_i, 5 * l, 5, e.floor);
  }

  size_t lanes_;
  Simulation<Model> sim_;
};

} // namespace bt_rtl
#endif
