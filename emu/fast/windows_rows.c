/* A task of windows: packs a chunk of images with their padding and runs the tiles of its rows. */
#include <string.h>

#include "fast/windows.h"
#include "num/round.h"

#define FINISH_ROWS (8u * BT_TILE_ROWS) /* whose outputs of a panel stay in the first cache */
#define NARROW_ROWS (8u * FINISH_ROWS)  /* of few columns */
#define NARROW 64u                      /* columns; eight rows of fewer are taken as one */
#define COLUMNS (BT_TILE_VECTORS * BT_TILE_LANES)

typedef struct {
  const bt_windows *s;
  uint8_t *buffer;
  size_t image, images;     /* the chunk's */
  size_t row, rows;         /* the chunk's, of all outputs */
  size_t first_panel, end_panel;
  int32_t *low, *high;      /* the extremes that this task or thread finds: of its first cell */
} chunk;

/* The tiles of a panel in a block of k, all but their rows filled in. */
typedef struct {
  const chunk *c;
  const bt_block_of_k *b;
  size_t panel, vectors, width;
  bool accumulate;    /* earlier blocks' sums are in out */
  bool spills;        /* a tile may write beyond its columns: those are written later */
  bt_word_tile tile[BT_MAX_SEGMENTS + 1];
} panel_work;

static void gather(const bt_windows *s, const bt_plane *p, const int8_t *from, uint8_t *to) {
  const size_t *channel = s->channel + p->first;
  if (p->control != NULL) {
    s->k->choose(p->channels, s->source_c / 16, p->control, from, to);
    return;
  }
  if (s->unit == 4) {
    for (size_t i = 0; i < p->channels; i++) {
      to[i] = (uint8_t)((uint8_t)from[channel[i]] ^ 0x80u);
    }
    return;
  }
  for (size_t i = 0; i < p->channels; i++) {
    int16_t m = from[channel[i]];
    memcpy(to + 2 * i, &m, sizeof m);
  }
}

/* Columns x0..x1-1 of the source lie in the padded image. */
static void fill_row(const bt_windows *s, const bt_plane *p, const int8_t *from, uint8_t *to,
                     size_t x0, size_t x1) {
  uint8_t *first = to + (size_t)((ptrdiff_t)(x0 * s->spread) + s->left) * p->pixel;
  if (s->natural && s->spread == 1) {
    s->k->pack((x1 - x0) * p->channels, from + x0 * s->source_c, first);
    return;
  }
  for (size_t x = x0; x < x1; x++, first += s->spread * p->pixel) {
    if (s->natural) {
      s->k->pack(p->channels, from + x * s->source_c, first);
    } else {
      gather(s, p, from + x * s->source_c, first);
    }
  }
}

/* The first place of 0..n-1 that lies at `limit` or beyond, at `distance` from each other and the
 * first of them at `origin`. */
static size_t first_from(ptrdiff_t origin, size_t distance, size_t n, ptrdiff_t limit) {
  size_t i = 0;
  if (origin < limit) {
    i = ((size_t)(limit - origin) + distance - 1) / distance;
  }
  return i < n ? i : n;
}

static void fill_plane(const chunk *c, const bt_plane *p) {
  const bt_windows *s = c->s;
  size_t size = s->source_h * s->source_w * s->source_c;
  size_t x0 = first_from(s->left, s->spread, s->source_w, 0);
  size_t x1 = first_from(s->left, s->spread, s->source_w, (ptrdiff_t)s->width);
  size_t y0 = first_from(s->top, s->spread, s->source_h, 0);
  size_t y1 = first_from(s->top, s->spread, s->source_h, (ptrdiff_t)s->height);
  for (size_t i = 0; x0 < x1 && i < c->images; i++) {
    const int8_t *from = (const int8_t *)s->w->c->in[0]->data + (c->image + i) * size;
    uint8_t *to = c->buffer + p->at + i * s->height * s->width * p->pixel;
    for (size_t y = y0; y < y1; y++) {
      size_t at = (size_t)((ptrdiff_t)(y * s->spread) + s->top) * s->width * p->pixel;
      fill_row(s, p, from + y * s->source_w * s->source_c, to + at, x0, x1);
    }
  }
}

/* Images of one pixel: some of their channels. */
static void fill_single(const chunk *c, const bt_plane *p) {
  const bt_windows *s = c->s;
  const int8_t *from = (const int8_t *)s->w->c->in[0]->data + c->image * s->source_c;
  uint8_t *to = c->buffer + p->at;
  if (s->natural && p->channels == s->source_c && p->pixel == p->channels * s->element) {
    s->k->pack(c->images * p->channels, from, to);
    return;
  }
  for (size_t i = 0; i < c->images; i++, from += s->source_c, to += p->pixel) {
    if (s->natural) {
      s->k->pack(p->channels, from + p->first, to);
    } else {
      gather(s, p, from, to);
    }
  }
}

static void fill_block(const chunk *c, const bt_block_of_k *b) {
  const bt_windows *s = c->s;
  for (size_t i = b->step, done = SIZE_MAX; i < b->step + b->steps; i++) {
    if (s->step[i].plane != done) {
      done = s->step[i].plane;
      (s->single ? fill_single : fill_plane)(c, &s->plane[done]);
    }
  }
}

static void set_rows(const panel_work *p, size_t step, size_t row, size_t rows, bt_word_tile *t) {
  const bt_windows *s = p->c->s;
  const bt_plane *plane = &s->plane[s->step[step].plane];
  const uint8_t *image = p->c->buffer + plane->at;
  const uint32_t *position = s->position + row;
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    t->a[r] = image + position[r < rows ? r : 0] * plane->pixel;
  }
}

/* The steps of a block for one tile, to out or, at the edges, through a place of full width. */
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
  for (size_t i = 0; i < p->b->steps; i++) {
    bt_word_tile *t = &p->tile[i];
    t->out = direct ? out : edge;
    t->out_step = direct ? cols : full;
    set_rows(p, p->b->step + i, row, rows, t);
    s->k->tile_a(t);
  }
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

/* Joins `rows` rows of one cell to the extremes of its columns. */
static void join_extremes(const bt_windows *s, size_t rows, size_t width, const int32_t *m,
                          int32_t *low, int32_t *high) {
  size_t cols = s->w->x.cols;
  if (width == cols && cols < NARROW && rows >= 16) {
    int32_t least[8 * NARROW], most[8 * NARROW];
    memcpy(least, m, 8 * cols * sizeof *m);
    memcpy(most, m, 8 * cols * sizeof *m);
    for (; rows >= 8; rows -= 8, m += 8 * cols) {
      s->k->extremes(8 * cols, m, least, most);
    }
    for (size_t i = 0; i < 8; i++) {
      s->k->extremes(cols, least + i * cols, low, high);
      s->k->extremes(cols, most + i * cols, low, high);
    }
  }
  for (size_t r = 0; r < rows; r++) {
    s->k->extremes(width, m + r * cols, low, high);
  }
}

/* Shifts finished sums of a panel into place and finds their extremes, while they are near. */
static void finish_rows(const panel_work *p, size_t row, size_t rows, int32_t *out) {
  const bt_windows *s = p->c->s;
  size_t cols = s->w->x.cols;
  int left = s->pass_count > 1 ? 0 : s->pass[0].shift - s->w->plan.t;
  for (size_t r = 0; left != 0 && r < rows; r++) {
    s->k->align(p->width, out + r * cols, (unsigned)(left > 0 ? left : 0),
                (unsigned)(left < 0 ? -left : 0));
  }
  if (p->c->low == NULL) {
    return;
  }
  size_t cell = s->cell_rows, column = p->panel * s->panel_columns;
  for (size_t r = 0, n; r < rows; r += n) {
    size_t number = (row + r) / cell, left_of_cell = (number + 1) * cell - (row + r);
    n = rows - r < left_of_cell ? rows - r : left_of_cell;
    join_extremes(s, n, p->width, out + r * cols, p->c->low + number * cols + column,
                  p->c->high + number * cols + column);
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
      t->start = s->start + (p->b->step + i) * s->columns + p->panel * s->panel_columns;
    }
    for (size_t v = 0; v < p->vectors; v++) {
      t->b[v] = words + 4 * lanes * ((step->word - p->b->word) * p->vectors + v);
    }
  }
}

static void run_panel(const chunk *c, const bt_block_of_k *b, size_t panel) {
  const bt_windows *s = c->s;
  bool last = b + 1 == s->block + s->block_count;
  panel_work p = {.c = c, .b = b, .panel = panel, .vectors = bt_windows_vectors(s, panel),
                  .width = bt_windows_width(s, panel), .accumulate = b > s->block};
  p.spills = s->step_count == 1 && s->groups == 1;
  int32_t *out = (int32_t *)s->w->c->out[0]->data + c->row * s->w->x.cols +
                 panel * s->panel_columns;
  size_t strip = s->w->x.cols < NARROW ? NARROW_ROWS : FINISH_ROWS;
  prepare_panel(&p);
  for (size_t row = 0, finished = 0; row < c->rows; row += BT_TILE_ROWS) {
    size_t rows = c->rows - row < BT_TILE_ROWS ? c->rows - row : BT_TILE_ROWS;
    (s->pass_count > 1 ? run_passes : run_tile)(&p, row, rows, out + row * s->w->x.cols);
    size_t end = row + rows;
    if (last && (end == c->rows || end - finished >= strip)) {
      finish_rows(&p, finished, end - finished, out + finished * s->w->x.cols);
      finished = end;
    }
  }
}

/* The extremes that the task adds to: its thread's, or those of its own cells, begun here. */
static void begin_extremes(chunk *c, unsigned thread) {
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
  chunk c = {.s = s, .buffer = s->buffer + thread * s->buffer_size};
  c.image = task / s->groups * s->chunk_images;
  c.images = s->images - c.image < s->chunk_images ? s->images - c.image : s->chunk_images;
  c.row = c.image * per_image;
  c.rows = c.images * per_image;
  c.first_panel = group * s->panels / s->groups;
  c.end_panel = (group + 1) * s->panels / s->groups;
  begin_extremes(&c, thread);
  if (!s->filled[thread]) {
    memset(c.buffer, s->unit == 4 ? 0x80 : 0, s->buffer_size);
    s->filled[thread] = true;
  }
  for (size_t i = 0; i < s->block_count; i++) {
    if (i == 0 || s->single) {
      for (size_t j = i; j < (s->single ? i + 1 : s->block_count); j++) {
        fill_block(&c, &s->block[j]);
      }
    }
    for (size_t panel = c.end_panel; panel-- > c.first_panel;) {
      run_panel(&c, &s->block[i], panel);
    }
  }
}
