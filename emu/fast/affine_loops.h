/* The loops of an affine command, written so that a compiler vectorises them: compiled once for
 * each instruction set (affine_portable.c, affine_avx2.c, affine_avx512.c). */
#ifndef BT_FAST_AFFINE_LOOPS_H
#define BT_FAST_AFFINE_LOOPS_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"

#define BT_AFFINE_LOOP static inline __attribute__((always_inline))
/* What has a loop of its own for many kinds of operands; under a sanitizer one for all, as
 * compiling each takes minutes there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BT_AFFINE_EACH_KIND static __attribute__((noinline))
#else
#define BT_AFFINE_EACH_KIND BT_AFFINE_LOOP
#endif

BT_AFFINE_LOOP int32_t bt_affine_read(bt_tensor_kind kind, const void *x, size_t i) {
  switch (kind) {
    case BT_T_BFP8:
      return ((const int8_t *)x)[i];
    case BT_T_BFP16:
      return ((const int16_t *)x)[i];
    case BT_T_WIDE:
      return ((const int32_t *)x)[i];
    case BT_T_BYTE:
    default:
      return ((const uint8_t *)x)[i];
  }
}

#define BT_AFFINE_KINDS(call)  \
  switch (kind) {              \
    case BT_T_BFP8:            \
      call(BT_T_BFP8);         \
      break;                   \
    case BT_T_BFP16:           \
      call(BT_T_BFP16);        \
      break;                   \
    case BT_T_WIDE:            \
      call(BT_T_WIDE);         \
      break;                   \
    case BT_T_BYTE:            \
    default:                   \
      call(BT_T_BYTE);         \
  }

BT_AFFINE_LOOP void bt_affine_shift(bt_tensor_kind kind, bool flat, const bt_affine_run *a) {
  const bt_product *p = &a->product[0];
  const uint32_t *restrict left = p->left, *restrict right = p->right, l = *left, r = *right;
  const int32_t *restrict base = a->high, base0 = *base;
  int32_t *restrict out = a->out;
  for (size_t i = 0; i < a->n; i++) {
    uint32_t x = (uint32_t)bt_affine_read(kind, p->x, i);
    int32_t y = (int32_t)(x << (flat ? l : left[i])) >> (flat ? r : right[i]);
    out[i] = (int32_t)((uint32_t)y + (uint32_t)(flat ? base0 : base[i]));
  }
}

BT_AFFINE_LOOP void bt_affine_run_shift(bool flat, const bt_affine_run *a) {
  bt_tensor_kind kind = a->product[0].kind;
#define BT_CALL(k) bt_affine_shift(k, flat, a)
  BT_AFFINE_KINDS(BT_CALL)
#undef BT_CALL
}

/* The bias makes what is shifted positive, so that no shift of signed 64 bits is needed. */
BT_AFFINE_LOOP void bt_affine_general(bt_tensor_kind kind, bool flat, const bt_product *p,
                                      size_t n, uint64_t *restrict sum) {
  const int32_t *mantissa = p->mantissa, m = *mantissa;
  const uint32_t *left = p->left, *right = p->right, l = *left, r = *right;
  for (size_t i = 0; i < n; i++) {
    int64_t x = (int64_t)(flat ? m : mantissa[i]) * bt_affine_read(kind, p->x, i);
    uint64_t y = ((uint64_t)x << (flat ? l : left[i])) + (uint64_t)BT_AFFINE_BIAS;
    sum[i] += y >> (flat ? r : right[i]);
  }
}

BT_AFFINE_LOOP void bt_affine_run_general(bool flat, const bt_affine_run *a) {
  uint64_t sum[BT_AFFINE_RUN];
  uint32_t t0 = *a->t;
  int64_t base0 = *a->base;
  for (size_t i = 0; i < a->n; i++) {
    sum[i] = (uint64_t)(flat ? base0 : a->base[i]);
  }
  for (size_t k = 0; k < a->products; k++) {
    bt_tensor_kind kind = a->product[k].kind;
#define BT_CALL(k_) bt_affine_general(k_, flat, &a->product[k], a->n, sum)
    BT_AFFINE_KINDS(BT_CALL)
#undef BT_CALL
  }
  int32_t *restrict out = a->out;
  for (size_t i = 0; i < a->n; i++) {
    out[i] = (int32_t)(uint32_t)(sum[i] >> (flat ? t0 : a->t[i]));
  }
}

/* SUM and SPLIT go by vectors. What is known where a loop is compiled: */
typedef struct {
  bool split, flat, rights;
  size_t products;        /* 0: as the run says, of the kinds that it says */
  bt_tensor_kind kind[4]; /* of each */
} bt_affine_loop;

BT_AFFINE_LOOP bt_v32 bt_affine_load(bt_tensor_kind kind, const void *x, size_t i) {
  switch (kind) {
    case BT_T_BFP8:
      return bt_load8((const int8_t *)x + i);
    case BT_T_BFP16:
      return bt_load16((const int16_t *)x + i);
    case BT_T_WIDE:
      return bt_load32((const int32_t *)x + i);
    case BT_T_BYTE:
    default: {
      bt_v32 v;
      for (unsigned w = 0; w < BT_WORDS; w++) {
        v[w] = ((const uint8_t *)x)[i + w];
      }
      return v;
    }
  }
}

/* A step of a run: from element to element, or one for all, held in a register. */
typedef struct {
  const void *each;
  bt_v32 all;
} bt_affine_step_source;

BT_AFFINE_LOOP bt_affine_step_source bt_affine_step_of(bool flat, const void *steps) {
  bt_affine_step_source s;
  s.each = steps;
#if BT_SHIFTS_EACH
  s.all = (bt_v32)bt_count_of(flat ? *(const uint32_t *)steps : 0);
#else
  s.all = (flat ? *(const int32_t *)steps : 0) - (bt_v32){0};
#endif
  return s;
}

BT_AFFINE_LOOP bt_v32 bt_affine_step_at(bool flat, const bt_affine_step_source *s, size_t i) {
  return flat ? s->all : bt_load32((const int32_t *)s->each + i);
}

#if BT_SHIFTS_EACH
BT_AFFINE_LOOP bt_v32 bt_affine_down(bt_v32 v, bt_v32 n) { return v >> n; }
BT_AFFINE_LOOP bt_v32 bt_affine_down_unsigned(bt_v32 v, bt_v32 n) {
  return (bt_v32)((bt_u32)v >> (bt_u32)n);
}
BT_AFFINE_LOOP bt_v32 bt_affine_up(bt_v32 v, bt_v32 n) {
  return (bt_v32)((bt_u32)v << (bt_u32)n);
}
#else /* word by word: a compiler would take the vectors apart at greater length */
#define BT_AFFINE_EACH(expression)            \
  bt_v32 y;                                   \
  for (unsigned w = 0; w < BT_WORDS; w++) {   \
    y[w] = (int32_t)(expression);             \
  }                                           \
  return y
BT_AFFINE_LOOP bt_v32 bt_affine_down(bt_v32 v, bt_v32 n) { BT_AFFINE_EACH(v[w] >> n[w]); }
BT_AFFINE_LOOP bt_v32 bt_affine_down_unsigned(bt_v32 v, bt_v32 n) {
  BT_AFFINE_EACH((uint32_t)v[w] >> n[w]);
}
BT_AFFINE_LOOP bt_v32 bt_affine_up(bt_v32 v, bt_v32 n) {
  BT_AFFINE_EACH((uint32_t)v[w] << n[w]);
}
#endif

typedef struct {
  bt_tensor_kind kind;
  const void *x;
  bt_affine_step_source mantissa, left, right, down;
} bt_affine_product;

/* A run, as the loop holds it: the outputs cannot change it. */
typedef struct {
  size_t products;
  bt_affine_product product[4];
  bt_affine_step_source t, high, low;
} bt_affine_source;

/* Elements i .. i + BT_WORDS - 1, which lie from - i before the operands' places. */
BT_AFFINE_LOOP bt_v32 bt_affine_vector(bt_affine_loop l, const bt_affine_source *a, size_t from,
                                       size_t i) {
  size_t products = l.products > 0 ? l.products : a->products;
  bt_u32 sum = (bt_u32)bt_affine_step_at(l.flat, &a->low, i);
  bt_u32 high = (bt_u32)bt_affine_step_at(l.flat, &a->high, i);
#pragma GCC unroll 4
  for (size_t k = 0; k < products; k++) {
    const bt_affine_product *p = &a->product[k];
    bt_v32 x = bt_affine_load(l.products > 0 ? l.kind[k] : p->kind, p->x, i - from);
    bt_v32 y = (bt_v32)((bt_u32)x * (bt_u32)bt_affine_step_at(l.flat, &p->mantissa, i));
    if (l.rights) {
      y = bt_affine_down(y, bt_affine_step_at(l.flat, &p->right, i));
    }
    if (l.split) {
      high += (bt_u32)bt_affine_down(y, bt_affine_step_at(l.flat, &p->down, i));
      y = bt_affine_up(y, bt_affine_step_at(l.flat, &p->left, i));
    }
    sum += (bt_u32)y;
  }
  bt_v32 t = bt_affine_step_at(l.flat, &a->t, i);
  if (l.split) {
    sum -= (bt_u32)bt_affine_up((bt_v32)high, t);
    return (bt_v32)(high + (bt_u32)bt_affine_down_unsigned((bt_v32)sum, t));
  }
  return (bt_v32)((bt_u32)bt_affine_down((bt_v32)sum, t) + high);
}

BT_AFFINE_LOOP size_t bt_affine_size(bt_tensor_kind kind) {
  return kind == BT_T_WIDE ? 4 : kind == BT_T_BFP16 ? 2 : 1;
}

/* Neither cleared nor copied: runs are short. */
BT_AFFINE_LOOP void bt_affine_open(bt_affine_loop l, const bt_affine_run *a, bt_affine_source *s) {
  s->products = l.products > 0 ? l.products : a->products;
  s->t = bt_affine_step_of(l.flat, a->t);
  s->high = bt_affine_step_of(l.flat, a->high);
  s->low = bt_affine_step_of(l.flat, a->low);
  for (size_t k = 0; k < s->products; k++) {
    const bt_product *p = &a->product[k];
    bt_affine_product *to = &s->product[k];
    to->kind = p->kind;
    to->x = p->x;
    to->mantissa = bt_affine_step_of(l.flat, p->mantissa);
    to->left = bt_affine_step_of(l.flat, p->left);
    to->right = bt_affine_step_of(l.flat, p->right);
    to->down = bt_affine_step_of(l.flat, p->down);
  }
}

BT_AFFINE_EACH_KIND void bt_affine_vectors(bt_affine_loop l, const bt_affine_run *a) {
  size_t whole = a->n / BT_WORDS * BT_WORDS, rest = a->n - whole;
  bt_affine_source s;
  bt_affine_open(l, a, &s);
  int32_t *out = a->out, last[4][BT_WORDS];
  for (size_t i = 0; i < whole; i += BT_WORDS) {
    bt_v32 y = bt_affine_vector(l, &s, 0, i);
    memcpy(out + i, &y, sizeof y);
  }
  if (rest == 0) {
    return;
  }
  for (size_t k = 0; k < a->products; k++) { /* no load goes beyond the operands' end */
    size_t size = bt_affine_size(a->product[k].kind);
    memset(last[k], 0, sizeof last[k]);
    memcpy(last[k], (const uint8_t *)a->product[k].x + whole * size, rest * size);
    s.product[k].x = last[k];
  }
  bt_v32 y = bt_affine_vector(l, &s, whole, whole);
  memcpy(out + whole, &y, rest * sizeof *out);
}

#define BT_AFFINE_CODE(a, b, c) ((a) + 5 * (b) + 25 * (c))
#define BT_AFFINE_LOOP_OF(n, ...)                                        \
  l.products = n;                                                        \
  memcpy(l.kind, (const bt_tensor_kind[4]){__VA_ARGS__}, sizeof l.kind); \
  bt_affine_vectors(l, a);                                               \
  break

/* Loops of their own for products by their numbers of bytes, of 16 bits, and of wide ones, which
 * stand in this order. */
BT_AFFINE_LOOP void bt_affine_run_kinds(bt_affine_loop l, const bt_affine_run *a) {
  const bt_tensor_kind byte = BT_T_BFP8, half = BT_T_BFP16, wide = BT_T_WIDE;
  size_t number[3] = {0, 0, 0}, other = 0;
  for (size_t k = 0; k < a->products; k++) {
    bt_tensor_kind kind = a->product[k].kind;
    other += kind == BT_T_BYTE || (k > 0 && kind < a->product[k - 1].kind);
    number[kind == BT_T_BFP8 ? 0 : kind == BT_T_BFP16 ? 1 : 2]++;
  }
  switch (other > 0 ? SIZE_MAX : BT_AFFINE_CODE(number[0], number[1], number[2])) {
    case BT_AFFINE_CODE(1, 0, 0): BT_AFFINE_LOOP_OF(1, byte);
    case BT_AFFINE_CODE(0, 1, 0): BT_AFFINE_LOOP_OF(1, half);
    case BT_AFFINE_CODE(2, 0, 0): BT_AFFINE_LOOP_OF(2, byte, byte);
    case BT_AFFINE_CODE(1, 1, 0): BT_AFFINE_LOOP_OF(2, byte, half);
    case BT_AFFINE_CODE(0, 2, 0): BT_AFFINE_LOOP_OF(2, half, half);
    case BT_AFFINE_CODE(1, 0, 1): BT_AFFINE_LOOP_OF(2, byte, wide);
    case BT_AFFINE_CODE(0, 1, 1): BT_AFFINE_LOOP_OF(2, half, wide);
    case BT_AFFINE_CODE(3, 0, 0): BT_AFFINE_LOOP_OF(3, byte, byte, byte);
    case BT_AFFINE_CODE(2, 1, 0): BT_AFFINE_LOOP_OF(3, byte, byte, half);
    case BT_AFFINE_CODE(1, 2, 0): BT_AFFINE_LOOP_OF(3, byte, half, half);
    case BT_AFFINE_CODE(2, 0, 1): BT_AFFINE_LOOP_OF(3, byte, byte, wide);
    case BT_AFFINE_CODE(1, 1, 1): BT_AFFINE_LOOP_OF(3, byte, half, wide);
    case BT_AFFINE_CODE(4, 0, 0): BT_AFFINE_LOOP_OF(4, byte, byte, byte, byte);
    default: bt_affine_vectors(l, a);
  }
}

BT_AFFINE_LOOP void bt_affine_run_vectors(bool split, bool flat, const bt_affine_run *a) {
  bt_affine_loop l = {.split = split, .flat = flat, .rights = true}, plain = l;
  plain.rights = false;
  if (split || a->rights) {
    bt_affine_run_kinds(l, a);
  } else {
    bt_affine_run_kinds(plain, a);
  }
}

BT_AFFINE_LOOP void bt_affine_run_form(bool flat, const bt_affine_run *a) {
  switch (a->form) {
    case BT_AFFINE_SHIFT:
      bt_affine_run_shift(flat, a);
      break;
    case BT_AFFINE_SUM:
      bt_affine_run_vectors(false, flat, a);
      break;
    case BT_AFFINE_SPLIT:
      bt_affine_run_vectors(true, flat, a);
      break;
    case BT_AFFINE_GENERAL:
    default:
      bt_affine_run_general(flat, a);
  }
}

BT_AFFINE_LOOP void bt_loop_affine(const bt_affine_run *a) {
  if (a->flat) {
    bt_affine_run_form(true, a);
  } else {
    bt_affine_run_form(false, a);
  }
}

BT_AFFINE_LOOP void bt_loop_relu(size_t n, int32_t *restrict y, uint8_t *restrict mask) {
  for (size_t i = 0; i < n; i++) {
    int32_t v = y[i];
    mask[i] = v > 0;
    y[i] = v > 0 ? v : 0;
  }
}

BT_AFFINE_LOOP void bt_loop_mask(size_t n, const uint8_t *restrict mask, int32_t *restrict y) {
  for (size_t i = 0; i < n; i++) {
    y[i] &= -(mask[i] != 0);
  }
}

BT_AFFINE_LOOP void bt_loop_range(size_t n, const int32_t *restrict y, int32_t *low,
                                  int32_t *high) {
  int32_t least = *low, most = *high;
  for (size_t i = 0; i < n; i++) {
    least = y[i] < least ? y[i] : least;
    most = y[i] > most ? y[i] : most;
  }
  *low = least;
  *high = most;
}

#endif
