// DRAM as a TLM-2.0 target: b_transport with the delay of its rows, byte enables, and, where it is
// ideal, direct access.
#ifndef BT_TLM_DRAM_H
#define BT_TLM_DRAM_H

#include "dram_rows.h"
#include "systemc_headers.h"

namespace bt_tlm {

class Dram : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<Dram> socket{"socket"};

  // bytes: a multiple of the word. Its pages are the system's, zero until written.
  Dram(sc_core::sc_module_name name, const DramParameters &p, uint64_t bytes, uint32_t word,
       sc_core::sc_time cycle);
  ~Dram() override;

  const DramRows &rows() const { return rows_; }

private:
  void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload &trans);
  bool within(const tlm::tlm_generic_payload &trans) const;
  void copy(tlm::tlm_generic_payload &trans);
  sc_core::sc_time time(const tlm::tlm_generic_payload &trans, sc_core::sc_time now);

  DramParameters parameters_;
  DramRows rows_;
  uint64_t bytes_;
  uint32_t word_;
  sc_core::sc_time cycle_;
  uint8_t *memory_;
};

} // namespace bt_tlm
#endif
