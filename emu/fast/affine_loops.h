/* The loops of an affine command, written so that a compiler vectorises them: compiled once for
 * each instruction set (affine_portable.c, affine_avx2.c, affine_avx512.c). */
#ifndef BT_FAST_AFFINE_LOOPS_H
#define BT_FAST_AFFINE_LOOPS_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"

#define BT_AFFINE_LOOP static inline __attribute__((always_inline))

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

/* A product's steps; where uniform, copies that the outputs cannot change. */
typedef struct {
  const int32_t *mantissa;
  const uint32_t *left, *right;
  int32_t m;
  uint32_t l, r;
} bt_affine_steps;

#define BT_AFFINE_STEPS(p)                                                                   \
  { (p)->mantissa, (p)->left, (p)->right, *(p)->mantissa, *(p)->left, *(p)->right }

BT_AFFINE_LOOP void bt_affine_shift(bt_tensor_kind kind, bool uniform, bool flat,
                                    const bt_affine_run *a) {
  const bt_product *p = &a->product[0];
  const bt_affine_steps s = BT_AFFINE_STEPS(p);
  const int32_t *restrict base = a->high, base0 = *base;
  int32_t *restrict out = a->out;
  for (size_t i = 0; i < a->n; i++) {
    uint32_t x = (uint32_t)bt_affine_read(kind, p->x, i);
    int32_t y = (int32_t)(x << (uniform ? s.l : s.left[i])) >> (uniform ? s.r : s.right[i]);
    out[i] = (int32_t)((uint32_t)y + (uint32_t)(flat ? base0 : base[i]));
  }
}

/* Adds a product's quotient and remainder by 4, or all of it to high. */
BT_AFFINE_LOOP void bt_affine_narrow(bt_tensor_kind kind, bool uniform, bool split,
                                     const bt_product *p, size_t n, uint32_t *restrict high,
                                     uint32_t *restrict low) {
  const bt_affine_steps s = BT_AFFINE_STEPS(p);
  for (size_t i = 0; i < n; i++) {
    int32_t x = (uniform ? s.m : s.mantissa[i]) * bt_affine_read(kind, p->x, i);
    int32_t y = (int32_t)((uint32_t)x << (uniform ? s.l : s.left[i]));
    y >>= uniform ? s.r : s.right[i];
    high[i] += (uint32_t)(split ? y >> 2 : y);
    if (split) {
      low[i] += (uint32_t)y & 3;
    }
  }
}

/* NARROW, flat, all products of bytes: the sums stay in registers. A shift left is part of the
 * constant, as the product shifted is below 2^31. Elements first .. first + BT_WORDS - 1. */
typedef struct {
  bt_v32 constant[4];
  bt_count right[4], up, down; /* up and down: 2 - t and t */
  uint32_t high, low;
} bt_affine_flat;

BT_AFFINE_LOOP bt_v32 bt_affine_bytes(size_t products, bool split, const bt_affine_flat *f,
                                      const int8_t *const *x, size_t first) {
  const bt_u32 zero = {0};
  bt_u32 quotient = f->high - zero, sum = (split ? f->high * 4 + f->low : f->high) - zero;
#pragma GCC unroll 4
  for (size_t k = 0; k < products; k++) {
    bt_v32 y = bt_shift_signed(f->constant[k] * bt_load8(x[k] + first), f->right[k]);
    sum += (bt_u32)y;
    quotient += (bt_u32)(y >> 2);
  }
  if (!split) {
    return (bt_v32)sum;
  }
  bt_u32 remainder = sum - (quotient << 2); /* of all products by 4, added: small */
  return (bt_v32)((quotient << f->up) + (remainder >> f->down));
}

BT_AFFINE_LOOP void bt_affine_run_flat(size_t products, bool split, const bt_affine_run *a) {
  bt_affine_flat f = {.high = (uint32_t)*a->high, .low = (uint32_t)*a->low,
                      .up = bt_count_of(2 - *a->t), .down = bt_count_of(*a->t)};
  const int8_t *x[4] = {NULL};
  for (size_t k = 0; k < products; k++) {
    int32_t c = *a->product[k].mantissa * (int32_t)(UINT32_C(1) << *a->product[k].left);
    f.constant[k] = c - (bt_v32){0};
    f.right[k] = bt_count_of(*a->product[k].right);
    x[k] = a->product[k].x;
  }
  size_t whole = a->n / BT_WORDS * BT_WORDS, rest = a->n - whole;
  for (size_t i = 0; i < whole; i += BT_WORDS) {
    bt_v32 y = bt_affine_bytes(products, split, &f, x, i);
    memcpy(a->out + i, &y, sizeof y);
  }
  int8_t last[4][BT_WORDS] = {{0}};
  for (size_t k = 0; k < products && rest > 0; k++) {
    memcpy(last[k], x[k] + whole, rest);
    x[k] = last[k];
  }
  if (rest > 0) {
    bt_v32 y = bt_affine_bytes(products, split, &f, x, 0);
    memcpy(a->out + whole, &y, rest * sizeof *a->out);
  }
}

BT_AFFINE_LOOP void bt_affine_run_bytes(bool split, const bt_affine_run *a) {
  switch (a->products) {
    case 1:
      bt_affine_run_flat(1, split, a);
      break;
    case 2:
      bt_affine_run_flat(2, split, a);
      break;
    case 3:
      bt_affine_run_flat(3, split, a);
      break;
    default:
      bt_affine_run_flat(4, split, a);
  }
}

BT_AFFINE_LOOP bool bt_affine_all_bytes(const bt_affine_run *a) {
  bool all = BT_SHIFTS_EACH && a->products > 0; /* else the compiler's own loops are as good */
  for (size_t k = 0; k < a->products; k++) {
    all = all && a->product[k].kind == BT_T_BFP8;
  }
  return all;
}

/* The bias makes what is shifted positive, so that no shift of signed 64 bits is needed. */
BT_AFFINE_LOOP void bt_affine_general(bt_tensor_kind kind, bool uniform, const bt_product *p,
                                      size_t n, uint64_t *restrict sum) {
  const bt_affine_steps s = BT_AFFINE_STEPS(p);
  for (size_t i = 0; i < n; i++) {
    int64_t x = (int64_t)(uniform ? s.m : s.mantissa[i]) * bt_affine_read(kind, p->x, i);
    uint64_t y = ((uint64_t)x << (uniform ? s.l : s.left[i])) + (uint64_t)BT_AFFINE_BIAS;
    sum[i] += y >> (uniform ? s.r : s.right[i]);
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

BT_AFFINE_LOOP void bt_affine_run_shift(bool uniform, bool flat, const bt_affine_run *a) {
  bt_tensor_kind kind = a->product[0].kind;
#define BT_CALL(k) bt_affine_shift(k, uniform, flat, a)
  BT_AFFINE_KINDS(BT_CALL)
#undef BT_CALL
}

BT_AFFINE_LOOP void bt_affine_run_narrow(bool uniform, bool flat, bool split,
                                         const bt_affine_run *a) {
  uint32_t high[BT_AFFINE_RUN], low[BT_AFFINE_RUN], t0 = *a->t;
  int32_t high0 = *a->high, low0 = *a->low;
  for (size_t i = 0; i < a->n; i++) {
    high[i] = (uint32_t)(flat ? high0 : a->high[i]);
    low[i] = (uint32_t)(flat ? low0 : a->low[i]);
  }
  for (size_t k = 0; k < a->products; k++) {
    bt_tensor_kind kind = a->product[k].kind;
#define BT_CALL(k_) bt_affine_narrow(k_, uniform, split, &a->product[k], a->n, high, low)
    BT_AFFINE_KINDS(BT_CALL)
#undef BT_CALL
  }
  int32_t *restrict out = a->out;
  for (size_t i = 0; i < a->n; i++) {
    uint32_t t = uniform ? t0 : a->t[i];
    out[i] = (int32_t)(split ? (high[i] << (2 - t)) + (low[i] >> t) : high[i]);
  }
}

BT_AFFINE_LOOP void bt_affine_run_general(bool uniform, bool flat, const bt_affine_run *a) {
  uint64_t sum[BT_AFFINE_RUN];
  uint32_t t0 = *a->t;
  int64_t base0 = *a->base;
  for (size_t i = 0; i < a->n; i++) {
    sum[i] = (uint64_t)(flat ? base0 : a->base[i]);
  }
  for (size_t k = 0; k < a->products; k++) {
    bt_tensor_kind kind = a->product[k].kind;
#define BT_CALL(k_) bt_affine_general(k_, uniform, &a->product[k], a->n, sum)
    BT_AFFINE_KINDS(BT_CALL)
#undef BT_CALL
  }
  int32_t *restrict out = a->out;
  for (size_t i = 0; i < a->n; i++) {
    out[i] = (int32_t)(uint32_t)(sum[i] >> (uniform ? t0 : a->t[i]));
  }
}

BT_AFFINE_LOOP void bt_affine_run_form(bool uniform, bool flat, const bt_affine_run *a) {
  switch (a->form) {
    case BT_AFFINE_SHIFT:
      bt_affine_run_shift(uniform, flat, a);
      break;
    case BT_AFFINE_NARROW:
      if (flat && bt_affine_all_bytes(a)) {
        if (a->split) {
          bt_affine_run_bytes(true, a);
        } else {
          bt_affine_run_bytes(false, a);
        }
      } else if (a->split) {
        bt_affine_run_narrow(uniform, flat, true, a);
      } else {
        bt_affine_run_narrow(uniform, flat, false, a);
      }
      break;
    case BT_AFFINE_GENERAL:
    default:
      bt_affine_run_general(uniform, flat, a);
  }
}

BT_AFFINE_LOOP void bt_loop_affine(const bt_affine_run *a) {
  if (a->flat) {
    bt_affine_run_form(true, true, a);
  } else if (a->uniform) {
    bt_affine_run_form(true, false, a);
  } else {
    bt_affine_run_form(false, false, a);
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
