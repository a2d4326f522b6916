// Average commands through average_sequencer, in memories of several speeds, against the reference
// engine and the cost model: sums, Emin, count and work; and what an error leaves.
#include <algorithm>

#include "Vcheck_average_4.h"
#include "Vcheck_average_16.h"
#include "drawn_tensor.h"

using namespace bench;

static const size_t SMALL_BLOCKS = 32;

// What was met.
struct Cases {
  uint64_t first, lower, higher, equal, zero, far, refused, refused_late, edge, fixed, blocks[5];
  uint64_t one_beat, ragged, full, back;
};

// Sums of snapshots that own their storage.
struct Average {
  std::vector<int64_t> sum;
  std::vector<int16_t> emin;
  uint64_t count = 0;
  bt_average view() { return {sum.data(), emin.data(), count}; }
};

template <class Model> struct Unit {
  Unit(Checks &c, size_t l) : checks(c), lanes(l), reference(static_cast<unsigned>(l)) {}
  Checks &checks;
  size_t lanes;
  Reference reference;
  bt_rtl::SequencerDriver<Model> driver;
};

static bt_tensor *drawn_weights(Random &random, Tensors &t) {
  static const bt_block blocks[] = {BT_BLOCK_TENSOR, BT_BLOCK_DIM0, BT_BLOCK_SAMPLE, BT_BLOCK_TILE,
                                    BT_BLOCK_K32};
  bt_format f = drawn_format(random, blocks[random.below(5)]);
  std::vector<size_t> dims = drawn_dims(random, 1 + random.below(32), drawn_last(random));
  if (random.below(12) == 0) dims = {SMALL_BLOCKS, 1 + random.below(20)};
  bt_tensor *w = t.add(bt_tensor_bfp("w", f, dims.size(), dims.data()));
  fill(random, *w);
  return w;
}

// Nothing yet, or sums small, large or just within the range, at exponents near those of w.
static Average drawn_average(Random &random, const bt_tensor &w) {
  Average a;
  a.sum.assign(bt_tensor_elements(&w), 0);
  a.emin.assign(bt_tensor_exponents(&w), BT_EMIN_NONE);
  if (random.below(4) == 0) return a;
  a.count = random.below(2) ? random.next() : 1 + random.below(9);
  static const int distances[] = {0, 1, 2, 8, 16, 40, 47, 48, 61, 62, 63, 255};
  int distance = random.below(3) == 0 ? 0 : distances[random.below(12)];
  for (size_t b = 0; b < a.emin.size(); b++) {
    int64_t e = w.exp[b] + random.range(-distance, distance);
    if (random.below(3) == 0) e = w.exp[b] + (random.below(2) ? distance : -distance);
    a.emin[b] = static_cast<int16_t>(std::max<int64_t>(-128, std::min<int64_t>(127, e)));
    if (random.below(16) == 0) a.emin[b] = BT_EMIN_NONE;
  }
  int64_t drawn_bits = random.below(3) ? random.range(0, 62) : 62 - random.range(0, distance);
  int bits = static_cast<int>(drawn_bits);
  if (random.below(2)) bits = std::max(0, 46 - distance);
  int64_t limit = (int64_t{1} << std::max(0, bits)) - 1;
  uint64_t how = random.below(8);
  for (size_t i = 0; i < a.sum.size(); i++) {
    int64_t s = random.range(-limit, limit);
    if (how == 0) s = 0;
    if (random.below(how == 1 ? 2 : 12) == 0) s = random.below(2) ? limit : -limit;
    if (random.below(8) == 0 && limit > 1) s = -(limit / 2) - 1; // a power of two
    // Shifted to 2^62, from where the mantissa may bring it back.
    size_t b = bt_tensor_exponent_of(&w, i);
    int up = a.emin[b] - w.exp[b];
    if (how == 2 && up > 0 && up <= 62 && random.below(i + 2) == 0)
      s = (random.below(2) ? 1 : -1) * (int64_t{1} << (62 - up));
    a.sum[i] = s;
  }
  return a;
}

// The sum of element i with the snapshot, or 2^62 and more in magnitude; by numerics 16.
static __int128 with_snapshot(const bt_tensor &w, const Average &a, size_t i) {
  size_t b = bt_tensor_exponent_of(&w, i);
  if (bt_tensor_zero_block(&w, b)) return a.sum[i];
  const __int128 out = static_cast<__int128>(1) << 100;
  int old = a.emin[b] == BT_EMIN_NONE ? w.exp[b] : a.emin[b], e = w.exp[b], emin = std::min(old, e);
  __int128 parts[] = {a.sum[i], bt_tensor_mantissa(&w, i)}, sum = 0;
  int shift[] = {old - emin, e - emin};
  for (int k = 0; k < 2; k++) {
    if (parts[k] != 0 && shift[k] > 62) return out;
    parts[k] = parts[k] * (static_cast<__int128>(1) << std::min(shift[k], 62));
    __int128 size = parts[k] < 0 ? -parts[k] : parts[k];
    if (shift[k] > 0 && size >> 62) return out;
    sum += parts[k];
  }
  return sum;
}

static bool within(__int128 sum) {
  const __int128 limit = static_cast<__int128>(1) << 62;
  return sum < limit && sum > -limit;
}

static void count(Cases &n, const bt_tensor &w, const Average &a, size_t lanes) {
  size_t elements = bt_tensor_elements(&w);
  n.one_beat += elements <= lanes, n.ragged += elements % lanes != 0;
  n.fixed += w.fmt.kind == BT_FIXED, n.full += a.emin.size() == SMALL_BLOCKS;
  n.blocks[w.fmt.kind == BT_FIXED ? BT_BLOCK_TENSOR : w.fmt.block]++;
  for (size_t b = 0; b < a.emin.size(); b++) {
    bool zero = bt_tensor_zero_block(&w, b), none = a.emin[b] == BT_EMIN_NONE;
    n.zero += zero, n.first += !zero && none;
    if (zero || none) continue;
    n.lower += w.exp[b] < a.emin[b], n.higher += w.exp[b] > a.emin[b];
    n.equal += w.exp[b] == a.emin[b], n.far += std::abs(w.exp[b] - a.emin[b]) > 62;
  }
}

template <class Model>
static void check(Unit<Model> &u, Random &random, Cases &n, const bt_tensor &w,
                  const Average &before, uint64_t timings) {
  size_t elements = bt_tensor_elements(&w), good = elements; // good: elements that are added
  for (size_t i = 0; i < elements; i++) {
    __int128 sum = with_snapshot(w, before, i);
    if (!within(sum)) good = std::min(good, i / u.lanes * u.lanes);
    __int128 size = sum < 0 ? -sum : sum;
    size_t b = bt_tensor_exponent_of(&w, i);
    int up = before.emin[b] - w.exp[b];
    n.back += !bt_tensor_zero_block(&w, b) && up > 0 && up <= 62 &&
              std::abs(before.sum[i]) == int64_t{1} << (62 - up) &&
              (before.sum[i] < 0) != (bt_tensor_mantissa(&w, i) < 0);
    n.edge += within(sum) && size > (static_cast<__int128>(1) << 62) - 40000;
  }
  bt_command c = {};
  c.op = BT_OP_AVERAGE;
  c.label.text = "drawn";
  c.in[0] = &w;
  Average want = before;
  bt_average view = want.view();
  c.u.average.average = &view;
  bool failed = u.reference.run(c) != BT_OK;
  u.checks.that(failed == (good < elements), "the reference refuses %d, by formula %d", failed,
                good < elements);
  n.refused += failed, n.refused_late += failed && good > 0;
  for (uint64_t k = 0; k < timings; k++) {
    Average got = before;
    bt_average got_view = got.view();
    c.u.average.average = &got_view;
    bt_rtl::MemoryImage memory(u.lanes);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    bt_rtl::SequencerResult r = u.driver.run(d, memory, drawn_timing(random, k));
    u.checks.that(r.ended && r.status == (failed ? 9u : 0u) && memory.intact(),
                  "%zu elements: %s, status %u, expected %d, intact %d", elements, r.reason,
                  r.status, failed ? 9 : 0, memory.intact());
    uint64_t work = u.reference.vector_cycles(c);
    u.checks.that(r.work == work, "%zu elements: work %" PRIu64, elements, r.work);
    if (!r.ended) std::exit(u.checks.status());
    // Memory that never waits moves a word a cycle: of a beat two of sums each way, and weights.
    uint64_t words = 4 * r.work + r.work * bt_tensor_element_size(&w) / 4;
    u.checks.that(k > 0 || r.cycles < words + 3 * got.emin.size() + 60,
                  "%zu elements: %" PRIu64 " cycles", elements, r.cycles);
    bt_rtl::collect(c, d, memory);
    u.checks.that(got_view.count == (failed ? before.count : view.count),
                  "count %" PRIu64 ", expected %" PRIu64, got_view.count, view.count);
    for (size_t b = 0; b < got.emin.size(); b++) {
      int expected = failed ? before.emin[b] : want.emin[b];
      u.checks.that(got.emin[b] == expected, "Emin %zu: %d, expected %d", b, got.emin[b],
                    expected);
    }
    for (size_t i = 0; i < elements; i++) {
      int64_t expected = !failed    ? want.sum[i]
                         : i < good ? static_cast<int64_t>(with_snapshot(w, before, i))
                                    : before.sum[i];
      u.checks.that(got.sum[i] == expected, "sum %zu of %zu, wl %d: %" PRId64 ", expected %" PRId64,
                    i, elements, w.fmt.wl, got.sum[i], expected);
    }
  }
}

template <class Model>
static void drawn_commands(Unit<Model> &u, Random &random, Cases &n, bool small, int commands) {
  for (int i = 0; i < commands; i++) {
    Tensors t;
    bt_tensor *w = drawn_weights(random, t);
    size_t blocks = bt_tensor_exponents(w);
    if (blocks > (small ? SMALL_BLOCKS : 1024)) continue;
    Average a = drawn_average(random, *w);
    count(n, *w, a, u.lanes);
    check(u, random, n, *w, a, 3);
  }
}

template <class Model, class Change>
static void refuse(Unit<Model> &u, const bt_tensor &w, unsigned status, const char *what,
                   Change change) {
  Average a;
  a.sum.assign(bt_tensor_elements(&w), 0);
  a.emin.assign(bt_tensor_exponents(&w), BT_EMIN_NONE);
  bt_average view = a.view();
  bt_command c = {};
  c.op = BT_OP_AVERAGE;
  c.in[0] = &w;
  c.u.average.average = &view;
  bt_rtl::MemoryImage memory(u.lanes);
  bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
  change(d);
  bt_rtl::SequencerResult r = u.driver.run(d, memory, {3, 0, 1}, 100000);
  u.checks.that(r.ended && r.status == status && r.writes == 0 && r.work == 0,
                "%s: %s, status %u, expected %u", what, r.reason, r.status, status);
}

static uint32_t &slot(bt_rtl::Descriptor &d, size_t w) {
  return d[bt_rtl::DESCRIPTOR_PARAMETERS + w];
}

template <class Model> static void refusals(Unit<Model> &u, Random &random, Cases &n) {
  using D = bt_rtl::Descriptor;
  Tensors t;
  bt_tensor *w = nullptr;
  do w = drawn_weights(random, t);
  while (w->fmt.block != BT_BLOCK_DIM0 || bt_tensor_exponents(w) > SMALL_BLOCKS);
  refuse(u, *w, 2, "a variant", [](D &d) { d[0] |= 1u << 8; });
  refuse(u, *w, 2, "a flag", [](D &d) { d[0] |= 1u << 16; });
  refuse(u, *w, 3, "no elements", [](D &d) { slot(d, 4) = 0; });
  refuse(u, *w, 3, "no blocks", [](D &d) { slot(d, 5) = 0; });
  refuse(u, *w, 3, "no last dimension", [](D &d) { slot(d, 6) = 0; });
  refuse(u, *w, 7, "wide weights", [](D &d) { slot(d, 2) = 3; });
  refuse(u, *w, 7, "blocks of no name", [](D &d) { slot(d, 2) |= 7u << 10; });
  refuse(u, *w, 7, "blocks of nothing", [](D &d) { slot(d, 7) = 0; });
  refuse(u, *w, 7, "tiles of 3 columns", [](D &d) {
    slot(d, 2) = (slot(d, 2) & ~(7u << 10)) | 2u << 10;
    slot(d, 3) = 2 | 3u << 16;
  });
  refuse(u, *w, 8, "too many blocks", [](D &d) { slot(d, 5) = 1025; });
  check(u, random, n, *w, drawn_average(random, *w), 1); // and it goes on
}

int main() {
  Checks checks("test_rtl_average_sequencer");
  Random random(checks.seed());
  Cases n = {};
  Unit<Vcheck_average_4> small(checks, 4);
  Unit<Vcheck_average_16> large(checks, 16);
  drawn_commands(small, random, n, true, 600);
  drawn_commands(large, random, n, false, 400);
  refusals(small, random, n);
  refusals(large, random, n);
  const struct { const char *name; uint64_t count; } met[] = {
      {"first snapshots of a block", n.first}, {"lower exponents", n.lower},
      {"higher exponents", n.higher}, {"equal exponents", n.equal}, {"zero blocks", n.zero},
      {"more than 62 apart", n.far}, {"sums out of range", n.refused},
      {"such behind the first beat", n.refused_late}, {"sums just within", n.edge},
      {"sums that are shifted to 2^62, with a mantissa of the other sign", n.back},
      {"fixed point", n.fixed}, {"blocks tensor", n.blocks[BT_BLOCK_TENSOR]},
      {"blocks dim0", n.blocks[BT_BLOCK_DIM0]}, {"blocks sample", n.blocks[BT_BLOCK_SAMPLE]},
      {"blocks tile", n.blocks[BT_BLOCK_TILE]}, {"blocks k32", n.blocks[BT_BLOCK_K32]},
      {"one beat", n.one_beat}, {"short last beats", n.ragged}, {"all blocks of a store", n.full}};
  for (const auto &m : met) {
    std::printf("%8" PRIu64 "  %s\n", m.count, m.name);
    checks.that(m.count > 0, "never met: %s", m.name);
  }
  return checks.status();
}
