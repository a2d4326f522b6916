// Commands of every kind with small operands, drawn at random, for benches of the whole machine.
// The benches of the sequencers go deeper: here all kinds come, one beside another.
#ifndef BT_RTL_SAMPLE_H
#define BT_RTL_SAMPLE_H

#include <cstring>
#include <memory>
#include <vector>

#include "bench.h"
#include "emu.h"
extern "C" {
#include "cmd/statistics.h"
}

namespace bench {

const bt_op ALL_OPS[] = {BT_OP_CONTRACT, BT_OP_QUANTIZE,  BT_OP_AFFINE,    BT_OP_GATE,
                         BT_OP_REDUCE,   BT_OP_POOL,      BT_OP_POOL_BACK, BT_OP_SOFTMAX,
                         BT_OP_DROPOUT,  BT_OP_AVERAGE,   BT_OP_POOL_SUM,  BT_OP_SPREAD,
                         BT_OP_NORM,     BT_OP_NORM_BACK, BT_OP_STATISTICS};

class Sample {
public:
  Sample(bt_op op, Random &random) : c(), random_(random) {
    c.op = op;
    c.label.text = bt_op_name(op);
    make();
    bt_error error = {""};
    if (bt_command_check(&c, &error) != BT_OK) {
      std::printf("sample: %s\n", error.text);
      std::exit(1);
    }
  }
  Sample(const Sample &) = delete;
  Sample &operator=(const Sample &) = delete;
  ~Sample() {
    for (auto &t : tensors_) bt_tensor_free(t.get());
    bt_statistics_free(&statistics_);
  }

  bt_command c;

  // All that the command writes, as bytes.
  std::vector<uint8_t> results() const {
    std::vector<uint8_t> all;
    auto add = [&](const void *data, size_t size) {
      const uint8_t *at = static_cast<const uint8_t *>(data);
      all.insert(all.end(), at, at + size);
    };
    for (const bt_tensor *t : c.out) {
      if (!t) continue;
      add(t->data, bt_tensor_elements(t) * bt_tensor_element_size(t));
      add(t->exp, bt_tensor_exponents(t) * sizeof *t->exp);
      add(&t->bits, sizeof t->bits);
    }
    add(&loss_, sizeof loss_);
    add(sums_.data(), sums_.size() * 8);
    add(emin_.data(), emin_.size() * 2);
    add(&average_.count, 8);
    add(statistics_.first, statistics_.channels * 16);
    add(statistics_.second, statistics_.channels * 16);
    add(&statistics_.first_step, sizeof(int));
    add(&statistics_.second_step, sizeof(int));
    add(&statistics_.rows, 8);
    return all;
  }

  // Sets outputs to values that no command leaves there, and records to what they were.
  void forget() {
    for (bt_tensor *t : c.out) {
      if (!t) continue;
      std::memset(t->data, 0x5A, bt_tensor_elements(t) * bt_tensor_element_size(t));
      for (size_t i = 0; i < bt_tensor_exponents(t); i++) t->exp[i] = -77;
      t->bits = 0;
    }
    loss_ = bt_loss();
    sums_.assign(sums_.size(), 0);
    emin_.assign(emin_.size(), BT_EMIN_NONE);
    average_.count = 0;
    if (c.op == BT_OP_STATISTICS) bt_statistics_reset(&statistics_);
  }

private:
  size_t size(size_t most) { return 1 + random_.below(most); }
  bt_tensor *keep(bt_tensor t) {
    tensors_.emplace_back(new bt_tensor(t));
    if (!bt_tensor_alloc(tensors_.back().get())) std::exit(1);
    return tensors_.back().get();
  }

  bt_format format(bool narrow = false) {
    bt_format f = {BT_BFP, static_cast<int>(narrow ? 8 : 2 + random_.below(15)), 0, false,
                   BT_BLOCK_TENSOR, 0, 0};
    f.asymmetric = random_.below(3) == 0;
    return f;
  }
  // In blocks of every shape, or in fixed point.
  bt_format any_format() {
    bt_format f = format();
    if (random_.below(6) == 0) {
      f.kind = BT_FIXED, f.fl = static_cast<int>(random_.below(61));
      return f;
    }
    f.block = static_cast<bt_block>(random_.below(5));
    if (f.block == BT_BLOCK_TILE) f.tile_rows = size(8), f.tile_cols = size(48);
    return f;
  }
  bt_tensor *bfp(std::vector<size_t> dim, bt_format f) {
    bt_tensor *t = keep(bt_tensor_bfp("x", f, dim.size(), dim.data()));
    int limit = (1 << (f.wl - 1)) - 1;
    for (size_t i = 0; i < bt_tensor_elements(t); i++)
      bt_tensor_store(t, i, static_cast<int32_t>(random_.range(-limit, limit)));
    for (size_t i = 0; f.kind == BT_BFP && i < bt_tensor_exponents(t); i++)
      t->exp[i] = static_cast<int16_t>(random_.range(-8, 4));
    return t;
  }
  bt_tensor *bytes(std::vector<size_t> dim, size_t below) {
    bt_tensor *t = keep(bt_tensor_byte("bytes", dim.size(), dim.data()));
    for (size_t i = 0; i < bt_tensor_elements(t); i++)
      static_cast<uint8_t *>(t->data)[i] = static_cast<uint8_t>(random_.below(below));
    return t;
  }
  bt_tensor *wide(std::vector<size_t> dim, bool per0) {
    bt_tensor *t = keep(bt_tensor_wide("wide", dim.size(), dim.data(), per0, false));
    t->bits = static_cast<int>(random_.range(1, 31));
    int64_t limit = (int64_t{1} << t->bits) - 1;
    for (size_t i = 0; i < bt_tensor_elements(t); i++)
      static_cast<int32_t *>(t->data)[i] = static_cast<int32_t>(random_.range(-limit, limit));
    for (size_t i = 0; i < bt_tensor_exponents(t); i++)
      t->exp[i] = static_cast<int16_t>(random_.range(-30, 0));
    return t;
  }
  bt_tensor *constants(size_t n, int bits, bool filled) {
    bt_tensor *t = keep(bt_tensor_constants("constants", n));
    t->bits = bits;
    int64_t top = int64_t{1} << (bits - 1);
    for (size_t i = 0; filled && i < n; i++) {
      int64_t m = random_.range(top, 2 * top - 1);
      if (random_.below(9) == 0) continue; // 0 at exponent -512
      static_cast<int32_t *>(t->data)[i] = static_cast<int32_t>(random_.below(2) ? m : -m);
      t->exp[i] = static_cast<int16_t>(random_.range(-20, 0) - bits);
    }
    return t;
  }
  bt_tensor *sums(size_t n, int64_t low, int64_t high, int step) {
    bt_tensor *t = keep(bt_tensor_sums("sums", n));
    for (size_t i = 0; i < n; i++) static_cast<int64_t *>(t->data)[i] = random_.range(low, high);
    t->exp[0] = static_cast<int16_t>(step);
    return t;
  }

  void make() {
    switch (c.op) {
    case BT_OP_CONTRACT: return make_contract();
    case BT_OP_QUANTIZE: return make_quantize();
    case BT_OP_AFFINE: return make_affine();
    case BT_OP_REDUCE: return make_reduce();
    case BT_OP_GATE: {
      std::vector<size_t> dim = {size(6), size(20)};
      bt_format f = any_format();
      c.in[0] = bfp(dim, f);
      c.in[1] = bytes(dim, 2);
      c.out[0] = bfp(dim, f);
      return;
    }
    case BT_OP_SOFTMAX: {
      size_t rows = size(6), classes = 1 + size(20);
      c.in[0] = bfp({rows, classes}, format());
      c.in[1] = bytes({rows}, classes);
      if (random_.below(3)) c.out[0] = wide({rows, classes}, false);
      c.u.softmax.loss = &loss_;
      return;
    }
    case BT_OP_DROPOUT:
      c.out[0] = bytes({size(6), size(40)}, 2);
      c.u.dropout.seed = random_.next();
      c.u.dropout.epoch = random_.below(9), c.u.dropout.layer = random_.below(9);
      c.u.dropout.step = random_.below(99);
      c.u.dropout.drop = {1, 4};
      return;
    case BT_OP_AVERAGE: {
      bt_format f = any_format();
      f.tile_cols = size_t{1} << random_.below(5); // the machine has no others (docs/rtl.md)
      c.in[0] = bfp({size(6), size(20)}, f);
      sums_.assign(bt_tensor_elements(c.in[0]), 0);
      emin_.assign(bt_tensor_exponents(c.in[0]), BT_EMIN_NONE);
      average_ = {sums_.data(), emin_.data(), 0};
      c.u.average.average = &average_;
      return;
    }
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
    case BT_OP_STATISTICS: return make_norm();
    default: return make_pool();
    }
  }

  void make_contract() {
    bt_geometry g = bt_geometry();
    g.n = size(3), g.c = size(6), g.o = size(9), g.h = size(6), g.w = size(6);
    g.stride = size(2), g.pad = random_.below(2);
    g.kh = 1 + random_.below(g.h + 2 * g.pad < 3 ? g.h + 2 * g.pad : 3);
    g.kw = 1 + random_.below(g.w + 2 * g.pad < 3 ? g.w + 2 * g.pad : 3);
    g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
    g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
    std::vector<size_t> x = {g.n, g.h, g.w, g.c}, w = {g.o, g.kh, g.kw, g.c},
                        y = {g.n, g.oh, g.ow, g.o};
    const std::vector<size_t> shapes[3][3] = {{x, w, y}, {y, w, x}, {y, x, w}};
    bt_direction d = static_cast<bt_direction>(random_.below(3));
    bt_format a = format(true), b = a;
    if (random_.below(2)) b.block = BT_BLOCK_DIM0;
    c.u.contract.direction = d;
    c.u.contract.geometry = g;
    c.in[0] = bfp(shapes[d][0], a);
    c.in[1] = bfp(shapes[d][1], b);
    bool columns = d == BT_FORWARD && b.block == BT_BLOCK_DIM0;
    c.out[0] = keep(bt_tensor_wide("y", 4, shapes[d][2].data(), false, columns));
  }

  void make_quantize() {
    std::vector<size_t> dim = {size(6), size(40)};
    if (random_.below(3)) c.in[0] = wide(dim, random_.below(2) == 0);
    else c.in[0] = bfp(dim, any_format());
    c.out[0] = bfp(dim, any_format());
    c.u.quantize.round = {static_cast<bt_rounding>(random_.below(4)), 16, false};
  }

  void make_affine() {
    std::vector<size_t> dim = {size(6), size(20)};
    auto &a = c.u.affine;
    a.terms = size(4);
    for (size_t i = 0; i < a.terms; i++) {
      switch (random_.below(4)) {
      case 0: c.in[i] = bytes(dim, 256); break;
      case 1: c.in[i] = wide(dim, false); break;
      case 2: c.in[i] = bfp({dim[1]}, format()); break;
      default: c.in[i] = bfp(dim, format());
      }
      a.c[i] = {static_cast<int32_t>(random_.range(16384, 32767)),
                static_cast<int>(random_.range(-20, -10))};
      if (random_.below(4) == 0) c.in[BT_IN_CONSTANTS + i] = constants(dim[1], 15, true);
    }
    a.has_c0 = random_.below(3) == 0;
    a.c0 = {static_cast<int32_t>(random_.range(1 << 30, INT32_MAX)), -35};
    if (!a.has_c0 && random_.below(3) == 0) c.in[BT_IN_ADDEND] = constants(dim[1], 31, true);
    c.out[0] = wide(dim, false);
    uint64_t end = random_.below(3);
    a.relu = end == 1, a.masked = end == 2;
    if (a.relu) c.out[1] = bytes(dim, 2);
    if (a.masked) c.in[BT_IN_MASK] = bytes(dim, 2);
  }

  void make_reduce() {
    std::vector<size_t> dim = {size(9), size(20)};
    c.u.reduce.kind = static_cast<bt_reduction>(random_.below(7));
    bt_format f = format();
    if (c.u.reduce.kind == BT_SUM) // the machine has no tiles here (docs/rtl.md)
      f.block = static_cast<bt_block>(random_.below(BT_BLOCK_SAMPLE + 1));
    c.in[0] = bfp(dim, f);
    if (c.u.reduce.kind == BT_SUM_XY || c.u.reduce.kind == BT_PRODUCTS)
      c.in[1] = bfp(dim, format());
    if (c.u.reduce.kind >= BT_MOMENTS)
      for (size_t i = 0; i < 2; i++) c.out[i] = keep(bt_tensor_sums("sums", dim[1]));
    else c.out[0] = keep(bt_tensor_wide("sum", 1, &dim[1], false,
                                        c.in[0]->fmt.block != BT_BLOCK_TENSOR));
  }

  void make_pool() {
    size_t k = size(3), n = size(2);
    size_t h = k + random_.below(6), w = k + random_.below(6), d = size(9);
    bt_format f = format();
    if (random_.below(2)) f.block = BT_BLOCK_SAMPLE;
    std::vector<size_t> large = {n, h, w, d}, small = {n, h / k, w / k, d};
    c.u.pool.k = k;
    bool back = c.op == BT_OP_POOL_BACK || c.op == BT_OP_SPREAD;
    c.in[0] = bfp(back ? small : large, f);
    if (c.op == BT_OP_POOL_BACK) c.in[1] = bytes(small, k * k);
    if (c.op == BT_OP_POOL_SUM) c.out[0] = wide(small, f.block == BT_BLOCK_SAMPLE);
    else c.out[0] = bfp(back ? large : small, f);
    if (c.op == BT_OP_POOL) c.out[1] = bytes(small, 1);
  }

  void make_norm() {
    size_t n = size(9), rows = 2 + random_.below(99);
    int64_t limit = 100 * static_cast<int64_t>(rows);
    int step = static_cast<int>(random_.range(-12, 0));
    auto first = [&] { return sums(n, -limit, limit, step); };
    auto second = [&] { return sums(n, 100 * limit, 110 * limit, 2 * step); };
    if (c.op == BT_OP_STATISTICS) {
      if (!bt_statistics_alloc(&statistics_, n)) std::exit(1);
      c.in[0] = first(), c.in[1] = second();
      c.u.statistics.rows = rows;
      c.u.statistics.statistics = &statistics_;
      return;
    }
    auto &u = c.u.norm;
    u.rows = rows;
    u.eps = {1407374883, -47};
    c.in[2] = bfp({n}, format());
    if (c.op == BT_OP_NORM) {
      c.in[3] = bfp({n}, format());
      c.out[0] = constants(n, 15, false), c.out[1] = constants(n, 31, false);
      if (random_.below(2)) {
        c.in[0] = first(), c.in[1] = second();
        return;
      }
      if (!bt_statistics_alloc(&statistics_, n)) std::exit(1);
      for (size_t i = 0; i < n; i++) {
        statistics_.first[i] = random_.range(-limit, limit);
        statistics_.second[i] = random_.range(1, 9000 * limit);
      }
      statistics_.first_step = step, statistics_.second_step = 2 * step;
      statistics_.rows = rows;
      u.statistics = &statistics_;
      return;
    }
    c.in[0] = first(), c.in[1] = second();
    c.in[3] = constants(n, 15, true);
    c.in[4] = first(), c.in[5] = first();
    for (size_t i = 0; i < 4; i++) c.out[i] = constants(n, i == 0 ? 15 : 31, false);
  }

  Random &random_;
  std::vector<std::unique_ptr<bt_tensor>> tensors_;
  bt_loss loss_ = bt_loss();
  std::vector<int64_t> sums_;
  std::vector<int16_t> emin_;
  bt_average average_ = bt_average();
  bt_statistics statistics_ = bt_statistics();
};

} // namespace bench
#endif
