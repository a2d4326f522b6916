#include "oracle_softmax.h"

#include <gmp.h>

#include "command_bench.h"

/* C[b] = round(2^30 * 2^(2^-b)): a root of root ... of 2 with 200 bits below the point. */
static uint64_t root_of_two(int b) {
  mpz_t x;
  mpz_init_set_ui(x, 2);
  mpz_mul_2exp(x, x, 200);
  for (int i = 0; i < b; i++) {
    mpz_mul_2exp(x, x, 200);
    mpz_sqrt(x, x);
  }
  mpz_fdiv_q_2exp(x, x, 200 - 31);
  mpz_add_ui(x, x, 1);
  mpz_fdiv_q_2exp(x, x, 1);
  uint64_t c = mpz_get_ui(x);
  mpz_clear(x);
  return c;
}

uint64_t oracle_exp2(uint32_t f) {
  static uint64_t c[17];
  for (int b = 1; b <= 16 && c[b] == 0; b++)
    c[b] = root_of_two(b);
  uint64_t y = UINT64_C(1) << 30;
  for (int b = 1; b <= 16; b++)
    if (f / (1u << (16 - b)) % 2 == 1)
      y = (uint64_t)((unsigned __int128)y * c[b] / (1u << 30));
  return y;
}

int64_t oracle_log2_fixed(uint64_t x) {
  int n = 0, bits = 0;
  while (x >> n > 1)
    n++;
  unsigned __int128 y = ((unsigned __int128)x << 31) >> n;
  for (int i = 0; i < 16; i++) {
    y = y * y / ((unsigned __int128)1 << 31);
    bits *= 2;
    if (y >= (unsigned __int128)1 << 32) {
      bits++;
      y /= 2;
    }
  }
  return (int64_t)n * 65536 + bits;
}

/* T of numerics 14: min(d * 23637 * 2^(e + 2), 2^22), floored. */
static uint64_t scaled(int64_t d, long e) {
  mpz_t t;
  mpz_init_set_si(t, d);
  mpz_mul_ui(t, t, 23637);
  if (e + 2 >= 0)
    mpz_mul_2exp(t, t, (mp_bitcnt_t)(e + 2));
  else
    mpz_fdiv_q_2exp(t, t, (mp_bitcnt_t)(-e - 2));
  uint64_t result = mpz_cmp_ui(t, 1u << 22) > 0 ? 1u << 22 : mpz_get_ui(t);
  mpz_clear(t);
  return result;
}

static uint64_t power(uint64_t t) {
  uint64_t n = t / 65536, f = t % 65536;
  if (f == 0)
    return n >= 32 ? 0 : (UINT64_C(1) << 30) >> n;
  return n + 1 >= 32 ? 0 : oracle_exp2((uint32_t)(65536 - f)) >> (n + 1);
}

static void one_row(const bt_command *c, size_t row, bt_loss *loss) {
  const bt_tensor *x = c->in[0];
  size_t classes = x->dim[1], label = ((const uint8_t *)c->in[1]->data)[row], first = 0;
  for (size_t i = 1; i < classes; i++)
    if (bench_mantissa(x, row * classes + i) > bench_mantissa(x, row * classes + first))
      first = i;
  int64_t top = bench_mantissa(x, row * classes + first);
  uint64_t u[256], t_label = 0, sum = 0;
  for (size_t i = 0; i < classes; i++) {
    uint64_t t = scaled(top - bench_mantissa(x, row * classes + i), bench_step(x, row * classes));
    t_label = i == label ? t : t_label;
    u[i] = power(t);
    sum += u[i];
  }
  int length = 0;
  while (sum >> length != 0)
    length++;
  int k = length - 32;
  uint64_t s = k >= 0 ? sum >> k : sum << -k, r = (UINT64_C(1) << 62) / s;
  for (size_t i = 0; i < classes && c->out[0] != NULL; i++) {
    int64_t p = (int64_t)((unsigned __int128)u[i] * r / ((unsigned __int128)1 << (32 + k)));
    ((int32_t *)c->out[0]->data)[row * classes + i] =
        (int32_t)(p - (i == label ? INT64_C(1) << 30 : 0));
  }
  loss->loss_bits += oracle_log2_fixed(sum) - 30 * 65536 + (int64_t)t_label;
  loss->correct += label == first;
  loss->rows++;
}

void oracle_softmax(const bt_command *c, bt_loss *loss) {
  for (size_t row = 0; row < c->in[0]->dim[0]; row++)
    one_row(c, row, loss);
  if (c->out[0] == NULL)
    return;
  for (size_t e = 0; e < c->out[0]->n0 * c->out[0]->nl; e++)
    c->out[0]->exp[e] = -30;
  c->out[0]->bits = 30;
}
