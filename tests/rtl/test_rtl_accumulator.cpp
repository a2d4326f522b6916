// Processing elements with the accumulators of numerics 8.1 against emu/num's: accumulators and
// partial sums of 8 bits from each of their values by every product, drawn sums elsewhere, with
// cycles that bring no product and cycles that do nothing in between; all roundings, and
// nearest_even in place of stochastic.
#include <vector>

#include "Vcheck_pe_c1.h"
#include "Vcheck_pe_c8.h"
#include "Vcheck_pe_cr.h"
#include "Vcheck_pe_cw.h"
#include "Vcheck_pe_f12.h"
#include "Vcheck_pe_n8.h"
#include "Vcheck_pe_p14.h"
#include "Vcheck_pe_p32.h"
#include "Vcheck_pe_r18.h"
#include "Vcheck_pe_r8.h"
#include "Vcheck_pe_s8.h"
#include "Vcheck_pe_w8.h"
#include "bench.h"
#include "bittrue.h"
#include "simulation.h"
extern "C" {
#include "num/accumulate.h"
}

struct Met {
  uint64_t saturations = 0, short_chunks = 0, chunks = 0, ties = 0, replaced = 0;
  uint64_t gaps = 0, waits = 0;
};

static bt_accumulator variant(int acc_bits, bool wrap, int shift, bt_rounding rounding,
                              unsigned random_bits, size_t chunk, int psum_bits) {
  bt_accumulator acc = bt_accumulator_default();
  acc.acc_bits = acc_bits;
  acc.wrap = wrap;
  acc.acc_shift = shift;
  acc.acc_round.mode = rounding;
  acc.acc_round.random_bits = random_bits;
  acc.chunk = chunk;
  acc.psum_bits = psum_bits;
  return acc;
}

template <class Model> class Bench {
public:
  Bench(bench::Checks &checks, const char *name, const bt_accumulator &acc, Met &met)
      : checks_(checks), name_(name), acc_(acc), met_(met), random_(checks.seed()) {
    pe_->last_i = 0;
    pe_->compute_i = 0;
    const uint64_t zero = 0;
    std::memcpy(bt_rtl::bytes(pe_->acc_i), &zero, sizeof pe_->acc_i);
  }

  // One sum; slow: with cycles of no product, and of nothing.
  void sum(const std::vector<int8_t> &a, const std::vector<int8_t> &b,
           const std::vector<uint32_t> &draws, bool nearest, bool slow) {
    clear();
    pe_->compute_i = 1;
    pe_->nearest_i = nearest;
    for (size_t k = 0; k < a.size(); k++) {
      while (slow && random_.below(3) == 0) idle();
      bool ends = acc_.chunk > 0 && (k + 1) % acc_.chunk == 0;
      pair(a[k], b[k], draws[k], true, ends || k + 1 == a.size());
      met_.chunks += ends;
    }
    met_.short_chunks += acc_.chunk > 0 && a.size() % acc_.chunk != 0;
    while (slow && random_.below(3) == 0) idle();
    bt_accumulator acc = acc_;
    if (nearest && acc.acc_round.mode == BT_STOCHASTIC) {
      acc.acc_round.mode = BT_NEAREST_EVEN;
      met_.replaced++;
    }
    bool stochastic = acc.acc_shift > 0 && acc.acc_round.mode == BT_STOCHASTIC;
    int64_t expected = bt_accumulate_ordered(&acc, a.size(), a.data(), b.data(),
                                             stochastic ? draws.data() : nullptr,
                                             &met_.saturations);
    if (acc.acc_shift > 0 && acc.acc_round.mode == BT_NEAREST_EVEN && acc.chunk == 0) {
      int mask = (1 << acc.acc_shift) - 1;
      met_.ties += (a[0] * b[0] & mask) == 1 << (acc.acc_shift - 1);
    }
    const uint64_t mask = (uint64_t{1} << acc_.acc_bits) - 1;
    uint64_t got = pe_->acc_o;
    checks_.that(got == (static_cast<uint64_t>(expected) & mask),
                 "%s: %zu products from %d * %d: 0x%" PRIx64 ", expected 0x%" PRIx64, name_,
                 a.size(), a[0], b[0], got, static_cast<uint64_t>(expected) & mask);
  }

  // Every product onto every value that one product s * 2^shift leaves: all of the accumulator's,
  // or of the partial sum's, where these have 8 bits.
  void exhaust(bool nearest) {
    std::vector<uint8_t> seen(32769, 0);
    int start_bits = acc_.chunk > 0 ? 0 : acc_.acc_shift;
    uint32_t draw_mask = (uint32_t{1} << acc_.acc_round.random_bits) - 1;
    for (int x = -128; x < 128; x++) {
      for (int y = -128; y < 128; y++) {
        uint8_t &once = seen[static_cast<size_t>(x * y + 16384)];
        if (once) continue;
        once = 1;
        for (int s = -128; s < 128; s++) {
          sum({static_cast<int8_t>(s), static_cast<int8_t>(x)},
              {static_cast<int8_t>(1 << start_bits), static_cast<int8_t>(y)},
              {draw(draw_mask), draw(draw_mask)}, nearest, false);
        }
      }
    }
  }

  // Sums one after another, of lengths up to several chunks, some of extreme operands only.
  void drawn(int sums) {
    uint32_t draw_mask = (uint32_t{1} << acc_.acc_round.random_bits) - 1;
    for (int n = 0; n < sums; n++) {
      size_t longest = random_.below(16) == 0 ? 300 : 3 * acc_.chunk + 4;
      size_t length = 1 + random_.below(longest);
      std::vector<int8_t> a, b;
      std::vector<uint32_t> draws;
      bool extreme = random_.below(4) == 0, small = random_.below(4) == 0;
      int8_t value = random_.below(2) ? -128 : 127;
      for (size_t k = 0; k < length; k++) {
        int8_t x = random_.byte(), y = random_.byte();
        a.push_back(extreme ? -128 : small ? static_cast<int8_t>(x % 8) : x);
        b.push_back(extreme ? value : small ? static_cast<int8_t>(y % 8) : y);
        draws.push_back(draw(draw_mask));
      }
      sum(a, b, draws, random_.below(3) == 0, random_.below(2) == 0);
    }
  }

private:
  uint32_t draw(uint32_t mask) {
    uint64_t kind = random_.below(6);
    return kind == 0 ? 0 : kind == 1 ? mask : static_cast<uint32_t>(random_.next()) & mask;
  }

  void pair(int8_t a, int8_t b, uint32_t draw, bool product, bool enter) {
    pe_->a_i = static_cast<uint8_t>(a);
    pe_->b_i = static_cast<uint8_t>(b);
    pe_->step_i = 1;
    pe_->product_i = product;
    pe_->enter_i = enter;
    std::memcpy(bt_rtl::bytes(pe_->draw_i), &draw, sizeof pe_->draw_i);
    pe_.tick();
  }

  // A pair of zeros that is no product, or a cycle in which the array stands.
  void idle() {
    uint32_t any = static_cast<uint32_t>(random_.next()) &
                   ((uint32_t{1} << acc_.acc_round.random_bits) - 1);
    if (random_.below(2)) {
      pair(0, 0, any, false, false);
      met_.gaps++;
    } else {
      pe_->compute_i = 0;
      pair(random_.byte(), random_.byte(), any, random_.below(2), random_.below(2));
      pe_->compute_i = 1;
      met_.waits++;
    }
  }

  void clear() {
    pe_->compute_i = 0;
    pe_->drain_i = 1;
    pe_.tick();
    pe_->drain_i = 0;
  }

  bench::Checks &checks_;
  const char *name_;
  bt_accumulator acc_;
  Met &met_;
  bench::Random random_;
  bt_rtl::Simulation<Model> pe_;
};

template <class Model>
static void run(bench::Checks &checks, const char *name, const bt_accumulator &acc, bool small) {
  Met met;
  Bench<Model> bench(checks, name, acc, met);
  bool stochastic = acc.acc_shift > 0 && acc.acc_round.mode == BT_STOCHASTIC;
  bool nearest = acc.acc_shift > 0 && acc.acc_round.mode == BT_NEAREST_EVEN;
  if (small) bench.exhaust(false);
  if (small && stochastic) bench.exhaust(true);
  bench.drawn(20000);
  checks.that(met.saturations > 0 && met.gaps > 0 && met.waits > 0, "%s: never full or slow", name);
  checks.that(acc.chunk == 0 || met.chunks > 0, "%s: no whole chunk", name);
  checks.that(acc.chunk < 2 || met.short_chunks > 0, "%s: no short chunk", name);
  checks.that(!stochastic || met.replaced > 0, "%s: never nearest_even in its place", name);
  checks.that(!nearest || acc.chunk > 0 || met.ties > 0, "%s: no tie", name);
  std::printf("%s: %" PRIu64 " saturations, %" PRIu64 " chunks, %" PRIu64 " short, %" PRIu64
              " ties\n", name, met.saturations, met.chunks, met.short_chunks, met.ties);
}

int main() {
  bench::Checks checks("test_rtl_accumulator");
  run<Vcheck_pe_s8>(checks, "8 bits", variant(8, false, 0, BT_FLOOR, 16, 0, 32), true);
  run<Vcheck_pe_w8>(checks, "8 bits wrap, 2 nearest",
                    variant(8, true, 2, BT_NEAREST_EVEN, 16, 0, 32), true);
  run<Vcheck_pe_n8>(checks, "8 bits, 4 nearest", variant(8, false, 4, BT_NEAREST_EVEN, 16, 0, 32),
                    true);
  run<Vcheck_pe_r8>(checks, "8 bits, 4 stochastic", variant(8, false, 4, BT_STOCHASTIC, 16, 0, 32),
                    true);
  run<Vcheck_pe_f12>(checks, "12 bits, 4 floor", variant(12, false, 4, BT_FLOOR, 16, 0, 32), false);
  run<Vcheck_pe_c8>(checks, "8 bits, chunks of 3 in 8", variant(8, false, 0, BT_FLOOR, 16, 3, 8),
                    true);
  run<Vcheck_pe_cw>(checks, "10 bits wrap, 1 nearest, chunks of 4 in 9",
                    variant(10, true, 1, BT_NEAREST_EVEN, 16, 4, 9), false);
  run<Vcheck_pe_cr>(checks, "9 bits, 3 stochastic of 2, chunks of 5 in 12",
                    variant(9, false, 3, BT_STOCHASTIC, 2, 5, 12), false);
  run<Vcheck_pe_r18>(checks, "18 bits, 4 stochastic of 24",
                     variant(18, false, 4, BT_STOCHASTIC, 24, 0, 32), false);
  run<Vcheck_pe_c1>(checks, "9 bits, 6 stochastic of 1, chunks of 1 in 11",
                    variant(9, false, 6, BT_STOCHASTIC, 1, 1, 11), false);
  run<Vcheck_pe_p32>(checks, "8 bits, 14 nearest, chunks of 16 in 32",
                     variant(8, false, 14, BT_NEAREST_EVEN, 16, 16, 32), false);
  run<Vcheck_pe_p14>(checks, "32 bits, 14 stochastic of 7, chunks of 2 in 8",
                     variant(32, false, 14, BT_STOCHASTIC, 7, 2, 8), false);
  return checks.status();
}
