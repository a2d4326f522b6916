/* Forward and data gradient: windows that slide over a padded image (numerics 8).
 *
 * A chunk of images is copied with its padding around it, so that a window's operands lie at fixed
 * offsets from its corner. The data gradient is a window of step 1 over the error, spread out by
 * the stride, with the kernel turned round. */
#include "fast/windows.h"

#include <string.h>

#include "num/round.h"

#define CHUNK_BYTES (192u * 1024) /* of packed images: they share a second-level cache of 512 KiB */
#define CHUNK_ROWS 2048u
#define MOST_RANGES 32u /* of kernel rows that tiles need; more than a few are rare */
#define STREAMED_BYTES (32u * 1024 * 1024) /* of outputs that no cache keeps */
#define STRIP_BYTES (96u * 1024)           /* of their rows that are written at once */
#define PANELS_NEAR (256u * 1024)          /* bytes of panels that each strip reads again */
#define PRODUCTS_ALONE (1u << 18) /* one thread is done with so many before another has woken */

static size_t least_of(size_t a, size_t b) { return a < b ? a : b; }
static size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }

static void describe_forward(bt_windows *s) {
  const bt_geometry *g = &s->w->g;
  s->height = (g->oh - 1) * g->stride + g->kh;
  s->width = (g->ow - 1) * g->stride + g->kw;
  s->source_h = g->h, s->source_w = g->w, s->source_c = g->c;
  s->spread = 1, s->stride = g->stride;
  s->top = s->left = (ptrdiff_t)g->pad;
  s->rows_h = g->oh, s->rows_w = g->ow;
  s->column_step = s->w->x.k;
}

static void describe_data_gradient(bt_windows *s) {
  const bt_geometry *g = &s->w->g;
  s->height = g->h + g->kh - 1;
  s->width = g->w + g->kw - 1;
  s->source_h = g->oh, s->source_w = g->ow, s->source_c = g->o;
  s->spread = g->stride, s->stride = 1;
  s->top = (ptrdiff_t)(g->kh - 1) - (ptrdiff_t)g->pad;
  s->left = (ptrdiff_t)(g->kw - 1) - (ptrdiff_t)g->pad;
  s->rows_h = g->h, s->rows_w = g->w;
  s->column_step = 1;
}

/* A 1x1 window has no neighbours: each place becomes an image, unless cells keep them together. */
static void describe_single(bt_windows *s) {
  const bt_geometry *g = &s->w->g;
  bool same = g->oh == g->h && g->ow == g->w && g->stride == 1 && g->pad == 0;
  s->single = g->kh == 1 && g->kw == 1 && same && (s->w->c->out[0]->n0 <= 1 || g->h * g->w == 1);
  if (s->single) {
    s->images *= g->h * g->w;
    s->height = s->width = s->source_h = s->source_w = s->rows_h = s->rows_w = 1;
  }
}

static void describe(bt_windows *s) {
  const bt_contraction *w = s->w;
  s->images = w->g.n;
  s->kh = w->g.kh;
  s->kw = w->g.kw;
  s->unit = s->k->word == BT_QUAD ? 4 : 2;
  s->element = s->k->word == BT_QUAD ? 1 : 2;
  s->panel_columns = s->k->lanes * s->k->vectors;
  s->columns = quotient_up(w->x.cols, s->k->lanes) * s->k->lanes;
  s->panels = quotient_up(s->columns, s->panel_columns);
  s->cell_rows = w->x.rows / (w->c->out[0]->n0 == 0 ? 1 : w->c->out[0]->n0);
  (w->d == BT_FORWARD ? describe_forward : describe_data_gradient)(s);
  describe_single(s);
}

/* Bytes that an image takes in a buffer: in all planes, or in those of the largest block. */
static size_t image_bytes(const bt_windows *s) {
  size_t most = 0, all = 0;
  for (size_t b = 0; b < s->block_count; b++) {
    size_t bytes = 0, seen = SIZE_MAX;
    for (size_t i = s->block[b].step; i < s->block[b].step + s->block[b].steps; i++) {
      bytes += s->step[i].plane == seen ? 0 : s->plane[s->step[i].plane].pixel;
      seen = s->step[i].plane;
    }
    most = bytes > most ? bytes : most;
  }
  for (size_t i = 0; i < s->plane_count; i++) {
    all += s->plane[i].pixel;
  }
  return (s->single ? most : all) * s->height * s->width;
}

/* Images a task takes: few enough for the cache, and the same number of tasks for each thread. */
static void cut_images(bt_windows *s) {
  const bt_contraction *w = s->w;
  size_t rows = s->rows_h * s->rows_w, threads = bt_threads_count(w->f->threads);
  bool alone = w->x.rows * w->x.cols < PRODUCTS_ALONE / w->x.k;
  size_t most = least_of(CHUNK_BYTES / (image_bytes(s) + 1), CHUNK_ROWS / rows);
  size_t tile = s->single ? BT_TILE_ROWS : 1;
  size_t chunks = quotient_up(s->images, most == 0 ? 1 : most);
  chunks = alone ? chunks : quotient_up(chunks, threads) * threads;
  s->chunk_images = quotient_up(quotient_up(s->images, chunks), tile) * tile;
  s->chunks = quotient_up(s->images, s->chunk_images);
  s->groups = 1;
  if (!alone && s->chunks < threads) {
    s->groups = least_of(s->panels, quotient_up(threads, s->chunks));
  }
}

static void place_planes(bt_windows *s) {
  size_t pixels = s->chunk_images * s->height * s->width, at = 0, plane = SIZE_MAX;
  for (size_t i = 0; i < s->step_count; i++) {
    bool begins_block = false;
    for (size_t b = 0; b < s->block_count; b++) {
      begins_block = begins_block || s->block[b].step == i;
    }
    at = s->single && begins_block ? 0 : at;
    if (s->step[i].plane != plane) {
      plane = s->step[i].plane;
      s->plane[plane].at = at;
      at += pixels * s->plane[plane].pixel;
    }
  }
}

/* How planes of sorted channels choose theirs, 16 of the source's at a time. */
static bool make_controls(bt_windows *s) {
  size_t groups = s->source_c / 16;
  if (s->natural || s->k->choose == NULL || s->source_c % 16 != 0) {
    return true;
  }
  for (size_t i = 0; i < s->plane_count; i++) {
    bt_plane *p = &s->plane[i];
    size_t size = quotient_up(p->channels, 64) * groups * 64;
    p->control = bt_scratch_take(s->w->f->scratch, size);
    if (p->control == NULL) {
      return false;
    }
    memset(p->control, 0x80, size);
    for (size_t j = 0; j < p->channels; j++) {
      size_t channel = s->channel[p->first + j], group = j / 64 * groups + channel / 16;
      p->control[group * 64 + j % 64] = (uint8_t)(channel % 16);
    }
  }
  return true;
}

/* How many of phase, phase + spread, ... are below `limit`. */
static size_t count_below(size_t phase, size_t limit, size_t spread) {
  return limit <= phase ? 0 : quotient_up(limit - phase, spread);
}

/* Where in the list the kernel rows begin and end that meet the source's in a window of the
 * outputs' row y. The list has those of a phase, `spread` apart, side by side (windows_plan.c). */
static void find_reach(const bt_windows *s, size_t y, size_t *first, size_t *end) {
  ptrdiff_t ahead = s->top - (ptrdiff_t)(y * s->stride), spread = (ptrdiff_t)s->spread;
  ptrdiff_t below = ahead + (ptrdiff_t)(s->source_h - 1) * spread + 1;
  size_t phase = (size_t)((ahead % spread + spread) % spread), before = 0;
  size_t low = ahead < 0 ? 0 : least_of((size_t)ahead, s->kh);
  size_t high = below < 0 ? 0 : least_of((size_t)below, s->kh);
  for (size_t p = 0; p < phase; p++) {
    before += count_below(p, s->kh, s->spread);
  }
  *first = before + count_below(phase, low, s->spread);
  *end = before + count_below(phase, high, s->spread);
}

/* The number of a range, which joins the others if it is new and there are fewer than `most`. */
static size_t range_number(bt_windows *s, size_t first, size_t end, size_t most) {
  size_t i = 0;
  while (i < s->range_count && (s->range[i].first != first || s->range[i].end != end)) {
    i++;
  }
  if (i == s->range_count && i >= most) {
    return 0;
  }
  s->range[i] = (bt_range){first, end};
  s->range_count += i == s->range_count;
  return i;
}

/* Which kernel rows each tile needs: the others meet nothing but padding, or places between the
 * source's. With bytes of QUAD a range costs a tile's work for each panel (windows_panels.c). */
static bool make_reach(bt_windows *s) {
  size_t rows = s->chunk_images * s->rows_h * s->rows_w, tiles = quotient_up(rows, BT_TILE_ROWS);
  size_t most = s->unit == 2 ? MOST_RANGES : least_of(MOST_RANGES, 1 + s->chunks * tiles / 8);
  s->reach = bt_scratch_take(s->w->f->scratch, tiles * sizeof *s->reach);
  s->range = bt_scratch_take(s->w->f->scratch, MOST_RANGES * sizeof *s->range);
  if (s->reach == NULL || s->range == NULL) {
    return false;
  }
  (void)range_number(s, 0, s->kh, most);
  for (size_t t = 0; t < tiles; t++) {
    size_t y = t * BT_TILE_ROWS / s->rows_w, first = 0, end = s->kh, unused;
    size_t last = (least_of((t + 1) * BT_TILE_ROWS, rows) - 1) / s->rows_w;
    bool one = y == last || (s->spread == 1 && y / s->rows_h == last / s->rows_h);
    if (one && s->kh > 1 && !s->single) {
      find_reach(s, last % s->rows_h, &first, &unused); /* less the further down */
      find_reach(s, y % s->rows_h, &unused, &end);
    }
    s->reach[t] = range_number(s, first, end, most);
  }
  return true;
}

/* Outputs far larger than the caches of which each is written once go there in whole rows. */
static bool make_strips(bt_windows *s) {
  size_t bytes = s->w->x.rows * s->w->x.cols * sizeof(int32_t), row = s->columns * sizeof(int32_t);
  bool once = s->block_count == 1 && s->pass_count == 1 && s->groups == 1;
  if (!once || bytes < STREAMED_BYTES || s->words * row > PANELS_NEAR) {
    return true;
  }
  size_t tiles = STRIP_BYTES / (BT_TILE_ROWS * row);
  s->strip_rows = BT_TILE_ROWS * (tiles == 0 ? 1 : tiles);
  s->strip_size = quotient_up(s->strip_rows * s->columns, 16) * 16;
  s->strip = bt_scratch_take(s->w->f->scratch, bt_threads_count(s->w->f->threads) *
                                                   s->strip_size * sizeof *s->strip);
  return s->strip != NULL;
}

static bool make_buffers(bt_windows *s) {
  bt_scratch *scratch = s->w->f->scratch;
  size_t threads = bt_threads_count(s->w->f->threads), rows = s->rows_h * s->rows_w;
  /* A window's last word may reach beyond the image; a cache line keeps threads apart. */
  s->buffer_size = (s->chunk_images * image_bytes(s) + 2 * 64) / 64 * 64;
  s->buffer = bt_scratch_take(scratch, threads * s->buffer_size);
  s->filled = bt_scratch_take(scratch, threads * sizeof *s->filled);
  s->position = bt_scratch_take(scratch, s->chunk_images * rows * sizeof *s->position);
  if (s->buffer == NULL || s->filled == NULL || s->position == NULL) {
    return false;
  }
  memset(s->filled, 0, threads * sizeof *s->filled);
  for (size_t i = 0, r = 0; i < s->chunk_images; i++) {
    for (size_t y = 0; y < s->rows_h; y++) {
      for (size_t x = 0; x < s->rows_w; x++) {
        size_t at = (i * s->height + y * s->stride) * s->width + x * s->stride;
        s->position[r++] = (uint32_t)at;
      }
    }
  }
  return true;
}

/* Where all rows are one cell, each thread finds extremes of its own. */
static bool make_extremes(bt_windows *s) {
  const bt_contraction *w = s->w;
  size_t n = bt_threads_count(w->f->threads) * w->x.cols;
  if (w->extremes == NULL || w->c->out[0]->n0 > 1) {
    return true;
  }
  s->low = bt_scratch_take(w->f->scratch, n * sizeof *s->low);
  s->high = bt_scratch_take(w->f->scratch, n * sizeof *s->high);
  for (size_t i = 0; s->low != NULL && s->high != NULL && i < n; i++) {
    s->low[i] = INT32_MAX;
    s->high[i] = INT32_MIN;
  }
  return s->low != NULL && s->high != NULL;
}

static void merge_extremes(const bt_windows *s) {
  const bt_extremes *e = s->w->extremes;
  size_t cols = s->w->x.cols;
  if (s->low == NULL) {
    return;
  }
  memcpy(e->low, s->low, cols * sizeof *e->low);
  memcpy(e->high, s->high, cols * sizeof *e->high);
  for (size_t i = cols; i < bt_threads_count(s->w->f->threads) * cols; i++) {
    size_t j = i % cols;
    e->low[j] = s->low[i] < e->low[j] ? s->low[i] : e->low[j];
    e->high[j] = s->high[i] > e->high[j] ? s->high[i] : e->high[j];
  }
}

/* No block along k is nonzero. */
static void write_zeros(const bt_contraction *w) {
  memset(w->c->out[0]->data, 0, w->x.rows * w->x.cols * sizeof(int32_t));
  if (w->extremes != NULL) {
    size_t n = (w->c->out[0]->n0 <= 1 ? 1 : w->c->out[0]->n0) * w->x.cols;
    memset(w->extremes->low, 0, n * sizeof(int32_t));
    memset(w->extremes->high, 0, n * sizeof(int32_t));
  }
}

bool bt_fast_windows(const bt_contraction *w) {
  bt_windows s = {.w = w, .k = &w->f->kernels};
  if (!w->any) {
    write_zeros(w);
    return true;
  }
  describe(&s);
  if (!bt_windows_plan(&s)) {
    return false;
  }
  cut_images(&s);
  place_planes(&s);
  if (!make_controls(&s) || !make_buffers(&s) || !make_strips(&s) || !make_reach(&s) ||
      !make_extremes(&s) || !bt_windows_panels(&s)) {
    return false;
  }
  bt_threads_run(w->f->threads, s.chunks * s.groups, bt_windows_rows, &s);
  merge_extremes(&s);
  return true;
}
