// Drives a verilated sequencer (docs/rtl.md, "Ports of a sequencer") with a memory behind it.
#ifndef BT_RTL_SEQUENCER_DRIVER_H
#define BT_RTL_SEQUENCER_DRIVER_H

#include <deque>

#include "descriptor.h"
#include "simulation.h"
#include "timing.h"

namespace bt_rtl {

struct SequencerResult {
  bool ended;         // false: it hung, or asked for what is not there
  const char *reason; // of !ended
  unsigned status;
  uint64_t cycles, work; // busy cycles; those with work_o
  uint64_t reads, writes;
};

template <class Model> class SequencerDriver {
public:
  SequencerDriver() {
    sim_->start_i = 0;
    sim_->req_ready_i = 0;
    sim_->rsp_valid_i = 0;
  }

  Simulation<Model> &simulation() { return sim_; }
  Model *operator->() { return sim_.operator->(); }

  SequencerResult run(const Descriptor &d, MemoryImage &memory, Timing timing,
                      uint64_t limit = 20000000) {
    SequencerResult r = {false, "no end", 0, 0, 0, 0, 0};
    state_ = timing.seed;
    pending_.clear();
    std::memcpy(bytes(sim_->desc_i), d.data(), sizeof d);
    sim_->start_i = 1;
    for (uint64_t now = 0; now < limit; now++) {
      sim_->req_ready_i = !stalled(timing);
      bool answered = respond(memory, timing, now);
      sim_->eval();
      if (sim_->req_valid_o && sim_->req_ready_i && !request(memory, timing, now, r)) return r;
      r.cycles += sim_->busy_o;
      r.work += sim_->work_o;
      bool done = sim_->done_o;
      if (done) r.status = sim_->status_o;
      sim_.tick();
      sim_->start_i = 0;
      if (answered) pending_.pop_front();
      if (!done) continue;
      r.ended = pending_.empty() && !sim_->busy_o;
      r.reason = r.ended ? "" : "done with reads on their way, or still busy";
      return r;
    }
    return r;
  }

private:
  struct Word {
    uint32_t address;
    uint64_t due;
  };

  bool stalled(const Timing &timing) {
    if (timing.stall == 0) return false;
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 56) < timing.stall;
  }

  bool respond(const MemoryImage &memory, const Timing &timing, uint64_t now) {
    sim_->rsp_valid_i = 0;
    if (pending_.empty() || pending_.front().due > now || stalled(timing)) return false;
    sim_->rsp_valid_i = 1;
    std::memcpy(bytes(sim_->rsp_data_i), memory.at(pending_.front().address), memory.word());
    return true;
  }

  bool request(MemoryImage &memory, const Timing &timing, uint64_t now, SequencerResult &r) {
    uint32_t address = sim_->req_addr_o;
    r.reason = "a request outside of memory, or not at a word";
    if (address % memory.word() != 0 || address + memory.word() > memory.size()) return false;
    r.reason = "no end";
    if (!sim_->req_write_o) {
      r.reads++;
      pending_.push_back({address, now + 1 + timing.latency});
      return true;
    }
    r.writes++;
    uint8_t *at = memory.at(address);
    const uint8_t *data = bytes(sim_->req_data_o), *strobe = bytes(sim_->req_strb_o);
    for (size_t i = 0; i < memory.word(); i++)
      if (strobe[i / 8] >> i % 8 & 1) at[i] = data[i];
    return true;
  }

  Simulation<Model> sim_;
  std::deque<Word> pending_;
  uint64_t state_ = 0;
};

} // namespace bt_rtl
#endif
