// norm, norm_back and statistics from memory to memory, by norm_sequencer of 4 and of 16 lanes,
// against the reference: those of a training step of PreResNet20, and drawn ones of 1 to 300
// channels: sums of real rows and sums at random, constant channels, zero blocks, batches of one
// row, scales of 8 and 16 bits, far exponents, statistics over several batches and near 2^126; the
// work of each is the model's cycles (docs/cost.md 4.1). Commands that it does not do, and sums
// that grow too large, end with their status.
#include <cstring>

#include "Vcheck_norm_16.h"
#include "Vcheck_norm_4.h"
#include "scalar_command.h"

using namespace bt_rtl;

typedef __int128 wide;

static bench::Checks checks("test_rtl_norm_sequencer");

static uint64_t learned[3], norms, recorded, backs, batches, overflows, no_rows, one_row, all_zero;
static uint64_t zero_r, zero_b, zero_gradient, rescaled, shifted, negative_d, one_channel, fixed;
static uint64_t halves, wide_channels, first_batches, no_eps, zero_scale;


template <class Model> class Bench {
public:
  explicit Bench(size_t lanes) : memory_(lanes) {}

  // Runs it once; the results are in the command's tensors and statistics.
  SequencerResult run(const bt_command &c, Timing timing) {
    for (bt_tensor *t : c.out)
      if (t) {
        std::memset(t->data, 0x5A, tensor_bytes(*t));
        std::memset(t->exp, 0x5A, bt_tensor_exponents(t) * sizeof *t->exp);
      }
    memory_.clear();
    Descriptor d = describe(c, memory_);
    std::string operands = inputs(c, memory_, d);
    SequencerResult r = driver_.run(d, memory_, timing);
    collect(c, d, memory_);
    checks.that(r.ended, "%s: %s", c.label.text, r.reason);
    checks.that(memory_.intact() && inputs(c, memory_, d) == operands,
                "%s: wrote where nothing of it lies", c.label.text);
    if (timing.seed == 1) busy += r.cycles, work += r.work;
    return r;
  }

  unsigned status(const bt_command &c, size_t word, uint32_t value) {
    memory_.clear();
    Descriptor d = describe(c, memory_);
    d[word] = value;
    SequencerResult r = driver_.run(d, memory_, {3, 64, 5}, 100000);
    checks.that(r.ended && r.reads == 0 && r.writes == 0 && r.work == 0,
                "a command that it does not do: %s, %" PRIu64 " reads", r.reason, r.reads);
    return r.status;
  }

  uint64_t busy = 0, work = 0;

private:
  SequencerDriver<Model> driver_;
  MemoryImage memory_;
};

struct Benches {
  Bench<Vcheck_norm_4> small{4};
  Bench<Vcheck_norm_16> large{16};
};

static std::string results(const bt_command &c) {
  std::string s;
  for (const bt_tensor *t : c.out) s += contents(t);
  return s;
}

// Runs the command in the sequencers, several times each, and then in the reference, which says
// what it must have done. Where the reference fails, that is status 9.
static void compare(Benches &b, const bt_command &c, bench::Random &random, bt_engine *ref,
                    size_t times) {
  bt_statistics *sums = c.op == BT_OP_STATISTICS ? c.u.statistics.statistics : nullptr;
  bt_statistics before = {}, after = {};
  if (sums && (!bt_statistics_alloc(&before, sums->channels) ||
               !bt_statistics_alloc(&after, sums->channels)))
    std::exit(1);
  bt_error error = {};
  if (sums) bt_statistics_copy(&before, sums);
  bool good = run_reference(ref, c, error) == BT_OK;
  std::string expected = results(c);
  if (sums) bt_statistics_copy(&after, sums);
  uint64_t want = static_cast<uint64_t>(bt_cost_scalar_cycles(&c));
  for (size_t i = 0; i < 2 * times; i++) {
    if (sums) bt_statistics_copy(sums, &before);
    Timing timing = draw_timing(random, i / 2);
    SequencerResult r = i % 2 ? b.small.run(c, timing) : b.large.run(c, timing);
    checks.that(r.status == (good ? 0u : 9u), "%s: status %u, where the reference says %s",
                c.label.text, r.status, good ? "nothing" : error.text);
    if (!good) { // A0 and the exponents are those before
      checks.that(!sums || (sums->rows == before.rows && sums->first_step == before.first_step &&
                            sums->second_step == before.second_step),
                  "%s: a header after sums out of range", c.label.text);
      continue;
    }
    checks.that(results(c) == expected, "%s of %zu: results differ (memory %zu)",
                c.label.text, bt_tensor_elements(c.in[2] ? c.in[2] : c.in[0]), i);
    checks.that(!sums || bt_statistics_equal(sums, &after), "%s of %zu: statistics differ",
                c.label.text, sums ? sums->channels : 0);
    checks.that(r.work == want, "%s: %" PRIu64 " cycles of work, expected %" PRIu64, c.label.text,
                r.work, want);
  }
  if (sums) bt_statistics_copy(sums, good ? &after : &before);
  if (sums) bt_statistics_free(&before), bt_statistics_free(&after);
}

// Sums of n rows of one channel of x and d at exponents 0, or any sums.
struct Sums {
  int64_t s1, s2, se, sex;
};

static int64_t shortened(bench::Random &random, int bits) {
  int64_t x = static_cast<int64_t>(random.next()) >> (64 - bits);
  return x >> random.below(static_cast<uint64_t>(bits));
}

static Sums draw_sums(bench::Random &random, int64_t n, bool any) {
  Sums s = {0, 0, 0, 0};
  if (any) return {shortened(random, 46), shortened(random, 60), shortened(random, 46),
                   shortened(random, 60)};
  int64_t level = random.range(-127, 127), spread = random.below(4) ? random.range(0, 60) : 0;
  if (random.below(10) == 0) level = spread = 0;
  bool still = random.below(6) == 0;
  for (int64_t i = 0; i < std::min<int64_t>(n, 40); i++) {
    int64_t x = level + random.range(-spread, spread), d = still ? 0 : random.byte();
    s.s1 += x, s.s2 += x * x, s.se += d, s.sex += x * d;
  }
  return s;
}

struct Batch {
  Tensors tensors;
  bt_tensor *sums[4]; // S1, S2, Se, Sex
  size_t rows;
};

static void draw_batch(bench::Random &random, Batch &w, size_t channels, int e, bool zeros) {
  static const char *const names[] = {"s1", "s2", "se", "sex"};
  bool any = random.below(4) == 0;
  w.rows = any ? (random.next() >> 33 >> random.below(31)) | 1 : 1 + random.below(40);
  int e_d = static_cast<int>(random.range(-40, 10));
  if (random.below(4) == 0) e_d = static_cast<int>(random.range(-142, 127));
  const int exponents[] = {e, 2 * e, e_d, e + e_d};
  for (int i = 0; i < 4; i++) {
    w.sums[i] = w.tensors.add(bt_tensor_sums(names[i], channels));
    w.sums[i]->exp[0] = static_cast<int16_t>(exponents[i]);
  }
  for (size_t c = 0; c < channels; c++) {
    Sums s = zeros ? Sums{random.below(2) ? 0 : 3, 0, 0, 0}
                   : draw_sums(random, static_cast<int64_t>(w.rows), any);
    const int64_t values[] = {s.s1, s.s2, s.se, s.sex};
    for (int i = 0; i < 4; i++) static_cast<int64_t *>(w.sums[i]->data)[c] = values[i];
  }
}

static int draw_exponent(bench::Random &random) {
  return static_cast<int>(random.below(4) ? random.range(-14, 0) : random.range(-142, 127));
}

static bt_tensor *draw_parameter(bench::Random &random, Tensors &t, const char *name,
                                 size_t channels) {
  bt_format f = {BT_BFP, static_cast<int>(random.below(2) ? 8 : random.range(2, 16)), 0,
                 random.below(2) == 0, BT_BLOCK_TENSOR, 0, 0};
  if (random.below(4) == 0) f.kind = BT_FIXED, f.fl = static_cast<int>(random.below(61));
  bt_tensor *x = t.add(bt_tensor_bfp(name, f, 1, &channels));
  int top = (1 << (f.wl - 1)) - 1, low = f.asymmetric ? -top - 1 : -top;
  bool zero = random.below(10) == 0;
  for (size_t i = 0; i < channels; i++)
    bt_tensor_store(x, i, zero || random.below(9) == 0
                              ? 0 : static_cast<int32_t>(random.range(low, top)));
  if (f.kind == BT_BFP)
    x->exp[0] = static_cast<int16_t>(zero ? -128 : random.below(4) ? random.range(-4, 4)
                                                                    : random.range(-128, 127));
  fixed += f.kind == BT_FIXED;
  halves += f.wl > 8;
  zero_scale += zero;
  return x;
}

static bt_constant draw_eps(bench::Random &random, int e) {
  if (random.below(4) == 0) return {0, 0};
  int32_t m = static_cast<int32_t>(random.next() >> 34 | 1u << 30);
  return {m, random.below(2) ? -47 : 2 * e - static_cast<int>(random.range(0, 60))};
}

static void count_constants(const bt_command &c) {
  for (size_t i = 0; i < bt_tensor_elements(c.out[0]); i++) {
    zero_r += static_cast<const int32_t *>(c.out[0]->data)[i] == 0;
    zero_b += static_cast<const int32_t *>(c.out[1]->data)[i] == 0;
    if (c.op != BT_OP_NORM_BACK) continue;
    for (int o = 2; o < 4; o++)
      zero_gradient += static_cast<const int32_t *>(c.out[o]->data)[i] == 0;
  }
}

static bt_command command(bt_op op, const char *text) {
  bt_command c = {};
  c.op = op;
  c.label.text = text;
  return c;
}

static void checked(const bt_command &c) {
  bt_error error = {};
  must(bt_command_check(&c, &error), error);
}

// norm from sums and norm_back from its a.
static void there_and_back(Benches &b, bench::Random &random, bt_engine *ref, size_t channels) {
  int e = draw_exponent(random);
  Batch w;
  draw_batch(random, w, channels, e, random.below(8) == 0);
  bt_command c = command(BT_OP_NORM, "norm");
  c.in[0] = w.sums[0], c.in[1] = w.sums[1];
  c.in[2] = draw_parameter(random, w.tensors, "gamma", channels);
  c.in[3] = draw_parameter(random, w.tensors, "beta", channels);
  c.u.norm.rows = w.rows;
  c.u.norm.eps = draw_eps(random, e);
  no_eps += c.u.norm.eps.mantissa == 0;
  for (int o = 0; o < 2; o++) c.out[o] = w.tensors.add(bt_tensor_constants("out", channels));
  checked(c);
  compare(b, c, random, ref, 2);
  count_constants(c);
  norms++;
  bt_command back = command(BT_OP_NORM_BACK, "norm_back");
  back.u.norm = c.u.norm;
  const bt_tensor *in[] = {w.sums[0], w.sums[1], c.in[2], c.out[0], w.sums[2], w.sums[3]};
  for (int i = 0; i < 6; i++) back.in[i] = in[i];
  for (int o = 0; o < 4; o++) back.out[o] = w.tensors.add(bt_tensor_constants("out", channels));
  checked(back);
  compare(b, back, random, ref, 2);
  count_constants(back);
  backs++;
}

// Statistics over a few batches of falling and rising exponents, and norm from them.
static void evaluation(Benches &b, bench::Random &random, bt_engine *ref, size_t channels) {
  bt_statistics s;
  if (!bt_statistics_alloc(&s, channels)) std::exit(1);
  int e = draw_exponent(random);
  bool near = random.below(3) == 0;
  if (near) { // sums that the next batches bring to their limit
    s.rows = random.next() >> 20;
    s.first_step = e, s.second_step = 2 * e - 32;
    for (size_t c = 0; c < channels; c++) {
      s.first[c] = (wide(random.next() >> 2) << 63 | random.next() >> 1) >> random.below(60);
      s.second[c] = (wide(random.next() >> 2) << 63 | random.next() >> 1) >> random.below(60);
      if (random.below(2)) s.first[c] = -s.first[c];
    }
  }
  for (uint64_t n = random.below(5); n-- > 0;) {
    Batch w;
    bool zeros = random.below(6) == 0;
    draw_batch(random, w, channels, e, zeros);
    bt_command c = command(BT_OP_STATISTICS, "statistics");
    c.in[0] = w.sums[0], c.in[1] = w.sums[1];
    c.u.statistics.rows = w.rows;
    c.u.statistics.statistics = &s;
    checked(c);
    int first = s.first_step;
    uint64_t rows = s.rows;
    compare(b, c, random, ref, 2);
    batches++, all_zero += zeros, one_row += w.rows == 1, first_batches += first == BT_EMIN_NONE;
    rescaled += first != BT_EMIN_NONE && s.first_step < first;
    shifted += first < e;
    overflows += s.rows == rows;
    for (size_t i = 0; i < channels; i++) {
      wide n_ = static_cast<wide>(w.rows), s1 = static_cast<const int64_t *>(w.sums[0]->data)[i];
      negative_d += n_ * static_cast<const int64_t *>(w.sums[1]->data)[i] < s1 * s1;
    }
    e += static_cast<int>(random.range(-6, 6));
    if (random.below(4) == 0) e += static_cast<int>(random.range(-150, 150));
  }
  Tensors t;
  bt_command c = command(BT_OP_NORM, "norm from statistics");
  c.in[2] = draw_parameter(random, t, "gamma", channels);
  c.in[3] = draw_parameter(random, t, "beta", channels);
  c.u.norm.eps = draw_eps(random, e);
  c.u.norm.statistics = &s;
  for (int o = 0; o < 2; o++) c.out[o] = t.add(bt_tensor_constants("out", channels));
  checked(c);
  compare(b, c, random, ref, 2);
  recorded++, no_rows += s.rows == 0;
  bt_statistics_free(&s);
}

static void refusals(Benches &b, bench::Random &random) {
  const size_t gamma = 48, a = 56, se = 64, out = 112;
  size_t channels = 5;
  Batch w;
  draw_batch(random, w, channels, -7, false);
  bt_tensor *vectors[5];
  for (bt_tensor *&v : vectors) v = w.tensors.add(bt_tensor_constants("constants", channels));
  bt_tensor *scale = draw_parameter(random, w.tensors, "gamma", channels);
  bt_tensor *shift = draw_parameter(random, w.tensors, "beta", channels);
  bt_statistics s;
  if (!bt_statistics_alloc(&s, channels)) std::exit(1);
  bt_command norm = command(BT_OP_NORM, "norm"), back = command(BT_OP_NORM_BACK, "norm_back");
  bt_command sums = command(BT_OP_STATISTICS, "statistics");
  norm.u.norm.rows = back.u.norm.rows = sums.u.statistics.rows = 4;
  norm.in[0] = back.in[0] = sums.in[0] = w.sums[0];
  norm.in[1] = back.in[1] = sums.in[1] = w.sums[1];
  norm.in[2] = back.in[2] = scale, norm.in[3] = shift, back.in[3] = vectors[4];
  back.in[4] = w.sums[2], back.in[5] = w.sums[3];
  for (int o = 0; o < 4; o++) back.out[o] = vectors[o];
  for (int o = 0; o < 2; o++) norm.out[o] = vectors[o];
  sums.u.statistics.statistics = &s;
  const struct {
    const bt_command *c;
    size_t word;
    uint32_t value;
    unsigned status;
  } list[] = {
      {&norm, 0, 12, 1},           {&norm, 0, 13 | 1u << 8, 2},  {&norm, 0, 13 | 2u << 16, 2},
      {&back, 0, 14 | 1u << 16, 2}, {&sums, 0, 15 | 1u << 16, 2}, {&norm, 2, 1u << 31, 2},
      {&back, 3, 40000, 2},        {&norm, 1, 0, 3},             {&sums, 1, 0, 3},
      {&back, 1, 1u << 31, 8},     {&norm, gamma + 4, 0, 3},     {&sums, 36, 0, 3},
      {&norm, gamma + 4, 6, 10},    {&norm, gamma + 2, 3, 7},     {&norm, 34, 3, 7},
      {&norm, gamma + 2, 1 | 8u << 3 | 1u << 10, 7},             {&back, a + 2, 3, 7},
      {&back, a + 4, 4, 10},        {&back, se + 2, 3, 7},        {&back, out + 2, 5, 7},
      {&back, 98, 3 | 1u << 13 | 1u << 14, 7},                   {&norm, out + 10, 3, 7},
      {&sums, 42, 2, 7},           {&sums, 44, 9, 10},
  };
  for (const auto &r : list) {
    unsigned small = b.small.status(*r.c, r.word, r.value);
    unsigned large = b.large.status(*r.c, r.word, r.value);
    checks.that(small == r.status && large == r.status,
                "%s, word %zu as %u: status %u and %u, expected %u", r.c->label.text, r.word,
                r.value, small, large, r.status);
  }
  bt_statistics_free(&s);
}

int main() {
  bench::Random random(checks.seed());
  bt_engine *ref = reference();
  Benches b;
  training_steps(BITTRUE_NORM_RECIPE, 1, 1, ref, [&](const bt_command &c) {
    if (c.op != BT_OP_NORM && c.op != BT_OP_NORM_BACK) return;
    compare(b, c, random, ref, 1);
    learned[c.op - BT_OP_NORM]++;
    if (c.op != BT_OP_NORM) return;
    bt_statistics s;
    if (!bt_statistics_alloc(&s, bt_tensor_elements(c.in[2]))) std::exit(1);
    bt_command sums = command(BT_OP_STATISTICS, "statistics of training");
    sums.in[0] = c.in[0], sums.in[1] = c.in[1];
    sums.u.statistics.rows = c.u.norm.rows;
    sums.u.statistics.statistics = &s;
    compare(b, sums, random, ref, 1);
    learned[2]++;
    bt_statistics_free(&s);
  });
  for (int i = 0; i < 110; i++) {
    static const size_t sizes[] = {1, 2, 3, 4, 5, 8, 16, 17};
    size_t channels = random.below(3) ? sizes[random.below(8)] : 1 + random.below(40);
    if (random.below(40) == 0) channels = 250 + random.below(51);
    one_channel += channels == 1, wide_channels += channels > 100;
    there_and_back(b, random, ref, channels);
    evaluation(b, random, ref, channels);
    if (i % 50 == 0) refusals(b, random);
  }
  ref->destroy(ref);
  const struct {
    const char *what;
    uint64_t n;
  } met[] = {
      {"norm of training", learned[0]}, {"norm_back of training", learned[1]},
      {"its statistics", learned[2]}, {"norm", norms}, {"norm_back", backs},
      {"norm from statistics", recorded}, {"statistics of no rows", no_rows},
      {"batches", batches}, {"first batches", first_batches}, {"of zeros", all_zero},
      {"of one row", one_row}, {"sums out of range", overflows},
      {"sums shifted", rescaled}, {"batches shifted", shifted}, {"negative D", negative_d},
      {"a factor of 0", zero_r}, {"an addend of 0", zero_b}, {"a gradient of 0", zero_gradient},
      {"fixed parameters", fixed}, {"of 16 bits", halves}, {"of zeros", zero_scale},
      {"without eps", no_eps}, {"one channel", one_channel}, {"above 100", wide_channels}};
  for (const auto &m : met) {
    std::printf("  %-22s %" PRIu64 "\n", m.what, m.n);
    checks.that(m.n > 0, "no case of: %s", m.what);
  }
  std::printf("  memory without waits: 4 lanes %" PRIu64 " cycles of work in %" PRIu64
              ", 16 lanes %" PRIu64 " in %" PRIu64 "\n", b.small.work, b.small.busy, b.large.work,
              b.large.busy);
  return checks.status();
}
