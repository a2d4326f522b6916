// The machine in Verilog as a module of the platform.
#ifndef BT_TLM_VERILATED_MACHINE_H
#define BT_TLM_VERILATED_MACHINE_H

#include <memory>

#include "machine_module.h"
extern "C" {
#include "machine/machine.h"
}

namespace bt_tlm {

// Throws std::runtime_error where none was built for this machine, or at all.
std::unique_ptr<MachineModule> make_verilated(const bt_machine &machine, sc_core::sc_time cycle);

} // namespace bt_tlm
#endif
