/* Rounding (numerics 3) of mantissas up to 62 bits by any number of surplus bits, with draws that
 * just carry and just do not, in exact rationals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "num/round.h"

enum { SEED = 33, CASES = 400000 };

/* The draw that brings m / 2^s just to the next integer, or one below it. */
static uint32_t edge_draw(int64_t m, int s, unsigned bits, int64_t less) {
  __int128 unit = (__int128)1 << s, rest = ((__int128)m % unit + unit) % unit;
  __int128 need = ((__int128)1 << s) - rest; /* r >= need * 2^R / 2^s carries */
  __int128 r = s > (int)bits ? need >> (s - (int)bits) : need << ((int)bits - s);
  r -= less;
  __int128 top = ((__int128)1 << bits) - 1;
  return (uint32_t)(r < 0 ? 0 : r > top ? top : r);
}

static void check(oracle_stream *stream, int number) {
  int width = (int)oracle_stream_in(stream, 0, 61);
  int64_t high = (INT64_C(1) << width) - 1, m = oracle_stream_in(stream, -high, high);
  int s = (int)(number % 4 == 0 ? oracle_stream_in(stream, -70, 100) : oracle_stream_in(stream, 0,
                                                                                       width + 30));
  const bt_round_options round = {(bt_rounding)(number / 4 % 4),
                                  (unsigned)oracle_stream_in(stream, 1, 24),
                                  oracle_stream_in(stream, 0, 1)};
  if (number % 3 == 0 && s > 0 && s < 62) /* ties and whole numbers */
    m = (m >> (s - 1)) * (INT64_C(1) << (s - 1));
  uint32_t r = (uint32_t)(oracle_stream_next(stream) >> (64 - round.random_bits));
  if (number % 5 != 0 && s > 0 && s <= 100)
    r = edge_draw(m, s, round.random_bits, oracle_stream_in(stream, -1, 1));
  mpq_t x;
  mpz_t want;
  mpq_init(x);
  mpz_init(want);
  mpq_set_si(x, m, 1);
  if (s >= 0)
    mpq_div_2exp(x, x, (mp_bitcnt_t)s);
  else
    mpq_mul_2exp(x, x, (mp_bitcnt_t)-s);
  oracle_round(want, x, &round, r);
  int64_t limit = INT64_C(1) << 62;
  int64_t expected = mpz_cmp_si(want, limit) > 0 ? limit : mpz_cmp_si(want, -limit) < 0 ? -limit
                                                                              : mpz_get_si(want);
  if (bt_round(m, s, &round, r) != expected)
    fail_msg("seed %d, case %d: round(%lld, %d) mode %d R %u half %d r 0x%X: %lld, not %lld", SEED,
             number, (long long)m, s, (int)round.mode, round.random_bits, round.sr_half, r,
             (long long)bt_round(m, s, &round, r), (long long)expected);
  mpq_clear(x);
  mpz_clear(want);
}

static void test_round(void **state) {
  (void)state;
  oracle_stream stream = {SEED, 0};
  for (int i = 0; i < CASES; i++)
    check(&stream, i);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_round)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
