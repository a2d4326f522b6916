/* A task of windows: runs the tiles of a chunk's rows. */
#include <string.h>

#include "fast/windows.h"
#include "num/round.h"

#define FINISH_ROWS (8u * BT_TILE_ROWS) /* whose outputs of a panel stay in the first cache */
#define NARROW_ROWS (8u * FINISH_ROWS)  /* of few columns */
#define NARROW 64u                      /* columns; eight rows of fewer are taken as one */
#define COLUMNS (BT_TILE_VECTORS * BT_TILE_LANES)

/* The tiles of a panel in a block of k, all but their rows filled in. */
typedef struct {
  const bt_chunk *c;
  const bt_block_of_k *b;
  size_t panel, vectors, width;
  bool accumulate;    /* earlier blocks' sums are in out */
  bool spills;        /* a tile may write beyond its columns: those are written later */
  bt_word_tile tile[BT_MAX_SEGMENTS + 1];
} panel_work;

static void set_rows(const panel_work *p, size_t step, size_t row, size_t rows, bt_word_tile *t) {
  const bt_windows *s = p->c->s;
  const bt_plane *plane = &s->plane[s->step[step].plane];
  const uint8_t *image = p->c->buffer + plane->at;
  const uint32_t *position = s->position + row;
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    t->a[r] = image + position[r < rows ? r : 0] * plane->pixel;
  }
}

/* The steps of a block for one tile of full width. */
static void run_steps(panel_work *p, size_t row, size_t rows, int32_t *out, size_t out_step) {
  const bt_windows *s = p->c->s;
  for (size_t i = 0; i < p->b->steps; i++) {
    bt_word_tile *t = &p->tile[i];
    t->out = out;
    t->out_step = out_step;
    set_rows(p, p->b->step + i, row, rows, t);
    if (s->range_count > 1) {
      bt_windows_cut(s, p->b->step + i, p->panel, s->reach[row / BT_TILE_ROWS], t);
    }
    s->k->tile_a(t);
  }
}

/* The same, to out or, at the edges, through a place of full width. */
static void run_tile(panel_work *p, size_t row, size_t rows, int32_t *out) {
  const bt_windows *s = p->c->s;
  size_t cols = s->w->x.cols, full = p->vectors * s->k->lanes;
  size_t beyond = (p->c->rows - row - rows + 1) * cols - p->panel * s->panel_columns;
  bool direct = rows == BT_TILE_ROWS && (p->width == full || (p->spills && full <= beyond));
  int32_t edge[BT_TILE_ROWS * COLUMNS];
  if (!direct && p->accumulate) {
    memset(edge, 0, sizeof edge);
  }
  for (size_t r = 0; !direct && p->accumulate && r < rows; r++) {
    memcpy(edge + r * full, out + r * cols, p->width * sizeof *out);
  }
  run_steps(p, row, rows, direct ? out : edge, direct ? cols : full);
  for (size_t r = 0; !direct && r < rows; r++) {
    memcpy(out + r * cols, edge + r * full, p->width * sizeof *out);
  }
}

/* The same where sums need several passes, added in 64 bits. Their own 48-bit saturation cannot
 * occur: all magnitudes are below 2^31 in sum and shifts at most 16 (numerics 8.2). */
static void run_passes(panel_work *p, size_t row, size_t rows, int32_t *out) {
  const bt_windows *s = p->c->s;
  size_t cols = s->w->x.cols, full = p->vectors * s->k->lanes;
  int32_t part[BT_TILE_ROWS * COLUMNS];
  int64_t sum[BT_TILE_ROWS * COLUMNS] = {0};
  for (size_t i = 0; i < s->pass_count; i++) {
    const bt_pass *pass = &s->pass[i];
    for (size_t j = pass->step; j < pass->step + pass->steps; j++) {
      bt_word_tile *t = &p->tile[j];
      t->out = part;
      t->out_step = full;
      set_rows(p, j, row, rows, t);
      s->k->tile_a(t);
    }
    int64_t factor = INT64_C(1) << pass->shift;
    for (size_t j = 0; j < rows * full; j++) {
      sum[j] += part[j] * factor;
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < p->width; j++) {
      out[r * cols + j] = bt_align_finish(sum[r * full + j], s->w->plan.t);
    }
  }
}

/* Joins `rows` rows of one cell, `step` apart, to the extremes of its columns. */
static void join_extremes(const bt_windows *s, size_t rows, size_t width, const int32_t *m,
                          size_t step, int32_t *low, int32_t *high) {
  if (width == step && width < NARROW && rows >= 16) {
    int32_t least[8 * NARROW], most[8 * NARROW];
    memcpy(least, m, 8 * width * sizeof *m);
    memcpy(most, m, 8 * width * sizeof *m);
    for (; rows >= 8; rows -= 8, m += 8 * width) {
      s->k->extremes(8 * width, m, least, most);
    }
    for (size_t i = 0; i < 8; i++) {
      s->k->extremes(width, least + i * width, low, high);
      s->k->extremes(width, most + i * width, low, high);
    }
  }
  for (size_t r = 0; r < rows; r++) {
    s->k->extremes(width, m + r * step, low, high);
  }
}

/* Shifts finished sums of rows row..row+rows-1, `step` apart, of columns column..column+width-1
 * into place and finds their extremes, while they are near. */
static void finish_rows(const bt_chunk *c, size_t column, size_t width, size_t row, size_t rows,
                        int32_t *m, size_t step) {
  const bt_windows *s = c->s;
  size_t cols = s->w->x.cols, cell = s->cell_rows;
  int left = s->pass_count > 1 ? 0 : s->pass[0].shift - s->w->plan.t;
  for (size_t r = 0; left != 0 && r < rows; r++) {
    s->k->align(width, m + r * step, (unsigned)(left > 0 ? left : 0),
                (unsigned)(left < 0 ? -left : 0));
  }
  for (size_t r = 0, n; c->low != NULL && r < rows; r += n) {
    size_t number = (row + r) / cell, left_of_cell = (number + 1) * cell - (row + r);
    n = rows - r < left_of_cell ? rows - r : left_of_cell;
    join_extremes(s, n, width, m + r * step, step, c->low + number * cols + column,
                  c->high + number * cols + column);
  }
}

static void prepare_panel(panel_work *p) {
  const bt_windows *s = p->c->s;
  const uint8_t *words = bt_windows_panel(s, p->b, p->panel);
  size_t lanes = s->k->lanes;
  for (size_t i = 0; i < p->b->steps; i++) {
    const bt_step *step = &s->step[p->b->step + i];
    bt_word_tile *t = &p->tile[i];
    *t = (bt_word_tile){.words = step->words, .vectors = p->vectors,
                        .a_offset = s->a_offset + step->word,
                        .b_offset = s->b_offset[p->panel + 1 == s->panels],
                        .accumulate = !step->first, .shift = step->shift};
    if (s->start != NULL) {
      t->start = bt_windows_start(s, 0, p->b->step + i, p->panel);
    }
    for (size_t v = 0; v < p->vectors; v++) {
      t->b[v] = words + 4 * lanes * ((step->word - p->b->word) * p->vectors + v);
    }
  }
}

/* Field by field: an initialiser would clear all tiles. */
static void start_panel(panel_work *p, const bt_chunk *c, const bt_block_of_k *b, size_t panel) {
  const bt_windows *s = c->s;
  p->c = c;
  p->b = b;
  p->panel = panel;
  p->vectors = bt_windows_vectors(s, panel);
  p->width = bt_windows_width(s, panel);
  p->accumulate = b > s->block;
  p->spills = s->step_count == 1 && s->groups == 1;
  prepare_panel(p);
}

static void run_panel(const bt_chunk *c, const bt_block_of_k *b, size_t panel) {
  const bt_windows *s = c->s;
  bool last = b + 1 == s->block + s->block_count;
  panel_work p;
  start_panel(&p, c, b, panel);
  int32_t *out = (int32_t *)s->w->c->out[0]->data + c->row * s->w->x.cols +
                 panel * s->panel_columns;
  size_t strip = s->w->x.cols < NARROW ? NARROW_ROWS : FINISH_ROWS;
  for (size_t row = 0, finished = 0; row < c->rows; row += BT_TILE_ROWS) {
    size_t rows = c->rows - row < BT_TILE_ROWS ? c->rows - row : BT_TILE_ROWS;
    (s->pass_count > 1 ? run_passes : run_tile)(&p, row, rows, out + row * s->w->x.cols);
    size_t end = row + rows;
    if (last && (end == c->rows || end - finished >= strip)) {
      finish_rows(c, panel * s->panel_columns, p.width, finished, end - finished,
                  out + finished * s->w->x.cols, s->w->x.cols);
      finished = end;
    }
  }
}

/* All panels of the chunk's rows, strip by strip; the strips go past the caches. */
static void run_strips(const bt_chunk *c) {
  const bt_windows *s = c->s;
  size_t cols = s->w->x.cols, step = s->columns;
  int32_t *out = (int32_t *)s->w->c->out[0]->data + c->row * cols;
  for (size_t row = 0, rows; row < c->rows; row += rows) {
    rows = c->rows - row < s->strip_rows ? c->rows - row : s->strip_rows;
    for (size_t panel = 0; panel < s->panels; panel++) {
      panel_work p;
      start_panel(&p, c, s->block, panel);
      int32_t *to = c->strip + panel * s->panel_columns;
      for (size_t r = 0; r < rows; r += BT_TILE_ROWS) {
        run_steps(&p, row + r, rows - r, to + r * step, step);
      }
    }
    finish_rows(c, 0, cols, row, rows, c->strip, step);
    for (size_t r = 0; r < rows; r++) {
      s->k->stream(cols, c->strip + r * step, out + (row + r) * cols);
    }
  }
  s->k->fence();
}

/* The extremes that the task adds to: its thread's, or those of its own cells, begun here. */
static void begin_extremes(bt_chunk *c, unsigned thread) {
  const bt_windows *s = c->s;
  const bt_extremes *e = s->w->extremes;
  size_t cols = s->w->x.cols;
  if (e == NULL) {
    return;
  }
  if (s->low != NULL) {
    c->low = s->low + thread * cols;
    c->high = s->high + thread * cols;
    return;
  }
  size_t first = c->row / s->cell_rows, cells = c->rows / s->cell_rows;
  size_t column = c->first_panel * s->panel_columns, end = c->end_panel * s->panel_columns;
  c->low = e->low + first * cols;
  c->high = e->high + first * cols;
  for (size_t i = 0; i < cells; i++) {
    for (size_t j = column; j < end && j < cols; j++) {
      c->low[i * cols + j] = INT32_MAX;
      c->high[i * cols + j] = INT32_MIN;
    }
  }
}

void bt_windows_rows(void *windows, size_t task, unsigned thread) {
  const bt_windows *s = windows;
  size_t per_image = s->rows_h * s->rows_w, group = task % s->groups;
  bt_chunk c = {.s = s, .buffer = s->buffer + thread * s->buffer_size};
  c.image = task / s->groups * s->chunk_images;
  c.images = s->images - c.image < s->chunk_images ? s->images - c.image : s->chunk_images;
  c.row = c.image * per_image;
  c.rows = c.images * per_image;
  c.first_panel = group * s->panels / s->groups;
  c.end_panel = (group + 1) * s->panels / s->groups;
  c.strip = s->strip == NULL ? NULL : s->strip + thread * s->strip_size;
  begin_extremes(&c, thread);
  if (!s->filled[thread]) {
    memset(c.buffer, s->unit == 4 ? 0x80 : 0, s->buffer_size);
    s->filled[thread] = true;
  }
  for (size_t i = 0; i < s->block_count; i++) {
    if (i == 0 || s->single) {
      for (size_t j = i; j < (s->single ? i + 1 : s->block_count); j++) {
        bt_windows_fill(&c, &s->block[j]);
      }
    }
    if (s->strip != NULL) {
      run_strips(&c);
      continue;
    }
    for (size_t panel = c.end_panel; panel-- > c.first_panel;) {
      run_panel(&c, &s->block[i], panel);
    }
  }
}
