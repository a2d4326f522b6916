/* Random operands, and reading them (numerics 2 and 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "command_bench.h"

bt_tensor bench_tensor(bt_tensor shape) {
  assert_true(bt_tensor_alloc(&shape));
  return shape;
}

bt_format bench_format(bench_case *b, int low, int high, bt_block block) {
  bt_format f = {.kind = BT_BFP, .block = block};
  f.tile_rows = (size_t)oracle_stream_in(&b->stream, 1, 4);
  f.tile_cols = (size_t)oracle_stream_in(&b->stream, 1, 9);
  f.wl = (int)oracle_stream_in(&b->stream, low, high);
  f.asymmetric = oracle_stream_in(&b->stream, 0, 2) == 0;
  return f;
}

static void store(bt_tensor *t, size_t i, int64_t m) {
  if (t->kind == BT_T_WIDE)
    ((int32_t *)t->data)[i] = (int32_t)m;
  else if (t->kind == BT_T_BFP16)
    ((int16_t *)t->data)[i] = (int16_t)m;
  else if (t->kind == BT_T_BFP8)
    ((int8_t *)t->data)[i] = (int8_t)m;
  else
    ((uint8_t *)t->data)[i] = (uint8_t)m;
}

static int16_t pick_exponent(oracle_stream *s, int64_t base, int spread) {
  static const int64_t range[] = {0, 3, 24, 60};
  if (spread > 3)
    return (int16_t)oracle_stream_in(s, -128, 127);
  int64_t e = base + oracle_stream_in(s, 0, range[spread]);
  return (int16_t)(e > 127 ? 127 : e < -128 ? -128 : e);
}

/* 0: any value; 1: zero; 2: an end of the range; 3: small. */
static int64_t pick_mantissa(oracle_stream *s, int64_t low, int64_t high) {
  switch (oracle_stream_in(s, 0, 11)) {
  case 0:
    return 0;
  case 1:
    return high;
  case 2:
    return low;
  case 3:
    return oracle_stream_in(s, low < -1 ? -1 : low, high > 1 ? 1 : high);
  default:
    return oracle_stream_in(s, low, high);
  }
}

bt_tensor bench_bfp(bench_case *b, const char *name, bt_format format, size_t ndim,
                    const size_t *dim, int spread) {
  oracle_stream *s = &b->stream;
  bt_tensor t = bench_tensor(bt_tensor_bfp(name, format, ndim, dim));
  int64_t high = (1 << (format.wl - 1)) - 1, low = format.asymmetric ? -high - 1 : -high;
  int64_t base = oracle_stream_in(s, 0, 3) == 0 ? oracle_stream_in(s, -128, 127)
                                                : oracle_stream_in(s, -30, 10);
  size_t blocks = oracle_block_count(&format, ndim, dim);
  unsigned char *empty = calloc(blocks + 1, 1);
  bool plain = oracle_stream_in(s, 0, 2) != 0;
  for (size_t e = 0; e < blocks; e++) {
    int64_t kind = plain ? oracle_stream_in(s, 0, 39) : oracle_stream_in(s, 0, 9);
    t.exp[e] = kind <= 1 ? (int16_t)-128 : pick_exponent(s, base, spread);
    empty[e] = kind == 0 || kind == 2;
  }
  for (size_t i = 0; i < oracle_elements(ndim, dim); i++)
    store(&t, i, empty[oracle_block_of(&format, ndim, dim, i)] ? 0 : pick_mantissa(s, low, high));
  free(empty);
  return t;
}

bt_tensor bench_wide(bench_case *b, const char *name, size_t ndim, const size_t *dim, bool per0,
                     bool per_last, int spread) {
  return bench_wide_as(b, bt_tensor_wide(name, ndim, dim, per0, per_last), spread);
}

bt_tensor bench_wide_as(bench_case *b, bt_tensor shape, int spread) {
  oracle_stream *s = &b->stream;
  bt_tensor t = bench_tensor(shape);
  t.bits = (int)oracle_stream_in(s, 0, 3) == 0 ? 31 : (int)oracle_stream_in(s, 0, 31);
  int64_t low = -(INT64_C(1) << t.bits), high = -low > INT32_MAX ? INT32_MAX : -low;
  int64_t base = oracle_stream_in(s, -60, 60);
  bool odd = oracle_stream_in(s, 0, 3) == 0;
  size_t cells = t.n0 * t.nl;
  for (size_t e = 0; e < cells; e++) {
    t.exp[e] = (int16_t)(base + oracle_stream_in(s, 0, spread));
    if (odd && oracle_stream_in(s, 0, 3) == 0)
      t.exp[e] = -512;
  }
  for (size_t i = 0; i < oracle_elements(t.ndim, t.dim); i++)
    store(&t, i, t.exp[bench_cell(&t, i)] == -512 ? 0 : pick_mantissa(s, low, high));
  return t;
}

bt_tensor bench_bytes(bench_case *b, const char *name, size_t ndim, const size_t *dim, int limit) {
  bt_tensor t = bench_tensor(bt_tensor_byte(name, ndim, dim));
  for (size_t i = 0; i < oracle_elements(ndim, dim); i++)
    store(&t, i, oracle_stream_in(&b->stream, 0, limit - 1));
  return t;
}

int64_t bench_mantissa(const bt_tensor *t, size_t i) {
  if (t->kind == BT_T_SUMS)
    return ((const int64_t *)t->data)[i];
  if (t->kind == BT_T_WIDE)
    return ((const int32_t *)t->data)[i];
  if (t->kind == BT_T_BFP16)
    return ((const int16_t *)t->data)[i];
  if (t->kind == BT_T_BFP8)
    return ((const int8_t *)t->data)[i];
  return ((const uint8_t *)t->data)[i];
}

size_t bench_cell(const bt_tensor *t, size_t i) {
  size_t n = oracle_elements(t->ndim, t->dim), last = t->dim[t->ndim - 1];
  return i / (n / t->n0) * t->nl + (t->nl > 1 ? i % last : 0);
}

long bench_step(const bt_tensor *t, size_t i) {
  if (t->kind == BT_T_BYTE)
    return 0;
  if (t->kind == BT_T_SUMS)
    return t->exp[0];
  if (t->kind == BT_T_WIDE)
    return t->exp[bench_cell(t, i)];
  return t->exp[oracle_block_of(&t->fmt, t->ndim, t->dim, i)] - (t->fmt.wl - 2);
}

const char *bench_block_name(const bt_format *f) {
  static const char *const name[] = {"tensor", "dim0", "sample", "tile", "k32"};
  return name[f->block];
}

int bench_width(const bt_tensor *t) {
  return t->kind == BT_T_BYTE ? 8 : t->kind == BT_T_WIDE ? t->bits : t->fmt.wl - 1;
}
