// The verilated machine on the platform: a clocked adapter from its memory port to transactions.
#ifndef BT_TLM_RTL_TARGET_H
#define BT_TLM_RTL_TARGET_H

#include <deque>

#include "machine_models.h"
#include "machine_module.h"

namespace bt_tlm {

class RtlTarget : public MachineModule, private bt_rtl::MemoryPort {
public:
  // word: of memory, in bytes.
  RtlTarget(sc_core::sc_module_name name, std::unique_ptr<bt_rtl::Machine> model, uint32_t word,
            sc_core::sc_time cycle);

private:
  struct Read {
    sc_core::sc_time due;
    std::vector<uint8_t> word;
    bool error;
  };

  bool write_register(uint32_t place, uint32_t value, const sc_core::sc_time &delay) override;
  bool read_register(uint32_t place, uint32_t *value, const sc_core::sc_time &delay) override;
  Answer cycle(const Request &request) override;
  bool transport(const Request &request);
  void work();
  bool ended();
  void show_interrupt() { interrupt.write(model_->interrupt() && enable_interrupt_); }

  std::unique_ptr<bt_rtl::Machine> model_;
  uint32_t word_;
  bool enable_interrupt_ = false, stale_ = false;
  tlm_utils::tlm_quantumkeeper keeper_;
  sc_core::sc_event bell_;
  std::deque<Read> reads_;
  std::vector<uint8_t> answer_, enable_;
};

} // namespace bt_tlm
#endif
