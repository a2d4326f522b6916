#include "oracle_affine.h"

#include <gmp.h>
#include <stdlib.h>

#include "command_bench.h"

/* What one element's terms are: c_i, m_i, e_i + exponent(c_i), bits_i; and what a and M take: the
 * mantissa, the largest and the smallest exponent, over the last indices of the cell if the
 * constants are a vector. */
typedef struct {
  int64_t c, m;
  long t;
  int bits;
  bool addend;
  int64_t most;
  long top, low;
  bool any;
} term;

/* sum or M += round(x * 2^shift), rounding down or up. */
static void add_scaled(mpz_t sum, const mpz_t x, long shift, bool up) {
  mpz_t y;
  mpz_init(y);
  if (shift >= 0)
    mpz_mul_2exp(y, x, (mp_bitcnt_t)shift);
  else if (up)
    mpz_cdiv_q_2exp(y, x, (mp_bitcnt_t)-shift);
  else
    mpz_fdiv_q_2exp(y, x, (mp_bitcnt_t)-shift);
  mpz_add(sum, sum, y);
  mpz_clear(y);
}

/* y, its exponent and bits for n terms; false if a stated bound is broken. */
static bool combine(size_t n, const term *x, int32_t *y, int16_t *exponent, int *bits,
                    oracle_affine_seen *seen) {
  long a = 0;
  bool any = false, good = true;
  for (size_t i = 0; i < n; i++) {
    seen->zero_constants += x[i].c == 0;
    if (x[i].any && (!any || x[i].top - 8 > a))
      a = x[i].top - 8;
    any = any || x[i].any;
  }
  *y = 0;
  *exponent = -512;
  *bits = 0;
  seen->all_zero += !any;
  if (!any)
    return true;
  mpz_t sum, bound, product, largest;
  mpz_inits(sum, bound, product, largest, NULL);
  for (size_t i = 0; i < n; i++) {
    if (!x[i].any)
      continue;
    if (x[i].c != 0) {
      long shift = x[i].t - a < -63 ? -63 : x[i].t - a;
      seen->shifted_right += shift < 0;
      seen->shifted_63 += shift == -63;
      mpz_set_si(product, x[i].c);
      mpz_mul_si(product, product, x[i].addend ? 1 : x[i].m);
      add_scaled(sum, product, shift, false);
    }
    mpz_set_si(largest, x[i].most);
    mpz_mul_2exp(largest, largest, x[i].addend ? 0 : (mp_bitcnt_t)x[i].bits);
    add_scaled(bound, largest, x[i].top - a < -63 ? -63 : x[i].top - a, true);
    if (x[i].low < a)
      mpz_add_ui(bound, bound, 1);
    seen->partly_right += x[i].low < a && x[i].top >= a;
  }
  good = mpz_cmpabs(sum, bound) <= 0 && mpz_sizeinbase(bound, 2) < 63;
  long length = (long)mpz_sizeinbase(bound, 2), t = length > 31 ? length - 31 : 0;
  seen->final_shifts += t > 0;
  mpz_fdiv_q_2exp(sum, sum, (mp_bitcnt_t)t);
  good = good && mpz_fits_sint_p(sum);
  *y = (int32_t)mpz_get_si(sum);
  *exponent = (int16_t)(a + t);
  *bits = length > 31 ? 31 : (int)length;
  mpz_clears(sum, bound, product, largest, NULL);
  return good;
}

/* The constant of a term for element i, from a vector or for all. */
static void set_constant(term *x, const bt_command *c, size_t k, size_t i) {
  const bt_tensor *v = x->addend ? c->in[BT_IN_ADDEND] : c->in[BT_IN_CONSTANTS + k];
  bt_constant one = x->addend ? c->u.affine.c0 : c->u.affine.c[k];
  size_t last = c->out[0]->dim[c->out[0]->ndim - 1], b = i % last;
  long step = x->t;
  x->c = v == NULL ? one.mantissa : bench_mantissa(v, b);
  x->t = step + (v == NULL ? one.exponent : bench_step(v, b));
  x->most = v == NULL ? labs(x->c) : x->addend ? INT64_C(1) << 31 : 32768;
  x->any = x->c != 0;
  x->top = x->low = x->t;
  for (size_t j = 0; v != NULL && c->out[0]->nl == 1 && j < last; j++) {
    long t = step + bench_step(v, j);
    if (bench_mantissa(v, j) == 0)
      continue;
    x->top = !x->any || t > x->top ? t : x->top;
    x->low = !x->any || t < x->low ? t : x->low;
    x->any = true;
  }
}

bool oracle_affine(const bt_command *c, oracle_affine_seen *seen) {
  bt_tensor *out = c->out[0];
  size_t last = out->dim[out->ndim - 1];
  bool good = true;
  out->bits = 0;
  for (size_t i = 0; i < oracle_elements(out->ndim, out->dim); i++) {
    term x[5];
    size_t n = c->u.affine.terms;
    for (size_t k = 0; k < n; k++) {
      const bt_tensor *in = c->in[k];
      size_t at = in->ndim == 1 ? i % last : i;
      x[k] = (term){.m = bench_mantissa(in, at), .t = bench_step(in, at), .bits = bench_width(in)};
      set_constant(&x[k], c, k, i);
    }
    if (c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL) {
      x[n] = (term){.addend = true};
      set_constant(&x[n++], c, 0, i);
    }
    int32_t y;
    int bits;
    good = combine(n, x, &y, &out->exp[bench_cell(out, i)], &bits, seen) && good;
    out->bits = bits > out->bits ? bits : out->bits;
    if (c->u.affine.relu) {
      ((uint8_t *)c->out[1]->data)[i] = y > 0;
      y = y > 0 ? y : 0;
    }
    if (c->u.affine.masked && ((const uint8_t *)c->in[BT_IN_MASK]->data)[i] == 0)
      y = 0;
    ((int32_t *)out->data)[i] = y;
  }
  return good;
}
