#include "descriptor.h"

namespace bt_rtl {

namespace {

class Writer {
public:
  Writer(Descriptor &d, MemoryImage &memory) : d_(d), memory_(memory) { d_.fill(0); }

  void head(bt_op op, unsigned variant, unsigned flags) {
    d_[0] = descriptor_op(op) | variant << 8 | flags << 16;
  }

  void word(size_t i, uint64_t value) { d_[i] = static_cast<uint32_t>(value); }
  void pair(size_t i, uint64_t value) {
    word(i, value);
    word(i + 1, value >> 32);
  }

  void in(size_t s, const bt_tensor *t) {
    if (t) slot(s, *t, memory_.put(*t));
  }
  void out(size_t s, const bt_tensor *t) {
    if (t) slot(s, *t, memory_.space(*t));
  }

  // A slot of the tensor's shape at another place: a record.
  void record(size_t s, Place place) {
    d_[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS] = place.data;
    d_[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS + 1] = place.exponents;
  }

  void slot(size_t s, const bt_tensor &t, Place place) {
    uint32_t *w = &d_[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS];
    size_t n = bt_tensor_elements(&t), last = bt_tensor_last(&t);
    w[0] = place.data;
    w[1] = place.exponents;
    w[2] = format(t);
    w[3] = t.fmt.kind == BT_FIXED ? static_cast<uint32_t>(t.fmt.fl)
           : t.fmt.block == BT_BLOCK_TILE
               ? static_cast<uint32_t>(t.fmt.tile_rows | t.fmt.tile_cols << 16)
               : 0;
    w[4] = static_cast<uint32_t>(n);
    w[5] = static_cast<uint32_t>(t.kind == BT_T_BYTE ? 0 : bt_tensor_exponents(&t));
    w[6] = static_cast<uint32_t>(last);
    w[7] = static_cast<uint32_t>(t.ndim > 0 && t.dim[0] > 0 ? n / t.dim[0] : 1);
  }

  // Marks the slot as shaped like the last dimension of an output of more elements.
  void vector(size_t s) { d_[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS + 2] |= 1u << 16; }

private:
  static uint32_t format(const bt_tensor &t) {
    static const uint32_t kinds[] = {1, 2, 3, 4, 5};
    uint32_t f = kinds[t.kind];
    if (t.kind == BT_T_BFP8 || t.kind == BT_T_BFP16) {
      static const uint32_t blocks[] = {0, 1, 1, 2, 3};
      f |= static_cast<uint32_t>(t.fmt.wl) << 3 | (t.fmt.kind == BT_FIXED ? 1u << 8 : 0) |
           (t.fmt.asymmetric ? 1u << 9 : 0);
      if (t.fmt.kind == BT_BFP) f |= blocks[t.fmt.block] << 10;
    } else if (t.kind == BT_T_WIDE) {
      size_t rows = bt_tensor_elements(&t) / bt_tensor_last(&t);
      f |= (t.nl > 1 ? 1u << 13 : 0) |
           (t.n0 == 1 ? 0u : t.n0 == t.dim[0] ? 1u << 14 : t.n0 == rows ? 2u << 14 : 0u);
    }
    return f;
  }

  Descriptor &d_;
  MemoryImage &memory_;
};

void describe_contract(Writer &w, const bt_command &c) {
  const bt_geometry &g = c.u.contract.geometry;
  bt_extent x = bt_geometry_extent(&g, c.u.contract.direction);
  w.head(c.op, c.u.contract.direction, c.u.contract.nearest);
  const size_t words[] = {g.n,  g.h,      g.w,   g.c,  g.o,  g.kh,   g.kw,
                          g.stride, g.pad, g.oh, g.ow, x.rows, x.cols, x.k};
  for (size_t i = 0; i < 14; i++) w.word(1 + i, words[i]);
  w.in(0, c.in[0]);
  w.in(1, c.in[1]);
  w.out(SLOT_OUT, c.out[0]);
}

void describe_affine(Writer &w, const bt_command &c) {
  const auto &a = c.u.affine;
  unsigned flags = (a.relu ? 1u : 0) | (a.masked ? 2u : 0) | (a.has_c0 ? 4u : 0);
  size_t n = bt_tensor_elements(c.out[0]);
  for (size_t i = 0; i < a.terms; i++) {
    w.in(i, c.in[i]);
    if (bt_tensor_elements(c.in[i]) != n) w.vector(i);
    const bt_tensor *vector = c.in[BT_IN_CONSTANTS + i];
    if (vector) flags |= 1u << (8 + i);
    else
      w.word(4 + i, (static_cast<uint32_t>(a.c[i].mantissa) & 0xFFFFu) |
                        static_cast<uint32_t>(a.c[i].exponent) << 16);
    w.in(BT_IN_CONSTANTS + i, vector);
    if (vector) w.vector(BT_IN_CONSTANTS + i);
  }
  if (a.masked) w.in(BT_IN_MASK, c.in[BT_IN_MASK]);
  if (a.has_c0) {
    w.word(8, static_cast<uint32_t>(a.c0.mantissa));
    w.word(9, static_cast<uint32_t>(a.c0.exponent));
  }
  if (c.in[BT_IN_ADDEND]) {
    flags |= 1u << 12;
    w.in(BT_IN_ADDEND, c.in[BT_IN_ADDEND]);
    w.vector(BT_IN_ADDEND);
  }
  w.head(c.op, static_cast<unsigned>(a.terms), flags);
  w.out(SLOT_OUT, c.out[0]);
  if (a.relu) w.out(SLOT_OUT + 1, c.out[1]);
}

// The smaller side of a pool has the windows, the larger one the places.
void describe_pool(Writer &w, const bt_command &c) {
  bool back = c.op == BT_OP_POOL_BACK || c.op == BT_OP_SPREAD;
  const bt_tensor *large = back ? c.out[0] : c.in[0], *small = back ? c.in[0] : c.out[0];
  w.head(c.op, static_cast<unsigned>(c.u.pool.k), 0);
  for (size_t i = 0; i < 4; i++) w.word(1 + i, large->dim[i]);
  w.word(5, small->dim[1]);
  w.word(6, small->dim[2]);
  w.in(0, c.in[0]);
  if (c.op == BT_OP_POOL_BACK) w.in(1, c.in[1]);
  w.out(SLOT_OUT, c.out[0]);
  if (c.op == BT_OP_POOL) w.out(SLOT_OUT + 1, c.out[1]);
}

void describe_dropout(Writer &w, const bt_command &c) {
  const auto &d = c.u.dropout;
  size_t n = bt_tensor_elements(c.out[0]);
  unsigned __int128 scaled = static_cast<unsigned __int128>(d.drop.num) << 16;
  uint64_t den = static_cast<uint64_t>(d.drop.den);
  uint64_t quotient = static_cast<uint64_t>(scaled / den);
  uint64_t rest = static_cast<uint64_t>(scaled % den);
  if (rest > den - rest || (rest == den - rest && quotient % 2 == 1)) quotient++;
  w.head(c.op, 0, 0);
  w.pair(2, d.seed);
  w.pair(4, d.epoch * 65536 + d.layer);
  w.pair(6, d.step * n);
  w.word(8, quotient);
  w.out(SLOT_OUT, c.out[0]);
}

void describe_norm(Writer &w, const bt_command &c, MemoryImage &memory) {
  const auto &n = c.u.norm;
  w.head(c.op, 0, n.statistics ? 1 : 0);
  w.word(1, n.rows);
  w.word(2, static_cast<uint32_t>(n.eps.mantissa));
  w.word(3, static_cast<uint32_t>(n.eps.exponent));
  size_t inputs = c.op == BT_OP_NORM ? 4 : 6;
  for (size_t i = 0; i < inputs; i++) w.in(i, c.in[i]);
  if (n.statistics) w.record(4, memory.put(*n.statistics));
  size_t outputs = c.op == BT_OP_NORM ? 2 : 4;
  for (size_t i = 0; i < outputs; i++)
    w.out((outputs == 2 ? SLOT_OUT : SLOT_OUT_NORM_BACK) + i, c.out[i]);
}

Place place_of(const Descriptor &d, size_t s) {
  return {d[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS], d[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS + 1]};
}

} // namespace

uint32_t descriptor_op(bt_op op) { return static_cast<uint32_t>(op) + 1; }

Descriptor describe(const bt_command &c, MemoryImage &memory) {
  Descriptor d;
  Writer w(d, memory);
  switch (c.op) {
  case BT_OP_CONTRACT: describe_contract(w, c); break;
  case BT_OP_AFFINE: describe_affine(w, c); break;
  case BT_OP_DROPOUT: describe_dropout(w, c); break;
  case BT_OP_NORM:
  case BT_OP_NORM_BACK: describe_norm(w, c, memory); break;
  case BT_OP_POOL:
  case BT_OP_POOL_BACK:
  case BT_OP_POOL_SUM:
  case BT_OP_SPREAD: describe_pool(w, c); break;
  case BT_OP_QUANTIZE:
    w.head(c.op, c.u.quantize.round.mode, c.u.quantize.round.sr_half);
    w.word(1, c.u.quantize.round.random_bits);
    w.in(0, c.in[0]);
    w.out(SLOT_OUT, c.out[0]);
    break;
  case BT_OP_GATE:
    w.head(c.op, 0, 0);
    w.in(0, c.in[0]);
    w.in(BT_IN_MASK, c.in[1]);
    w.out(SLOT_OUT, c.out[0]);
    break;
  case BT_OP_REDUCE:
    w.head(c.op, c.u.reduce.kind, 0);
    w.in(0, c.in[0]);
    w.in(1, c.in[1]);
    w.out(SLOT_OUT, c.out[0]);
    w.out(SLOT_OUT + 1, c.out[1]);
    break;
  case BT_OP_SOFTMAX:
    w.head(c.op, 0, c.out[0] ? 0 : 1);
    w.in(0, c.in[0]);
    w.in(1, c.in[1]);
    w.out(SLOT_OUT, c.out[0]);
    w.record(SLOT_OUT + 1, memory.put(*c.u.softmax.loss));
    break;
  case BT_OP_AVERAGE:
    w.head(c.op, 0, 0);
    w.in(0, c.in[0]);
    w.slot(SLOT_OUT, *c.in[0], memory.put(*c.u.average.average, *c.in[0]));
    break;
  case BT_OP_STATISTICS:
    w.head(c.op, 0, 0);
    w.word(1, c.u.statistics.rows);
    w.in(0, c.in[0]);
    w.in(1, c.in[1]);
    w.record(SLOT_OUT, memory.put(*c.u.statistics.statistics));
    break;
  }
  return d;
}

void collect(const bt_command &c, const Descriptor &d, const MemoryImage &memory) {
  for (bt_tensor *out : c.out)
    if (out) memory.get(*out);
  if (c.op == BT_OP_SOFTMAX) memory.get(*c.u.softmax.loss, place_of(d, SLOT_OUT + 1));
  if (c.op == BT_OP_AVERAGE)
    memory.get(*c.u.average.average, *c.in[0], place_of(d, SLOT_OUT));
  if (c.op == BT_OP_STATISTICS) memory.get(*c.u.statistics.statistics, place_of(d, SLOT_OUT));
}

} // namespace bt_rtl
