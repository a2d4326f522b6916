// The machine's registers (docs/rtl.md, "Registers"), whatever stands behind them.
#ifndef BT_RTL_MACHINE_REGISTERS_H
#define BT_RTL_MACHINE_REGISTERS_H

#include <cstdint>

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

class Registers {
public:
  virtual ~Registers() = default;
  // A register; false where the machine refuses.
  virtual bool write(uint32_t place, uint32_t value) = 0;
  virtual bool read(uint32_t place, uint32_t *value) = 0;

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

} // namespace bt_rtl
#endif
