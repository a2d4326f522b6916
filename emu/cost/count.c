#include "cost/count.h"

#include "cost/cycles.h"
#include "cost/scalar_cycles.h"
#include "cost/traffic.h"
#include "num/error.h"

typedef unsigned __int128 wide_count;

const char *bt_count_name(bt_count_kind kind) {
  static const char *const name[BT_COUNT_KINDS] = {
      "commands", "macs", "cycles", "stall_cycles", "array_cycles", "quantizer_cycles",
      "vector_cycles", "scalar_cycles", "multiply_8x8", "multiply_16x16", "multiply_16x32",
      "multiply_fp32", "add_fp32", "add_acc", "add_psum", "add_32", "add_48", "add_64", "shift_32",
      "shift_48", "shift_64", "compare_8", "compare_16", "compare_32", "softmax_element",
      "norm_channel", "dropout_element", "lfsr_steps", "register_bits", "sram_input_read",
      "sram_input_write", "sram_weight_read", "sram_weight_write", "sram_output_read",
      "sram_output_write", "dram_read", "dram_write", "spill_read", "spill_write",
      "dram_activations"};
  return name[kind];
}

const char *bt_unit_name(bt_unit unit) {
  static const char *const name[BT_UNITS] = {"array", "scalar", "vector", "quantizer"};
  return name[unit];
}

const char *bt_traffic_name(unsigned kind) {
  return kind == BT_TRAFFIC_EXPONENT ? "exponent" : bt_role_name((bt_tensor_role)kind);
}

void bt_count_add(uint64_t *n, wide_count v) {
  wide_count sum = *n + v;
  *n = sum < v || sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

static wide_count ceil_div(wide_count n, wide_count d) {
  return (n + d - 1) / d;
}

/* Steps of all lanes for the command's draws (numerics 4.3, cost 6). */
static void add_lfsr(bt_cost_counts *n, const bt_machine *machine, const bt_command *c) {
  size_t draws = bt_command_draws(c, &machine->acc);
  unsigned bits = c->op == BT_OP_QUANTIZE ? c->u.quantize.round.random_bits
                                          : machine->acc.acc_round.random_bits;
  bt_count_add(&n->n[BT_COUNT_LFSR_STEPS], ceil_div(draws, machine->lanes) * machine->lanes * bits);
}

static bt_status add_contract(bt_mover *to, bt_demand *d, const bt_command *c, bt_error *error) {
  bt_cost_counts *n = &to->cost->phase[to->phase];
  const bt_machine *machine = to->machine;
  bool fp32 = to->cost->fp32;
  bt_passes p;
  bt_status status = fp32 ? BT_OK : bt_cost_passes(machine, c, to->cost->plan, &p, error);
  if (status != BT_OK) {
    return status;
  }
  if (fp32) {
    bt_cost_plain_passes(machine, c, &p);
  }
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  wide_count outputs = (wide_count)e.rows * e.cols;
  wide_count products = outputs * p.k;
  bt_count_add(&d->macs, outputs * e.k);
  bt_count_add(&d->unit_cycles, bt_cost_array_cycles(machine, &p));
  bt_count_add(&n->n[BT_COUNT_MACS], d->macs);
  bt_count_add(&n->n[fp32 ? BT_COUNT_MULTIPLY_FP32 : BT_COUNT_MULTIPLY_8X8], products);
  bt_count_add(&n->n[BT_COUNT_REGISTER_BITS],
               bt_cost_register_bits(machine, &p, fp32 ? 32 : 8,
                                     fp32 ? 32 : (unsigned)machine->acc.acc_bits));
  /* With chunks, products add at psum_bits and chunks at acc_bits (numerics 8.1). */
  bool chunks = machine->acc.chunk > 0;
  bt_count_add(&n->n[fp32     ? BT_COUNT_ADD_FP32
                     : chunks ? BT_COUNT_ADD_PSUM
                              : BT_COUNT_ADD_ACC], products);
  if (chunks && !fp32) {
    bt_count_add(&n->n[BT_COUNT_ADD_ACC], outputs * p.chunks);
  }
  if (p.groups > 1) {
    bt_count_add(&n->n[BT_COUNT_ADD_48], outputs * p.groups);
    bt_count_add(&n->n[BT_COUNT_SHIFT_48], outputs * p.groups);
  }
  d->contracts = true;
  d->nest = bt_nest_plan(machine, c, &p, fp32);
  bt_traffic_contract(to, c, &d->nest);
  return BT_OK;
}

static void add_quantize(bt_mover *to, bt_demand *d, const bt_command *c) {
  bt_cost_counts *n = &to->cost->phase[to->phase];
  if (!to->cost->fp32) {
    size_t elements = bt_tensor_elements(c->out[0]);
    bt_count_add(&d->unit_cycles, bt_cost_quantizer_cycles(to->machine, c));
    bt_count_add(&n->n[BT_COUNT_SHIFT_32], elements);
    if (c->out[0]->fmt.kind != BT_FIXED) {
      bt_count_add(&n->n[BT_COUNT_COMPARE_32], elements);
    }
    if (c->u.quantize.round.mode != BT_FLOOR) {
      bt_count_add(&n->n[BT_COUNT_ADD_32], elements);
    }
  }
  bt_traffic_quantize(to, c);
}

static void add_affine(bt_cost_counts *n, const bt_command *c, bool fp32) {
  wide_count elements = bt_tensor_elements(c->out[0]);
  wide_count terms = c->u.affine.terms;
  bool addend = c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL;
  bt_count_add(&n->n[fp32 ? BT_COUNT_MULTIPLY_FP32 : BT_COUNT_MULTIPLY_16X32], elements * terms);
  bt_count_add(&n->n[BT_COUNT_SHIFT_64], fp32 ? 0 : elements * terms);
  bt_count_add(&n->n[fp32 ? BT_COUNT_ADD_FP32 : BT_COUNT_ADD_64],
               elements * (terms - (addend ? 0 : 1)));
}

static void add_reduce(bt_cost_counts *n, const bt_command *c, bool fp32) {
  wide_count elements = bt_tensor_elements(c->in[0]);
  bool extreme = c->u.reduce.kind == BT_MIN || c->u.reduce.kind == BT_MAX;
  bool sums = c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS;
  bool product = sums || c->u.reduce.kind == BT_SUM_XX || c->u.reduce.kind == BT_SUM_XY;
  bt_count_add(&n->n[fp32      ? BT_COUNT_ADD_FP32
                     : extreme ? BT_COUNT_COMPARE_16
                               : BT_COUNT_ADD_64], elements * (sums ? 2 : 1));
  if (product) {
    bt_count_add(&n->n[fp32 ? BT_COUNT_MULTIPLY_FP32 : BT_COUNT_MULTIPLY_16X16], elements);
  }
}

static void add_pool(bt_cost_counts *n, const bt_command *c, bool fp32) {
  wide_count each = c->u.pool.k * c->u.pool.k - 1;
  bt_count_kind kind = c->op == BT_OP_POOL ? BT_COUNT_COMPARE_8 : BT_COUNT_ADD_64;
  bt_count_add(&n->n[fp32 ? BT_COUNT_ADD_FP32 : kind], bt_tensor_elements(c->out[0]) * each);
}

static void add_vector(bt_mover *to, bt_demand *d, const bt_command *c) {
  bt_cost_counts *n = &to->cost->phase[to->phase];
  bool fp32 = to->cost->fp32;
  wide_count in = c->in[0] ? bt_tensor_elements(c->in[0]) : 0;
  wide_count out = c->out[0] ? bt_tensor_elements(c->out[0]) : 0;
  bt_count_add(&d->unit_cycles, bt_cost_vector_cycles(to->machine, c));
  switch (c->op) {
    case BT_OP_AFFINE: add_affine(n, c, fp32); break;
    case BT_OP_REDUCE: add_reduce(n, c, fp32); break;
    case BT_OP_POOL:
    case BT_OP_POOL_SUM: add_pool(n, c, fp32); break;
    case BT_OP_DROPOUT: bt_count_add(&n->n[BT_COUNT_DROPOUT], out); break;
    case BT_OP_AVERAGE: bt_count_add(&n->n[fp32 ? BT_COUNT_ADD_FP32 : BT_COUNT_ADD_64], in); break;
    default: break;
  }
}

static void add_scalar(bt_mover *to, bt_demand *d, const bt_command *c) {
  bt_cost_counts *n = &to->cost->phase[to->phase];
  bt_count_add(&d->unit_cycles, bt_cost_scalar_cycles(c));
  bt_count_add(&n->n[BT_COUNT_NORM], bt_cost_norm_channels(c));
  if (c->op == BT_OP_SOFTMAX) {
    bt_count_add(&n->n[BT_COUNT_SOFTMAX], bt_tensor_elements(c->in[0]));
  }
}

static bt_unit unit_of(const bt_command *c) {
  switch (c->op) {
    case BT_OP_CONTRACT: return BT_UNIT_ARRAY;
    case BT_OP_QUANTIZE: return BT_UNIT_QUANTIZER;
    case BT_OP_SOFTMAX:
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
    case BT_OP_STATISTICS: return BT_UNIT_SCALAR;
    default: return BT_UNIT_VECTOR;
  }
}

static bt_status check_counts(const bt_cost_counts *n, const char *what, bt_error *error) {
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    if (n->n[k] == UINT64_MAX) {
      return bt_fail(error, BT_BAD_INPUT, "%s: its count %s is beyond 64 bits", what,
                     bt_count_name((bt_count_kind)k));
    }
  }
  return BT_OK;
}

static bt_status add_by_unit(bt_mover *to, bt_demand *d, const bt_command *c, bool again,
                             bt_error *error) {
  if (d->unit == BT_UNIT_ARRAY) {
    return add_contract(to, d, c, error);
  }
  if (d->unit == BT_UNIT_QUANTIZER) {
    add_quantize(to, d, c);
    return BT_OK;
  }
  if (d->unit == BT_UNIT_SCALAR) {
    add_scalar(to, d, c);
  } else {
    add_vector(to, d, c);
  }
  bt_traffic_vector(to, c, again);
  return BT_OK;
}

bt_status bt_cost_add_demand(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                             bool again, bt_demand *demand, bt_error *error) {
  static const bt_count_kind busy[BT_UNITS] = {BT_COUNT_ARRAY_CYCLES, BT_COUNT_SCALAR_CYCLES,
                                               BT_COUNT_VECTOR_CYCLES, BT_COUNT_QUANTIZER_CYCLES};
  bt_cost_counts *n = &cost->phase[c->label.phase];
  bt_mover to = {.cost = cost, .machine = machine, .phase = c->label.phase};
  bt_demand d = {.command = c, .unit = unit_of(c)};
  bt_count_add(&n->n[BT_COUNT_COMMANDS], again ? 0 : 1);
  bt_status status = add_by_unit(&to, &d, c, again, error);
  if (status != BT_OK) {
    return status;
  }
  bt_count_add(&n->n[busy[d.unit]], d.unit_cycles);
  if (!cost->fp32) {
    add_lfsr(n, machine, c);
  }
  d.loaded = to.loaded;
  d.stored = to.stored;
  if (demand != NULL) {
    *demand = d;
  }
  return check_counts(n, c->label.text ? c->label.text : bt_op_name(c->op), error);
}

bt_status bt_cost_add(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                      bt_error *error) {
  return bt_cost_add_demand(cost, machine, c, false, NULL, error);
}

bt_status bt_cost_scale(bt_cost *to, const bt_cost *from, uint64_t times, bt_error *error) {
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      bt_count_add(&to->phase[p].n[k], (wide_count)from->phase[p].n[k] * times);
    }
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      bt_count_add(&to->dram[p][k].read, (wide_count)from->dram[p][k].read * times);
      bt_count_add(&to->dram[p][k].written, (wide_count)from->dram[p][k].written * times);
    }
    bt_status status = check_counts(&to->phase[p], bt_phase_name((bt_phase)p), error);
    if (status != BT_OK) {
      return status;
    }
  }
  return BT_OK;
}

bt_status bt_cost_total(const bt_cost *cost, bt_cost_counts *total, bt_error *error) {
  *total = (bt_cost_counts){{0}};
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      bt_count_add(&total->n[k], cost->phase[p].n[k]);
    }
  }
  return check_counts(total, "total", error);
}
