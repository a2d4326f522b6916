// The command dropout through dropout_sequencer, against the reference engine: drawn streams,
// places in them and probabilities, with memory of several speeds.
#include <algorithm>

#include "Vcheck_dropout_16.h"
#include "Vcheck_dropout_4.h"
#include "bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cost/cycles.h"
#include "ref/ref.h"
}

enum Case {
  THRESHOLD_0, THRESHOLD_1, THRESHOLD_65535, THRESHOLD_65536, KEPT, DROPPED, FIRST_BEYOND_32_BITS,
  FIRST_BEYOND_63_BITS, EPOCH_BEYOND_32_BITS, SEED_0, SHORT_BEAT, ONE_BEAT, LONG, CASES
};
static const char *const NAMES[CASES] = {
    "threshold 0", "threshold 1", "threshold 65535", "threshold 65536", "kept", "dropped",
    "first index beyond 32 bits", "first index beyond 63 bits", "epoch beyond 32 bits", "seed 0",
    "short last beat", "one beat", "more than 100 beats"};

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

struct Bench {
  explicit Bench(bench::Checks &c) : checks(c), random(c.seed()) {
    bt_error error = {};
    bt_machine machine = bt_machine_default();
    ref = bt_ref_engine(&machine);
    must(bt_lfsr_start(&rng, 1, machine.lanes), error);
  }
  ~Bench() { ref->destroy(ref); }
  bench::Checks &checks;
  bench::Random random;
  bt_engine *ref;
  bt_lfsr rng = {};
  bt_counts counts = {};
  uint64_t met[CASES] = {};
  uint64_t latency = 0; // most cycles beyond work, of fast memory
};

static bt_command draw(bench::Random &r, bt_tensor *mask, size_t n) {
  bt_command c = {};
  c.op = BT_OP_DROPOUT;
  c.label.text = "drawn";
  c.out[0] = mask;
  auto &d = c.u.dropout;
  d.seed = r.below(8) ? r.next() : r.below(2);
  d.epoch = static_cast<decltype(d.epoch)>(r.below(3) ? 1 + r.below(300) : r.next() >> 20);
  d.layer = static_cast<decltype(d.layer)>(r.below(20));
  uint64_t step = r.below(3) ? r.below(1000) : r.below(2) ? r.next() >> 20 : r.next();
  d.step = static_cast<decltype(d.step)>(step / std::max<size_t>(n, 1));
  switch (r.below(8)) {
  case 0: d.drop = {0, 1}; break;
  case 1: d.drop = {1, 65536}; break;
  case 2: d.drop = {65535, 65536}; break;
  case 3: d.drop = {(1 << 20) - 1, 1 << 20}; break;
  case 4: d.drop = {static_cast<int64_t>(r.below(1 << 17)), 1 << 17}; break;
  default:
    d.drop.den = 1 + static_cast<int64_t>(r.below(1000));
    d.drop.num = static_cast<int64_t>(r.below(static_cast<uint64_t>(d.drop.den)));
  }
  return c;
}

static void count(Bench &b, const bt_rtl::Descriptor &d, const bt_tensor &mask, size_t lanes) {
  uint64_t first = static_cast<uint64_t>(d[7]) << 32 | d[6];
  size_t n = bt_tensor_elements(&mask), kept = 0;
  for (size_t i = 0; i < n; i++) kept += static_cast<const uint8_t *>(mask.data)[i];
  b.met[THRESHOLD_0] += d[8] == 0;
  b.met[THRESHOLD_1] += d[8] == 1;
  b.met[THRESHOLD_65535] += d[8] == 65535;
  b.met[THRESHOLD_65536] += d[8] == 65536;
  b.met[KEPT] += kept;
  b.met[DROPPED] += n - kept;
  b.met[FIRST_BEYOND_32_BITS] += first >> 32 != 0;
  b.met[FIRST_BEYOND_63_BITS] += first >> 63 != 0;
  b.met[EPOCH_BEYOND_32_BITS] += d[5] != 0;
  b.met[SEED_0] += d[2] == 0 && d[3] == 0;
  b.met[SHORT_BEAT] += n % lanes != 0;
  b.met[ONE_BEAT] += n <= lanes;
  b.met[LONG] += n > 100 * lanes;
}

template <class Model>
static void run(Bench &b, bt_rtl::SequencerDriver<Model> &driver, size_t lanes,
                bt_rtl::Timing timing) {
  bench::Random &r = b.random;
  size_t n = 1 + r.below(r.below(4) ? 200 : 4000);
  bt_tensor mask = bt_tensor_byte("mask", 1, &n);
  if (!bt_tensor_alloc(&mask)) std::exit(1);
  bt_command c = draw(r, &mask, n);
  bt_rtl::MemoryImage memory(lanes);
  bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
  bt_error error = {};
  must(bt_command_check(&c, &error), error);
  must(b.ref->run(b.ref, &c, &b.rng, &b.counts, &error), error);
  bt_rtl::SequencerResult s = driver.run(d, memory, timing, 1000000);
  bt_machine machine = bt_machine_default();
  machine.lanes = static_cast<unsigned>(lanes);
  uint64_t work = static_cast<uint64_t>(bt_cost_vector_cycles(&machine, &c));
  b.checks.that(s.ended && s.status == 0 && s.work == work && s.reads == 0,
                "%zu lanes, %zu elements: ended %d, status %u, work %" PRIu64 ", expected %" PRIu64,
                lanes, n, s.ended, s.status, s.work, work);
  b.checks.that(memory.intact(), "%zu elements: wrote outside of the mask", n);
  const uint8_t *at = memory.at(d[bt_rtl::DESCRIPTOR_PARAMETERS +
                                  bt_rtl::SLOT_OUT * bt_rtl::SLOT_WORDS]);
  const uint8_t *want = static_cast<const uint8_t *>(mask.data);
  size_t i = 0;
  while (i < n && at[i] == want[i]) i++;
  b.checks.that(i == n, "%zu lanes: element %zu of %zu is %d", lanes, i, n, i < n ? at[i] : 0);
  for (i = n; i % memory.word() != 0; i++)
    b.checks.that(at[i] == 0xA5, "%zu elements: a byte behind the mask was written", n);
  if (timing.stall == 0) b.latency = std::max(b.latency, s.cycles - s.work);
  count(b, d, mask, lanes);
  bt_tensor_free(&mask);
}

// Descriptors that cannot be done, each one change to a good one.
template <class Model>
static void refuse(Bench &b, bt_rtl::SequencerDriver<Model> &driver, size_t lanes) {
  struct {
    size_t word;
    uint32_t value;
    unsigned status;
  } const bad[] = {{0, 10, 1}, {8, 65537, 2}, {8, ~0u, 2}, {116, 0, 3}, {114, 1, 7}};
  for (const auto &change : bad) {
    size_t n = 9;
    bt_tensor mask = bt_tensor_byte("mask", 1, &n);
    bt_command c = draw(b.random, &mask, n);
    bt_rtl::MemoryImage memory(lanes);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    d[change.word] = change.value;
    bt_rtl::SequencerResult s = driver.run(d, memory, {1, 0, 1}, 10000);
    b.checks.that(s.ended && s.status == change.status && s.writes == 0,
                  "%zu lanes, word %zu as %u: ended %d, status %u, expected %u", lanes, change.word,
                  change.value, s.ended, s.status, change.status);
  }
}

template <class Model> static void all(Bench &b, size_t lanes, int commands) {
  static const unsigned stalls[] = {0, 64, 96, 128};
  bt_rtl::SequencerDriver<Model> driver;
  for (int i = 0; i < commands; i++) {
    unsigned latency = static_cast<unsigned>(b.random.below(10));
    run(b, driver, lanes, {latency, stalls[b.random.below(4)], b.random.next()});
    if (i == commands / 2) refuse(b, driver, lanes);
  }
}

int main() {
  bench::Checks checks("test_rtl_dropout_sequencer");
  Bench b(checks);
  all<Vcheck_dropout_4>(b, 4, 400);
  all<Vcheck_dropout_16>(b, 16, 400);
  for (int i = 0; i < CASES; i++) {
    std::printf("%s: %" PRIu64 "\n", NAMES[i], b.met[i]);
    checks.that(b.met[i] > 0, "no case of %s", NAMES[i]);
  }
  std::printf("at most %" PRIu64 " cycles beyond work\n", b.latency);
  return checks.status();
}
