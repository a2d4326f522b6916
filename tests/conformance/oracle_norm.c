#include "oracle_norm.h"

#include <stdlib.h>

#include "command_bench.h"

void oracle_set_wide(mpz_t out, __int128 v) {
  mpz_set_si(out, (long)(v >> 64));
  mpz_mul_2exp(out, out, 64);
  mpz_add_ui(out, out, (unsigned long)v);
}

/* What a channel's lines are about; all are scalars' values. */
typedef struct {
  mpq_t n, v, r, mean, t, u;
} channel;

static void channel_open(channel *k) { mpq_inits(k->n, k->v, k->r, k->mean, k->t, k->u, NULL); }
static void channel_close(channel *k) { mpq_clears(k->n, k->v, k->r, k->mean, k->t, k->u, NULL); }

/* out = make(n * b - a * c, e) */
static void set_product(mpq_t out, uint64_t n, int64_t b, int64_t a, int64_t c, long e) {
  mpz_t x, y;
  mpz_init_set_si(x, b);
  mpz_init_set_si(y, a);
  mpz_mul_ui(x, x, n);
  mpz_mul_si(y, y, c);
  mpz_sub(x, x, y);
  mpq_set_z(out, x);
  oracle_scale(out, e);
  oracle_scalar_cut(out);
  mpz_clears(x, y, NULL);
}

static void set_element(mpq_t out, const bt_tensor *t, size_t i) {
  mpq_set_si(out, bench_mantissa(t, i), 1);
  oracle_scale(out, bench_step(t, i));
  oracle_scalar_cut(out);
}

static void set_constant(mpq_t out, bt_constant c) {
  mpq_set_si(out, c.mantissa, 1);
  oracle_scale(out, c.exponent);
}

/* V and r from the variance in k->v. */
static void set_r(channel *k, bt_constant eps, oracle_norm_seen *seen) {
  seen->zero_variance += mpq_sgn(k->v) == 0;
  set_constant(k->t, eps);
  oracle_scalar_cut(k->t);
  oracle_scalar_add(k->v, k->v, k->t);
  mpq_set_ui(k->r, 0, 1);
  if (mpq_sgn(k->v) > 0)
    oracle_scalar_rsqrt(k->r, k->v);
  seen->zero_r += mpq_sgn(k->r) == 0;
}

static void set_moments(channel *k, const bt_command *c, size_t i, oracle_norm_seen *seen) {
  int64_t s1 = bench_mantissa(c->in[0], i), s2 = bench_mantissa(c->in[1], i);
  uint64_t n = c->u.norm.rows;
  long e = c->in[0]->exp[0];
  seen->one_row += n == 1;
  mpq_set_ui(k->n, n, 1);
  mpq_mul(k->t, k->n, k->n);
  oracle_scalar_cut(k->t); /* make(n * n, 0) */
  oracle_scalar_cut(k->n);
  set_product(k->v, n, s2, s1, s1, 2 * e);
  oracle_scalar_div(k->v, k->v, k->t);
  set_r(k, c->u.norm.eps, seen);
  set_element(k->mean, c->in[0], i);
  oracle_scalar_div(k->mean, k->mean, k->n);
}

static void set_statistics(channel *k, const bt_command *c, size_t i, oracle_norm_seen *seen) {
  const bt_statistics *s = c->u.norm.statistics;
  mpz_t z;
  mpz_init(z);
  mpq_set_ui(k->n, s->rows, 1);
  oracle_scalar_cut(k->n);
  oracle_set_wide(z, s->second[i]);
  mpq_set_z(k->v, z);
  oracle_scale(k->v, s->second_step);
  oracle_scalar_cut(k->v);
  oracle_scalar_div(k->v, k->v, k->n);
  set_r(k, c->u.norm.eps, seen);
  oracle_set_wide(z, s->first[i]);
  mpq_set_z(k->mean, z);
  oracle_scale(k->mean, s->first_step);
  oracle_scalar_cut(k->mean);
  oracle_scalar_div(k->mean, k->mean, k->n);
  mpz_clear(z);
}

/* x rounded to a constant of `bits` bits into element i; x becomes the rounded value. */
static void put_constant(mpq_t x, int bits, bt_tensor *t, size_t i) {
  long exponent;
  oracle_scalar_constant(x, bits, &((int32_t *)t->data)[i], &exponent);
  t->exp[i] = (int16_t)exponent;
  t->bits = bits - 1;
}

void oracle_norm(const bt_command *c, oracle_norm_seen *seen) {
  for (size_t i = 0; i < c->in[2]->dim[0]; i++) {
    channel k;
    channel_open(&k);
    if (c->u.norm.statistics != NULL)
      set_statistics(&k, c, i, seen);
    else
      set_moments(&k, c, i, seen);
    set_element(k.t, c->in[2], i);
    oracle_scalar_mul(k.t, k.t, k.r);
    put_constant(k.t, 16, c->out[0], i);
    seen->zero_a += mpq_sgn(k.t) == 0;
    oracle_scalar_mul(k.t, k.mean, k.t);
    mpq_neg(k.t, k.t);
    set_element(k.u, c->in[3], i);
    oracle_scalar_add(k.t, k.u, k.t);
    put_constant(k.t, 32, c->out[1], i);
    channel_close(&k);
  }
}

static void put_gradient(mpq_t x, bt_tensor *t, size_t i) {
  put_constant(x, 32, t, i);
  if (mpq_sgn(x) == 0)
    t->exp[i] = -512;
}

/* k->t = dgamma, k->u = dbeta, and both into the outputs. */
static void set_gradients(channel *k, const bt_command *c, size_t i) {
  int64_t s1 = bench_mantissa(c->in[0], i), se = bench_mantissa(c->in[4], i);
  mpq_t rounded;
  mpq_init(rounded);
  set_product(k->t, c->u.norm.rows, bench_mantissa(c->in[5], i), s1, se,
              c->in[4]->exp[0] + c->in[0]->exp[0]);
  oracle_scalar_div(k->t, k->t, k->n);
  oracle_scalar_mul(k->t, k->r, k->t);
  mpq_set(rounded, k->t);
  put_gradient(rounded, c->out[2], i);
  set_element(k->u, c->in[4], i);
  mpq_set(rounded, k->u);
  put_gradient(rounded, c->out[3], i);
  mpq_clear(rounded);
}

void oracle_norm_back(const bt_command *c, oracle_norm_seen *seen) {
  for (size_t i = 0; i < c->in[2]->dim[0]; i++) {
    channel k;
    mpq_t a;
    mpq_init(a);
    channel_open(&k);
    set_moments(&k, c, i, seen);
    set_gradients(&k, c, i);
    set_element(a, c->in[3], i);
    oracle_scalar_div(k.t, k.t, k.n);
    oracle_scalar_mul(k.r, a, k.r);
    oracle_scalar_mul(k.t, k.r, k.t);
    mpq_neg(k.t, k.t);
    put_constant(k.t, 16, c->out[0], i);
    oracle_scalar_mul(k.mean, k.mean, k.t);
    oracle_scalar_div(k.u, k.u, k.n);
    oracle_scalar_mul(k.u, a, k.u);
    oracle_scalar_add(k.u, k.u, k.mean);
    mpq_neg(k.u, k.u);
    put_constant(k.u, 32, c->out[1], i);
    channel_close(&k);
    mpq_clear(a);
  }
}

/* ---- Statistics ---- */

void oracle_statistics_open(oracle_statistics *s, size_t channels) {
  *s = (oracle_statistics){.channels = channels, .first_step = BT_EMIN_NONE,
                           .second_step = BT_EMIN_NONE};
  s->first = calloc(channels, sizeof *s->first);
  s->second = calloc(channels, sizeof *s->second);
  for (size_t i = 0; i < channels; i++)
    mpq_inits(s->first[i], s->second[i], NULL);
}

void oracle_statistics_close(oracle_statistics *s) {
  for (size_t i = 0; i < s->channels; i++)
    mpq_clears(s->first[i], s->second[i], NULL);
  free(s->first);
  free(s->second);
}

/* Whether |x| / 2^e is below 2^126. */
static bool fits(const mpq_t x, long e) { return mpq_sgn(x) == 0 || oracle_log2(x) - e < 126; }

/* sum += v, which came at exponent e; *step is the smallest of them. */
static bool add_value(mpq_t sum, const mpq_t v, long e, long old, long *step) {
  *step = old < e ? old : e;
  bool good = fits(sum, *step) && fits(v, *step);
  mpq_add(sum, sum, v);
  return good && fits(sum, *step);
}

/* floor(D * 2^32 / (n - 1)) at 2e - 32; false where D * 2^32 is too large. */
static bool set_variance(mpq_t v, int64_t s1, int64_t s2, uint64_t n, long e) {
  mpz_t d, t;
  mpz_init_set_si(d, s2);
  mpz_init_set_si(t, s1);
  mpz_mul_ui(d, d, n);
  mpz_mul(t, t, t);
  mpz_sub(d, d, t);
  mpz_mul_2exp(d, d, 32);
  bool good = mpz_sgn(d) == 0 || mpz_sizeinbase(d, 2) <= 126;
  mpz_fdiv_q_ui(d, d, n - 1);
  mpq_set_z(v, d);
  oracle_scale(v, 2 * e - 32);
  mpz_clears(d, t, NULL);
  return good;
}

bool oracle_statistics_add(oracle_statistics *s, const bt_tensor *s1, const bt_tensor *s2,
                           uint64_t n) {
  long e = s1->exp[0], first = s->first_step, second = s->second_step;
  bool zero = true, good = true;
  for (size_t i = 0; i < s->channels; i++)
    zero = zero && bench_mantissa(s2, i) == 0;
  s->rows += n;
  mpq_t v;
  mpq_init(v);
  for (size_t i = 0; i < s->channels && !zero; i++) {
    mpq_set_si(v, bench_mantissa(s1, i), 1);
    oracle_scale(v, e);
    good = add_value(s->first[i], v, e, first, &s->first_step) && good;
    if (n > 1) {
      good = set_variance(v, bench_mantissa(s1, i), bench_mantissa(s2, i), n, e) && good;
      good = add_value(s->second[i], v, 2 * e - 32, second, &s->second_step) && good;
    }
  }
  mpq_clear(v);
  return good;
}
