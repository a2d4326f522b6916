#include "cost/timeline_chain.h"

typedef struct {
  const bt_transfer_follower *follower;
  bt_timeline_chain *of;
} summing;

static void add_work(bt_timeline_run *run, bt_span *span, uint64_t at, uint64_t cycles) {
  if (cycles == 0) {
    return;
  }
  span->from = span->steps == 0 ? at : span->from;
  span->to = at + cycles;
  span->cycles += cycles;
  span->steps++;
  run->to = span->to > run->to ? span->to : run->to;
}

static void take_step(void *context, const bt_chain_step *step) {
  summing *s = context;
  bt_timeline_run *run = &s->of->run[step->second];
  uint64_t at = step->loads_at, loading = 0;
  s->of->runs = step->second ? 2 : 1;
  for (unsigned k = 0; k < 3; k++) {
    if (step->load_bytes[k] > 0) {
      s->follower->transfer(s->follower->context, false, at, step->load_bytes[k]);
    }
    if (k < 2) {
      run->operand[k] += step->load_bytes[k];
    }
    run->bytes[0] += step->load_bytes[k];
    at += step->load_cycles[k];
    loading += step->load_cycles[k];
  }
  add_work(run, &run->port[0], step->loads_at, loading);
  if (step->store_bytes > 0) {
    s->follower->transfer(s->follower->context, true, step->store_at, step->store_bytes);
  }
  run->bytes[1] += step->store_bytes;
  add_work(run, &run->port[1], step->store_at, step->store_cycles);
  for (unsigned u = 0; u < BT_UNITS; u++) {
    add_work(run, &run->unit[u], step->unit_at[u], step->unit_cycles[u]);
  }
}

bt_status bt_timeline_chain_of(const bt_chain *chain, const bt_transfer_follower *follower,
                               bt_timeline_chain *of, bt_error *error) {
  summing s = {follower, of};
  bt_chain_follower steps = {take_step, &s};
  bt_chain_cost cost;
  *of = (bt_timeline_chain){.runs = 1};
  bt_status status = bt_chain_follow(chain, &steps, &cost, error);
  bt_timeline_run *first = &of->run[0], *second = &of->run[1];
  second->from = first->to;
  second->to = second->to > first->to ? second->to : first->to;
  return status;
}

const char *bt_timeline_bound(const bt_timeline_run *run, unsigned runs) {
  uint64_t busy[BT_UNITS + 1] = {0};
  unsigned most = 0;
  for (unsigned r = 0; r < runs; r++) {
    for (unsigned u = 0; u < BT_UNITS; u++) {
      busy[u] += run[r].unit[u].cycles;
    }
    busy[BT_UNITS] += run[r].port[0].cycles + run[r].port[1].cycles;
  }
  for (unsigned u = 1; u <= BT_UNITS; u++) {
    most = busy[u] > busy[most] ? u : most;
  }
  return most == BT_UNITS ? "dram" : bt_unit_name((bt_unit)most);
}
