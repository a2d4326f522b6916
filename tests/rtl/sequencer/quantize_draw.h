// Operands of quantizations, drawn: shapes about the lanes, formats, exponents near their limits.
#ifndef BT_RTL_QUANTIZE_DRAW_H
#define BT_RTL_QUANTIZE_DRAW_H

#include <algorithm>
#include <memory>
#include <vector>

#include "quantize_bins.h"

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

struct Shape {
  size_t ndim, dim[4];
};

inline Shape draw_shape(bench::Random &random, size_t lanes) {
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

inline int draw_base(bench::Random &random) {
  switch (random.below(8)) {
  case 0: return static_cast<int>(random.range(95, 140));
  case 1: return static_cast<int>(random.range(-170, -120));
  case 2: return static_cast<int>(random.range(-32000, 32000));
  default: return static_cast<int>(random.range(-60, 40));
  }
}

inline int32_t draw_mantissa(bench::Random &random, unsigned drop) {
  uint64_t kind = random.below(24);
  if (kind == 0) return 0;
  if (kind == 1) return random.below(2) ? INT32_MAX : INT32_MIN;
  return static_cast<int32_t>(random.next()) >> std::min<uint64_t>(drop + random.below(6), 31);
}

inline bt_format draw_format(bench::Random &random, bool fixed) {
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

inline void fill(bench::Random &random, bt_tensor *t, size_t block_count) {
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

inline bt_tensor *draw_input(bench::Random &random, Tensors &t, const Shape &s, Bins &bins) {
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

#endif
