#include "cost/cycles.h"

#include <stdlib.h>

#include "cmd/gather.h"
#include "cost/along_k.h"
#include "num/align.h"
#include "num/error.h"
#include "num/format.h"

#define SUM_OFFSET 256 /* sums of two shared exponents lie in -256..254 */
#define SUMS 511

static uint64_t ceil_div(uint64_t n, uint64_t d) {
  return n / d + (n % d != 0);
}

/* Not computed yet, as far as exponents tell: without storage, or as allocated. */
static bool is_unknown(const bt_tensor *t) {
  bool unknown = true;
  for (size_t b = 0; t->exp != NULL && unknown && b < bt_tensor_exponents(t); b++) {
    unknown = t->exp[b] == -128;
  }
  return unknown;
}

/* What varies along k; with `plan`, of what is computed already. */
static bt_along_k known_along_k(const bt_command *c, bool plan) {
  bt_along_k v = bt_along_k_of(c);
  for (int i = 0; i < 2; i++) {
    if (plan && v.operand[i] && is_unknown(v.operand[i])) {
      v.operand[i] = NULL;
    }
  }
  return v;
}

/* The groups of numerics 8.2: steps of equal exponent, zero blocks left out, none below gref. */
static void count_groups(const bt_along_k *v, const bt_machine *machine, bt_passes *passes) {
  uint64_t chunk = machine->acc.chunk;
  uint64_t steps_at[SUMS] = {0};
  int gmax = -1, gmin = SUMS;
  for (size_t s = 0; s < v->steps; s++) {
    int g;
    if (!bt_along_k_exponent(v, s, &g)) {
      continue;
    }
    g += SUM_OFFSET;
    steps_at[g]++;
    if (g > gmax) {
      gmax = g;
    }
    if (g < gmin) {
      gmin = g;
    }
  }
  passes->groups = passes->k = passes->chunks = passes->folds = 0;
  int gref = gmin > gmax - BT_ALIGN_BITS ? gmin : gmax - BT_ALIGN_BITS;
  for (int g = gref; g <= gmax; g++) {
    if (steps_at[g] == 0) {
      continue;
    }
    passes->groups++;
    passes->k += steps_at[g] * v->length;
    passes->folds += ceil_div(steps_at[g] * v->length, machine->rows);
    if (chunk > 0) {
      passes->chunks += ceil_div(steps_at[g] * v->length, chunk);
    }
  }
}

/* Whether element i of an operand lies in another block than `*block`, which becomes its own. */
static bool enters_block(const bt_tensor *t, size_t i, size_t *block) {
  size_t old = *block;
  *block = bt_tensor_exponent_of(t, i);
  return old != *block;
}

/* The runs of k in one block of each operand, seen from the middle output (cost 2); a place
 * outside the image belongs to the run before it. */
static bt_status count_runs(const bt_command *c, const bt_extent *e, const bt_machine *machine,
                            bt_passes *passes, bt_error *error) {
  uint64_t chunk = machine->acc.chunk;
  const bt_geometry *g = &c->u.contract.geometry;
  int32_t *a = malloc(e->k * sizeof *a), *b = malloc(e->k * sizeof *b);
  if (a == NULL || b == NULL) {
    free(a);
    free(b);
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  bt_gather_a(g, c->u.contract.direction, e->rows / 2, a);
  bt_gather_b(g, c->u.contract.direction, e->cols / 2, b);
  size_t block_a = SIZE_MAX, block_b = SIZE_MAX, first = 0;
  passes->groups = 1;
  passes->chunks = passes->folds = 0;
  for (size_t k = 0; k < e->k; k++) {
    if (a[k] < 0 || b[k] < 0) {
      continue;
    }
    bool starts = block_a == SIZE_MAX;
    bool other_a = enters_block(c->in[0], (size_t)a[k], &block_a);
    bool other_b = enters_block(c->in[1], (size_t)b[k], &block_b);
    if (!starts && (other_a || other_b)) {
      passes->groups++;
      passes->folds += ceil_div(k - first, machine->rows);
      passes->chunks += chunk > 0 ? ceil_div(k - first, chunk) : 0;
      first = k;
    }
  }
  passes->folds += ceil_div(e->k - first, machine->rows);
  passes->chunks += chunk > 0 ? ceil_div(e->k - first, chunk) : 0;
  free(a);
  free(b);
  return BT_OK;
}

/* What the array holds partial sums of at a time: its own outputs in os; in ws and is columns of
 * them in half of the output buffer. */
static void set_tiles(const bt_machine *machine, bt_extent e, bt_passes *p) {
  uint64_t long_side = machine->sram_output_bytes / 2 / (4 * machine->cols);
  long_side = long_side == 0 ? 1 : long_side;
  p->rows = e.rows;
  p->cols = e.cols;
  p->tile_rows = machine->rows;
  p->tile_cols = machine->cols;
  if (machine->dataflow == BT_DATAFLOW_WS) {
    p->tile_rows = long_side < e.rows ? long_side : e.rows;
  } else if (machine->dataflow == BT_DATAFLOW_IS) {
    p->tile_rows = machine->cols;
    p->tile_cols = long_side < e.cols ? long_side : e.cols;
  }
  p->row_tiles = ceil_div(e.rows, p->tile_rows);
  p->col_tiles = ceil_div(e.cols, p->tile_cols);
}

void bt_cost_plain_passes(const bt_machine *machine, const bt_command *c, bt_passes *passes) {
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  *passes = (bt_passes){.groups = 1, .k = e.k};
  passes->folds = machine->dataflow == BT_DATAFLOW_OS ? 0 : ceil_div(e.k, machine->rows);
  set_tiles(machine, e, passes);
}

bt_status bt_cost_passes(const bt_machine *machine, const bt_command *c, bool plan,
                         bt_passes *passes, bt_error *error) {
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  /* Weights wider than 8 bits take two passes of all k (numerics 8.3). */
  uint64_t halves = c->in[1]->kind == BT_T_BFP16 ? 2 : 1;
  uint64_t chunk = machine->acc.chunk;
  *passes = (bt_passes){.groups = halves,
                        .k = halves * e.k,
                        .folds = halves * ceil_div(e.k, machine->rows),
                        .chunks = chunk > 0 ? halves * ceil_div(e.k, chunk) : 0};
  set_tiles(machine, e, passes);
  bt_status status = BT_OK;
  bt_along_k v = known_along_k(c, plan);
  if (bt_contract_by_element(c)) {
    status = count_runs(c, &e, machine, passes, error);
    passes->groups *= halves;
    passes->folds *= halves;
    passes->chunks *= halves;
  } else if (v.operand[0] || v.operand[1]) {
    count_groups(&v, machine, passes);
  }
  passes->folds = machine->dataflow == BT_DATAFLOW_OS ? 0 : passes->folds;
  return status;
}

unsigned __int128 bt_cost_tile_cycles(const bt_machine *machine, const bt_passes *p, uint64_t m,
                                      uint64_t n) {
  unsigned __int128 skew = 2 * (unsigned __int128)machine->rows + machine->cols - 2;
  switch (machine->dataflow) {
    case BT_DATAFLOW_WS: return p->folds * (skew + m);
    case BT_DATAFLOW_IS: return p->folds * (skew + n);
    case BT_DATAFLOW_OS:
    default: return p->k + p->groups * skew;
  }
}

unsigned __int128 bt_cost_array_cycles(const bt_machine *machine, const bt_passes *p) {
  unsigned __int128 skew = 2 * (unsigned __int128)machine->rows + machine->cols - 2;
  unsigned __int128 tiles = (unsigned __int128)p->row_tiles * p->col_tiles;
  switch (machine->dataflow) {
    case BT_DATAFLOW_WS:
      return p->folds * (tiles * skew + (unsigned __int128)p->rows * p->col_tiles);
    case BT_DATAFLOW_IS:
      return p->folds * (tiles * skew + (unsigned __int128)p->cols * p->row_tiles);
    case BT_DATAFLOW_OS:
    default: return tiles * (p->k + p->groups * skew);
  }
}

unsigned __int128 bt_cost_register_bits(const bt_machine *machine, const bt_passes *p,
                                        unsigned operand_bits, unsigned acc_bits) {
  unsigned __int128 rows = machine->rows, cols = machine->cols, word = operand_bits;
  unsigned __int128 tiles = (unsigned __int128)p->row_tiles * p->col_tiles;
  /* Cycles that move operands, and those that move stationary words or accumulators. */
  unsigned __int128 runs = tiles * (p->folds > 0 ? p->folds : p->groups);
  unsigned __int128 moving = bt_cost_array_cycles(machine, p) - runs * rows;
  unsigned __int128 delay = word * (rows * (rows - 1) / 2);
  if (machine->dataflow == BT_DATAFLOW_OS) {
    delay += word * (cols * (cols - 1) / 2);
    return moving * (rows * cols * (2 * word + acc_bits) + delay) +
           runs * rows * rows * cols * acc_bits;
  }
  return moving * (rows * cols * (word + acc_bits) + delay) + runs * rows * rows * cols * word;
}

/* Lane beats of the elements first..end-1, first < end. */
static uint64_t beats(uint64_t first, uint64_t end, unsigned lanes) {
  return (end - 1) / lanes - first / lanes + 1;
}

/* The bands that the quantizer takes one after another: runs of `length` elements, cut into `tiles`
 * blocks that lie beside each other. */
typedef struct {
  uint64_t length, tiles;
} bands;

static bands bands_of(const bt_tensor *out) {
  uint64_t n = bt_tensor_elements(out), last = bt_tensor_last(out);
  uint64_t rest = out->ndim == 0 ? 1 : n / out->dim[0];
  switch (out->fmt.block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return (bands){rest, 1};
    case BT_BLOCK_TILE:
      return (bands){out->fmt.tile_rows * rest, ceil_div(rest, out->fmt.tile_cols)};
    case BT_BLOCK_K32:
      return (bands){last, ceil_div(last, 32)};
    case BT_BLOCK_TENSOR:
    default:
      return (bands){n, 1};
  }
}

unsigned __int128 bt_cost_quantizer_cycles(const bt_machine *machine, const bt_command *c) {
  uint64_t n = bt_tensor_elements(c->out[0]);
  if (n == 0) {
    return 0;
  }
  if (c->out[0]->fmt.kind == BT_FIXED) { /* no exponent to look for: rounding only */
    return (unsigned __int128)beats(0, n, machine->lanes) + 1;
  }
  bands b = bands_of(c->out[0]);
  unsigned __int128 cycles = 0;
  for (uint64_t first = 0; first < n; first += b.length) {
    uint64_t end = b.length < n - first ? first + b.length : n;
    cycles += (unsigned __int128)2 * beats(first, end, machine->lanes) + b.tiles + 1;
  }
  return cycles;
}

unsigned __int128 bt_cost_vector_cycles(const bt_machine *machine, const bt_command *c) {
  size_t in = c->in[0] ? bt_tensor_elements(c->in[0]) : 0;
  size_t out = c->out[0] ? bt_tensor_elements(c->out[0]) : 0;
  bool windows = c->op == BT_OP_POOL || c->op == BT_OP_POOL_SUM;
  unsigned __int128 places = windows ? (unsigned __int128)c->u.pool.k * c->u.pool.k : 1;
  size_t merged = c->op == BT_OP_REDUCE ? out : 0;
  return places * ceil_div(windows || out > in ? out : in, machine->lanes) + merged;
}
