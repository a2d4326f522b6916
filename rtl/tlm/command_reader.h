// A checked descriptor as a command of the library, on tensors in the machine's memory: the way
// back from rtl/dv/descriptor.h (docs/rtl.md, "Descriptor", "Tensors in memory").
#ifndef BT_TLM_COMMAND_READER_H
#define BT_TLM_COMMAND_READER_H

#include <array>

#include "descriptor.h"
#include "memory_access.h"

namespace bt_tlm {

class CommandReader {
public:
  // word: of memory, in bytes.
  CommandReader(const bt_rtl::Descriptor &d, uint32_t word, MemoryAccess &memory);

  const bt_command &command() const { return c_; }

  // After the command has run: exponents and records of the outputs, then all of them to memory.
  void write_back();

private:
  struct Slot {
    uint32_t data, exponents, format, detail, elements, count, last, rest;
  };

  Slot slot(size_t s) const;
  bool there(size_t s) const { return slot(s).data != 0; }
  uint64_t pair(size_t i) const { return d_[i] | uint64_t{d_[i + 1]} << 32; }
  bt_constant constant(size_t i) const;
  bt_tensor shape(const Slot &s) const;
  bt_format format(const Slot &s) const;
  const bt_tensor *in(size_t s);
  bt_tensor *out(size_t s);
  void get_exponents(const Slot &s, bt_tensor &t);
  void put_exponents(const Slot &s, const bt_tensor &t);

  void read_contract();
  void read_affine();
  void read_dropout();
  void read_norm();
  void read_loss();
  void read_average();
  bt_statistics *read_statistics(size_t s, size_t channels, bool written);
  void read_parts();

  const bt_rtl::Descriptor &d_;
  uint32_t word_;
  MemoryAccess &memory_;
  bt_command c_{};
  std::array<bt_tensor, bt_rtl::DESCRIPTOR_SLOTS> tensor_{};
  std::array<std::vector<int16_t>, bt_rtl::DESCRIPTOR_SLOTS> exponent_;
  std::array<bool, bt_rtl::DESCRIPTOR_SLOTS> output_{};
  bt_loss loss_{};
  bt_average average_{};
  bt_statistics statistics_{};
  uint8_t *record_ = nullptr; // of the loss, or the entries of a record's exponents
};

} // namespace bt_tlm
#endif
