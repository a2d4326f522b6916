#include "verilated_machine.h"

#include <stdexcept>

#include "rtl_target.h"

namespace bt_tlm {

std::unique_ptr<MachineModule> make_verilated(const bt_machine &machine, sc_core::sc_time cycle) {
  std::unique_ptr<bt_rtl::Machine> model =
      bt_rtl::make_machine({machine.lanes, machine.rows, machine.cols, machine.acc.acc_bits,
                            !machine.acc.wrap},
                           "");
  if (!model)
    throw std::runtime_error(std::string("machine ") + machine.name +
                             ": no Verilog was built for it (docs/rtl.md, \"The engine\")");
  uint32_t word = static_cast<uint32_t>(machine.lanes) * 4;
  return std::unique_ptr<MachineModule>(new RtlTarget("machine", std::move(model), word, cycle));
}

} // namespace bt_tlm
