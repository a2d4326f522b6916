/* contract, in order: the walk over rows, panels of columns and segments of terms. */
#include "fast/ordered.h"

#include <string.h>

#include "fast/ordered_pieces.h"
#include "num/error.h"
#include "num/round.h"

#define SEGMENT 256u                 /* terms that are gathered at a time, at most */
#define A_STEP (SEGMENT + 16u)       /* rows do not fall on the same sets of a cache */
#define BLOCK_ROWS 48u
#define BLOCK_PANELS 16u
#define MOST_ROWS 6u     /* of a tile */
#define MOST_COLUMNS 64u /* of a panel */

/* A thread's work areas, for a block of `rows` rows and `panels` panels of columns. */
typedef struct {
  int32_t *a;          /* [rows][A_STEP] */
  uint16_t *sums;      /* [rows / tile_rows][SEGMENT] (ordered_tile.h), piece after piece */
  void *b;             /* [SEGMENT][width] */
  void *lanes;         /* [panels][rows][width] accumulators, or partial sums of chunks */
  int32_t *acc;        /* the same, of accumulators that chunks enter */
  int64_t *sum;        /* the same, over groups */
  uint16_t *draws;     /* [terms + 1][width] */
  bt_ordered_draws stream;
  uint64_t saturations;
} area;

typedef bt_ordered_segment segment;
typedef bt_ordered_piece piece;

typedef struct {
  bt_ordered o;
  size_t block_rows, block_panels; /* of a task */
  size_t row_tasks;
  area *areas;                     /* one a thread */
} job;

/* Rows and panels worked on together. */
typedef struct {
  size_t row, rows, panel, panels;
  area *w;
} block;

static size_t tiles_of(const bt_ordered *o, size_t rows) {
  return (rows + o->tile_rows - 1) / o->tile_rows;
}

/* The largest sums of |a| over the stretches of a tile's rows. */
static void find_sums(const bt_ordered *o, const segment *s, const int32_t *a, uint16_t *sums) {
  for (piece p = {0}; bt_ordered_next(o, s, &p);) {
    for (size_t i = 0, l = p.stretch; i < p.n; i += BT_ORDERED_STRETCH, l++) {
      size_t end = p.n - i < BT_ORDERED_STRETCH ? p.n : i + BT_ORDERED_STRETCH;
      uint32_t most = 0;
      for (size_t r = 0; r < o->tile_rows; r++) {
        uint32_t sum = 0;
        for (size_t k = p.at + i; k < p.at + end; k++) {
          int32_t m = (int16_t)(a[r * A_STEP + k] & 0xFFFF);
          sum += (uint32_t)(m < 0 ? -m : m);
        }
        most = sum > most ? sum : most;
      }
      sums[l] = (uint16_t)(most >> o->way.a_shift);
    }
  }
}

static void gather_rows(const bt_ordered *o, const block *k, const segment *s) {
  area *w = k->w;
  size_t tiles = tiles_of(o, k->rows);
  bt_ordered_gather_a(o, k->row, k->rows, s->begin, s->n, w->a, A_STEP);
  for (size_t r = k->rows; r < tiles * o->tile_rows; r++) {
    memset(w->a + r * A_STEP, 0, s->n * sizeof *w->a);
  }
  for (size_t t = 0; t < tiles; t++) {
    find_sums(o, s, w->a + t * o->tile_rows * A_STEP, w->sums + t * SEGMENT);
  }
}

static bt_entry entry_of(const bt_ordered *o) {
  return o->acc.acc_shift == 0                          ? BT_ENTRY_EXACT
         : o->acc.acc_round.mode == BT_STOCHASTIC   ? BT_ENTRY_DRAWN
         : o->acc.acc_round.mode == BT_NEAREST_EVEN ? BT_ENTRY_NEAREST
                                                    : BT_ENTRY_FLOOR;
}

static const void *offset(const bt_ordered *o, const void *base, size_t lanes) {
  return base == NULL ? NULL : (const uint8_t *)base + lanes * bt_ordered_lane(o);
}

static const uint16_t *draws_from(const bt_ordered *o, const area *w, size_t term) {
  return o->stochastic ? w->draws + term * o->width : NULL;
}

/* A segment's terms for one tile, whose accumulators stand from `state` on. */
static void add_segment(const bt_ordered *o, const segment *s, const block *k, size_t tile,
                        const void *b, size_t state) {
  area *w = k->w;
  bt_ordered_tile t = {.way = &o->way, .a_step = A_STEP};
  t.acc = (uint8_t *)w->lanes + state * bt_ordered_lane(o);
  for (piece p = {0}; bt_ordered_next(o, s, &p);) {
    t.terms = p.n;
    t.a = w->a + tile * o->tile_rows * A_STEP + p.at;
    t.b = offset(o, b, p.at * o->width);
    t.draws = draws_from(o, w, s->begin + p.at);
    t.sums = w->sums + tile * SEGMENT + p.stretch;
    w->saturations += o->f->kernels.ordered.add(&t);
    if (p.ends) {
      bt_ordered_chunk c = {.entry = entry_of(o), .shift = o->acc.acc_shift,
                            .bits = o->acc.acc_bits, .wrap = o->acc.wrap, .wide = o->way.wide,
                            .scale = o->way.scale, .rows = o->tile_rows, .columns = o->width,
                            .partial = t.acc, .acc = w->acc + state};
      c.draws = draws_from(o, w, p.first);
      w->saturations += o->f->kernels.ordered.enter(&c);
    }
  }
}

/* The accumulators of n lanes from `state` on, shifted right by `right`. */
static void read_lanes(const bt_ordered *o, const area *w, size_t state, size_t n, int right,
                       int32_t *to) {
  if (o->acc.chunk == 0 && !o->way.wide) {
    const int16_t *from = (const int16_t *)w->lanes + state;
    right = right + o->way.scale > 31 ? 31 : right + o->way.scale;
    for (size_t i = 0; i < n; i++) {
      to[i] = from[i] >> right;
    }
    return;
  }
  const int32_t *from = (o->acc.chunk > 0 ? w->acc : (const int32_t *)w->lanes) + state;
  for (size_t i = 0; i < n; i++) {
    to[i] = from[i] >> right;
  }
}

/* As bt_align_add() and bt_align_finish(), n lanes from `state` on. */
static void add_group(const bt_ordered *o, area *w, int shift, size_t state, size_t n) {
  const int64_t high = (INT64_C(1) << 47) - 1;
  int32_t partial[MOST_ROWS * MOST_COLUMNS];
  int64_t *to = w->sum + state;
  read_lanes(o, w, state, n, 0, partial);
  for (size_t i = 0; i < n; i++) {
    int64_t sum = to[i] + (int64_t)partial[i] * (INT64_C(1) << shift);
    to[i] = sum > high ? high : sum < -high - 1 ? -high - 1 : sum;
  }
}

static void finish_row(const bt_ordered *o, const area *w, size_t state, size_t n, int32_t *out) {
  int t = o->plan.align.t;
  if (!o->plan.adds) {
    read_lanes(o, w, state, n, t > 31 ? 31 : t, out);
    return;
  }
  for (size_t j = 0; j < n; j++) {
    int64_t sum = bt_shift_floor(w->sum[state + j], t);
    out[j] = (int32_t)(sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
  }
}

/* A row of a panel, or when swapped an output column, whose accumulators stand from `state` on. */
static void store_row(const bt_ordered *o, const area *w, size_t state, size_t row, size_t panel) {
  size_t columns = bt_ordered_columns(o, panel);
  int32_t *out = o->c->out[0]->data, sums[MOST_COLUMNS];
  if (!o->swapped) {
    finish_row(o, w, state, columns, out + row * o->x.cols + panel * o->width);
    return;
  }
  finish_row(o, w, state, columns, sums);
  out += panel * o->width * o->x.cols + row;
  for (size_t j = 0; j < columns; j++) {
    out[j * o->x.cols] = sums[j];
  }
}

static void start_group(const bt_ordered *o, area *w, size_t state, size_t n) {
  memset((uint8_t *)w->lanes + state * bt_ordered_lane(o), 0, n * bt_ordered_lane(o));
  if (o->acc.chunk > 0) {
    memset(w->acc + state, 0, n * sizeof *w->acc);
  }
}

/* What follows a tile's segment: the group's end, and the output's. */
static void end_segment(const bt_ordered *o, const segment *s, const block *k, size_t tile,
                        size_t panel, size_t state) {
  area *w = k->w;
  size_t n = o->tile_rows * o->width, end = s->begin + s->n;
  if (end != s->group->end) {
    return;
  }
  if (o->plan.adds) {
    add_group(o, w, s->group->shift, state, n);
  }
  if (s->group != &o->plan.group[o->plan.groups - 1]) {
    return;
  }
  for (size_t r = 0; r < o->tile_rows && tile * o->tile_rows + r < k->rows; r++) {
    store_row(o, w, state + r * o->width, k->row + tile * o->tile_rows + r, panel);
  }
}

static void run_segment(const bt_ordered *o, const segment *s, const block *k) {
  area *w = k->w;
  size_t tiles = tiles_of(o, k->rows), n = o->tile_rows * o->width;
  gather_rows(o, k, s);
  for (size_t p = 0; p < k->panels; p++) {
    size_t panel = k->panel + p;
    const void *b = offset(o, o->b, (panel * o->terms + s->begin) * o->width);
    if (b == NULL) {
      bt_ordered_gather_b(o, panel, s->begin, s->n, w->b);
      b = w->b;
    }
    for (size_t t = 0; t < tiles; t++) {
      size_t state = (p * tiles + t) * n;
      if (s->begin == s->group->begin) {
        start_group(o, w, state, n);
      }
      add_segment(o, s, k, t, b, state);
      end_segment(o, s, k, t, panel, state);
    }
  }
}

static void run_block(const bt_ordered *o, const block *k) {
  if (o->plan.adds) {
    memset(k->w->sum, 0, k->panels * tiles_of(o, k->rows) * o->tile_rows * o->width *
                             sizeof *k->w->sum);
  }
  for (size_t g = 0; g < o->plan.groups; g++) {
    segment s = {.group = &o->plan.group[g]};
    for (s.begin = s.group->begin; s.begin < s.group->end; s.begin += s.n) {
      s.n = s.group->end - s.begin < SEGMENT ? s.group->end - s.begin : SEGMENT;
      run_segment(o, &s, k);
    }
  }
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* A task is a block; with draws, the panels of each row follow each other. */
static void run_task(void *context, size_t task, unsigned thread) {
  job *j = context;
  const bt_ordered *o = &j->o;
  block k = {.w = &j->areas[thread]};
  k.row = task % j->row_tasks * j->block_rows;
  k.rows = least(j->block_rows, o->rows - k.row);
  k.panel = task / j->row_tasks * j->block_panels;
  k.panels = least(j->block_panels, o->panels - k.panel);
  if (!o->stochastic) {
    run_block(o, &k);
    return;
  }
  bt_ordered_seek(o, k.row, &k.w->stream);
  for (size_t end = k.row + k.rows; k.row < end; k.row++) {
    for (k.panel = 0; k.panel < o->panels; k.panel++) {
      k.rows = k.panels = 1;
      bt_ordered_draw(o, k.panel, &k.w->stream, k.w->draws);
      run_block(o, &k);
    }
  }
}

static void gather_panel(void *context, size_t task, unsigned thread) {
  const bt_ordered *o = &((job *)context)->o;
  (void)thread;
  bt_ordered_gather_b(o, task, 0, o->terms,
                      (uint8_t *)o->b + task * o->terms * o->width * bt_ordered_lane(o));
}

static void fill_image(void *context, size_t task, unsigned thread) {
  (void)thread;
  bt_ordered_fill_image(&((job *)context)->o, task);
}

/* Tasks large enough to use what they gather more than once, and enough of them. */
static void cut_tasks(job *j) {
  const bt_ordered *o = &j->o;
  size_t threads = bt_threads_count(o->f->threads), wanted = threads == 1 ? 1 : 4 * threads;
  size_t tiles = tiles_of(o, o->rows), most = BLOCK_ROWS / o->tile_rows;
  if (o->stochastic) {
    j->block_rows = (o->rows + wanted - 1) / wanted;
    j->block_panels = o->panels;
  } else {
    size_t rows = least(most, tiles), blocks = (tiles + rows - 1) / rows;
    size_t parts = (wanted + blocks - 1) / blocks; /* of the columns */
    j->block_panels = least(BLOCK_PANELS, (o->panels + parts - 1) / parts);
    parts = (o->panels + j->block_panels - 1) / j->block_panels;
    rows = least(rows, (tiles * parts + wanted - 1) / wanted);
    j->block_rows = rows * o->tile_rows;
  }
  j->row_tasks = (o->rows + j->block_rows - 1) / j->block_rows;
}

static bool make_area(job *j, area *w) {
  const bt_ordered *o = &j->o;
  bt_scratch *s = o->f->scratch;
  size_t rows = o->stochastic ? o->tile_rows : j->block_rows, lane = bt_ordered_lane(o);
  size_t state = rows * o->width * (o->stochastic ? 1 : j->block_panels);
  *w = (area){0};
  w->a = bt_scratch_take(s, rows * A_STEP * sizeof *w->a);
  w->sums = bt_scratch_take(s, rows / o->tile_rows * SEGMENT * sizeof *w->sums);
  w->b = bt_scratch_take(s, SEGMENT * o->width * lane + BT_ORDERED_SLACK);
  w->lanes = bt_scratch_take(s, state * lane);
  w->acc = bt_scratch_take(s, o->acc.chunk > 0 ? state * sizeof *w->acc : 0);
  w->sum = bt_scratch_take(s, o->plan.adds ? state * sizeof *w->sum : 0);
  if (o->stochastic) {
    size_t draws = (o->terms + 1) * o->width * sizeof *w->draws;
    size_t stream = bt_ordered_stream(o) * sizeof *w->stream.stream;
    w->draws = bt_scratch_take(s, draws);
    w->stream.stream = bt_scratch_take(s, stream);
    if (w->draws == NULL || w->stream.stream == NULL) {
      return false;
    }
    memset(w->draws, 0, draws); /* of the columns that fill up a panel, too */
    memset(w->stream.stream, 0, stream);
  }
  return w->a != NULL && w->sums != NULL && w->b != NULL && w->lanes != NULL && w->acc != NULL &&
         w->sum != NULL;
}

static bool make_areas(job *j) {
  bt_ordered *o = &j->o;
  size_t threads = bt_threads_count(o->f->threads);
  o->zeros = bt_scratch_take(o->f->scratch, o->g.c > o->g.o ? o->g.c : o->g.o);
  j->areas = bt_scratch_take(o->f->scratch, threads * sizeof *j->areas);
  if (o->zeros == NULL || j->areas == NULL) {
    return false;
  }
  memset(o->zeros, 0, o->g.c > o->g.o ? o->g.c : o->g.o);
  for (size_t i = 0; i < threads; i++) {
    if (!make_area(j, &j->areas[i])) {
      return false;
    }
  }
  if (o->d == BT_WEIGHT_GRADIENT || o->swapped) {
    return bt_ordered_make_image(o);
  }
  o->b = bt_scratch_take(o->f->scratch, o->panels * o->terms * o->width * bt_ordered_lane(o));
  return o->b != NULL;
}

static void run_job(job *j, bt_counts *counts) {
  bt_ordered *o = &j->o;
  size_t panel_tasks = (o->panels + j->block_panels - 1) / j->block_panels;
  if (o->b != NULL) {
    bt_threads_run(o->f->threads, o->panels, gather_panel, j);
  }
  if (o->image.words != NULL) {
    bt_threads_run(o->f->threads, o->g.n, fill_image, j);
  }
  bt_threads_run(o->f->threads, j->row_tasks * panel_tasks, run_task, j);
  for (size_t i = 0; i < bt_threads_count(o->f->threads); i++) {
    counts->saturations += j->areas[i].saturations;
  }
  counts->dropped += bt_ordered_dropped(o);
}

static void choose_tile(bt_ordered *o) {
  const bt_ordered_kernels *k = &o->f->kernels.ordered;
  int bits = o->acc.chunk > 0 ? o->acc.psum_bits : o->acc.acc_bits;
  o->swapped = !o->stochastic && bt_ordered_swaps(o->c, k, bits > 16);
  o->rows = o->swapped ? o->x.cols : o->x.rows;
  o->columns = o->swapped ? o->x.rows : o->x.cols;
  o->way = bt_ordered_find_way(o, bits, o->acc.chunk > 0 ? BT_ENTRY_EXACT : entry_of(o));
  o->tile_rows = o->way.entry == BT_ENTRY_DRAWN ? 1 : k->rows;
  o->width = o->way.wide ? k->columns / 2 : k->columns;
  o->panels = (o->columns + o->width - 1) / o->width;
}

bt_status bt_fast_ordered(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                          bt_error *error) {
  job j = {.o = {.c = c, .f = f, .g = c->u.contract.geometry, .d = c->u.contract.direction,
                 .acc = f->acc, .two_pass = c->in[1]->fmt.wl > 8}};
  bt_ordered *o = &j.o;
  o->x = bt_geometry_extent(&o->g, o->d);
  if (c->u.contract.nearest && o->acc.acc_round.mode == BT_STOCHASTIC) {
    o->acc.acc_round.mode = BT_NEAREST_EVEN;
  }
  o->stochastic = entry_of(o) == BT_ENTRY_DRAWN;
  choose_tile(o);
  bool made = bt_ordered_make_plan(o) && (!o->stochastic || bt_ordered_start(o, rng));
  if (made) {
    cut_tasks(&j);
    made = make_areas(&j);
  }
  if (!made) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  if (o->plan.any) {
    run_job(&j, counts);
  } else {
    memset(c->out[0]->data, 0, o->x.rows * o->x.cols * sizeof(int32_t));
  }
  bt_ordered_write_exponents(o);
  if (o->stochastic) {
    bt_lanes_finish(rng, &o->f->jump, &o->acc.acc_round, o->x.rows * o->x.cols * o->x.k);
  }
  return BT_OK;
}
