// The sequencer of quantize against the reference engine: drawn commands over every input, block
// shape and rounding, memory fast, slow and stalling; mantissas, exponents, the lanes' generators,
// the counts, the model's cycles. Descriptors that it cannot do, by their status.
#include "Vcheck_quantize_16.h"
#include "Vcheck_quantize_4.h"
#include "quantize_draw.h"
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
