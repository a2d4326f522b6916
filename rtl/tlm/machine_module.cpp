#include "machine_module.h"

#include <cstring>

namespace bt_tlm {

MachineModule::MachineModule(sc_core::sc_module_name name, sc_core::sc_time cycle)
    : sc_module(name), cycle_(cycle) {
  control.register_b_transport(this, &MachineModule::b_transport);
}

// AXI4-Lite takes a word in one cycle and answers in the next.
void MachineModule::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  uint32_t place = static_cast<uint32_t>(trans.get_address()), value = 0;
  bool good = trans.get_data_length() == 4 && !trans.get_byte_enable_ptr() && place % 4 == 0;
  if (trans.is_write()) {
    if (good) std::memcpy(&value, trans.get_data_ptr(), 4);
    good = good && write_register(place, value, delay);
  } else if (trans.is_read()) {
    good = good && read_register(place, &value, delay);
    if (trans.get_data_length() == 4) std::memcpy(trans.get_data_ptr(), &value, 4);
  }
  delay += 2 * cycle_;
  trans.set_response_status(good ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

} // namespace bt_tlm
