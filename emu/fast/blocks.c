/* Contractions with an operand in blocks tile or k32 (numerics 8.2), a row of outputs at a time.
 * All elements of the second operand lie ready as [k][column]. Runs of k in which no exponent of
 * the row changes are summed in 32 bits first, then shifted to each output's gref and added in 64. */
#include "fast/blocks.h"

#include <string.h>

#include "cmd/gather.h"
#include "fast/contract.h"
#include "num/align.h"
#include "num/round.h"

/* What a thread works with. */
typedef struct {
  int32_t *offset;           /* [k] */
  int16_t *m, *e;            /* [k] the first operand's row: mantissas and exponents */
  int16_t *low, *high, *gref; /* [columns] */
  int32_t *sum;              /* [columns] */
  int64_t *total;            /* [columns] */
  uint64_t dropped;
  int bits;
  bool order_matters; /* the aligner's 48 bits could saturate */
} area;

typedef struct {
  const bt_command *c;
  const bt_blocks_kernels *kernels;
  bt_geometry g;
  bt_direction d;
  bt_extent x;
  bool two_pass;
  size_t longest;    /* run that 32 bits hold */
  int16_t *block[2]; /* each operand's step exponents by block */
  int16_t *b, *e;    /* [k][columns] */
  const int16_t **line; /* [k] exponents of the columns, the same pointer where they are the same */
  area *areas;       /* [threads] */
} work;

static bool order_is_free(const bt_command *c, const bt_accumulator *acc, size_t k) {
  int bits = acc->chunk > 0 && acc->psum_bits < acc->acc_bits ? acc->psum_bits : acc->acc_bits;
  int64_t bound = (INT64_C(1) << (bits - 1)) - 1;
  int64_t a = bt_fast_format_largest(c->in[0]);
  int64_t b = c->in[1]->fmt.wl > 8 ? 128 : bt_fast_format_largest(c->in[1]);
  return acc->acc_shift == 0 &&
         ((int64_t)k <= bound / (a * b) || bt_fast_largest_sum(c) <= (uint64_t)bound);
}

static int16_t *find_exponents(bt_scratch *scratch, const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t);
  int16_t *e = bt_scratch_take(scratch, blocks * sizeof *e);
  for (size_t b = 0; e != NULL && b < blocks; b++) {
    e[b] = (int16_t)(bt_tensor_zero_block(t, b) ? BT_BLOCKS_NONE : t->exp[b] - (t->fmt.wl - 2));
  }
  return e;
}

/* Element offset[k] of an operand, for all k, `step` apart. */
static void read_line(const work *w, int operand, const int32_t *offset, size_t step, int16_t *m,
                      int16_t *e) {
  const bt_tensor *t = w->c->in[operand];
  for (size_t k = 0; k < w->x.k; k++) {
    size_t i = offset[k] < 0 ? 0 : (size_t)offset[k];
    int16_t exponent = w->block[operand][bt_tensor_exponent_of(t, i)];
    m[k * step] = (int16_t)(offset[k] < 0 ? 0 : bt_tensor_mantissa(t, i));
    e[k * step] = offset[k] < 0 ? BT_BLOCKS_NONE : exponent;
  }
}

static void read_column(void *context, size_t column, unsigned thread) {
  work *w = context;
  bt_gather_b(&w->g, w->d, column, w->areas[thread].offset);
  read_line(w, 1, w->areas[thread].offset, w->x.cols, w->b + column, w->e + column);
}

static void find_lines(work *w) {
  size_t columns = w->x.cols;
  for (size_t k = 0; k < w->x.k; k++) {
    const int16_t *e = w->e + k * columns;
    bool same = k > 0 && memcmp(e, e - columns, columns * sizeof *e) == 0;
    w->line[k] = same ? w->line[k - 1] : e;
  }
}

/* The end of the run of k that starts at first. */
static size_t run_end(const work *w, const area *t, size_t first) {
  size_t k = first + 1;
  while (k < w->x.k && k - first < w->longest && t->e[k] == t->e[first] &&
         w->line[k] == w->line[first]) {
    k++;
  }
  return k;
}

/* The exponents that the row's outputs align to, and how many products they drop. */
static void find_references(const work *w, area *t) {
  size_t n = w->x.cols;
  bool drops = false;
  for (size_t j = 0; j < n; j++) {
    t->low[j] = INT16_MAX;
    t->high[j] = INT16_MIN;
  }
  for (size_t k = 0; k < w->x.k; k = run_end(w, t, k)) {
    if (t->e[k] != BT_BLOCKS_NONE) {
      w->kernels->range(n, t->e[k], w->line[k], t->low, t->high);
    }
  }
  for (size_t j = 0; j < n; j++) {
    bool any = t->low[j] != INT16_MAX;
    int gref = t->high[j] - BT_ALIGN_BITS;
    drops = drops || (any && t->low[j] < gref);
    t->gref[j] = (int16_t)(t->low[j] > gref ? t->low[j] : gref);
  }
  for (size_t k = 0, end; drops && k < w->x.k; k = end) {
    end = run_end(w, t, k);
    if (t->e[k] != BT_BLOCKS_NONE) {
      t->dropped += (end - k) * w->kernels->below(n, t->e[k], w->line[k], t->gref);
    }
  }
}

static void add_runs(const work *w, area *t) {
  size_t n = w->x.cols;
  memset(t->total, 0, n * sizeof *t->total);
  for (size_t k = 0, end; k < w->x.k; k = end) {
    end = run_end(w, t, k);
    if (t->e[k] == BT_BLOCKS_NONE || (end == k + 1 && t->m[k] == 0)) {
      continue;
    }
    const int16_t *b = w->b + k * n;
    if (end == k + 1 && !w->two_pass) {
      w->kernels->add_one(n, t->e[k], w->line[k], t->gref, t->m[k], b, t->total);
    } else {
      w->kernels->multiply(n, end - k, t->m + k, b, t->sum);
      w->kernels->add(n, t->e[k], w->line[k], t->gref, t->sum, t->total);
    }
  }
}

static void finish_row(const work *w, area *t, size_t row) {
  bt_tensor *out = w->c->out[0];
  int32_t *m = (int32_t *)out->data + row * w->x.cols;
  int16_t *exponent = out->exp + row * w->x.cols;
  int wider = w->two_pass ? 7 : 0;
  for (size_t j = 0; j < w->x.cols; j++) {
    m[j] = 0;
    exponent[j] = BT_ZERO_EXPONENT;
    if (t->low[j] == INT16_MAX) {
      continue;
    }
    bt_alignment plan = bt_align_plan(t->low[j], t->high[j], w->x.k, -wider);
    m[j] = bt_align_finish(t->total[j], plan.t);
    exponent[j] = (int16_t)(plan.exponent + wider);
    t->bits = plan.bits > t->bits ? plan.bits : t->bits;
    /* In two passes a pair adds less than 2^22 before its shift. */
    int top = 22 + bt_clog2(w->x.k) + t->high[j] - t->gref[j];
    t->order_matters = t->order_matters || (w->two_pass && top > 47);
  }
}

static void run_row(void *context, size_t row, unsigned thread) {
  work *w = context;
  area *t = &w->areas[thread];
  bt_gather_a(&w->g, w->d, row, t->offset);
  read_line(w, 0, t->offset, 1, t->m, t->e);
  find_references(w, t);
  add_runs(w, t);
  finish_row(w, t, row);
}

static bool make_area(bt_scratch *s, area *t, size_t k, size_t columns) {
  *t = (area){.offset = bt_scratch_take(s, k * sizeof(int32_t)),
              .m = bt_scratch_take(s, k * sizeof(int16_t)),
              .e = bt_scratch_take(s, k * sizeof(int16_t)),
              .low = bt_scratch_take(s, columns * sizeof(int16_t)),
              .high = bt_scratch_take(s, columns * sizeof(int16_t)),
              .gref = bt_scratch_take(s, columns * sizeof(int16_t)),
              .sum = bt_scratch_take(s, columns * sizeof(int32_t)),
              .total = bt_scratch_take(s, columns * sizeof(int64_t))};
  return t->offset != NULL && t->m != NULL && t->e != NULL && t->low != NULL && t->high != NULL &&
         t->gref != NULL && t->sum != NULL && t->total != NULL;
}

static bool make_areas(bt_fast *f, work *w) {
  bt_scratch *s = f->scratch;
  size_t all = w->x.k * w->x.cols;
  unsigned threads = bt_threads_count(f->threads);
  w->block[0] = find_exponents(s, w->c->in[0]);
  w->block[1] = find_exponents(s, w->c->in[1]);
  w->b = bt_scratch_take(s, all * sizeof *w->b);
  w->e = bt_scratch_take(s, all * sizeof *w->e);
  w->line = bt_scratch_take(s, w->x.k * sizeof *w->line);
  w->areas = bt_scratch_take(s, threads * sizeof *w->areas);
  bool made = w->block[0] != NULL && w->block[1] != NULL && w->b != NULL && w->e != NULL &&
              w->line != NULL && w->areas != NULL;
  for (unsigned i = 0; made && i < threads; i++) {
    made = make_area(s, &w->areas[i], w->x.k, w->x.cols);
  }
  return made;
}

static const bt_blocks_kernels *pick_kernels(const bt_fast *f) {
#if defined(__x86_64__)
  if (strcmp(f->kernels.isa, "portable") != 0) {
    return &bt_blocks_avx2; /* which every other one includes */
  }
#endif
  (void)f;
  return &bt_blocks_portable;
}

bool bt_fast_blocks_contract(bt_fast *f, const bt_command *c, bt_counts *counts) {
  work w = {.c = c, .kernels = pick_kernels(f), .g = c->u.contract.geometry,
            .d = c->u.contract.direction, .two_pass = c->in[1]->fmt.wl > 8};
  w.x = bt_geometry_extent(&w.g, w.d);
  w.longest = w.two_pass ? 512 : w.x.k; /* one pass: any sum fits the accumulator */
  if (!order_is_free(c, &f->acc, w.x.k) || !make_areas(f, &w)) {
    return false;
  }
  bt_threads_run(f->threads, w.x.cols, read_column, &w);
  find_lines(&w);
  bt_threads_run(f->threads, w.x.rows, run_row, &w);
  uint64_t dropped = 0;
  c->out[0]->bits = 0;
  for (unsigned i = 0; i < bt_threads_count(f->threads); i++) {
    const area *t = &w.areas[i];
    if (t->order_matters) {
      return false;
    }
    dropped += t->dropped;
    c->out[0]->bits = t->bits > c->out[0]->bits ? t->bits : c->out[0]->bits;
  }
  counts->dropped += dropped;
  return true;
}
