/* Quantize in exact rationals: every step is a line of numerics 2, 3 or 7. */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>

/* out = floor(num / den + draw / 2^bits). */
static void round_stochastic(mpz_t out, const mpq_t x, unsigned bits, unsigned long draw) {
  mpz_t num, den;
  mpz_inits(num, den, NULL);
  mpz_mul_2exp(num, mpq_numref(x), bits);
  mpz_addmul_ui(num, mpq_denref(x), draw);
  mpz_mul_2exp(den, mpq_denref(x), bits);
  mpz_fdiv_q(out, num, den);
  mpz_clears(num, den, NULL);
}

/* out = floor(|x| + 1/2) with x's sign for `away`, else floor(x + 1/2) less one at an odd tie. */
static void round_nearest(mpz_t out, const mpq_t x, bool away) {
  mpz_t num, den, rest;
  mpz_inits(num, den, rest, NULL);
  mpz_mul_2exp(num, mpq_numref(x), 1);
  if (away)
    mpz_abs(num, num);
  mpz_add(num, num, mpq_denref(x));
  mpz_mul_2exp(den, mpq_denref(x), 1);
  mpz_fdiv_qr(out, rest, num, den);
  if (away && mpq_sgn(x) < 0)
    mpz_neg(out, out);
  if (!away && mpz_sgn(rest) == 0 && mpz_odd_p(out))
    mpz_sub_ui(out, out, 1);
  mpz_clears(num, den, rest, NULL);
}

void oracle_round(mpz_t out, const mpq_t x, const bt_round_options *round, uint32_t r) {
  switch (round->mode) {
  case BT_STOCHASTIC:
    if (round->sr_half)
      round_stochastic(out, x, round->random_bits + 1, 2 * (unsigned long)r + 1);
    else
      round_stochastic(out, x, round->random_bits, r);
    break;
  case BT_NEAREST_EVEN:
    round_nearest(out, x, false);
    break;
  case BT_NEAREST_AWAY:
    round_nearest(out, x, true);
    break;
  case BT_FLOOR:
    mpz_fdiv_q(out, mpq_numref(x), mpq_denref(x));
    break;
  }
}

size_t oracle_elements(size_t ndim, const size_t *dim) {
  size_t p = 1;
  for (size_t d = 0; d < ndim; d++)
    p *= dim[d];
  return p;
}

static size_t ceil_div(size_t a, size_t b) {
  return a / b + (a % b != 0);
}

size_t oracle_block_count(const bt_format *format, size_t ndim, const size_t *dim) {
  size_t elements = oracle_elements(ndim, dim);
  if (elements == 0)
    return 0;
  return oracle_block_of(format, ndim, dim, elements - 1) + 1;
}

size_t oracle_block_of(const bt_format *format, size_t ndim, const size_t *dim, size_t i) {
  size_t rest = ndim > 1 ? oracle_elements(ndim - 1, dim + 1) : 1;
  size_t row = i / rest, column = i % rest;
  size_t last = ndim > 0 ? dim[ndim - 1] : 1;
  switch (format->block) {
  case BT_BLOCK_TENSOR:
    return 0;
  case BT_BLOCK_DIM0:
  case BT_BLOCK_SAMPLE:
    return row;
  case BT_BLOCK_TILE:
    return row / format->tile_rows * ceil_div(rest, format->tile_cols) + column / format->tile_cols;
  case BT_BLOCK_K32:
    return i / last * ceil_div(last, 32) + i % last / 32;
  }
  abort();
}

long oracle_log2(const mpq_t x) {
  long k = (long)mpz_sizeinbase(mpq_numref(x), 2) - (long)mpz_sizeinbase(mpq_denref(x), 2);
  mpz_t num, den;
  mpz_init(num);
  mpz_init_set(den, mpq_denref(x));
  mpz_abs(num, mpq_numref(x));
  if (k >= 0)
    mpz_mul_2exp(den, den, (mp_bitcnt_t)k);
  else
    mpz_mul_2exp(num, num, (mp_bitcnt_t)-k);
  if (mpz_cmp(num, den) < 0)
    k--;
  mpz_clears(num, den, NULL);
  return k;
}

/* What the elements of one block share. */
typedef struct {
  mpq_t max; /* max |x| */
  long step; /* step exponent */
  bool zero; /* a zero block: every mantissa is 0 */
  bool overflow, flushed;
} block_state;

/* Numerics 7.1 and 7.2. */
static void set_exponent(block_state *b, int wl, int8_t *exponent, oracle_seen *seen) {
  long e = mpq_sgn(b->max) == 0 ? -128 : oracle_log2(b->max);
  b->overflow = e > 127;
  b->flushed = e < -128;
  b->zero = mpq_sgn(b->max) == 0 || b->flushed;
  if (b->overflow)
    e = 127;
  if (b->flushed)
    e = -128;
  b->step = e - (wl - 2);
  *exponent = (int8_t)e;
  seen->zero_blocks += mpq_sgn(b->max) == 0;
  seen->overflow_blocks += b->overflow;
  seen->flushed_blocks += b->flushed;
}

static bool is_power_of_two(const mpz_t z) {
  return mpz_sgn(z) != 0 && mpz_scan1(z, 0) + 1 == mpz_sizeinbase(z, 2);
}

/* Notes the boundaries that x, in steps and not zero, touches with its draw. */
static void note(oracle_seen *seen, const mpq_t x, const bt_round_options *round, uint32_t r) {
  size_t discarded = mpz_sizeinbase(mpq_denref(x), 2) - 1;
  seen->exact += discarded == 0;
  seen->ties += discarded == 1;
  seen->powers_of_two += discarded == 0 ? is_power_of_two(mpq_numref(x))
                                        : mpz_cmpabs_ui(mpq_numref(x), 1) == 0;
  seen->discarded_above_64 += discarded > 64;
  seen->discarded_above_100 += discarded > 100;
  if (round->mode != BT_STOCHASTIC)
    return;
  size_t bits = round->random_bits + (round->sr_half ? 1u : 0u);
  unsigned long draw = round->sr_half ? 2 * (unsigned long)r + 1 : r;
  seen->discarded_above_draw += discarded > bits;
  if (discarded > 0 && discarded <= bits) {
    mpz_t sum;
    mpz_init(sum);
    mpz_mul_2exp(sum, mpq_numref(x), bits - discarded);
    mpz_add_ui(sum, sum, draw);
    seen->carried_exactly += mpz_divisible_2exp_p(sum, bits) != 0;
    mpz_clear(sum);
  }
}

/* Numerics 7.3: x at the given step exponent, rounded and clipped. */
static int16_t quantize_element(const bt_format *format, const bt_round_options *round,
                                double value, long step, uint32_t r,
                                bt_quantize_counts *counts, oracle_seen *seen) {
  mpq_t x;
  mpz_t m;
  mpq_init(x);
  mpz_init(m);
  mpq_set_d(x, value);
  if (step >= 0)
    mpq_div_2exp(x, x, (mp_bitcnt_t)step);
  else
    mpq_mul_2exp(x, x, (mp_bitcnt_t)-step);
  oracle_round(m, x, round, r);
  if (value != 0)
    note(seen, x, round, r);
  long high = (1L << (format->wl - 1)) - 1;
  long low = format->asymmetric ? -high - 1 : -high;
  seen->at_clip_edge += mpz_cmp_si(m, high) == 0 || mpz_cmp_si(m, low) == 0;
  seen->over_asymmetric_edge += mpz_cmp_si(m, -high - 1) == 0;
  long result = mpz_cmp_si(m, high) > 0 ? high : mpz_cmp_si(m, low) < 0 ? low : mpz_get_si(m);
  counts->clipped += mpz_cmp_si(m, result) != 0;
  mpq_clear(x);
  mpz_clear(m);
  return (int16_t)result;
}

/* The blocks' states; one that only holds the step for fixed point. */
static block_state *make_blocks(const bt_format *format, size_t ndim, const size_t *dim,
                                const double *x, int8_t *exponent, size_t blocks,
                                oracle_seen *seen) {
  size_t n = oracle_elements(ndim, dim);
  block_state *state = calloc(blocks + 1, sizeof *state);
  mpq_t value;
  mpq_init(value);
  for (size_t b = 0; b < blocks; b++)
    mpq_init(state[b].max);
  if (format->kind == BT_FIXED)
    state[0].step = -format->fl;
  for (size_t i = 0; i < n && format->kind == BT_BFP; i++) {
    block_state *b = &state[oracle_block_of(format, ndim, dim, i)];
    mpq_set_d(value, fabs(x[i]));
    if (mpq_cmp(value, b->max) > 0)
      mpq_set(b->max, value);
  }
  for (size_t b = 0; b < blocks && format->kind == BT_BFP; b++)
    set_exponent(&state[b], format->wl, &exponent[b], seen);
  mpq_clear(value);
  return state;
}

void oracle_quantize(const bt_format *format, const bt_round_options *round, size_t ndim,
                     const size_t *dim, const double *x, bt_lfsr *rng, int16_t *mantissa,
                     int8_t *exponent, bt_quantize_counts *counts, oracle_seen *seen) {
  size_t n = oracle_elements(ndim, dim);
  bool bfp = format->kind == BT_BFP;
  size_t blocks = bfp ? oracle_block_count(format, ndim, dim) : n > 0;
  block_state *state = make_blocks(format, ndim, dim, x, exponent, blocks, seen);
  uint32_t *draws = calloc(n + 1, sizeof *draws);
  if (round->mode == BT_STOCHASTIC)
    oracle_lfsr_draws(rng, n, round->random_bits, draws);
  for (size_t i = 0; i < n; i++) {
    const block_state *b = &state[bfp ? oracle_block_of(format, ndim, dim, i) : 0];
    mantissa[i] = 0;
    if (!b->zero)
      mantissa[i] = quantize_element(format, round, x[i], b->step, draws[i], counts, seen);
    counts->overflow += b->overflow;
    counts->flushed += b->flushed && x[i] != 0;
    seen->negative_zero += x[i] == 0 && signbit(x[i]);
  }
  seen->values += n;
  for (size_t b = 0; b < blocks; b++)
    mpq_clear(state[b].max);
  free(state);
  free(draws);
}
