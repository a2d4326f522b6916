/* moments, products: exact sums per last index in one pass (numerics 11.2), rows shared out to the
 * threads. */
#include <string.h>

#include "fast/commands.h"
#include "fast/parts.h"

typedef struct {
  const bt_fast *f;
  const bt_command *c;
  size_t last;
  int64_t *sum; /* [threads][2][last] */
} job;

static bool is_wide(const bt_tensor *t) { return t != NULL && t->kind == BT_T_BFP16; }

static void sum_rows(void *context, size_t first, size_t end, unsigned thread) {
  const job *j = context;
  const bt_tensor *x = j->c->in[0], *y = j->c->in[1];
  int64_t *sum = j->sum + 2 * thread * j->last;
  bt_columns c = {.kind = j->c->u.reduce.kind, .wide_x = is_wide(x), .wide_y = is_wide(y),
                  .rows = end - first, .columns = j->last};
  c.x = (const uint8_t *)x->data + first * j->last * bt_tensor_element_size(x);
  if (y != NULL) {
    c.y = (const uint8_t *)y->data + first * j->last * bt_tensor_element_size(y);
  }
  j->f->kernels.sums(&c, sum, sum + j->last);
}

bool bt_fast_sums(bt_fast *f, const bt_command *c) {
  const bt_tensor *x = c->in[0], *y = c->u.reduce.kind == BT_PRODUCTS ? c->in[1] : x;
  size_t last = bt_tensor_last(x), threads = bt_threads_count(f->threads);
  job j = {f, c, last, bt_scratch_take(f->scratch, threads * 2 * last * sizeof *j.sum)};
  if (j.sum == NULL) {
    return false;
  }
  memset(j.sum, 0, threads * 2 * last * sizeof *j.sum);
  bt_parts_run(f, bt_tensor_elements(x) / last, last, sum_rows, &j);
  for (size_t k = 0; k < 2; k++) {
    int64_t *out = c->out[k]->data;
    for (size_t i = 0; i < last; i++) {
      out[i] = 0;
      for (size_t t = 0; t < threads; t++) {
        out[i] += j.sum[(2 * t + k) * last + i];
      }
    }
  }
  c->out[0]->exp[0] = (int16_t)bt_tensor_step(x, 0);
  c->out[1]->exp[0] = (int16_t)(bt_tensor_step(x, 0) + bt_tensor_step(y, 0));
  return true;
}
