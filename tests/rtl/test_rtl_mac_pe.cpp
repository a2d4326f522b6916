// All 65,536 products of two int8 through a processing element, onto an accumulator that is 0,
// onto ones at and near each limit.
#include "Vcheck_pe.h"
#include "Vcheck_pe8.h"
#include "Vcheck_pe_wrap.h"
#include "bench.h"
#include "simulation.h"

template <class Model>
static void run(bench::Checks &checks, const char *name, int acc_bits, bool saturate) {
  bt_rtl::Simulation<Model> pe;
  const int64_t top = (int64_t{1} << (acc_bits - 1)) - 1, bottom = -top - 1;
  const uint64_t mask = (uint64_t{1} << acc_bits) - 1;
  const int64_t starts[] = {0, top, bottom, top - top / 3, bottom + top / 3};
  for (int64_t start : starts) {
    for (int a = -128; a < 128; a++) {
      for (int b = -128; b < 128; b++) {
        pe->compute_i = 0;
        pe->drain_i = 1;
        const uint64_t acc = static_cast<uint64_t>(start) & mask;
        std::memcpy(bt_rtl::bytes(pe->acc_i), &acc, sizeof pe->acc_i);
        pe.tick();
        pe->drain_i = 0;
        pe->compute_i = 1;
        pe->a_i = static_cast<uint8_t>(a);
        pe->b_i = static_cast<uint8_t>(b);
        pe.tick();
        int64_t sum = start + a * b;
        if (saturate) sum = sum > top ? top : sum < bottom ? bottom : sum;
        uint64_t expected = static_cast<uint64_t>(sum) & mask;
        checks.that(pe->acc_o == expected && pe->a_o == (a & 255) && pe->b_o == (b & 255),
                    "%s: %" PRId64 " + %d * %d: 0x%x, expected 0x%" PRIx64, name, start, a, b,
                    static_cast<unsigned>(pe->acc_o), expected);
      }
    }
  }
}

int main() {
  bench::Checks checks("test_rtl_mac_pe");
  run<Vcheck_pe>(checks, "acc 32 saturate", 32, true);
  run<Vcheck_pe8>(checks, "acc 8 saturate", 8, true);
  run<Vcheck_pe_wrap>(checks, "acc 14 wrap", 14, false);
  return checks.status();
}
