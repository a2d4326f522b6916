// The sequencer of quantize against the reference engine: drawn commands over every input, block
// shape and rounding, memory fast, slow and stalling; mantissas, exponents, the lanes' generators,
// the counts, the model's cycles. Descriptors that it cannot do, by their status.
#include <memory>
#include <vector>

#include "Vcheck_quantize_16.h"
#include "Vcheck_quantize_4.h"
#include "bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cost/cycles.h"
#include "num/lfsr.h"
#include "ref/ref.h"
}

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

struct Tensors {
  std::vector<std::unique_ptr<bt_tensor>> all;
  bt_tensor *add(const bt_tensor &shape) {
    all.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(all.back().get())) std::exit(1);
    return all.back().get();
  }
  ~Tensors() {
    for (auto &t : all) bt_tensor_free(t.get());
  }
};

// What was met.
struct Bins {
  uint64_t mode[4], bits_not_16, bits_1, bits_24, half, no_bits; // of commands done
  uint64_t block[5], fixed, asymmetric, narrow_out, wide_out;
  uint64_t bfp8, bfp16, blocks_in[5], one_cell, columns, rows0, rows0_columns, rows, each;
  uint64_t below_lanes, last_below, last_above, last_multiple, shared_beats, one_element, thousands;
  uint64_t zero_blocks, overflow, flushed, clipped, too_large;
};

struct Shape {
  size_t ndim, dim[4];
};

static Shape draw_shape(bench::Random &random, size_t lanes) {
  Shape s = {1 + random.below(4), {1, 1, 1, 1}};
  // Four sizes of command; those of dimensions are at and about multiples of the lanes, too.
  static const size_t limits[] = {40, 300, 1500, 5000};
  size_t size = random.below(16) < 6 ? 0 : random.below(8) < 5 ? 1 : random.below(4) ? 2 : 3;
  size_t limit = limits[size];
  size_t left = limit;
  for (size_t i = s.ndim; i-- > 0 && left > 0;) {
    uint64_t kind = random.below(8);
    size_t d = limit == 40 && random.below(4) == 0 ? 1
               : i == 0 ? 1 + random.below(left)
               : kind < 2 ? lanes * (1 + random.below(4))
               : kind < 4 ? lanes * (1 + random.below(4)) + random.below(3) - 1
               : kind < 5 ? 1 + random.below(300)
                          : 1 + random.below(12);
    s.dim[i] = std::min(d, left);
    left /= s.dim[i];
  }
  return s;
}

static int draw_base(bench::Random &random) {
  switch (random.below(8)) {
  case 0: return static_cast<int>(random.range(95, 140));
  case 1: return static_cast<int>(random.range(-170, -120));
  case 2: return static_cast<int>(random.range(-32000, 32000));
  default: return static_cast<int>(random.range(-60, 40));
  }
}

static int32_t draw_mantissa(bench::Random &random, unsigned drop) {
  uint64_t kind = random.below(24);
  if (kind == 0) return 0;
  if (kind == 1) return random.below(2) ? INT32_MAX : INT32_MIN;
  return static_cast<int32_t>(random.next()) >> std::min<uint64_t>(drop + random.below(6), 31);
}

static bt_format draw_format(bench::Random &random, bool fixed) {
  bt_format f = {BT_BFP, static_cast<int>(random.range(2, 16)), 0, random.below(2) != 0,
                 static_cast<bt_block>(random.below(5)), 0, 0};
  if (random.below(3) == 0) f.wl = 8;
  if (f.block == BT_BLOCK_TILE) {
    f.tile_rows = 1 + random.below(random.below(3) ? 5 : 60);
    f.tile_cols = 1 + random.below(random.below(3) ? 40 : 9);
    if (random.below(6) == 0) f.tile_cols = 65535, f.tile_rows = 65535;
  }
  if (fixed) {
    f.kind = BT_FIXED, f.block = BT_BLOCK_TENSOR;
    f.fl = static_cast<int>(random.below(61));
  }
  return f;
}

static void fill(bench::Random &random, bt_tensor *t, size_t block_count) {
  size_t n = bt_tensor_elements(t);
  bool wide = t->kind == BT_T_WIDE;
  int base = draw_base(random), spread = random.below(3) ? 12 : 40;
  bool zero = random.below(12) == 0;
  unsigned drop = static_cast<unsigned>(random.below(28));
  if (t->fmt.kind != BT_FIXED || wide)
    for (size_t e = 0; e < block_count; e++) {
      if (random.below(64) == 0) base = draw_base(random);
      int x = base + static_cast<int>(random.range(0, spread));
      if (!wide) x = random.below(8) ? std::max(-127, std::min(127, x)) : -128;
      t->exp[e] = static_cast<int16_t>(x);
    }
  for (size_t i = 0; i < n; i++) {
    if (random.below(40) == 0) zero = random.below(4) == 0;
    int32_t m = zero ? 0 : draw_mantissa(random, drop);
    if (wide) {
      static_cast<int32_t *>(t->data)[i] = m;
    } else {
      int32_t top = (1 << (t->fmt.wl - 1)) - 1;
      bt_tensor_store(t, i, std::max(-top - t->fmt.asymmetric, std::min(top, m >> 4)));
    }
  }
  t->bits = 31;
}

static bt_tensor *draw_input(bench::Random &random, Tensors &t, const Shape &s, Bins &bins) {
  if (random.below(5) < 2) {
    bt_format f = draw_format(random, random.below(8) == 0);
    bt_tensor *x = t.add(bt_tensor_bfp("in", f, s.ndim, s.dim));
    fill(random, x, bt_tensor_exponents(x));
    (x->kind == BT_T_BFP8 ? bins.bfp8 : bins.bfp16)++;
    bins.blocks_in[f.block]++;
    return x;
  }
  bool each = random.below(4) == 0;
  bool per0 = s.ndim > 1 && random.below(2), per_last = random.below(2);
  bt_tensor shape = each ? bt_tensor_wide_each("in", s.ndim, s.dim)
                         : bt_tensor_wide("in", s.ndim, s.dim, per0, per_last);
  bool rows = !each && !per_last && random.below(3) == 0;
  if (rows) shape.n0 = bt_tensor_elements(&shape) / bt_tensor_last(&shape);
  bt_tensor *x = t.add(shape);
  fill(random, x, bt_tensor_exponents(x));
  if (bt_tensor_exponents(x) == bt_tensor_elements(x)) bins.each++;
  else if (rows) bins.rows++;
  else (per0 ? per_last ? bins.rows0_columns : bins.rows0
             : per_last ? bins.columns : bins.one_cell)++;
  return x;
}

template <class Model> class Bench {
public:
  Bench(bench::Checks &checks, size_t lanes, size_t entries, size_t tiles)
      : checks_(checks), random_(checks.seed() + lanes), lanes_(lanes), entries_(entries),
        tiles_(tiles), machine_(bt_machine_default()), ref_(nullptr), rng_(), bins() {
    bt_error error = {};
    machine_.lanes = static_cast<unsigned>(lanes);
    ref_ = bt_ref_engine(&machine_);
    must(bt_lfsr_start(&rng_, checks.seed(), machine_.lanes), error);
    driver_->load_i = 0;
    load(rng_);
  }
  ~Bench() { ref_->destroy(ref_); }

  void drawn(int number);
  void refused();
  void rate();

private:
  void load(const bt_lfsr &rng) {
    std::memcpy(bt_rtl::bytes(driver_->state_i), rng.lane, lanes_ * sizeof(uint32_t));
    driver_->load_i = 1;
    driver_.simulation().tick();
    driver_->load_i = 0;
  }

  // Tiles of a band (docs/cost.md 3), and whether the stores hold them and the input's exponents.
  bool fits(const bt_command &c) const {
    const bt_tensor *in = c.in[0], *out = c.out[0];
    size_t rest = bt_tensor_elements(out) / out->dim[0], last = bt_tensor_last(out);
    size_t tiles = out->fmt.kind == BT_FIXED          ? 1
                   : out->fmt.block == BT_BLOCK_TILE ? (rest - 1) / out->fmt.tile_cols + 1
                   : out->fmt.block == BT_BLOCK_K32  ? (last - 1) / 32 + 1
                                                      : 1;
    size_t entries = bt_tensor_exponents(in);
    return tiles <= tiles_ && (entries <= entries_ || entries == bt_tensor_elements(in));
  }

  void compare(int number, const bt_command &c, const bt_rtl::MemoryImage &memory,
               const bt_rtl::Descriptor &d);
  void count(const bt_command &c, const bt_counts &counts);

  bench::Checks &checks_;
  bench::Random random_;
  size_t lanes_, entries_, tiles_;
  bt_machine machine_;
  bt_engine *ref_;
  bt_lfsr rng_;
  bt_rtl::SequencerDriver<Model> driver_;

public:
  Bins bins;
};

// The output's bytes in memory, and that what pads them is as it was.
template <class Model>
void Bench<Model>::compare(int number, const bt_command &c, const bt_rtl::MemoryImage &memory,
                           const bt_rtl::Descriptor &d) {
  const bt_tensor &out = *c.out[0];
  size_t slot = bt_rtl::DESCRIPTOR_PARAMETERS + bt_rtl::SLOT_OUT * bt_rtl::SLOT_WORDS;
  const uint8_t *data = memory.at(d[slot]), *exponents = memory.at(d[slot + 1]);
  size_t bytes = bt_rtl::tensor_bytes(out), entries = bt_tensor_exponents(&out), wrong = 0;
  for (size_t i = 0; i < bytes && wrong < 3; i++) {
    uint8_t expected = static_cast<const uint8_t *>(out.data)[i];
    wrong += data[i] != expected;
    checks_.that(data[i] == expected, "command %d: byte %zu of %zu is %u, expected %u", number, i,
                 bytes, data[i], expected);
  }
  bool clean = true;
  for (size_t i = bytes; i % memory.word() != 0; i++) clean = clean && data[i] == 0xA5;
  for (size_t i = 0; i < memory.word(); i++) clean = clean && exponents[i] == 0;
  size_t i = memory.word() + 2 * entries;
  for (; i % memory.word() != 0; i++) clean = clean && exponents[i] == 0xA5;
  checks_.that(clean && memory.intact(), "command %d: header, or bytes beside the result", number);
  for (size_t e = 0; e < entries; e++) {
    int16_t got, expected = out.exp[e];
    std::memcpy(&got, exponents + memory.word() + 2 * e, sizeof got);
    if (out.fmt.kind == BT_BFP && bt_tensor_zero_block(&out, e)) expected = INT16_MIN;
    checks_.that(got == expected, "command %d: exponent %zu of %zu is %d, expected %d", number, e,
                 entries, got, expected);
  }
}

template <class Model> void Bench<Model>::count(const bt_command &c, const bt_counts &counts) {
  const bt_tensor &out = *c.out[0];
  const bt_round_options &round = c.u.quantize.round;
  size_t n = bt_tensor_elements(&out), last = bt_tensor_last(&out), rest = n / out.dim[0];
  bins.mode[round.mode]++;
  if (round.mode == BT_STOCHASTIC) {
    bins.bits_not_16 += round.random_bits != 16, bins.bits_1 += round.random_bits == 1;
    bins.bits_24 += round.random_bits == 24, bins.half += round.sr_half;
  } else {
    bins.no_bits += round.random_bits < 1 || round.random_bits > 24;
  }
  if (out.fmt.kind == BT_FIXED) bins.fixed++;
  else bins.block[out.fmt.block]++;
  bins.asymmetric += out.fmt.asymmetric;
  (out.fmt.wl <= 8 ? bins.narrow_out : bins.wide_out)++;
  bins.below_lanes += n < lanes_, bins.one_element += n == 1, bins.thousands += n > 2000;
  (last % lanes_ == 0 ? bins.last_multiple : last < lanes_ ? bins.last_below : bins.last_above)++;
  bins.shared_beats += out.fmt.kind == BT_BFP && out.fmt.block != BT_BLOCK_TENSOR &&
                       out.dim[0] > 1 && rest % lanes_ != 0;
  if (out.fmt.kind == BT_BFP)
    for (size_t e = 0; e < bt_tensor_exponents(&out); e++)
      bins.zero_blocks += bt_tensor_zero_block(&out, e);
  bins.overflow += counts.quantize.overflow, bins.flushed += counts.quantize.flushed;
  bins.clipped += counts.quantize.clipped;
}

template <class Model> void Bench<Model>::drawn(int number) {
  Tensors t;
  Shape s = draw_shape(random_, lanes_);
  bt_command c = {};
  c.op = BT_OP_QUANTIZE;
  c.label.text = "drawn";
  c.in[0] = draw_input(random_, t, s, bins);
  bt_format f = draw_format(random_, random_.below(8) == 0);
  c.out[0] = t.add(bt_tensor_bfp("out", f, s.ndim, s.dim));
  bt_round_options &round = c.u.quantize.round;
  round.mode = static_cast<bt_rounding>(random_.below(2) ? 0 : random_.below(4));
  round.random_bits = 16;
  if (random_.below(3) == 0) round.random_bits = 1 + static_cast<unsigned>(random_.below(24));
  if (random_.below(12) == 0) round.random_bits = random_.below(2) ? 1 : 24;
  // Without draws (numerics 3) any number will do.
  static const unsigned none[] = {0, 25, 32, UINT32_MAX};
  if (round.mode != BT_STOCHASTIC && random_.below(2)) round.random_bits = none[random_.below(4)];
  round.sr_half = random_.below(4) == 0;
  bt_error error = {};
  must(bt_command_check(&c, &error), error);

  bool possible = fits(c);
  bt_lfsr before = rng_;
  bt_counts counts = {};
  if (possible) {
    must(ref_->run(ref_, &c, &rng_, &counts, &error), error);
    count(c, counts);
  } else {
    bins.too_large++;
  }
  uint64_t model = possible ? static_cast<uint64_t>(bt_cost_quantizer_cycles(&machine_, &c)) : 0;
  unsigned slow = static_cast<unsigned>(random_.below(10));
  const bt_rtl::Timing timings[] = {
      {0, 0, 0}, {9, 0, 0}, {slow / 2, 64, random_.next()}, {slow, 128, random_.next()}};
  for (const bt_rtl::Timing &timing : timings) {
    bt_rtl::MemoryImage memory(lanes_);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    if (&timing != timings) load(before);
    bt_rtl::SequencerResult r = driver_.run(d, memory, timing);
    checks_.that(r.ended, "command %d: %s", number, r.reason);
    if (!r.ended) std::exit(checks_.status());
    checks_.that(r.status == (possible ? 0u : 8u), "command %d: status %u", number, r.status);
    checks_.that(r.work == model, "command %d: %" PRIu64 " cycles of work, the model says %" PRIu64,
                 number, r.work, model);
    checks_.that(std::memcmp(bt_rtl::bytes(driver_->state_o), rng_.lane, lanes_ * 4) == 0,
                 "command %d: the lanes' generators differ", number);
    if (!possible) {
      checks_.that(r.reads + r.writes == 0 && memory.intact(), "command %d: it went on", number);
      continue;
    }
    checks_.that(driver_->clipped_o == counts.quantize.clipped &&
                     driver_->overflow_o == counts.quantize.overflow &&
                     driver_->flushed_o == counts.quantize.flushed,
                 "command %d: counts %u %u %u, expected %" PRIu64 " %" PRIu64 " %" PRIu64, number,
                 driver_->clipped_o, driver_->overflow_o, driver_->flushed_o,
                 counts.quantize.clipped, counts.quantize.overflow, counts.quantize.flushed);
    compare(number, c, memory, d);
  }
}

// A command that can be done with one word of its descriptor changed.
template <class Model> void Bench<Model>::refused() {
  Tensors t;
  size_t dim[3] = {3, 2, 10};
  bt_format in = {BT_BFP, 8, 0, false, BT_BLOCK_DIM0, 0, 0}, tile = in;
  tile.block = BT_BLOCK_TILE, tile.tile_rows = 2, tile.tile_cols = 3;
  bt_tensor *narrow = t.add(bt_tensor_bfp("in", in, 3, dim));
  bt_tensor *wide = t.add(bt_tensor_wide("wide", 3, dim, true, true));
  bt_command c = {};
  c.op = BT_OP_QUANTIZE;
  c.label.text = "refused";
  c.u.quantize.round = {BT_STOCHASTIC, 16, false};
  const size_t first = 32, last = 32 + 80;
  struct Change {
    bool wide;
    size_t word;
    uint32_t clear, set;
    unsigned status;
  };
  const Change changes[] = {
      {false, 0, 0, 0, 0},
      {true, 0, 0, 0, 0},
      {false, 0, 0xFF, 3, 1},                // another op
      {false, 0, 0xFF00, 4 << 8, 2},         // rounding
      {false, 0, 0, 2u << 16, 2},            // a flag
      {false, 1, ~0u, 0, 2},                 // random bits
      {false, 1, ~0u, 25, 2},
      {false, 1, ~0u, 256 + 16, 2},
      {false, first + 4, ~0u, 0, 3},         // elements, last dimension, the rest
      {false, last + 4, ~0u, 0, 10},
      {false, first + 5, ~0u, 0, 3},
      {false, first + 6, ~0u, 0, 3},
      {false, first + 7, ~0u, 0, 3},
      {false, first, 0, 4, 4},               // addresses
      {false, first + 1, 0, 2, 4},
      {false, last, 0, 8, 4},
      {false, last + 1, 0, 1, 4},
      {false, first + 2, 7, 4, 7},           // kinds
      {false, first + 2, 7, 0, 7},
      {false, last + 2, 7, 3, 7},
      {false, last + 2, 7, 2, 7},            // int16 of 8 bits
      {false, first + 2, 0xF8, 9 << 3, 7},   // int8 of 9
      {false, first + 2, 0xF8, 1 << 3, 7},
      {false, last + 2, 0, 1u << 8, 7},      // fixed point in tiles
      {false, last + 2, 0x1C00, 4u << 10, 7},
      {false, last + 3, 0xFFFF, 0, 7},       // no rows in a tile
      {false, last + 3, 0xFFFF0000, 0, 7},
      {true, first + 2, 0xC000, 3u << 14, 7},
      {true, first + 2, 0xC000, 2u << 14, 7}, // rows and columns, yet not a cell an element
      {true, first + 6, ~0u, 11, 10},        // last dimension: differs from the output's
      {false, first + 5, ~0u, static_cast<uint32_t>(entries_) + 1, 8},
      {false, last + 7, ~0u, 60, 10},
  };
  for (const Change &change : changes) {
    c.in[0] = change.wide ? wide : narrow;
    bt_tensor *result = t.add(bt_tensor_bfp("out", tile, 3, dim));
    c.out[0] = result;
    bt_rtl::MemoryImage memory(lanes_);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    d[change.word] = (d[change.word] & ~change.clear) | change.set;
    bt_rtl::SequencerResult r = driver_.run(d, memory, {2, 0, 0}, 100000);
    size_t which = static_cast<size_t>(&change - changes);
    checks_.that(r.ended && r.status == change.status, "change %zu: %s status %u, expected %u",
                 which, r.reason, r.status, change.status);
    if (!r.ended) std::exit(checks_.status());
    if (change.status != 0)
      checks_.that(r.work == 0 && r.reads + r.writes == 0, "change %zu: it went on", which);
  }
  load(rng_);
}

// With a memory that gives a word a cycle narrow values go through at a beat a cycle: what is left
// is planning, and words in which bands meet.
template <class Model> void Bench<Model>::rate() {
  for (int which = 0; which < 4; which++) {
    Tensors t;
    size_t dim[2] = {200, 40};
    bt_format in = {BT_BFP, which & 1 ? 8 : 16, 0, false, BT_BLOCK_TENSOR, 0, 0}, out = in;
    out.wl = 8;
    out.block = which & 2 ? BT_BLOCK_DIM0 : BT_BLOCK_TENSOR;
    bt_tensor *x = t.add(bt_tensor_bfp("in", in, 2, dim));
    fill(random_, x, 1);
    bt_command c = {};
    c.op = BT_OP_QUANTIZE;
    c.label.text = "rate";
    c.in[0] = x;
    c.out[0] = t.add(bt_tensor_bfp("out", out, 2, dim));
    c.u.quantize.round = {BT_FLOOR, 16, false};
    bt_rtl::MemoryImage memory(lanes_);
    bt_rtl::SequencerResult r = driver_.run(bt_rtl::describe(c, memory), memory, {6, 0, 0});
    std::printf("%zu lanes, bfp%d to bfp8, %s: %" PRIu64 " cycles, %" PRIu64 " of work\n", lanes_,
                in.wl, which & 2 ? "dim0" : "tensor", r.cycles, r.work);
    checks_.that(r.ended && r.cycles <= r.work + lanes_ + 40, "rate %d: %" PRIu64 " cycles for "
                 "%" PRIu64 " of work", which, r.cycles, r.work);
  }
}

static void print(bench::Checks &checks, const Bins &b) {
  const struct {
    const char *name;
    uint64_t count;
  } all[] = {
      {"stochastic", b.mode[0]}, {"nearest_even", b.mode[1]}, {"nearest_away", b.mode[2]},
      {"floor", b.mode[3]}, {"random bits not 16", b.bits_not_16}, {"1 random bit", b.bits_1},
      {"24 random bits", b.bits_24}, {"sr_half", b.half}, {"no draws, other bits", b.no_bits}, {"tensor", b.block[BT_BLOCK_TENSOR]},
      {"dim0", b.block[BT_BLOCK_DIM0]}, {"sample", b.block[BT_BLOCK_SAMPLE]},
      {"tile", b.block[BT_BLOCK_TILE]}, {"k32", b.block[BT_BLOCK_K32]}, {"fixed", b.fixed},
      {"asymmetric", b.asymmetric}, {"int8 out", b.narrow_out}, {"int16 out", b.wide_out},
      {"bfp8 in", b.bfp8}, {"bfp16 in", b.bfp16}, {"in tensor", b.blocks_in[BT_BLOCK_TENSOR]},
      {"in dim0", b.blocks_in[BT_BLOCK_DIM0]}, {"in tile", b.blocks_in[BT_BLOCK_TILE]},
      {"in k32", b.blocks_in[BT_BLOCK_K32]}, {"one cell", b.one_cell}, {"columns", b.columns},
      {"dimension 0", b.rows0}, {"dimension 0 and columns", b.rows0_columns}, {"rows", b.rows},
      {"a cell an element", b.each}, {"fewer than lanes", b.below_lanes},
      {"one element", b.one_element}, {"over 2000", b.thousands}, {"last below", b.last_below},
      {"last above", b.last_above}, {"last multiple", b.last_multiple},
      {"bands that share beats", b.shared_beats}, {"zero blocks", b.zero_blocks},
      {"overflowed", b.overflow}, {"flushed", b.flushed}, {"clipped", b.clipped},
      {"above the stores", b.too_large}};
  for (const auto &bin : all) {
    std::printf("%s %" PRIu64 "; ", bin.name, bin.count);
    checks.that(bin.count > 0, "never met: %s", bin.name);
  }
  std::printf("\n");
}

template <class Model>
static void run(bench::Checks &checks, size_t lanes, size_t entries, size_t tiles, int commands) {
  Bench<Model> bench(checks, lanes, entries, tiles);
  bench.refused();
  for (int n = 0; n < commands; n++) bench.drawn(n);
  bench.rate();
  print(checks, bench.bins);
}

int main() {
  bench::Checks checks("test_rtl_quantize_sequencer");
  run<Vcheck_quantize_4>(checks, 4, 64, 16, 1500);
  run<Vcheck_quantize_16>(checks, 16, 1024, 128, 1500);
  return checks.status();
}
