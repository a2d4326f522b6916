// The lane's generator against single steps of the definition (numerics 4.1): every draw width,
// random states, and the first draws of a lane.
#include "Vcheck_lfsr.h"
#include "bench.h"
#include "simulation.h"

static uint32_t step(uint32_t x) { return (x >> 1) ^ (x & 1 ? 0xA3000000u : 0u); }

static void run(bench::Checks &checks, unsigned bits) {
  bench::Random random(checks.seed() + bits);
  bt_rtl::Simulation<Vcheck_lfsr> lfsr;
  lfsr->bits_i = static_cast<uint8_t>(bits);
  lfsr->step_i = 0;
  lfsr->load_i = 0;
  lfsr.tick();
  checks.that(lfsr->state_o == 1, "R %u: reset to 0x%x, expected 1", bits, lfsr->state_o);
  for (int n = 0; n < 4000; n++) {
    uint32_t x = static_cast<uint32_t>(random.next()) | (n < 32 ? 0u : 1u << (n % 32));
    if (n < 32) x = 1u << n;
    lfsr->load_i = 1;
    lfsr->state_i = x;
    lfsr->step_i = (n & 1) != 0; // load wins
    lfsr.tick();
    lfsr->load_i = 0;
    for (int draw = 0; draw < 4; draw++) {
      lfsr->step_i = 0;
      lfsr.tick();
      checks.that(lfsr->state_o == x, "R %u: state 0x%x moved without a step", bits, x);
      checks.that(lfsr->draw_o == x % (1u << bits) << (24 - bits), "R %u: state 0x%x draws 0x%x",
                  bits, x, static_cast<unsigned>(lfsr->draw_o));
      uint32_t expected = x;
      for (unsigned i = 0; i < bits; i++) expected = step(expected);
      lfsr->step_i = 1;
      lfsr.tick();
      checks.that(lfsr->state_o == expected, "R %u: 0x%x steps to 0x%x, expected 0x%x", bits, x,
                  lfsr->state_o, expected);
      x = expected;
    }
  }
}

int main() {
  bench::Checks checks("test_rtl_lfsr");
  checks.that(step(1) == 0xA3000000u && step(0xA3000000u) == 0x51800000u, "numerics 4.1's example");
  for (unsigned bits = 1; bits <= 24; bits++) run(checks, bits);
  return checks.status();
}
