#include "platform.h"

#include <stdexcept>

#include "machine_target.h"
#include "verilated_machine.h"
extern "C" {
#include "fast/fast.h"
#include "ref/ref.h"
}

namespace bt_tlm {

Platform::Platform(const bt_machine &machine, const PlatformOptions &options,
                   std::function<void(Driver &)> software)
    : machine_(machine), options_(options),
      cycle_(sc_core::sc_time::from_value(
          (1000000000000 + machine.clock_hz / 2) / machine.clock_hz)) { // of 1 ps
  uint32_t word = static_cast<uint32_t>(machine.lanes) * 4;
  tlm::tlm_global_quantum::instance().set(static_cast<double>(options.quantum) * cycle_);
  target_ = make_machine();
  bus_.reset(new Bus("bus"));
  dram_.reset(new Dram("dram", options.dram, options.memory_bytes, word, cycle_));
  driver_.reset(new Driver("driver", std::move(software)));
  driver_->socket.bind(bus_->from_driver);
  target_->memory.bind(bus_->from_machine);
  bus_->to_registers.bind(target_->control);
  bus_->to_memory.bind(dram_->socket);
  target_->interrupt.bind(interrupt_);
  driver_->interrupt.bind(interrupt_);
}

Platform::~Platform() {
  if (engine_) engine_->destroy(engine_);
}

std::unique_ptr<MachineModule> Platform::make_machine() {
  if (options_.verilated) return make_verilated(machine_, cycle_);
  if (machine_.dataflow != BT_DATAFLOW_OS)
    throw std::runtime_error(std::string("machine ") + machine_.name +
                             ": expected dataflow os, whose time is known");
  engine_ = options_.engine == "ref" ? bt_ref_engine(&machine_)
                                     : bt_fast_engine(&machine_, options_.threads);
  if (!engine_) throw std::runtime_error("out of memory or threads");
  return std::unique_ptr<MachineModule>(new MachineTarget("machine", machine_, engine_, cycle_));
}

} // namespace bt_tlm
