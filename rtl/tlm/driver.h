// The driver's side of the bus: registers and memory by transactions, and the interrupt. Software
// for it is a function that runs in its thread; when it returns, the simulation ends.
#ifndef BT_TLM_DRIVER_H
#define BT_TLM_DRIVER_H

#include <functional>

#include "doorbell.h"
#include "systemc_headers.h"

namespace bt_tlm {

class Driver : public sc_core::sc_module, public bt_rtl::Registers {
public:
  tlm_utils::simple_initiator_socket<Driver> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  Driver(sc_core::sc_module_name name, std::function<void(Driver &)> software);

  bool write(uint32_t place, uint32_t value) override;
  bool read(uint32_t place, uint32_t *value) override;

  // n bytes between the host and memory; false on an error of the bus. Takes simulated time.
  bool store(uint64_t address, const uint8_t *from, size_t n);
  bool load(uint64_t address, uint8_t *to, size_t n);

  // Until the interrupt is raised, at once if it is.
  void await_interrupt();

private:
  bool transport(tlm::tlm_command command, uint64_t address, uint8_t *data, size_t n);
};

} // namespace bt_tlm
#endif
