// Contractions for the benches of contract_sequencer: drawn ones, and layers by their shape.
#ifndef BT_RTL_CONTRACT_BENCH_H
#define BT_RTL_CONTRACT_BENCH_H

#include <memory>
#include <vector>

#include "bench.h"
#include "emu.h"

namespace contract {

// A command with its tensors.
class Case {
public:
  Case() { command.op = BT_OP_CONTRACT; }
  Case(const Case &) = delete;
  Case &operator=(const Case &) = delete;
  ~Case() {
    for (auto &t : tensors_) bt_tensor_free(t.get());
  }

  bt_command command = {};

  bt_tensor *add(const bt_tensor &shape) {
    tensors_.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(tensors_.back().get())) std::exit(1);
    return tensors_.back().get();
  }

private:
  std::vector<std::unique_ptr<bt_tensor>> tensors_;
};

// How an operand's exponents lie.
enum Exponents { EQUAL, NEAR, FAR, LIMITS };

struct Shape {
  bt_direction direction;
  bt_geometry geometry;
  bt_format a, b;
  bool per0, per_last; // cells of the output, more than are needed
};

inline void fill(bench::Random &random, bt_tensor &t, Exponents exponents, unsigned zeros) {
  int top = (1 << (t.fmt.wl - 1)) - 1, low = t.fmt.asymmetric ? -top - 1 : -top;
  uint64_t kind = random.below(4);
  for (size_t i = 0; i < bt_tensor_elements(&t); i++)
    bt_tensor_store(&t, i,
                    static_cast<int32_t>(kind == 0   ? top
                                         : kind == 1 ? (random.below(2) ? top : low)
                                                     : random.range(low, top)));
  if (t.fmt.kind == BT_FIXED) return;
  int base = static_cast<int>(random.range(-40, 40));
  size_t blocks = bt_tensor_exponents(&t), rest = bt_tensor_elements(&t) / blocks;
  for (size_t b = 0; b < blocks; b++) {
    int e = exponents == EQUAL  ? base
            : exponents == NEAR ? base + static_cast<int>(random.range(-3, 3))
            : exponents == FAR  ? base + static_cast<int>(random.range(-14, 14))
                                : static_cast<int>(random.below(2) ? 127 : -128);
    t.exp[b] = static_cast<int16_t>(e);
    if (random.below(256) >= zeros) continue;
    t.exp[b] = -128;
    for (size_t i = 0; i < rest; i++) bt_tensor_store(&t, b * rest + i, 0);
  }
}

inline bool by_dim0(const bt_format &f) {
  return f.kind == BT_BFP && f.block != BT_BLOCK_TENSOR;
}

// The command's tensors, without contents.
inline void build(Case &c, const Shape &s) {
  const bt_geometry &g = s.geometry;
  const size_t x[] = {g.n, g.h, g.w, g.c}, y[] = {g.n, g.oh, g.ow, g.o},
               w[] = {g.o, g.kh, g.kw, g.c};
  bt_direction d = s.direction;
  c.command.label.text = "contract";
  c.command.u.contract.direction = d;
  c.command.u.contract.geometry = g;
  c.command.u.contract.nearest = true;
  c.command.in[0] = c.add(bt_tensor_bfp("a", s.a, 4, d == BT_FORWARD ? x : y));
  c.command.in[1] = c.add(bt_tensor_bfp("b", s.b, 4, d == BT_WEIGHT_GRADIENT ? x : w));
  bool per0 = s.per0 || (by_dim0(s.a) && d != BT_WEIGHT_GRADIENT);
  bool per_last = s.per_last || (by_dim0(s.b) && d == BT_FORWARD);
  const size_t *out = d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : w;
  c.command.out[0] = c.add(bt_tensor_wide("out", 4, out, per0, per_last));
}

inline bt_format draw_format(bench::Random &random, int low, int high, bt_block cut) {
  bt_format f = {BT_BFP, static_cast<int>(random.below(2) ? high : random.range(low, high)), 0,
                 random.below(4) == 0, BT_BLOCK_TENSOR, 0, 0};
  if (random.below(5) == 0) {
    f.kind = BT_FIXED;
    f.fl = static_cast<int>(random.range(0, 12));
    f.asymmetric = true;
  } else if (random.below(2)) {
    f.block = cut;
  }
  return f;
}

// A geometry of at most about `work` products.
inline bt_geometry draw_geometry(bench::Random &random, uint64_t work) {
  static const size_t channels[] = {1, 1, 2, 3, 4, 5, 6, 8, 12, 16, 17, 20, 33};
  for (;;) {
    bt_geometry g = {};
    g.n = 1 + random.below(5);
    g.c = channels[random.below(13)];
    g.o = channels[random.below(13)];
    if (random.below(4) == 0) { // fully connected
      g.h = g.w = g.kh = g.kw = g.stride = g.oh = g.ow = 1;
      g.n = 1 + random.below(20);
      if (random.below(2)) g.c = 1 + random.below(150);
      if (random.below(2)) g.o = 1 + random.below(60);
    } else {
      g.h = 1 + random.below(9);
      g.w = 1 + random.below(g.c == 1 ? 24 : 12);
      g.kh = 1 + random.below(4);
      g.kw = random.below(2) ? g.kh : 1 + random.below(5);
      g.stride = 1 + random.below(3);
      g.pad = random.below(4);
      if (g.h + 2 * g.pad < g.kh || g.w + 2 * g.pad < g.kw) continue;
      g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
      g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
      if (random.below(8) == 0) g.oh = 1 + random.below(g.oh);
      if (random.below(8) == 0) g.ow = 1 + random.below(g.ow);
    }
    bt_extent e = bt_geometry_extent(&g, BT_FORWARD);
    if (e.rows * e.cols * e.k <= work) return g;
  }
}

inline void draw(bench::Random &random, Case &c, uint64_t work) {
  Shape s = {};
  s.direction = static_cast<bt_direction>(random.below(3));
  s.geometry = draw_geometry(random, work);
  s.a = draw_format(random, 2, 8, BT_BLOCK_SAMPLE);
  bool wide = s.direction == BT_FORWARD && random.below(3) == 0;
  s.b = draw_format(random, wide ? 9 : 2, wide ? 15 : 8,
                    s.direction == BT_WEIGHT_GRADIENT ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0);
  s.per0 = random.below(4) == 0;
  s.per_last = random.below(4) == 0;
  build(c, s);
  Exponents exponents = static_cast<Exponents>(random.below(4));
  unsigned zeros = random.below(3) ? 0 : random.below(3) ? 64 : 256;
  fill(random, const_cast<bt_tensor &>(*c.command.in[0]), exponents, zeros);
  fill(random, const_cast<bt_tensor &>(*c.command.in[1]), exponents, random.below(2) ? zeros : 0);
}

} // namespace contract
#endif
