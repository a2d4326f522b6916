#include "cost/watch.h"

#include "cost/traffic.h"
#include "cost/verify.h"
#include "num/error.h"

/* A wide value that passes from unit to unit; vectors stay on the chip (cost 8.1). */
static bool passes(const bt_tensor *t) { return t != NULL && t->kind == BT_T_WIDE && t->ndim > 1; }

static bool writes(const bt_command *c, const bt_tensor *t) {
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] == t) {
      return true;
    }
  }
  return false;
}

static const bt_tensor *wide_result(const bt_command *c) {
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (passes(c->out[i])) {
      return c->out[i];
    }
  }
  return NULL;
}

/* Bytes of the largest wide value that a command makes or reads. */
static uint64_t largest_wide(const bt_command *c) {
  const bt_tensor *result = wide_result(c);
  uint64_t most = result == NULL ? 0 : bt_traffic_wide_bytes(result);
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    uint64_t bytes = passes(c->in[i]) ? bt_traffic_wide_bytes(c->in[i]) : 0;
    most = bytes > most ? bytes : most;
  }
  return most;
}

/* The number of the last command before `at` that wrote t; `at` itself if none is known. */
static uint64_t maker_of(const bt_cost_watch *w, const bt_tensor *t, uint64_t at) {
  for (uint64_t i = at; i-- > 0 && i + BT_COST_RECENT > w->seen;) {
    if (writes(w->recent[i % BT_COST_RECENT].demand.command, t)) {
      return i;
    }
  }
  return at;
}

static bt_mover mover(bt_cost_watch *w, const bt_command *c) {
  return (bt_mover){.cost = w->cost, .machine = w->machine, .phase = c->label.phase};
}

static bt_status close_chain(bt_cost_watch *w, uint64_t last, bool leaves, bt_error *error);

/* A wide value that does not pass on: it stays in the output buffer if it takes at most half,
 * else it goes to DRAM and comes back. */
static bt_status park(bt_cost_watch *w, const bt_tensor *t, uint64_t maker, bt_chain *chain,
                      const bt_command *reader, bt_error *error) {
  uint64_t bytes = bt_traffic_wide_bytes(t);
  bool known = w->recent[maker % BT_COST_RECENT].chained;
  bool large = bytes > w->machine->sram_output_bytes / 2;
  bt_mover to = mover(w, reader);
  bt_status s = known ? BT_OK : close_chain(w, maker, large, error);
  if (large) {
    /* Another reader's chain had it: it is stored now, as that chain's time is counted. */
    if (known && !w->recent[maker % BT_COST_RECENT].in_dram) {
      bt_count_add(&chain->leaves, bt_traffic_spill(&to, t, false));
    }
    w->recent[maker % BT_COST_RECENT].in_dram = true;
    bt_traffic_spill(&to, t, true);
    bt_count_add(&chain->parked, bytes);
  }
  return s;
}

/* Which wide input comes from the command before: the one made last, if no chain has it yet. The
 * others are parked. Returns its maker, or `at` if there is none. */
static bt_status find_before(bt_cost_watch *w, uint64_t at, bt_chain *chain, uint64_t *before,
                             bt_error *error) {
  const bt_command *c = w->recent[at % BT_COST_RECENT].demand.command;
  uint64_t maker[BT_MAX_INPUTS];
  *before = at;
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    maker[i] = at;
    if (!passes(c->in[i]) || bt_traffic_repeats(c, i)) {
      continue;
    }
    maker[i] = maker_of(w, c->in[i], at);
    if (maker[i] == at) {
      return bt_fail(error, BT_BAD_INPUT, "%s: %s was made by none of the last %u commands",
                     c->label.text, c->in[i]->name, BT_COST_RECENT);
    }
    bool free_yet = !w->recent[maker[i] % BT_COST_RECENT].chained;
    if (free_yet && (*before == at || maker[i] > *before)) {
      *before = maker[i];
    }
  }
  bt_status s = BT_OK;
  for (unsigned i = 0; s == BT_OK && i < BT_MAX_INPUTS; i++) {
    if (maker[i] != at && maker[i] != *before) {
      s = park(w, c->in[i], maker[i], chain, c, error);
    }
  }
  return s;
}

/* The chain that ends with command `last`, in the order of execution. */
static bt_status gather(bt_cost_watch *w, uint64_t last, bt_chain *chain, bt_error *error) {
  uint64_t number[BT_MAX_CHAIN], at = last, before;
  bt_status s = BT_OK;
  chain->commands = 0;
  while (s == BT_OK) {
    if (chain->commands == BT_MAX_CHAIN) {
      return bt_fail(error, BT_BAD_INPUT, "%s: a chain of more than %u commands",
                     w->recent[last % BT_COST_RECENT].demand.command->label.text, BT_MAX_CHAIN);
    }
    number[chain->commands++] = at;
    s = find_before(w, at, chain, &before, error);
    if (before == at) {
      break;
    }
    at = before;
  }
  for (unsigned i = 0; s == BT_OK && i < chain->commands; i++) {
    uint64_t n = number[chain->commands - 1 - i] % BT_COST_RECENT;
    w->recent[n].chained = true;
    chain->demand[i] = w->recent[n].demand;
    uint64_t bytes = largest_wide(chain->demand[i].command);
    chain->wide_bytes = bytes > chain->wide_bytes ? bytes : chain->wide_bytes;
  }
  w->chained += s == BT_OK ? chain->commands : 0;
  return s;
}

/* Where the values of a chain's last command wait for their exponent (cost 5.3). */
static bt_wait wait_of(const bt_cost_watch *w, const bt_command *c) {
  if (w->cost->fp32 || c->op != BT_OP_QUANTIZE || c->out[0]->fmt.kind == BT_FIXED) {
    return BT_WAIT_NONE;
  }
  bool vector = c->in[0]->kind == BT_T_WIDE && !passes(c->in[0]);
  if (vector || bt_traffic_fits(w->machine, c)) {
    return BT_WAIT_BUFFER;
  }
  bool again = w->machine->exponent == BT_EXPONENT_RECOMPUTE && passes(c->in[0]);
  return again ? BT_WAIT_RECOMPUTE : BT_WAIT_DRAM;
}

/* A second run reads what was parked in DRAM from there again. */
static void unpark_again(bt_cost_watch *w, const bt_chain *chain) {
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_command *c = chain->demand[i].command;
    bt_mover to = mover(w, c);
    for (unsigned k = 0; k < BT_MAX_INPUTS; k++) {
      const bt_tensor *t = c->in[k];
      bool parked = passes(t) && !bt_traffic_repeats(c, k) &&
                    (i == 0 || !writes(chain->demand[i - 1].command, t));
      if (parked && w->recent[maker_of(w, t, w->seen) % BT_COST_RECENT].in_dram) {
        bt_traffic_spill(&to, t, true);
      }
    }
  }
}

static bt_status add_waiting(bt_cost_watch *w, bt_chain *chain, bt_error *error) {
  const bt_command *c = chain->demand[chain->commands - 1].command;
  bt_status s = BT_OK;
  bt_mover to = mover(w, c);
  if (chain->wait == BT_WAIT_DRAM && passes(c->in[0])) {
    chain->spilled = bt_traffic_spill(&to, c->in[0], false);
    bt_traffic_spill(&to, c->in[0], true);
  }
  for (unsigned i = 0; chain->wait == BT_WAIT_RECOMPUTE && s == BT_OK && i + 1 < chain->commands;
       i++) {
    s = bt_cost_add_demand(w->cost, w->machine, chain->demand[i].command, true, NULL, error);
  }
  if (chain->wait == BT_WAIT_RECOMPUTE) {
    unpark_again(w, chain);
  }
  return s;
}

static bt_status close_chain(bt_cost_watch *w, uint64_t last, bool leaves, bt_error *error) {
  bt_chain chain = {.machine = w->machine};
  bt_chain_cost cost;
  bt_status s = gather(w, last, &chain, error);
  if (s != BT_OK) {
    return s;
  }
  const bt_command *c = chain.demand[chain.commands - 1].command;
  chain.wait = wait_of(w, c);
  if (leaves) {
    bt_mover to = mover(w, c);
    bt_count_add(&chain.leaves, bt_traffic_spill(&to, wide_result(c), false));
  }
  s = add_waiting(w, &chain, error);
  s = s == BT_OK ? bt_chain_schedule(&chain, &cost, error) : s;
  if (s == BT_OK) {
    bt_cost_counts *n = &w->cost->phase[c->label.phase];
    bt_count_add(&n->n[BT_COUNT_CYCLES], cost.cycles);
    bt_count_add(&n->n[BT_COUNT_STALL_CYCLES], cost.cycles - bt_chain_busiest(&cost));
    bt_count_add(&n->n[BT_COUNT_DRAM_ACTIVATIONS], cost.activations);
  }
  if (s == BT_OK && w->listener != NULL) {
    w->listener->chain(w->listener->context, &chain, &cost);
  }
  return s;
}

bt_status bt_cost_after(void *watch, const bt_command *c, bt_error *error) {
  bt_cost_watch *w = watch;
  uint64_t at = w->seen;
  bt_demand demand;
  bt_status s = bt_cost_add_demand(w->cost, w->machine, c, false, &demand, error);
  if (s != BT_OK) {
    return s;
  }
  w->recent[at % BT_COST_RECENT].demand = demand;
  w->recent[at % BT_COST_RECENT].chained = false;
  w->recent[at % BT_COST_RECENT].in_dram = false;
  w->seen++;
  return wide_result(c) == NULL ? close_chain(w, at, false, error) : BT_OK;
}

bt_status bt_cost_program(bt_cost *cost, const bt_machine *machine, const bt_program *program,
                          const bt_cost_listener *listener, bt_error *error) {
  bt_cost own = {.plan = cost->plan, .fp32 = cost->fp32};
  bt_cost_watch watch = {.cost = &own, .machine = machine, .listener = listener};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < bt_program_size(program); i++) {
    s = bt_cost_after(&watch, bt_program_at(program, i), error);
  }
  s = s == BT_OK ? bt_cost_verify(&watch, program, error) : s;
  return s == BT_OK ? bt_cost_scale(cost, &own, 1, error) : s;
}
