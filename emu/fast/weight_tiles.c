/* Adds a block of a weight gradient: a task takes a panel of columns through all of the block's
 * words, for a run of row tiles, in steps that keep the panel in the L1 cache. */
#include <string.h>

#include "fast/weight.h"

#define TASKS_A_THREAD 4u
#define COPY_TILES 3u /* from so many row tiles on, the panel's words are first put side by side */

typedef struct {
  bt_weight *s;
  size_t runs; /* of row tiles */
} tiling;

/* Vectors of the image: windows' rows by pieces of `lanes` columns. */
typedef struct {
  size_t vectors, column, width; /* of out: the first, all of them */
  bool whole;                    /* no vector reaches beyond its window's row */
  size_t offset[BT_TILE_VECTORS], valid[BT_TILE_VECTORS]; /* bytes in the image; columns */
} panel;

static panel describe_panel(const bt_weight *s, size_t number) {
  const bt_geometry *g = &s->g;
  const bt_kernels *k = &s->w->f->kernels;
  size_t first = number * k->vectors, run = g->kw * g->c;
  panel p = {.vectors = s->vectors - first < k->vectors ? s->vectors - first : k->vectors};
  for (size_t v = 0; v < p.vectors; v++) {
    size_t kh = (first + v) / s->run_vectors, j = (first + v) % s->run_vectors * k->lanes;
    p.offset[v] = (kh * s->image_width * g->c + j) * 4;
    p.valid[v] = run - j < k->lanes ? run - j : k->lanes;
    p.column = v == 0 ? kh * run + j : p.column;
    p.width += p.valid[v];
  }
  p.whole = p.width == p.vectors * k->lanes;
  return p;
}

/* The panel's words of a step, one after the other. */
static void copy_panel(const bt_weight *s, const panel *p, const bt_weight_step *step,
                       uint8_t *to) {
  size_t bytes = s->w->f->kernels.lanes * 4;
  const int32_t *at = s->b_offset + step->word;
  for (size_t i = 0; i < step->words; i++) {
    const uint8_t *from = s->image + at[i];
    for (size_t v = 0; v < p->vectors; v++, to += bytes) {
      if (bytes == 32) { /* a size that the compiler knows: one or two moves */
        memcpy(to, from + p->offset[v], 32);
      } else {
        memcpy(to, from + p->offset[v], 64);
      }
    }
  }
}

static void copy_columns(const bt_weight *s, const panel *p, size_t rows, int32_t *out,
                         int32_t *part, bool back) {
  size_t lanes = s->w->f->kernels.lanes, cols = s->w->x.cols;
  for (size_t r = 0; r < rows; r++) {
    int32_t *a = out + r * cols, *b = part + r * p->vectors * lanes;
    for (size_t v = 0; v < p->vectors; v++, b += lanes) {
      memcpy(back ? a : b, back ? b : a, p->valid[v] * sizeof *a);
      a += p->valid[v];
    }
  }
}

/* Adds to rows x width outputs, in a place of their own where the tile is larger than that. */
static void run_tile(const bt_weight *s, const panel *p, bt_word_tile *t, size_t rows,
                     int32_t *out) {
  int32_t part[BT_TILE_ROWS * BT_TILE_VECTORS * BT_TILE_LANES];
  t->out = out;
  t->out_step = s->w->x.cols;
  bool direct = p->whole && rows == BT_TILE_ROWS;
  if (!direct) {
    t->out = part;
    t->out_step = p->vectors * s->w->f->kernels.lanes;
    memset(part, 0, BT_TILE_ROWS * t->out_step * sizeof *part);
    copy_columns(s, p, t->accumulate ? rows : 0, out, part, false);
  }
  s->w->f->kernels.tile_b(t);
  if (!direct) {
    copy_columns(s, p, rows, out, part, true);
  }
}

static void run_step(const bt_weight *s, const panel *p, const bt_weight_step *step, size_t begin,
                     size_t end, unsigned thread) {
  int32_t *out = s->w->c->out[0]->data;
  size_t bytes = s->w->f->kernels.lanes * 4;
  uint8_t *copy = s->panel + thread * s->panel_bytes;
  bool copied = end - begin >= COPY_TILES * BT_TILE_ROWS;
  bt_word_tile t = {.words = step->words, .vectors = p->vectors, .a_offset = s->a_offset,
                    .accumulate = step->accumulate, .shift = step->shift};
  if (copied) {
    copy_panel(s, p, step, copy);
  }
  t.b_offset = copied ? s->panel_offset + (p->vectors - 1) * s->step_words
                      : s->b_offset + step->word;
  for (size_t v = 0; v < p->vectors; v++) {
    t.b[v] = copied ? copy + v * bytes : s->image + p->offset[v];
  }
  for (size_t row = begin; row < end; row += BT_TILE_ROWS) {
    size_t rows = end - row < BT_TILE_ROWS ? end - row : BT_TILE_ROWS;
    for (size_t r = 0; r < BT_TILE_ROWS; r++) {
      size_t o = r < rows ? row + r : row;
      t.a[r] = s->error + o / s->strip_rows * s->strip_bytes + o % s->strip_rows * 4 +
               step->word * s->strip_step;
    }
    run_tile(s, p, &t, rows, out + row * s->w->x.cols + p->column);
  }
}

static void run_panel(void *context, size_t task, unsigned thread) {
  const tiling *t = context;
  const bt_weight *s = t->s;
  panel p = describe_panel(s, task / t->runs);
  size_t run = task % t->runs, end = s->row_tiles * (run + 1) / t->runs * BT_TILE_ROWS;
  size_t begin = s->row_tiles * run / t->runs * BT_TILE_ROWS;
  end = end < s->g.o ? end : s->g.o;
  for (size_t i = 0; i < s->steps; i++) {
    run_step(s, &p, &s->step[i], begin, end, thread);
  }
  if (s->last) {
    bt_weight_finish(s, begin, end, p.column, p.width);
  }
}

void bt_weight_tiles(bt_weight *s) {
  size_t wanted = s->threads == 1 ? 1 : s->threads * TASKS_A_THREAD;
  tiling t = {s, (wanted + s->panels - 1) / s->panels};
  t.runs = t.runs < s->row_tiles ? t.runs : s->row_tiles;
  bt_threads_run(s->w->f->threads, s->panels * t.runs, run_panel, &t);
}
