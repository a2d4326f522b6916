// The commands pool, pool_back, pool_sum and spread through pool_sequencer, against the reference
// engine: drawn images, windows, formats and blocks with memory of several speeds; every byte of
// the results, the cycles of the model, and the statuses of what the sequencer cannot do.
#include <algorithm>
#include <memory>
#include <string>

#include "Vcheck_pool_16.h"
#include "Vcheck_pool_4.h"
#include "bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cost/cycles.h"
#include "ref/ref.h"
}

static const size_t DEPTH = 1024; // of both models

enum Case {
  POOL, POOL_BACK, POOL_SUM, SPREAD, ROWS_LEFT, COLUMNS_LEFT, CHANNELS_BELOW, CHANNELS_ABOVE,
  CHANNELS_MULTIPLE, BLOCKS_BY_SAMPLE, SAMPLES_IN_A_BEAT, WIDE_MANTISSAS, FIXED, TIES, ALL_EQUAL,
  ALL_NEGATIVE, ZERO_BLOCKS, LOWEST_KEPT, LOWEST_LOST, WINDOW_1, WINDOW_3, WINDOW_8_OR_MORE,
  LAST_BEAT_SHORT, RING_WRAPS, TOO_LARGE, CASES
};
static const char *const NAMES[CASES] = {
    "pool", "pool_back", "pool_sum", "spread", "rows left over", "columns left over",
    "channels below Lanes", "channels above Lanes", "channels a multiple of Lanes",
    "blocks by sample", "several samples in a beat", "int16", "fixed point", "ties",
    "all places equal", "windows of negative values", "zero blocks", "E = -128 kept",
    "E = -128 lost", "window 1", "window 3", "window 8 or more", "short last beat",
    "a ring that wraps", "too large for the ring"};

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

// One command with its tensors.
struct Drawn {
  bt_command c = {};
  std::vector<std::unique_ptr<bt_tensor>> all;
  bt_tensor *add(const bt_tensor &shape) {
    all.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(all.back().get())) std::exit(1);
    return all.back().get();
  }
  ~Drawn() {
    for (auto &t : all) bt_tensor_free(t.get());
  }
  bool back() const { return c.op == BT_OP_POOL_BACK || c.op == BT_OP_SPREAD; }
  const bt_tensor &large() const { return back() ? *c.out[0] : *c.in[0]; }
  const bt_tensor &small() const { return back() ? *c.in[0] : *c.out[0]; }
};

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
  uint64_t commands = 0, elements = 0, cycles = 0, work = 0;
};

static void fill(Bench &b, bt_tensor *x) {
  bench::Random &r = b.random;
  int top = (1 << (x->fmt.wl - 1)) - 1;
  uint64_t style = r.below(6);
  int32_t same = static_cast<int32_t>(r.range(-top, top));
  size_t n = bt_tensor_elements(x), blocks = bt_tensor_exponents(x);
  for (size_t i = 0; i < blocks; i++)
    if (x->fmt.kind == BT_BFP)
      x->exp[i] = static_cast<int16_t>(r.below(3) ? r.range(-128, 127) : -128);
  std::vector<bool> zero(blocks), sparse(blocks);
  for (size_t i = 0; i < blocks; i++) zero[i] = r.below(5) == 0, sparse[i] = r.below(3) == 0;
  for (size_t i = 0; i < n; i++) {
    int32_t m = static_cast<int32_t>(style == 0   ? r.range(-top, top)
                                     : style == 1 ? r.range(-1, 1)
                                     : style == 2 ? r.range(-top, -1)
                                     : style == 3 ? same
                                     : style == 4 ? (r.below(2) ? top : -top)
                                                  : r.range(0, 3));
    size_t block = bt_tensor_exponent_of(x, i);
    if (zero[block]) m = 0;
    else if (sparse[block]) m = r.below(n) < 2 ? -std::abs(m) : 0;
    bt_tensor_store(x, i, m);
  }
}

static bt_format format(bench::Random &r) {
  bt_format f = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
  f.wl = static_cast<int>(r.below(2) ? 8 : r.range(2, 16));
  if (r.below(8) == 0) {
    f.kind = BT_FIXED;
    f.fl = static_cast<int>(r.range(0, 20));
    f.asymmetric = true;
  } else if (r.below(2)) {
    f.block = BT_BLOCK_SAMPLE;
  }
  return f;
}

static size_t side(bench::Random &r, size_t k) {
  size_t windows = 1 + r.below(r.below(4) ? 4 : 12);
  return windows * k + (r.below(2) ? r.below(k) : 0);
}

// n h w c, of which the windows fit the ring often enough.
static void shape(bench::Random &r, size_t k, size_t dim[4]) {
  static const size_t channels[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 17, 20, 31, 32, 33, 48, 64};
  dim[0] = 1 + r.below(r.below(3) ? 4 : 20);
  dim[1] = side(r, k);
  dim[2] = side(r, k);
  dim[3] = channels[r.below(sizeof channels / sizeof *channels)];
}

static void draw(Bench &b, Drawn &d) {
  static const bt_op ops[] = {BT_OP_POOL, BT_OP_POOL, BT_OP_POOL_BACK, BT_OP_POOL_SUM,
                              BT_OP_SPREAD};
  bench::Random &r = b.random;
  d.c.op = ops[r.below(5)];
  size_t most = d.c.op == BT_OP_POOL || d.c.op == BT_OP_POOL_BACK ? 16 : 64;
  size_t k = r.below(20) ? 1 + r.below(4) : r.below(4) ? 5 + r.below(4) : 1 + r.below(most);
  d.c.u.pool.k = k;
  d.c.label.text = bt_op_name(d.c.op);
  size_t large[4];
  do shape(r, k, large);
  while (large[0] * large[1] * large[2] * large[3] > 20000);
  size_t small[4] = {large[0], large[1] / k, large[2] / k, large[3]};
  bt_format f = format(r);
  bool back = d.c.op == BT_OP_POOL_BACK || d.c.op == BT_OP_SPREAD;
  bt_tensor *in = d.add(bt_tensor_bfp("in", f, 4, back ? small : large));
  fill(b, in);
  d.c.in[0] = in;
  if (d.c.op == BT_OP_POOL_SUM)
    d.c.out[0] = d.add(bt_tensor_wide("out", 4, small, f.block == BT_BLOCK_SAMPLE, false));
  else
    d.c.out[0] = d.add(bt_tensor_bfp("out", f, 4, back ? large : small));
  if (d.c.op == BT_OP_POOL) d.c.out[1] = d.add(bt_tensor_byte("index", 4, small));
  if (d.c.op == BT_OP_POOL_BACK) {
    bt_tensor *index = d.add(bt_tensor_byte("index", 4, small));
    for (size_t i = 0; i < bt_tensor_elements(index); i++)
      static_cast<uint8_t *>(index->data)[i] = static_cast<uint8_t>(r.below(k * k));
    d.c.in[1] = index;
  }
  bt_error error = {};
  must(bt_command_check(&d.c, &error), error);
}

// Windows of negative values, equal places and ties, of a pool's input.
static void count_windows(Bench &b, const Drawn &d) {
  const bt_tensor &x = d.large(), &y = d.small();
  size_t k = d.c.u.pool.k, ow = y.dim[2], oh = y.dim[1], ch = y.dim[3];
  for (size_t j = 0; k > 1 && j < bt_tensor_elements(&y); j++) {
    size_t n = j / (oh * ow * ch), h = j / (ow * ch) % oh, w = j / ch % ow;
    int32_t best = INT32_MIN;
    size_t equal = 0;
    for (size_t i = 0; i < k * k; i++) {
      size_t at = ((n * x.dim[1] + h * k + i / k) * x.dim[2] + w * k + i % k) * ch + j % ch;
      int32_t m = bt_tensor_mantissa(&x, at);
      equal = m > best ? 1 : equal + (m == best);
      best = std::max(best, m);
    }
    b.met[TIES] += equal > 1 && equal < k * k;
    b.met[ALL_EQUAL] += equal == k * k;
    b.met[ALL_NEGATIVE] += best < 0;
  }
}

static void count(Bench &b, const Drawn &d, size_t lanes) {
  const bt_tensor &x = d.large(), &y = d.small(), &in = *d.c.in[0];
  size_t k = d.c.u.pool.k, c = x.dim[3];
  b.met[d.c.op == BT_OP_POOL ? POOL : d.c.op == BT_OP_POOL_BACK ? POOL_BACK
        : d.c.op == BT_OP_SPREAD ? SPREAD : POOL_SUM]++;
  b.met[ROWS_LEFT] += x.dim[1] % k != 0;
  b.met[COLUMNS_LEFT] += x.dim[2] % k != 0;
  b.met[CHANNELS_BELOW] += c < lanes;
  b.met[CHANNELS_ABOVE] += c > lanes && c % lanes != 0;
  b.met[CHANNELS_MULTIPLE] += c % lanes == 0;
  bool by_sample = in.fmt.kind == BT_BFP && in.fmt.block == BT_BLOCK_SAMPLE;
  size_t leaving = bt_tensor_elements(d.c.out[0]);
  b.met[BLOCKS_BY_SAMPLE] += by_sample;
  b.met[SAMPLES_IN_A_BEAT] += by_sample && d.c.op == BT_OP_POOL && leaving / x.dim[0] * 2 < lanes;
  b.met[WIDE_MANTISSAS] += in.kind == BT_T_BFP16;
  b.met[FIXED] += in.fmt.kind == BT_FIXED;
  b.met[WINDOW_1] += k == 1;
  b.met[WINDOW_3] += k == 3;
  b.met[WINDOW_8_OR_MORE] += k >= 8;
  b.met[LAST_BEAT_SHORT] += leaving % lanes != 0;
  b.met[RING_WRAPS] += bt_tensor_elements(&in) > DEPTH;
  if (d.c.op != BT_OP_POOL) return;
  count_windows(b, d);
  for (size_t i = 0; in.fmt.kind == BT_BFP && i < bt_tensor_exponents(&in); i++) {
    bool zero = bt_tensor_zero_block(&in, i), lost = bt_tensor_zero_block(&y, i);
    b.met[ZERO_BLOCKS] += zero;
    b.met[LOWEST_KEPT] += in.exp[i] == -128 && !lost;
    b.met[LOWEST_LOST] += in.exp[i] == -128 && !zero && lost;
  }
}

// What docs/rtl.md says of the ring.
static bool fits(const Drawn &d, size_t lanes) {
  const bt_tensor &x = d.large(), &y = d.small();
  size_t k = d.c.u.pool.k, row = x.dim[2] * x.dim[3], windows = y.dim[2] * y.dim[3];
  size_t line = d.back() ? windows : k * row;
  if ((d.back() ? row : windows) % lanes == 0) return line + 2 * lanes <= DEPTH;
  size_t gap = d.back() ? 0 : (x.dim[1] - y.dim[1] * k) * row;
  size_t image = d.back() ? x.dim[1] * row : y.dim[1] * windows;
  size_t lines = lanes % image / (d.back() ? k * row : windows) + lanes / image * y.dim[1];
  size_t passed = lines * line + lanes / image * gap;
  return passed + 2 * line + gap + 2 * lanes <= DEPTH;
}

static uint64_t model(const Drawn &d, size_t lanes) {
  bt_machine machine = bt_machine_default();
  machine.lanes = static_cast<unsigned>(lanes);
  return static_cast<uint64_t>(bt_cost_vector_cycles(&machine, &d.c));
}

// A result in memory: its data, what lies behind them in their last word, and its exponents.
static void compare(Bench &b, const bt_rtl::MemoryImage &memory, bt_rtl::Place place,
                    const bt_tensor &t, const char *what) {
  size_t bytes = bt_rtl::tensor_bytes(t), size = bt_tensor_element_size(&t);
  const uint8_t *data = memory.at(place.data), *expected = static_cast<const uint8_t *>(t.data);
  size_t i = 0;
  while (i < bytes && data[i] == expected[i]) i++;
  b.checks.that(i == bytes, "%s: element %zu of %s differs", what, i / size, t.name);
  for (i = bytes; i % memory.word() != 0; i++)
    b.checks.that(data[i] == 0xA5, "%s: a byte behind %s was written", what, t.name);
  if (t.kind == BT_T_BYTE) return;
  const uint8_t *header = memory.at(place.exponents);
  for (i = 0; i < memory.word(); i++)
    b.checks.that(header[i] == (i == 0 && t.kind == BT_T_WIDE ? t.bits : 0),
                  "%s: byte %zu of the header of %s is %d", what, i, t.name, header[i]);
  for (i = 0; i < bt_tensor_exponents(&t); i++) {
    int entry = header[memory.word() + 2 * i] | header[memory.word() + 2 * i + 1] << 8;
    bool zero = t.kind != BT_T_WIDE && t.fmt.kind == BT_BFP && bt_tensor_zero_block(&t, i);
    int want = zero ? 0x8000 : t.exp[i] & 0xFFFF;
    b.checks.that(entry == want, "%s: exponent %zu of %s is %04x, expected %04x", what, i, t.name,
                  static_cast<unsigned>(entry), static_cast<unsigned>(want));
  }
}

template <class Model>
static void run(Bench &b, bt_rtl::SequencerDriver<Model> &driver, size_t lanes,
                bt_rtl::Timing timing) {
  Drawn d;
  draw(b, d);
  bt_rtl::MemoryImage memory(lanes);
  bt_rtl::Descriptor descriptor = bt_rtl::describe(d.c, memory);
  bt_error error = {};
  must(b.ref->run(b.ref, &d.c, &b.rng, &b.counts, &error), error);
  bt_rtl::SequencerResult r = driver.run(descriptor, memory, timing);
  const bt_tensor &x = d.large();
  char what[160];
  std::snprintf(what, sizeof what, "%zu lanes, %s %zu x %zu x %zu x %zu by %zu, wl %d, latency %u",
                lanes, d.c.label.text, x.dim[0], x.dim[1], x.dim[2], x.dim[3], d.c.u.pool.k,
                d.c.in[0]->fmt.wl, timing.latency);
  b.checks.that(r.ended, "%s: %s", what, r.reason);
  if (!r.ended) std::exit(b.checks.status());
  b.checks.that(memory.intact(), "%s: wrote outside of its results", what);
  if (!fits(d, lanes)) {
    b.checks.that(r.status == 8 && r.work == 0 && r.reads == 0 && r.writes == 0,
                  "%s: status %u, expected 8", what, r.status);
    b.met[TOO_LARGE]++;
    return;
  }
  b.checks.that(r.status == 0, "%s: status %u", what, r.status);
  b.checks.that(r.work == model(d, lanes), "%s: work %" PRIu64 ", expected %" PRIu64, what, r.work,
                model(d, lanes));
  if (r.status != 0) return;
  for (size_t i = 0; i < 2 && d.c.out[i]; i++) {
    const uint32_t *slot = &descriptor[bt_rtl::DESCRIPTOR_PARAMETERS +
                                       (bt_rtl::SLOT_OUT + i) * bt_rtl::SLOT_WORDS];
    compare(b, memory, {slot[0], slot[1]}, *d.c.out[i], what);
  }
  count(b, d, lanes);
  b.commands++;
  b.elements += bt_tensor_elements(&x);
  if (timing.latency == 0 && timing.stall == 0) b.cycles += r.cycles, b.work += r.work;
}

// Descriptors that cannot be done, each one change to a good one.
template <class Model>
static void refuse(Bench &b, bt_rtl::SequencerDriver<Model> &driver, size_t lanes) {
  struct {
    size_t word;
    uint32_t mask, value;
    unsigned status;
  } const bad[] = {
      {0, 0xFF, 5, 1},            // another command
      {0, 0xFF00, 0, 2},          // no window
      {0, 0xFF00, 17 << 8, 2},    // windows above the command's
      {1, ~0u, 0, 3},             {2, ~0u, 0, 3},
      {3, ~0u, 0, 3},             {4, ~0u, 0, 3},
      {5, ~0u, 0, 3},             {6, ~0u, 0, 3},
      {34, 7, 3, 7},              // a wide input
      {34, 0x1C00, 0x800, 7},     // blocks tile
      {34, 0xF8, 1 << 3, 7},      {34, 0xF8, 9 << 3, 7},
      {37, ~0u, 0, 10},           // no exponents
      {114, 0xF8, 5 << 3, 10},    // another width
      {117, ~0u, 7, 10},          {122, 7, 1, 7},
      {1, ~0u, 65536, 8},         {2, ~0u, 65536, 8},
      {3, ~0u, 1u << 31, 8},      {4, ~0u, 65536, 8},
      {5, ~0u, 70000, 8},         {6, ~0u, 65536, 8},
      {4, ~0u, 65535, 10},        // elements that are not those of the slots
      {36, ~0u, 1, 10},           {116, ~0u, 1, 10},
      {124, ~0u, 1, 10},          {5, ~0u, 1, 10}, // more windows fit
      {6, ~0u, 3, 10},            {5, ~0u, 3, 10}, // fewer
  };
  size_t large[4] = {2, 5, 4, 3}, small[4] = {2, 2, 2, 3};
  for (const auto &change : bad) {
    Drawn d;
    bt_format f = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
    d.c.op = BT_OP_POOL;
    d.c.u.pool.k = 2;
    d.c.in[0] = d.add(bt_tensor_bfp("in", f, 4, large));
    d.c.out[0] = d.add(bt_tensor_bfp("out", f, 4, small));
    d.c.out[1] = d.add(bt_tensor_byte("index", 4, small));
    bt_rtl::MemoryImage memory(lanes);
    bt_rtl::Descriptor descriptor = bt_rtl::describe(d.c, memory);
    descriptor[change.word] = (descriptor[change.word] & ~change.mask) | change.value;
    bt_rtl::SequencerResult r = driver.run(descriptor, memory, {1, 0, 1}, 100000);
    b.checks.that(r.ended && r.status == change.status && r.reads == 0 && r.writes == 0,
                  "%zu lanes, word %zu as %u: ended %d, status %u, expected %u", lanes, change.word,
                  change.value, r.ended, r.status, change.status);
  }
}

// Sizes of slots and parameters that agree, but one more row or column of windows would fit.
template <class Model>
static void refuse_fewer(Bench &b, bt_rtl::SequencerDriver<Model> &driver, size_t lanes) {
  size_t large[4] = {2, 4, 4, 3}, small[2][4] = {{2, 1, 2, 3}, {2, 2, 1, 3}};
  for (const auto &windows : small) {
    Drawn d;
    bt_format f = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
    d.c.op = BT_OP_SPREAD;
    d.c.u.pool.k = 2;
    d.c.in[0] = d.add(bt_tensor_bfp("in", f, 4, windows));
    d.c.out[0] = d.add(bt_tensor_bfp("out", f, 4, large));
    bt_rtl::MemoryImage memory(lanes);
    bt_rtl::Descriptor descriptor = bt_rtl::describe(d.c, memory);
    bt_rtl::SequencerResult r = driver.run(descriptor, memory, {1, 0, 1}, 100000);
    b.checks.that(r.ended && r.status == 10 && r.writes == 0, "%zu lanes, %zu x %zu windows: %u",
                  lanes, windows[1], windows[2], r.status);
  }
}

template <class Model> static void all(Bench &b, size_t lanes, int commands) {
  static const unsigned stalls[] = {0, 0, 64, 128};
  bt_rtl::SequencerDriver<Model> driver;
  for (int i = 0; i < commands; i++) {
    unsigned stall = stalls[b.random.below(4)];
    unsigned latency = static_cast<unsigned>(b.random.below(3) ? b.random.below(10) : 0);
    run(b, driver, lanes, {latency, stall, b.random.next()});
    if (i != commands / 2) continue;
    refuse(b, driver, lanes);
    refuse_fewer(b, driver, lanes);
  }
}

int main() {
  bench::Checks checks("test_rtl_pool_sequencer");
  Bench b(checks);
  all<Vcheck_pool_4>(b, 4, 1500);
  all<Vcheck_pool_16>(b, 16, 1500);
  for (int i = 0; i < CASES; i++) {
    std::printf("%s: %" PRIu64 "\n", NAMES[i], b.met[i]);
    checks.that(b.met[i] > 0, "no case of %s", NAMES[i]);
  }
  std::printf("%" PRIu64 " commands, %" PRIu64 " elements; of fast memory %" PRIu64
              " cycles, %" PRIu64 " of them work\n", b.commands, b.elements, b.cycles, b.work);
  return checks.status();
}
