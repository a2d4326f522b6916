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
      "multiply_fp32", "add_fp32", "add_acc", "add_psum", "add_32", "add_48", "add_64", "shift_32", "shift_48", "shift_64",
      "compare_8", "compare_16", "compare_32", "softmax_element", "norm_channel",
      "dropout_element", "lfsr_steps", "register_bits", "sram_input_read", "sram_input_write",
      "sram_weight_read", "sram_weight_write", "sram_output_read", "sram_output_write",
      "dram_read", "dram_write", "spill_read", "spill_write", "dram_activations"};
  return name[kind];
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

static bt_status add_contract(bt_cost_counts *n, const bt_machine *machine, const bt_command *c,
                              bool plan, bt_error *error) {
  bt_passes p;
  bt_status status = bt_cost_passes(machine, c, plan, &p, error);
  if (status != BT_OK) {
    return status;
  }
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  wide_count outputs = (wide_count)e.rows * e.cols;
  wide_count products = outputs * p.k;
  bool chunks = machine->acc.chunk > 0;
  bt_count_add(&n->n[BT_COUNT_MACS], outputs * e.k);
  bt_count_add(&n->n[BT_COUNT_ARRAY_CYCLES], bt_cost_array_cycles(machine, &p));
  bt_count_add(&n->n[BT_COUNT_MULTIPLY_8X8], products);
  /* With chunks, products add at psum_bits and chunks at acc_bits (numerics 8.1). */
  bt_count_add(&n->n[chunks ? BT_COUNT_ADD_PSUM : BT_COUNT_ADD_ACC], products);
  if (chunks) {
    bt_count_add(&n->n[BT_COUNT_ADD_ACC], outputs * p.chunks);
  }
  if (p.groups > 1) {
    bt_count_add(&n->n[BT_COUNT_ADD_48], outputs * p.groups);
    bt_count_add(&n->n[BT_COUNT_SHIFT_48], outputs * p.groups);
  }
  bt_traffic_contract(n, machine, c, &p);
  return BT_OK;
}

static void add_quantize(bt_cost_counts *n, const bt_machine *machine, const bt_command *c) {
  bt_count_add(&n->n[BT_COUNT_QUANTIZER_CYCLES], bt_cost_quantizer_cycles(machine, c));
  size_t elements = bt_tensor_elements(c->out[0]);
  bt_count_add(&n->n[BT_COUNT_SHIFT_32], elements);
  if (c->out[0]->fmt.kind != BT_FIXED) {
    bt_count_add(&n->n[BT_COUNT_COMPARE_32], elements);
  }
  if (c->u.quantize.round.mode != BT_FLOOR) {
    bt_count_add(&n->n[BT_COUNT_ADD_32], elements);
  }
  bt_traffic_quantize(n, machine, c);
}

static void add_affine(bt_cost_counts *n, const bt_command *c) {
  wide_count elements = bt_tensor_elements(c->out[0]);
  wide_count terms = c->u.affine.terms;
  bool addend = c->u.affine.has_c0 || c->in[BT_IN_ADDEND] != NULL;
  bt_count_add(&n->n[BT_COUNT_MULTIPLY_16X32], elements * terms);
  bt_count_add(&n->n[BT_COUNT_SHIFT_64], elements * terms);
  bt_count_add(&n->n[BT_COUNT_ADD_64], elements * (terms - (addend ? 0 : 1)));
}

static void add_reduce(bt_cost_counts *n, const bt_command *c) {
  wide_count elements = bt_tensor_elements(c->in[0]);
  bool extreme = c->u.reduce.kind == BT_MIN || c->u.reduce.kind == BT_MAX;
  bool sums = c->u.reduce.kind == BT_MOMENTS || c->u.reduce.kind == BT_PRODUCTS;
  bool product = sums || c->u.reduce.kind == BT_SUM_XX || c->u.reduce.kind == BT_SUM_XY;
  bt_count_add(&n->n[extreme ? BT_COUNT_COMPARE_16 : BT_COUNT_ADD_64], elements * (sums ? 2 : 1));
  if (product) {
    bt_count_add(&n->n[BT_COUNT_MULTIPLY_16X16], elements);
  }
}

/* Units that take L elements a cycle: the larger side of the command counts (cost 4). */
static void add_vector(bt_cost_counts *n, const bt_machine *machine, const bt_command *c) {
  wide_count in = c->in[0] ? bt_tensor_elements(c->in[0]) : 0;
  wide_count out = c->out[0] ? bt_tensor_elements(c->out[0]) : 0;
  bt_count_add(&n->n[BT_COUNT_VECTOR_CYCLES], ceil_div(in > out ? in : out, machine->lanes));
  if (c->op == BT_OP_AFFINE) {
    add_affine(n, c);
  }
  if (c->op == BT_OP_REDUCE) {
    add_reduce(n, c);
  }
  if (c->op == BT_OP_POOL) {
    bt_count_add(&n->n[BT_COUNT_COMPARE_8], out * (c->u.pool.k * c->u.pool.k - 1));
  }
  if (c->op == BT_OP_POOL_SUM) {
    bt_count_add(&n->n[BT_COUNT_ADD_64], out * (c->u.pool.k * c->u.pool.k - 1));
  }
  if (c->op == BT_OP_DROPOUT) {
    bt_count_add(&n->n[BT_COUNT_DROPOUT], out);
  }
  if (c->op == BT_OP_AVERAGE) {
    bt_count_add(&n->n[BT_COUNT_ADD_64], in);
  }
}

static bool is_scalar(const bt_command *c) {
  return c->op == BT_OP_SOFTMAX || c->op == BT_OP_NORM || c->op == BT_OP_NORM_BACK ||
         c->op == BT_OP_STATISTICS;
}

static void add_scalar(bt_cost_counts *n, const bt_command *c) {
  bt_count_add(&n->n[BT_COUNT_SCALAR_CYCLES], bt_cost_scalar_cycles(c));
  bt_count_add(&n->n[BT_COUNT_NORM], bt_cost_norm_channels(c));
  if (c->op == BT_OP_SOFTMAX) {
    bt_count_add(&n->n[BT_COUNT_SOFTMAX], bt_tensor_elements(c->in[0]));
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

static bt_status add_command(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                             bool again, bt_error *error) {
  bt_cost_counts *n = &cost->phase[c->label.phase];
  bt_status status = BT_OK;
  if (!again) {
    bt_count_add(&n->n[BT_COUNT_COMMANDS], 1);
  }
  if (c->op == BT_OP_CONTRACT) {
    status = add_contract(n, machine, c, cost->plan, error);
  } else if (c->op == BT_OP_QUANTIZE) {
    add_quantize(n, machine, c);
  } else {
    if (is_scalar(c)) {
      add_scalar(n, c);
    } else {
      add_vector(n, machine, c);
    }
    bt_traffic_vector(n, c, again);
  }
  if (status != BT_OK) {
    return status;
  }
  add_lfsr(n, machine, c);
  return check_counts(n, c->label.text ? c->label.text : bt_op_name(c->op), error);
}

bt_status bt_cost_add(bt_cost *cost, const bt_machine *machine, const bt_command *c,
                      bt_error *error) {
  return add_command(cost, machine, c, false, error);
}

static bool writes(const bt_command *c, const bt_tensor *t) {
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] == t) {
      return true;
    }
  }
  return false;
}

/* Counts the second run of what made this wide tensor, back to the bfp operands and to
 * vectors of constants, which stay. `at` counts the commands before which it was made. */
static bt_status add_again(bt_cost_watch *w, uint64_t at, const bt_tensor *wide, bt_error *error) {
  while (at-- > 0 && at + BT_COST_RECENT >= w->seen) {
    const bt_command *c = w->recent[at % BT_COST_RECENT];
    if (!writes(c, wide)) {
      continue;
    }
    bt_status status = add_command(w->cost, w->machine, c, true, error);
    for (unsigned i = 0; status == BT_OK && i < BT_MAX_TERMS; i++) {
      if (!is_scalar(c) && c->in[i] != NULL && c->in[i]->kind == BT_T_WIDE) {
        status = add_again(w, at, c->in[i], error);
      }
    }
    return status;
  }
  return bt_fail(error, BT_BAD_INPUT, "recompute: %s was made by none of the last %u commands",
                 wide->name, BT_COST_RECENT);
}

bt_status bt_cost_after(void *watch, const bt_command *c, bt_error *error) {
  bt_cost_watch *w = watch;
  bt_status status = bt_cost_add(w->cost, w->machine, c, error);
  if (status == BT_OK && w->machine->exponent == BT_EXPONENT_RECOMPUTE && c->op == BT_OP_QUANTIZE &&
      c->in[0]->kind == BT_T_WIDE && !bt_traffic_fits(w->machine, c)) {
    status = add_again(w, w->seen, c->in[0], error);
  }
  w->recent[w->seen % BT_COST_RECENT] = c;
  w->seen++;
  return status;
}

bt_status bt_cost_program(bt_cost *cost, const bt_machine *machine, const bt_program *program,
                          bt_error *error) {
  bt_cost_watch watch = {.cost = cost, .machine = machine};
  bt_status status = BT_OK;
  for (size_t i = 0; status == BT_OK && i < bt_program_size(program); i++) {
    status = bt_cost_after(&watch, bt_program_at(program, i), error);
  }
  return status;
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
