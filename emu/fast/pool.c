/* pool, pool_back: max over k x k windows, and the error back to its place (numerics 13); bytes by
 * the kernels, a row of windows at a time. */
#include <string.h>

#include "fast/commands.h"
#include "fast/parts.h"

typedef struct {
  const bt_fast *f;
  const bt_command *c;
  const bt_tensor *big, *small;
  const uint8_t *mask; /* of a gate that follows, or NULL */
  uint8_t *out;
} pool_job;

/* Windows of the row `h` of sample n: where it starts in the small and in the big tensor. */
static bt_pool_row row_of(const pool_job *j, size_t n, size_t h, size_t *small, size_t *big) {
  const size_t *b = j->big->dim, *s = j->small->dim;
  size_t k = j->c->u.pool.k, row = b[2] * b[3];
  *small = (n * s[1] + h) * s[2] * s[3];
  *big = (n * b[1] + h * k) * row;
  return (bt_pool_row){.k = k, .channels = b[3], .pixels = s[2], .row = row,
                       .readable = bt_tensor_elements(j->big) - *big};
}

/* 16-bit mantissas. */
static void find_largest(const bt_pool_row *r, const int16_t *x, int16_t *out, uint8_t *index) {
  for (size_t i = 0; i < r->pixels * r->channels; i++) {
    const int16_t *from = x + i / r->channels * r->k * r->channels + i % r->channels;
    out[i] = *from;
    index[i] = 0;
    for (size_t p = 1; p < r->k * r->k; p++) {
      int16_t v = from[p / r->k * r->row + p % r->k * r->channels];
      index[i] = v > out[i] ? (uint8_t)p : index[i];
      out[i] = v > out[i] ? v : out[i];
    }
  }
}

static void scatter(const bt_pool_row *r, const int16_t *x, const uint8_t *index,
                    const uint8_t *mask, int16_t *out) {
  for (size_t i = 0; i < r->pixels * r->channels; i++) {
    size_t window = i / r->channels * r->k * r->channels + i % r->channels, p = index[i];
    size_t place = window + p / r->k * r->row + p % r->k * r->channels;
    out[place] = mask != NULL && mask[place] == 0 ? 0 : x[i];
  }
}

static void pool_samples(void *context, size_t first, size_t end, unsigned thread) {
  const pool_job *j = context;
  size_t small, big;
  (void)thread;
  for (size_t n = first; n < end; n++) {
    for (size_t h = 0; h < j->small->dim[1]; h++) {
      bt_pool_row r = row_of(j, n, h, &small, &big);
      uint8_t *index = (uint8_t *)j->c->out[1]->data + small;
      if (j->big->kind == BT_T_BFP16) {
        find_largest(&r, (const int16_t *)j->big->data + big, (int16_t *)j->small->data + small,
                     index);
        continue;
      }
      r.x = (const int8_t *)j->big->data + big;
      r.out = (int8_t *)j->small->data + small;
      r.index = index;
      j->f->kernels.pool(&r);
    }
  }
}

/* Zeros where no window reaches: beyond the last window of each row, and below the last row. */
static void clear_rest(const pool_job *j, size_t n) {
  const size_t *b = j->big->dim, *s = j->small->dim;
  size_t k = j->c->u.pool.k, size = bt_tensor_element_size(j->big);
  size_t row = b[2] * b[3] * size, used = s[2] * k * b[3] * size;
  uint8_t *sample = j->out + n * b[1] * row;
  for (size_t h = 0; h < b[1]; h++) {
    size_t from = h < s[1] * k ? used : 0;
    memset(sample + h * row + from, 0, row - from);
  }
}

static void back_samples(void *context, size_t first, size_t end, unsigned thread) {
  const pool_job *j = context;
  size_t small, big, per_sample = bt_tensor_elements(j->big) / j->big->dim[0];
  (void)thread;
  for (size_t n = first; n < end; n++) {
    clear_rest(j, n);
    if (j->big->kind == BT_T_BFP16) {
      memset(j->out + 2 * n * per_sample, 0, 2 * per_sample);
    }
    for (size_t h = 0; h < j->small->dim[1]; h++) {
      bt_pool_row r = row_of(j, n, h, &small, &big);
      r.index = (uint8_t *)j->c->in[1]->data + small;
      r.mask = j->mask == NULL ? NULL : j->mask + big;
      if (j->big->kind == BT_T_BFP16) {
        scatter(&r, (const int16_t *)j->small->data + small, r.index, r.mask,
                (int16_t *)(void *)j->out + big);
        continue;
      }
      r.x = (const int8_t *)j->small->data + small;
      r.out = (int8_t *)j->out + big;
      j->f->kernels.pool_back(&r);
    }
  }
}

bool bt_fast_pool(bt_fast *f, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  pool_job j = {.f = f, .c = c, .big = x, .small = c->out[0]};
  memcpy(c->out[0]->exp, x->exp, bt_tensor_exponents(x) * sizeof *x->exp);
  if (bt_tensor_elements(j.small) > 0) {
    bt_parts_run(f, x->dim[0], bt_tensor_elements(x) / x->dim[0], pool_samples, &j);
  }
  return true;
}

bool bt_fast_pool_back_gate(bt_fast *f, const bt_command *c, const bt_tensor *mask,
                            bt_tensor *out) {
  const bt_tensor *e = c->in[0];
  pool_job j = {.f = f, .c = c, .big = c->out[0], .small = e, .out = out->data};
  j.mask = mask == NULL ? NULL : mask->data;
  memcpy(out->exp, e->exp, bt_tensor_exponents(e) * sizeof *out->exp);
  if (bt_tensor_elements(out) > 0) {
    bt_parts_run(f, out->dim[0], bt_tensor_elements(out) / out->dim[0], back_samples, &j);
  }
  return true;
}

bool bt_fast_pool_back(bt_fast *f, const bt_command *c) {
  return bt_fast_pool_back_gate(f, c, NULL, c->out[0]);
}
