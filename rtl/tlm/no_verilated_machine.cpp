// In builds without the machine in Verilog.
#include <stdexcept>

#include "verilated_machine.h"

namespace bt_tlm {

std::unique_ptr<MachineModule> make_verilated(const bt_machine &, sc_core::sc_time) {
  throw std::runtime_error("target rtl: this build has none; configure with BITTRUE_RTL=ON");
}

} // namespace bt_tlm
