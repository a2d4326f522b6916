#include "cost/traffic.h"

#include "cmd/statistics.h"

#define WIDE_BYTES 4u
#define SUM_BYTES 8u  /* numerics 16: int64 sums, */
#define EMIN_BYTES 2u /* and an int16 a block */
#define STATISTICS_BYTES 32u      /* a channel's two sums of numerics 19.1 */
#define STATISTICS_HEAD_BYTES 12u /* their exponents, and the rows */

typedef unsigned __int128 wide_count;

static wide_count least(wide_count a, wide_count b) {
  return a < b ? a : b;
}

static wide_count wide_bytes(const bt_tensor *t) {
  return (wide_count)WIDE_BYTES * bt_tensor_elements(t);
}

/* A bfp, byte or sums tensor as it is stored: an exponent is one byte, that of sums two. */
static wide_count stored_bytes(const bt_tensor *t) {
  wide_count mantissas = (wide_count)bt_tensor_elements(t) * bt_tensor_element_size(t);
  if (t->kind == BT_T_SUMS) {
    return mantissas + EMIN_BYTES;
  }
  return t->kind == BT_T_BYTE ? mantissas : mantissas + bt_tensor_exponents(t);
}

/* A mask has one bit an element. */
static wide_count mask_bytes(const bt_tensor *t) {
  return (bt_tensor_elements(t) + (wide_count)7) / 8;
}

/* From DRAM through the input buffer into a unit. */
static void load(bt_cost_counts *n, wide_count bytes) {
  bt_count_add(&n->n[BT_COUNT_DRAM_READ], bytes);
  bt_count_add(&n->n[BT_COUNT_INPUT_WRITE], bytes);
  bt_count_add(&n->n[BT_COUNT_INPUT_READ], bytes);
}

/* From a unit through the output buffer into DRAM. */
static void store(bt_cost_counts *n, wide_count bytes) {
  bt_count_add(&n->n[BT_COUNT_OUTPUT_WRITE], bytes);
  bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], bytes);
  bt_count_add(&n->n[BT_COUNT_DRAM_WRITE], bytes);
}

void bt_traffic_contract(bt_cost_counts *n, const bt_machine *machine, const bt_command *c,
                         const bt_passes *passes) {
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  wide_count a = stored_bytes(c->in[0]), b = stored_bytes(c->in[1]);
  size_t b_size = bt_tensor_element_size(c->in[1]);
  /* Row tiles outermost, column tiles inside (cost 5.2). A stays while its row tile lasts. */
  wide_count strip = least(e.rows, machine->rows) * e.k;
  bool a_stays = a <= machine->sram_input_bytes || strip <= machine->sram_input_bytes;
  wide_count a_read = a_stays ? a : a * passes->col_tiles;
  /* B is fetched anew for every row tile unless all of it stays. A panel is one column tile's
   * part of it, never more than the tensor (a convolution's panels share elements). */
  wide_count last_cols = e.cols - (passes->col_tiles - 1) * (wide_count)machine->cols;
  wide_count panels = (passes->col_tiles - 1) * least(b, (wide_count)machine->cols * e.k * b_size) +
                      least(b, last_cols * e.k * b_size);
  wide_count b_read = b <= machine->sram_weight_bytes ? b : passes->row_tiles * panels;
  bt_count_add(&n->n[BT_COUNT_DRAM_READ], a_read + b_read);
  bt_count_add(&n->n[BT_COUNT_INPUT_WRITE], a_read);
  bt_count_add(&n->n[BT_COUNT_WEIGHT_WRITE], b_read);
  /* Each pass over a tile reads one byte a row and k, and one a column and k. */
  bt_count_add(&n->n[BT_COUNT_INPUT_READ], (wide_count)e.rows * passes->k * passes->col_tiles);
  bt_count_add(&n->n[BT_COUNT_WEIGHT_READ], (wide_count)e.cols * passes->k * passes->row_tiles);
  bt_count_add(&n->n[BT_COUNT_OUTPUT_WRITE], wide_bytes(c->out[0]));
}

/* Elements of the largest block. */
static uint64_t block_elements(const bt_tensor *t) {
  uint64_t n = bt_tensor_elements(t);
  switch (t->fmt.block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return t->ndim == 0 || t->dim[0] == 0 ? n : n / t->dim[0];
    case BT_BLOCK_TILE:
      return (uint64_t)least(n, (wide_count)t->fmt.tile_rows * t->fmt.tile_cols);
    case BT_BLOCK_K32:
      return (uint64_t)least(bt_tensor_last(t), 32);
    case BT_BLOCK_TENSOR:
    default:
      return n;
  }
}

bool bt_traffic_fits(const bt_machine *machine, const bt_command *c) {
  const bt_tensor *out = c->out[0];
  /* The array delivers its rows together, so as many blocks are open at a time (cost 5.3). */
  wide_count open = least(bt_tensor_elements(out), (wide_count)machine->rows * block_elements(out));
  return open * WIDE_BYTES <= machine->sram_output_bytes;
}

void bt_traffic_quantize(bt_cost_counts *n, const bt_machine *machine, const bt_command *c) {
  bool fits = bt_traffic_fits(machine, c);
  if (c->in[0]->kind == BT_T_WIDE) {
    wide_count bytes = wide_bytes(c->in[0]);
    /* Two passes: the search for the exponent, then rounding. */
    bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], 2 * bytes);
    if (!fits && machine->exponent == BT_EXPONENT_SPILL) {
      bt_count_add(&n->n[BT_COUNT_SPILL_WRITE], bytes);
      bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], bytes);
      bt_count_add(&n->n[BT_COUNT_SPILL_READ], bytes);
      bt_count_add(&n->n[BT_COUNT_OUTPUT_WRITE], bytes);
    }
  } else {
    wide_count bytes = stored_bytes(c->in[0]);
    load(n, bytes);
    bt_count_add(&n->n[BT_COUNT_INPUT_READ], bytes);
    if (!fits) {
      bt_count_add(&n->n[BT_COUNT_DRAM_READ], bytes);
      bt_count_add(&n->n[BT_COUNT_INPUT_WRITE], bytes);
    }
  }
  store(n, stored_bytes(c->out[0]));
}

static bool is_mask(const bt_command *c, const bt_tensor *t) {
  switch (c->op) {
    case BT_OP_AFFINE:
      return t == c->in[BT_IN_MASK] || t == c->out[1];
    case BT_OP_GATE:
      return t == c->in[1];
    case BT_OP_DROPOUT:
      return true;
    default:
      return false;
  }
}

/* What a command adds to or reads besides tensors. */
static void add_state(bt_cost_counts *n, const bt_command *c) {
  const bt_statistics *statistics = bt_command_statistics(c);
  wide_count bytes = 0;
  if (c->op == BT_OP_AVERAGE) {
    bytes = (wide_count)SUM_BYTES * bt_tensor_elements(c->in[0]) +
            (wide_count)EMIN_BYTES * bt_tensor_exponents(c->in[0]);
  }
  if (statistics != NULL) {
    bytes = (wide_count)STATISTICS_BYTES * statistics->channels + STATISTICS_HEAD_BYTES;
  }
  load(n, bytes);
  if (c->op == BT_OP_AVERAGE || c->op == BT_OP_STATISTICS) {
    store(n, bytes);
  }
}

void bt_traffic_vector(bt_cost_counts *n, const bt_command *c, bool again) {
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    const bt_tensor *t = c->in[i];
    if (t == NULL) {
      continue;
    }
    if (t->kind == BT_T_WIDE) {
      bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], wide_bytes(t));
    } else {
      load(n, is_mask(c, t) ? mask_bytes(t) : stored_bytes(t));
    }
  }
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    const bt_tensor *t = c->out[i];
    if (t == NULL) {
      continue;
    }
    if (t->kind == BT_T_WIDE) {
      bt_count_add(&n->n[BT_COUNT_OUTPUT_WRITE], wide_bytes(t));
    } else if (!again) {
      store(n, is_mask(c, t) ? mask_bytes(t) : stored_bytes(t));
    }
  }
  add_state(n, c);
}
