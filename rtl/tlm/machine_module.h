// What a machine on the platform is: registers as a target, memory as an initiator, an interrupt.
// One's own machine derives from it (docs/tlm.md, "A machine of one's own").
#ifndef BT_TLM_MACHINE_MODULE_H
#define BT_TLM_MACHINE_MODULE_H

#include "systemc_headers.h"

namespace bt_tlm {

class MachineModule : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<MachineModule> control{"control"};
  tlm_utils::simple_initiator_socket<MachineModule> memory{"memory"};
  sc_core::sc_out<bool> interrupt{"interrupt"};

protected:
  // cycle: of the machine's clock.
  MachineModule(sc_core::sc_module_name name, sc_core::sc_time cycle);

  // A register's word, at the annotated time; false for SLVERR (docs/rtl.md, "Registers").
  virtual bool write_register(uint32_t place, uint32_t value, const sc_core::sc_time &delay) = 0;
  virtual bool read_register(uint32_t place, uint32_t *value, const sc_core::sc_time &delay) = 0;

  const sc_core::sc_time cycle_;

private:
  void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
};

} // namespace bt_tlm
#endif
