// The verilated machines, one class over any parameters, and their registers (docs/rtl.md,
// "Registers").
#ifndef BT_RTL_MACHINE_MODELS_H
#define BT_RTL_MACHINE_MODELS_H

#include <memory>
#include <string>
#include <vector>

#include "memory_image.h"
#include "timing.h"

namespace bt_rtl {

enum MachineRegister : uint32_t {
  REG_SIZES = 0x00,
  REG_ENABLE = 0x04,
  REG_STATUS = 0x08, // busy, done, and the status in bits 15:8; writing bit 1 acknowledges
  REG_NUMBER = 0x0c,
  REG_ADDRESS = 0x10,
  REG_COUNT = 0x14, // writing it rings the doorbell
  REG_MEMORY = 0x18,
  REG_ARRAY = 0x1c,
  REG_COMMANDS = 0x20, // bit i: it has command i
  REG_COUNTERS = 0x40, // 8 bytes each
  REG_LANES = 0x100    // 4 bytes each
};

enum MachineCounter : uint32_t {
  COUNTER_BUSY,
  COUNTER_ARRAY,
  COUNTER_QUANTIZER,
  COUNTER_VECTOR,
  COUNTER_SCALAR,
  COUNTER_STALL,
  COUNTER_READS,
  COUNTER_WRITES,
  COUNTER_COMMANDS,
  COUNTER_CLIPPED,
  COUNTER_OVERFLOW,
  COUNTER_FLUSHED,
  COUNTERS
};

struct MachineParameters {
  size_t lanes, rows, cols;
  int acc_bits;
  bool saturate;
};

class Machine {
public:
  virtual ~Machine() = default;
  // A register; false where the machine refuses.
  virtual bool write(uint32_t place, uint32_t value) = 0;
  virtual bool read(uint32_t place, uint32_t *value) = 0;
  // Clocks until the interrupt. NULL, or what went wrong.
  virtual const char *wait(MemoryImage &memory, const Timing &timing, uint64_t limit) = 0;
  virtual bool interrupt() const = 0;
  virtual uint64_t clocks() const = 0; // since reset
  // Waves of these clocks alone; all of them at first.
  virtual void show(uint64_t first, uint64_t last) = 0;
  // From now on watched() is the clock in which memory's byte at `address` was first written, or 0.
  virtual void watch(uint32_t address) = 0;
  virtual uint64_t watched() const = 0;

  uint32_t get(uint32_t place) {
    uint32_t value = 0;
    (void)read(place, &value);
    return value;
  }
  uint64_t counter(MachineCounter c) {
    uint64_t low = get(REG_COUNTERS + 8 * c);
    return low | uint64_t{get(REG_COUNTERS + 8 * c + 4)} << 32;
  }
};

// The machines built. waves: a VCD file or empty.
const std::vector<MachineParameters> &machine_models();
bool machine_has_waves(); // built with BITTRUE_TRACE
std::unique_ptr<Machine> make_machine(const MachineParameters &p, const std::string &waves);

} // namespace bt_rtl
#endif
