#include "cli/bench_operands.h"

#include "num/stream.h"

#define TABLE 65521u /* a prime: no shape's rows repeat each other */
#define SEED 1

typedef struct {
  unsigned zeros; /* of 100 */
  int sigma;
  bool positive;
  int exponent;
} likeness;

static likeness parameters(bt_likeness like) {
  switch (like) {
    case BT_LIKE_ACTIVATIONS: return (likeness){45, 22, true, 2};
    case BT_LIKE_ERRORS: return (likeness){90, 15, false, -9};
    case BT_LIKE_GRADIENTS: return (likeness){0, 25, false, -6};
    case BT_LIKE_SUMS: return (likeness){0, 10000, false, -12};
    case BT_LIKE_WEIGHTS:
    default: return (likeness){0, 32, false, -2};
  }
}

static void fill_table(likeness l, int limit, int32_t *table) {
  bt_stream s = bt_stream_open(SEED, BT_STREAM_SYNTHETIC, 0);
  for (size_t i = 0; i < TABLE; i++) {
    int64_t m = (int64_t)bt_stream_normal(s, i) * l.sigma / (1 << 24);
    m = m > limit ? limit : m < -limit ? -limit : m;
    m = l.positive && m < 0 ? -m : m;
    table[i] = bt_stream_below(s, TABLE + i, 100) < l.zeros ? 0 : (int32_t)m;
  }
}

static int block_exponent(bt_likeness like, likeness l, const bt_tensor *t, size_t block) {
  static const int spread[] = {-3, -2, -2, -1, -3, -2, -1, -2, -1, -3, -2, -1, -2, -3, -1, -2};
  if (like == BT_LIKE_WEIGHTS && t->fmt.block == BT_BLOCK_DIM0) {
    return spread[block % 16];
  }
  return l.exponent;
}

static void fill_wide(bt_tensor *t, likeness l, const int32_t *table) {
  int32_t *m = t->data;
  size_t n = bt_tensor_elements(t);
  for (size_t i = 0; i < n; i++) {
    m[i] = table[i % TABLE];
  }
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = (int16_t)(l.exponent + (int)(i % 3));
  }
  t->bits = 21;
}

void bt_operand_fill(bt_tensor *t, bt_likeness like) {
  int32_t table[TABLE];
  likeness l = parameters(like);
  int limit = t->kind == BT_T_WIDE ? 1 << 21 : (1 << (t->fmt.wl - 1)) - 1;
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  fill_table(l, limit, table);
  if (t->kind == BT_T_WIDE) {
    fill_wide(t, l, table);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    bt_tensor_store(t, i, table[i % TABLE]);
  }
  for (size_t b = 0; b < blocks; b++) {
    t->exp[b] = (int16_t)block_exponent(like, l, t, b);
    bt_tensor_store(t, b * (n / blocks), limit);
  }
}
