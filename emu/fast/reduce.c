/* reduce: exact sums and extremes per last index (numerics 11), rows shared out to the threads:
 * the results of parts join exactly, so their order is free. */
#include <limits.h>
#include <string.h>

#include "fast/commands.h"
#include "fast/parts.h"
#include "num/align.h"
#include "num/round.h"

typedef struct {
  const bt_fast *f;
  const bt_command *c;
  size_t last, rows_each; /* of a run of rows that share a block (numerics 11.1) */
  const int *shift;       /* of each run, -1 for a run that does not count; NULL: all rows alike */
  int64_t *result;        /* [threads][last] */
  int64_t *run;           /* [threads][last] one run's sums */
} reduce_job;

static int64_t start_of(bt_reduction kind) {
  return kind == BT_MIN ? INT64_MAX : kind == BT_MAX ? INT64_MIN : 0;
}

/* Rows first..end-1, added to (or compared with) result. */
static void reduce_rows(const reduce_job *j, size_t first, size_t end, int64_t *result) {
  const bt_tensor *x = j->c->in[0], *y = j->c->u.reduce.kind == BT_SUM_XY ? j->c->in[1] : NULL;
  bt_columns c = {.kind = j->c->u.reduce.kind, .wide_x = x->kind == BT_T_BFP16,
                  .wide_y = y != NULL && y->kind == BT_T_BFP16, .rows = end - first,
                  .columns = j->last};
  c.x = (const uint8_t *)x->data + first * j->last * bt_tensor_element_size(x);
  c.y = y == NULL ? NULL
                  : (const uint8_t *)y->data + first * j->last * bt_tensor_element_size(y);
  j->f->kernels.reduce(&c, result);
}

static void reduce_part(void *context, size_t first, size_t end, unsigned thread) {
  const reduce_job *j = context;
  int64_t *result = j->result + thread * j->last, *run = j->run + thread * j->last;
  if (j->shift == NULL) {
    reduce_rows(j, first, end, result);
    return;
  }
  for (size_t b = first; b < end; b++) {
    if (j->shift[b] < 0) {
      continue;
    }
    memset(run, 0, j->last * sizeof *run);
    reduce_rows(j, b * j->rows_each, (b + 1) * j->rows_each, run);
    for (size_t i = 0; i < j->last; i++) {
      result[i] += bt_shift_left(run[i], j->shift[b]);
    }
  }
}

/* Runs the job over `items` rows, or runs of rows; false when out of memory. */
static bool reduce_all(reduce_job *j, size_t items) {
  size_t threads = bt_threads_count(j->f->threads), n = threads * j->last;
  bt_reduction kind = j->c->u.reduce.kind;
  j->result = bt_scratch_take(j->f->scratch, n * sizeof *j->result);
  j->run = bt_scratch_take(j->f->scratch, n * sizeof *j->run);
  if (j->result == NULL || j->run == NULL) {
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    j->result[i] = start_of(kind);
  }
  bt_parts_run(j->f, items, j->rows_each * j->last, reduce_part, j);
  for (size_t i = j->last; i < n; i++) {
    int64_t *to = &j->result[i % j->last], v = j->result[i];
    bool more = kind == BT_MIN ? v < *to : v > *to;
    *to = kind == BT_MIN || kind == BT_MAX ? (more ? v : *to) : *to + v;
  }
  return true;
}

static void write_sums(const reduce_job *j, int t) {
  int32_t *out = j->c->out[0]->data;
  for (size_t i = 0; i < j->last; i++) {
    out[i] = (int32_t)bt_saturate(bt_shift_floor(j->result[i], t), INT32_MIN, INT32_MAX);
  }
}

static bool reduce_tensor(reduce_job *j, size_t rows) {
  const bt_tensor *x = j->c->in[0];
  bt_tensor *out = j->c->out[0];
  bt_reduction kind = j->c->u.reduce.kind;
  int bits = bt_tensor_width(x), exponent = bt_tensor_step(x, 0);
  if (kind == BT_SUM_XX || kind == BT_SUM_XY) {
    const bt_tensor *y = kind == BT_SUM_XX ? x : j->c->in[1];
    bits += bt_tensor_width(y);
    exponent += bt_tensor_step(y, 0);
  }
  bits += kind != BT_MIN && kind != BT_MAX ? bt_clog2(rows) : 0;
  int t = bits > 31 ? bits - 31 : 0;
  j->rows_each = 1;
  if (!reduce_all(j, rows)) {
    return false;
  }
  write_sums(j, t);
  out->exp[0] = (int16_t)(exponent + t);
  out->bits = bits - t;
  return true;
}

/* Shifts of the blocks to gref, and gref itself; false where no block counts. */
static bool align_blocks(const bt_tensor *x, int *shift, int *gref, int *spread) {
  size_t blocks = x->dim[0];
  int gmin = INT_MAX, gmax = INT_MIN;
  for (size_t b = 0; b < blocks; b++) {
    shift[b] = bt_tensor_zero_block(x, b) ? -1 : 0;
    gmin = shift[b] == 0 && x->exp[b] < gmin ? x->exp[b] : gmin;
    gmax = shift[b] == 0 && x->exp[b] > gmax ? x->exp[b] : gmax;
  }
  if (gmax == INT_MIN) {
    return false;
  }
  *gref = gmax - gmin > BT_ALIGN_BITS ? gmax - BT_ALIGN_BITS : gmin;
  *spread = gmax - *gref;
  for (size_t b = 0; b < blocks; b++) {
    bool counts = shift[b] == 0 && x->exp[b] >= *gref;
    shift[b] = counts ? x->exp[b] - *gref : -1;
  }
  return true;
}

/* A block an index of dimension 0: every column has elements in every block (numerics 11.1). */
static bool sum_blocks(reduce_job *j, size_t rows) {
  const bt_tensor *x = j->c->in[0];
  bt_tensor *out = j->c->out[0];
  int *shift = bt_scratch_take(j->f->scratch, x->dim[0] * sizeof *shift), gref = 0, spread = 0;
  j->rows_each = rows / x->dim[0];
  j->shift = shift;
  if (shift == NULL) {
    return false;
  }
  bool any = align_blocks(x, shift, &gref, &spread);
  int bits = any ? bt_tensor_width(x) + bt_clog2(rows) + spread : 0, t = bits > 31 ? bits - 31 : 0;
  if (!reduce_all(j, x->dim[0])) {
    return false;
  }
  write_sums(j, t);
  for (size_t i = 0; i < j->last; i++) {
    out->exp[i] = (int16_t)(any ? gref - (x->fmt.wl - 2) + t : BT_ZERO_EXPONENT);
  }
  out->bits = bits - t;
  return true;
}

bool bt_fast_reduce(bt_fast *f, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  reduce_job j = {.f = f, .c = c, .last = bt_tensor_last(x)};
  size_t rows = bt_tensor_elements(x) / j.last;
  if (c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS) {
    return bt_fast_sums(f, c);
  }
  if (x->fmt.block == BT_BLOCK_TENSOR) {
    return reduce_tensor(&j, rows);
  }
  if (bt_tensor_has_tiles(x) || x->ndim < 2) {
    return false;
  }
  return sum_blocks(&j, rows);
}
