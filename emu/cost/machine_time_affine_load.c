#include "cost/machine_time_affine.h"

#define READ_AHEAD 8u
#define ITEMS 9u     /* four operands, four vectors of constants, that of the addend */
#define DIVISION 33u /* affine_divide: a bit a cycle, and the cycle that starts it */
#define TENSORS 5u   /* operands and output */

/* Exponents in groups along dimension 0 (1: its elements, 2: rows of the last dimension), and
 * along the last dimension: affine_shape. */
static unsigned along_rows(const bt_tensor *t, bool flat) {
  bool varies = t->kind != BT_T_BYTE && bt_tensor_exponents(t) > 1;
  if (!varies) {
    return 0;
  }
  if (t->kind == BT_T_WIDE) {
    unsigned rows = t->n0 == 1 ? 0 : t->n0 == t->dim[0] ? 1 : 2;
    return flat && rows == 1 ? 0 : rows;
  }
  bool dim0 = t->fmt.kind == BT_BFP &&
              (t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
  return dim0 && !flat ? 1 : 0;
}

static bool in_tiles(const bt_tensor *t) {
  bool bfp = t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16;
  return bfp && t->fmt.kind == BT_BFP && t->fmt.block == BT_BLOCK_TILE &&
         bt_tensor_exponents(t) > 1;
}

static void shape_cells(bt_affine_shape *a, const bt_tensor *out, bool flat) {
  uint64_t rest = out->ndim > 0 ? a->elements / out->dim[0] : 1;
  bool wide = out->kind == BT_T_WIDE, row = a->elements == a->last, varies = a->cells > 1;
  unsigned rows = along_rows(out, flat);
  bool columns = varies && ((wide && out->nl > 1) || flat || a->last == 1);
  a->each = columns && (row || rows == 2 || (rows == 1 && rest == a->last));
  a->across = columns ? a->last : 1;
  a->rows_of_cell = rows == 2 ? 1 : rows == 1 ? rest / a->last : UINT64_MAX;
}

bt_affine_shape bt_affine_shape_of(const bt_command *c, unsigned lanes) {
  const bt_tensor *out = c->out[0];
  bt_affine_shape a = {.gate = c->op == BT_OP_GATE, .lanes = lanes};
  a.masked = a.gate || c->u.affine.masked;
  a.relu = !a.gate && c->u.affine.relu;
  a.out_size = out->kind == BT_T_WIDE ? 2 : out->kind == BT_T_BFP16 ? 1 : 0;
  a.elements = bt_tensor_elements(out);
  a.last = bt_tensor_last(out);
  a.cells = bt_tensor_exponents(out);
  uint64_t rest = out->ndim > 0 ? a.elements / out->dim[0] : 1;
  bool flat = a.elements == a.last && rest == 1 && a.last != 1;
  unsigned terms = a.gate ? 1 : (unsigned)c->u.affine.terms;
  for (unsigned i = 0; i < terms; i++) {
    const bt_tensor *t = c->in[i];
    a.present[i] = true;
    a.stream[i] = a.gate || bt_tensor_elements(t) == a.elements;
    a.size[i] = t->kind == BT_T_WIDE ? 2 : t->kind == BT_T_BFP16 ? 1 : 0;
    a.tiles += in_tiles(t);
    a.grouped = a.grouped || (along_rows(t, flat) & 1) != 0;
  }
  a.tiles += in_tiles(out);
  a.grouped = a.grouped || (along_rows(out, flat) & 1) != 0;
  shape_cells(&a, out, flat);
  return a;
}

/* Cycles in which two readers, or one, take all their beats, from the one behind their start. A
 * vector's exponents and mantissas are taken together, an operand's each for itself. */
static uint64_t read_both(bt_port *port, bt_stream_in *exps, bt_stream_in *data, bool together) {
  enum { CLIENT_EXPONENTS = 5, CLIENT_DATA = 6 };
  uint64_t cycles = 1; /* the last shows that they are not busy */
  for (; exps->left > 0 || data->left > 0; cycles++) {
    int who = bt_port_answer(port);
    unsigned want = (bt_stream_in_wants(exps) ? 1u << CLIENT_EXPONENTS : 0u) |
                    (bt_stream_in_wants(data) ? 1u << CLIENT_DATA : 0u);
    int taken = bt_port_ask(port, want, 0);
    bool e = bt_stream_in_valid(exps), d = bt_stream_in_valid(data), both = e && d;
    bt_stream_in_step(exps, taken == CLIENT_EXPONENTS, who == CLIENT_EXPONENTS,
                      together ? both : e);
    bt_stream_in_step(data, taken == CLIENT_DATA, who == CLIENT_DATA, together ? both : d);
  }
  return cycles;
}

/* What of an item comes: its header, exponents and mantissas. */
static uint64_t load_item(const bt_affine_shape *a, const bt_command *c, unsigned item,
                          bt_port *port) {
  bool operand = item < 4;
  const bt_tensor *t = operand ? (a->present[item] ? c->in[item] : NULL)
                       : a->gate ? NULL
                                 : c->in[BT_IN_CONSTANTS + item - 4];
  if (t == NULL) {
    return 1; /* PICK */
  }
  bool exps = t->kind != BT_T_BYTE, data = !operand || !a->stream[item];
  uint64_t cycles = 1, beats = bt_ceil_div(a->last, a->lanes);
  bt_stream_in e, d;
  bt_stream_in_open(&e, READ_AHEAD);
  bt_stream_in_open(&d, READ_AHEAD);
  if (operand && t->kind == BT_T_WIDE) {
    bt_stream_in_start(&e, 2, 1);
    cycles += read_both(port, &e, &d, false) - 1; /* HEADER ends with the word */
  }
  if (!exps && !data) {
    return cycles;
  }
  if (exps) {
    bt_stream_in_start(&e, 1, operand ? bt_ceil_div(bt_tensor_exponents(t), a->lanes) : beats);
  }
  if (data) {
    bt_stream_in_start(&d, operand ? a->size[item] : 2, beats);
  }
  return cycles + 1 + read_both(port, &e, &d, !operand); /* START, LOAD */
}

uint64_t bt_affine_load(const bt_affine_shape *a, const bt_command *c, bt_port *port) {
  uint64_t cycles = 0;
  for (unsigned item = 0; item < ITEMS; item++) {
    cycles += load_item(a, c, item, port);
  }
  return cycles;
}

/* GROUP; NEXT, LANES and, of operands, CELLS of each tensor; divisions; and the last walk. */
uint64_t bt_affine_geometry(const bt_affine_shape *a) {
  uint64_t divisions = (a->grouped ? DIVISION - 1 : 0) + a->tiles * (uint64_t)DIVISION;
  return 1 + TENSORS + TENSORS + (TENSORS - 1) + divisions + a->lanes + 1;
}
