/* statistics: adds a batch's sums to those of batch norm's evaluation (numerics 19.1). */
#include "num/error.h"
#include "num/norm.h"
#include "num/round.h"
#include "ref/commands.h"
#include "ref/vector.h"

#define LIMIT_BITS 126
#define VARIANCE_BITS 32 /* below the unit of D */

static int length(__int128 v) {
  unsigned __int128 m = v < 0 ? 0 - (unsigned __int128)v : (unsigned __int128)v;
  uint64_t high = (uint64_t)(m >> 64);
  return high != 0 ? 64 + bt_bitlen(high) : bt_bitlen((uint64_t)m);
}

/* v * 2^s, or false where its magnitude would reach 2^126. */
static bool shift_checked(__int128 *v, int s) {
  if (*v == 0 || s == 0) {
    return true;
  }
  if (length(*v) + s > LIMIT_BITS) {
    return false;
  }
  *v *= (__int128)1 << s;
  return true;
}

/* floor(v * 2^32 / d), d > 0. */
static bool divide_variance(__int128 *v, int64_t d) {
  if (!shift_checked(v, VARIANCE_BITS)) {
    return false;
  }
  __int128 quotient = *v / d;
  *v = quotient - (*v % d < 0);
  return true;
}

/* One channel's sum at exponent `old` becomes one at `step`, and v of exponent e is added. */
static bool add_aligned(__int128 *sum, int old, __int128 v, int e, int step) {
  if (!shift_checked(sum, old - step) || !shift_checked(&v, e - step)) {
    return false;
  }
  *sum += v;
  return length(*sum) <= LIMIT_BITS;
}

/* The smallest exponent seen, with a batch's e; *old is the one before, e if there was none. */
static int next_step(int *old, int e) {
  *old = *old == BT_EMIN_NONE ? e : *old;
  return e < *old ? e : *old;
}

/* The channel whose sum does not fit is left in *at. */
static bool add_means(bt_statistics *s, const bt_tensor *s1, size_t *at) {
  int old = s->first_step, e = s1->exp[0], step = next_step(&old, e);
  for (*at = 0; *at < s->channels; ++*at) {
    if (!add_aligned(&s->first[*at], old, bt_vector_sum(s1, *at), e, step)) {
      return false;
    }
  }
  s->first_step = step;
  return true;
}

static bool add_variances(bt_statistics *s, const bt_command *c, size_t *at) {
  int64_t n = (int64_t)c->u.statistics.rows;
  int e = 2 * c->in[0]->exp[0] - VARIANCE_BITS, old = s->second_step, step = next_step(&old, e);
  for (*at = 0; *at < s->channels; ++*at) {
    int64_t s1 = bt_vector_sum(c->in[0], *at), s2 = bt_vector_sum(c->in[1], *at);
    __int128 v = bt_norm_product(n, s2, s1, s1);
    if (!divide_variance(&v, n - 1) || !add_aligned(&s->second[*at], old, v, e, step)) {
      return false;
    }
  }
  s->second_step = step;
  return true;
}

static bool is_zero(const bt_tensor *s2) {
  for (size_t i = 0; i < bt_tensor_elements(s2); i++) {
    if (bt_vector_sum(s2, i) != 0) {
      return false;
    }
  }
  return true;
}

bt_status bt_ref_statistics(const bt_command *c, bt_error *error) {
  bt_statistics *s = c->u.statistics.statistics;
  size_t at = 0;
  bool fits = is_zero(c->in[1]) ||
              (add_means(s, c->in[0], &at) &&
               (c->u.statistics.rows == 1 || add_variances(s, c, &at)));
  if (!fits) {
    return bt_fail(error, BT_FAILED,
                   "%s: the statistics of channel %zu need more than 126 bits (exponent %d after "
                   "%d)", c->label.text, at, c->in[0]->exp[0], s->first_step);
  }
  s->rows += c->u.statistics.rows;
  return BT_OK;
}
