// The machine's driver at its registers: one run of descriptors that lie in memory, from the
// doorbell to the interrupt's acknowledgement (docs/rtl.md, "A run").
#ifndef BT_RTL_DOORBELL_H
#define BT_RTL_DOORBELL_H

#include <functional>
#include <string>

#include "machine_registers.h"

namespace bt_rtl {

struct Run {
  uint32_t address, count; // of the descriptors
  uint32_t memory;         // bytes that addresses may reach
  uint32_t lanes;          // generators to set before and read after it; 0 to leave them
  uint32_t lane[64];       // their states, in and out
};

struct RunEnd {
  unsigned status;
  uint32_t number;              // descriptors done
  uint64_t counters[COUNTERS];  // since reset
};

// Rings and calls until_interrupt, which returns an empty text once the interrupt is there (they
// are enabled). Empty, or what went wrong; the run's own status is in *end.
std::string ring(Registers &machine, const std::function<std::string()> &until_interrupt, Run &run,
                 RunEnd *end);

} // namespace bt_rtl
#endif
