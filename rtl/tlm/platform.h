// The platform: driver, bus, DRAM and a machine, wired up (docs/tlm.md).
#ifndef BT_TLM_PLATFORM_H
#define BT_TLM_PLATFORM_H

#include <memory>

#include "bus.h"
#include "dram.h"
#include "driver.h"
#include "machine_module.h"
extern "C" {
#include "engine/engine.h"
}

namespace bt_tlm {

struct PlatformOptions {
  bool verilated = false; // the machine in Verilog in place of the loosely-timed one
  std::string engine = "fast"; // "ref" or "fast": executes for the loosely-timed machine
  unsigned threads = 1;        // of fast
  DramParameters dram;
  uint64_t memory_bytes = uint64_t{1} << 30;
  uint64_t quantum = 1000; // cycles
};

class Platform {
public:
  // Throws std::runtime_error with a line that says what is wrong.
  Platform(const bt_machine &machine, const PlatformOptions &options,
           std::function<void(Driver &)> software);
  ~Platform();

  const DramRows &rows() const { return dram_->rows(); }
  uint64_t memory_bytes() const { return options_.memory_bytes; }
  uint64_t cycles() const { return sc_core::sc_time_stamp().value() / cycle_.value(); }

private:
  std::unique_ptr<MachineModule> make_machine();

  bt_machine machine_;
  PlatformOptions options_;
  sc_core::sc_time cycle_;
  bt_engine *engine_ = nullptr;
  sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> interrupt_{"interrupt"};
  std::unique_ptr<Bus> bus_;
  std::unique_ptr<Dram> dram_;
  std::unique_ptr<MachineModule> target_;
  std::unique_ptr<Driver> driver_;
};

} // namespace bt_tlm
#endif
