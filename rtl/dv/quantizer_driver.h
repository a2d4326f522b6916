// Drives a verilated bfp_quantizer.
#ifndef BT_RTL_QUANTIZER_DRIVER_H
#define BT_RTL_QUANTIZER_DRIVER_H

#include <algorithm>

#include "models.h"
#include "simulation.h"

namespace bt_rtl {

template <class Model> class QuantizerDriver : public Quantizer {
public:
  QuantizerDriver(size_t lanes, const std::string &waves) : lanes_(lanes), sim_(waves) {
    sim_->start_i = 0;
    sim_->load_i = 0;
    sim_->stall_i = 0;
    sim_->fixed_i = 0;
    sim_->fixed_exp_i = 0;
    sim_->random_bits_i = 16;
    sim_->half_i = 0;
    sim_->tiles_i = 1;
    std::memset(bytes(sim_->tile_i), 0, (lanes_ + 7) / 8);
    sim_->clear_i = 1;
    sim_.tick();
    sim_->clear_i = 0;
    sim_.tick();
  }

  void load(const uint32_t *lane) override {
    std::memcpy(bytes(sim_->state_i), lane, lanes_ * sizeof(uint32_t));
    sim_->load_i = 1;
    sim_.tick();
    sim_->load_i = 0;
  }

  void read(uint32_t *lane) const override {
    std::memcpy(lane, bytes(sim_->state_o), lanes_ * sizeof(uint32_t));
  }

  BlockResult block(const Quantization &q, size_t begin, size_t end) override {
    size_t first = begin / lanes_, beats = (end - 1) / lanes_ - first + 1;
    sim_->wl_i = static_cast<uint8_t>(q.wl);
    sim_->mode_i = static_cast<uint8_t>(q.mode);
    sim_->asymmetric_i = q.asymmetric;
    sim_->beats_i = static_cast<uint32_t>(beats);
    sim_->start_i = 1;
    sim_.tick(); // also the last cycle of the block before, if there was one
    sim_->start_i = 0;
    for (size_t j = 0; j < beats; j++) {
      give(q, (first + j) * lanes_, begin, end);
      sim_.tick();
    }
    BlockResult result = {static_cast<int8_t>(sim_->shared_exp_o), sim_->overflow_o != 0,
                          sim_->flushed_o != 0, 0};
    sim_.tick(); // the exponent
    for (size_t j = 0; j < beats; j++) {
      give(q, (first + j) * lanes_, begin, end);
      sim_.tick();
      result.clipped += take(q, (first + j) * lanes_);
    }
    return result;
  }

  void finish() override {
    if (sim_->busy_o) sim_.tick();
  }

  uint32_t cycles() const override { return sim_->cycles_o; }
  uint64_t clocks() const override { return sim_.clocks(); }

private:
  // The beat of elements base .. base + lanes - 1. Lanes outside the block see their elements
  // too, as they would in a stream; lanes behind the tensor's end see zeros, and step
  // with its last block.
  void give(const Quantization &q, size_t base, size_t begin, size_t end) {
    size_t count = std::min(lanes_, q.n - base);
    std::memcpy(bytes(sim_->mant_i), q.mantissa + base, count * sizeof(int32_t));
    std::memset(bytes(sim_->mant_i) + count * sizeof(int32_t), 0, (lanes_ - count) * 4);
    std::memcpy(bytes(sim_->exp_i), q.exponent + base, count * sizeof(int16_t));
    std::memset(bytes(sim_->exp_i) + count * sizeof(int16_t), 0, (lanes_ - count) * 2);
    uint64_t valid = 0, step = 0;
    for (size_t l = 0; l < lanes_; l++) {
      size_t i = base + l;
      uint64_t bit = uint64_t{1} << l;
      if (i >= begin && i < end) valid |= bit;
      if (i >= begin && (i < end || (end == q.n && i >= end))) step |= bit;
    }
    set(sim_->valid_i, valid);
    set(sim_->step_i, step);
  }

  uint64_t take(const Quantization &q, size_t base) {
    const uint8_t *mantissas = bytes(sim_->mant_o);
    uint64_t clipped = 0;
    for (size_t l = 0; l < lanes_; l++) {
      if (!(uint64_t{sim_->valid_o} >> l & 1)) continue;
      std::memcpy(q.out + base + l, mantissas + 2 * l, sizeof(int16_t));
      clipped += uint64_t{sim_->clipped_o} >> l & 1;
    }
    return clipped;
  }

  template <class Port> static void set(Port &port, uint64_t mask) {
    port = static_cast<Port>(mask);
  }

  size_t lanes_;
  Simulation<Model> sim_;
};

} // namespace bt_rtl
#endif
