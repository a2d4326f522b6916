// descriptor_check against rtl/dv's check_descriptor: descriptors of good commands, each of them
// with every one of its words changed in turn, and random ones. Both must name the same status;
// good ones must pass; and every status must be met for every command that can earn it.
#include "Vcheck_descriptor_4.h"
#include "Vcheck_descriptor_16.h"

#include "descriptor_check.h"
#include "sample.h"
#include "simulation.h"

static bench::Checks checks("test_rtl_descriptor_check");
static uint64_t met[16][16]; // by command and status

template <class Model> class Driver {
public:
  explicit Driver(size_t lanes) : lanes_(lanes) { sim_->start_i = 0; }

  unsigned run(const bt_rtl::Descriptor &d, uint32_t memory) {
    std::memcpy(bt_rtl::bytes(sim_->desc_i), d.data(), sizeof d);
    uint32_t word = static_cast<uint32_t>(lanes_) * 4;
    sim_->memory_i = memory / word * word;
    sim_->start_i = 1;
    sim_.tick();
    sim_->start_i = 0;
    for (int i = 0; i < 4000; i++) {
      bool done = sim_->done_o;
      unsigned status = sim_->status_o;
      bool busy = sim_->busy_o;
      sim_.tick();
      if (!done && busy) continue;
      checks.that(done && !sim_->busy_o, "not busy before it was done, or busy after");
      longest_ = i > longest_ ? i : longest_;
      return status;
    }
    checks.that(false, "no end");
    std::exit(1);
  }

  // Both checks; returns the status.
  unsigned both(const bt_rtl::Descriptor &d, uint32_t memory, const char *what, size_t word) {
    unsigned rtl = run(d, memory), c = bt_rtl::check_descriptor(d, lanes_, memory);
    checks.that(rtl == c, "command %u, %s, word %zu = 0x%x: status %u in RTL, %u in C", d[0] & 255,
                what, word, d[word], rtl, c);
    if ((d[0] & 255) < 16 && c < 16) met[d[0] & 255][c]++;
    return c;
  }

  int longest() const { return longest_; }

private:
  size_t lanes_;
  bt_rtl::Simulation<Model> sim_;
  int longest_ = 0;
};

static uint32_t other(uint32_t value, bench::Random &random) {
  // Limits of parameters, and what lies beyond.
  static const uint32_t limits[] = {2,  3,  16, 17, 24,    25,    60,         61,
                                    64, 65, 255, 256, 65536, 65537, 0x7FFFFFFF, 0x80000000};
  switch (random.below(9)) {
  case 8: return limits[random.below(16)];
  case 0: return 0;
  case 1: return value + 1;
  case 2: return value - 1;
  case 3: return value ^ 1u << random.below(32);
  case 4: return value * 2;
  case 5: return static_cast<uint32_t>(random.below(70000));
  case 6: return value + static_cast<uint32_t>(random.below(8)) * 64;
  default: return static_cast<uint32_t>(random.next());
  }
}

template <class Model> static void test(size_t lanes, unsigned rounds) {
  bench::Random random(checks.seed());
  Driver<Model> driver(lanes);
  for (unsigned round = 0; round < rounds; round++)
    for (bt_op op : bench::ALL_OPS) {
      bench::Sample sample(op, random);
      bt_rtl::MemoryImage memory(lanes);
      bt_rtl::Descriptor good = bt_rtl::describe(sample.c, memory), d;
      uint32_t size = static_cast<uint32_t>(memory.size());
      unsigned status = driver.both(good, size, "as described", 0);
      checks.that(status == 0, "%s: status %u of a good descriptor", bt_op_name(op), status);
      for (size_t w = 0; w < bt_rtl::DESCRIPTOR_WORDS; w++)
        for (int n = 0; n < (good[w] == 0 ? 1 : 4); n++) {
          d = good;
          d[w] = other(d[w], random);
          driver.both(d, size, "one word changed", w);
        }
      // A place where another one is; a smaller memory; several words changed.
      for (int n = 0; n < 12; n++) {
        d = good;
        size_t to = 32 + 8 * (8 + random.below(4)) + random.below(2);
        d[to] = d[32 + 8 * random.below(12) + random.below(2)] +
                static_cast<uint32_t>(random.below(3) * lanes * 4);
        driver.both(d, size, "a place of another", to);
        driver.both(good, static_cast<uint32_t>(random.below(size)), "a smaller memory", 0);
        for (int i = 0; i < 3; i++) {
          size_t w = random.below(128);
          d[w] = other(d[w], random);
        }
        driver.both(d, size, "three words changed", 0);
      }
    }
  for (unsigned n = 0; n < rounds * 20; n++) {
    bt_rtl::Descriptor d;
    for (uint32_t &w : d) w = random.below(2) ? 0 : other(0, random);
    d[0] = static_cast<uint32_t>(random.below(20) | random.below(5) << 8);
    driver.both(d, 1u << 20, "random words", 0);
  }
  std::printf("lanes %zu: a check takes up to %d cycles\n", lanes, driver.longest());
}

int main() {
  test<Vcheck_descriptor_4>(4, 80);
  test<Vcheck_descriptor_16>(16, 10);
  for (unsigned op = 1; op < 16; op++) {
    std::printf("command %2u, times each status was met:", op);
    for (unsigned s = 0; s < 11; s++) std::printf(" %" PRIu64, met[op][s]);
    std::printf("\n");
    // Dropout has one tensor, without exponents: nothing can overlap.
    for (unsigned s : {0u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 10u})
      checks.that(met[op][s] > 0 || (op == 9 && s == 6), "command %u: status %u never met", op, s);
  }
  return checks.status();
}
