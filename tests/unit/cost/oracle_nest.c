#include "oracle_nest.h"

#include <stdlib.h>

#include "oracle_groups.h"

typedef enum { WHOLE, BLOCKS, STREAM } residence;

typedef struct {
  const bt_machine *m;
  const bt_geometry *g;
  bt_direction d;
  uint64_t rows, cols, k;
  uint64_t bits[2], bytes[2], half[2];
  uint64_t tile_rows, tile_cols, row_tiles, col_tiles;
  residence stays[2];
  bool columns_first;
  uint64_t row_block, col_block; /* tiles */
  oracle_groups groups;
} nest;

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint64_t packed(uint64_t elements, uint64_t bits) { return (elements * bits + 7) / 8; }

/* Bytes of A that m rows of outputs need at the worst alignment. */
static uint64_t window(const nest *n, uint64_t m) {
  const bt_geometry *g = n->g;
  if (n->d == BT_WEIGHT_GRADIENT) {
    return least(packed(m * n->k, n->bits[0]), n->bytes[0]);
  }
  bool back = n->d == BT_DATA_GRADIENT;
  uint64_t h = back ? g->h : g->oh, w = back ? g->w : g->ow;
  uint64_t l = (m + w - 2) / w + 1;
  uint64_t images = l == 1 ? 1 : (l - 2) / h + 2;
  images = least(images, g->n);
  if (back) {
    int64_t taller = (int64_t)l + (int64_t)images * ((int64_t)g->kh - 2);
    uint64_t lines = (uint64_t)taller / g->stride + images;
    return least(packed(least(lines, images * g->oh) * g->ow * g->o, n->bits[0]), n->bytes[0]);
  }
  int64_t more = (int64_t)g->kh - (int64_t)g->stride;
  int64_t lines = (int64_t)(l * g->stride) + (more < 0 ? more : (int64_t)images * more);
  return least(packed(least((uint64_t)lines, images * g->h) * g->w * g->c, n->bits[0]),
               n->bytes[0]);
}

/* Bytes of B that n columns of outputs need. */
static uint64_t panel(const nest *n, uint64_t columns) {
  return least(packed(columns * n->k, n->bits[1]), n->bytes[1]);
}

static void cut_tiles(nest *n) {
  uint64_t sums = n->m->sram_output_bytes / 2 / (4 * n->m->cols);
  n->tile_rows = n->m->dataflow == BT_DATAFLOW_OS   ? n->m->rows
                 : n->m->dataflow == BT_DATAFLOW_WS ? most(sums, 1)
                                                    : n->m->cols;
  n->tile_cols = n->m->dataflow == BT_DATAFLOW_IS ? most(sums, 1) : n->m->cols;
  n->tile_rows = least(n->tile_rows, n->rows);
  n->tile_cols = least(n->tile_cols, n->cols);
  n->row_tiles = oracle_ceil(n->rows, n->tile_rows);
  n->col_tiles = oracle_ceil(n->cols, n->tile_cols);
}

/* Outputs of a tile along rows or columns. */
static uint64_t side(uint64_t tile, uint64_t whole, uint64_t all) {
  return least(whole, all - tile * whole);
}

static uint64_t strip(const nest *n, uint64_t rows) {
  return least(packed(rows * n->k, n->bits[0]), n->bytes[0]);
}

/* Bytes that an operand which streams is read in all visits. */
static uint64_t streamed(const nest *n, int operand) {
  uint64_t sum = 0;
  for (uint64_t r = 0; r < n->row_tiles; r++) {
    for (uint64_t c = 0; c < n->col_tiles; c++) {
      sum += operand == 0 ? strip(n, side(r, n->tile_rows, n->rows))
                          : panel(n, side(c, n->tile_cols, n->cols));
    }
  }
  return sum;
}

/* B by blocks is read as panels, which share elements; the windows of A slide. */
static uint64_t bytes_of(const nest *n, int operand, uint64_t reloads) {
  uint64_t panels = streamed(n, 1) / n->row_tiles;
  return n->stays[operand] == WHOLE    ? n->bytes[operand]
         : n->stays[operand] == STREAM ? streamed(n, operand)
                                       : (operand == 0 ? n->bytes[0] : panels) * reloads;
}

static void choose_residence(nest *n) {
  uint64_t buffer[2] = {n->m->sram_input_bytes, n->m->sram_weight_bytes};
  uint64_t part[2] = {window(n, n->tile_rows), panel(n, n->tile_cols)};
  for (int i = 0; i < 2; i++) {
    n->half[i] = buffer[i] / 2;
    n->stays[i] = n->bytes[i] <= buffer[i] ? WHOLE : part[i] <= n->half[i] ? BLOCKS : STREAM;
  }
}

static void choose_order(nest *n) {
  uint64_t rows = 1, cols = 1;
  while (rows < n->row_tiles &&
         (n->stays[0] == WHOLE ||
          window(n, least((rows + 1) * n->tile_rows, n->rows)) <= n->half[0])) {
    rows++;
  }
  while (cols < n->col_tiles && (cols + 1) * panel(n, n->tile_cols) <= n->half[1]) {
    cols++;
  }
  uint64_t rows_first = bytes_of(n, 0, 1) + bytes_of(n, 1, oracle_ceil(n->row_tiles, rows));
  uint64_t columns_first = bytes_of(n, 0, oracle_ceil(n->col_tiles, cols)) + bytes_of(n, 1, 1);
  n->columns_first = n->stays[1] == BLOCKS && columns_first < rows_first;
  n->row_block = n->columns_first ? 1 : rows;
  n->col_block = n->columns_first ? cols : n->col_tiles;
}

static uint64_t visit_cycles(const nest *n, uint64_t rows, uint64_t cols) {
  uint64_t r = n->m->rows, c = n->m->cols, sum = 0;
  for (size_t i = 0; i < n->groups.count; i++) {
    if (n->m->dataflow == BT_DATAFLOW_OS) {
      sum += n->groups.k[i] + 2 * r + c - 2;
    } else {
      uint64_t by = n->m->dataflow == BT_DATAFLOW_WS ? rows : cols;
      sum += oracle_ceil(n->groups.k[i], r) * (2 * r + c + by - 2);
    }
  }
  return sum;
}

/* What stays whole, and A's windows, come in equal parts, one a tile, the first ones a byte
 * longer. */
static uint64_t equal_part(uint64_t bytes, uint64_t tiles, uint64_t tile) {
  return bytes / tiles + (tile < bytes % tiles ? 1 : 0);
}

static uint64_t load(const nest *n, int operand, uint64_t tile, bool *here) {
  uint64_t own = operand == 0 ? strip(n, side(tile, n->tile_rows, n->rows))
                              : panel(n, side(tile, n->tile_cols, n->cols));
  bool before = here[tile] && n->stays[operand] != STREAM;
  bool as_is = n->stays[operand] == STREAM || (operand == 1 && n->stays[1] == BLOCKS);
  here[tile] = true;
  return before  ? 0
         : as_is ? own
                 : equal_part(n->bytes[operand], operand == 0 ? n->row_tiles : n->col_tiles, tile);
}

static void forget(bool *here, uint64_t tiles) {
  for (uint64_t i = 0; i < tiles; i++) {
    here[i] = false;
  }
}

static void visit(const nest *n, uint64_t row, uint64_t col, bool *const here[2],
                  oracle_contraction *o) {
  oracle_visit *v = &o->visit[o->visits++];
  v->cycles =
      visit_cycles(n, side(row, n->tile_rows, n->rows), side(col, n->tile_cols, n->cols));
  v->load[0] = load(n, 0, row, here[0]);
  v->load[1] = load(n, 1, col, here[1]);
  o->cycles += v->cycles;
  o->read[0] += v->load[0];
  o->read[1] += v->load[1];
}

static void walk(const nest *n, oracle_contraction *o) {
  bool *here[2] = {calloc(n->row_tiles, sizeof(bool)), calloc(n->col_tiles, sizeof(bool))};
  if (here[0] == NULL || here[1] == NULL) {
    abort();
  }
  for (uint64_t cb = 0; cb < n->col_tiles; cb += n->col_block) {
    if (n->stays[0] == BLOCKS) {
      forget(here[0], n->row_tiles);
    }
    for (uint64_t rb = 0; rb < n->row_tiles; rb += n->row_block) {
      if (n->stays[1] == BLOCKS && !n->columns_first) {
        forget(here[1], n->col_tiles);
      }
      for (uint64_t c = cb; c < least(cb + n->col_block, n->col_tiles); c++) {
        for (uint64_t r = rb; r < least(rb + n->row_block, n->row_tiles); r++) {
          visit(n, r, c, here, o);
        }
      }
    }
  }
  free(here[0]);
  free(here[1]);
}

/* Reads of SRAM, and the sums that wait between folds. */
static void buffers(const nest *n, oracle_contraction *o) {
  uint64_t k = 0, folds = 0;
  for (size_t i = 0; i < n->groups.count; i++) {
    k += n->groups.k[i];
    folds += oracle_ceil(n->groups.k[i], n->m->rows);
  }
  bool wide_weight = n->bits[1] > 8 && n->bits[1] < 32; /* goes by in two passes of a byte */
  o->sram_read[0] = packed(n->rows * k * n->col_tiles, n->bits[0]);
  o->sram_read[1] = packed(n->cols * k * n->row_tiles, wide_weight ? 8 : n->bits[1]);
  bool os = n->m->dataflow == BT_DATAFLOW_OS;
  folds = os || folds == 0 ? 1 : folds; /* outputs without a group are written too */
  o->sums_written = 4 * n->rows * n->cols * folds;
  o->sums_read = 4 * n->rows * n->cols * (folds - 1);
}

oracle_contraction oracle_contract(const bt_machine *m, const bt_command *c, bool plan, bool fp32) {
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  nest n = {.m = m, .g = &c->u.contract.geometry, .d = c->u.contract.direction,
            .rows = e.rows, .cols = e.cols, .k = e.k};
  for (int i = 0; i < 2; i++) {
    n.bits[i] = fp32 ? 32 : (uint64_t)c->in[i]->fmt.wl;
    n.bytes[i] = packed(bt_tensor_elements(c->in[i]), n.bits[i]);
  }
  n.groups = oracle_groups_of(c, plan, fp32);
  cut_tiles(&n);
  choose_residence(&n);
  choose_order(&n);
  oracle_contraction o = {.chunks = 1};
  if (n.stays[0] == STREAM) {
    o.chunks = oracle_ceil(strip(&n, n.tile_rows), oracle_half(m->sram_input_bytes));
  }
  if (n.stays[1] == STREAM) {
    o.chunks = most(o.chunks,
                    oracle_ceil(panel(&n, n.tile_cols), oracle_half(m->sram_weight_bytes)));
  }
  o.visit = calloc(n.row_tiles * n.col_tiles, sizeof *o.visit);
  if (o.visit == NULL) {
    abort();
  }
  walk(&n, &o);
  buffers(&n, &o);
  free(n.groups.k);
  return o;
}

void oracle_contraction_free(oracle_contraction *o) { free(o->visit); }
