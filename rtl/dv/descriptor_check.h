// What the machine refuses to run (docs/rtl.md, "Checks of a descriptor"), as rtl/hdl's
// descriptor_check does it.
#ifndef BT_RTL_DESCRIPTOR_CHECK_H
#define BT_RTL_DESCRIPTOR_CHECK_H

#include "descriptor.h"

namespace bt_rtl {

enum DescriptorStatus : unsigned {
  STATUS_DONE,
  STATUS_COMMAND,
  STATUS_OPTION,
  STATUS_ZERO,
  STATUS_MISALIGNED,
  STATUS_RANGE,
  STATUS_OVERLAP,
  STATUS_FORMAT,
  STATUS_LARGE,
  STATUS_SUM,
  STATUS_SHAPE,
  STATUS_MEMORY
};

const uint32_t ALL_COMMANDS = 0xFFFE; // bit i: command i

// The status of the first thing wrong, STATUS_DONE if nothing is. memory: bytes, in whole words.
unsigned check_descriptor(const Descriptor &d, size_t lanes, uint32_t memory,
                          uint32_t commands = ALL_COMMANDS);

} // namespace bt_rtl
#endif
