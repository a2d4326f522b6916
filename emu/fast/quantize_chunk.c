/* A chunk of a quantization: stretches of one surplus by the kernel for that, the rest in groups
 * with a surplus for each element (numerics 7.3). */
#include "fast/quantize_parts.h"

#define GROUP 64u
#define MIXED 256u       /* elements of short stretches that are put together at once */
#define FEW_COLUMNS 128u /* below, blocks are so short that groups are put together */
#define LEAST (-31)      /* surpluses that change nothing when exceeded: only zeros have them, or */
#define MOST 62          /* every draw and every half is as far away */

static size_t at_most(size_t a, size_t b) { return a < b ? a : b; }

bt_stretch bt_stretch_at(const bt_quantize_plan *p, size_t i) {
  const bt_tiling *t = &p->tiling;
  size_t line = i / t->width, column = i % t->width;
  bt_stretch s = {.first = i, .row = i / p->row, .column = i % p->last};
  s.line = line % t->rows;
  s.band = line / t->rows * t->across;
  s.block = s.band + column / t->columns;
  s.line_end = (line + 1) * t->width;
  s.block_end = at_most(i - column % t->columns + t->columns, s.line_end);
  s.row_end = (s.row + 1) * p->row;
  s.end = at_most(s.block_end, s.row_end);
  return s;
}

static void next_line(const bt_quantize_plan *p, bt_stretch *s) {
  s->line_end += p->tiling.width;
  s->line++;
  if (s->line == p->tiling.rows) {
    s->line = 0;
    s->band += p->tiling.across;
  }
  s->block = s->band;
}

void bt_stretch_skip(const bt_quantize_plan *p, bt_stretch *s, size_t n) {
  s->first += n;
  s->column += n;
  if (s->column >= p->last) {
    s->column %= p->last;
  }
  if (s->first < s->end) {
    return;
  }
  if (s->first == s->row_end) {
    s->row++;
    s->row_end += p->row;
  }
  if (s->first == s->block_end) {
    if (s->first == s->line_end) {
      next_line(p, s);
    } else {
      s->block++;
    }
    s->block_end = at_most(s->first + p->tiling.columns, s->line_end);
  }
  s->end = at_most(s->block_end, s->row_end);
}

/* The step exponent of a stretch's output. */
static int step(const bt_quantize_plan *p, const bt_stretch *s) {
  return p->out->exp[s->block] - (p->out->fmt.wl - 2);
}

/* Whether a stretch's surpluses are those that the quicker kernel takes. */
static bool is_near(const bt_quantize_plan *p, const bt_stretch *s) {
  int to = step(p, s);
  return to - p->most >= 1 && to - p->least <= 30;
}

/* -surplus of n elements, surpluses held at the ends of LEAST..MOST. */
static void set_surplus(int to, size_t n, bool uniform, const int16_t *from, int16_t *surplus) {
  const int16_t low = (int16_t)(to - MOST), high = (int16_t)(to - LEAST), base = (int16_t)to;
  for (size_t i = 0; i < n; i++) {
    int16_t e = from[uniform ? 0 : i];
    e = e < low ? low : e;
    e = e > high ? high : e;
    surplus[i] = (int16_t)(e - base);
  }
}

/* The surpluses of n elements from s's first on, which is moved past them. */
static bool set_surpluses(const bt_quantize_plan *p, bt_stretch *s, size_t n, int16_t *surplus) {
  bool uniform = bt_stretch_uniform(p), near = true;
  for (size_t i = 0, length; i < n; i += length) {
    length = at_most(s->end - s->first, n - i);
    near = near && is_near(p, s);
    if (uniform) {
      set_surplus(step(p, s), length, true, bt_stretch_exponents(p, s), surplus + i);
    } else {
      set_surplus(step(p, s), length, false, bt_stretch_exponents(p, s), surplus + i);
    }
    bt_stretch_skip(p, s, length);
  }
  return near;
}

/* How many of the `rest` elements from s's first on one surplus serves, in whole groups or to the
 * end; 0 if none. */
static size_t same_length(const bt_quantize_plan *p, const bt_stretch *s, size_t rest,
                          int *surplus) {
  size_t length = at_most(s->end - s->first, rest);
  if (!p->narrow || !bt_stretch_uniform(p)) {
    return 0;
  }
  *surplus = step(p, s) - *bt_stretch_exponents(p, s);
  if (*surplus < 1 || *surplus > 30) {
    return 0;
  }
  return length == rest ? rest : length / GROUP * GROUP;
}

/* The same for surpluses by column: how many of a stretch's own exponents serve. */
static size_t column_length(const bt_quantize_plan *p, const bt_stretch *s, size_t rest) {
  size_t length = at_most(s->end - s->first, rest);
  if (bt_stretch_uniform(p)) {
    return 0;
  }
  return length <= BT_QUANTIZE_SLACK && length == rest
             ? rest
             : at_most(length, BT_QUANTIZE_SLACK) / GROUP * GROUP;
}

/* How many elements to put together: whole groups of a long stretch, else the group that it ends
 * in, else several of short ones. */
static size_t mixed_length(const bt_quantize_plan *p, const bt_stretch *s, size_t rest) {
  size_t whole = (s->end - s->first) / GROUP * GROUP;
  bool long_ones = bt_stretch_uniform(p) && p->tiling.columns >= FEW_COLUMNS;
  return at_most(!long_ones ? MIXED : whole == 0 ? GROUP : at_most(whole, MIXED), rest);
}

/* The next elements, `rest` at most: those that one surplus serves, or exponents by column as they
 * lie, or a few groups of short stretches. Returns how many; s is moved past them. */
static size_t next_elements(const bt_quantize_plan *p, bt_lane_state *lanes, bt_stretch *s,
                            size_t rest, const int32_t *m, uint8_t *out, uint64_t *clipped) {
  const bt_kernels *k = p->kernels;
  int16_t own[MIXED];
  int surplus = 0;
  size_t length = same_length(p, s, rest, &surplus);
  if (length > 0) {
    *clipped += k->quantize_same(&p->q, lanes, length, m, surplus, out);
    bt_stretch_skip(p, s, length);
    return length;
  }
  bt_surpluses each = {.base = step(p, s), .e = bt_stretch_exponents(p, s), .near = is_near(p, s)};
  length = column_length(p, s, rest);
  if (length > 0) {
    bt_stretch_skip(p, s, length);
  } else {
    length = mixed_length(p, s, rest);
    each = (bt_surpluses){.e = own};
    each.near = set_surpluses(p, s, length, own);
  }
  *clipped += k->quantize_each(&p->q, lanes, length, m, &each, out);
  return length;
}

uint64_t bt_fast_quantize_chunk(const bt_quantize_plan *p, bt_lane_state *lanes, size_t first,
                                size_t n, const int32_t *m) {
  uint64_t clipped = 0;
  uint8_t *out = p->out->data;
  size_t size = p->q.wide_out ? 2 : 1;
  bt_stretch s = bt_stretch_at(p, first);
  for (size_t i = 0; i < n;) {
    i += next_elements(p, lanes, &s, n - i, m + i, out + (first + i) * size, &clipped);
  }
  return clipped;
}
