#include "bus.h"

namespace bt_tlm {

Bus::Bus(sc_core::sc_module_name name) : sc_module(name) {
  tlm_utils::simple_target_socket_tagged<Bus> *sockets[] = {&from_driver, &from_machine};
  for (int i = 0; i < 2; i++) {
    sockets[i]->register_b_transport(this, &Bus::b_transport, i);
    sockets[i]->register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, i);
    sockets[i]->register_transport_dbg(this, &Bus::transport_dbg, i);
  }
  to_memory.register_invalidate_direct_mem_ptr(this, &Bus::invalidate);
}

Bus::Target *Bus::decode(uint64_t address, uint64_t *base) {
  if (address < MEMORY_END) {
    *base = MEMORY_BASE;
    return &to_memory;
  }
  *base = REGISTERS_BASE;
  return address - REGISTERS_BASE < REGISTERS_BYTES ? &to_registers : nullptr;
}

void Bus::b_transport(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  uint64_t base, address = trans.get_address();
  Target *target = decode(address, &base);
  if (!target) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  trans.set_address(address - base);
  (*target)->b_transport(trans, delay);
  trans.set_address(address);
}

bool Bus::get_direct_mem_ptr(int, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi) {
  uint64_t base, address = trans.get_address();
  Target *target = decode(address, &base);
  if (!target) return false;
  trans.set_address(address - base);
  bool granted = (*target)->get_direct_mem_ptr(trans, dmi);
  trans.set_address(address);
  dmi.set_start_address(dmi.get_start_address() + base);
  dmi.set_end_address(dmi.get_end_address() + base);
  return granted;
}

unsigned Bus::transport_dbg(int, tlm::tlm_generic_payload &trans) {
  uint64_t base, address = trans.get_address();
  Target *target = decode(address, &base);
  if (!target) return 0;
  trans.set_address(address - base);
  unsigned n = (*target)->transport_dbg(trans);
  trans.set_address(address);
  return n;
}

void Bus::invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
  from_driver->invalidate_direct_mem_ptr(MEMORY_BASE + start, MEMORY_BASE + end);
  from_machine->invalidate_direct_mem_ptr(MEMORY_BASE + start, MEMORY_BASE + end);
}

} // namespace bt_tlm
