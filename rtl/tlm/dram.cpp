#include "dram.h"

#include <cstring>
#include <new>
#include <sys/mman.h>

namespace bt_tlm {

using sc_core::sc_time;

Dram::Dram(sc_core::sc_module_name name, const DramParameters &p, uint64_t bytes, uint32_t word,
           sc_time cycle)
    : sc_module(name), parameters_(p), rows_(p, word), bytes_(bytes), word_(word), cycle_(cycle) {
  void *pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<uint8_t *>(pages);
  socket.register_b_transport(this, &Dram::b_transport);
  socket.register_get_direct_mem_ptr(this, &Dram::get_direct_mem_ptr);
  socket.register_transport_dbg(this, &Dram::transport_dbg);
}

Dram::~Dram() { munmap(memory_, bytes_); }

bool Dram::within(const tlm::tlm_generic_payload &trans) const {
  return trans.get_address() < bytes_ && trans.get_data_length() <= bytes_ - trans.get_address();
}

void Dram::copy(tlm::tlm_generic_payload &trans) {
  uint8_t *memory = memory_ + trans.get_address(), *data = trans.get_data_ptr();
  const uint8_t *enable = trans.get_byte_enable_ptr();
  size_t n = trans.get_data_length(), enables = trans.get_byte_enable_length();
  uint8_t *to = trans.is_write() ? memory : data, *from = trans.is_write() ? data : memory;
  if (!enable) std::memcpy(to, from, n);
  else
    for (size_t i = 0; i < n; i++)
      if (enable[i % enables]) to[i] = from[i];
}

// What the access takes from now on. An ideal memory moves a word a cycle.
sc_time Dram::time(const tlm::tlm_generic_payload &trans, sc_time now) {
  uint64_t address = trans.get_address(), bytes = trans.get_data_length();
  if (parameters_.ideal)
    return static_cast<double>((address + bytes - 1) / word_ - address / word_ + 1) * cycle_;
  uint64_t cycle = (now.value() + cycle_.value() - 1) / cycle_.value();
  uint64_t end = rows_.access(cycle, address, bytes, trans.is_read());
  return sc_time::from_value(end * cycle_.value() - now.value());
}

void Dram::b_transport(tlm::tlm_generic_payload &trans, sc_time &delay) {
  if (!within(trans)) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (trans.get_data_length() > 0 && trans.get_command() != tlm::TLM_IGNORE_COMMAND) {
    copy(trans);
    delay += time(trans, sc_core::sc_time_stamp() + delay);
  }
  trans.set_dmi_allowed(parameters_.ideal);
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

// Rows have a state that direct access would not see.
bool Dram::get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_ - 1);
  if (!parameters_.ideal) return false;
  dmi.set_dmi_ptr(memory_);
  dmi.set_read_latency(cycle_);
  dmi.set_write_latency(cycle_);
  dmi.allow_read_write();
  return true;
}

unsigned Dram::transport_dbg(tlm::tlm_generic_payload &trans) {
  if (!within(trans)) return 0;
  copy(trans);
  return trans.get_data_length();
}

} // namespace bt_tlm
