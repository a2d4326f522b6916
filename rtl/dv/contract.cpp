// A contraction on the array: output tiles, and in each a pass for each group of products of
// equal exponent (numerics 8, 8.2).
#include <algorithm>
#include <cstring>
#include <map>

#include "engine.h"
#include "operands.h"

namespace bt_rtl {

namespace {

const int ZERO_EXPONENT = -512; // of an output without a nonzero pair
const int ALIGN_BITS = 16;

int clog2(size_t n) {
  int c = 0;
  while (c < 63 && (size_t{1} << c) < n) c++;
  return c;
}

// Step exponents of a tensor's blocks, and which are zero blocks.
struct Blocks {
  std::vector<int> step;
  std::vector<bool> zero;
  explicit Blocks(const bt_tensor &t) {
    size_t n = bt_tensor_exponents(&t);
    for (size_t i = 0; i < n; i++) {
      step.push_back(t.exp[i] - (t.fmt.wl - 2));
      zero.push_back(bt_tensor_zero_block(&t, i));
    }
  }
};

// The groups of all outputs, ascending in g. An exponent that does not vary along k is left out
// of g: it raises all groups of an output alike.
std::vector<Group> make_groups(const Operands &o, const Blocks &a, const Blocks &b) {
  std::map<int, std::vector<size_t>> by_exponent;
  for (size_t outer = 0; outer < o.k / o.k_inner; outer++) {
    int g = 0;
    bool zero = false;
    if (o.a_varies()) {
      g += a.step[o.a_block(0, outer)];
      zero = a.zero[o.a_block(0, outer)];
    }
    if (o.b_varies()) {
      g += b.step[o.b_block(0, outer)];
      zero = zero || b.zero[o.b_block(0, outer)];
    }
    if (!zero) by_exponent[g].push_back(outer);
  }
  std::vector<Group> groups;
  for (auto &entry : by_exponent) groups.push_back({entry.first, std::move(entry.second)});
  return groups;
}

// Decides the alignment and takes away the groups below gref.
Alignment align(std::vector<Group> &groups, const Operands &o, bt_counts *counts) {
  Alignment al = {0, 0, 0};
  int spread = 0;
  if (!groups.empty()) {
    int gmax = groups.back().g;
    al.gref = std::max(groups.front().g, gmax - ALIGN_BITS);
    spread = gmax - al.gref;
  }
  while (!groups.empty() && groups.front().g < al.gref) {
    if (counts) counts->dropped += groups.front().outer.size() * o.k_inner * o.rows * o.cols;
    groups.erase(groups.begin());
  }
  al.bits = 14 + clog2(o.k) + spread;
  al.t = std::max(0, al.bits - 31);
  return al;
}

// Exponents of the output's cells, and its width.
void write_exponents(const Operands &o, const Blocks &a, const Blocks &b, const Alignment &al,
                     bool any_group, bt_tensor &out) {
  size_t last = bt_tensor_last(&out);
  size_t rest = bt_tensor_elements(&out) / out.dim[0];
  for (size_t x = 0; x < out.n0; x++) {
    for (size_t y = 0; y < out.nl; y++) {
      size_t element = (out.n0 > 1 ? x * rest : 0) + (out.nl > 1 ? y % last : 0);
      int exponent = al.gref + al.t;
      bool zero = !any_group;
      if (!o.a_varies()) {
        size_t block = o.a_block(element / o.cols, 0);
        exponent += a.step[block];
        zero = zero || a.zero[block];
      }
      if (!o.b_varies()) {
        size_t block = o.b_block(element % o.cols, 0);
        exponent += b.step[block];
        zero = zero || b.zero[block];
      }
      out.exp[x * out.nl + y] = static_cast<int16_t>(zero ? ZERO_EXPONENT : exponent);
    }
  }
  out.bits = any_group ? std::min(31, al.bits) : 0;
}

// Marks the tiles to run: all, or a sample spread over them and the corners (rtl_engine.h).
void choose_tiles(Engine &e, size_t tile_rows, size_t tile_cols) {
  size_t total = tile_rows * tile_cols, wanted = e.options.max_tiles;
  e.tile_cols = tile_cols;
  e.tile_run.assign(total, wanted == 0 || wanted >= total);
  if (wanted > 0 && wanted < total) {
    for (size_t s = 0; s < wanted; s++)
      e.tile_run[wanted == 1 ? 0 : s * (total - 1) / (wanted - 1)] = true;
    e.tile_run[tile_cols - 1] = true;
    e.tile_run[total - tile_cols] = true;
    e.tile_run[total - 1] = true;
  }
  e.stats.tiles_total = total;
  e.stats.tiles_run = static_cast<size_t>(std::count(e.tile_run.begin(), e.tile_run.end(), true));
}

// The operands of one group of one tile, as the array takes them.
struct Slices {
  std::vector<int8_t> a, b;
  uint32_t len;
};

void gather(const Operands &o, const Group &group, const TileParameters &p, size_t i0, size_t j0,
            const Sink &sink, Slices &s) {
  size_t len = group.outer.size() * o.k_inner;
  s.len = static_cast<uint32_t>(len);
  s.a.assign(len * p.rows, 0);
  s.b.assign(len * p.cols, 0);
  std::vector<Index> rows, cols;
  for (size_t r = 0; r < sink.rows; r++) rows.push_back(o.row(i0 + r));
  for (size_t c = 0; c < sink.cols; c++) cols.push_back(o.col(j0 + c));
  size_t n = 0;
  for (size_t outer : group.outer) {
    for (size_t inner = 0; inner < o.k_inner; inner++, n++) {
      Index k = o.along(outer * o.k_inner + inner);
      for (size_t r = 0; r < rows.size(); r++) s.a[n * p.rows + r] = o.a(rows[r], k);
      for (size_t c = 0; c < cols.size(); c++) s.b[n * p.cols + c] = o.b(k, cols[c]);
    }
  }
}

} // namespace

namespace {

bt_rtl_toggles difference(const Toggles &after, const Toggles &before) {
  return {after.a - before.a, after.b - before.b, after.acc - before.acc,
          after.skew_a - before.skew_a, after.skew_b - before.skew_b};
}

} // namespace

void run_contract(Engine &e, const bt_command &c, bt_counts *counts) {
  Operands o(c);
  Blocks a_blocks(*c.in[0]), b_blocks(*c.in[1]);
  bt_tensor &out = *c.out[0];
  const TileParameters &p = e.parameters;
  std::vector<Group> groups = make_groups(o, a_blocks, b_blocks);
  Alignment al = align(groups, o, counts);
  write_exponents(o, a_blocks, b_blocks, al, !groups.empty(), out);

  int32_t *data = static_cast<int32_t *>(out.data);
  std::memset(data, 0, o.rows * o.cols * sizeof *data);
  size_t tile_rows = (o.rows + p.rows - 1) / p.rows, tile_cols = (o.cols + p.cols - 1) / p.cols;
  choose_tiles(e, tile_rows, tile_cols);
  e.matrix_cols = o.cols;

  if (e.options.watch) e.tile->clear();
  Toggles toggles = e.tile->toggles();
  Slices slices;
  for (size_t tile = 0; tile < tile_rows * tile_cols; tile++) {
    if (!e.tile_run[tile]) continue;
    size_t i0 = tile / tile_cols * p.rows, j0 = tile % tile_cols * p.cols;
    Sink sink = {data + i0 * o.cols + j0, o.cols, std::min(p.rows, o.rows - i0),
                 std::min(p.cols, o.cols - j0)};
    for (size_t n = 0; n < groups.size(); n++) {
      gather(o, groups[n], p, i0, j0, sink, slices);
      uint32_t start = e.tile->cycles();
      e.tile->run({slices.len, n == 0, n + 1 == groups.size(), groups[n].g - al.gref, al.t,
                   slices.a.data(), slices.b.data(), sink});
      e.stats.array_cycles += e.tile->cycles() - start;
    }
  }
  uint32_t start = e.tile->cycles();
  e.tile->finish();
  e.stats.array_cycles += e.tile->cycles() - start;
  e.stats.toggles = difference(e.tile->toggles(), toggles);
}

} // namespace bt_rtl
