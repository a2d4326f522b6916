// A verilated module with a clock and a reset, for models.cpp and the benches of tests/rtl.
#ifndef BT_RTL_SIMULATION_H
#define BT_RTL_SIMULATION_H

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "verilated.h"
#ifdef BITTRUE_RTL_COVERAGE
#include <atomic>
#include <cstdlib>
#include <unistd.h>

#include "verilated_cov.h"
#endif
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace bt_rtl {

// A port of any width as little-endian bytes: Verilator keeps narrow ones in an integer, wide
// ones in an array of 32-bit words.
template <class Port> uint8_t *bytes(Port &port) { return reinterpret_cast<uint8_t *>(&port); }
template <class Port> const uint8_t *bytes(const Port &port) {
  return reinterpret_cast<const uint8_t *>(&port);
}

// In a build that counts coverage, writes a context's counts to a file of its own in the folder that
// the environment names.
inline void write_coverage(VerilatedContext &context) {
#ifdef BITTRUE_RTL_COVERAGE
  static std::atomic<unsigned> files{0}; // of this process, by simulations of whatever models
  const char *folder = std::getenv("BITTRUE_RTL_COVERAGE_DIR");
  if (!folder) return;
  std::string file =
      std::string(folder) + "/" + std::to_string(getpid()) + "-" + std::to_string(files++) + ".dat";
  context.coveragep()->write(file.c_str());
#else
  (void)context;
#endif
}

// Registers without a reset start at random values, the same in each run.
template <class Model> class Simulation {
public:
  explicit Simulation(const std::string &waves = "") : context_(new VerilatedContext) {
    context_->randReset(2);
    context_->randSeed(1);
#if VM_TRACE
    context_->traceEverOn(true);
#else
    (void)waves;
#endif
    model_.reset(new Model(context_.get()));
#if VM_TRACE
    if (!waves.empty()) {
      trace_.reset(new VerilatedVcdC);
      model_->trace(trace_.get(), 99);
      trace_->open(waves.c_str());
    }
#endif
    model_->clk_i = 0;
    model_->rst_ni = 1;
    model_->eval();
    reset();
    clocks_ = 0;
  }

  ~Simulation() {
#if VM_TRACE
    if (trace_) trace_->close();
#endif
    model_->final();
    write_coverage(*context_);
    // A model takes its shown registers off the list of the thread's present context, which may be
    // another model's that is gone.
    Verilated::threadContextp(context_.get());
    model_.reset();
  }

  Model *operator->() { return model_.get(); }
  const Model *operator->() const { return model_.get(); }

  // One clock cycle. Afterwards outputs show the state behind the rising edge.
  void tick() {
    model_->clk_i = 1;
    model_->eval();
    dump();
    model_->clk_i = 0;
    model_->eval();
    dump();
    clocks_++;
  }

  uint64_t clocks() const { return clocks_; }
  // Waves of these clocks alone, from the one after tick() number `first` on.
  void show(uint64_t first, uint64_t last) {
    first_shown_ = first;
    last_shown_ = last;
  }
  const VerilatedContext &context() const { return *context_; }

  void reset() {
    model_->rst_ni = 0;
    model_->eval();
    tick();
    model_->rst_ni = 1;
    model_->eval();
  }

private:
  void dump() {
#if VM_TRACE
    context_->timeInc(1);
    if (trace_ && clocks_ >= first_shown_ && clocks_ <= last_shown_)
      trace_->dump(context_->time());
#endif
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
#if VM_TRACE
  std::unique_ptr<VerilatedVcdC> trace_;
#endif
  uint64_t clocks_ = 0, first_shown_ = 0, last_shown_ = UINT64_MAX;
};

} // namespace bt_rtl
#endif
