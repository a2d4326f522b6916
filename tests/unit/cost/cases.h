/* Small commands that the cost tests count: tensors live as long as the case. */
#ifndef BT_TESTS_COST_CASES_H
#define BT_TESTS_COST_CASES_H

#include "cmd/command.h"
#include "machine/machine.h"

typedef struct {
  bt_tensor a, b, out;
  bt_command c;
} contraction;

static inline bt_format bfp(int wl, bt_block block) {
  return (bt_format){.kind = BT_BFP, .wl = wl, .block = block};
}

/* A fully connected layer: a batch of n, c inputs, o outputs; a window of w x w places (all of an
 * image of w x w) makes it a convolution. No storage. */
static inline contraction contraction_of(bt_direction d, size_t n, size_t c, size_t o, size_t w,
                                         bt_block a, bt_block b, int wl_b) {
  contraction t = {0};
  size_t x[4] = {n, w, w, c}, k[4] = {o, w, w, c}, y[4] = {n, 1, 1, o};
  t.a = bt_tensor_bfp("a", bfp(8, a), 4, d == BT_FORWARD ? x : y);
  t.b = bt_tensor_bfp("b", bfp(wl_b, b), 4, d == BT_WEIGHT_GRADIENT ? x : k);
  t.out = bt_tensor_wide("out", 4, d == BT_FORWARD ? y : d == BT_DATA_GRADIENT ? x : k, true, true);
  t.c.op = BT_OP_CONTRACT;
  t.c.label.text = "case";
  t.c.u.contract.direction = d;
  t.c.u.contract.geometry = (bt_geometry){n, w, w, c, o, w, w, 1, 0, 1, 1};
  return t;
}

/* Points the command at the case's own tensors, which a copy has moved. */
static inline const bt_command *command_of(contraction *t) {
  t->c.in[0] = &t->a;
  t->c.in[1] = &t->b;
  t->c.out[0] = &t->out;
  return &t->c;
}

/* A quantize command of in to out. */
static inline bt_command quantize_of(const bt_tensor *in, bt_tensor *out, bt_rounding mode) {
  bt_command c = {.op = BT_OP_QUANTIZE, .label = {.text = "case"}, .in = {in}, .out = {out}};
  c.u.quantize.round = (bt_round_options){mode, 16, false};
  return c;
}

#endif
