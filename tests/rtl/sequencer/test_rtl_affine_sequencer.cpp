// Affine and gate commands on affine_sequencer, from memory to memory, against the reference
// engine: drawn ones, all those of two training steps of LeNet-5, and what it must refuse. Results
// are compared as bytes of memory, and work with the cost model's ceil(n / L).
#include <cstring>

#include "Vcheck_affine_sequencer_16.h"
#include "Vcheck_affine_sequencer_4.h"
#include "affine_draw.h"
#include "sequencer_driver.h"

extern "C" {
#include "num/stream.h"
#include "ref/ref.h"
#include "train/train.h"
}

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

// Interesting cases, by name: none may stay empty.
struct Bins {
  enum Bin {
    AFFINE, GATE, ONE_DIMENSION, SHORT_LAST, BEATS_CROSS_ROWS, SHORT_REST, BY_ROW, BY_COLUMN,
    BY_BOTH, EACH, RING, TILES, K32, SAMPLES, FIXED, BYTES, ROW_OPERAND, FOUR_TERMS, VECTORS,
    ADDEND_VECTOR, ADDEND, RELU, MASKED, NO_CONSTANT, FLOORED, LOST_BLOCK, KEPT_BLOCK, STALLED,
    TOO_LARGE, COUNT
  };
  static const char *name(size_t bin) {
    static const char *const names[COUNT] = {
        "affine", "gate", "one dimension", "last < L", "last no multiple of L", "rest < L",
        "cells by row", "cells by last index", "cells by both", "cells by element",
        "more cells than kept", "tiles", "k32", "dim0 or sample", "fixed point", "bytes",
        "operand for every row", "four terms", "vectors of constants", "vector of addends",
        "addend", "relu", "masked", "no constant but zero", "final floor",
        "block of E = -128 gated away", "block of E = -128 kept", "stalled memory",
        "too large for the stores"};
    return names[bin];
  }
  uint64_t count[COUNT] = {};
  void hit(Bin bin, bool is = true) { count[bin] += is; }
};

static bool is_bfp(const bt_tensor &t) { return t.kind == BT_T_BFP8 || t.kind == BT_T_BFP16; }

static void note_operand(Bins &bins, const bt_tensor &x) {
  bins.hit(Bins::BYTES, x.kind == BT_T_BYTE);
  if (!is_bfp(x)) return;
  bins.hit(Bins::FIXED, x.fmt.kind == BT_FIXED);
  if (x.fmt.kind == BT_FIXED || bt_tensor_exponents(&x) == 1) return;
  bins.hit(Bins::TILES, x.fmt.block == BT_BLOCK_TILE);
  bins.hit(Bins::K32, x.fmt.block == BT_BLOCK_K32);
  bins.hit(Bins::SAMPLES, x.fmt.block == BT_BLOCK_DIM0 || x.fmt.block == BT_BLOCK_SAMPLE);
}

static void note(Bins &bins, const bt_command &c, size_t lanes, size_t cells) {
  const bt_tensor &y = *c.out[0];
  size_t n = bt_tensor_elements(&y), last = bt_tensor_last(&y), rest = n / y.dim[0];
  bins.hit(Bins::ONE_DIMENSION, y.ndim == 1 && n > 1);
  bins.hit(Bins::SHORT_LAST, last < lanes && n > last);
  bins.hit(Bins::BEATS_CROSS_ROWS, last > lanes && last % lanes != 0 && n > last);
  bins.hit(Bins::SHORT_REST, rest < lanes && rest > 1 && y.dim[0] > 1);
  note_operand(bins, *c.in[0]);
  if (c.op == BT_OP_GATE) {
    bins.hit(Bins::GATE);
    for (size_t b = 0; b < bt_tensor_exponents(&y); b++) {
      if (y.fmt.kind != BT_BFP || y.exp[b] != -128) continue;
      bool zero = bt_tensor_zero_block(&y, b);
      bins.hit(Bins::KEPT_BLOCK, !zero);
      bins.hit(Bins::LOST_BLOCK, zero && !bt_tensor_zero_block(c.in[0], b));
    }
    return;
  }
  const auto &a = c.u.affine;
  bins.hit(Bins::AFFINE);
  bool each = bt_tensor_has_each(&y) && n > 1;
  bins.hit(Bins::EACH, each);
  bins.hit(Bins::BY_ROW, !each && y.n0 > 1 && y.nl == 1);
  bins.hit(Bins::BY_COLUMN, !each && y.n0 == 1 && y.nl > 1);
  bins.hit(Bins::BY_BOTH, !each && y.n0 > 1 && y.nl > 1);
  bins.hit(Bins::RING, bt_tensor_exponents(&y) > cells);
  bins.hit(Bins::FOUR_TERMS, a.terms == 4);
  bool constant = a.has_c0 && a.c0.mantissa != 0;
  for (size_t k = 0; k < a.terms; k++) {
    if (k > 0) note_operand(bins, *c.in[k]);
    bins.hit(Bins::ROW_OPERAND, bt_tensor_elements(c.in[k]) != n);
    bins.hit(Bins::VECTORS, c.in[BT_IN_CONSTANTS + k] != nullptr);
    constant |= c.in[BT_IN_CONSTANTS + k] != nullptr || a.c[k].mantissa != 0;
  }
  bins.hit(Bins::ADDEND_VECTOR, c.in[BT_IN_ADDEND] != nullptr);
  bins.hit(Bins::ADDEND, a.has_c0);
  bins.hit(Bins::RELU, a.relu);
  bins.hit(Bins::MASKED, a.masked);
  bins.hit(Bins::NO_CONSTANT, !constant && !c.in[BT_IN_ADDEND]);
  bins.hit(Bins::FLOORED, y.bits == 31);
}

// Sizes of the sequencer's stores (docs/rtl.md).
struct Stores {
  size_t lanes, cells, exponents, vector;
};

// Whether they are enough for a command.
static bool fits(const Stores &s, const bt_command &c) {
  const bt_tensor &y = *c.out[0];
  size_t last = bt_tensor_last(&y), n = bt_tensor_elements(&y);
  if (c.op == BT_OP_GATE) return bt_tensor_exponents(&y) <= s.exponents;
  bool vectors = c.in[BT_IN_ADDEND] != nullptr;
  for (size_t k = 0; k < c.u.affine.terms; k++) {
    const bt_tensor &x = *c.in[k];
    if (x.kind != BT_T_BYTE && bt_tensor_exponents(&x) > s.exponents) return false;
    vectors |= bt_tensor_elements(&x) != n || c.in[BT_IN_CONSTANTS + k];
  }
  if (vectors && last > s.vector) return false;
  if (y.nl == 1 || bt_tensor_has_each(&y)) return true;
  return y.n0 == 1 ? last <= s.cells : 2 * last + s.lanes <= s.cells;
}

template <class Model> class Machine {
public:
  Machine(bench::Checks &c, const Stores &stores)
      : checks(c), lanes_(stores.lanes), stores_(stores), memory_(stores.lanes),
        random_(c.seed() + stores.lanes) {
    bt_error error = {};
    bt_machine machine = bt_machine_default();
    ref_ = bt_ref_engine(&machine);
    must(bt_lfsr_start(&rng_, 1, machine.lanes), error);
  }
  ~Machine() { ref_->destroy(ref_); }

  void run_ref(const bt_command &c) {
    bt_error error = {};
    must(ref_->run(ref_, &c, &rng_, &counts_, &error), error);
  }

  // On the reference, then on the sequencer with each timing.
  void compare(const bt_command &c, int timings) {
    bt_error error = {};
    must(bt_command_check(&c, &error), error);
    if (!fits(stores_, c)) {
      bins.hit(Bins::TOO_LARGE);
      refuse(describe(c), 8, c.label.text);
      return;
    }
    run_ref(c);
    note(bins, c, lanes_, stores_.cells);
    for (int n = 0; n < timings; n++) once(c, timing(n));
  }

  // A descriptor that must be refused, with `status`.
  void refuse(const bt_rtl::Descriptor &d, unsigned status, const char *what) {
    bt_rtl::SequencerResult r = driver_.run(d, memory_, timing(2), 100000);
    checks.that(r.ended && r.status == status && r.writes == 0, "%s: %s, status %u, expected %u",
                what, r.ended ? "ended" : r.reason, r.status, status);
  }

  bt_rtl::Descriptor describe(const bt_command &c) {
    memory_.clear();
    return bt_rtl::describe(c, memory_);
  }

  bench::Checks &checks;
  Bins bins;
  uint64_t cycles = 0, work = 0, commands = 0;

private:
  // Fast memory, slow memory, then drawn ones.
  bt_rtl::Timing timing(int n) {
    uint64_t seed = random_.next();
    if (n == 0) return {0, 0, seed};
    if (n == 1) return {9, 128, seed};
    return {static_cast<unsigned>(random_.below(10)),
            random_.below(2) ? 0 : static_cast<unsigned>(random_.range(64, 128)), seed};
  }

  void once(const bt_command &c, bt_rtl::Timing timing) {
    bt_rtl::Descriptor d = describe(c);
    bt_rtl::SequencerResult r = driver_.run(d, memory_, timing);
    bins.hit(Bins::STALLED, timing.stall > 0);
    const char *name = c.label.text;
    checks.that(r.ended && r.status == 0, "%s: %s, status %u", name, r.reason, r.status);
    size_t n = bt_tensor_elements(c.out[0]), want = (n + lanes_ - 1) / lanes_;
    checks.that(r.work == want, "%s: work %" PRIu64 ", expected %zu", name, r.work, want);
    checks.that(memory_.intact(), "%s: wrote outside of its results", name);
    cycles += r.cycles, work += r.work, commands++;
    bt_rtl::MemoryImage expected(lanes_);
    for (const bt_tensor *out : c.out)
      if (out) same(name, *out, expected.put(*out), expected);
  }

  // The result as it lies in memory, zero blocks' marks included.
  void same(const char *name, const bt_tensor &out, bt_rtl::Place want,
            const bt_rtl::MemoryImage &expected) {
    bt_rtl::Place got = memory_.space(out);
    size_t data = bt_rtl::tensor_bytes(out), size = bt_tensor_element_size(&out);
    for (size_t i = 0; i < data; i += size)
      checks.that(std::memcmp(memory_.at(got.data) + i, expected.at(want.data) + i, size) == 0,
                  "%s (%zu elements, last %zu, cells %zu x %zu): element %zu differs, expected "
                  "%d", name, bt_tensor_elements(&out), bt_tensor_last(&out), out.n0, out.nl,
                  i / size, bt_tensor_mantissa(&out, i / size));
    if (want.exponents == 0) return;
    size_t bytes = memory_.word() + 2 * bt_tensor_exponents(&out);
    for (size_t i = 0; i < bytes; i++)
      checks.that(memory_.at(got.exponents)[i] == expected.at(want.exponents)[i],
                  "%s (%zu elements, last %zu, cells %zu x %zu): byte %zu of exponents is %02x, "
                  "expected %02x", name, bt_tensor_elements(&out), bt_tensor_last(&out), out.n0,
                  out.nl, i, memory_.at(got.exponents)[i], expected.at(want.exponents)[i]);
  }

  size_t lanes_;
  Stores stores_;
  bt_rtl::SequencerDriver<Model> driver_;
  bt_rtl::MemoryImage memory_;
  bench::Random random_;
  bt_engine *ref_;
  bt_lfsr rng_ = {};
  bt_counts counts_ = {};
};

template <class Model> static void drawn(Machine<Model> &m, size_t lanes, int affines, int gates) {
  bench::Random random(m.checks.seed());
  for (int n = 0; n < affines; n++) {
    affine_draw::Drawn d;
    affine_draw::affine(random, lanes, d);
    m.compare(d.command, 3);
  }
  for (int n = 0; n < gates; n++) {
    affine_draw::Drawn d;
    affine_draw::gate(random, lanes, d);
    m.compare(d.command, 3);
  }
  static const bt_format formats[] = {
      {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0}, {BT_BFP, 8, 0, false, BT_BLOCK_DIM0, 0, 0},
      {BT_BFP, 16, 0, true, BT_BLOCK_DIM0, 0, 0},   {BT_BFP, 8, 0, false, BT_BLOCK_TILE, 3, 5},
      {BT_BFP, 12, 0, false, BT_BLOCK_K32, 0, 0},   {BT_FIXED, 8, 6, true, BT_BLOCK_TENSOR, 0, 0}};
  for (int n = 0; n < affines / 4; n++) {
    affine_draw::Drawn d;
    affine_draw::update(random, lanes, formats[n % 6], n % 4 < 2, d);
    m.compare(d.command, 2);
  }
}

// More cells than are kept at a time, of each kind.
template <class Model> static void many_cells(Machine<Model> &m) {
  bench::Random random(m.checks.seed() + 1);
  const size_t rows[2] = {1000, 3}, both[3] = {150, 2, 7}, flat[1] = {300};
  for (int n = 0; n < 8; n++) {
    affine_draw::Drawn a, b, c;
    affine_draw::plain(random, 2, rows, true, false, a);
    affine_draw::plain(random, 3, both, true, true, b);
    affine_draw::plain(random, 1, flat, false, true, c);
    m.compare(a.command, 3);
    m.compare(b.command, 3);
    m.compare(c.command, 3);
  }
}

// `block`: of weights, gradients and momentum.
template <class Model>
static void lenet_steps(Machine<Model> &m, bt_block block, size_t batch, int timings) {
  bt_error error = {};
  bt_recipe recipe;
  bt_model *model = nullptr;
  bt_step step;
  bt_loss loss = {};
  must(bt_recipe_load(BITTRUE_RECIPE, &recipe, &error), error);
  for (bt_format *f : {&recipe.w, &recipe.g, &recipe.m}) f->block = block;
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, batch, &loss, &step, &error), error);
  for (uint64_t n = 0; n < 2; n++) {
    bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, n);
    uint8_t *pixel = static_cast<uint8_t *>(step.pixels->data);
    for (size_t i = 0; i < bt_tensor_elements(step.pixels); i++)
      pixel[i] = static_cast<uint8_t>(bt_stream_below(s, i, 256));
    for (size_t i = 0; i < batch; i++)
      static_cast<uint8_t *>(step.labels->data)[i] = static_cast<uint8_t>(i + n);
    for (size_t i = 0; i < bt_program_size(step.program); i++) {
      const bt_command &c = *bt_program_at(step.program, i);
      if (c.op == BT_OP_AFFINE || c.op == BT_OP_GATE) m.compare(c, timings);
      else m.run_ref(c);
    }
  }
  bt_step_free(&step);
  bt_model_free(model);
}

static uint32_t &slot(bt_rtl::Descriptor &d, size_t s, size_t word) {
  return d[bt_rtl::DESCRIPTOR_PARAMETERS + s * bt_rtl::SLOT_WORDS + word];
}

// Descriptors that the sequencer must not run. `vector`, `exponents`: sizes of its stores.
template <class Model> static void refused(Machine<Model> &m, size_t vector, size_t exponents) {
  bench::Random random(m.checks.seed() + 2);
  const size_t dim[3] = {4, 3, 5}, long_last[2] = {2, vector + 1}, rows[2] = {exponents + 1, 2};
  affine_draw::Drawn a, g, per_last, per_row;
  affine_draw::plain(random, 3, dim, true, true, a);
  do {
    g.command = {};
    affine_draw::gate(random, 4, g);
  } while (g.command.in[0]->fmt.block != BT_BLOCK_TILE || bt_tensor_exponents(g.command.in[0]) < 2);
  affine_draw::plain(random, 2, long_last, false, true, per_last);
  affine_draw::plain(random, 2, rows, true, false, per_row);

  struct Case {
    const char *what;
    unsigned status;
    size_t slot, word; // slot 12: a word of the parameters
    uint32_t clear, set;
  };
  const size_t head = bt_rtl::DESCRIPTOR_SLOTS, out = bt_rtl::SLOT_OUT;
  const Case cases[] = {
      {"no terms", 2, head, 0, 0xFF00, 0},
      {"five terms", 2, head, 0, 0xFF00, 0x500},
      {"relu and mask", 2, head, 0, 0, 3u << 16},
      {"a flag that is none", 2, head, 0, 0, 8u << 16},
      {"a vector for no term", 2, head, 0, 0, 1u << (16 + 9)},
      {"two addends", 2, head, 0, 0, (4u | 1u << 12) << 16},
      {"no elements", 3, out, 4, ~0u, 0},
      {"no last dimension", 3, out, 6, ~0u, 0},
      {"no rest", 3, out, 7, ~0u, 0},
      {"output not wide", 7, out, 2, 7, 1},
      {"sums for an operand", 7, 0, 2, 7, 5},
      {"int8 of 9 bits", 7, 0, 2, 0xFF, 1 | 9u << 3},
      {"operand of other size", 7, 0, 4, ~0u, 61},
      {"operand of other rows", 7, 0, 7, ~0u, 20},
      {"operand by last index, output not", 7, out, 2, 1u << 13, 0},
      {"operand by sample, output not", 7, out, 2, 3u << 14, 0},
      {"split of no kind", 7, out, 2, 0, 3u << 14},
      {"operand without exponents", 7, 0, 5, ~0u, 0},
      {"samples that are not whole rows", 7, out, 7, ~0u, 14},
      {"mask that is not there", 7, head, 0, 0, 2u << 16},
      {"relu's mask that is not there", 7, head, 0, 0, 1u << 16},
      {"vector of constants that is not there", 7, head, 0, 0, 1u << (16 + 8)},
      {"too many exponents", 8, 0, 5, ~0u, static_cast<uint32_t>(exponents) + 1},
  };
  for (const Case &t : cases) {
    bt_rtl::Descriptor d = m.describe(a.command);
    if (t.slot == out && t.word == 7 && t.set != 0) slot(d, 0, 7) = t.set;
    uint32_t &word = t.slot == head ? d[t.word] : slot(d, t.slot, t.word);
    word = (word & ~t.clear) | t.set;
    m.refuse(d, t.status, t.what);
  }
  m.refuse(m.describe(per_last.command), 8, "cells of a long last dimension");
  m.refuse(m.describe(per_row.command), 8, "exponents of many rows");

  const Case gates[] = {
      {"gate: a variant", 2, head, 0, 0, 1u << 8},
      {"gate: a flag", 2, head, 0, 0, 1u << 16},
      {"gate: no elements", 3, out, 4, ~0u, 0},
      {"gate: wide", 7, 0, 2, 7, 3},
      {"gate: other widths", 7, 0, 2, 1u << 3, 0},
      {"gate: tiles of no rows", 7, 0, 3, 0xFFFF, 0},
      {"gate: no mask", 7, 4, 2, 7, 0},
      {"gate: another mask", 7, 4, 4, ~0u, 1u << 20},
  };
  for (const Case &t : gates) {
    bt_rtl::Descriptor d = m.describe(g.command);
    uint32_t &word = t.slot == head ? d[t.word] : slot(d, t.slot, t.word);
    word = word == ((word & ~t.clear) | t.set) ? word ^ t.clear : (word & ~t.clear) | t.set;
    m.refuse(d, t.status, t.what);
  }
  // What was refused leaves nothing behind.
  m.compare(a.command, 3);
  m.compare(g.command, 3);
}

template <class Model> static void print(const char *what, const Machine<Model> &m) {
  std::printf("%s: %" PRIu64 " runs, %" PRIu64 " cycles, %" PRIu64 " of work\n", what, m.commands,
              m.cycles, m.work);
}

int main() {
  bench::Checks checks("test_rtl_affine_sequencer");
  Machine<Vcheck_affine_sequencer_4> four(checks, {4, 64, 256, 128});
  drawn(four, 4, 1200, 400);
  many_cells(four);
  refused(four, 128, 256);
  print("4 lanes", four);
  Machine<Vcheck_affine_sequencer_16> sixteen(checks, {16, 1024, 1024, 1024});
  drawn(sixteen, 16, 300, 100);
  refused(sixteen, 1024, 1024);
  print("16 lanes", sixteen);
  lenet_steps(sixteen, BT_BLOCK_DIM0, 3, 1);
  lenet_steps(sixteen, BT_BLOCK_TENSOR, 2, 1);
  print("16 lanes, with LeNet-5", sixteen);
  for (size_t i = 0; i < Bins::COUNT; i++) {
    uint64_t count = four.bins.count[i] + sixteen.bins.count[i];
    std::printf("%8" PRIu64 " %s\n", count, Bins::name(i));
    checks.that(count > 9, "%s: %" PRIu64 " cases", Bins::name(i), count);
  }
  return checks.status();
}
