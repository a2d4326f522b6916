#include "engine/user_check.h"

#include <inttypes.h>
#include <string.h>

#include "num/error.h"
#include "num/format.h"
#include "num/round.h"
#include "num/stream.h"

#define NO_EXPONENT INT16_MAX /* above all that formulas of numerics give */
#define NO_BITS (-1)
#define SURE 64 /* bits of equal pattern that are no chance */

/* The values that elements of an output may have. */
typedef struct {
  int64_t low, high;
  int64_t none;  /* an unwritable one that its type holds, if there is one */
  bool has_none;
  int bits;      /* that differ in the pattern, where there is none */
} legal;

static legal bfp_values(const bt_format *f, int type_bits) {
  int64_t least = -(INT64_C(1) << (type_bits - 1));
  legal l = {bt_clip_low(f), bt_clip_high(f), least, true, type_bits};
  l.has_none = least < l.low;
  return l;
}

/* Masks are 0 or 1, indices below the window's places; both of the type's 256 otherwise. */
static legal byte_values(const bt_user_command *c) {
  int64_t high = c->op == BT_USER_POOL ? (int64_t)(c->u.pool.k * c->u.pool.k) - 1 : 1;
  return (legal){0, high, 255, high < 255, 8};
}

static legal values_of(const bt_user_command *c, const bt_user_output *t) {
  switch (t->kind) {
    case BT_USER_BFP8: return bfp_values(&t->format, 8);
    case BT_USER_BFP16: return bfp_values(&t->format, 16);
    case BT_USER_BYTE: return byte_values(c);
    case BT_USER_WIDE: {
      int64_t bound = t->bits >= 0 && t->bits <= 31 ? INT64_C(1) << t->bits : 0;
      return (legal){-bound, bound, 0, false, 30};
    }
    case BT_USER_SUMS:
    default: return (legal){INT64_MIN, INT64_MAX, 0, false, 64};
  }
}

/* What element i holds before it is written. Wide ones lie beyond 2^30 in magnitude, so that with
 * less than 31 bits each alone is found. */
static int64_t unwritten(const legal *l, bt_user_kind kind, size_t i) {
  uint64_t hash = bt_splitmix64((i + 1) * BT_SPLITMIX_GAMMA);
  if (l->has_none) {
    return l->none;
  }
  switch (kind) {
    case BT_USER_BFP8: return (int8_t)(uint8_t)hash;
    case BT_USER_BFP16: return (int16_t)(uint16_t)hash;
    case BT_USER_BYTE: return (uint8_t)hash;
    case BT_USER_WIDE: return INT32_MIN + (int64_t)(hash & 0x3fffffff);
    case BT_USER_SUMS:
    default: return (int64_t)hash;
  }
}

static int64_t element(const bt_user_output *t, size_t i) {
  switch (t->kind) {
    case BT_USER_BFP8: return ((const int8_t *)t->data)[i];
    case BT_USER_BFP16: return ((const int16_t *)t->data)[i];
    case BT_USER_BYTE: return ((const uint8_t *)t->data)[i];
    case BT_USER_WIDE: return ((const int32_t *)t->data)[i];
    case BT_USER_SUMS:
    default: return ((const int64_t *)t->data)[i];
  }
}

static void store(const bt_user_output *t, size_t i, int64_t v) {
  switch (t->kind) {
    case BT_USER_BFP8: ((int8_t *)t->data)[i] = (int8_t)v; break;
    case BT_USER_BFP16: ((int16_t *)t->data)[i] = (int16_t)v; break;
    case BT_USER_BYTE: ((uint8_t *)t->data)[i] = (uint8_t)v; break;
    case BT_USER_WIDE: ((int32_t *)t->data)[i] = (int32_t)v; break;
    case BT_USER_SUMS:
    default: ((int64_t *)t->data)[i] = v; break;
  }
}

/* What the sums hold that the command adds to, and what it adds. */
static uint64_t added(const bt_user_view *v) {
  switch (v->command.op) {
    case BT_USER_SOFTMAX: return v->loss.rows;
    case BT_USER_AVERAGE: return v->average.count;
    case BT_USER_STATISTICS: return v->statistics.rows;
    default: return 0;
  }
}

static uint64_t to_add(const bt_user_view *v) {
  switch (v->command.op) {
    case BT_USER_SOFTMAX: return v->in[0].dim[0];
    case BT_USER_AVERAGE: return 1;
    case BT_USER_STATISTICS: return v->command.u.statistics.rows;
    default: return 0;
  }
}

bt_user_before bt_user_prepare(const bt_user_view *v, const bt_lfsr *generator) {
  for (size_t k = 0; k < BT_USER_MAX_OUTPUTS; k++) {
    bt_user_output *t = v->command.out[k];
    if (t == NULL) {
      continue;
    }
    t->bits = NO_BITS;
    legal l = values_of(&v->command, t);
    for (size_t i = 0; i < t->exponents; i++) {
      t->exponent[i] = NO_EXPONENT;
    }
    for (size_t i = 0; i < t->elements; i++) {
      store(t, i, unwritten(&l, t->kind, i));
    }
  }
  return (bt_user_before){*generator, added(v)};
}

static bt_status check_exponents(const bt_user_output *t, size_t which, bool compared,
                                 bt_error *error) {
  bool bfp = t->kind == BT_USER_BFP8 || t->kind == BT_USER_BFP16;
  bool fixed = bfp && t->format.kind == BT_FIXED;
  int low = fixed ? bt_fixed_exponent(&t->format) : -128, high = fixed ? low : 127;
  for (size_t i = 0; i < t->exponents; i++) {
    int e = t->exponent[i];
    if (e == NO_EXPONENT) {
      return bt_fail(error, BT_FAILED, "output %zu (%s): exponent %zu was left unwritten", which,
                     t->name, i);
    }
    if (bfp && !compared && (e < low || e > high)) {
      return bt_fail(error, BT_FAILED, "output %zu (%s): exponent %zu is %d, expected %d to %d",
                     which, t->name, i, e, low, high);
    }
  }
  return BT_OK;
}

static bt_status check_elements(const bt_user_command *c, const bt_user_output *t, size_t which,
                                bool compared, bt_error *error) {
  legal l = values_of(c, t);
  int equal = 0; /* bits of the pattern in the elements before this one */
  for (size_t i = 0; i < t->elements; i++) {
    int64_t m = element(t, i);
    bool same = m == unwritten(&l, t->kind, i);
    bool outside = !compared && (m < l.low || m > l.high);
    equal = same ? equal + l.bits : 0;
    if (same && (outside || equal >= SURE)) {
      size_t first = outside ? i : i + 1 - (size_t)(equal / l.bits);
      return bt_fail(error, BT_FAILED, "output %zu (%s): element %zu of %zu was left unwritten%s",
                     which, t->name, first, t->elements,
                     l.has_none ? ", or has a value outside its format" : "");
    }
    if (outside) {
      return bt_fail(error, BT_FAILED, "output %zu (%s): element %zu is %" PRId64
                     ", expected %" PRId64 " to %" PRId64, which, t->name, i, m, l.low, l.high);
    }
  }
  return BT_OK;
}

static bt_status check_output(const bt_user_command *c, size_t which, bool compared,
                              bt_error *error) {
  const bt_user_output *t = c->out[which];
  if (t->kind == BT_USER_WIDE && (t->bits == NO_BITS || (!compared && (t->bits & ~31) != 0))) {
    return t->bits == NO_BITS
               ? bt_fail(error, BT_FAILED, "output %zu (%s): bits was left unwritten", which,
                         t->name)
               : bt_fail(error, BT_FAILED, "output %zu (%s): bits is %d, expected 0 to 31", which,
                         t->name, t->bits);
  }
  bt_status s = check_exponents(t, which, compared, error);
  return s == BT_OK ? check_elements(c, t, which, compared, error) : s;
}

static bt_status check_generator(const bt_user_command *c, const bt_lfsr *before,
                                 const bt_lfsr *after, bt_error *error) {
  bt_lfsr want = *before;
  bt_user_view_advance(c, &want);
  if (after->steps != want.steps || after->lanes != want.lanes) {
    return bt_fail(error, BT_FAILED, "the generator is at step %" PRIu64 " of %u lanes, expected "
                   "%" PRIu64 " of %u (it was at %" PRIu64 "; numerics 4.3)", after->steps,
                   after->lanes, want.steps, want.lanes, before->steps);
  }
  for (unsigned l = 0; l < want.lanes; l++) {
    if (after->lane[l] != want.lane[l]) {
      return bt_fail(error, BT_FAILED, "lane %u of the generator is 0x%08x, expected 0x%08x "
                     "(numerics 4.3)", l, after->lane[l], want.lane[l]);
    }
  }
  return BT_OK;
}

bt_status bt_user_check(const bt_user_view *v, const bt_user_before *before,
                        const bt_lfsr *generator, bool compared, bt_error *error) {
  const bt_user_command *c = &v->command;
  bt_status s = BT_OK;
  for (size_t k = 0; s == BT_OK && k < BT_USER_MAX_OUTPUTS; k++) {
    s = c->out[k] == NULL ? BT_OK : check_output(c, k, compared, error);
  }
  if (s == BT_OK && added(v) != before->added + to_add(v)) {
    return bt_fail(error, BT_FAILED, "the sums it adds to count %" PRIu64 ", expected %" PRIu64,
                   added(v), before->added + to_add(v));
  }
  return s == BT_OK ? check_generator(c, &before->generator, generator, error) : s;
}
