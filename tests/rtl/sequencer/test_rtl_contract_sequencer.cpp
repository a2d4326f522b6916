// contract_sequencer against the reference engine: drawn contractions of all directions, formats
// and blocks on arrays of several shapes and accumulators, with slow memory; cycles against the
// cost model; descriptors that it cannot do. With an argument, instead: the layers of LeNet-5 and
// of a perceptron for a batch of so many, each with its cycles.
#include <cstring>
#include <string>

#include "Vcheck_contract_16.h"
#include "Vcheck_contract_3x4.h"
#include "Vcheck_contract_4.h"
#include "Vcheck_contract_4x3.h"
#include "contract_bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cost/cycles.h"
#include "cost/k_groups.h"
#include "ref/ref.h"
}

namespace {

using contract::Case;

const size_t BLOCKS_SMALL = 64; // of the models of 4 lanes
const uint64_t LIMIT = 3000000;   // cycles of a command

void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

struct Seen {
  uint64_t commands = 0, chunks = 0, groups = 0, dropped = 0, zeros = 0, nothing = 0, narrow = 0,
           saturated = 0, strided = 0, padded = 0, two_pass = 0, plain = 0, fixed = 0, partial = 0,
           tiles = 0, skipped = 0, lines = 0;
};

struct Setting {
  const char *name;
  size_t lanes, rows, cols, depth;
  int acc_bits;
  bool wrap;
};

std::string text(const bt_command &c) {
  const bt_geometry &g = c.u.contract.geometry;
  char line[200];
  std::snprintf(line, sizeof line,
                "%s n%zu h%zu w%zu c%zu o%zu k%zux%zu s%zu p%zu y%zux%zu, blocks %d %d, wl %d %d",
                bt_direction_name(c.u.contract.direction), g.n, g.h, g.w, g.c, g.o, g.kh, g.kw,
                g.stride, g.pad, g.oh, g.ow, c.in[0]->fmt.block, c.in[1]->fmt.block,
                c.in[0]->fmt.wl, c.in[1]->fmt.wl);
  return line;
}

template <class Model> class Runner {
public:
  Runner(bench::Checks &checks, const Setting &setting)
      : checks_(checks), setting_(setting), memory_(setting.lanes),
        machine_(bt_machine_default()) {
    machine_.rows = setting.rows;
    machine_.cols = setting.cols;
    machine_.acc.acc_bits = setting.acc_bits;
    machine_.acc.wrap = setting.wrap;
    ref_ = bt_ref_engine(&machine_);
  }
  ~Runner() { ref_->destroy(ref_); }

  bt_rtl::SequencerResult run(const bt_command &c, bt_rtl::Timing timing) {
    bt_error error = {};
    bt_counts counts = {};
    must(bt_command_check(&c, &error), error);
    must(ref_->run(ref_, &c, nullptr, &counts, &error), error);
    bt_tensor &out = *c.out[0];
    size_t elements = bt_tensor_elements(&out), exponents = bt_tensor_exponents(&out);
    int32_t *data = static_cast<int32_t *>(out.data);
    std::vector<int32_t> want(data, data + elements);
    std::vector<int16_t> want_exponents(out.exp, out.exp + exponents);
    int want_bits = out.bits;

    memory_.clear();
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory_);
    std::memset(data, 0x5A, elements * sizeof *data);
    bt_rtl::SequencerResult r = driver_.run(d, memory_, timing, LIMIT);
    bt_rtl::collect(c, d, memory_);
    std::string what = std::string(setting_.name) + " " + text(c);
    checks_.that(r.ended && r.status == 0, "%s: %s, status %u", what.c_str(), r.reason, r.status);
    checks_.that(memory_.intact(), "%s: wrote where nothing is", what.c_str());
    size_t bad = 0;
    for (size_t i = 0; i < elements; i++)
      if (data[i] != want[i] && bad++ == 0)
        checks_.that(false, "%s: element %zu: %d, expected %d", what.c_str(), i, data[i], want[i]);
    checks_.that(bad == 0, "%s: %zu of %zu elements differ", what.c_str(), bad, elements);
    for (size_t i = 0; i < exponents; i++)
      checks_.that(out.exp[i] == want_exponents[i], "%s: exponent %zu: %d, expected %d",
                   what.c_str(), i, out.exp[i], want_exponents[i]);
    checks_.that(out.bits == want_bits, "%s: bits %d, expected %d", what.c_str(), out.bits,
                 want_bits);
    bt_passes passes;
    must(bt_cost_passes(&machine_, &c, false, &passes, &error), error);
    uint64_t work = static_cast<uint64_t>(bt_cost_array_cycles(&machine_, &passes));
    checks_.that(r.work == work, "%s: %" PRIu64 " cycles of work, expected %" PRIu64, what.c_str(),
                 r.work, work);
    note(c, passes, counts, out);
    return r;
  }

  // A descriptor that ends with a status, without anything written.
  void refuse(const Case &c, unsigned status, const char *what,
              void (*spoil)(bt_rtl::Descriptor &)) {
    memory_.clear();
    bt_rtl::Descriptor d = bt_rtl::describe(c.command, memory_);
    spoil(d);
    bt_rtl::SequencerResult r = driver_.run(d, memory_, {0, 0, 1});
    checks_.that(r.ended && r.status == status && r.work == 0 && r.writes == 0,
                 "%s: %s: status %u, expected %u", setting_.name, what, r.status, status);
  }

  const Seen &seen() const { return seen_; }

private:
  void note(const bt_command &c, const bt_passes &passes, const bt_counts &counts,
            const bt_tensor &out) {
    const bt_geometry &g = c.u.contract.geometry;
    bt_extent e = bt_geometry_extent(&g, c.u.contract.direction);
    seen_.commands++;
    seen_.chunks += e.k > 2 * setting_.depth;
    seen_.groups += passes.groups > 1 && c.in[1]->fmt.wl <= 8;
    seen_.skipped += passes.groups > 1 && c.in[1]->fmt.wl <= 8 && e.k > 2 * setting_.depth;
    seen_.dropped += counts.dropped > 0;
    seen_.nothing += passes.groups == 0;
    bool zero = false;
    for (size_t i = 0; i < bt_tensor_exponents(&out); i++) zero = zero || out.exp[i] == -512;
    seen_.zeros += zero && passes.groups > 0;
    seen_.narrow += passes.rows < setting_.rows || passes.cols < setting_.cols;
    seen_.partial += passes.rows % setting_.rows != 0 && passes.cols % setting_.cols != 0;
    seen_.tiles += passes.row_tiles > 2 && passes.col_tiles > 2;
    seen_.saturated += counts.saturations > 0;
    seen_.strided += g.stride > 1 && g.pad > 0;
    seen_.padded += g.pad >= g.kh && g.kh > 1;
    seen_.two_pass += c.in[1]->fmt.wl > 8;
    seen_.plain += g.h == 1 && g.w == 1;
    size_t apart = g.stride * g.c, run = g.kw * g.c; // docs/rtl.md: runs of places of a line
    seen_.lines += c.u.contract.direction != BT_DATA_GRADIENT &&
                   (apart == 1 || apart == 2 || apart == 4) && run <= setting_.rows / 2 &&
                   run < g.ow;
    seen_.fixed += c.in[0]->fmt.kind == BT_FIXED || c.in[1]->fmt.kind == BT_FIXED;
  }

  bench::Checks &checks_;
  Setting setting_;
  bt_rtl::MemoryImage memory_;
  bt_machine machine_;
  bt_engine *ref_;
  bt_rtl::SequencerDriver<Model> driver_;
  Seen seen_;
};

bt_rtl::Timing draw_timing(bench::Random &random) {
  return {static_cast<unsigned>(random.below(10)),
          random.below(2) ? 0 : static_cast<unsigned>(64 + random.below(65)), random.next()};
}

template <class Model> void drawn(Runner<Model> &runner, bench::Random &random, int commands,
                                  uint64_t work) {
  for (int n = 0; n < commands; n++) {
    Case c;
    contract::draw(random, c, work);
    runner.run(c.command, draw_timing(random));
  }
}

template <class Model> void refused(Runner<Model> &runner) {
  Case small, cut;
  contract::Shape s = {};
  s.geometry = {2, 3, 3, 4, 5, 2, 2, 1, 0, 2, 2};
  s.a = s.b = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
  contract::build(small, s);
  s.geometry = {1, 1, 1, 4, BLOCKS_SMALL + 1, 1, 1, 1, 0, 1, 1};
  s.b.block = BT_BLOCK_DIM0;
  contract::build(cut, s);
  using D = bt_rtl::Descriptor;
  // Words 32 on: the slot of A; 40 on: of B; 112 on: of the output.
  runner.refuse(small, 2, "direction 3", [](D &d) { d[0] |= 3u << 8; });
  runner.refuse(small, 3, "no channels", [](D &d) { d[4] = 0; });
  runner.refuse(small, 3, "no rows", [](D &d) { d[12] = 0; });
  runner.refuse(small, 4, "data of B", [](D &d) { d[40] += 4; });
  runner.refuse(small, 4, "exponents of the output", [](D &d) { d[113] += 2; });
  runner.refuse(small, 7, "a wide operand", [](D &d) { d[34] = (d[34] & ~7u) | 3; });
  runner.refuse(small, 7, "16 bits for A", [](D &d) { d[34] = (d[34] & ~0xFFu) | 2 | 12 << 3; });
  runner.refuse(small, 7, "16 bits for B", [](D &d) { d[42] = (d[42] & ~0xFFu) | 2 | 16 << 3; });
  runner.refuse(small, 7, "tiles", [](D &d) { d[42] |= 2u << 10; });
  runner.refuse(small, 7, "a narrow output", [](D &d) { d[114] = 1 | 8 << 3; });
  runner.refuse(cut, 7, "cells without columns", [](D &d) { d[114] &= ~(1u << 13); d[45] = 2; });
  runner.refuse(cut, 8, "blocks above the store", [](D &) {});
}

void count(bench::Checks &checks, const char *name, const Seen &s, bool chunked, bool narrow) {
  std::printf("%s: %" PRIu64 " commands: %" PRIu64 " of several chunks, %" PRIu64 " with groups, %"
              PRIu64 " both, %" PRIu64 " dropped, %" PRIu64 " with zero blocks, %" PRIu64
              " of nothing else, %" PRIu64 " saturated or wrapped, %" PRIu64 " strided, %" PRIu64
              " padded beyond the window, %" PRIu64 " in two passes, %" PRIu64
              " fully connected, %" PRIu64 " fixed, %" PRIu64 " below a tile, %" PRIu64
              " ragged, %" PRIu64 " of many tiles, %" PRIu64 " by lines of places\n",
              name, s.commands, s.chunks, s.groups, s.skipped, s.dropped, s.zeros, s.nothing,
              s.saturated, s.strided, s.padded, s.two_pass, s.plain, s.fixed, s.narrow, s.partial,
              s.tiles, s.lines);
  bool all = s.groups && s.dropped && s.zeros && s.nothing && s.strided && s.padded &&
             s.two_pass && s.plain && s.fixed && s.narrow && s.partial && s.lines;
  checks.that(all && (!chunked || (s.chunks && s.tiles)) &&
                  (!narrow || (s.saturated && s.skipped)),
              "%s: a case was not met", name);
}

struct Layer {
  const char *net, *name;
  bt_geometry geometry; // n: the batch's
  bool first;           // no data gradient
};

const Layer LAYERS[] = {
    {"LeNet-5", "conv1", {0, 28, 28, 1, 6, 5, 5, 1, 2, 28, 28}, true},
    {"LeNet-5", "conv2", {0, 14, 14, 6, 16, 5, 5, 1, 0, 10, 10}, false},
    {"LeNet-5", "fc1", {0, 1, 1, 400, 120, 1, 1, 1, 0, 1, 1}, false},
    {"LeNet-5", "fc2", {0, 1, 1, 120, 84, 1, 1, 1, 0, 1, 1}, false},
    {"LeNet-5", "fc3", {0, 1, 1, 84, 10, 1, 1, 1, 0, 1, 1}, false},
    {"784-100-10", "fc1", {0, 1, 1, 784, 100, 1, 1, 1, 0, 1, 1}, true},
    {"784-100-10", "fc2", {0, 1, 1, 100, 10, 1, 1, 1, 0, 1, 1}, false},
};

template <class Model>
void layers(Runner<Model> &runner, bench::Random &random, size_t batch, bool cut) {
  std::string net;
  uint64_t work = 0, cycles = 0;
  auto total = [&] {
    if (work) std::printf("%-11s total %37" PRIu64 " %10" PRIu64 " %6.2f\n", net.c_str(), work,
                          cycles, static_cast<double>(cycles) / static_cast<double>(work));
    work = cycles = 0;
  };
  std::printf("batch %zu, weights in block %s\n%-11s %-6s %-16s %18s %10s %6s %9s %9s\n", batch,
              cut ? "dim0" : "tensor", "net", "layer", "direction", "work", "elapsed", "ratio",
              "reads", "writes");
  for (const Layer &l : LAYERS) {
    if (net != l.net) total();
    net = l.net;
    for (int d = 0; d < 3; d++) {
      if (d == BT_DATA_GRADIENT && l.first) continue;
      Case c;
      contract::Shape s = {};
      s.direction = static_cast<bt_direction>(d);
      s.geometry = l.geometry;
      s.geometry.n = batch;
      s.a = s.b = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
      if (cut && d != BT_WEIGHT_GRADIENT) s.b.block = BT_BLOCK_DIM0;
      contract::build(c, s);
      for (int i = 0; i < 2; i++)
        contract::fill(random, const_cast<bt_tensor &>(*c.command.in[i]), contract::NEAR, 0);
      bt_rtl::SequencerResult r = runner.run(c.command, {4, 0, 1});
      std::printf("%-11s %-6s %-16s %18" PRIu64 " %10" PRIu64 " %6.2f %9" PRIu64 " %9" PRIu64 "\n",
                  l.net, l.name, bt_direction_name(s.direction), r.work, r.cycles,
                  static_cast<double>(r.cycles) / static_cast<double>(r.work), r.reads, r.writes);
      work += r.work, cycles += r.cycles;
    }
  }
  total();
}

} // namespace

int main(int argc, char **argv) {
  bench::Checks checks("test_rtl_contract_sequencer");
  bench::Random random(checks.seed());
  Runner<Vcheck_contract_16> wide(checks, {"16x16", 16, 16, 16, 2048, 32, false});
  if (argc > 1) {
    size_t batch = std::strtoul(argv[1], nullptr, 10);
    for (bool cut : {false, true}) layers(wide, random, batch, cut);
    return checks.status();
  }
  Runner<Vcheck_contract_4> square(checks, {"4x4", 4, 4, 4, 64, 32, false});
  Runner<Vcheck_contract_3x4> narrow(checks, {"3x4 saturating", 4, 3, 4, 16, 14, false});
  Runner<Vcheck_contract_4x3> wrapping(checks, {"4x3 wrapping", 4, 4, 3, 32, 16, true});
  drawn(square, random, 400, 60000);
  drawn(narrow, random, 400, 40000);
  drawn(wrapping, random, 250, 40000);
  drawn(wide, random, 120, 300000);
  count(checks, "4x4", square.seen(), true, false);
  count(checks, "3x4", narrow.seen(), true, true);
  count(checks, "4x3", wrapping.seen(), true, true);
  count(checks, "16x16", wide.seen(), false, false);
  refused(square);
  return checks.status();
}
