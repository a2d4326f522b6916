/* Forward and data gradient: windows that slide over a padded image (numerics 8).
 *
 * An image is widened to int16 with its zeros around it, so that a window's operands lie at fixed
 * offsets from its corner: the taps. The data gradient is a window of step 1 over the error,
 * spread out by the stride, with the kernel turned round; the channels of its image are sorted by
 * exponent, so that products of one exponent are neighbours. Taps that share a pass differ in
 * exponent by a shift of their weights, as long as those stay in 16 bits and sums in 32. */
#include <stdlib.h>
#include <string.h>

#include "fast/contract.h"
#include "num/round.h"

typedef enum { WHOLE, LOW, HIGH } weight_part; /* LOW, HIGH: numerics 8.3 */

typedef struct {
  int32_t offset; /* in the image, from the window's corner, in elements */
  size_t weight;  /* index of the first column's weight */
  int shift;      /* left shift of the weights */
} tap;

/* Taps that are summed in one int32 accumulator. */
typedef struct {
  int shift; /* of its sums, to gref */
  weight_part part;
  size_t pairs;
  int32_t *a_offset;
  int16_t *panel; /* [panels][pairs][BT_TILE_COLUMNS][2] */
} pass;

typedef struct {
  const bt_contraction *w;
  size_t height, width, channels;      /* of the padded image */
  size_t source_h, source_w, source_c; /* of the operand's image */
  size_t spread, step;                 /* distance of source pixels, and of windows, in the image */
  ptrdiff_t top, left;                 /* where the source's first pixel lies */
  size_t rows_h, rows_w;               /* windows of an image */
  size_t *channel;                     /* [channels] the source's */
  bool as_they_are;                    /* all of the source's, in order */
  size_t column_step;                  /* from a weight to the next column's */
  tap *taps;
  size_t tap_count, passes, panels, images, image_size;
  pass pass[BT_ALIGN_BITS + 2];
  int32_t *b_offset;
  int16_t *image;      /* [images][image_size] */
  const int16_t **row; /* [images * rows_h * rows_w] corners */
} windows;

static void describe_forward(windows *s) {
  const bt_geometry *g = &s->w->g;
  s->height = (g->oh - 1) * g->stride + g->kh;
  s->width = (g->ow - 1) * g->stride + g->kw;
  s->source_h = g->h, s->source_w = g->w, s->source_c = s->channels = g->c;
  s->spread = 1, s->step = g->stride;
  s->top = s->left = (ptrdiff_t)g->pad;
  s->rows_h = g->oh, s->rows_w = g->ow;
  s->column_step = s->w->x.k;
}

static void describe_data_gradient(windows *s) {
  const bt_geometry *g = &s->w->g;
  s->height = g->h + g->kh - 1;
  s->width = g->w + g->kw - 1;
  s->source_h = g->oh, s->source_w = g->ow, s->source_c = s->channels = g->o;
  s->spread = g->stride, s->step = 1;
  s->top = (ptrdiff_t)(g->kh - 1) - (ptrdiff_t)g->pad;
  s->left = (ptrdiff_t)(g->kw - 1) - (ptrdiff_t)g->pad;
  s->rows_h = g->h, s->rows_w = g->w;
  s->column_step = 1;
}

/* The channels that count, in ascending order of their shift. */
static void sort_channels(windows *s) {
  s->channels = 0;
  s->as_they_are = s->w->k_blocks == 1 && s->w->any;
  for (int shift = 0; shift <= BT_ALIGN_BITS; shift++) {
    for (size_t o = 0; o < s->source_c; o++) {
      if (s->w->shift[s->w->k_blocks == 1 ? 0 : o] == shift) {
        s->channel[s->channels++] = o;
      }
    }
  }
}

/* Adds the taps of channels first..end-1 with their weights shifted from `base`. */
static void add_taps(windows *s, size_t first, size_t end, int base) {
  const bt_geometry *g = &s->w->g;
  bool forward = s->w->d == BT_FORWARD;
  s->tap_count = 0;
  for (size_t y = 0; y < g->kh; y++) {
    for (size_t x = 0; x < g->kw; x++) {
      for (size_t i = first; i < end; i++) {
        size_t c = s->channel[i], kh = g->kh - 1 - y, kw = g->kw - 1 - x;
        tap t = {.offset = (int32_t)((y * s->width + x) * s->channels + i)};
        t.weight = forward ? (y * g->kw + x) * g->c + c : ((c * g->kh + kh) * g->kw + kw) * g->c;
        t.shift = s->w->shift[s->w->k_blocks == 1 ? 0 : c] - base;
        s->taps[s->tap_count++] = t;
      }
    }
  }
}

static int16_t weight(const windows *s, const tap *t, size_t column, weight_part part) {
  int32_t m = bt_tensor_mantissa(s->w->c->in[1], t->weight + column * s->column_step);
  m = part == LOW ? m & 127 : part == HIGH ? m >> 7 : m;
  return (int16_t)(m * (1 << t->shift));
}

/* A pass of the present taps: neighbours in the image make pairs; a single tap's partner is
 * whatever follows it there, with weight 0. */
static bool add_pass(windows *s, int shift, weight_part part) {
  pass *p = &s->pass[s->passes];
  *p = (pass){.shift = shift, .part = part};
  p->a_offset = malloc((s->tap_count + 1) * sizeof *p->a_offset);
  p->panel = calloc(s->panels * s->tap_count + 1, 2 * BT_TILE_COLUMNS * sizeof *p->panel);
  s->passes++;
  if (p->a_offset == NULL || p->panel == NULL) {
    return false;
  }
  size_t *first = malloc((s->tap_count + 1) * sizeof *first); /* of each pair, a tap's number */
  if (first == NULL) {
    return false;
  }
  for (size_t i = 0; i < s->tap_count;) {
    p->a_offset[p->pairs] = s->taps[i].offset;
    first[p->pairs++] = i;
    bool next = i + 1 < s->tap_count && s->taps[i + 1].offset == s->taps[i].offset + 1;
    i += next ? 2 : 1;
  }
  first[p->pairs] = s->tap_count;
  for (size_t j = 0; j < s->w->x.cols; j++) {
    int16_t *to = p->panel + (j / BT_TILE_COLUMNS * p->pairs * BT_TILE_COLUMNS +
                              j % BT_TILE_COLUMNS) * 2;
    for (size_t i = 0; i < p->pairs; i++, to += 2 * BT_TILE_COLUMNS) {
      to[0] = weight(s, &s->taps[first[i]], j, part);
      to[1] = first[i + 1] - first[i] == 2 ? weight(s, &s->taps[first[i] + 1], j, part) : 0;
    }
  }
  free(first);
  return true;
}

/* The end of the channels from `first` on that one pass can hold. */
static size_t pass_end(const windows *s, size_t first) {
  const bt_contraction *w = s->w;
  size_t per_channel = w->x.k / s->source_c, i = first;
  int base = w->shift[w->k_blocks == 1 ? 0 : s->channel[first]];
  int64_t sum = 0;
  for (; i < s->channels; i++) {
    int shift = w->shift[w->k_blocks == 1 ? 0 : s->channel[i]] - base;
    if (shift > 15 || w->b_max << shift > INT16_MAX) {
      break;
    }
    sum += ((w->a_max * w->b_max) << shift) * (int64_t)per_channel;
    if (sum > INT32_MAX) {
      break;
    }
  }
  return i;
}

static bool make_passes(windows *s) {
  const bt_contraction *w = s->w;
  s->panels = (w->x.cols + BT_TILE_COLUMNS - 1) / BT_TILE_COLUMNS;
  if (w->two_pass && w->a_max * w->b_max > INT32_MAX / (int64_t)w->x.k) {
    add_taps(s, 0, s->channels, 0);
    return add_pass(s, 0, LOW) && add_pass(s, 7, HIGH);
  }
  for (size_t first = 0, end; first < s->channels; first = end) {
    int base = w->shift[w->k_blocks == 1 ? 0 : s->channel[first]];
    end = pass_end(s, first);
    add_taps(s, first, end, base);
    if (!add_pass(s, base, WHOLE)) {
      return false;
    }
  }
  return true;
}

/* Widens one source image; the zeros around it stay. */
static void fill_image(const windows *s, const int8_t *source, int16_t *image) {
  for (size_t y = 0; y < s->source_h; y++) {
    ptrdiff_t to_y = (ptrdiff_t)(y * s->spread) + s->top;
    for (size_t x = 0; x < s->source_w; x++) {
      ptrdiff_t to_x = (ptrdiff_t)(x * s->spread) + s->left;
      if (to_y < 0 || to_x < 0 || (size_t)to_y >= s->height || (size_t)to_x >= s->width) {
        continue;
      }
      const int8_t *from = source + (y * s->source_w + x) * s->source_c;
      int16_t *to = image + ((size_t)to_y * s->width + (size_t)to_x) * s->channels;
      if (s->as_they_are) {
        for (size_t i = 0; i < s->channels; i++) {
          to[i] = from[i];
        }
      } else {
        for (size_t i = 0; i < s->channels; i++) {
          to[i] = from[s->channel[i]];
        }
      }
    }
  }
}

/* Adds the passes of one tile and writes its outputs. */
static void run_tile(const windows *s, size_t row, size_t rows, size_t panel, int32_t *out) {
  size_t cols = s->w->x.cols, column = panel * BT_TILE_COLUMNS;
  size_t width = cols - column < BT_TILE_COLUMNS ? cols - column : BT_TILE_COLUMNS;
  int32_t part[BT_TILE_ROWS * BT_TILE_COLUMNS];
  int64_t sum[BT_TILE_ROWS * BT_TILE_COLUMNS] = {0};
  bt_tile t = {.vectors = width > 8 ? 2 : 1, .b_offset = s->b_offset};
  bool direct = s->passes == 1 && s->pass[0].shift == 0 && s->w->plan.t == 0;
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    t.a[r] = s->row[r < rows ? row + r : row];
  }
  for (size_t i = 0; i < s->passes; i++) {
    const pass *p = &s->pass[i];
    t.pairs = p->pairs;
    t.a_offset = p->a_offset;
    t.b[0] = p->panel + panel * p->pairs * BT_TILE_COLUMNS * 2;
    t.b[1] = t.b[0] + 16;
    s->w->f->kernels.tile(&t, part);
    for (size_t j = 0; !direct && j < rows * BT_TILE_COLUMNS; j++) {
      sum[j] += j % BT_TILE_COLUMNS < width ? bt_shift_left(part[j], p->shift) : 0;
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < width; j++) {
      size_t i = r * BT_TILE_COLUMNS + j;
      out[r * cols + column + j] = direct ? part[i] : bt_align_finish(sum[i], s->w->plan.t);
    }
  }
}

static void run_images(const windows *s) {
  size_t per_image = s->rows_h * s->rows_w, n = s->w->g.n;
  size_t source_size = s->source_h * s->source_w * s->source_c;
  const int8_t *source = s->w->c->in[0]->data;
  int32_t *out = s->w->c->out[0]->data;
  for (size_t first = 0; first < n; first += s->images) {
    size_t count = n - first < s->images ? n - first : s->images, rows = count * per_image;
    for (size_t i = 0; i < count; i++) {
      fill_image(s, source + (first + i) * source_size, s->image + i * s->image_size);
    }
    for (size_t panel = 0; panel < s->panels; panel++) {
      for (size_t row = 0; row < rows; row += BT_TILE_ROWS) {
        size_t height = rows - row < BT_TILE_ROWS ? rows - row : BT_TILE_ROWS;
        run_tile(s, row, height, panel, out + (first * per_image + row) * s->w->x.cols);
      }
    }
  }
}

/* The image buffers, enough of them for full tiles, and the windows' corners. */
static bool make_images(windows *s) {
  size_t per_image = s->rows_h * s->rows_w, pairs = 0;
  s->images = per_image >= 96 ? 1 : (95 + per_image) / per_image;
  s->images = s->images < s->w->g.n ? s->images : s->w->g.n;
  s->image_size = s->height * s->width * s->channels;
  for (size_t i = 0; i < s->passes; i++) {
    pairs = s->pass[i].pairs > pairs ? s->pass[i].pairs : pairs;
  }
  s->image = calloc(s->images * s->image_size + 2, sizeof *s->image);
  s->row = malloc(s->images * per_image * sizeof *s->row);
  s->b_offset = malloc((pairs + 1) * sizeof *s->b_offset);
  if (s->image == NULL || s->row == NULL || s->b_offset == NULL) {
    return false;
  }
  for (size_t i = 0; i < pairs; i++) {
    s->b_offset[i] = (int32_t)(i * 2 * BT_TILE_COLUMNS);
  }
  for (size_t i = 0, r = 0; i < s->images; i++) {
    for (size_t y = 0; y < s->rows_h; y++) {
      for (size_t x = 0; x < s->rows_w; x++) {
        s->row[r++] = s->image + i * s->image_size +
                      (y * s->step * s->width + x * s->step) * s->channels;
      }
    }
  }
  return true;
}

bool bt_fast_windows(const bt_contraction *w) {
  windows s = {.w = w};
  if (w->d == BT_FORWARD) {
    describe_forward(&s);
  } else {
    describe_data_gradient(&s);
  }
  s.channel = malloc(s.source_c * sizeof *s.channel);
  s.taps = malloc(w->x.k * sizeof *s.taps);
  bool done = s.channel != NULL && s.taps != NULL;
  if (done) {
    sort_channels(&s);
    done = make_passes(&s) && make_images(&s);
  }
  if (done) {
    run_images(&s);
  }
  for (size_t i = 0; i < s.passes; i++) {
    free(s.pass[i].a_offset);
    free(s.pass[i].panel);
  }
  free(s.channel);
  free(s.taps);
  free(s.image);
  free(s.row);
  free(s.b_offset);
  return done;
}
