#include "driver.h"

#include <algorithm>

#include "address_map.h"

namespace bt_tlm {

namespace {

const size_t STACK_BYTES = size_t{1} << 20, BURST_BYTES = size_t{1} << 30;

} // namespace

Driver::Driver(sc_core::sc_module_name name, std::function<void(Driver &)> software)
    : sc_module(name) {
  sc_core::sc_spawn_options options;
  options.set_stack_size(STACK_BYTES);
  sc_core::sc_spawn(
      [this, software] {
        software(*this);
        // That it stops is no news.
        sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
        sc_core::sc_stop();
      },
      "software", &options);
}

// The driver is not decoupled: each access takes its time before it returns.
bool Driver::transport(tlm::tlm_command command, uint64_t address, uint8_t *data, size_t n) {
  tlm::tlm_generic_payload trans;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(data);
  trans.set_data_length(static_cast<unsigned>(n));
  trans.set_streaming_width(static_cast<unsigned>(n));
  socket->b_transport(trans, delay);
  wait(delay);
  return trans.is_response_ok();
}

bool Driver::write(uint32_t place, uint32_t value) {
  return transport(tlm::TLM_WRITE_COMMAND, REGISTERS_BASE + place,
                   reinterpret_cast<uint8_t *>(&value), sizeof value);
}

bool Driver::read(uint32_t place, uint32_t *value) {
  return transport(tlm::TLM_READ_COMMAND, REGISTERS_BASE + place,
                   reinterpret_cast<uint8_t *>(value), sizeof *value);
}

bool Driver::store(uint64_t address, const uint8_t *from, size_t n) {
  for (size_t i = 0; i < n; i += BURST_BYTES) // a target does not change what it is to write
    if (!transport(tlm::TLM_WRITE_COMMAND, MEMORY_BASE + address + i,
                   const_cast<uint8_t *>(from) + i, std::min(BURST_BYTES, n - i)))
      return false;
  return true;
}

bool Driver::load(uint64_t address, uint8_t *to, size_t n) {
  for (size_t i = 0; i < n; i += BURST_BYTES)
    if (!transport(tlm::TLM_READ_COMMAND, MEMORY_BASE + address + i, to + i,
                   std::min(BURST_BYTES, n - i)))
      return false;
  return true;
}

void Driver::await_interrupt() {
  while (!interrupt.read()) wait(interrupt.value_changed_event());
}

} // namespace bt_tlm
