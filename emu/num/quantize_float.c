/* Quantizing IEEE floats, read as the exact integers they are (numerics 7). */
#include <string.h>

#include "num/error.h"
#include "num/format.h"
#include "num/lfsr.h"
#include "num/quantize.h"

/* mantissa * 2^exponent, exactly. */
typedef struct {
  int64_t m;
  int e;
} exact;

/* Where the elements come from: f64, or f32 if that is NULL. */
typedef struct {
  const double *f64;
  const float *f32;
} source;

static exact decode(bool negative, uint64_t fraction, int field, int fraction_bits, int bias) {
  exact x;
  if (field == 0) {
    x.e = 1 - bias - fraction_bits;
  } else {
    fraction |= UINT64_C(1) << fraction_bits;
    x.e = field - bias - fraction_bits;
  }
  x.m = negative ? -(int64_t)fraction : (int64_t)fraction;
  return x;
}

/* False for a NaN or an infinity. */
static bool read_element(const source *s, size_t i, exact *x) {
  if (s->f64 != NULL) {
    uint64_t u;
    memcpy(&u, s->f64 + i, sizeof u);
    int field = (int)(u >> 52 & 0x7FF);
    *x = decode(u >> 63 != 0, u & ((UINT64_C(1) << 52) - 1), field, 52, 1023);
    return field != 0x7FF;
  }
  uint32_t u;
  memcpy(&u, s->f32 + i, sizeof u);
  int field = (int)(u >> 23 & 0xFF);
  *x = decode(u >> 31 != 0, u & ((UINT32_C(1) << 23) - 1), field, 23, 127);
  return field != 0xFF;
}

static bt_status check_source(const source *s, size_t n, bt_error *error) {
  for (size_t i = 0; i < n; i++) {
    exact x;
    if (!read_element(s, i, &x)) {
      return bt_fail(error, BT_BAD_INPUT, "element %zu is NaN or infinite: expected finite values",
                     i);
    }
  }
  return BT_OK;
}

typedef struct {
  const bt_format *format;
  size_t ndim;
  const size_t *dim;
  source from;
} tensor;

static bt_scale block_scale(const tensor *t, size_t block) {
  bt_block_extent x = bt_block_elements(t->format, t->ndim, t->dim, block);
  int largest = BT_ALL_ZERO;
  for (size_t run = 0; run < x.runs; run++) {
    for (size_t j = 0; j < x.length; j++) {
      exact v;
      read_element(&t->from, x.first + run * x.stride + j, &v);
      if (v.m != 0 && bt_log2_floor(v.m, v.e) > largest) {
        largest = bt_log2_floor(v.m, v.e);
      }
    }
  }
  return bt_scale_of(largest);
}

/* Quantizes elements begin..end-1, which share a block of this scale. */
static void quantize_run(const tensor *t, bt_scale scale, const bt_round_options *round,
                         size_t begin, size_t end, bt_lfsr *rng, int16_t *mantissa,
                         bt_quantize_counts *counts) {
  const bt_format *f = t->format;
  int step = f->kind == BT_FIXED ? -f->fl : scale.exponent - (f->wl - 2);
  for (size_t i = begin; i < end; i++) {
    uint32_t draw = round->mode == BT_STOCHASTIC
                        ? bt_lfsr_element(rng, i, round->random_bits)
                        : 0;
    exact v;
    read_element(&t->from, i, &v);
    counts->overflow += scale.kind == BT_SCALE_OVERFLOW;
    counts->flushed += scale.kind == BT_SCALE_FLUSHED && v.m != 0;
    bool zero = scale.kind == BT_SCALE_ZERO || scale.kind == BT_SCALE_FLUSHED;
    mantissa[i] = zero ? 0 : (int16_t)bt_quantize_one(v.m, step - v.e, f, round, draw, counts);
  }
}

/* A block may come in several runs (the rows of a tile): the elements go in their own order, as
 * the draws must, and the scale is kept from the first pass. Only E = -128 does not tell it all. */
static void quantize_elements(const tensor *t, const bt_round_options *round, bt_lfsr *rng,
                              int16_t *mantissa, int8_t *exponent, bt_quantize_counts *counts) {
  size_t n = bt_elements(t->ndim, t->dim);
  if (t->format->kind == BT_FIXED) {
    quantize_run(t, (bt_scale){BT_SCALE_NORMAL, 0}, round, 0, n, rng, mantissa, counts);
    return;
  }
  size_t blocks = bt_block_count(t->format, t->ndim, t->dim);
  for (size_t b = 0; b < blocks; b++) {
    exponent[b] = (int8_t)block_scale(t, b).exponent;
  }
  for (size_t i = 0, end; i < n; i = end) {
    size_t b = bt_block_of(t->format, t->ndim, t->dim, i);
    end = bt_block_run(t->format, t->ndim, t->dim, i);
    bt_scale scale = {BT_SCALE_NORMAL, exponent[b]};
    if (exponent[b] == -128 || exponent[b] == 127) {
      scale = block_scale(t, b);
    }
    quantize_run(t, scale, round, i, end, rng, mantissa, counts);
  }
}

static bt_status quantize(const tensor *t, const bt_round_options *round, bt_lfsr *rng,
                          int16_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                          bt_error *error) {
  bt_quantize_counts unused = {0};
  size_t n = bt_elements(t->ndim, t->dim);
  bt_status status = bt_format_check(t->format, error);
  if (status == BT_OK) {
    status = bt_round_check(round, error);
  }
  if (status == BT_OK && round->mode == BT_STOCHASTIC && rng == NULL) {
    status = bt_fail(error, BT_BAD_INPUT, "stochastic rounding without a generator");
  }
  if (status == BT_OK) {
    status = check_source(&t->from, n, error);
  }
  if (status != BT_OK) {
    return status;
  }
  quantize_elements(t, round, rng, mantissa, exponent, counts == NULL ? &unused : counts);
  if (round->mode == BT_STOCHASTIC) {
    bt_lfsr_finish(rng, n, round->random_bits);
  }
  return BT_OK;
}

bt_status bt_quantize_f64(const bt_format *format, const bt_round_options *round, size_t ndim,
                          const size_t *dim, const double *x, bt_lfsr *rng, int16_t *mantissa,
                          int8_t *exponent, bt_quantize_counts *counts, bt_error *error) {
  tensor t = {format, ndim, dim, {.f64 = x}};
  return quantize(&t, round, rng, mantissa, exponent, counts, error);
}

bt_status bt_quantize_f32(const bt_format *format, const bt_round_options *round, size_t ndim,
                          const size_t *dim, const float *x, bt_lfsr *rng, int16_t *mantissa,
                          int8_t *exponent, bt_quantize_counts *counts, bt_error *error) {
  tensor t = {format, ndim, dim, {.f32 = x}};
  return quantize(&t, round, rng, mantissa, exponent, counts, error);
}

/* The float m * 2^e, where 2^-149 <= 2^e and |m| < 2^16: always exact. */
static uint32_t float_bits(int32_t m, int e) {
  uint32_t sign = m < 0 ? UINT32_C(1) << 31 : 0;
  uint32_t magnitude = (uint32_t)bt_magnitude(m);
  if (magnitude == 0) {
    return 0;
  }
  int top = bt_bitlen(magnitude) - 1;
  if (top + e < -126) {
    return sign | magnitude << (e + 149);
  }
  return sign | (uint32_t)(top + e + 127) << 23 | ((magnitude << (23 - top)) & 0x7FFFFF);
}

bt_status bt_dequantize_f32(const bt_format *format, size_t ndim, const size_t *dim,
                            const int16_t *mantissa, const int8_t *exponent, float *x,
                            bt_error *error) {
  bt_status status = bt_format_check(format, error);
  size_t n = status == BT_OK ? bt_elements(ndim, dim) : 0;
  for (size_t i = 0; i < n; i++) {
    int step = -format->fl;
    if (format->kind == BT_BFP) {
      step = exponent[bt_block_of(format, ndim, dim, i)] - (format->wl - 2);
    }
    if (bt_bitlen(bt_magnitude(mantissa[i])) + step > 128) {
      return bt_fail(error, BT_BAD_INPUT, "element %zu is -2^128: beyond the range of float32", i);
    }
    uint32_t u = float_bits(mantissa[i], step);
    memcpy(x + i, &u, sizeof u);
  }
  return status;
}
