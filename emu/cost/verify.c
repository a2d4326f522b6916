#include "cost/verify.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cost/traffic.h"
#include "num/error.h"

typedef unsigned __int128 wide_count;

/* One look of a command at a tensor in DRAM. */
typedef struct {
  const bt_tensor *tensor;
  size_t command;
  bool writes;
} look;

static int by_tensor(const void *a, const void *b) {
  const look *x = a, *y = b;
  if (x->tensor != y->tensor) {
    return (uintptr_t)x->tensor < (uintptr_t)y->tensor ? -1 : 1;
  }
  if (x->command != y->command) {
    return x->command < y->command ? -1 : 1;
  }
  return (int)x->writes - (int)y->writes; /* a command reads before it writes */
}

static size_t take(look *list, size_t n, const bt_command *c, size_t command) {
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    if (c->in[i] != NULL && c->in[i]->kind != BT_T_WIDE) {
      list[n++] = (look){c->in[i], command, false};
    }
  }
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL && c->out[i]->kind != BT_T_WIDE && !bt_traffic_dropped(c, c->out[i])) {
      list[n++] = (look){c->out[i], command, true};
    }
  }
  return n;
}

/* What a program finds in memory, and what it leaves there for others. */
static bool may_come_in(const bt_tensor *t) {
  return t->role == BT_ROLE_INPUT || t->role == BT_ROLE_WEIGHT || t->role == BT_ROLE_MOMENTUM;
}

static bool may_go_out(const bt_tensor *t) {
  return t->role == BT_ROLE_WEIGHT || t->role == BT_ROLE_MOMENTUM;
}

static bt_status check_looks(const look *list, size_t n, const bt_program *p, bt_error *error) {
  for (size_t i = 0; i < n; i++) {
    const bt_tensor *t = list[i].tensor;
    const char *text = bt_program_at(p, list[i].command)->label.text;
    bool first = i == 0 || list[i - 1].tensor != t, last = i + 1 == n || list[i + 1].tensor != t;
    if (first && !list[i].writes && !may_come_in(t)) {
      return bt_fail(error, BT_MISMATCH, "cost: %s reads %s (%s), which none wrote before", text,
                     t->name, bt_role_name(t->role));
    }
    bool unread = list[i].writes && (last || list[i + 1].writes);
    if (unread && !(last && may_go_out(t))) {
      return bt_fail(error, BT_MISMATCH, "cost: %s writes %s (%s), which none reads", text, t->name,
                     bt_role_name(t->role));
    }
  }
  return BT_OK;
}

static bt_status check_bytes(const bt_program *p, bt_error *error) {
  size_t commands = bt_program_size(p), n = 0;
  look *list = malloc((commands * (BT_MAX_INPUTS + BT_MAX_OUTPUTS) + 1) * sizeof *list);
  if (list == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the check of a program's cost");
  }
  for (size_t i = 0; i < commands; i++) {
    n = take(list, n, bt_program_at(p, i), i);
  }
  qsort(list, n, sizeof *list, by_tensor);
  bt_status s = check_looks(list, n, p, error);
  free(list);
  return s;
}

/* M * N * K from the geometry itself (numerics 8). */
static wide_count products(const bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  wide_count window = (wide_count)g->kh * g->kw * g->c * g->o;
  bool on_input = c->u.contract.direction == BT_DATA_GRADIENT;
  return window * g->n * (on_input ? (wide_count)g->h * g->w : (wide_count)g->oh * g->ow);
}

static bt_status check_macs(const bt_cost_watch *w, const bt_program *p, const bt_cost_counts *all,
                            bt_error *error) {
  wide_count sum = 0;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    sum += c->op == BT_OP_CONTRACT ? products(c) : 0;
  }
  uint64_t macs = all->n[BT_COUNT_MACS];
  bool again = w->machine->exponent == BT_EXPONENT_RECOMPUTE;
  if (macs < sum || macs > (again ? 2 : 1) * sum) {
    return bt_fail(error, BT_MISMATCH, "cost: %" PRIu64 " MACs, the layers have %" PRIu64, macs,
                   (uint64_t)sum);
  }
  /* Groups that do not run form no products (cost 2). */
  uint64_t formed = w->cost->fp32 ? macs : all->n[BT_COUNT_MULTIPLY_8X8];
  wide_count places = (wide_count)w->machine->rows * w->machine->cols;
  if (all->n[BT_COUNT_CYCLES] * places < formed ||
      all->n[BT_COUNT_ARRAY_CYCLES] * places < formed) {
    return bt_fail(error, BT_MISMATCH, "cost: %" PRIu64 " cycles for %" PRIu64 " products of %"
                   PRIu64 " a cycle", all->n[BT_COUNT_CYCLES], formed, (uint64_t)places);
  }
  return BT_OK;
}

/* What all visits of a nest read is the operands' footprints times their reloads. */
static bt_status check_nest(const bt_cost_watch *w, const bt_command *c, bt_error *error) {
  bt_passes passes;
  bt_cost_plain_passes(w->machine, c, &passes);
  bt_nest n = bt_nest_plan(w->machine, c, &passes, w->cost->fp32);
  wide_count read[2] = {0, 0}, outputs = 0;
  for (bt_visit v = {0}; !v.ended; bt_nest_next(&n, &v)) {
    bt_visit_cost cost = bt_nest_visit(&n, &v);
    outputs += (wide_count)cost.m * cost.n;
    read[0] += cost.load[0];
    read[1] += cost.load[1];
  }
  for (int i = 0; i < 2; i++) {
    if (read[i] != n.read[i]) {
      return bt_fail(error, BT_MISMATCH, "cost: %s: visits read %" PRIu64 " bytes of operand %d, "
                     "footprints times reloads are %" PRIu64, c->label.text, (uint64_t)read[i], i,
                     (uint64_t)n.read[i]);
    }
  }
  return outputs == (wide_count)passes.rows * passes.cols
             ? BT_OK
             : bt_fail(error, BT_MISMATCH, "cost: %s: the visits' outputs are not all outputs",
                       c->label.text);
}

/* The parts of the traffic are the whole; what is spilled comes back. */
static bt_status check_traffic(const bt_cost *cost, const bt_cost_counts *all, bt_error *error) {
  wide_count read = 0, written = 0;
  bt_traffic wide = {0, 0};
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      read += cost->dram[p][k].read;
      written += cost->dram[p][k].written;
    }
    wide.read += cost->dram[p][BT_ROLE_WIDE].read;
    wide.written += cost->dram[p][BT_ROLE_WIDE].written;
  }
  if (read != (wide_count)all->n[BT_COUNT_DRAM_READ] + all->n[BT_COUNT_SPILL_READ] ||
      written != (wide_count)all->n[BT_COUNT_DRAM_WRITE] + all->n[BT_COUNT_SPILL_WRITE]) {
    return bt_fail(error, BT_MISMATCH, "cost: traffic by kind is not the traffic in all");
  }
  if (wide.read < wide.written || wide.read != all->n[BT_COUNT_SPILL_READ]) {
    return bt_fail(error, BT_MISMATCH, "cost: %" PRIu64 " bytes spilled, %" PRIu64 " came back",
                   wide.written, wide.read);
  }
  return BT_OK;
}

bt_status bt_cost_verify(const bt_cost_watch *w, const bt_program *program, bt_error *error) {
  bt_cost_counts all;
  bt_status s = bt_cost_total(w->cost, &all, error);
  if (s == BT_OK && w->chained != w->seen) {
    s = bt_fail(error, BT_MISMATCH, "cost: %" PRIu64 " commands, %" PRIu64 " of them in chains",
                w->seen, w->chained);
  }
  s = s == BT_OK ? check_macs(w, program, &all, error) : s;
  s = s == BT_OK ? check_traffic(w->cost, &all, error) : s;
  s = s == BT_OK ? check_bytes(program, error) : s;
  for (size_t i = 0; s == BT_OK && i < bt_program_size(program); i++) {
    const bt_command *c = bt_program_at(program, i);
    s = c->op == BT_OP_CONTRACT ? check_nest(w, c, error) : BT_OK;
  }
  return s;
}
