// Counts the bits that change in the array's registers, in a model verilated with dv/watch.vlt.
#ifndef BT_RTL_REGISTER_WATCH_H
#define BT_RTL_REGISTER_WATCH_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

class VerilatedContext;

namespace bt_rtl {

struct Toggles {
  uint64_t a, b, acc, skew_a, skew_b;
};

class RegisterWatch {
public:
  // Of the mac_array u_array below the top module `top`. Throws std::logic_error for a register
  // that the model does not show.
  RegisterWatch(const VerilatedContext &context, const std::string &top, size_t rows, size_t cols,
                int acc_bits);

  void restart(); // what the registers hold now is where the next count starts from
  void sample();  // after a rising edge: adds the bits that differ from the state before
  const Toggles &toggles() const { return toggles_; }

private:
  struct Register {
    const uint8_t *data; // little-endian, as Verilator keeps it
    size_t bytes;
    uint32_t mask, last;
    uint64_t Toggles::*count;
  };
  void add(const VerilatedContext &context, const std::string &scope, const char *name,
           size_t count, int bits, uint64_t Toggles::*toggles);
  static uint32_t read(const Register &r);

  std::vector<Register> registers_;
  Toggles toggles_ = {0, 0, 0, 0, 0};
};

} // namespace bt_rtl
#endif
