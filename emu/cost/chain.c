#include "cost/chain.h"

#include "cost/pipeline.h"
#include "num/error.h"

/* One time through the chain, or through its second half. */
typedef struct {
  const bt_chain *chain;
  uint64_t unit[BT_UNITS];    /* cycles */
  unsigned stage[BT_UNITS];   /* units in the order of their first command */
  unsigned stages;
  uint64_t load, store;       /* bytes, spread evenly over the steps */
  const bt_nest *nest;        /* NULL without a contraction */
  uint64_t steps;
  bt_chain_cost *cost;
} pass;

static uint64_t ceil_div(uint64_t n, uint64_t d) { return n / d + (n % d != 0); }

/* Part i of n nearly equal parts. */
static uint64_t part(uint64_t all, uint64_t i, uint64_t n) { return all / n + (i < all % n); }

static void add_unit(pass *p, bt_unit unit, uint64_t cycles) {
  bool known = false;
  for (unsigned s = 0; s < p->stages; s++) {
    known = known || p->stage[s] == unit;
  }
  if (!known) {
    p->stage[p->stages++] = unit;
  }
  bt_count_add(&p->unit[unit], cycles);
}

/* Everything but a waiting quantize. */
static void add_producers(pass *p, bool again) {
  const bt_chain *c = p->chain;
  unsigned n = c->wait == BT_WAIT_NONE ? c->commands : c->commands - 1;
  for (unsigned i = 0; i < n; i++) {
    const bt_demand *d = &c->demand[i];
    add_unit(p, d->unit, d->unit_cycles);
    bt_count_add(&p->load, d->loaded);
    bt_count_add(&p->store, again ? 0 : d->stored);
    p->nest = d->contracts ? &d->nest : p->nest;
  }
  bt_count_add(&p->load, c->parked);
}

/* Without a contraction: parts of half a buffer. */
static void set_steps(pass *p) {
  const bt_machine *m = p->chain->machine;
  uint64_t in = m->sram_input_bytes / 2, out = m->sram_output_bytes / 2;
  uint64_t n[3] = {ceil_div(p->load, in + (in == 0)), ceil_div(p->store, out + (out == 0)),
                   ceil_div(p->chain->wide_bytes, out + (out == 0))};
  p->steps = 1;
  for (int i = 0; i < 3; i++) {
    p->steps = n[i] > p->steps ? n[i] : p->steps;
  }
}

/* DRAM cycles of a run of bytes, whose rows are counted. */
static uint64_t transfer(pass *p, uint64_t bytes) {
  const bt_machine *m = p->chain->machine;
  bt_count_add(&p->cost->activations, ceil_div(bytes, m->dram_row_bytes));
  return ceil_div(bytes, m->dram_bytes_per_cycle);
}

/* What all units but the array, and even transfers, do in a step. */
static void fill_even(pass *p, uint64_t t, bt_pipeline_step *step) {
  step->load += transfer(p, part(p->load, t, p->steps));
  step->store = transfer(p, part(p->store, t, p->steps));
  for (unsigned s = 0; s < p->stages; s++) {
    bool array = p->stage[s] == BT_UNIT_ARRAY && p->nest != NULL;
    step->unit[s] = array ? step->unit[s] : part(p->unit[p->stage[s]], t, p->steps);
  }
}

static void run_even(pass *p, bt_pipeline *line) {
  for (uint64_t t = 0; t < p->steps; t++) {
    bt_pipeline_step step = {0};
    fill_even(p, t, &step);
    bt_pipeline_add(line, &step);
  }
}

/* The steps are the nest's visits, or their chunks. The array is the first unit. */
static void run_nest(pass *p, bt_pipeline *line) {
  const bt_nest *n = p->nest;
  uint64_t t = 0;
  for (bt_visit v = {0}; !v.ended; bt_nest_next(n, &v)) {
    bt_visit_cost cost = bt_nest_visit(n, &v);
    uint64_t cycles =
        (uint64_t)bt_cost_tile_cycles(p->chain->machine, &n->passes, cost.m, cost.n);
    for (uint64_t i = 0; i < n->chunks; i++, t++) {
      bt_pipeline_step step = {0};
      for (int k = 0; k < 2; k++) {
        step.load += transfer(p, part(cost.load[k], i, n->chunks));
      }
      step.unit[0] = part(cycles, i, n->chunks);
      fill_even(p, t, &step);
      bt_pipeline_add(line, &step);
    }
  }
}

static void run_pass(pass *p) {
  bt_pipeline line = bt_pipeline_start(p->stages);
  if (p->nest != NULL) {
    p->steps = p->nest->passes.row_tiles * p->nest->passes.col_tiles * p->nest->chunks;
    run_nest(p, &line);
  } else {
    set_steps(p);
    run_even(p, &line);
  }
  bt_count_add(&p->cost->cycles, bt_pipeline_end(&line));
  for (unsigned u = 0; u < BT_UNITS; u++) {
    bt_count_add(&p->cost->unit_cycles[u], p->unit[u]);
  }
}

/* Up to the search for the exponent, which takes half of the quantizer's time. */
static void run_first(const bt_chain *c, bt_chain_cost *cost) {
  pass p = {.chain = c, .cost = cost};
  const bt_demand *last = &c->demand[c->commands - 1];
  add_producers(&p, false);
  if (c->wait != BT_WAIT_NONE) {
    add_unit(&p, BT_UNIT_QUANTIZER, last->unit_cycles / 2);
    bt_count_add(&p.load, last->loaded);
  }
  bt_count_add(&p.store, c->leaves);
  bt_count_add(&p.store, c->spilled);
  run_pass(&p);
}

/* Rounding. */
static void run_second(const bt_chain *c, bt_chain_cost *cost) {
  pass p = {.chain = c, .cost = cost};
  const bt_demand *last = &c->demand[c->commands - 1];
  if (c->wait == BT_WAIT_RECOMPUTE) {
    add_producers(&p, true);
  }
  add_unit(&p, BT_UNIT_QUANTIZER, last->unit_cycles - last->unit_cycles / 2);
  if (c->wait == BT_WAIT_DRAM) {
    bt_count_add(&p.load, c->spilled);
    bt_count_add(&p.load, last->loaded);
  }
  bt_count_add(&p.store, last->stored);
  run_pass(&p);
}

bt_status bt_chain_schedule(const bt_chain *chain, bt_chain_cost *cost, bt_error *error) {
  *cost = (bt_chain_cost){0};
  run_first(chain, cost);
  if (chain->wait != BT_WAIT_NONE) {
    run_second(chain, cost);
  }
  return cost->cycles > INT64_MAX
             ? bt_fail(error, BT_BAD_INPUT, "%s: more cycles than 63 bits hold",
                       chain->demand[chain->commands - 1].command->label.text)
             : BT_OK;
}

uint64_t bt_chain_busiest(const bt_chain_cost *cost) {
  uint64_t most = 0;
  for (unsigned u = 0; u < BT_UNITS; u++) {
    most = cost->unit_cycles[u] > most ? cost->unit_cycles[u] : most;
  }
  return most;
}
