#include "affine_draw.h"

#include <algorithm>

namespace affine_draw {

namespace {

struct Shape {
  size_t ndim, dim[4];
  size_t last() const { return dim[ndim - 1]; }
  size_t elements() const {
    size_t n = 1;
    for (size_t i = 0; i < ndim; i++) n *= dim[i];
    return n;
  }
};

// Small sizes, those around the lanes, and now and then large ones.
size_t size(bench::Random &random, size_t lanes) {
  switch (random.below(6)) {
  case 0: return 1;
  case 1: return lanes;
  case 2: return static_cast<size_t>(random.range(static_cast<int64_t>(lanes) - 1,
                                                  static_cast<int64_t>(lanes) + 1));
  case 3: return 1 + random.below(3 * lanes);
  default: return 1 + random.below(7);
  }
}

Shape shape(bench::Random &random, size_t lanes) {
  Shape s = {1 + random.below(4), {1, 1, 1, 1}};
  if (random.below(24) == 0) {
    s.ndim = 2;
    s.dim[0] = 2 + random.below(200);
    s.dim[1] = 1 + random.below(80);
    return s;
  }
  for (size_t i = 0; i < s.ndim; i++) s.dim[i] = size(random, lanes);
  while (s.elements() > 3000)
    for (size_t i = 0; i < s.ndim; i++) s.dim[i] = std::max<size_t>(1, s.dim[i] / 2);
  return s;
}

bt_constant constant(bench::Random &random, int bits) {
  int64_t low = int64_t{1} << (bits - 2), m = random.range(low, 2 * low - 1);
  if (random.below(8) == 0) return {0, 0};
  if (random.below(8) == 0) m = random.below(2) ? low : 2 * low - 1;
  int e = static_cast<int>(random.below(4) ? random.range(-22, -10) : random.range(-90, 30));
  return {static_cast<int32_t>(random.below(2) ? m : -m), e};
}

bt_tensor *constants(bench::Random &random, Tensors &t, size_t last, int bits) {
  bt_tensor *v = t.add(bt_tensor_constants("constants", last));
  v->bits = bits - 1;
  bool none = random.below(8) == 0;
  for (size_t b = 0; b < last; b++) {
    bt_constant c = none ? bt_constant{0, 0} : constant(random, bits);
    static_cast<int32_t *>(v->data)[b] = c.mantissa;
    v->exp[b] = static_cast<int16_t>(c.exponent);
  }
  return v;
}

bt_tensor *bytes(bench::Random &random, Tensors &t, const Shape &s) {
  bt_tensor *x = t.add(bt_tensor_byte("bytes", s.ndim, s.dim));
  for (size_t i = 0; i < s.elements(); i++)
    static_cast<uint8_t *>(x->data)[i] = static_cast<uint8_t>(random.next());
  return x;
}

bt_tensor *mask(bench::Random &random, Tensors &t, const bt_tensor &like) {
  bt_tensor *m = t.add(bt_tensor_byte("mask", like.ndim, like.dim));
  uint64_t kind = random.below(4);
  for (size_t i = 0; i < bt_tensor_elements(m); i++)
    static_cast<uint8_t *>(m->data)[i] = kind == 0 ? 0 : random.below(kind == 1 ? 9 : 2) == 0;
  return m;
}

// Mantissas of a width, often at its limits, and of blocks whose exponents vary.
void fill(bench::Random &random, bt_tensor *x) {
  int top = (1 << (x->fmt.wl - 1)) - 1, low = x->fmt.asymmetric ? -top - 1 : -top;
  bool sparse = random.below(4) == 0;
  for (size_t i = 0; i < bt_tensor_elements(x); i++) {
    int64_t m = random.below(3) ? random.range(low, top) : random.below(2) ? top : low;
    bt_tensor_store(x, i, static_cast<int32_t>(sparse && random.below(4) ? 0 : m));
  }
  if (x->fmt.kind == BT_FIXED) return; // allocated with its exponent
  int base = static_cast<int>(random.range(-20, 10));
  uint64_t kind = random.below(4);
  for (size_t i = 0; i < bt_tensor_exponents(x); i++)
    x->exp[i] = static_cast<int16_t>(kind == 0   ? random.range(-128, 127)
                                     : kind == 1 ? -128 + random.range(0, 1)
                                                 : base + random.range(-3, 3));
  // Zero blocks.
  for (size_t i = 0; i < bt_tensor_elements(x); i++)
    if (x->exp[bt_tensor_exponent_of(x, i)] == -128 && kind != 1) bt_tensor_store(x, i, 0);
}

bt_tensor *bfp(bench::Random &random, Tensors &t, const Shape &s, bt_block block) {
  bt_format f = {BT_BFP, static_cast<int>(random.range(2, 16)), 0, random.below(4) == 0,
                 block, 1 + random.below(9), 1 + random.below(9)};
  if (random.below(3) == 0) f.wl = 8;
  bt_tensor *x = t.add(bt_tensor_bfp("bfp", f, s.ndim, s.dim));
  fill(random, x);
  return x;
}

bt_tensor *fixed(bench::Random &random, Tensors &t, const Shape &s) {
  bt_format f = {BT_FIXED, static_cast<int>(random.range(2, 16)),
                 static_cast<int>(random.range(0, 60)), true, BT_BLOCK_TENSOR, 0, 0};
  bt_tensor *x = t.add(bt_tensor_bfp("fixed", f, s.ndim, s.dim));
  fill(random, x);
  return x;
}

bt_tensor *wide(bench::Random &random, Tensors &t, const bt_tensor &form) {
  bt_tensor *x = t.add(form);
  x->bits = static_cast<int>(random.range(0, 31));
  int64_t high = int64_t{1} << x->bits;
  for (size_t i = 0; i < bt_tensor_elements(x); i++)
    static_cast<int32_t *>(x->data)[i] =
        static_cast<int32_t>(std::min<int64_t>(random.range(-high, high), INT32_MAX));
  int base = static_cast<int>(random.range(-40, 0));
  for (size_t i = 0; i < bt_tensor_exponents(x); i++)
    x->exp[i] = static_cast<int16_t>(random.below(9) ? base + random.range(0, 30) : -512);
  return x;
}

// A vector that serves every row.
bt_tensor *row(bench::Random &random, Tensors &t, const bt_tensor &y) {
  Shape s = {1, {bt_tensor_last(&y), 1, 1, 1}};
  switch (random.below(5)) {
  case 0: return bytes(random, t, s);
  case 1: return fixed(random, t, s);
  case 2:
  case 3: return bfp(random, t, s, BT_BLOCK_TENSOR);
  default:
    return wide(random, t, bt_tensor_wide("row", 1, s.dim, false, y.nl > 1 && random.below(3)));
  }
}

bt_tensor *operand(bench::Random &random, Tensors &t, const bt_tensor &y) {
  Shape s = {y.ndim, {y.dim[0], y.dim[1], y.dim[2], y.dim[3]}};
  if (random.below(5) == 0 && y.ndim > 1) return row(random, t, y);
  switch (random.below(7)) {
  case 0: return bytes(random, t, s);
  case 1: return fixed(random, t, s);
  case 2:
  case 3: {
    bool by_row = y.n0 > 1 && y.ndim > 1 && random.below(4);
    return bfp(random, t, s, by_row ? random.below(2) ? BT_BLOCK_DIM0 : BT_BLOCK_SAMPLE
                                    : BT_BLOCK_TENSOR);
  }
  case 4:
    if (bt_tensor_has_each(&y))
      return bfp(random, t, s, random.below(2) ? BT_BLOCK_TILE : BT_BLOCK_K32);
    return bfp(random, t, s, BT_BLOCK_TENSOR);
  default: {
    bool per0 = y.n0 > 1 && random.below(4), per_last = y.nl > 1 && random.below(4);
    if (per0 && per_last && bt_tensor_has_each(&y) && y.ndim > 1 && random.below(2))
      return wide(random, t, bt_tensor_wide_each("each", s.ndim, s.dim));
    return wide(random, t, bt_tensor_wide("wide", s.ndim, s.dim, per0, per_last));
  }
  }
}

void output(bt_command &c, Tensors &t, const bt_tensor &y) {
  c.out[0] = t.add(y);
  if (c.u.affine.relu) c.out[1] = t.add(bt_tensor_byte("kept", y.ndim, y.dim));
}

} // namespace

Tensors::~Tensors() {
  for (auto &t : all_) bt_tensor_free(t.get());
}

bt_tensor *Tensors::add(const bt_tensor &shape) {
  all_.emplace_back(new bt_tensor(shape));
  if (!bt_tensor_alloc(all_.back().get())) std::exit(1);
  return all_.back().get();
}

void affine(bench::Random &random, size_t lanes, Drawn &drawn) {
  bt_command &c = drawn.command;
  Tensors &t = drawn.tensors;
  Shape s = shape(random, lanes);
  bool per0 = random.below(2) != 0, per_last = random.below(2) != 0;
  if (s.ndim == 1 && per0) per_last = false; // a cell an element is had by one of them
  bt_tensor y = random.below(4) ? bt_tensor_wide("y", s.ndim, s.dim, per0, per_last)
                                : bt_tensor_wide_each("y", s.ndim, s.dim);
  // Where dimension 0 is the last one, cells are split along the last: the engine plans constants
  // by it.
  bool vectors = y.ndim > 1 || y.n0 == 1;
  c.op = BT_OP_AFFINE;
  c.label.text = "drawn affine";
  c.u.affine.terms = static_cast<size_t>(random.range(1, 4));
  for (size_t k = 0; k < c.u.affine.terms; k++) {
    c.in[k] = operand(random, t, y);
    c.u.affine.c[k] = constant(random, 16);
    if (vectors && random.below(4) == 0)
      c.in[BT_IN_CONSTANTS + k] = constants(random, t, s.last(), 16);
  }
  uint64_t kind = random.below(3);
  if (vectors && kind == 1) c.in[BT_IN_ADDEND] = constants(random, t, s.last(), 32);
  c.u.affine.has_c0 = kind == 2;
  c.u.affine.c0 = constant(random, 32);
  c.u.affine.relu = random.below(3) == 0;
  c.u.affine.masked = !c.u.affine.relu && random.below(2);
  if (c.u.affine.masked) c.in[BT_IN_MASK] = mask(random, t, y);
  output(c, t, y);
}

void gate(bench::Random &random, size_t lanes, Drawn &drawn) {
  static const bt_block blocks[] = {BT_BLOCK_TENSOR, BT_BLOCK_DIM0, BT_BLOCK_SAMPLE, BT_BLOCK_TILE,
                                    BT_BLOCK_K32};
  bt_command &c = drawn.command;
  Tensors &t = drawn.tensors;
  Shape s = shape(random, lanes);
  c.op = BT_OP_GATE;
  c.label.text = "drawn gate";
  bt_tensor *x = random.below(6) ? bfp(random, t, s, blocks[random.below(5)]) : fixed(random, t, s);
  c.in[0] = x;
  c.in[1] = mask(random, t, *x);
  c.out[0] = t.add(bt_tensor_bfp("gated", x->fmt, x->ndim, x->dim));
}

void update(bench::Random &random, size_t lanes, bt_format format, bool weights, Drawn &drawn) {
  bt_command &c = drawn.command;
  Tensors &t = drawn.tensors;
  Shape s = shape(random, lanes);
  c.op = BT_OP_AFFINE;
  c.label.text = weights ? "drawn update of weights" : "drawn update of momentum";
  c.u.affine.terms = weights ? 4 : 3;
  if (s.ndim == 1) format.block = BT_BLOCK_TENSOR; // as all that belongs to biases
  bt_tensor *w = t.add(bt_tensor_bfp("w", format, s.ndim, s.dim));
  bt_tensor *v = t.add(bt_tensor_bfp("v", format, s.ndim, s.dim));
  bt_tensor *g = t.add(bt_tensor_bfp("g", format, s.ndim, s.dim));
  const bt_tensor *all[] = {w, v, g};
  for (bt_tensor *x : {w, v, g}) fill(random, x);
  const bt_tensor *terms[2][4] = {{v, g, w, nullptr}, {w, v, g, w}};
  for (size_t k = 0; k < c.u.affine.terms; k++) {
    c.in[k] = terms[weights][k];
    c.u.affine.c[k] = constant(random, 16);
  }
  bool rows = format.block == BT_BLOCK_DIM0;
  output(c, t, bt_tensor_wide_from("y", s.ndim, s.dim, rows, false, 3, all));
}

void plain(bench::Random &random, size_t ndim, const size_t *dim, bool per0, bool per_last,
           Drawn &drawn) {
  bt_command &c = drawn.command;
  Tensors &t = drawn.tensors;
  bt_tensor y = bt_tensor_wide("y", ndim, dim, per0, per_last);
  c.op = BT_OP_AFFINE;
  c.label.text = "plain affine";
  c.u.affine.terms = 1;
  c.u.affine.c[0] = {16384, -14};
  c.in[0] = wide(random, t, bt_tensor_wide("x", ndim, dim, per0, per_last));
  output(c, t, y);
}

} // namespace affine_draw
