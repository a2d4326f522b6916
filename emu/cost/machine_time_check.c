#include "cost/machine_time_parts.h"

/* States of descriptor_check that last a cycle: of a slot with a tensor SLOT, COUNT, DATA and
 * EXPS, of one with a record of other shape SLOT, DATA and EXPS, of one that is not there SLOT. */
#define HEAD 1u
#define TENSOR_SLOT 4u
#define RECORD_SLOT 3u
#define EMPTY_SLOT 1u
#define DONE 1u
#define SLOTS 12u
#define DIVISION 34u        /* of 32 bits, one a cycle; the first and the last cycle */
#define TRIVIAL_DIVISION 2u /* by 1, or of equal numbers */

#define PRODUCT 4u /* cycles of a rule of descriptor_shape that multiplies; others take one */

/* Places that tensors and records lie at: data, and exponents where there are any. */
typedef struct {
  uint64_t cycles;
  unsigned slots, places, outputs; /* the last are places too */
} walk;

static uint64_t division(uint64_t dividend, uint64_t divisor) {
  return divisor == dividend || divisor == 1 ? TRIVIAL_DIVISION : DIVISION;
}

static void add_places(walk *w, bool output, unsigned places) {
  w->slots++;
  w->places += places;
  w->outputs += output ? places : 0;
}

static void add_record(walk *w, bool output, unsigned places) {
  w->cycles += RECORD_SLOT;
  add_places(w, output, places);
}

/* Elements by the last dimension, by those of dimension 0 (unless they are the same), and of tiles
 * both dimensions by the tile's. */
static void add_tensor(walk *w, const bt_tensor *t, bool output) {
  if (t == NULL) {
    return;
  }
  uint64_t n = bt_tensor_elements(t), last = bt_tensor_last(t);
  uint64_t rest = t->ndim > 0 ? n / t->dim[0] : 1;
  w->cycles += TENSOR_SLOT + division(n, last);
  w->cycles += rest == last ? 0 : division(n, rest);
  if ((t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) && t->fmt.kind == BT_BFP &&
      t->fmt.block == BT_BLOCK_TILE) {
    w->cycles += division(n / rest, t->fmt.tile_rows) + division(rest, t->fmt.tile_cols);
  }
  add_places(w, output, t->kind == BT_T_BYTE ? 1 : 2);
}

static void add_tensors(walk *w, const bt_command *c) {
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    add_tensor(w, c->in[i], false);
  }
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    add_tensor(w, c->out[i], true);
  }
  switch (c->op) {
    case BT_OP_SOFTMAX: add_record(w, true, 1); break;
    case BT_OP_AVERAGE: add_tensor(w, c->in[0], true); break; /* a slot of the weights' shape */
    case BT_OP_STATISTICS: add_record(w, true, 2); break;
    case BT_OP_NORM:
      if (c->u.norm.statistics != NULL) {
        add_record(w, false, 2);
      }
      break;
    default: break;
  }
}

/* The rules of descriptor_shape. */
static uint64_t rule_cycles(const bt_command *c) {
  switch (c->op) {
    case BT_OP_CONTRACT: return 9 * PRODUCT + 2; /* windows along both sides */
    case BT_OP_QUANTIZE: return 3 * PRODUCT;
    case BT_OP_AFFINE: return 20 * PRODUCT;
    case BT_OP_GATE: return 3 * PRODUCT + 1;     /* formats */
    case BT_OP_REDUCE: return 4 * PRODUCT;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_SPREAD: return 6 * PRODUCT + 3;   /* windows along both sides, formats */
    case BT_OP_POOL_SUM: return 7 * PRODUCT + 2;
    case BT_OP_SOFTMAX: return 3 * PRODUCT;
    case BT_OP_AVERAGE: return 6;                /* equal words */
    case BT_OP_NORM: return 7 * PRODUCT;
    case BT_OP_NORM_BACK: return 14 * PRODUCT;
    case BT_OP_DROPOUT:
    case BT_OP_STATISTICS:
    default: return PRODUCT;
  }
}

uint64_t bt_time_check(const bt_command *c) {
  walk w = {0};
  add_tensors(&w, c);
  w.cycles += (SLOTS - w.slots) * EMPTY_SLOT;
  /* Each output's place is held against all places; one of an input takes a cycle. */
  uint64_t overlaps = (uint64_t)w.outputs * w.places + (w.places - w.outputs);
  return HEAD + w.cycles + rule_cycles(c) + overlaps + DONE;
}
