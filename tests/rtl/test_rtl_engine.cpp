// The rtl engine on whole commands, against sums written straight from numerics 8's table and 8.2:
// three directions, strides and pads, all blocks, zero blocks, exponents that differ along k; its
// accounts; a sample of tiles; a quantization; the broken bit's coordinates; and what it refuses.
#include <cstring>
#include <map>
#include <vector>

#include "bench.h"
#include "emu.h"
#include "rtl_engine.h"

static bench::Checks checks("test_rtl_engine");

static bt_machine machine(size_t size, int acc_bits, bool wrap, unsigned lanes) {
  bt_machine m = bt_machine();
  std::snprintf(m.name, sizeof m.name, "test");
  m.rows = m.cols = size;
  m.acc.acc_bits = acc_bits;
  m.acc.psum_bits = 32;
  m.acc.wrap = wrap;
  m.lanes = lanes;
  return m;
}

static bt_engine *open_engine(const bt_machine &m, const bt_rtl_options &options) {
  bt_error error;
  bt_engine *engine = bt_rtl_engine(&m, &options, &error);
  if (!engine) {
    std::printf("%s\n", error.text);
    std::exit(1);
  }
  return engine;
}

static bt_tensor bfp8(bench::Random &random, const char *name, std::vector<size_t> dim,
                      bt_block block, int exponent_range) {
  bt_format format = {BT_BFP, 8, 0, true, block, 0, 0};
  bt_tensor t = bt_tensor_bfp(name, format, dim.size(), dim.data());
  if (!bt_tensor_alloc(&t)) std::exit(1);
  int8_t *data = static_cast<int8_t *>(t.data);
  for (size_t i = 0; i < bt_tensor_elements(&t); i++) data[i] = random.byte();
  size_t blocks = bt_tensor_exponents(&t), size = bt_tensor_elements(&t) / blocks;
  for (size_t b = 0; b < blocks; b++) {
    t.exp[b] = static_cast<int16_t>(random.range(-exponent_range, exponent_range));
    if (random.below(blocks > 1 ? 4 : 40) != 0) continue;
    t.exp[b] = -128; // a zero block
    std::memset(data + b * size, 0, size);
  }
  return t;
}

static int64_t limit(int64_t x, int bits) {
  int64_t top = (int64_t{1} << (bits - 1)) - 1;
  return x > top ? top : x < -top - 1 ? -top - 1 : x;
}

// One product of an output: mantissas (of padding: 0), the step exponents, and whether both
// blocks are nonzero.
struct Term {
  int a, b, g;
  bool nonzero;
};

static Term term(const bt_command &c, const ptrdiff_t *ia, const ptrdiff_t *ib) {
  Term t = {0, 0, 0, true};
  const ptrdiff_t *at[] = {ia, ib};
  for (int n = 0; n < 2; n++) {
    const bt_tensor &x = *c.in[n];
    bool inside = true;
    size_t element = 0;
    for (size_t d = 0; d < x.ndim; d++) {
      inside = inside && at[n][d] >= 0 && at[n][d] < static_cast<ptrdiff_t>(x.dim[d]);
      element = element * x.dim[d] + static_cast<size_t>(inside ? at[n][d] : 0);
    }
    size_t block = x.fmt.block == BT_BLOCK_TENSOR ? 0 : static_cast<size_t>(at[n][0]);
    (n == 0 ? t.a : t.b) = inside ? static_cast<int8_t *>(x.data)[element] : 0;
    t.g += x.exp[block] - 6;
    t.nonzero = t.nonzero && x.exp[block] != -128;
  }
  return t;
}

// All products of one output in order of k: numerics 8's table, line by line.
static std::vector<Term> terms(const bt_command &c, size_t row, size_t col) {
  const bt_geometry &g = c.u.contract.geometry;
  typedef ptrdiff_t P;
  P s = P(g.stride), pad = P(g.pad), i = P(row), j = P(col);
  std::vector<Term> all;
  if (c.u.contract.direction == BT_FORWARD) {
    P n = i / P(g.oh * g.ow), oh = i / P(g.ow) % P(g.oh), ow = i % P(g.ow);
    for (P kh = 0; kh < P(g.kh); kh++)
      for (P kw = 0; kw < P(g.kw); kw++)
        for (P ch = 0; ch < P(g.c); ch++) {
          P a[] = {n, oh * s + kh - pad, ow * s + kw - pad, ch}, b[] = {j, kh, kw, ch};
          all.push_back(term(c, a, b));
        }
  } else if (c.u.contract.direction == BT_DATA_GRADIENT) {
    P n = i / P(g.h * g.w), h = i / P(g.w) % P(g.h), w = i % P(g.w);
    for (P o = 0; o < P(g.o); o++)
      for (P kh = 0; kh < P(g.kh); kh++)
        for (P kw = 0; kw < P(g.kw); kw++) {
          P y = h + pad - kh, x = w + pad - kw;
          bool whole = y >= 0 && x >= 0 && y % s == 0 && x % s == 0;
          P a[] = {n, whole ? y / s : -1, whole ? x / s : -1, o}, b[] = {o, kh, kw, j};
          all.push_back(term(c, a, b));
        }
  } else {
    P kh = j / P(g.kw * g.c), kw = j / P(g.c) % P(g.kw), ch = j % P(g.c);
    for (P n = 0; n < P(g.n); n++)
      for (P oh = 0; oh < P(g.oh); oh++)
        for (P ow = 0; ow < P(g.ow); ow++) {
          P a[] = {n, oh, ow, i}, b[] = {n, oh * s + kh - pad, ow * s + kw - pad, ch};
          all.push_back(term(c, a, b));
        }
  }
  return all;
}

struct Output {
  int64_t mantissa;
  int exponent;
  size_t groups; // that are run
};

// numerics 8.2, with the accumulator of bt_machine; flip inverts a bit of each group's.
static Output model(const std::vector<Term> &all, const bt_accumulator &acc, int flip) {
  int gmax = -10000, gmin = 10000, c = 0;
  while ((size_t{1} << c) < all.size()) c++;
  std::map<int, int64_t> groups;
  for (const Term &t : all) {
    if (!t.nonzero) continue;
    gmax = t.g > gmax ? t.g : gmax;
    gmin = t.g < gmin ? t.g : gmin;
    int64_t x = groups[t.g] + t.a * t.b;
    if (!acc.wrap) x = limit(x, acc.acc_bits);
    else x = static_cast<int64_t>(static_cast<uint64_t>(x) << (64 - acc.acc_bits)) >> (64 - acc.acc_bits);
    groups[t.g] = x;
  }
  if (groups.empty()) return {0, -512, 0};
  int gref = gmin > gmax - 16 ? gmin : gmax - 16;
  int over = 14 + c + gmax - gref - 31, shift = over > 0 ? over : 0;
  Output out = {0, gref + shift, 0};
  for (const auto &entry : groups) {
    if (entry.first < gref) continue;
    int64_t x = flip < 0 ? entry.second : entry.second ^ (1 << flip);
    out.mantissa = limit(out.mantissa + x * (int64_t{1} << (entry.first - gref)), 48);
    out.groups++;
  }
  out.mantissa = limit(out.mantissa >> shift, 32);
  return out;
}

struct Setup {
  bt_command c;
  bt_tensor in[2], out;
  size_t rows, cols, k;
};

static void make_setup(Setup &s, bench::Random &random, bt_direction direction,
                       const bt_geometry &g, bt_block block_a, bt_block block_b, int range) {
  std::vector<size_t> x = {g.n, g.h, g.w, g.c}, w = {g.o, g.kh, g.kw, g.c},
                      y = {g.n, g.oh, g.ow, g.o};
  const std::vector<size_t> shapes[3][3] = {{x, w, y}, {y, w, x}, {y, x, w}}; // a, b, out
  const std::vector<size_t> *shape = shapes[direction];
  s.in[0] = bfp8(random, "a", shape[0], block_a, range);
  s.in[1] = bfp8(random, "b", shape[1], block_b, range);
  bool per0 = direction != BT_WEIGHT_GRADIENT && block_a != BT_BLOCK_TENSOR;
  bool per_last = direction == BT_FORWARD && block_b != BT_BLOCK_TENSOR;
  s.out = bt_tensor_wide("out", 4, shape[2].data(), per0, per_last);
  if (!bt_tensor_alloc(&s.out)) std::exit(1);
  s.c = bt_command();
  s.c.op = BT_OP_CONTRACT;
  s.c.label.text = "test contraction";
  s.c.in[0] = &s.in[0];
  s.c.in[1] = &s.in[1];
  s.c.out[0] = &s.out;
  s.c.u.contract.direction = direction;
  s.c.u.contract.geometry = g;
  bt_extent extents[] = {{g.n * g.oh * g.ow, g.o, g.kh * g.kw * g.c},
                         {g.n * g.h * g.w, g.c, g.o * g.kh * g.kw},
                         {g.o, g.kh * g.kw * g.c, g.n * g.oh * g.ow}};
  s.rows = extents[direction].rows, s.cols = extents[direction].cols, s.k = extents[direction].k;
}

static void free_setup(Setup &s) {
  bt_tensor_free(&s.in[0]);
  bt_tensor_free(&s.in[1]);
  bt_tensor_free(&s.out);
}

// Runs the command and compares every covered element; returns how many there were.
static size_t compare(bt_engine *engine, const bt_machine &m, Setup &s, const char *name) {
  bt_error error = {""};
  bt_status status = engine->run(engine, &s.c, nullptr, nullptr, &error);
  checks.that(engine->covers(engine, &s.c) && status == BT_OK, "%s: %s", name, error.text);
  if (status != BT_OK) return 0;
  int bit;
  size_t fault_row, fault_col, covered = 0;
  bool faulty = bt_rtl_fault(engine, &bit, &fault_row, &fault_col);
  for (size_t e = 0; e < s.rows * s.cols; e++) {
    if (!bt_rtl_covered_element(engine, e)) continue;
    covered++;
    size_t row = e / s.cols, col = e % s.cols;
    bool broken = faulty && row % m.rows == fault_row && col % m.cols == fault_col;
    Output expected = model(terms(s.c, row, col), m.acc, -1);
    int32_t got = static_cast<int32_t *>(s.out.data)[e];
    // A broken bit must be seen wherever its PE did work, and nowhere else. (A forward pass runs
    // on zero blocks too.)
    bool worked = expected.groups > 0 || s.c.u.contract.direction == BT_FORWARD;
    checks.that((got == expected.mantissa) == !(broken && worked),
                "%s: element %zu (row %zu, column %zu)%s: %d, sound hardware gives %" PRId64, name,
                e, row, col, broken ? ", broken" : "", got, expected.mantissa);
    int exponent = bt_tensor_step(&s.out, e);
    checks.that(exponent == expected.exponent, "%s: element %zu: exponent %d, expected %d", name, e,
                exponent, expected.exponent);
  }
  return covered;
}

static void test_contractions(const bt_machine &m, int count) {
  bench::Random random(checks.seed());
  bt_rtl_options options = bt_rtl_options_default();
  bt_engine *engine = open_engine(m, options);
  for (int n = 0; n < count; n++) {
    bt_geometry g = bt_geometry();
    g.n = 1 + random.below(3), g.c = 1 + random.below(5), g.o = 1 + random.below(9);
    g.h = 1 + random.below(7), g.w = 1 + random.below(7);
    g.stride = 1 + random.below(2), g.pad = random.below(3);
    g.kh = 1 + random.below(g.h + 2 * g.pad < 3 ? g.h + 2 * g.pad : 3);
    g.kw = 1 + random.below(g.w + 2 * g.pad < 3 ? g.w + 2 * g.pad : 3);
    g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
    g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
    static const bt_block blocks[] = {BT_BLOCK_TENSOR, BT_BLOCK_DIM0, BT_BLOCK_SAMPLE};
    bt_direction direction = static_cast<bt_direction>(random.below(3));
    bt_block block_a = blocks[random.below(3)], block_b = blocks[random.below(3)];
    Setup s;
    make_setup(s, random, direction, g, block_a, block_b, random.below(3) ? 8 : 1);
    size_t covered = compare(engine, m, s, "contraction");
    bt_rtl_stats stats = bt_rtl_last(engine);
    size_t tiles = (s.rows + m.rows - 1) / m.rows * ((s.cols + m.cols - 1) / m.cols);
    checks.that(covered == s.rows * s.cols && stats.tiles_run == tiles &&
                    stats.tiles_total == tiles && stats.quantizer_cycles == 0,
                "%zu of %zu tiles, expected %zu", stats.tiles_run, stats.tiles_total, tiles);
    // What does not vary along k makes no groups: forward costs the same for every tensor.
    if (direction == BT_FORWARD)
      checks.that(stats.array_cycles == tiles * (s.k + 2 * m.rows + m.cols - 2),
                  "%" PRIu64 " array cycles for %zu tiles of K %zu", stats.array_cycles, tiles, s.k);
    free_setup(s);
  }
  engine->destroy(engine);
}

// Two groups of two outer k each, a zero block between and a group out of reach: 2 * (2k + ...).
static void test_group_cycles() {
  bench::Random random(checks.seed());
  bt_machine m = machine(4, 32, false, 4);
  bt_engine *engine = open_engine(m, bt_rtl_options_default());
  bt_geometry g = {2, 5, 5, 3, 6, 3, 3, 1, 1, 5, 5};
  Setup s;
  make_setup(s, random, BT_DATA_GRADIENT, g, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 1);
  s.in[0].exp[0] = 2;
  const int16_t exponents[] = {3, -128, 5, 3, 5, -12};
  int8_t *w = static_cast<int8_t *>(s.in[1].data);
  for (size_t o = 0; o < 6; o++) {
    s.in[1].exp[o] = exponents[o];
    std::memset(w + o * 27, exponents[o] == -128 ? 0 : static_cast<int>(o) + 1, 27);
  }
  bt_counts counts = bt_counts();
  bt_error error;
  checks.that(engine->run(engine, &s.c, nullptr, &counts, &error) == BT_OK, "%s", error.text);
  uint64_t tiles = 13, pass = 2 * 9 + 2 * 4 + 4 - 2;
  checks.that(bt_rtl_last(engine).array_cycles == tiles * 2 * pass, "%" PRIu64 " cycles, expected "
              "%" PRIu64, bt_rtl_last(engine).array_cycles, tiles * 2 * pass);
  checks.that(counts.dropped == 9 * 50 * 3, "%" PRIu64 " products dropped", counts.dropped);
  compare(engine, m, s, "groups");
  free_setup(s);
  engine->destroy(engine);
}

static void test_sample_and_fault(const bt_machine &m, int fault_bit) {
  bench::Random random(checks.seed());
  bt_rtl_options options = bt_rtl_options_default();
  options.max_tiles = 5;
  options.fault_bit = fault_bit;
  bt_engine *engine = open_engine(m, options);
  bt_geometry g = {3, 9, 11, 2, 2 * m.cols + 1, 3, 3, 1, 1, 9, 11};
  Setup s;
  make_setup(s, random, BT_FORWARD, g, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 5);
  s.in[0].exp[0] = 0;
  size_t covered = compare(engine, m, s, fault_bit < 0 ? "sample" : "broken bit");
  bt_rtl_stats stats = bt_rtl_last(engine);
  checks.that(stats.tiles_run >= 5 && stats.tiles_run <= 8 && stats.tiles_total > 9 &&
                  covered < s.rows * s.cols,
              "%zu of %zu tiles", stats.tiles_run, stats.tiles_total);
  checks.that(bt_rtl_covered_element(engine, 0) &&
                  bt_rtl_covered_element(engine, s.rows * s.cols - 1) &&
                  bt_rtl_covered_element(engine, s.cols - 1) &&
                  bt_rtl_covered_element(engine, (s.rows - 1) * s.cols),
              "the corners are not covered");
  free_setup(s);
  engine->destroy(engine);
}

// The quantizer's arithmetic has its own bench: here blocks, draws and accounts of the engine.
static void test_quantize() {
  bt_machine m = machine(4, 32, false, 4);
  bt_engine *engine = open_engine(m, bt_rtl_options_default());
  size_t dim[] = {3, 5};
  bt_tensor in = bt_tensor_wide("x", 2, dim, true, false);
  bt_format format = {BT_BFP, 4, 0, false, BT_BLOCK_DIM0, 0, 0};
  bt_tensor out = bt_tensor_bfp("y", format, 2, dim);
  if (!bt_tensor_alloc(&in) || !bt_tensor_alloc(&out)) std::exit(1);
  const int32_t mantissas[15] = {5, -3, 1, 0, 2, 0, 0, 0, 0, 0, 15, 1, -15, 8, 4};
  std::memcpy(in.data, mantissas, sizeof mantissas);
  in.exp[0] = 0, in.exp[1] = 9, in.exp[2] = 200;
  bt_command c = bt_command();
  c.op = BT_OP_QUANTIZE;
  c.in[0] = &in;
  c.out[0] = &out;
  c.u.quantize.round = {BT_STOCHASTIC, 16, false};
  bt_lfsr rng = bt_lfsr();
  rng.lanes = 4;
  for (uint32_t l = 0; l < 4; l++) rng.lane[l] = 0x10000 * (l + 1); // draws of 0: floor
  bt_counts counts = bt_counts();
  bt_error error;
  checks.that(engine->covers(engine, &c) &&
                  engine->run(engine, &c, &rng, &counts, &error) == BT_OK, "%s", error.text);
  const int8_t expected[15] = {5, -3, 1, 0, 2, 0, 0, 0, 0, 0, 7, 7, -7, 7, 7};
  for (size_t i = 0; i < 15; i++)
    checks.that(static_cast<int8_t *>(out.data)[i] == expected[i], "quantize element %zu: %d", i,
                static_cast<int8_t *>(out.data)[i]);
  checks.that(out.exp[0] == 2 && out.exp[1] == -128 && out.exp[2] == 127, "E %d %d %d", out.exp[0],
              out.exp[1], out.exp[2]);
  checks.that(rng.steps == 4 * 16 && counts.quantize.clipped == 5 && counts.quantize.overflow == 5,
              "steps %" PRIu64 ", clipped %" PRIu64, rng.steps, counts.quantize.clipped);
  for (uint32_t l = 0; l < 4; l++) {
    uint32_t x = 0x10000 * (l + 1);
    for (int i = 0; i < 64; i++) x = (x >> 1) ^ (x & 1 ? 0xA3000000u : 0u);
    checks.that(rng.lane[l] == x, "lane %u: 0x%x, expected 0x%x", l, rng.lane[l], x);
  }
  // Blocks [0,5), [5,10), [10,15) in 4 lanes: 2 beats each.
  checks.that(bt_rtl_last(engine).quantizer_cycles == 3 * (2 * 2 + 2), "%" PRIu64 " cycles",
              bt_rtl_last(engine).quantizer_cycles);
  rng.lanes = 16;
  checks.that(engine->run(engine, &c, &rng, &counts, &error) == BT_BAD_INPUT, "16 lanes taken");
  c.u.quantize.round.random_bits = 8;
  checks.that(!engine->covers(engine, &c), "8 random bits are not covered");
  bt_tensor_free(&in);
  bt_tensor_free(&out);
  engine->destroy(engine);
}

static void test_refusals() {
  bt_error error = {""};
  bt_machine m = machine(7, 32, false, 16);
  bt_rtl_options options = bt_rtl_options_default();
  checks.that(!bt_rtl_engine(&m, &options, &error) && std::strstr(error.text, "16x16 acc 32"),
              "a 7x7 machine: %s", error.text);
  m = machine(4, 32, false, 16);
  options.fault_bit = 30;
  checks.that(!bt_rtl_engine(&m, &options, &error) && std::strstr(error.text, "fault 4"),
              "a fault that no model has: %s", error.text);
  options.fault_bit = -1;
  m.acc.acc_shift = 2;
  bench::Random random(1);
  Setup s;
  make_setup(s, random, BT_FORWARD, {1, 1, 1, 4, 4, 1, 1, 1, 0, 1, 1}, BT_BLOCK_TENSOR,
             BT_BLOCK_TENSOR, 1);
  bt_engine *engine = open_engine(m, options);
  checks.that(!engine->covers(engine, &s.c), "an accumulator with a shift is not covered");
  checks.that(engine->run(engine, &s.c, nullptr, nullptr, &error) == BT_BAD_INPUT, "it ran");
  engine->destroy(engine);
  free_setup(s);
}

int main() {
  test_contractions(machine(4, 32, false, 4), 300);
  test_contractions(machine(4, 16, false, 4), 300);
  test_contractions(machine(4, 16, true, 4), 300);
  test_contractions(machine(16, 32, false, 16), 60);
  test_group_cycles();
  test_sample_and_fault(machine(4, 32, false, 4), -1);
  test_sample_and_fault(machine(4, 32, false, 4), 4);
  test_sample_and_fault(machine(16, 32, false, 16), 4);
  test_quantize();
  test_refusals();
  return checks.status();
}
