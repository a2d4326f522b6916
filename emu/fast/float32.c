#include "fast/float32.h"

#include <stdatomic.h>
#include <string.h>

#include "fast/parts.h"
#include "num/error.h"
#include "num/format.h"
#include "num/quantize.h"

#define GROUP 64u
#define PIECE 32768u        /* elements: a block larger than this is cut into pieces */
#define INFINITE 0x7F800000u /* the bits of an infinity; a NaN's are above */
#define BIAS 127
#define LAST_BIT 150 /* a float is an integer times 2^(its exponent field - 150) */

/* Blocks of `block` successive elements. */
typedef struct {
  const bt_fast *f;
  const float *x;
  int8_t *mantissa;
  size_t n, block, blocks, pieces;
  uint32_t *magnitude; /* [blocks * pieces] */
  int32_t *k;          /* [blocks]: a surplus is k less the exponent field */
  bt_quantizer q;
  bt_lane_state start;
  atomic_ullong clipped;
} job;

/* Items are blocks, or pieces of them. */
static void find_magnitudes(void *context, size_t first, size_t end, unsigned thread) {
  job *j = context;
  (void)thread;
  for (size_t i = first; i < end; i++) {
    size_t from = i % j->pieces * PIECE, to = j->pieces == 1 ? j->block : from + PIECE;
    to = to < j->block ? to : j->block;
    j->magnitude[i] = j->f->kernels.float_magnitude(to - from,
                                                    j->x + i / j->pieces * j->block + from);
  }
}

/* Writes the exponents; false, with nothing written, for values that are not finite and for
 * blocks that only bt_quantize_f32() covers. */
static bool find_exponents(job *j, const bt_format *format, int8_t *exponent) {
  for (size_t b = 0; b < j->blocks; b++) {
    uint32_t largest = 0;
    for (size_t i = b * j->pieces; i < (b + 1) * j->pieces; i++) {
      largest = j->magnitude[i] > largest ? j->magnitude[i] : largest;
    }
    if (largest >= INFINITE || (largest != 0 && largest >> 23 == 0)) {
      return false;
    }
    j->magnitude[b] = largest; /* not above the places yet to be read */
  }
  for (size_t b = 0; b < j->blocks; b++) {
    int e = j->magnitude[b] == 0 ? 1 - BIAS : (int)(j->magnitude[b] >> 23) - BIAS;
    j->k[b] = e - (format->wl - 2) + LAST_BIT;
    exponent[b] = (int8_t)(j->magnitude[b] == 0 ? -128 : e);
  }
  return true;
}

/* Elements first .. first+n-1, of several blocks. */
static uint64_t quantize_mixed(const job *j, bt_lane_state *lanes, size_t first, size_t n) {
  int32_t k[GROUP];
  size_t b = first / j->block, next = (b + 1) * j->block;
  for (size_t i = 0; i < n; i++) {
    if (first + i == next) {
      b++;
      next += j->block;
    }
    k[i] = j->k[b];
  }
  return j->f->kernels.quantize_float(&j->q, lanes, n, j->x + first, true, k, j->mantissa + first);
}

static void quantize_groups(void *context, size_t first, size_t end, unsigned thread) {
  job *j = context;
  bt_lane_state lanes = {0};
  uint64_t clipped = 0;
  (void)thread;
  first *= GROUP;
  end = end * GROUP < j->n ? end * GROUP : j->n;
  bt_lanes_seek(&lanes, &j->start, &j->f->jump, first);
  for (size_t i = first, n; i < end; i += n) {
    size_t b = i / j->block, in_block = (b + 1) * j->block - i;
    n = in_block < end - i ? in_block / GROUP * GROUP : end - i;
    if (n > 0) {
      clipped += j->f->kernels.quantize_float(&j->q, &lanes, n, j->x + i, false, &j->k[b],
                                              j->mantissa + i);
    } else {
      n = end - i < GROUP ? end - i : GROUP;
      clipped += quantize_mixed(j, &lanes, i, n);
    }
  }
  atomic_fetch_add(&j->clipped, clipped);
}

static bool covers(const bt_format *format, const bt_round_options *round, size_t ndim,
                   const size_t *dim, const bt_lfsr *rng) {
  return bt_format_check(format, NULL) == BT_OK && bt_round_check(round, NULL) == BT_OK &&
         format->kind == BT_BFP && ndim > 0 && bt_elements(ndim, dim) > 0 &&
         (format->block == BT_BLOCK_TENSOR || format->block == BT_BLOCK_DIM0 ||
          format->block == BT_BLOCK_SAMPLE) &&
         (round->mode != BT_STOCHASTIC || rng != NULL);
}

static bool prepare(job *j, bt_fast *f, const bt_format *format, const bt_round_options *round,
                    const bt_lfsr *rng) {
  int32_t high = (int32_t)1 << (format->wl - 1);
  j->block = j->n / j->blocks;
  j->pieces = (j->block + PIECE - 1) / PIECE;
  j->magnitude = bt_scratch_take(f->scratch, j->blocks * j->pieces * sizeof *j->magnitude);
  j->k = bt_scratch_take(f->scratch, j->blocks * sizeof *j->k);
  j->q = (bt_quantizer){round->mode, high, format->asymmetric ? INT16_MIN : -high, false};
  bt_lanes_start(&j->start, &f->jump, round, rng);
  return j->magnitude != NULL && j->k != NULL;
}

static bt_status by_the_book(bt_fast *f, const bt_format *format, const bt_round_options *round,
                             size_t ndim, const size_t *dim, const float *x, bt_lfsr *rng,
                             int8_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                             bt_error *error) {
  size_t n = bt_elements(ndim, dim);
  int16_t *wide = bt_scratch_take(f->scratch, n * sizeof *wide);
  if (wide == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory");
  }
  bt_status status =
      bt_quantize_f32(format, round, ndim, dim, x, rng, wide, exponent, counts, error);
  for (size_t i = 0; status == BT_OK && i < n; i++) {
    mantissa[i] = (int8_t)wide[i];
  }
  return status;
}

bt_status bt_fast_quantize_f32(bt_fast *f, const bt_format *format, const bt_round_options *round,
                               size_t ndim, const size_t *dim, const float *x, bt_lfsr *rng,
                               int8_t *mantissa, int8_t *exponent, bt_quantize_counts *counts,
                               bt_error *error) {
  if (format->wl > 8) {
    return bt_fail(error, BT_BAD_INPUT, "format: %d bits, expected at most 8", format->wl);
  }
  job j = {.f = f, .x = x, .mantissa = mantissa};
  bool covered = covers(format, round, ndim, dim, rng);
  if (covered) {
    j.n = bt_elements(ndim, dim);
    j.blocks = bt_block_count(format, ndim, dim);
    if (!prepare(&j, f, format, round, rng)) {
      return bt_fail(error, BT_FAILED, "out of memory");
    }
    bt_parts_run(f, j.blocks * j.pieces, j.pieces == 1 ? j.block : PIECE, find_magnitudes, &j);
  }
  if (!covered || !find_exponents(&j, format, exponent)) {
    return by_the_book(f, format, round, ndim, dim, x, rng, mantissa, exponent, counts, error);
  }
  bt_parts_run(f, (j.n + GROUP - 1) / GROUP, GROUP, quantize_groups, &j);
  if (counts != NULL) {
    counts->clipped += atomic_load(&j.clipped);
  }
  bt_lanes_finish(rng, &f->jump, round, j.n);
  return BT_OK;
}
