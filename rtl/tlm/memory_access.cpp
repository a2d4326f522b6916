#include "memory_access.h"

namespace bt_tlm {

using sc_core::sc_time;

void MemoryAccess::begin(sc_time now) {
  buffers_.clear();
  now_ = now;
  excess_[0] = excess_[1] = sc_core::SC_ZERO_TIME;
  words_[0] = words_[1] = 0;
  failed_ = false;
}

// NULL where memory grants no direct access, or not there.
uint8_t *MemoryAccess::direct(uint32_t address, size_t n) {
  if (!asked_) {
    tlm::tlm_generic_payload trans;
    trans.set_address(address);
    trans.set_read();
    asked_ = true;
    direct_ = socket_->get_direct_mem_ptr(trans, dmi_) && dmi_.is_read_write_allowed();
  }
  if (!direct_ || address < dmi_.get_start_address() ||
      address + uint64_t{n} > dmi_.get_end_address() + 1)
    return nullptr;
  return dmi_.get_dmi_ptr() + (address - dmi_.get_start_address());
}

MemoryAccess::Buffer &MemoryAccess::add(uint32_t address, size_t n, bool written) {
  buffers_.push_back({address, std::vector<uint8_t>(n), written});
  return buffers_.back();
}

void MemoryAccess::transport(Buffer &buffer, bool write) {
  if (buffer.bytes.empty()) return;
  tlm::tlm_generic_payload trans;
  sc_time delay = now_;
  trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(buffer.address);
  trans.set_data_ptr(buffer.bytes.data());
  trans.set_data_length(static_cast<unsigned>(buffer.bytes.size()));
  trans.set_streaming_width(trans.get_data_length());
  socket_->b_transport(trans, delay);
  failed_ = failed_ || !trans.is_response_ok();
  uint64_t last = buffer.address + uint64_t{buffer.bytes.size()} - 1;
  uint64_t words = last / word_ - buffer.address / word_ + 1;
  sc_time plain = static_cast<double>(words) * cycle_, took = delay - now_;
  excess_[write] += took > plain ? took - plain : sc_core::SC_ZERO_TIME;
  words_[write] += words;
  now_ = delay;
}

uint8_t *MemoryAccess::read(uint32_t address, size_t n) {
  uint8_t *at = direct(address, n);
  if (at) return at;
  Buffer &buffer = add(address, n, false);
  transport(buffer, false);
  return buffer.bytes.data();
}

uint8_t *MemoryAccess::room(uint32_t address, size_t n) {
  uint8_t *at = direct(address, n);
  return at ? at : add(address, n, true).bytes.data();
}

uint8_t *MemoryAccess::change(uint32_t address, size_t n) {
  uint8_t *at = read(address, n);
  if (!buffers_.empty() && buffers_.back().bytes.data() == at) buffers_.back().written = true;
  return at;
}

void MemoryAccess::flush() {
  for (Buffer &buffer : buffers_)
    if (buffer.written) transport(buffer, true);
}

} // namespace bt_tlm
