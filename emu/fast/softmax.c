/* softmax: cross-entropy of a batch and its error (numerics 14), rows shared out to the threads. */
#include "fast/commands.h"
#include "fast/parts.h"
#include "num/round.h"
#include "num/scalar.h"

#define LOG2_E 23637 /* units of 2^-14 */
#define T_LIMIT (INT64_C(1) << 22)
#define ONE (INT64_C(1) << 30)
#define COST 32u /* of a probability, in elements of other commands */

typedef struct {
  const bt_command *c;
  size_t classes;
  bt_loss *loss;   /* [threads] */
  uint64_t *power; /* [threads][classes] u_i */
} softmax_job;

/* T_i at a distance d below the largest logit. */
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
static uint64_t power(int64_t t) {
  int64_t n = t >> 16;
  uint32_t f = (uint32_t)(t & 0xFFFF);
  if (f == 0) {
    return n >= 32 ? 0 : (uint64_t)ONE >> n;
  }
  return n + 1 >= 32 ? 0 : bt_exp2(65536 - f) >> (n + 1);
}

/* error_i = p_i - [i is the label], units of 2^-30. */
static void write_error(const softmax_job *j, size_t row, const uint64_t *u, uint64_t sum) {
  size_t label = ((const uint8_t *)j->c->in[1]->data)[row];
  int32_t *error = (int32_t *)j->c->out[0]->data + row * j->classes;
  int k = bt_bitlen(sum) - 32;
  uint64_t s = k < 0 ? sum << -k : sum >> k, inverse = bt_recip(s);
  for (size_t i = 0; i < j->classes; i++) {
    int64_t p = (int64_t)(u[i] * inverse >> (32 + k));
    error[i] = (int32_t)(p - (i == label ? ONE : 0));
  }
}

static void run_row(const softmax_job *j, size_t row, uint64_t *u, bt_loss *loss) {
  const bt_tensor *x = j->c->in[0];
  size_t first = row * j->classes, label = ((const uint8_t *)j->c->in[1]->data)[row], top = 0;
  int32_t largest = bt_tensor_mantissa(x, first);
  int step = bt_tensor_step(x, first);
  for (size_t i = 1; i < j->classes; i++) {
    int32_t m = bt_tensor_mantissa(x, first + i);
    top = m > largest ? i : top;
    largest = m > largest ? m : largest;
  }
  uint64_t sum = 0;
  int64_t at_label = 0;
  for (size_t i = 0; i < j->classes; i++) {
    int64_t t = halvings(largest - bt_tensor_mantissa(x, first + i), step);
    u[i] = power(t);
    sum += u[i];
    at_label = i == label ? t : at_label;
  }
  loss->loss_bits += bt_log2(sum) - 30 * 65536 + at_label;
  loss->correct += top == label;
  loss->rows++;
  if (j->c->out[0] != NULL) {
    write_error(j, row, u, sum);
  }
}

static void run_part(void *context, size_t first, size_t end, unsigned thread) {
  const softmax_job *j = context;
  for (size_t row = first; row < end; row++) {
    run_row(j, row, j->power + thread * j->classes, &j->loss[thread]);
  }
}

bool bt_fast_softmax(bt_fast *f, const bt_command *c) {
  softmax_job j = {.c = c, .classes = c->in[0]->dim[1]};
  size_t threads = bt_threads_count(f->threads);
  j.loss = bt_scratch_take(f->scratch, threads * sizeof *j.loss);
  j.power = bt_scratch_take(f->scratch, threads * j.classes * sizeof *j.power);
  if (j.loss == NULL || j.power == NULL) {
    return false;
  }
  for (size_t t = 0; t < threads; t++) {
    j.loss[t] = (bt_loss){0};
  }
  bt_parts_run(f, c->in[0]->dim[0], j.classes * COST, run_part, &j);
  for (size_t t = 0; t < threads; t++) {
    c->u.softmax.loss->loss_bits += j.loss[t].loss_bits;
    c->u.softmax.loss->correct += j.loss[t].correct;
    c->u.softmax.loss->rows += j.loss[t].rows;
  }
  if (c->out[0] != NULL) {
    c->out[0]->exp[0] = -30;
    c->out[0]->bits = 30;
  }
  return true;
}
