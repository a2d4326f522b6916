// Softmax commands from memory to memory, by softmax_sequencer of 4 and of 16 lanes, against the
// reference: drawn rows of 2 to 1,024 classes in every block shape, fixed point, ties, one-hot
// logits, far exponents, labels at both ends, and those of LeNet-5's training; the work of each is
// the model's cycles (docs/cost.md 4). Commands that it does not do end with their status.
#include <cstring>

#include "Vcheck_softmax_16.h"
#include "Vcheck_softmax_4.h"
#include "scalar_command.h"

using namespace bt_rtl;

static bench::Checks checks("test_rtl_softmax_sequencer");

static const size_t PARAMETER_CLASSES = 1024;
static uint64_t commands, rows_seen, tied, one_hot, correct, wrong, vanished, limited, no_error;
static uint64_t by_block[5], fixed, halves, zero_blocks, two_classes, many_classes, short_words;
static uint64_t crowded, learned;

// The same contents in a sequencer, several times, and in the reference.
template <class Model> class Bench {
public:
  explicit Bench(size_t lanes) : memory_(lanes) {}

  void run(const bt_command &c, bench::Random &random, bt_engine *ref, size_t times) {
    bt_loss before = *c.u.softmax.loss;
    std::vector<std::string> got;
    std::vector<bt_loss> sums;
    for (size_t i = 0; i < times; i++) {
      *c.u.softmax.loss = before;
      if (c.out[0]) std::memset(c.out[0]->data, 0x5A, tensor_bytes(*c.out[0]));
      memory_.clear();
      Descriptor d = describe(c, memory_);
      std::string operands = inputs(c, memory_, d);
      Timing timing = draw_timing(random, i);
      SequencerResult r = driver_.run(d, memory_, timing);
      collect(c, d, memory_);
      checks.that(r.ended && r.status == 0, "%s: %s, status %u", c.label.text, r.reason, r.status);
      checks.that(memory_.intact() && inputs(c, memory_, d) == operands,
                  "%s: wrote where nothing of it lies", c.label.text);
      uint64_t want = static_cast<uint64_t>(bt_cost_scalar_cycles(&c));
      checks.that(r.work == want, "%s: %" PRIu64 " cycles of work, expected %" PRIu64,
                  c.label.text, r.work, want);
      busy += i == 0 ? r.cycles : 0;
      work += i == 0 ? r.work : 0;
      got.push_back(contents(c.out[0]));
      sums.push_back(*c.u.softmax.loss);
    }
    *c.u.softmax.loss = before;
    bt_error error = {};
    must(run_reference(ref, c, error), error);
    for (size_t i = 0; i < times; i++) {
      checks.that(got[i] == contents(c.out[0]), "%s: the error differs (memory %zu)",
                  c.label.text, i);
      checks.that(std::memcmp(&sums[i], c.u.softmax.loss, sizeof sums[i]) == 0,
                  "%s: loss %" PRId64 ", correct %" PRIu64 " of %" PRIu64 ", expected %" PRId64
                  ", %" PRIu64 " of %" PRIu64, c.label.text, sums[i].loss_bits, sums[i].correct,
                  sums[i].rows, c.u.softmax.loss->loss_bits, c.u.softmax.loss->correct,
                  c.u.softmax.loss->rows);
    }
  }

  unsigned status(const Descriptor &d) {
    SequencerResult r = driver_.run(d, memory_, {3, 64, 5}, 100000);
    checks.that(r.ended && r.reads == 0 && r.writes == 0 && r.work == 0,
                "a command that it does not do: %s, %" PRIu64 " reads", r.reason, r.reads);
    return r.status;
  }

  MemoryImage &memory() { return memory_; }

  uint64_t busy = 0, work = 0;

private:
  SequencerDriver<Model> driver_;
  MemoryImage memory_;
};

static bt_format draw_format(bench::Random &random, size_t classes) {
  bt_format f = {BT_BFP, static_cast<int>(random.below(2) ? 8 : random.range(2, 16)), 0,
                 random.below(3) == 0, BT_BLOCK_TENSOR, 0, 0};
  uint64_t kind = random.below(6);
  if (kind == 1) f.block = BT_BLOCK_SAMPLE;
  if (kind == 2 && classes <= 32) f.block = BT_BLOCK_K32;
  if (kind == 3) {
    f.block = BT_BLOCK_TILE;
    f.tile_rows = random.below(5) + 1;
    f.tile_cols = classes + random.below(3);
  }
  if (kind == 4) {
    f.kind = BT_FIXED;
    f.fl = static_cast<int>(random.below(3) ? random.below(12) : random.below(61));
    f.asymmetric = true;
  }
  return f;
}

// Logits of a row: any, one-hot, all alike, few levels, or a far one.
static void draw_row(bench::Random &random, bt_tensor *x, size_t row) {
  size_t n = x->dim[1];
  int top = (1 << (x->fmt.wl - 1)) - 1, low = x->fmt.asymmetric ? -top - 1 : -top;
  uint64_t kind = random.below(6);
  int32_t level = static_cast<int32_t>(random.range(low, top));
  for (size_t i = 0; i < n; i++) {
    int32_t m = static_cast<int32_t>(random.range(low, top));
    if (kind == 1) m = low;
    if (kind == 2) m = level;
    if (kind == 3) m = static_cast<int32_t>(random.range(std::max(low, level - 2), level));
    bt_tensor_store(x, row * n + i, m);
  }
  if (kind == 1 || kind == 4) bt_tensor_store(x, row * n + random.below(n), top);
  if (kind == 5) bt_tensor_store(x, row * n + (random.below(2) ? 0 : n - 1), low);
}

static size_t draw_classes(bench::Random &random) {
  switch (random.below(6)) {
  case 0: return 2 + random.below(4);
  case 1: return 10;
  case 2: return 100;
  case 3: return 2 + random.below(39);
  case 4: return 200 + random.below(100);
  default: return random.below(4) ? 2 + random.below(200) : 925 + random.below(100);
  }
}

struct Drawn {
  Tensors tensors;
  bt_command c = {};
  bt_loss loss = {};
};

static void draw(bench::Random &random, Drawn &w, size_t classes, size_t rows, bt_format f) {
  size_t dim[2] = {rows, classes};
  bt_tensor *x = w.tensors.add(bt_tensor_bfp("logits", f, 2, dim));
  bt_tensor *labels = w.tensors.add(bt_tensor_byte("labels", 1, dim));
  for (size_t r = 0; r < rows; r++) {
    draw_row(random, x, r);
    size_t last = std::min<size_t>(classes, 256) - 1;
    size_t label = random.below(4) == 0 ? last : random.below(last + 1);
    if (random.below(3) == 0) // the first of the largest: a correct row
      for (size_t i = last + 1, most = 0; i-- > 0;)
        if (bt_tensor_mantissa(x, r * classes + i) >= bt_tensor_mantissa(x, r * classes + most))
          label = most = i;
    static_cast<uint8_t *>(labels->data)[r] = static_cast<uint8_t>(label);
  }
  for (size_t i = 0; f.kind == BT_BFP && i < bt_tensor_exponents(x); i++)
    x->exp[i] = static_cast<int16_t>(random.below(4) ? random.range(-4, f.wl)
                                     : random.below(2) ? random.range(-128, 127)
                                     : random.below(2) ? -128 : 127);
  if (f.kind == BT_BFP && random.below(12) == 0) { // a zero block
    for (size_t i = 0; i < rows * classes; i++)
      if (bt_tensor_exponent_of(x, i) == 0) bt_tensor_store(x, i, 0);
    x->exp[0] = -128;
  }
  w.loss = {static_cast<int64_t>(random.next() >> 20), random.next() >> 40, random.next() >> 39};
  w.c.op = BT_OP_SOFTMAX;
  w.c.label.text = "drawn";
  w.c.in[0] = x;
  w.c.in[1] = labels;
  if (random.below(5)) w.c.out[0] = w.tensors.add(bt_tensor_wide("error", 2, dim, false, false));
  w.c.u.softmax.loss = &w.loss;
}

// What the command meets, with numerics 14's T_i in plain doubles where an estimate will do.
static void count(const bt_command &c) {
  const bt_tensor *x = c.in[0];
  size_t rows = x->dim[0], n = x->dim[1];
  commands++;
  rows_seen += rows;
  no_error += !c.out[0];
  fixed += x->fmt.kind == BT_FIXED;
  by_block[x->fmt.block]++;
  halves += x->fmt.wl > 8;
  two_classes += n == 2;
  many_classes += n > 256;
  short_words += rows * n % 4 != 0;
  zero_blocks += x->fmt.kind == BT_BFP && bt_tensor_zero_block(x, 0);
  for (size_t r = 0; r < rows; r++) {
    int32_t most = -40000, least = 40000;
    size_t at = 0, ties = 0;
    for (size_t i = 0; i < n; i++) {
      int32_t m = bt_tensor_mantissa(x, r * n + i);
      if (m > most) at = i, ties = 0;
      ties += m >= most;
      most = std::max(most, m);
      least = std::min(least, m);
    }
    int e = bt_tensor_step(x, r * n);
    double down = (most - least) * 1.4427 * (e > 40 ? 1e12 : e < -40 ? 1e-12 : std::ldexp(1.0, e));
    tied += ties > 1;
    crowded += ties > 4;
    one_hot += ties == 1 && least < most;
    vanished += down > 32 && down < 60;
    limited += down > 70;
    (static_cast<const uint8_t *>(c.in[1]->data)[r] == at ? correct : wrong)++;
  }
}

static void drawn(bench::Random &random, Bench<Vcheck_softmax_4> &small,
                  Bench<Vcheck_softmax_16> &large, bt_engine *ref, size_t classes) {
  Drawn w;
  size_t rows = 1 + random.below(classes > 100 ? 3 : classes > 20 ? 12 : 70);
  draw(random, w, classes, rows, draw_format(random, classes));
  bt_error error = {};
  must(bt_command_check(&w.c, &error), error);
  count(w.c);
  small.run(w.c, random, ref, 3);
  large.run(w.c, random, ref, 3);
}

// Word 0 or a word of a slot (32 + 8 slot + word) changed: the status it ends with.
struct Refusal {
  size_t word;
  uint32_t value;
  unsigned status;
};

template <class Model> static void refusals(bench::Random &random, Bench<Model> &bench) {
  const size_t x = 32, labels = 40, error = 112;
  const Refusal list[] = {
      {0, 8 | 1u << 8, 2},           {0, 8 | 2u << 16, 2},         {x + 2, 3, 7},
      {x + 2, 8u << 3 | 4, 7},       {x + 2, 1 | 8u << 3 | 5u << 10, 7},
      {x + 2, 1 | 8u << 3 | 2u << 10, 7}, // tiles of no rows
      {x + 2, 1 | 8u << 3 | 3u << 10, 7}, // k32 of 40 classes
      {x + 4, 0, 3},                 {x + 6, 0, 3},                {labels + 4, 0, 3},
      {labels + 2, 1, 7},            {labels + 4, 4, 10},           {error + 2, 1, 7},
      {error + 2, 3 | 1u << 13, 7},  {error + 2, 3 | 1u << 14, 7}, {error + 4, 119, 10},
      {x + 6, 1, 8},                 {x + 6, PARAMETER_CLASSES + 1, 8},
  };
  Drawn w;
  bt_format f = {BT_BFP, 8, 0, false, BT_BLOCK_TENSOR, 0, 0};
  do {
    w.c.out[0] = nullptr;
    draw(random, w, 40, 3, f);
  } while (!w.c.out[0]);
  for (const Refusal &r : list) {
    bench.memory().clear();
    Descriptor d = describe(w.c, bench.memory());
    d[r.word] = r.value;
    unsigned status = bench.status(d);
    checks.that(status == r.status, "word %zu as %u: status %u, expected %u", r.word, r.value,
                status, r.status);
  }
}

int main() {
  bench::Random random(checks.seed());
  bt_engine *ref = reference();
  Bench<Vcheck_softmax_4> small(4);
  Bench<Vcheck_softmax_16> large(16);
  training_steps(BITTRUE_RECIPE, 5, 3, ref, [&](const bt_command &c) {
    if (c.op != BT_OP_SOFTMAX) return;
    bt_loss before = *c.u.softmax.loss;
    small.run(c, random, ref, 2);
    *c.u.softmax.loss = before;
    large.run(c, random, ref, 2);
    *c.u.softmax.loss = before;
    learned++;
  });
  for (int i = 0; i < 300; i++) {
    drawn(random, small, large, ref, i == 0 ? PARAMETER_CLASSES : draw_classes(random));
    if (i % 100 == 0) refusals(random, small), refusals(random, large);
  }
  ref->destroy(ref);
  const struct {
    const char *what;
    uint64_t n;
  } met[] = {
      {"commands", commands}, {"of training", learned}, {"rows", rows_seen}, {"tied", tied},
      {"tied by more than 4", crowded}, {"with one largest", one_hot}, {"correct", correct},
      {"wrong", wrong}, {"a power of 0", vanished}, {"T at its limit", limited},
      {"without an error", no_error}, {"block tensor", by_block[BT_BLOCK_TENSOR]},
      {"sample", by_block[BT_BLOCK_SAMPLE]}, {"tile", by_block[BT_BLOCK_TILE]},
      {"k32", by_block[BT_BLOCK_K32]}, {"fixed", fixed}, {"16 bits", halves},
      {"a zero block", zero_blocks}, {"two classes", two_classes}, {"more than 256", many_classes},
      {"a short last word", short_words}};
  for (const auto &m : met) {
    std::printf("  %-20s %" PRIu64 "\n", m.what, m.n);
    checks.that(m.n > 0, "no case of: %s", m.what);
  }
  std::printf("  memory without waits: 4 lanes %" PRIu64 " cycles of work in %" PRIu64
              ", 16 lanes %" PRIu64 " in %" PRIu64 "\n", small.work, small.busy, large.work,
              large.busy);
  return checks.status();
}
