#include "rtl_target.h"

#include <algorithm>

namespace bt_tlm {

using sc_core::sc_time;

namespace {

const size_t READS_ON_THEIR_WAY = 16; // then requests wait
const uint64_t STATUS_INTERVAL = 256;
const size_t STACK_BYTES = size_t{4} << 20;

} // namespace

RtlTarget::RtlTarget(sc_core::sc_module_name name, std::unique_ptr<bt_rtl::Machine> model,
                     uint32_t word, sc_time cycle)
    : MachineModule(name, cycle), model_(std::move(model)), word_(word), answer_(word),
      enable_(word) {
  model_->write(bt_rtl::REG_ENABLE, 1); // the model's interrupt is its done; it is masked here
  sc_core::sc_spawn_options options;
  options.set_stack_size(STACK_BYTES);
  sc_core::sc_spawn([this] { work(); }, "work", &options);
}

// The access's two cycles are clocked here; memory's port is quiet in them.
bool RtlTarget::write_register(uint32_t place, uint32_t value, const sc_time &delay) {
  if (place == bt_rtl::REG_ENABLE) enable_interrupt_ = value & 1;
  bool stale = model_->interrupt();
  bool good = place == bt_rtl::REG_ENABLE || model_->write(place, value);
  if (place == bt_rtl::REG_COUNT && good) {
    stale_ = stale;
    bell_.notify(delay + 2 * cycle_);
  }
  show_interrupt();
  return good;
}

bool RtlTarget::read_register(uint32_t place, uint32_t *value, const sc_time &) {
  if (place != bt_rtl::REG_ENABLE) return model_->read(place, value);
  *value = enable_interrupt_;
  return true;
}

// Whether the run is over. A done that was never acknowledged hides the next one: then the status
// is read, now and then, for that costs the machine two cycles.
bool RtlTarget::ended() {
  stale_ = stale_ && model_->interrupt();
  if (!stale_) return model_->interrupt();
  return model_->clocks() % STATUS_INTERVAL == 0 && !(model_->get(bt_rtl::REG_STATUS) & 1);
}

void RtlTarget::work() {
  for (;;) {
    wait(bell_);
    keeper_.reset();
    while (!ended()) {
      model_->clock(*this);
      keeper_.inc(cycle_);
      if (keeper_.need_sync()) keeper_.sync();
    }
    reads_.clear();
    keeper_.sync();
    show_interrupt();
  }
}

// A write is done when it is taken: its delay holds later accesses back in memory, not the machine.
bool RtlTarget::transport(const Request &request) {
  tlm::tlm_generic_payload trans;
  sc_time delay = keeper_.get_local_time();
  std::vector<uint8_t> word(word_);
  if (request.write) {
    std::copy(request.data, request.data + word_, word.begin());
    for (size_t i = 0; i < word_; i++)
      enable_[i] = request.strobe[i / 8] >> i % 8 & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    trans.set_byte_enable_ptr(enable_.data());
    trans.set_byte_enable_length(word_);
  }
  trans.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(request.address);
  trans.set_data_ptr(word.data());
  trans.set_data_length(word_);
  trans.set_streaming_width(word_);
  memory->b_transport(trans, delay);
  if (!request.write) {
    sc_time due = sc_core::sc_time_stamp() + delay;
    if (!reads_.empty()) due = std::max(due, reads_.back().due + cycle_);
    reads_.push_back({due, std::move(word), !trans.is_response_ok()});
    return true;
  }
  return trans.is_response_ok();
}

bt_rtl::MemoryPort::Answer RtlTarget::cycle(const Request &request) {
  Answer answer = {reads_.size() < READS_ON_THEIR_WAY, nullptr, false};
  sc_time now = sc_core::sc_time_stamp() + keeper_.get_local_time();
  if (!reads_.empty() && reads_.front().due <= now) {
    answer_.swap(reads_.front().word);
    answer.word = answer_.data();
    answer.error = reads_.front().error;
    reads_.pop_front();
  }
  if (request.valid && answer.ready) answer.error = !transport(request) || answer.error;
  return answer;
}

} // namespace bt_tlm
