#include "cost/machine_time_walk.h"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t floor_div(int64_t n, int64_t d) { return n / d - (n % d < 0); }

unsigned bt_walk_banks(unsigned units) {
  unsigned banks = 2;
  while (banks < units) {
    banks *= 2;
  }
  return banks;
}

/* Where strides are even, elements meet the same bank before all banks are met. */
static unsigned spread_banks(unsigned banks, int64_t windows) {
  for (; windows % 2 == 0 && banks > 1; windows /= 2) {
    banks /= 2;
  }
  return banks;
}

static bt_walk_view image_view(const bt_geometry *g, unsigned rows, unsigned lanes) {
  int64_t c = (int64_t)g->c, pad = (int64_t)g->pad, stride = (int64_t)g->stride;
  bt_walk_view v = {.places_x = (int64_t)g->ow, .places_y = (int64_t)g->oh,
                    .rows = (int64_t)g->h, .line = (int64_t)g->w * c, .dx = stride * c,
                    .dy = stride, .x = -pad * c, .y = -pad, .run = (int64_t)g->kw * c,
                    .windows = 1, .word = 4 * (int64_t)lanes};
  v.image = v.line * v.rows;
  v.lines = (v.dx == 1 || v.dx == 2 || v.dx == 4) && v.run <= (int64_t)(rows / 2) &&
            v.run < v.places_x;
  v.apart = !v.lines ? 0 : v.dx == 4 ? 2 : v.dx == 2 ? 1 : 0;
  return v;
}

static bt_walk_view spread_view(const bt_geometry *g, unsigned lanes) {
  bt_walk_view v = {.spread = true, .places_x = (int64_t)g->w, .places_y = (int64_t)g->h,
                    .rows = (int64_t)g->oh, .line = (int64_t)(g->ow * g->o),
                    .stride = (int64_t)g->stride, .pad = (int64_t)g->pad,
                    .window_x = (int64_t)g->kw, .run = (int64_t)g->o,
                    .windows = (int64_t)(g->kh * g->kw), .word = 4 * (int64_t)lanes};
  v.image = v.line * v.rows;
  return v;
}

/* The operand without a window, by pixels of px x py with `run` elements each. */
static bt_walk_view matrix_view(size_t px, size_t py, size_t run, unsigned apart, unsigned lanes) {
  bt_walk_view v = {.places_x = (int64_t)px, .places_y = (int64_t)py, .rows = (int64_t)py,
                    .dx = (int64_t)run, .dy = 1, .run = (int64_t)run, .windows = 1,
                    .apart = apart, .word = 4 * (int64_t)lanes};
  v.line = (int64_t)(px * run) << apart;
  v.image = v.line * v.rows;
  return v;
}

bt_walk_view bt_walk_view_a(const bt_command *c, unsigned rows, unsigned lanes) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  bt_walk_view v = d == BT_FORWARD         ? image_view(g, rows, lanes)
                   : d == BT_DATA_GRADIENT ? spread_view(g, lanes)
                                           : matrix_view(g->ow, g->oh, g->o, 0, lanes);
  v.banks = bt_walk_banks(rows);
  v.banks = v.spread ? spread_banks(v.banks, v.windows) : v.banks;
  return v;
}

bt_walk_view bt_walk_view_b(const bt_command *c, unsigned rows, unsigned cols, unsigned lanes) {
  const bt_geometry *g = &c->u.contract.geometry;
  bt_direction d = c->u.contract.direction;
  bool wide = c->in[1]->kind == BT_T_BFP16;
  bt_walk_view v = d == BT_FORWARD ? matrix_view(1, 1, g->kh * g->kw * g->c, wide ? 1 : 0, lanes)
                   : d == BT_DATA_GRADIENT ? matrix_view(g->kw, g->kh, g->c, 0, lanes)
                                           : image_view(g, rows, lanes);
  v.banks = bt_walk_banks(cols);
  return v;
}

/* To the load's first place. */
static void first_place(bt_walk *w) {
  const bt_walk_view *v = w->v;
  int64_t line = w->load.first_place / v->places_x;
  w->place = 0;
  w->px = w->load.first_place % v->places_x;
  w->py = line % v->places_y;
  w->image = line / v->places_y;
}

static void next_places(bt_walk *w, int64_t count) {
  w->place += count;
  w->px += count;
  if (w->px == w->v->places_x) {
    w->px = 0;
    w->py++;
    if (w->py == w->v->places_y) {
      w->py = 0;
      w->image++;
    }
  }
}

/* The run at hand: where it begins in its line of the window, and how long it is. */
static void set_run(bt_walk *w) {
  const bt_walk_view *v = w->v;
  const bt_walk_load *l = &w->load;
  w->done = 0;
  if (v->spread) {
    int64_t end = l->final ? v->run * v->windows : l->first + BT_WALK_DEPTH;
    w->from = l->first / v->windows + (w->window < l->first % v->windows);
    w->length = end / v->windows + (w->window < end % v->windows) - w->from;
    w->empty = w->length == 0;
    return;
  }
  int64_t at = l->first + w->position;
  w->window = at / v->run;
  w->from = at % v->run;
  w->length = v->lines ? 1 : least(v->run - w->from, l->length - w->position);
}

/* Where the place's line of the operand lies, and the byte in it; false outside the operand. */
static bool line_of(const bt_walk *w, int64_t *x, int64_t *y) {
  const bt_walk_view *v = w->v;
  bool there = true;
  if (v->spread) {
    int64_t tx = w->px + v->pad - w->window % v->window_x;
    int64_t ty = w->py + v->pad - w->window / v->window_x;
    *x = floor_div(tx, v->stride) * v->run;
    *y = floor_div(ty, v->stride);
    there = tx % v->stride == 0 && ty % v->stride == 0;
  } else {
    *x = v->x + w->px * v->dx;
    *y = v->y + w->py * v->dy + w->window;
  }
  return there && *y >= 0 && *y < v->rows;
}

/* The piece at hand. */
static void set_piece(bt_walk *w) {
  const bt_walk_view *v = w->v;
  int64_t x, y, round = ((int64_t)1 << v->apart) - 1;
  bool there = line_of(w, &x, &y);
  x += v->lines ? w->from : (w->from + w->done) * ((int64_t)1 << v->apart);
  int64_t address = w->image * v->image + y * v->line + x;
  int64_t word = floor_div(address, v->word), offset = address - word * v->word;
  int64_t left = v->lines ? least(w->load.places - w->place, v->places_x - w->px)
                          : w->length - w->done;
  w->limit = (int64_t)v->banks;
  w->limit = there ? least(w->limit, (v->word - offset + round) >> v->apart) : w->limit;
  w->limit = least(w->limit, left);
  int64_t from = x < 0 ? least((round - x) >> v->apart, w->limit) : 0;
  int64_t to = !there || x >= v->line ? 0 : least((v->line - x + round) >> v->apart, w->limit);
  w->fetch = !w->empty && from < to;
  w->word = word;
  bool run_ends = v->lines || w->limit == left;
  bool places_end = w->place + (v->lines ? w->limit : 1) == w->load.places;
  bool load_ends = v->spread ? w->window + 1 == v->windows
                             : w->length == w->load.length - w->position;
  w->last = load_ends && (w->empty || (run_ends && places_end));
}

/* Windows that meet nothing in this chunk take a cycle each; the load's last one is a piece. */
static void skip_empty(bt_walk *w) {
  while (w->v->spread && w->empty && w->window + 1 < w->v->windows) {
    w->blank++;
    w->window++;
    set_run(w);
  }
}

void bt_walk_start(bt_walk *w, const bt_walk_view *v, bt_walk_load load) {
  *w = (bt_walk){.v = v, .load = load};
  set_run(w);
  first_place(w);
  w->blank = v->spread ? 0 : w->window; /* it seeks the first line of the window */
  skip_empty(w);
  set_piece(w);
}

bool bt_walk_has(const bt_walk *w) { return w->blank == 0; }

void bt_walk_take(bt_walk *w) {
  if (w->blank > 0) {
    w->blank--;
    return;
  }
  const bt_walk_view *v = w->v;
  bool run_ends = v->lines || w->done + w->limit == w->length;
  w->done += w->limit;
  if (run_ends) {
    w->done = 0;
    next_places(w, v->lines ? w->limit : 1);
    if (w->place == w->load.places) {
      first_place(w);
      w->window++;
      w->position += w->length;
      set_run(w);
      skip_empty(w);
    }
  }
  set_piece(w);
}
