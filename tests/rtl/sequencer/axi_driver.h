// bt_machine_axi with an AXI4 memory that is as slow, and as free in its order, as the protocol
// allows: addresses and data of writes are taken apart from each other, a write lands when its
// answer leaves, a read sees memory as it was when its address was taken. Each cycle is checked
// against the protocol's rules.
#ifndef BT_RTL_AXI_DRIVER_H
#define BT_RTL_AXI_DRIVER_H

#include "machine_driver.h"

namespace bench {

using namespace bt_rtl;

template <class Model> class AxiDriver : public ControlDriver<Model> {
  using Base = ControlDriver<Model>;
  using Base::sim_;

public:
  AxiDriver() : Base("") {
    sim_->mem_awready_i = sim_->mem_wready_i = sim_->mem_arready_i = 0;
    sim_->mem_bvalid_i = sim_->mem_rvalid_i = 0;
    sim_->mem_bresp_i = sim_->mem_rresp_i = 0;
    sim_->mem_rlast_i = 1;
  }

  // After so many further answers one is an error; 0: none.
  void fail_after(uint64_t answers) { fail_ = answers; }
  uint64_t reads = 0, writes = 0;

protected:
  bool idle() const override { return reads_.empty() && addresses_.empty() && data_.empty(); }

  const char *cycle(MemoryImage &memory, const Timing &timing, uint64_t now) override {
    answer(memory, timing, now);
    sim_->mem_awready_i = !this->stalled(timing);
    sim_->mem_wready_i = !this->stalled(timing);
    sim_->mem_arready_i = !this->stalled(timing);
    sim_->eval();
    const char *wrong = take(memory, timing, now);
    if (wrong) return wrong;
    sim_.tick();
    return nullptr;
  }

private:
  struct Channel { // what was offered and not taken must stand
    bool held = false;
    std::vector<uint8_t> what;
    bool stands(bool valid, bool ready, const void *content, size_t size) {
      const uint8_t *at = static_cast<const uint8_t *>(content);
      std::vector<uint8_t> now(at, at + size);
      bool good = !held || (valid && now == what);
      held = valid && !ready;
      what = now;
      return good;
    }
  };
  struct Read {
    uint64_t due;
    std::vector<uint8_t> data;
  };
  struct Write {
    std::vector<uint8_t> data, strobe;
  };
  struct Address {
    uint64_t due;
    uint32_t at;
  };

  uint8_t response() { return fail_ > 0 && --fail_ == 0 ? 2 : 0; } // SLVERR or OKAY

  void answer(MemoryImage &memory, const Timing &timing, uint64_t now) {
    sim_->mem_rvalid_i = sim_->mem_bvalid_i = 0;
    if (!reads_.empty() && reads_.front().due <= now && !this->stalled(timing)) {
      sim_->mem_rvalid_i = 1;
      sim_->mem_rresp_i = response();
      std::memcpy(bytes(sim_->mem_rdata_i), reads_.front().data.data(), memory.word());
      reads_.pop_front();
    }
    if (!addresses_.empty() && !data_.empty() && addresses_.front().due <= now &&
        !this->stalled(timing)) {
      sim_->mem_bvalid_i = 1;
      sim_->mem_bresp_i = response();
      this->store(memory, addresses_.front().at, data_.front().data.data(),
                  data_.front().strobe.data());
      addresses_.pop_front();
      data_.pop_front();
    }
  }

  const char *take(MemoryImage &memory, const Timing &timing, uint64_t now) {
    size_t word = memory.word();
    uint8_t size = 0;
    while (size_t{1} << size < word) size++;
    if (!sim_->mem_bready_o || !sim_->mem_rready_o) return "an answer that is not taken";
    if (!address_.stands(sim_->mem_awvalid_o, sim_->mem_awready_i, &sim_->mem_awaddr_o, 4) ||
        !read_.stands(sim_->mem_arvalid_o, sim_->mem_arready_i, &sim_->mem_araddr_o, 4) ||
        !write_.stands(sim_->mem_wvalid_o, sim_->mem_wready_i, bytes(sim_->mem_wdata_o), word) ||
        !strobe_.stands(sim_->mem_wvalid_o, sim_->mem_wready_i, bytes(sim_->mem_wstrb_o), word / 8))
      return "AXI: what was offered changed before it was taken";
    if (sim_->mem_awvalid_o && (sim_->mem_awlen_o != 0 || sim_->mem_awsize_o != size ||
                                sim_->mem_awburst_o != 1 ||
                                !Base::within(memory, sim_->mem_awaddr_o)))
      return "AXI: a wrong write burst";
    if (sim_->mem_wvalid_o && !sim_->mem_wlast_o)
      return "AXI: a burst of one whose last is not last";
    if (sim_->mem_arvalid_o && (sim_->mem_arlen_o != 0 || sim_->mem_arsize_o != size ||
                                sim_->mem_arburst_o != 1 ||
                                !Base::within(memory, sim_->mem_araddr_o)))
      return "AXI: a wrong read burst";
    if (sim_->mem_awvalid_o && sim_->mem_awready_i) {
      addresses_.push_back({now + 1 + timing.latency, sim_->mem_awaddr_o});
      writes++;
    }
    if (sim_->mem_wvalid_o && sim_->mem_wready_i) {
      const uint8_t *data = bytes(sim_->mem_wdata_o), *strobe = bytes(sim_->mem_wstrb_o);
      data_.push_back({{data, data + word}, {strobe, strobe + word / 8}});
    }
    if (sim_->mem_arvalid_o && sim_->mem_arready_i) {
      const uint8_t *at = memory.at(sim_->mem_araddr_o);
      reads_.push_back({now + 1 + timing.latency, {at, at + word}});
      reads++;
    }
    return nullptr;
  }

  Channel address_, read_, write_, strobe_;
  std::deque<Read> reads_;
  std::deque<Address> addresses_;
  std::deque<Write> data_;
  uint64_t fail_ = 0;
};

} // namespace bench
#endif
