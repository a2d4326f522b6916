// The machine as a loosely-timed target: its registers, and commands that run through an engine of
// the library, in the time that the cost model gives them (docs/tlm.md, "The loosely-timed
// machine").
#ifndef BT_TLM_MACHINE_TARGET_H
#define BT_TLM_MACHINE_TARGET_H

#include "descriptor.h"
#include "machine_registers.h"
#include "memory_access.h"
extern "C" {
#include "cost/machine_time.h"
#include "engine/engine.h"
}

namespace bt_tlm {

class MachineTarget : public MachineModule {
public:
  // engine: executes the commands; not owned.
  MachineTarget(sc_core::sc_module_name name, const bt_machine &machine, bt_engine *engine,
                sc_core::sc_time cycle);

private:
  // What a command comes to: its status, and what it adds to the counters.
  struct Outcome {
    unsigned status;
    uint64_t counters[bt_rtl::COUNTERS];
    sc_core::sc_time beyond; // what memory takes beyond a word a cycle
  };

  bool write_register(uint32_t place, uint32_t value, const sc_core::sc_time &delay) override;
  bool read_register(uint32_t place, uint32_t *value, const sc_core::sc_time &delay) override;
  void show_interrupt() { interrupt.write(done_ && enable_); }

  void work();
  void run_descriptors();
  Outcome run_one(uint32_t address);
  Outcome fetch(uint32_t address, bt_rtl::Descriptor *d);
  void execute(const bt_rtl::Descriptor &d, Outcome *o);
  unsigned run_command(const bt_command &c, bt_counts *counts);
  void spend(const Outcome &o);

  bt_machine machine_;
  bt_engine *engine_;
  uint32_t word_;
  MemoryAccess access_;
  bt_machine_history history_ = {}; // what its sequencers did since the reset
  tlm_utils::tlm_quantumkeeper keeper_;
  sc_core::sc_event bell_;
  bool enable_ = false, done_ = false, busy_ = false;
  uint32_t status_ = 0, number_ = 0, address_ = 0, count_ = 0, bytes_ = 0;
  uint64_t counters_[bt_rtl::COUNTERS] = {};
  uint32_t lane_[BT_MAX_LANES];
};

} // namespace bt_tlm
#endif
