// Drives a verilated bt_machine: its registers by AXI4-Lite, and a memory behind its port.
#ifndef BT_RTL_MACHINE_DRIVER_H
#define BT_RTL_MACHINE_DRIVER_H

#include <deque>

#include "machine_models.h"
#include "simulation.h"

namespace bt_rtl {

// Any machine with the control port of bt_machine, and some memory.
template <class Model> class ControlDriver : public Machine {
public:
  explicit ControlDriver(const std::string &waves) : sim_(waves) {
    sim_->ctl_awvalid_i = sim_->ctl_wvalid_i = sim_->ctl_arvalid_i = 0;
    sim_->ctl_bready_i = sim_->ctl_rready_i = 1;
    sim_->ctl_wstrb_i = 15;
  }

  bool write(uint32_t place, uint32_t value) override {
    sim_->ctl_awaddr_i = static_cast<uint16_t>(place);
    sim_->ctl_wdata_i = value;
    sim_->ctl_awvalid_i = sim_->ctl_wvalid_i = 1;
    sim_.tick(); // nothing else is on its way: it is taken
    sim_->ctl_awvalid_i = sim_->ctl_wvalid_i = 0;
    bool good = sim_->ctl_bvalid_o && sim_->ctl_bresp_o == 0;
    sim_.tick();
    return good;
  }

  bool read(uint32_t place, uint32_t *value) override {
    sim_->ctl_araddr_i = static_cast<uint16_t>(place);
    sim_->ctl_arvalid_i = 1;
    sim_.tick();
    sim_->ctl_arvalid_i = 0;
    bool good = sim_->ctl_rvalid_o && sim_->ctl_rresp_o == 0;
    *value = sim_->ctl_rdata_o;
    sim_.tick();
    return good;
  }

  const char *wait(MemoryImage &memory, const Timing &timing, uint64_t limit) override {
    state_ = timing.seed;
    for (uint64_t now = 0; now < limit; now++) {
      if (sim_->interrupt_o) return idle() ? nullptr : "memory was at work at the end";
      const char *wrong = cycle(memory, timing, now);
      if (wrong) return wrong;
    }
    return "no interrupt";
  }

  bool interrupt() const override { return sim_->interrupt_o; }
  uint64_t clocks() const override { return sim_.clocks(); }
  void show(uint64_t first, uint64_t last) override { sim_.show(first, last); }
  void watch(uint32_t address) override {
    watched_address_ = address;
    watched_ = 0;
  }
  uint64_t watched() const override { return watched_; }

protected:
  // A clock cycle with memory. Outputs depend on registers alone: they stand since the last falling
  // edge. NULL, or what went wrong.
  virtual const char *cycle(MemoryImage &memory, const Timing &timing, uint64_t now) = 0;
  virtual bool idle() const = 0; // nothing is on its way

  bool stalled(const Timing &timing) {
    if (timing.stall == 0) return false;
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 56) < timing.stall;
  }

  static bool within(const MemoryImage &memory, uint32_t address) {
    return address % memory.word() == 0 && uint64_t{address} + memory.word() <= memory.size();
  }

  // A word into memory, the bytes that its strobes name.
  void store(MemoryImage &memory, uint32_t address, const uint8_t *data, const uint8_t *strobe) {
    uint8_t *at = memory.at(address);
    for (size_t i = 0; i < memory.word(); i++) {
      if (!(strobe[i / 8] >> i % 8 & 1)) continue;
      at[i] = data[i];
      if (watched_ == 0 && address + i == watched_address_) watched_ = sim_.clocks();
    }
  }

  Simulation<Model> sim_;

private:
  uint64_t state_ = 0, watched_ = 0;
  uint32_t watched_address_ = 0; // where nothing lies
};

// bt_machine with a memory at its port.
// careful: checks, in each cycle, that requests do not depend on what memory answers in it, and
// that one that was made stands until it is taken.
template <class Model> class MachineDriver : public ControlDriver<Model> {
  using Base = ControlDriver<Model>;
  using Base::sim_;

public:
  explicit MachineDriver(const std::string &waves = "", bool careful = false)
      : Base(waves), careful_(careful) {
    sim_->req_ready_i = sim_->rsp_valid_i = 0;
    sim_->pending_i = sim_->error_i = 0;
  }

  bool clock(MemoryPort &port) override {
    MemoryPort::Answer answer = port.cycle({sim_->req_valid_o != 0, sim_->req_write_o != 0,
                                            sim_->req_addr_o, bytes(sim_->req_data_o),
                                            bytes(sim_->req_strb_o)});
    sim_->req_ready_i = answer.ready;
    sim_->rsp_valid_i = answer.word != nullptr;
    sim_->error_i = answer.error;
    if (answer.word) std::memcpy(bytes(sim_->rsp_data_i), answer.word, sizeof sim_->rsp_data_i);
    sim_.tick();
    sim_->req_ready_i = sim_->rsp_valid_i = sim_->error_i = 0;
    return true;
  }

protected:
  bool idle() const override { return pending_.empty(); }

  const char *cycle(MemoryImage &memory, const Timing &timing, uint64_t now) override {
    bool valid = sim_->req_valid_o, ready = !this->stalled(timing);
    uint32_t address = sim_->req_addr_o;
    sim_->req_ready_i = ready;
    sim_->rsp_valid_i = 0;
    if (!pending_.empty() && pending_.front().due <= now && !this->stalled(timing)) {
      sim_->rsp_valid_i = 1;
      std::memcpy(bytes(sim_->rsp_data_i), memory.at(pending_.front().address), memory.word());
      pending_.pop_front();
    }
    if (careful_) {
      sim_->eval();
      if (sim_->req_valid_o != valid || (valid && sim_->req_addr_o != address))
        return "a request that depends on memory's answer in the same cycle";
      if (held_ && (!valid || address != held_address_))
        return "a request that was withdrawn or changed";
      held_ = valid && !ready;
      held_address_ = address;
    }
    if (valid && ready) {
      if (!Base::within(memory, address)) return "a request outside of memory, or not at a word";
      if (sim_->req_write_o)
        this->store(memory, address, bytes(sim_->req_data_o), bytes(sim_->req_strb_o));
      else pending_.push_back({address, now + 1 + timing.latency});
    }
    sim_.tick();
    return nullptr;
  }

private:
  struct Word {
    uint32_t address;
    uint64_t due;
  };

  bool careful_, held_ = false;
  uint32_t held_address_ = 0;
  std::deque<Word> pending_;
};

} // namespace bt_rtl
#endif
