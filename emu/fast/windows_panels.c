/* The weights of windows in panels: for each block of k and each group of columns that a tile
 * takes at once, word by word, a word a column. Columns and places that do not exist are 0. */
#include <string.h>

#include "fast/windows.h"

/* Below so many words one thread packs them sooner than several. */
#define WORDS_ALONE 4096u

size_t bt_windows_vectors(const bt_windows *s, size_t panel) {
  size_t rest = s->columns - panel * s->panel_columns;
  return (rest < s->panel_columns ? rest : s->panel_columns) / s->k->lanes;
}

uint8_t *bt_windows_panel(const bt_windows *s, const bt_block_of_k *b, size_t panel) {
  return s->panel + 4 * (b->word * s->columns + panel * s->panel_columns * b->words);
}

size_t bt_windows_width(const bt_windows *s, size_t panel) {
  size_t rest = s->w->x.cols - panel * s->panel_columns;
  return rest < s->panel_columns ? rest : s->panel_columns;
}

int32_t *bt_windows_start(const bt_windows *s, size_t range, size_t step, size_t panel) {
  return s->start + (range * s->step_count + step) * s->columns + panel * s->panel_columns;
}

void bt_windows_cut(const bt_windows *s, size_t step, size_t panel, size_t range,
                    bt_word_tile *t) {
  const bt_step *i = &s->step[step];
  const bt_segment *g = &s->segment[i->segment];
  size_t run = g->words / s->kh, word = i->word, end = word + i->words;
  size_t first = g->word + s->range[range].first * run;
  size_t last = g->word + s->range[range].end * run;
  first = first > word ? first : word;
  last = last < end ? last : end;
  t->words = first < last ? last - first : 0;
  t->a_offset = s->a_offset + first;
  t->b_offset = s->b_offset[panel + 1 == s->panels] + (first - word);
  t->start = s->start == NULL ? NULL : bt_windows_start(s, range, step, panel);
}

/* The parts of wide weights as bytes. */
static bool split_weights(bt_windows *s) {
  const bt_tensor *t = s->w->c->in[1];
  size_t n = bt_tensor_elements(t);
  if (!s->w->two_pass) {
    s->weights[BT_WHOLE] = t->data;
    return true;
  }
  s->wide = t->data;
  if (s->segment[0].part == BT_WHOLE) {
    return true;
  }
  int8_t *low = bt_scratch_take(s->w->f->scratch, n), *high = bt_scratch_take(s->w->f->scratch, n);
  if (low == NULL || high == NULL) {
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    low[i] = (int8_t)(s->wide[i] & 127);
    high[i] = (int8_t)(s->wide[i] >> 7);
  }
  s->weights[BT_LOW_PART] = low;
  s->weights[BT_HIGH_PART] = high;
  return true;
}

/* Words from w on, before `end`, that are successive weights in each column. */
static size_t run_length(const bt_windows *s, size_t w, size_t end) {
  size_t elements = 0, first = w * s->unit, most = (end - w) * s->unit;
  if (s->column_step == 1 || s->tap[first] == BT_NO_TAP) {
    return 0;
  }
  while (elements < most && s->tap[first + elements] == s->tap[first] + elements &&
         s->lift[first + elements] == 0) {
    elements++;
  }
  return elements / s->unit;
}

/* A word whose weights are neighbours from column to column. */
static void pack_rows(const bt_windows *s, const int8_t *weights, size_t w, size_t column,
                      size_t width, uint8_t *to) {
  static const int8_t zero[BT_TILE_VECTORS * BT_TILE_LANES];
  const int8_t *row[4];
  for (size_t i = 0; i < s->unit; i++) {
    size_t tap = s->tap[w * s->unit + i];
    row[i] = tap == BT_NO_TAP ? zero : weights + tap + column;
  }
  s->k->pack_rows(width, row, s->lift + w * s->unit, to);
}

/* A word with any weights. */
static void pack_word(const bt_windows *s, const int8_t *weights, size_t w, size_t column,
                      size_t width, uint8_t *to) {
  for (size_t j = 0; j < width; j++, to += 4) {
    for (size_t i = 0; i < s->unit; i++) {
      size_t tap = s->tap[w * s->unit + i], at = tap + (column + j) * s->column_step;
      int32_t m = tap == BT_NO_TAP ? 0 : weights == NULL ? s->wide[at] : weights[at];
      int16_t wide = (int16_t)(m * (1 << s->lift[w * s->unit + i]));
      int8_t narrow = (int8_t)m;
      if (s->unit == 2) {
        memcpy(to + 2 * i, &wide, sizeof wide);
      } else {
        memcpy(to + i, &narrow, sizeof narrow);
      }
    }
  }
}

static void pack_step(const bt_windows *s, const bt_step *t, size_t panel, uint8_t *to) {
  size_t column = panel * s->panel_columns, width = bt_windows_width(s, panel);
  size_t step = 4 * bt_windows_vectors(s, panel) * s->k->lanes, end = t->word + t->words;
  const int8_t *weights = s->weights[s->segment[t->segment].part];
  for (size_t w = t->word, run = 0; w < end; w += run, to += run * step) {
    run = weights == NULL ? 0 : run_length(s, w, end);
    if (run > 0) {
      const int8_t *from = weights + s->tap[w * s->unit] + column * s->column_step;
      s->k->pack_runs(run, width, from, s->column_step, to, step);
    } else if (s->column_step == 1 && weights != NULL) {
      pack_rows(s, weights, w, column, width, to);
      run = 1;
    } else {
      pack_word(s, weights, w, column, width, to);
      run = 1;
    }
    for (size_t i = 0; 4 * width < step && i < run; i++) {
      memset(to + i * step + 4 * width, 0, step - 4 * width);
    }
  }
}

/* What every sum of the step is too large by, with its sign changed: 128 times the sum of the
 * column's weights, which a tile finds with 1 for all of A. */
static void find_start(const bt_windows *s, size_t step, size_t panel, size_t range,
                       const uint8_t *words) {
  static const uint8_t ones[4] = {1, 1, 1, 1};
  size_t vectors = bt_windows_vectors(s, panel), columns = vectors * s->k->lanes;
  int32_t sum[BT_TILE_ROWS * BT_TILE_VECTORS * BT_TILE_LANES];
  bt_word_tile t = {.vectors = vectors, .out = sum, .out_step = columns};
  bt_windows_cut(s, step, panel, range, &t);
  t.a_offset = s->no_offset;
  t.start = NULL;
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    t.a[r] = ones;
  }
  for (size_t v = 0; v < vectors; v++) {
    t.b[v] = words + v * 4 * s->k->lanes;
  }
  s->k->tile_a(&t);
  int32_t *start = bt_windows_start(s, range, step, panel);
  for (size_t j = 0; j < columns; j++) {
    start[j] = (int32_t)(0 - 128 * (uint32_t)sum[j]);
  }
}

static void pack_panel(void *windows, size_t task, unsigned thread) {
  const bt_windows *s = windows;
  const bt_block_of_k *b = &s->block[task / s->panels];
  size_t panel = task % s->panels, word = 4 * bt_windows_vectors(s, panel) * s->k->lanes;
  (void)thread;
  for (size_t i = b->step; i < b->step + b->steps; i++) {
    uint8_t *to = bt_windows_panel(s, b, panel) + (s->step[i].word - b->word) * word;
    pack_step(s, &s->step[i], panel, to);
    for (size_t range = 0; s->start != NULL && range < s->range_count; range++) {
      find_start(s, i, panel, range, to);
    }
  }
}

static bool make_offsets(bt_windows *s) {
  size_t words = s->words + 1;
  for (size_t last = 0; last < 2; last++) {
    size_t step = 4 * s->k->lanes * bt_windows_vectors(s, last == 0 ? 0 : s->panels - 1);
    int32_t *offset = bt_scratch_take(s->w->f->scratch, words * sizeof *offset);
    s->b_offset[last] = offset;
    for (size_t w = 0; offset != NULL && w < words; w++) {
      offset[w] = (int32_t)(w * step);
    }
  }
  if (s->unit == 4) {
    s->no_offset = bt_scratch_take(s->w->f->scratch, words * sizeof *s->no_offset);
    size_t starts = s->range_count * s->step_count;
    s->start = bt_scratch_take(s->w->f->scratch, starts * s->columns * sizeof *s->start);
    if (s->no_offset == NULL || s->start == NULL) {
      return false;
    }
    memset(s->no_offset, 0, words * sizeof *s->no_offset);
  }
  return s->b_offset[0] != NULL && s->b_offset[1] != NULL;
}

bool bt_windows_panels(bt_windows *s) {
  s->panel = bt_scratch_take(s->w->f->scratch, 4 * s->words * s->columns);
  if (s->panel == NULL || !make_offsets(s) || !split_weights(s)) {
    return false;
  }
  size_t tasks = s->block_count * s->panels;
  if (s->words * s->columns < WORDS_ALONE) {
    for (size_t i = 0; i < tasks; i++) {
      pack_panel(s, i, 0);
    }
  } else {
    bt_threads_run(s->w->f->threads, tasks, pack_panel, s);
  }
  return true;
}
