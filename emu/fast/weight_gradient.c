/* Weight gradient: block after block of samples is packed, then added to all outputs (numerics 8;
 * weight.h says how). */
#include <string.h>

#include "fast/weight.h"

#define BLOCK_WORDS 1024u    /* at least, where there are as many: sums are read and written once
                              * a block */
#define BLOCK_BYTES 0x4000000u /* of images at most, unless one slab takes more */
#define L1_BYTES 24576u      /* for a step's panel and as many lines of the error */
#define STRIP_ROWS (BT_LINE / 4u)

static void shape_blocks(bt_weight *s) {
  const bt_kernels *k = &s->w->f->kernels;
  size_t slabs = (BLOCK_WORDS + s->slab_words - 1) / s->slab_words;
  size_t most = BLOCK_BYTES / s->image_bytes > 0 ? BLOCK_BYTES / s->image_bytes : 1;
  slabs = slabs < most ? slabs : most;
  s->block_slabs = slabs < s->slabs ? slabs : s->slabs;
  s->block_words = s->block_slabs * s->slab_words;
  s->step_words = L1_BYTES / (k->vectors * k->lanes * 4 + BT_LINE);
  s->panel_bytes = s->step_words * k->vectors * k->lanes * 4;
  s->strip_rows = s->g.o < 2 * STRIP_ROWS ? s->g.o : STRIP_ROWS;
  s->strip_step = s->strip_rows * 4;
  s->strip_bytes = s->block_words * s->strip_step;
}

static void *take(const bt_weight *s, size_t count, size_t size) {
  return bt_scratch_take(s->w->f->scratch, count * size);
}

static const int32_t *offsets(const bt_weight *s, size_t tables, size_t step) {
  int32_t *table = take(s, tables * s->step_words, sizeof *table);
  for (size_t t = 0; table != NULL && t < tables; t++) {
    for (size_t i = 0; i < s->step_words; i++) {
      table[t * s->step_words + i] = (int32_t)(i * step * (t + 1));
    }
  }
  return table;
}

static bool take_memory(bt_weight *s) {
  const bt_kernels *k = &s->w->f->kernels;
  size_t o = s->g.o, tail = k->lanes * 4; /* vectors reach beyond the last place */
  s->step = take(s, s->block_words / s->step_words + s->block_slabs + 1, sizeof *s->step);
  s->error = take(s, (o + s->strip_rows - 1) / s->strip_rows, s->strip_bytes);
  s->image = take(s, s->block_slabs * s->image_bytes + tail, 1);
  s->b_offset = take(s, s->block_words, sizeof *s->b_offset);
  s->a_offset = offsets(s, 1, s->strip_step);
  s->panel_offset = offsets(s, k->vectors, k->lanes * 4);
  s->panel = take(s, s->threads, s->panel_bytes);
  s->correction = take(s, s->threads * o, sizeof *s->correction);
  s->zeros = take(s, s->slab_columns, o);
  s->sum = take(s, s->groups > 1 ? o * s->w->x.cols : 0, sizeof *s->sum);
  if (s->step == NULL || s->error == NULL || s->image == NULL || s->b_offset == NULL ||
      s->a_offset == NULL || s->panel_offset == NULL || s->panel == NULL ||
      s->correction == NULL || s->zeros == NULL || s->sum == NULL) {
    return false;
  }
  memset(s->zeros, 0, s->slab_columns * o);
  memset(s->image + s->block_slabs * s->image_bytes, 0, tail);
  return true;
}

/* Takes slabs of the group at hand from `first` on. */
static void start_block(bt_weight *s, size_t first) {
  size_t group = s->slab[first].group, end = first;
  s->first = first;
  s->words = 0;
  for (; end < s->slabs && end - first < s->block_slabs && s->slab[end].group == group; end++) {
    s->slab[end].word = s->words;
    s->words += s->slab[end].rows * s->slab[end].columns;
  }
  s->end = end;
  s->last = end == s->slabs || s->slab[end].group != group;
  if (first == 0 || s->slab[first - 1].group != group) {
    memset(s->correction, 0, s->threads * s->g.o * sizeof *s->correction);
    for (; end < s->slabs && s->slab[end].group == group; end++) {
    }
    s->base = s->slab[end - 1].shift;
  }
}

/* Cuts a run of words, of one shift, evenly. `fall` shifts what came before. */
static void add_steps(bt_weight *s, size_t word, size_t words, bool accumulate, int fall) {
  size_t parts = (words + s->step_words - 1) / s->step_words;
  for (size_t i = 0; i < parts; i++) {
    size_t begin = words * i / parts, end = words * (i + 1) / parts;
    s->step[s->steps++] = (bt_weight_step){word + begin, end - begin, accumulate || i > 0,
                                           i == 0 ? (unsigned)fall : 0};
  }
}

static void cut_steps(bt_weight *s) {
  s->steps = 0;
  for (size_t i = s->first, next; i < s->end; i = next) {
    const bt_weight_slab *slab = &s->slab[i];
    bool accumulate = i > 0 && slab[-1].group == slab->group;
    int fall = accumulate ? slab[-1].shift - slab->shift : 0;
    for (next = i + 1; next < s->end && s->slab[next].shift == slab->shift; next++) {
    }
    size_t end = next < s->end ? s->slab[next].word : s->words;
    add_steps(s, slab->word, end - slab->word, accumulate, fall);
  }
}

bool bt_fast_weight_gradient(const bt_contraction *w) {
  bt_weight s = {.w = w, .g = w->g};
  if (!bt_weight_plan(&s)) {
    return false;
  }
  if (s.slabs == 0) { /* every sample is in a zero block */
    memset(w->c->out[0]->data, 0, w->x.rows * w->x.cols * sizeof(int32_t));
    return w->extremes == NULL || bt_weight_extremes(w);
  }
  shape_blocks(&s);
  if (!take_memory(&s)) {
    return false;
  }
  for (size_t first = 0; first < s.slabs; first = s.end) {
    start_block(&s, first);
    cut_steps(&s);
    bt_weight_pack(&s);
    bt_weight_tiles(&s);
  }
  return w->extremes == NULL || bt_weight_extremes(w);
}
