#include "machine_covers.h"

namespace bt_rtl {

namespace {

// Sizes of the sequencers' stores, from their sources.
#include "machine_stores.inc"

bool simple_blocks(const bt_tensor &t) { return !bt_tensor_has_tiles(&t); }
bool few_exponents(const bt_tensor *t, size_t store) { return bt_tensor_exponents(t) <= store; }

bool covers_contract(const bt_machine &m, const bt_command &c) {
  const bt_tensor &a = *c.in[0], &b = *c.in[1], &y = *c.out[0];
  // A weight gradient has one exponent (numerics 8.2): the machine makes no cells beyond it.
  if (c.u.contract.direction == BT_WEIGHT_GRADIENT && (y.n0 > 1 || y.nl > 1)) return false;
  return m.acc.acc_shift == 0 && m.acc.chunk == 0 && simple_blocks(a) && simple_blocks(b) &&
         few_exponents(&a, CONTRACT_EXPONENTS) &&
         few_exponents(&b, CONTRACT_EXPONENTS);
}

bool covers_quantize(const bt_command &c) {
  const bt_tensor &x = *c.in[0], &y = *c.out[0];
  const bt_round_options &round = c.u.quantize.round;
  bool each = x.kind == BT_T_WIDE && bt_tensor_has_each(&x);
  size_t beside = y.fmt.kind != BT_BFP          ? 1
                  : y.fmt.block == BT_BLOCK_K32 ? (bt_tensor_last(&y) + 31) / 32
                  : y.fmt.block == BT_BLOCK_TILE
                      ? (bt_tensor_elements(&y) / y.dim[0] + y.fmt.tile_cols - 1) / y.fmt.tile_cols
                      : 1;
  bool draws = round.mode != BT_STOCHASTIC || (round.random_bits >= 1 && round.random_bits <= 24);
  return draws && (each || few_exponents(&x, QUANTIZE_EXPONENTS)) && beside <= QUANTIZE_TILES;
}

bool covers_affine(const bt_machine &m, const bt_command &c) {
  size_t last = bt_tensor_last(c.out[0]);
  bool vectors = false;
  for (size_t i = 0; i < BT_MAX_TERMS; i++) {
    if (c.in[i] && i < c.u.affine.terms && !few_exponents(c.in[i], AFFINE_EXPONENTS)) return false;
    vectors = vectors || c.in[BT_IN_CONSTANTS + i] ||
              (c.in[i] && bt_tensor_elements(c.in[i]) != bt_tensor_elements(c.out[0]));
  }
  vectors = vectors || c.in[BT_IN_ADDEND];
  bool split = c.out[0]->nl > 1;
  return (!vectors || last <= AFFINE_VECTOR) && (!split || last <= (AFFINE_CELLS - m.lanes) / 2);
}

bool covers_reduce(const bt_command &c) {
  const bt_tensor &x = *c.in[0];
  size_t last = bt_tensor_last(&x);
  bool tensor = x.fmt.kind == BT_FIXED || x.fmt.block == BT_BLOCK_TENSOR;
  return last <= REDUCE_LAST && few_exponents(&x, REDUCE_EXPONENTS) &&
         (tensor || (simple_blocks(x) && bt_tensor_elements(&x) / x.dim[0] >= last));
}

// Blocks that the walker of average and reduce follows: no tiles but of a power of two columns.
bool walked(const bt_tensor &t) {
  size_t columns = t.fmt.tile_cols;
  return t.fmt.kind == BT_FIXED || t.fmt.block != BT_BLOCK_TILE || (columns & (columns - 1)) == 0;
}

bool covers_pool(const bt_command &c) {
  bool back = c.op == BT_OP_POOL_BACK || c.op == BT_OP_SPREAD;
  const bt_tensor &large = back ? *c.out[0] : *c.in[0];
  return large.dim[2] * large.dim[3] * c.u.pool.k <= POOL_RING / 2;
}

} // namespace

bool machine_covers(const bt_machine &machine, const bt_command &c) {
  switch (c.op) {
  case BT_OP_CONTRACT: return covers_contract(machine, c);
  case BT_OP_QUANTIZE: return covers_quantize(c);
  case BT_OP_AFFINE: return covers_affine(machine, c);
  case BT_OP_REDUCE: return covers_reduce(c);
  case BT_OP_POOL:
  case BT_OP_POOL_BACK:
  case BT_OP_POOL_SUM:
  case BT_OP_SPREAD: return covers_pool(c);
  case BT_OP_SOFTMAX: return bt_tensor_last(c.in[0]) <= SOFTMAX_CLASSES;
  case BT_OP_AVERAGE: return few_exponents(c.in[0], AVERAGE_EXPONENTS) && walked(*c.in[0]);
  case BT_OP_GATE: return few_exponents(c.in[0], AFFINE_EXPONENTS);
  default: return true;
  }
}

} // namespace bt_rtl
