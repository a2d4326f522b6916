// What the benches share: random numbers from a printed seed, and a count of checks.
#ifndef BT_RTL_BENCH_H
#define BT_RTL_BENCH_H

#include <cinttypes>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

// How many of a bench's drawn cases it takes: a few where coverage is counted, which the others do
// not add to, and where a model takes thirty times as long.
constexpr int drawn(int cases) {
#ifdef BITTRUE_RTL_COVERAGE
  return cases / 20;
#else
  return cases;
#endif
}

// SplitMix64.
class Random {
public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  uint64_t below(uint64_t n) { return next() % n; }
  int64_t range(int64_t low, int64_t high) { // both included
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
  }
  // An int8 that is often at the limits.
  int8_t byte() {
    static const int8_t corners[] = {-128, -127, -1, 0, 1, 126, 127};
    return below(3) == 0 ? corners[below(7)] : static_cast<int8_t>(range(-128, 127));
  }

private:
  uint64_t state_;
};

// Counts checks and prints the first failures.
class Checks {
public:
  // BENCH_SEED in the environment changes the random part of a bench.
  explicit Checks(const char *name) : name_(name) {
    const char *text = std::getenv("BENCH_SEED");
    seed_ = text ? std::strtoull(text, nullptr, 0) : 1;
    std::printf("%s: seed %" PRIu64 "\n", name, seed_);
  }

  uint64_t seed() const { return seed_; }

  __attribute__((format(printf, 3, 4))) void that(bool good, const char *format, ...) {
    count_++;
    if (good || failures_++ >= 10) return;
    va_list arguments;
    va_start(arguments, format);
    std::printf("%s: ", name_);
    std::vprintf(format, arguments);
    std::printf("\n");
    va_end(arguments);
  }

  // The exit status. No checks is a failure.
  int status() const {
    std::printf("%s: %" PRIu64 " checks, %" PRIu64 " failed\n", name_, count_, failures_);
    if (count_ > 0 && failures_ == 0) return 0;
    std::printf("run it alone: BENCH_SEED=%" PRIu64 " ctest -R '^%s$' -V\n", seed_, name_);
    return 1;
  }

private:
  const char *name_;
  uint64_t seed_, count_ = 0, failures_ = 0;
};

} // namespace bench
#endif
