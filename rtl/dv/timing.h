#ifndef BT_RTL_TIMING_H
#define BT_RTL_TIMING_H

#include <cstdint>

namespace bt_rtl {

// How slow memory is: a word comes `latency` cycles after its request, and in each cycle requests
// are refused and words held back with a chance of `stall` in 256. Drawn from `seed`.
struct Timing {
  unsigned latency, stall;
  uint64_t seed;
};

} // namespace bt_rtl
#endif
