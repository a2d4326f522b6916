/* What a window's sum goes through: channels of equal exponent in segments, their elements in
 * words, words in the steps of tiles, steps in blocks of k (numerics 8.2).
 *
 * Segments are summed in descending order of their shift to gref: sum = (sum << difference) +
 * segment, all modulo 2^32. That is exact where the whole sum is below 2^31 in magnitude, whatever
 * comes between; a bound on it, from the weights that are there, decides. Where it fails the
 * segments are divided among passes that each meet it, and the passes added in 64 bits. */
#include <string.h>

#include "fast/windows.h"

/* A panel's bytes in a block of k: it shares the first-level cache with the rows of A. */
#define PANEL_BYTES (20u * 1024)      /* of vectors of 8 lanes: a cache of 32 KiB */
#define PANEL_BYTES_WIDE (32u * 1024) /* of vectors of 16 lanes: one of 48 KiB */

static int shift_of(const bt_windows *s, size_t channel) {
  return s->w->shift[s->w->k_blocks == 1 ? 0 : channel];
}

/* The channels that count in descending order of their shift, a segment for each shift. */
static void sort_channels(bt_windows *s) {
  size_t n = 0;
  s->natural = false;
  for (int shift = BT_ALIGN_BITS; shift >= 0; shift--) {
    bt_segment segment = {.first = n, .shift = shift};
    for (size_t o = 0; o < s->source_c; o++) {
      if (shift_of(s, o) == shift) {
        s->channel[n++] = o;
      }
    }
    segment.end = n;
    if (segment.end > segment.first) {
      s->segment[s->segment_count++] = segment;
    }
  }
}

/* One segment of all channels as they are; those that do not count have no taps. */
static void keep_order(bt_windows *s) {
  s->natural = true;
  s->segment[0].first = 0;
  s->segment[0].end = s->source_c;
  for (size_t i = 0; i < s->source_c; i++) {
    s->channel[i] = i;
  }
}

/* Joins segments while the weights of the earlier ones, shifted, stay in 16 bits. */
static void join_segments(bt_windows *s) {
  size_t n = 0;
  int top = 0;
  for (size_t i = 0; i < s->segment_count; i++) {
    const bt_segment *next = &s->segment[i];
    if (i == 0 || s->w->b_max << (top - next->shift) > INT16_MAX) {
      top = next->shift;
      s->segment[n++] = *next;
    } else {
      s->segment[n - 1].end = next->end;
      s->segment[n - 1].shift = next->shift;
    }
  }
  s->segment_count = n;
}

/* Adds a segment's weights, shifted from its shift, to each column's sum of magnitudes; returns
 * the largest. */
static uint64_t add_segment(const bt_windows *s, const bt_segment *g, uint64_t *sum) {
  const bt_contraction *w = s->w;
  size_t rows = s->kh * s->kw, cols = w->x.cols;
  uint64_t largest = 0;
  for (size_t i = g->first; i < g->end; i++) {
    const int8_t *m = (const int8_t *)w->c->in[1]->data + s->channel[i] * rows * cols;
    bt_fast_add_magnitudes(rows, cols, m, shift_of(s, s->channel[i]) - g->shift, sum);
  }
  for (size_t j = 0; j < cols; j++) {
    largest = sum[j] > largest ? sum[j] : largest;
  }
  return largest;
}

static void add_pass(bt_windows *s, size_t segment) {
  s->pass[s->pass_count++] = (bt_pass){.segment = segment, .segments = 1};
}

/* Segments of a data gradient among passes. A segment alone always fits: no sum of its products
 * in any order leaves 32 bits (bt_fast_contract_covers). */
static bool divide_segments(bt_windows *s) {
  const bt_contraction *w = s->w;
  size_t bytes = w->x.cols * sizeof(uint64_t);
  uint64_t limit = (uint64_t)(INT32_MAX / w->a_max), *sum = bt_scratch_take(w->f->scratch, bytes);
  for (size_t i = 0; sum != NULL && i < s->segment_count; i++) {
    bt_segment *g = &s->segment[i];
    bool joins = i > 0;
    for (size_t j = 0; joins && j < w->x.cols; j++) {
      sum[j] <<= g[-1].shift - g->shift;
    }
    joins = joins && add_segment(s, g, sum) <= limit;
    if (joins) {
      s->pass[s->pass_count - 1].segments++;
    } else {
      memset(sum, 0, bytes);
      (void)add_segment(s, g, sum);
      add_pass(s, i);
    }
  }
  return sum != NULL;
}

/* One pass of every segment. */
static void take_all(bt_windows *s) {
  s->pass_count = 1;
  s->pass[0] = (bt_pass){.segment = 0, .segments = s->segment_count};
}

/* Weights of 16 bits, whose exponents stand outside the sum: as they are in PAIR, or in parts. */
static void plan_two_passes(bt_windows *s) {
  const bt_contraction *w = s->w;
  uint64_t largest = (uint64_t)w->a_max * bt_fast_largest_row(w->c->in[1], w->x.cols);
  bool fits = largest <= INT32_MAX;
  s->segment[0] = (bt_segment){.part = BT_WHOLE};
  s->segment_count = 1;
  keep_order(s);
  if (!fits || s->unit == 4) {
    s->segment[0].part = BT_HIGH_PART;
    s->segment[0].shift = 7;
    s->segment[1] = s->segment[0];
    s->segment[1].part = BT_LOW_PART;
    s->segment[1].shift = 0;
    s->segment_count = 2;
  }
  take_all(s);
  if (!fits) {
    s->pass[0].segments = 1;
    s->pass_count = 1;
    add_pass(s, 1);
  }
}

static bool plan_segments(bt_windows *s) {
  const bt_contraction *w = s->w;
  if (w->two_pass) {
    plan_two_passes(s);
    return true;
  }
  sort_channels(s);
  int spread = s->segment[0].shift - s->segment[s->segment_count - 1].shift;
  int64_t products = (int64_t)w->x.k * w->a_max * w->b_max;
  if (spread == 0 || products <= INT32_MAX >> spread) {
    take_all(s);
  } else if (!divide_segments(s)) {
    return false;
  }
  if (s->pass_count == 1 && s->unit == 2) {
    join_segments(s);
    take_all(s);
  }
  if (s->segment_count == 1) {
    keep_order(s);
  }
  return true;
}

static size_t words_of_run(const bt_windows *s, size_t elements) {
  return (elements + s->unit - 1) / s->unit;
}

static size_t run_of(const bt_windows *s, const bt_segment *g) {
  return (s->single ? 1 : s->kw) * (g->end - g->first);
}

/* The weight of column 0 that a place of the window meets. */
static size_t weight_at(const bt_windows *s, size_t y, size_t x, size_t channel) {
  const bt_geometry *g = &s->w->g;
  if (s->w->d == BT_FORWARD) {
    return (y * g->kw + x) * g->c + channel;
  }
  return ((channel * g->kh + g->kh - 1 - y) * g->kw + g->kw - 1 - x) * g->c;
}

/* The words of row y of a segment's windows. */
static void add_run(bt_windows *s, const bt_segment *g, size_t y) {
  size_t channels = g->end - g->first, run = run_of(s, g);
  for (size_t i = 0; i < words_of_run(s, run) * s->unit; i++) {
    size_t at = s->words * s->unit + i, channel = s->channel[g->first + i % channels];
    bool used = i < run && shift_of(s, channel) != BT_UNUSED_BLOCK;
    int lift = used && g->part == BT_WHOLE ? shift_of(s, channel) - g->shift : 0;
    s->tap[at] = used ? weight_at(s, y, i / channels, channel) : BT_NO_TAP;
    s->lift[at] = (uint8_t)lift;
  }
  for (size_t i = 0; i < words_of_run(s, run); i++) {
    size_t at = y * s->width * channels + i * s->unit;
    s->a_offset[s->words + i] = (int32_t)(at * s->element);
  }
  s->words += words_of_run(s, run);
}

static bool make_words(bt_windows *s) {
  bt_scratch *scratch = s->w->f->scratch;
  size_t words = 1;
  for (size_t i = 0; i < s->segment_count; i++) {
    words += s->kh * words_of_run(s, run_of(s, &s->segment[i]));
  }
  s->a_offset = bt_scratch_take(scratch, words * sizeof *s->a_offset);
  s->tap = bt_scratch_take(scratch, words * s->unit * sizeof *s->tap);
  s->lift = bt_scratch_take(scratch, words * s->unit);
  if (s->a_offset == NULL || s->tap == NULL || s->lift == NULL) {
    return false;
  }
  for (size_t i = 0; i < s->segment_count; i++) {
    s->segment[i].word = s->words;
    for (size_t phase = 0; phase < s->spread; phase++) {
      for (size_t y = phase; y < s->kh; y += s->spread) {
        add_run(s, &s->segment[i], y);
      }
    }
    s->segment[i].words = s->words - s->segment[i].word;
  }
  return true;
}

/* The plane that a step reads: of its segment's channels, or, where images are single pixels and
 * are packed anew for each block of k, of the step's own. */
static void add_plane(bt_windows *s, bt_step *t) {
  const bt_segment *g = &s->segment[t->segment];
  bool same = t->segment > 0 && g->first == g[-1].first && !s->single;
  bool again = t->word > g->word && !s->single;
  if (same || again) {
    t->plane = s->plane_count - 1;
    return;
  }
  bt_plane p = {.first = g->first, .channels = g->end - g->first};
  p.pixel = p.channels * s->element;
  if (s->single) {
    size_t skipped = (t->word - g->word) * s->unit, rest = p.channels - skipped;
    p.first += skipped;
    p.channels = rest < t->words * s->unit ? rest : t->words * s->unit;
    p.pixel = t->words * 4;
    for (size_t i = 0; i < t->words; i++) {
      s->a_offset[t->word + i] = (int32_t)(4 * i);
    }
  }
  t->plane = s->plane_count;
  s->plane[s->plane_count++] = p;
}

/* Step of `words` words of segment g from `word` on, in the last block. */
static void add_step(bt_windows *s, size_t g, size_t word, size_t words, bool begins_pass) {
  bool begins = word == s->segment[g].word;
  bt_step t = {.word = word, .words = words, .segment = g, .first = begins && begins_pass};
  if (begins && !begins_pass) {
    t.shift = (unsigned)(s->segment[g - 1].shift - s->segment[g].shift);
  }
  add_plane(s, &t);
  s->step[s->step_count++] = t;
  s->block[s->block_count - 1].steps++;
  s->block[s->block_count - 1].words += words;
}

static void add_block(bt_windows *s, size_t word) {
  s->block[s->block_count++] = (bt_block_of_k){.step = s->step_count, .word = word};
}

static void add_segment_steps(bt_windows *s, size_t g, bool begins_pass, size_t most) {
  const bt_segment *segment = &s->segment[g];
  for (size_t word = segment->word, end = word + segment->words; word < end;) {
    if (s->block[s->block_count - 1].words == most) {
      add_block(s, word);
    }
    size_t room = most - s->block[s->block_count - 1].words;
    size_t words = end - word < room ? end - word : room;
    add_step(s, g, word, words, begins_pass);
    word += words;
  }
}

/* Words of a block of k, so that blocks are equal; all where there are several passes, which a
 * tile goes through at once. */
static size_t block_words(const bt_windows *s) {
  size_t columns = s->columns < s->panel_columns ? s->columns : s->panel_columns;
  size_t most = (s->k->lanes == 16 ? PANEL_BYTES_WIDE : PANEL_BYTES) / (4 * columns);
  size_t blocks = s->pass_count > 1 ? 1 : (s->words + most - 1) / most;
  return blocks <= 1 ? s->words : (s->words + blocks - 1) / blocks;
}

static bool make_steps(bt_windows *s) {
  bt_scratch *scratch = s->w->f->scratch;
  size_t most = block_words(s), blocks = most == 0 ? 1 : s->words / most + 1;
  size_t steps = s->segment_count + blocks + 1;
  s->step = bt_scratch_take(scratch, steps * sizeof *s->step);
  s->plane = bt_scratch_take(scratch, steps * sizeof *s->plane);
  s->block = bt_scratch_take(scratch, blocks * sizeof *s->block);
  if (s->step == NULL || s->plane == NULL || s->block == NULL) {
    return false;
  }
  add_block(s, 0);
  for (size_t i = 0; i < s->pass_count; i++) {
    bt_pass *p = &s->pass[i];
    p->step = s->step_count;
    for (size_t j = 0; j < p->segments; j++) {
      add_segment_steps(s, p->segment + j, j == 0, most);
      p->shift = s->segment[p->segment + j].shift;
    }
    p->steps = s->step_count - p->step;
  }
  return true;
}

bool bt_windows_plan(bt_windows *s) {
  s->channel = bt_scratch_take(s->w->f->scratch, s->source_c * sizeof *s->channel);
  return s->channel != NULL && plan_segments(s) && make_words(s) && make_steps(s);
}
