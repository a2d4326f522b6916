// The bus: two initiators (driver, machine), two targets (registers, memory), decoded by address.
#ifndef BT_TLM_BUS_H
#define BT_TLM_BUS_H

#include "address_map.h"
#include "systemc_headers.h"

namespace bt_tlm {

class Bus : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket_tagged<Bus> from_driver{"from_driver"};
  tlm_utils::simple_target_socket_tagged<Bus> from_machine{"from_machine"};
  tlm_utils::simple_initiator_socket<Bus> to_registers{"to_registers"};
  tlm_utils::simple_initiator_socket<Bus> to_memory{"to_memory"};

  explicit Bus(sc_core::sc_module_name name);

private:
  using Target = tlm_utils::simple_initiator_socket<Bus>;

  // The target of an address and its first address on the bus; NULL where nothing lies.
  Target *decode(uint64_t address, uint64_t *base);
  void b_transport(int from, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  bool get_direct_mem_ptr(int from, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
  unsigned transport_dbg(int from, tlm::tlm_generic_payload &trans);
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);
};

} // namespace bt_tlm
#endif
