/* The least and the largest mantissa of each column of a bfp tensor, rows shared out to the
 * threads. */
#include "fast/ends.h"

#include "fast/parts.h"

typedef struct {
  const bt_fast *f;
  const bt_tensor *x;
  size_t last;
  int32_t *low, *high; /* [threads][last] */
} job;

static void find_rows(void *context, size_t first, size_t end, unsigned thread) {
  const job *j = context;
  bt_columns c = {.wide_x = j->x->kind == BT_T_BFP16, .rows = end - first, .columns = j->last};
  c.x = (const uint8_t *)j->x->data + first * j->last * bt_tensor_element_size(j->x);
  j->f->kernels.ends(&c, j->low + thread * j->last, j->high + thread * j->last);
}

bool bt_fast_ends(bt_fast *f, const bt_tensor *x, bt_extremes *ends) {
  size_t last = bt_tensor_last(x), n = bt_threads_count(f->threads) * last;
  job j = {f, x, last, bt_scratch_take(f->scratch, n * sizeof *j.low),
           bt_scratch_take(f->scratch, n * sizeof *j.high)};
  if ((x->kind != BT_T_BFP8 && x->kind != BT_T_BFP16) || j.low == NULL || j.high == NULL) {
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    j.low[i] = INT32_MAX;
    j.high[i] = INT32_MIN;
  }
  bt_parts_run(f, bt_tensor_elements(x) / last, last, find_rows, &j);
  for (size_t i = last; i < n; i++) {
    int32_t *low = &j.low[i % last], *high = &j.high[i % last];
    *low = j.low[i] < *low ? j.low[i] : *low;
    *high = j.high[i] > *high ? j.high[i] : *high;
  }
  *ends = (bt_extremes){1, last, j.low, j.high};
  return true;
}
