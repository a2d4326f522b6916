#include "cost/chain.h"

#include <string.h>

#include "cost/pipeline.h"
#include "num/error.h"

/* An amount in nearly equal parts: the first `longer` of them are one more. */
typedef struct {
  uint64_t each, longer;
} spread;

static spread spread_over(uint64_t all, uint64_t parts) {
  return (spread){all / parts, all % parts};
}

static uint64_t part(const spread *s, uint64_t i) { return s->each + (i < s->longer); }

/* The same of bytes, with what DRAM takes for a part of either length. */
typedef struct {
  spread bytes;
  uint64_t cycles[2], rows[2];
} transfers;

/* One time through the chain, or through its second half. */
typedef struct {
  const bt_chain *chain;
  uint64_t unit[BT_UNITS];    /* cycles */
  unsigned stage[BT_UNITS];   /* units in the order of their first command */
  unsigned stages;
  uint64_t load, store;       /* bytes, spread evenly over the steps */
  const bt_nest *nest;        /* NULL without a contraction */
  uint64_t steps;
  transfers even[2];          /* load and store */
  spread work[BT_UNITS];
  bt_chain_cost *cost;
  const bt_chain_follower *follower; /* NULL: none */
  bt_chain_step told;
  uint64_t began;                    /* cycles */
  uint64_t last_store, last_stored;  /* cycles, bytes */
} pass;

static uint64_t ceil_div(uint64_t n, uint64_t d) { return n / d + (n % d != 0); }

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

static transfers spread_bytes(const bt_machine *m, uint64_t bytes, uint64_t parts) {
  transfers t = {.bytes = spread_over(bytes, parts)};
  for (unsigned i = 0; i < 2; i++) {
    t.cycles[i] = ceil_div(t.bytes.each + i, m->dram_bytes_per_cycle);
    t.rows[i] = ceil_div(t.bytes.each + i, m->dram_row_bytes);
  }
  return t;
}

/* DRAM cycles of part i, whose rows are counted. */
static uint64_t transfer(pass *p, const transfers *t, uint64_t i) {
  bool longer = i < t->bytes.longer;
  p->cost->activations += t->rows[longer];
  return t->cycles[longer];
}

static void spread_all(pass *p) {
  p->even[0] = spread_bytes(p->chain->machine, p->load, p->steps);
  p->even[1] = spread_bytes(p->chain->machine, p->store, p->steps);
  for (unsigned u = 0; u < BT_UNITS; u++) {
    p->work[u] = spread_over(p->unit[u], p->steps);
  }
}

/* What all units but the array, and even transfers, do in a step. */
static void fill_even(pass *p, uint64_t t, bt_pipeline_step *step) {
  step->load += transfer(p, &p->even[0], t);
  step->store = transfer(p, &p->even[1], t);
  for (unsigned s = p->nest != NULL; s < p->stages; s++) {
    step->unit[s] = part(&p->work[p->stage[s]], t);
  }
}

static uint64_t even_bytes(const pass *p, bool write, uint64_t t) {
  return t < p->steps ? part(&p->even[write].bytes, t) : 0;
}

/* Step t is in the pipeline, or with t == steps the last store is out. */
static void tell(pass *p, const bt_pipeline *line, uint64_t t, const bt_pipeline_step *step) {
  if (p->follower == NULL) {
    return;
  }
  bt_chain_step *told = &p->told;
  told->step = t;
  told->steps = p->steps;
  told->nest = p->nest;
  told->load_bytes[2] = even_bytes(p, false, t);
  told->load_cycles[2] = step->load - told->load_cycles[0] - told->load_cycles[1];
  told->loads_at = p->began + line->loaded - step->load;
  told->store_cycles = p->last_store;
  told->store_bytes = p->last_stored;
  told->store_at = p->began + line->stored[0] - p->last_store;
  p->last_store = step->store;
  p->last_stored = even_bytes(p, true, t);
  for (unsigned s = 0; s < p->stages; s++) {
    told->unit_cycles[p->stage[s]] = step->unit[s];
    told->unit_at[p->stage[s]] = p->began + line->done[s][0] - step->unit[s];
  }
  p->follower->step(p->follower->context, told);
}

static void run_even(pass *p, bt_pipeline *line) {
  for (uint64_t t = 0; t < p->steps; t++) {
    bt_pipeline_step step = {0};
    fill_even(p, t, &step);
    bt_pipeline_add(line, &step);
    tell(p, line, t, &step);
  }
}

/* What a visit takes, kept for the next one, which is mostly like it. */
typedef struct {
  bt_visit_cost of;
  spread cycles;
  transfers load[2];
} visit_parts;

static void take_visit(const bt_machine *m, const bt_nest *n, bt_visit_cost cost,
                       visit_parts *parts) {
  bool first = parts->of.m == 0;
  for (int k = 0; k < 2; k++) {
    if (first || cost.load[k] != parts->of.load[k]) {
      parts->load[k] = spread_bytes(m, cost.load[k], n->chunks);
    }
  }
  if (first || cost.m != parts->of.m || cost.n != parts->of.n) {
    parts->cycles =
        spread_over((uint64_t)bt_cost_tile_cycles(m, &n->passes, cost.m, cost.n), n->chunks);
  }
  parts->of = cost;
}

/* The steps are the nest's visits, or their chunks. The array is the first unit. */
static void run_nest(pass *p, bt_pipeline *line) {
  const bt_nest *n = p->nest;
  visit_parts parts = {0};
  uint64_t t = 0;
  for (bt_visit v = {0}; !v.ended; bt_nest_next(n, &v)) {
    take_visit(p->chain->machine, n, bt_nest_visit(n, &v), &parts);
    p->told.visit = v;
    p->told.of = parts.of;
    for (uint64_t i = 0; i < n->chunks; i++, t++) {
      bt_pipeline_step step = {.unit = {part(&parts.cycles, i)}};
      p->told.chunk = i;
      for (int k = 0; k < 2; k++) {
        p->told.load_bytes[k] = part(&parts.load[k].bytes, i);
        p->told.load_cycles[k] = transfer(p, &parts.load[k], i);
        step.load += p->told.load_cycles[k];
      }
      fill_even(p, t, &step);
      bt_pipeline_add(line, &step);
      tell(p, line, t, &step);
    }
  }
}

static void run_pass(pass *p) {
  bt_pipeline line = bt_pipeline_start(p->stages);
  p->began = p->cost->cycles;
  if (p->nest != NULL) {
    p->steps = p->nest->passes.row_tiles * p->nest->passes.col_tiles * p->nest->chunks;
    spread_all(p);
    run_nest(p, &line);
  } else {
    set_steps(p);
    spread_all(p);
    run_even(p, &line);
  }
  bt_count_add(&p->cost->cycles, bt_pipeline_end(&line));
  memset(p->told.load_cycles, 0, sizeof p->told.load_cycles);
  memset(p->told.load_bytes, 0, sizeof p->told.load_bytes);
  tell(p, &line, p->steps, &(bt_pipeline_step){0});
  for (unsigned u = 0; u < BT_UNITS; u++) {
    bt_count_add(&p->cost->unit_cycles[u], p->unit[u]);
  }
}

/* Up to the search for the exponent, which takes half of the quantizer's time. */
static void run_first(const bt_chain *c, const bt_chain_follower *f, bt_chain_cost *cost) {
  pass p = {.chain = c, .cost = cost, .follower = f};
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
static void run_second(const bt_chain *c, const bt_chain_follower *f, bt_chain_cost *cost) {
  pass p = {.chain = c, .cost = cost, .follower = f, .told = {.second = true}};
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
  return bt_chain_follow(chain, NULL, cost, error);
}

bt_status bt_chain_follow(const bt_chain *chain, const bt_chain_follower *follower,
                          bt_chain_cost *cost, bt_error *error) {
  *cost = (bt_chain_cost){0};
  run_first(chain, follower, cost);
  if (chain->wait != BT_WAIT_NONE) {
    run_second(chain, follower, cost);
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
