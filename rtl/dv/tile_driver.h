// Drives a verilated mac_tile.
#ifndef BT_RTL_TILE_DRIVER_H
#define BT_RTL_TILE_DRIVER_H

#include "models.h"
#include "simulation.h"

namespace bt_rtl {

template <class Model> class TileDriver : public Tile {
public:
  // watched_bits: of the accumulators of a watched model, 0 for another one.
  TileDriver(size_t rows, size_t cols, const std::string &waves, int watched_bits = 0)
      : rows_(rows), cols_(cols), sim_(waves) {
    sim_->start_i = 0;
    sim_->stall_i = 0;
    sim_->drop_i = 0;
    sim_->skip_i = 0;
    sim_->load_i = 0;
    sim_->nearest_i = 0;
    if (watched_bits > 0)
      watch_.reset(new RegisterWatch(sim_.context(), "mac_tile", rows, cols, watched_bits));
  }

  void run(const Pass &pass) override {
    sim_->start_i = 1;
    sim_->len_i = pass.len;
    sim_->first_i = pass.first;
    sim_->last_i = pass.last;
    sim_->lshift_i = static_cast<uint8_t>(pass.lshift);
    sim_->rshift_i = static_cast<uint8_t>(pass.rshift);
    tick(); // also the last cycle of the pass before, if there was one
    sim_->start_i = 0;
    sink_ = pass.sink;
    for (uint32_t k = 0; k < pass.len; k++) {
      std::memcpy(bytes(sim_->a_i), pass.a + k * rows_, rows_);
      std::memcpy(bytes(sim_->b_i), pass.b + k * cols_, cols_);
      tick();
    }
    while (!sim_->done_o) tick();
  }

  void finish() override {
    if (sim_->busy_o) tick();
  }

  uint32_t cycles() const override { return sim_->cycles_o; }
  uint64_t clocks() const override { return sim_.clocks(); }

  void clear() override {
    sim_.reset();
    if (watch_) watch_->restart();
  }

  Toggles toggles() const override { return watch_ ? watch_->toggles() : Toggles(); }

private:
  void tick() {
    sim_.tick();
    if (watch_) watch_->sample();
    if (!sim_->valid_o || sim_->row_o >= sink_.rows) return;
    std::memcpy(sink_.out + sim_->row_o * sink_.stride, bytes(sim_->sum_o),
                sink_.cols * sizeof(int32_t));
  }

  size_t rows_, cols_;
  Simulation<Model> sim_;
  std::unique_ptr<RegisterWatch> watch_;
  Sink sink_ = {nullptr, 0, 0, 0};
};

} // namespace bt_rtl
#endif
