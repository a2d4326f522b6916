#include "register_watch.h"

#include <bitset>
#include <cstring>
#include <stdexcept>

#include "verilated.h"
#include "verilated_syms.h"

namespace bt_rtl {

namespace {

std::string indexed(const std::string &name, size_t i) {
  return name + "[" + std::to_string(i) + "]";
}

} // namespace

RegisterWatch::RegisterWatch(const VerilatedContext &context, const std::string &top, size_t rows,
                             size_t cols, int acc_bits) {
  const std::string array = "TOP." + top + ".u_array.";
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < cols; c++) {
      std::string pe = array + indexed("gen_row", r) + "." + indexed("gen_col", c) + ".u_pe";
      add(context, pe, "a_q", 1, 8, &Toggles::a);
      add(context, pe, "b_q", 1, 8, &Toggles::b);
      add(context, pe, "acc_q", 1, acc_bits, &Toggles::acc);
    }
  }
  for (size_t r = 1; r < rows; r++) // line 0 is a wire
    add(context, array + indexed("gen_a", r) + ".u_skew.gen_stages", "stage_q", r, 8,
        &Toggles::skew_a);
  for (size_t c = 1; c < cols; c++)
    add(context, array + indexed("gen_b", c) + ".u_skew.gen_stages", "stage_q", c, 8,
        &Toggles::skew_b);
  restart();
}

// `count` elements of `bits` bits each, one behind the other.
void RegisterWatch::add(const VerilatedContext &context, const std::string &scope,
                        const char *name, size_t count, int bits, uint64_t Toggles::*toggles) {
  const VerilatedScope *found = context.scopeFind(scope.c_str());
  VerilatedVar *variable = found ? found->varFind(name) : nullptr;
  if (!variable) throw std::logic_error("the model shows no register " + scope + "." + name);
  size_t bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
  uint32_t mask = bits < 32 ? (uint32_t{1} << bits) - 1 : ~uint32_t{0};
  const uint8_t *data = static_cast<const uint8_t *>(variable->datap());
  for (size_t i = 0; i < count; i++)
    registers_.push_back({data + i * bytes, bytes, mask, 0, toggles});
}

uint32_t RegisterWatch::read(const Register &r) {
  uint32_t value = 0;
  std::memcpy(&value, r.data, r.bytes);
  return value & r.mask;
}

void RegisterWatch::restart() {
  for (Register &r : registers_) r.last = read(r);
}

void RegisterWatch::sample() {
  for (Register &r : registers_) {
    uint32_t now = read(r);
    toggles_.*r.count += std::bitset<32>(now ^ r.last).count();
    r.last = now;
  }
}

} // namespace bt_rtl
