/* Names and sizes of commands. */
#include "cmd/command.h"

const char *bt_op_name(bt_op op) {
  static const char *const name[] = {"contract", "quantize",  "affine",  "gate",    "reduce",
                                     "pool",     "pool_back", "softmax", "dropout", "average",
                                     "pool_sum", "spread",    "norm",    "norm_back", "statistics"};
  return name[op];
}

const char *bt_direction_name(bt_direction d) {
  static const char *const name[] = {"forward", "data_gradient", "weight_gradient"};
  return name[d];
}

const char *bt_phase_name(bt_phase phase) {
  static const char *const name[] = {"forward", "data_gradient", "weight_gradient",
                                     "update",  "average",       "evaluation",
                                     "statistics"};
  return name[phase];
}

bt_extent bt_geometry_extent(const bt_geometry *g, bt_direction d) {
  size_t outputs = g->n * g->oh * g->ow, window = g->kh * g->kw;
  switch (d) {
    case BT_DATA_GRADIENT:
      return (bt_extent){g->n * g->h * g->w, g->c, g->o * window};
    case BT_WEIGHT_GRADIENT:
      return (bt_extent){g->o, window * g->c, outputs};
    case BT_FORWARD:
    default:
      return (bt_extent){outputs, g->o, window * g->c};
  }
}

bool bt_contract_by_element(const bt_command *c) {
  return bt_tensor_has_tiles(c->in[0]) || bt_tensor_has_tiles(c->in[1]);
}

size_t bt_command_draws(const bt_command *c, const bt_accumulator *acc) {
  if (c->op == BT_OP_QUANTIZE && c->u.quantize.round.mode == BT_STOCHASTIC) {
    return bt_tensor_elements(c->out[0]);
  }
  if (c->op == BT_OP_CONTRACT && acc->acc_shift > 0 && acc->acc_round.mode == BT_STOCHASTIC &&
      !c->u.contract.nearest) {
    bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
    return x.rows * x.cols * x.k;
  }
  return 0;
}
