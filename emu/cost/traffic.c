#include "cost/traffic.h"

#include "cmd/statistics.h"
#include "cost/stored.h"

#define WIDE_BYTES 4u
#define FP32_BYTES 4u
#define SUM_BYTES 8u  /* numerics 16: int64 sums, */
#define EMIN_BYTES 2u /* and an int16 a block */
#define STATISTICS_BYTES 32u      /* a channel's two sums of numerics 19.1 */
#define STATISTICS_HEAD_BYTES 12u /* their exponents, and the rows */

typedef unsigned __int128 wide_count;

static wide_count least(wide_count a, wide_count b) {
  return a < b ? a : b;
}

uint64_t bt_traffic_wide_bytes(const bt_tensor *t) {
  return (uint64_t)WIDE_BYTES * bt_tensor_elements(t);
}

/* A tensor in DRAM: what it holds, and its shared exponents. */
typedef struct {
  bt_tensor_role role;
  wide_count bytes, exponents;
} stored_form;

static bool is_narrow(const bt_tensor *t) {
  return t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16;
}

bool bt_traffic_mask(const bt_command *c, const bt_tensor *t) {
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

/* An exponent is one byte, that of sums two; a mask has a bit an element. In fp32 nothing has an
 * exponent. */
static stored_form form_of(const bt_mover *to, const bt_command *c, const bt_tensor *t) {
  bool fp32 = to->cost->fp32;
  unsigned bits = bt_traffic_mask(c, t) ? 1 : bt_stored_bits(t, fp32);
  stored_form f = {.role = t->role, .bytes = bt_stored_bytes(bt_tensor_elements(t), bits)};
  if (t->kind == BT_T_SUMS && !fp32) {
    f.exponents = EMIN_BYTES;
  } else if (is_narrow(t) && !fp32) {
    f.exponents = bt_tensor_exponents(t);
  }
  return f;
}

static bt_traffic *traffic_of(bt_mover *to, unsigned kind) {
  return &to->cost->dram[to->phase][kind];
}

static bt_cost_counts *counts_of(bt_mover *to) { return &to->cost->phase[to->phase]; }

static void read_bytes(bt_mover *to, unsigned kind, wide_count bytes) {
  bt_count_add(&counts_of(to)->n[BT_COUNT_DRAM_READ], bytes);
  bt_count_add(&traffic_of(to, kind)->read, bytes);
}

/* From DRAM through the input buffer into a unit. */
static void load(bt_mover *to, stored_form f) {
  wide_count bytes = f.bytes + f.exponents;
  read_bytes(to, f.role, f.bytes);
  read_bytes(to, BT_TRAFFIC_EXPONENT, f.exponents);
  bt_count_add(&to->loaded, bytes);
  bt_count_add(&counts_of(to)->n[BT_COUNT_INPUT_WRITE], bytes);
  bt_count_add(&counts_of(to)->n[BT_COUNT_INPUT_READ], bytes);
}

/* From the output buffer into DRAM. */
static void store_waiting(bt_mover *to, stored_form f) {
  bt_cost_counts *n = counts_of(to);
  wide_count bytes = f.bytes + f.exponents;
  bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], bytes);
  bt_count_add(&n->n[BT_COUNT_DRAM_WRITE], bytes);
  bt_count_add(&traffic_of(to, f.role)->written, f.bytes);
  bt_count_add(&traffic_of(to, BT_TRAFFIC_EXPONENT)->written, f.exponents);
  bt_count_add(&to->stored, bytes);
}

/* From a unit through the output buffer into DRAM. */
static void store(bt_mover *to, stored_form f) {
  bt_count_add(&counts_of(to)->n[BT_COUNT_OUTPUT_WRITE], f.bytes + f.exponents);
  store_waiting(to, f);
}

uint64_t bt_traffic_spill(bt_mover *to, const bt_tensor *wide, bool back) {
  bt_cost_counts *n = counts_of(to);
  uint64_t bytes = bt_traffic_wide_bytes(wide);
  bt_traffic *t = traffic_of(to, BT_ROLE_WIDE);
  bt_count_add(&n->n[back ? BT_COUNT_SPILL_READ : BT_COUNT_SPILL_WRITE], bytes);
  bt_count_add(&n->n[back ? BT_COUNT_OUTPUT_WRITE : BT_COUNT_OUTPUT_READ], bytes);
  bt_count_add(back ? &t->read : &t->written, bytes);
  return bytes;
}

/* Partial sums that leave the array and come back, once a fold (cost 5.2). */
static void add_partial_sums(bt_cost_counts *n, const bt_command *c, const bt_passes *p) {
  wide_count wide = bt_traffic_wide_bytes(c->out[0]);
  uint64_t folds = p->folds > 0 ? p->folds : 1;
  bt_count_add(&n->n[BT_COUNT_OUTPUT_WRITE], wide * folds);
  bt_count_add(&n->n[BT_COUNT_OUTPUT_READ], wide * (folds - 1));
}

void bt_traffic_contract(bt_mover *to, const bt_command *c, const bt_nest *nest) {
  bt_cost_counts *n = counts_of(to);
  const bt_passes *p = &nest->passes;
  for (int i = 0; i < 2; i++) {
    stored_form f = form_of(to, c, c->in[i]);
    read_bytes(to, f.role, nest->read[i]);
    read_bytes(to, BT_TRAFFIC_EXPONENT, f.exponents);
    bt_count_add(&n->n[i == 0 ? BT_COUNT_INPUT_WRITE : BT_COUNT_WEIGHT_WRITE],
                 nest->read[i] + f.exponents);
    bt_count_add(&to->loaded, f.exponents);
  }
  /* A pass reads an element a row and k, and one a column and k; of wide weights a byte. */
  unsigned b_bits = nest->bits[1] > 8 && !to->cost->fp32 ? 8 : nest->bits[1];
  bt_count_add(&n->n[BT_COUNT_INPUT_READ],
               bt_stored_bytes((wide_count)p->rows * p->k * p->col_tiles, nest->bits[0]));
  bt_count_add(&n->n[BT_COUNT_WEIGHT_READ],
               bt_stored_bytes((wide_count)p->cols * p->k * p->row_tiles, b_bits));
  add_partial_sums(n, c, p);
}

/* Elements of the largest block. */
static uint64_t block_elements(const bt_tensor *t) {
  uint64_t n = bt_tensor_elements(t);
  uint64_t rows = t->ndim == 0 ? 1 : t->dim[0];
  switch (t->fmt.block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return rows == 0 ? n : n / rows;
    case BT_BLOCK_TILE:
      return rows == 0 ? n
                       : (uint64_t)(least(rows, t->fmt.tile_rows) *
                                    least(n / rows, t->fmt.tile_cols));
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

/* A narrow operand is read twice from the input buffer, or again from DRAM if it does not wait. */
static void quantize_narrow(bt_mover *to, const bt_command *c) {
  bt_cost_counts *n = counts_of(to);
  stored_form f = form_of(to, c, c->in[0]);
  wide_count bytes = f.bytes + f.exponents;
  load(to, f);
  if (c->out[0]->fmt.kind == BT_FIXED) {
    return;
  }
  bt_count_add(&n->n[BT_COUNT_INPUT_READ], bytes);
  if (!bt_traffic_fits(to->machine, c)) {
    read_bytes(to, f.role, f.bytes);
    read_bytes(to, BT_TRAFFIC_EXPONENT, f.exponents);
    bt_count_add(&n->n[BT_COUNT_INPUT_WRITE], bytes);
  }
}

/* In fp32 the wide value itself goes from the output buffer to DRAM; a narrow one is the same
 * values in the same words. */
static void quantize_fp32(bt_mover *to, const bt_command *c) {
  stored_form f = form_of(to, c, c->out[0]);
  if (c->in[0]->kind == BT_T_WIDE) {
    store_waiting(to, f);
  }
}

void bt_traffic_quantize(bt_mover *to, const bt_command *c) {
  if (to->cost->fp32) {
    quantize_fp32(to, c);
    return;
  }
  if (c->in[0]->kind == BT_T_WIDE) {
    /* Two passes, the search for the exponent, if there is one, and rounding. */
    wide_count times = c->out[0]->fmt.kind == BT_FIXED ? 1 : 2;
    bt_count_add(&counts_of(to)->n[BT_COUNT_OUTPUT_READ],
                 times * bt_traffic_wide_bytes(c->in[0]));
  } else {
    quantize_narrow(to, c);
  }
  store(to, form_of(to, c, c->out[0]));
}

/* What a command adds to or reads besides tensors. */
static void add_state(bt_mover *to, const bt_command *c) {
  const bt_statistics *statistics = bt_command_statistics(c);
  stored_form f = {.role = BT_ROLE_OTHER};
  if (c->op == BT_OP_AVERAGE) {
    wide_count n = bt_tensor_elements(c->in[0]);
    f.role = BT_ROLE_AVERAGE;
    f.bytes = n * (to->cost->fp32 ? FP32_BYTES : SUM_BYTES);
    f.exponents = to->cost->fp32 ? 0 : (wide_count)EMIN_BYTES * bt_tensor_exponents(c->in[0]);
  }
  if (statistics != NULL) {
    f.bytes = (wide_count)STATISTICS_BYTES * statistics->channels + STATISTICS_HEAD_BYTES;
  }
  load(to, f);
  if (c->op == BT_OP_AVERAGE || c->op == BT_OP_STATISTICS) {
    store(to, f);
  }
}

bool bt_traffic_dropped(const bt_command *c, const bt_tensor *t) {
  bool forward_only =
      c->label.phase == BT_PHASE_EVALUATION || c->label.phase == BT_PHASE_STATISTICS;
  return forward_only && (bt_traffic_mask(c, t) || (c->op == BT_OP_POOL && t == c->out[1]));
}

bool bt_traffic_repeats(const bt_command *c, unsigned i) {
  for (unsigned k = 0; k < i; k++) {
    if (c->in[k] == c->in[i]) {
      return true;
    }
  }
  return false;
}

void bt_traffic_vector(bt_mover *to, const bt_command *c, bool again) {
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    const bt_tensor *t = bt_traffic_repeats(c, i) ? NULL : c->in[i];
    if (t != NULL && t->kind == BT_T_WIDE) {
      bt_count_add(&counts_of(to)->n[BT_COUNT_OUTPUT_READ], bt_traffic_wide_bytes(t));
    } else if (t != NULL) {
      load(to, form_of(to, c, t));
    }
  }
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    const bt_tensor *t = c->out[i];
    if (t != NULL && t->kind == BT_T_WIDE) {
      bt_count_add(&counts_of(to)->n[BT_COUNT_OUTPUT_WRITE], bt_traffic_wide_bytes(t));
    } else if (t != NULL && !again && !bt_traffic_dropped(c, t)) {
      store(to, form_of(to, c, t));
    }
  }
  add_state(to, c);
}
