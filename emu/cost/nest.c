#include "cost/nest.h"

#include "cost/stored.h"

typedef unsigned __int128 wide_count;

static wide_count least(wide_count a, wide_count b) { return a < b ? a : b; }

static uint64_t ceil_div(wide_count n, wide_count d) { return (uint64_t)((n + d - 1) / d); }

/* Lines of A's images that `m` outputs in a row need in the worst alignment (cost 5.2). */
static wide_count lines_needed(const bt_geometry *g, bool forward, uint64_t m) {
  wide_count width = forward ? g->ow : g->w, height = forward ? g->oh : g->h;
  wide_count lines = ((wide_count)m + width - 2) / width + 1; /* of outputs */
  wide_count images = lines < 2 ? 1 : least((lines - 2) / height + 2, g->n);
  if (!forward) {
    wide_count reach = lines + images * g->kh;
    reach = reach > 2 * images ? reach - 2 * images : 0;
    return least(reach / g->stride + images, images * g->oh);
  }
  wide_count overlap = g->kh > g->stride ? images * (g->kh - g->stride) : 0;
  wide_count gap = g->kh < g->stride ? g->stride - g->kh : 0;
  return least(lines * g->stride + overlap - gap, images * g->h);
}

/* Bytes of A that `m` outputs in a row need: whole lines where windows overlap (cost 5.2). */
static wide_count window(const bt_nest *n, const bt_command *c, uint64_t m) {
  const bt_geometry *g = &c->u.contract.geometry;
  if (c->u.contract.direction == BT_WEIGHT_GRADIENT) {
    return least(n->bytes[0], bt_stored_bytes((wide_count)m * n->k, n->bits[0]));
  }
  bool forward = c->u.contract.direction == BT_FORWARD;
  wide_count line = forward ? (wide_count)g->w * g->c : (wide_count)g->ow * g->o;
  return least(n->bytes[0], bt_stored_bytes(lines_needed(g, forward, m) * line, n->bits[0]));
}

/* Bytes of A that the rows of a tile need for themselves, and of B that its columns need. */
static wide_count strip(const bt_nest *n, uint64_t rows) {
  return least(n->bytes[0], bt_stored_bytes((wide_count)rows * n->k, n->bits[0]));
}

static wide_count panel(const bt_nest *n, uint64_t cols) {
  return least(n->bytes[1], bt_stored_bytes((wide_count)cols * n->k, n->bits[1]));
}

/* Rows or columns of tile i of a side. */
static uint64_t side(uint64_t all, uint64_t tile, uint64_t i) {
  uint64_t first = i * tile;
  return all - first < tile ? all - first : tile;
}

/* How many tiles' windows of A, or panels of B, fit half a buffer; 0: not one. */
static uint64_t rows_that_fit(const bt_nest *n, const bt_command *c, wide_count half) {
  uint64_t low = 0, high = n->passes.row_tiles;
  while (low < high) {
    uint64_t middle = low + (high - low + 1) / 2;
    uint64_t m = (uint64_t)least((wide_count)middle * n->passes.tile_rows, n->passes.rows);
    if (window(n, c, m) <= half) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

static uint64_t cols_that_fit(const bt_nest *n, wide_count half) {
  wide_count each = panel(n, side(n->passes.cols, n->passes.tile_cols, 0));
  return (uint64_t)least(each == 0 ? n->passes.col_tiles : half / each, n->passes.col_tiles);
}

/* All strips once, and all panels: more than B where a convolution's panels share elements. */
static wide_count strips(const bt_nest *n) {
  const bt_passes *p = &n->passes;
  return (p->row_tiles - 1) * strip(n, p->tile_rows) +
         strip(n, side(p->rows, p->tile_rows, p->row_tiles - 1));
}

static wide_count panels(const bt_nest *n) {
  const bt_passes *p = &n->passes;
  return (p->col_tiles - 1) * panel(n, p->tile_cols) +
         panel(n, side(p->cols, p->tile_cols, p->col_tiles - 1));
}

static void set_blocks(bt_nest *n, uint64_t row_block, uint64_t col_block) {
  const bt_passes *p = &n->passes;
  n->row_block = row_block;
  n->col_block = col_block;
  n->row_blocks = ceil_div(p->row_tiles, row_block);
  n->col_blocks = ceil_div(p->col_tiles, col_block);
  n->reloads[0] = n->residence[0] == BT_STAYS_WHOLE   ? 1
                  : n->residence[0] == BT_STAYS_BLOCK ? n->col_blocks
                                                      : p->col_tiles;
  n->reloads[1] = n->residence[1] == BT_STAYS_WHOLE   ? 1
                  : n->residence[1] == BT_STREAMS     ? p->row_tiles
                  : n->columns_first                  ? 1
                                                      : n->row_blocks;
  n->read[0] = (n->residence[0] == BT_STREAMS ? strips(n) : n->bytes[0]) * n->reloads[0];
  n->read[1] = (n->residence[1] == BT_STAYS_WHOLE ? n->bytes[1] : panels(n)) * n->reloads[1];
}

/* A visit reads what streams in parts of half a buffer, so that one is filled while the other is
 * worked on. */
static uint64_t chunks_of(const bt_nest *n, const bt_machine *machine) {
  wide_count half[2] = {machine->sram_input_bytes / 2, machine->sram_weight_bytes / 2};
  const bt_passes *p = &n->passes;
  wide_count visit[2] = {strip(n, side(p->rows, p->tile_rows, 0)),
                         panel(n, side(p->cols, p->tile_cols, 0))};
  uint64_t chunks = 1;
  for (int i = 0; i < 2; i++) {
    uint64_t parts = ceil_div(visit[i], half[i] == 0 ? 1 : half[i]);
    chunks = n->residence[i] == BT_STREAMS && parts > chunks ? parts : chunks;
  }
  return chunks;
}

static bt_residence residence(wide_count bytes, uint64_t buffer, uint64_t tiles_that_fit) {
  return bytes <= buffer ? BT_STAYS_WHOLE : tiles_that_fit > 0 ? BT_STAYS_BLOCK : BT_STREAMS;
}

bt_nest bt_nest_plan(const bt_machine *machine, const bt_command *c, const bt_passes *passes,
                     bool fp32) {
  bt_nest n = {.passes = *passes};
  n.k = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction).k;
  for (int i = 0; i < 2; i++) {
    n.bits[i] = bt_stored_bits(c->in[i], fp32);
    n.bytes[i] = (uint64_t)bt_stored_bytes(bt_tensor_elements(c->in[i]), n.bits[i]);
  }
  uint64_t rows_fit = rows_that_fit(&n, c, machine->sram_input_bytes / 2);
  uint64_t cols_fit = cols_that_fit(&n, machine->sram_weight_bytes / 2);
  n.residence[0] = residence(n.bytes[0], machine->sram_input_bytes, rows_fit);
  n.residence[1] = residence(n.bytes[1], machine->sram_weight_bytes, cols_fit);
  rows_fit = n.residence[0] == BT_STAYS_WHOLE ? passes->row_tiles : rows_fit;
  bt_nest rows_first = n, cols_first = n;
  cols_first.columns_first = true;
  set_blocks(&rows_first, rows_fit > 0 ? rows_fit : 1, passes->col_tiles);
  set_blocks(&cols_first, 1, cols_fit > 0 ? cols_fit : 1);
  bool by_columns =
      n.residence[1] == BT_STAYS_BLOCK &&
      cols_first.read[0] + cols_first.read[1] < rows_first.read[0] + rows_first.read[1];
  n = by_columns ? cols_first : rows_first;
  n.chunks = chunks_of(&n, machine);
  for (int i = 0; i < 2; i++) {
    uint64_t tiles = i == 0 ? passes->row_tiles : passes->col_tiles;
    n.part[i] = n.bytes[i] / tiles;
    n.longer[i] = n.bytes[i] % tiles;
  }
  return n;
}

/* What tile i brings of an operand that stays. */
static uint64_t part(const bt_nest *n, int operand, uint64_t i) {
  return n->part[operand] + (i < n->longer[operand]);
}

static uint64_t load_a(const bt_nest *n, const bt_visit *v, uint64_t i, uint64_t rows) {
  if (n->residence[0] == BT_STREAMS) {
    return (uint64_t)strip(n, rows);
  }
  bool first = v->col == 0 && (v->col_block == 0 || n->residence[0] == BT_STAYS_BLOCK);
  return first ? part(n, 0, i) : 0;
}

static uint64_t load_b(const bt_nest *n, const bt_visit *v, uint64_t j, uint64_t cols) {
  bool again = n->residence[1] == BT_STREAMS;
  bool first = v->row == 0 && (v->row_block == 0 ||
                               (n->residence[1] == BT_STAYS_BLOCK && !n->columns_first));
  if (n->residence[1] == BT_STAYS_WHOLE) {
    return first ? part(n, 1, j) : 0;
  }
  return first || again ? (uint64_t)panel(n, cols) : 0;
}

bt_visit_cost bt_nest_visit(const bt_nest *n, const bt_visit *v) {
  const bt_passes *p = &n->passes;
  uint64_t i = v->row_block * n->row_block + v->row, j = v->col_block * n->col_block + v->col;
  uint64_t rows = side(p->rows, p->tile_rows, i), cols = side(p->cols, p->tile_cols, j);
  return (bt_visit_cost){rows, cols, {load_a(n, v, i, rows), load_b(n, v, j, cols)}};
}

void bt_nest_next(const bt_nest *n, bt_visit *v) {
  uint64_t rows_left = n->passes.row_tiles - v->row_block * n->row_block;
  uint64_t cols_left = n->passes.col_tiles - v->col_block * n->col_block;
  if (++v->row < least(n->row_block, rows_left)) {
    return;
  }
  v->row = 0;
  if (++v->col < least(n->col_block, cols_left)) {
    return;
  }
  v->col = 0;
  if (++v->row_block < n->row_blocks) {
    return;
  }
  v->row_block = 0;
  v->ended = ++v->col_block == n->col_blocks;
}
