/* Weight gradient: sums over the places of the output (numerics 8). Pairs of k are neighbouring
 * places of an output row; the image holds each element beside the one a stride to its right, so
 * that the pairs of successive columns lie in a run. */
#include <stdlib.h>
#include <string.h>

#include "fast/contract.h"
#include "num/round.h"

#define PAIRS_AT_ONCE 256u /* of a tile, over several samples where they are small */

typedef struct {
  const bt_contraction *w;
  bt_geometry g;
  size_t height, width;   /* of the padded image */
  size_t ow_pairs, pairs; /* of an output row; of a sample */
  size_t samples;         /* at once */
  size_t image_size, error_size; /* of a sample, in int16 */
  size_t run_vectors, vectors;   /* of 8 columns: of a window's row; in all */
  int16_t *image;         /* [samples][height][width][c][2] */
  int16_t *error;         /* [samples][pairs][o][2] */
  int32_t *a_offset, *b_offset; /* [samples * pairs] */
  int64_t *sum;           /* [o][vectors * 8] */
} gradient;

/* A 1x1 window has no rows to keep apart: its places become rows of a size that pairs well. */
static void fold(gradient *s) {
  bt_geometry *g = &s->g;
  size_t places = g->n * g->h * g->w;
  if (g->kh != 1 || g->kw != 1 || g->stride != 1 || g->pad != 0 || s->w->k_blocks != 1 ||
      g->oh != g->h || g->ow != g->w) {
    return;
  }
  size_t row = places < 64 ? places : 64;
  while (places % row != 0) {
    row--;
  }
  g->n = places / row;
  g->h = g->oh = 1;
  g->w = g->ow = row;
}

static void fill_image(const gradient *s, const int8_t *source, int16_t *image) {
  const bt_geometry *g = &s->g;
  for (size_t y = 0; y < g->h; y++) {
    for (size_t x = 0; x < g->w; x++, source += g->c) {
      size_t to_y = y + g->pad, to_x = x + g->pad;
      if (to_y >= s->height || to_x >= s->width) {
        continue;
      }
      int16_t *to = image + (to_y * s->width + to_x) * g->c * 2;
      for (size_t c = 0; c < g->c; c++) {
        to[2 * c] = source[c];
      }
      if (to_x >= g->stride) {
        to -= g->stride * g->c * 2;
        for (size_t c = 0; c < g->c; c++) {
          to[2 * c + 1] = source[c];
        }
      }
    }
  }
}

/* The second of a row's last pair stays 0 where the row is odd. */
static void fill_error(const gradient *s, const int8_t *source, int16_t *error) {
  const bt_geometry *g = &s->g;
  for (size_t y = 0; y < g->oh; y++) {
    for (size_t x = 0; x < g->ow; x++, source += g->o) {
      int16_t *to = error + (y * s->ow_pairs + x / 2) * g->o * 2 + x % 2;
      for (size_t o = 0; o < g->o; o++) {
        to[2 * o] = source[o];
      }
    }
  }
}

static void add_tile(gradient *s, size_t samples, size_t row, size_t vector, int shift) {
  size_t rows = s->g.o - row < BT_TILE_ROWS ? s->g.o - row : BT_TILE_ROWS;
  int32_t part[BT_TILE_ROWS * BT_TILE_COLUMNS];
  bt_tile t = {.pairs = samples * s->pairs, .vectors = s->vectors - vector < 2 ? 1 : 2,
               .a_offset = s->a_offset, .b_offset = s->b_offset};
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    t.a[r] = s->error + 2 * (r < rows ? row + r : row);
  }
  for (size_t v = 0; v < t.vectors; v++) {
    size_t kh = (vector + v) / s->run_vectors, j = (vector + v) % s->run_vectors * 8;
    t.b[v] = s->image + (kh * s->width * s->g.c + j) * 2;
  }
  s->w->f->kernels.tile(&t, part);
  for (size_t r = 0; r < rows; r++) {
    int64_t *to = s->sum + ((row + r) * s->vectors + vector) * 8;
    for (size_t j = 0; j < 8 * t.vectors; j++) {
      to[j] += bt_shift_left(part[r * BT_TILE_COLUMNS + j], shift);
    }
  }
}

static void run_samples(gradient *s) {
  const bt_geometry *g = &s->g;
  const int8_t *error = s->w->c->in[0]->data, *image = s->w->c->in[1]->data;
  for (size_t n = 0; n < g->n; n += s->samples) {
    size_t count = g->n - n < s->samples ? g->n - n : s->samples;
    int shift = s->w->shift[s->w->k_blocks == 1 ? 0 : n];
    if (shift == BT_UNUSED_BLOCK) {
      continue;
    }
    for (size_t i = 0; i < count; i++) {
      fill_error(s, error + (n + i) * g->oh * g->ow * g->o, s->error + i * s->error_size);
      fill_image(s, image + (n + i) * g->h * g->w * g->c, s->image + i * s->image_size);
    }
    for (size_t vector = 0; vector < s->vectors; vector += 2) {
      for (size_t row = 0; row < g->o; row += BT_TILE_ROWS) {
        add_tile(s, count, row, vector, shift);
      }
    }
  }
}

static void write_sums(const gradient *s) {
  size_t run = s->g.kw * s->g.c, cols = s->w->x.cols;
  int32_t *out = s->w->c->out[0]->data;
  for (size_t o = 0; o < s->g.o; o++) {
    for (size_t kh = 0; kh < s->g.kh; kh++) {
      const int64_t *from = s->sum + (o * s->vectors + kh * s->run_vectors) * 8;
      for (size_t j = 0; j < run; j++) {
        out[o * cols + kh * run + j] = bt_align_finish(from[j], s->w->plan.t);
      }
    }
  }
}

static void measure(gradient *s) {
  const bt_geometry *g = &s->g;
  s->height = (g->oh - 1) * g->stride + g->kh;
  s->width = (g->ow - 1) * g->stride + g->kw;
  s->ow_pairs = (g->ow + 1) / 2;
  s->pairs = g->oh * s->ow_pairs;
  s->samples = s->w->k_blocks == 1 ? (PAIRS_AT_ONCE + s->pairs - 1) / s->pairs : 1;
  s->samples = s->samples < g->n ? s->samples : g->n;
  s->image_size = s->height * s->width * g->c * 2;
  s->error_size = s->pairs * g->o * 2;
  s->run_vectors = (g->kw * g->c + 7) / 8;
  s->vectors = g->kh * s->run_vectors;
}

static bool make_buffers(gradient *s) {
  const bt_geometry *g = &s->g;
  size_t n = s->samples;
  s->image = calloc(n * s->image_size + 2 * g->stride * g->c + 16, sizeof *s->image);
  s->error = calloc(n * s->error_size, sizeof *s->error);
  s->a_offset = malloc(n * s->pairs * sizeof *s->a_offset);
  s->b_offset = malloc(n * s->pairs * sizeof *s->b_offset);
  s->sum = calloc(g->o * s->vectors * 8, sizeof *s->sum);
  if (s->image == NULL || s->error == NULL || s->a_offset == NULL || s->b_offset == NULL ||
      s->sum == NULL) {
    return false;
  }
  for (size_t i = 0, p = 0; i < n; i++) {
    for (size_t y = 0; y < g->oh; y++) {
      for (size_t x = 0; x < s->ow_pairs; x++, p++) {
        size_t at = (y * g->stride * s->width + 2 * x * g->stride) * g->c * 2;
        s->a_offset[p] = (int32_t)(p * g->o * 2);
        s->b_offset[p] = (int32_t)(i * s->image_size + at);
      }
    }
  }
  return true;
}

bool bt_fast_weight_gradient(const bt_contraction *w) {
  gradient s = {.w = w, .g = w->g};
  fold(&s);
  measure(&s);
  bool done = make_buffers(&s);
  if (done) {
    run_samples(&s);
    write_sums(&s);
  }
  free(s.image);
  free(s.error);
  free(s.a_offset);
  free(s.b_offset);
  free(s.sum);
  return done;
}
