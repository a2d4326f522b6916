// A command as the machine's descriptor (docs/rtl.md, "Descriptor").
#ifndef BT_RTL_DESCRIPTOR_H
#define BT_RTL_DESCRIPTOR_H

#include <array>

#include "memory_image.h"

namespace bt_rtl {

constexpr size_t DESCRIPTOR_WORDS = 128, DESCRIPTOR_PARAMETERS = 32, DESCRIPTOR_SLOTS = 12;
constexpr size_t SLOT_WORDS = 8, SLOT_OUT = 10, SLOT_OUT_NORM_BACK = 8;
using Descriptor = std::array<uint32_t, DESCRIPTOR_WORDS>;

// Puts the (checked) command's operands into memory, and makes room for its results.
Descriptor describe(const bt_command &c, MemoryImage &memory);

// The results, from memory into the command's outputs (and loss, average or statistics).
void collect(const bt_command &c, const Descriptor &d, const MemoryImage &memory);

// The command's number in a descriptor: word 0, bits 7:0.
uint32_t descriptor_op(bt_op op);

} // namespace bt_rtl
#endif
