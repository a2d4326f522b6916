/* softmax: cross-entropy of a batch and its error (numerics 14). */
#include "num/round.h"
#include "num/scalar.h"
#include "ref/commands.h"

#define LOG2_E 23637 /* units of 2^-14 */
#define T_LIMIT (INT64_C(1) << 22)
#define ONE (INT64_C(1) << 30)

/* T_i: how many times, in units of 2^-16, a probability is halved at a distance d below the
 * largest logit. */
static int64_t halvings(int64_t d, int e) {
  int64_t t = d * LOG2_E;
  int shift = e + 2;
  if (shift < 0) {
    t = bt_shift_floor(t, -shift);
  } else if (t != 0) {
    t = shift > 22 ? T_LIMIT : bt_shift_left(t, shift);
  }
  return t < T_LIMIT ? t : T_LIMIT;
}

/* u_i = 2^(30 - t / 65536), floored. */
static int64_t power(int64_t t) {
  int64_t n = t >> 16;
  uint32_t f = (uint32_t)(t & 0xFFFF);
  if (f == 0) {
    return n >= 32 ? 0 : ONE >> n;
  }
  return n + 1 >= 32 ? 0 : (int64_t)(bt_exp2(65536 - f) >> (n + 1));
}

typedef struct {
  const bt_tensor *x;
  size_t first, classes; /* the row's first element */
  int32_t largest;
  size_t argmax;
  int step;
} row_view;

static row_view open_row(const bt_tensor *x, size_t row) {
  row_view r = {.x = x, .first = row * x->dim[1], .classes = x->dim[1]};
  r.largest = bt_tensor_mantissa(x, r.first);
  r.step = bt_tensor_step(x, r.first);
  for (size_t i = 1; i < r.classes; i++) {
    int32_t m = bt_tensor_mantissa(x, r.first + i);
    if (m > r.largest) {
      r.largest = m;
      r.argmax = i;
    }
  }
  return r;
}

static int64_t row_halvings(const row_view *r, size_t i) {
  return halvings(r->largest - bt_tensor_mantissa(r->x, r->first + i), r->step);
}

static int64_t row_sum(const row_view *r) {
  int64_t sum = 0;
  for (size_t i = 0; i < r->classes; i++) {
    sum += power(row_halvings(r, i));
  }
  return sum;
}

/* error_i = p_i - [i is the label], units of 2^-30. */
static void row_error(const row_view *r, int64_t sum, size_t label, int32_t *error) {
  int k = bt_bitlen((uint64_t)sum) - 32;
  uint64_t s = k < 0 ? (uint64_t)sum << -k : (uint64_t)sum >> k;
  uint64_t inverse = bt_recip(s);
  for (size_t i = 0; i < r->classes; i++) {
    int64_t p = (int64_t)((uint64_t)power(row_halvings(r, i)) * inverse >> (32 + k));
    error[i] = (int32_t)(p - (i == label ? ONE : 0));
  }
}

bt_status bt_ref_softmax(const bt_command *c) {
  const bt_tensor *x = c->in[0];
  const uint8_t *labels = c->in[1]->data;
  bt_loss *loss = c->u.softmax.loss;
  bt_tensor *error = c->out[0];
  for (size_t row = 0; row < x->dim[0]; row++) {
    row_view r = open_row(x, row);
    int64_t sum = row_sum(&r);
    loss->loss_bits += bt_log2((uint64_t)sum) - 30 * 65536 + row_halvings(&r, labels[row]);
    loss->correct += r.argmax == labels[row];
    loss->rows++;
    if (error != NULL) {
      row_error(&r, sum, labels[row], (int32_t *)error->data + r.first);
    }
  }
  if (error != NULL) {
    error->exp[0] = -30;
    error->bits = 30;
  }
  return BT_OK;
}
