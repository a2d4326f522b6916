// The verilated machines, one class over any parameters.
#ifndef BT_RTL_MACHINE_MODELS_H
#define BT_RTL_MACHINE_MODELS_H

#include <memory>
#include <string>
#include <vector>

#include "machine_registers.h"
#include "memory_image.h"
#include "timing.h"

namespace bt_rtl {

struct MachineParameters {
  size_t lanes, rows, cols;
  int acc_bits;
  bool saturate;
};

// What stands at a machine's memory port (docs/rtl.md, "Ports of a sequencer"), cycle by cycle.
class MemoryPort {
public:
  struct Request { // data, strobe: of a write
    bool valid, write;
    uint32_t address;
    const uint8_t *data, *strobe;
  };
  struct Answer {
    bool ready;          // the request is taken
    const uint8_t *word; // of an earlier read, or NULL
    bool error;          // an answer is an error
  };
  virtual ~MemoryPort() = default;
  virtual Answer cycle(const Request &request) = 0;
};

class Machine : public Registers {
public:
  // Clocks until the interrupt. NULL, or what went wrong.
  virtual const char *wait(MemoryImage &memory, const Timing &timing, uint64_t limit) = 0;
  // One clock cycle with a memory elsewhere; between such cycles the port is quiet. False: this
  // machine cannot.
  virtual bool clock(MemoryPort &) { return false; }
  virtual bool interrupt() const = 0;
  virtual uint64_t clocks() const = 0; // since reset
  // Waves of these clocks alone; all of them at first.
  virtual void show(uint64_t first, uint64_t last) = 0;
  // From now on watched() is the clock in which memory's byte at `address` was first written, or 0.
  virtual void watch(uint32_t address) = 0;
  virtual uint64_t watched() const = 0;
};

// The machines built. waves: a VCD file or empty.
const std::vector<MachineParameters> &machine_models();
bool machine_has_waves(); // built with BITTRUE_TRACE
std::unique_ptr<Machine> make_machine(const MachineParameters &p, const std::string &waves);

} // namespace bt_rtl
#endif
