// Reduce commands through reduce_sequencer, in memories of several speeds, against the reference
// engine and the cost model: every byte of the vectors, their exponents and bits, and work.
#include <algorithm>

#include "Vcheck_reduce_4.h"
#include "Vcheck_reduce_16.h"
#include "drawn_tensor.h"

using namespace bench;

static const size_t SMALL_DEPTH = 64, SMALL_BLOCKS = 32, SMALL_GROUPS = 2;

// What was met.
struct Cases {
  uint64_t kind[7], below, above, uneven, one_beat, many_rows, shifted, beyond, all_zero, some_zero;
  uint64_t grouped, fixed, t, negative, full, blocks_full;
};

template <class Model> struct Unit {
  Unit(Checks &c, size_t l) : checks(c), lanes(l), reference(static_cast<unsigned>(l)) {}
  Checks &checks;
  size_t lanes;
  Reference reference;
  bt_rtl::SequencerDriver<Model> driver;
  bool fresh = true;
};

static bt_command drawn(Random &random, Tensors &t, size_t rows, size_t last) {
  bt_command c = {};
  c.op = BT_OP_REDUCE;
  c.label.text = "drawn";
  c.u.reduce.kind = static_cast<bt_reduction>(random.below(8) % 7);
  bt_block block = BT_BLOCK_TENSOR;
  static const bt_block blocks[] = {BT_BLOCK_DIM0, BT_BLOCK_SAMPLE, BT_BLOCK_TILE, BT_BLOCK_K32};
  if (c.u.reduce.kind == BT_SUM && random.below(5) > 0) block = blocks[random.below(4)];
  std::vector<size_t> dims = drawn_dims(random, rows, last);
  if (block == BT_BLOCK_TILE) dims = {rows, last};
  if (dims.size() == 1 && block != BT_BLOCK_K32) dims = {1, last};
  bt_format f = drawn_format(random, block);
  bt_tensor *x = t.add(bt_tensor_bfp("x", f, dims.size(), dims.data()));
  fill(random, *x);
  c.in[0] = x;
  if (c.u.reduce.kind == BT_SUM_XY || c.u.reduce.kind == BT_PRODUCTS) {
    bt_format g = drawn_format(random, BT_BLOCK_TENSOR);
    bt_tensor *y = t.add(bt_tensor_bfp("y", g, dims.size(), dims.data()));
    fill(random, *y);
    c.in[1] = y;
  }
  if (c.u.reduce.kind >= BT_MOMENTS) {
    c.out[0] = t.add(bt_tensor_sums("sums", last));
    c.out[1] = t.add(bt_tensor_sums("products", last));
  } else {
    c.out[0] = t.add(bt_tensor_wide("sums", 1, &last, false, block != BT_BLOCK_TENSOR));
  }
  return c;
}

static void count(Cases &n, const bt_command &c, size_t lanes) {
  const bt_tensor *x = c.in[0], *y = c.out[0];
  size_t last = bt_tensor_last(x), rows = bt_tensor_elements(x) / last;
  n.kind[c.u.reduce.kind]++;
  n.below += last < lanes, n.above += last > lanes, n.uneven += last > lanes && last % lanes != 0;
  n.one_beat += rows * last <= lanes, n.many_rows += rows > 500, n.fixed += x->fmt.kind == BT_FIXED;
  n.full += last == SMALL_DEPTH, n.blocks_full += bt_tensor_exponents(x) == SMALL_BLOCKS;
  n.t += y->kind == BT_T_WIDE && y->bits == 31;
  for (size_t i = 0; i < last; i++) n.negative += bt_tensor_integer(y, i) < 0;
  if (x->fmt.block == BT_BLOCK_TENSOR) return;
  int low = INT16_MAX, high = INT16_MIN;
  size_t zeros = 0;
  for (size_t b = 0; b < bt_tensor_exponents(x); b++) {
    if (bt_tensor_zero_block(x, b)) zeros++;
    else low = std::min<int>(low, x->exp[b]), high = std::max<int>(high, x->exp[b]);
  }
  n.shifted += high > low, n.beyond += high > low + 16;
  n.all_zero += zeros == bt_tensor_exponents(x), n.some_zero += zeros > 0 && high > INT16_MIN;
  n.grouped += bt_tensor_has_tiles(x) && y->exp[0] != y->exp[last - 1];
}

// Whether what the vector leaves free of its last word is as it was: 0xA5, as fresh memory.
static bool ends_clean(const bt_rtl::MemoryImage &memory, const bt_tensor &y, uint32_t address) {
  bool clean = true;
  for (size_t i = bt_rtl::tensor_bytes(y); i % memory.word() != 0; i++)
    clean = clean && *memory.at(address + static_cast<uint32_t>(i)) == 0xA5;
  return clean;
}

static uint32_t &slot(bt_rtl::Descriptor &d, size_t s, size_t w) {
  return d[bt_rtl::DESCRIPTOR_PARAMETERS + s * bt_rtl::SLOT_WORDS + w];
}

template <class Model>
static void check(Unit<Model> &u, Random &random, const bt_command &c, uint64_t timings) {
  Tensors expected;
  bt_error error = {};
  must(u.reference.run(c), error);
  bt_tensor *want[2] = {};
  for (size_t i = 0; i < 2; i++) {
    if (!c.out[i]) continue;
    want[i] = expected.add(*c.out[i]);
    std::memcpy(want[i]->data, c.out[i]->data, bt_rtl::tensor_bytes(*c.out[i]));
    std::memcpy(want[i]->exp, c.out[i]->exp, bt_tensor_exponents(c.out[i]) * 2);
  }
  uint64_t work = u.reference.vector_cycles(c);
  for (uint64_t k = 0; k < timings; k++) {
    for (bt_tensor *out : c.out)
      if (out) std::memset(out->data, 0x5A, bt_rtl::tensor_bytes(*out));
    bt_rtl::MemoryImage memory(u.lanes);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    bt_rtl::SequencerResult r = u.driver.run(d, memory, drawn_timing(random, k));
    size_t last = bt_tensor_last(c.in[0]), n = bt_tensor_elements(c.in[0]);
    u.checks.that(r.ended && r.status == 0 && memory.intact(),
                  "kind %d, %zu of %zu: %s, status %u, intact %d", c.u.reduce.kind, n, last,
                  r.reason, r.status, memory.intact());
    u.checks.that(r.work == work, "kind %d, %zu of %zu: work %" PRIu64 ", expected %" PRIu64,
                  c.u.reduce.kind, n, last, r.work, work);
    if (!r.ended) std::exit(u.checks.status());
    // Memory that never waits costs nothing but the ends: exponents of the input are read once and
    // gone through twice, those of the output written.
    uint64_t ends = 2 * bt_tensor_exponents(c.in[0]) + bt_tensor_exponents(c.in[0]) / u.lanes +
                    (c.in[0]->fmt.block == BT_BLOCK_TENSOR ? 0 : last) + 60;
    ends += u.fresh ? 1024 : 0; // the first command waits until the unit's memories are cleared
    u.fresh = false;
    u.checks.that(k > 0 || r.cycles < work + ends, "kind %d, %zu of %zu: %" PRIu64 " cycles",
                  c.u.reduce.kind, n, last, r.cycles);
    bt_rtl::collect(c, d, memory);
    for (size_t i = 0; i < 2; i++) {
      if (!want[i]) continue;
      const bt_tensor &y = *c.out[i], &z = *want[i];
      u.checks.that(ends_clean(memory, y, slot(d, bt_rtl::SLOT_OUT + i, 0)),
                    "kind %d, output %zu of %zu: written beyond its end", c.u.reduce.kind, i, last);
      for (size_t j = 0; j < last; j++)
        u.checks.that(bt_tensor_integer(&y, j) == bt_tensor_integer(&z, j),
                      "kind %d wl %d, %zu of %zu, output %zu[%zu]: %" PRId64 ", expected %" PRId64,
                      c.u.reduce.kind, c.in[0]->fmt.wl, n, last, i, j, bt_tensor_integer(&y, j),
                      bt_tensor_integer(&z, j));
      for (size_t j = 0; j < bt_tensor_exponents(&y); j++)
        u.checks.that(y.exp[j] == z.exp[j], "kind %d, output %zu: exponent %zu %d, expected %d",
                      c.u.reduce.kind, i, j, y.exp[j], z.exp[j]);
      if (y.kind == BT_T_WIDE)
        u.checks.that(y.bits == z.bits, "kind %d: bits %d, expected %d", c.u.reduce.kind, y.bits,
                      z.bits);
    }
  }
}

// Most commands are small; the small machine's stores are met exactly, and some sums are long.
template <class Model>
static void drawn_commands(Unit<Model> &u, Random &random, Cases &n, bool small, int commands) {
  for (int i = 0; i < commands; i++) {
    Tensors t;
    size_t last = drawn_last(random), rows = 1 + random.below(random.below(4) ? 40 : 8);
    if (random.below(8) == 0) rows = 6 * (1 + random.below(5));
    if (random.below(30) == 0) rows = 500 + random.below(3000), last = 1 + random.below(20);
    if (random.below(12) == 0) last = SMALL_DEPTH;
    if (random.below(12) == 0) rows = SMALL_BLOCKS;
    bt_command c = drawn(random, t, rows, last);
    size_t blocks = bt_tensor_exponents(c.in[0]);
    if (small && blocks > SMALL_BLOCKS) continue;
    if (small && c.in[0]->fmt.block == BT_BLOCK_TILE &&
        last > SMALL_GROUPS * static_cast<size_t>(c.in[0]->fmt.tile_cols))
      continue;
    if (blocks > 1024 || (c.in[0]->fmt.block == BT_BLOCK_TILE &&
                          last > 32 * static_cast<size_t>(c.in[0]->fmt.tile_cols)))
      continue;
    check(u, random, c, 3);
    count(n, c, u.lanes);
  }
}

// Descriptors that the sequencer cannot do.
template <class Model> struct Refusal {
  Unit<Model> &u;
  const bt_command &c;

  template <class Change> void expect(unsigned status, const char *what, Change change) {
    bt_rtl::MemoryImage memory(u.lanes);
    bt_rtl::Descriptor d = bt_rtl::describe(c, memory);
    change(d);
    bt_rtl::SequencerResult r = u.driver.run(d, memory, {3, 0, 1}, 100000);
    u.checks.that(r.ended && r.status == status && r.writes == 0 && r.work == 0,
                  "%s: %s, status %u, expected %u", what, r.reason, r.status, status);
  }
};

template <class Model> static void refusals(Unit<Model> &u, Random &random) {
  using D = bt_rtl::Descriptor;
  Tensors t;
  bt_command sum = {};
  do sum = drawn(random, t, 4, 8);
  while (sum.u.reduce.kind != BT_SUM || sum.in[0]->fmt.block != BT_BLOCK_DIM0);
  bt_command products = {};
  do products = drawn(random, t, 4, 8);
  while (products.u.reduce.kind != BT_PRODUCTS);
  Refusal<Model> a = {u, sum}, b = {u, products};
  a.expect(2, "kind 7", [](D &d) { d[0] |= 7u << 8; });
  a.expect(2, "a flag", [](D &d) { d[0] |= 1u << 16; });
  a.expect(3, "no elements", [](D &d) { slot(d, 0, 4) = 0; });
  a.expect(3, "no last dimension", [](D &d) { slot(d, 0, 6) = 0; });
  a.expect(3, "no exponents", [](D &d) { slot(d, 0, 5) = 0; });
  a.expect(7, "wide input", [](D &d) { slot(d, 0, 2) = 3; });
  a.expect(7, "wide into sums", [](D &d) { slot(d, 10, 2) = 5; });
  a.expect(7, "blocks of no name", [](D &d) { slot(d, 0, 2) |= 7u << 10; });
  a.expect(7, "blocks and not a plain sum", [](D &d) { d[0] |= 4u << 8; });
  a.expect(7, "dim0 within a row", [](D &d) { slot(d, 0, 7) = 4; });
  a.expect(7, "tiles of 3 columns", [](D &d) {
    slot(d, 0, 2) = (slot(d, 0, 2) & ~(7u << 10)) | 2u << 10;
    slot(d, 0, 3) = 2 | 3u << 16;
  });
  a.expect(7, "tiles over several last indices", [](D &d) {
    slot(d, 0, 2) = (slot(d, 0, 2) & ~(7u << 10)) | 2u << 10;
    slot(d, 0, 3) = 2 | 4u << 16;
    slot(d, 0, 7) = 16;
  });
  a.expect(8, "too many last indices", [](D &d) { slot(d, 0, 6) = slot(d, 0, 7) = 1025; });
  a.expect(8, "too many blocks", [](D &d) { slot(d, 0, 5) = 1025; });
  a.expect(8, "too many columns of blocks", [](D &d) {
    slot(d, 0, 2) = (slot(d, 0, 2) & ~(7u << 10)) | 2u << 10;
    slot(d, 0, 3) = 1 | 1u << 16;
    slot(d, 0, 6) = slot(d, 0, 7) = 33;
  });
  b.expect(7, "wide second input", [](D &d) { slot(d, 1, 2) = 3; });
  b.expect(7, "blocks of the second input", [](D &d) { slot(d, 1, 2) |= 1u << 10; });
  b.expect(7, "sums into wide", [](D &d) { slot(d, 11, 2) = 3; });
  a.expect(3, "no second chance", [](D &d) { slot(d, 0, 4) = 0; });
  check(u, random, sum, 1); // and it goes on
  check(u, random, products, 1);
}

int main() {
  Checks checks("test_rtl_reduce_sequencer");
  Random random(checks.seed());
  Cases n = {};
  Unit<Vcheck_reduce_4> small(checks, 4);
  Unit<Vcheck_reduce_16> large(checks, 16);
  drawn_commands(small, random, n, true, 1200);
  drawn_commands(large, random, n, false, 1000);
  refusals(small, random);
  refusals(large, random);
  const struct { const char *name; uint64_t count; } met[] = {
      {"sum", n.kind[0]}, {"sum_xx", n.kind[1]}, {"sum_xy", n.kind[2]}, {"min", n.kind[3]},
      {"max", n.kind[4]}, {"moments", n.kind[5]}, {"products", n.kind[6]},
      {"last below Lanes", n.below}, {"last above Lanes", n.above},
      {"last above and no multiple", n.uneven}, {"one beat", n.one_beat},
      {"more than 500 rows", n.many_rows}, {"blocks of several exponents", n.shifted},
      {"more than 16 apart", n.beyond}, {"all blocks zero", n.all_zero},
      {"some blocks zero", n.some_zero}, {"last indices of several exponents", n.grouped},
      {"fixed point", n.fixed}, {"sums cut to 31 bits", n.t},
      {"negative results", n.negative}, {"all last indices of a store", n.full},
      {"all blocks of a store", n.blocks_full}};
  for (const auto &m : met) {
    std::printf("%8" PRIu64 "  %s\n", m.count, m.name);
    checks.that(m.count > 0, "never met: %s", m.name);
  }
  return checks.status();
}
