/* What a weight gradient decides before it computes: slabs of words, their order and groups. */
#include <stdlib.h>
#include <string.h>

#include "fast/weight.h"

#define FOLDED 256u          /* places of a folded sample, at most */
#define SLAB_WORDS 2048u     /* of k, at most */
#define SLAB_BYTES 0x100000u /* of an image, unless one place takes more */

/* Places of 1x1 windows with one exponent are k like samples: rows of them become samples, as many
 * as fill words best, and of those the longest. */
static void fold(bt_weight *s) {
  bt_geometry *g = &s->g;
  size_t places = g->n * g->h * g->w, best = SIZE_MAX, length = 1;
  if (g->kh != 1 || g->kw != 1 || g->stride != 1 || g->pad != 0 || s->w->k_blocks != 1 ||
      g->oh != g->h || g->ow != g->w) {
    return;
  }
  for (size_t i = 1; i <= FOLDED && i <= places; i++) {
    size_t samples = places / i, words = (samples + s->per_word - 1) / s->per_word * i;
    if (places % i == 0 && words <= best) {
      best = words;
      length = i;
    }
  }
  g->n = places / length;
  g->h = g->oh = 1;
  g->w = g->ow = length;
}

/* `whole` in parts of about one size, none above `most`. */
static size_t even(size_t whole, size_t most) {
  size_t parts = (whole + most - 1) / most;
  return (whole + parts - 1) / parts;
}

static size_t extent(size_t places, size_t stride, size_t window) {
  return (places - 1) * stride + window;
}

static size_t image_bytes(const bt_geometry *g, size_t rows, size_t columns) {
  return extent(rows, g->stride, g->kh) * extent(columns, g->stride, g->kw) * g->c * 4;
}

static void shape_slabs(bt_weight *s) {
  const bt_geometry *g = &s->g;
  size_t columns = even(g->ow, SLAB_WORDS);
  while (columns > 1 && image_bytes(g, 1, columns) > SLAB_BYTES) {
    columns = even(g->ow, columns / 2);
  }
  size_t rows = even(g->oh, SLAB_WORDS / columns > 0 ? SLAB_WORDS / columns : 1);
  while (rows > 1 && image_bytes(g, rows, columns) > SLAB_BYTES) {
    rows = even(g->oh, rows / 2);
  }
  s->slab_rows = rows;
  s->slab_columns = columns;
  s->slab_words = rows * columns;
  s->image_width = extent(columns, g->stride, g->kw);
  s->image_bytes = image_bytes(g, rows, columns);
}

static int shift_of(const bt_weight *s, size_t sample) {
  return s->w->shift[s->w->k_blocks == 1 ? 0 : sample];
}

/* The samples by falling shift, each shift's filled up to whole words; unused ones are left out. */
static bool sort_samples(bt_weight *s) {
  int most = BT_UNUSED_BLOCK;
  size_t n = s->g.n;
  for (size_t i = 0; i < s->w->k_blocks; i++) {
    most = s->w->shift[i] > most ? s->w->shift[i] : most;
  }
  size_t levels = (size_t)(most + 1);
  s->order = bt_scratch_take(s->w->f->scratch,
                             (n + levels * s->per_word) * sizeof *s->order);
  if (s->order == NULL) {
    return false;
  }
  for (int shift = most; shift >= 0; shift--) {
    for (size_t i = 0; i < n; i++) {
      if (shift_of(s, i) == shift) {
        s->order[s->order_size++] = i;
      }
    }
    while (s->order_size % s->per_word != 0) {
      s->order[s->order_size++] = BT_NO_SAMPLE;
    }
  }
  return true;
}

static bool make_slabs(bt_weight *s) {
  const bt_geometry *g = &s->g;
  size_t down = (g->oh + s->slab_rows - 1) / s->slab_rows;
  size_t across = (g->ow + s->slab_columns - 1) / s->slab_columns;
  size_t count = s->order_size / s->per_word * down * across;
  s->slab = bt_scratch_take(s->w->f->scratch, count * sizeof *s->slab);
  if (s->slab == NULL) {
    return false;
  }
  for (size_t first = 0; first < s->order_size; first += s->per_word) {
    for (size_t y = 0; y < g->oh; y += s->slab_rows) {
      for (size_t x = 0; x < g->ow; x += s->slab_columns) {
        size_t rows = g->oh - y < s->slab_rows ? g->oh - y : s->slab_rows;
        size_t columns = g->ow - x < s->slab_columns ? g->ow - x : s->slab_columns;
        int64_t most = (int64_t)(s->per_word * rows * columns) * s->w->a_max;
        s->slab[s->slabs++] = (bt_weight_slab){.first = first, .y = y, .x = x, .rows = rows,
                                               .columns = columns, .bound = most,
                                               .shift = shift_of(s, s->order[first])};
      }
    }
  }
  return true;
}

/* Gives each slab its group: as many slabs as are sure to stay in an int32 accumulator. */
static void make_groups(bt_weight *s) {
  int64_t most = INT32_MAX / s->w->b_max, sum = 0;
  s->groups = s->slabs > 0;
  for (size_t i = 0; i < s->slabs; i++) {
    bt_weight_slab *slab = &s->slab[i];
    int fall = i == 0 ? 0 : s->slab[i - 1].shift - slab->shift;
    sum = sum * ((int64_t)1 << fall) + slab->bound;
    if (sum > most) {
      s->groups += i > 0;
      sum = slab->bound;
    }
    slab->group = s->groups - 1;
  }
}

/* The bound as it is: the largest sum of magnitudes among the rows of the error. */
static void measure_slab(void *context, size_t task, unsigned thread) {
  bt_weight *s = context;
  const bt_geometry *g = &s->g;
  bt_weight_slab *slab = &s->slab[task];
  const int8_t *error = s->w->c->in[0]->data;
  int32_t *sum = s->row_sum + thread * g->o, most = 0;
  memset(sum, 0, g->o * sizeof *sum);
  for (size_t i = slab->first; i < slab->first + s->per_word; i++) {
    for (size_t y = slab->y; s->order[i] != BT_NO_SAMPLE && y < slab->y + slab->rows; y++) {
      const int8_t *from = error + ((s->order[i] * g->oh + y) * g->ow + slab->x) * g->o;
      for (size_t x = 0; x < slab->columns; x++, from += g->o) {
        for (size_t o = 0; o < g->o; o++) {
          sum[o] += abs(from[o]);
        }
      }
    }
  }
  for (size_t o = 0; o < g->o; o++) {
    most = sum[o] > most ? sum[o] : most;
  }
  slab->bound = most;
}

bool bt_weight_plan(bt_weight *s) {
  const bt_kernels *k = &s->w->f->kernels;
  s->per_word = k->word == BT_QUAD ? 4 : 2;
  fold(s);
  shape_slabs(s);
  const bt_geometry *g = &s->g;
  s->run_vectors = (g->kw * g->c + k->lanes - 1) / k->lanes;
  s->vectors = g->kh * s->run_vectors;
  s->panels = (s->vectors + k->vectors - 1) / k->vectors;
  s->row_tiles = (g->o + BT_TILE_ROWS - 1) / BT_TILE_ROWS;
  s->threads = bt_threads_count(s->w->f->threads);
  s->row_sum = bt_scratch_take(s->w->f->scratch, s->threads * g->o * sizeof *s->row_sum);
  if (s->row_sum == NULL || !sort_samples(s) || !make_slabs(s)) {
    return false;
  }
  make_groups(s);
  if (s->groups > 1) {
    bt_threads_run(s->w->f->threads, s->slabs, measure_slab, s);
    make_groups(s);
  }
  return true;
}
