#include "cost/trace_pieces.h"

#include "cost/traffic.h"
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

static void add(bt_trace_list *list, const bt_trace_map *map, const bt_command *c, const void *key,
                bool exponents) {
  const bt_trace_section *s = bt_trace_map_find(map, key, exponents);
  if (s != NULL) {
    list->at[list->count++] = (bt_trace_piece){s, c};
    list->bytes += s->bytes;
  }
}

/* Elements and exponents of what is narrow, bytes or sums. */
static void add_stored(bt_trace_list *list, const bt_trace_map *map, const bt_command *c,
                       const bt_tensor *t) {
  if (t != NULL && t->kind != BT_T_WIDE) {
    add(list, map, c, t, true); /* exponents first: they are wanted with the first element */
    add(list, map, c, t, false);
  }
}

static void add_loads(bt_trace_list *list, const bt_trace_map *map, const bt_command *c) {
  const void *state = bt_trace_state(c);
  if (c->op == BT_OP_CONTRACT) {
    add(list, map, c, c->in[0], true);
    add(list, map, c, c->in[1], true);
    return;
  }
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    add_stored(list, map, c, bt_traffic_repeats(c, i) ? NULL : c->in[i]);
  }
  if (state != NULL) {
    add(list, map, c, state, true);
    add(list, map, c, state, false);
  }
}

static void add_stores(bt_trace_list *list, const bt_trace_map *map, const bt_command *c) {
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    const bt_tensor *t = c->out[i];
    if (t != NULL && !bt_traffic_dropped(c, t)) {
      add_stored(list, map, c, t);
    }
  }
  if (c->op == BT_OP_AVERAGE || c->op == BT_OP_STATISTICS) {
    add(list, map, c, bt_trace_state(c), true);
    add(list, map, c, bt_trace_state(c), false);
  }
}

/* Wide values that the chain does not make itself: other chains left them, in DRAM if they are
 * large. One that is not there yet was passed to its first reader, and is stored in this chain. */
static void add_parked(bt_trace_places *places, const bt_chain *chain, bt_trace_list *loads,
                       bt_trace_list *stores) {
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_command *c = chain->demand[i].command;
    for (unsigned k = 0; k < BT_MAX_INPUTS; k++) {
      const bt_tensor *t = c->in[k];
      bool parked = passes(t) && !bt_traffic_repeats(c, k) &&
                    (i == 0 || !writes(chain->demand[i - 1].command, t));
      const bt_trace_section *s = parked ? bt_trace_map_find(places->map, t, false) : NULL;
      if (s == NULL) {
        continue;
      }
      bool *there = &places->parked[s - places->map->section];
      if (!*there) {
        add(stores, places->map, c, t, false);
      }
      *there = true;
      add(loads, places->map, c, t, false);
    }
  }
}

/* A chain that ends with a wide value leaves it in DRAM, if that is where it is parked. */
static void add_leaving(bt_trace_places *places, const bt_chain *chain, bt_trace_list *stores) {
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_command *c = chain->demand[i].command;
    for (unsigned k = 0; k < BT_MAX_OUTPUTS; k++) {
      const bt_trace_section *s =
          passes(c->out[k]) ? bt_trace_map_find(places->map, c->out[k], false) : NULL;
      if (s == NULL) {
        continue;
      }
      bool leaves = i + 1 == chain->commands && chain->leaves > 0;
      places->parked[s - places->map->section] = leaves;
      if (leaves) {
        add(stores, places->map, c, c->out[k], false);
      }
    }
  }
}

static bt_status check(const bt_chain *chain, const bt_trace_moves *m, bt_error *error) {
  const bt_demand *last = &chain->demand[chain->commands - 1];
  bool waits = chain->wait != BT_WAIT_NONE;
  uint64_t load = chain->parked, store = chain->leaves + chain->spilled, again = 0;
  for (unsigned i = 0; i < chain->commands; i++) {
    load += chain->demand[i].loaded;
    store += waits && i + 1 == chain->commands ? 0 : chain->demand[i].stored;
  }
  if (chain->wait == BT_WAIT_RECOMPUTE) {
    again = load - last->loaded;
  } else if (chain->wait == BT_WAIT_DRAM) {
    again = chain->spilled + last->loaded;
  }
  uint64_t second = waits ? last->stored : 0;
  bool same = m->run[0][0].bytes == load && m->run[0][1].bytes == store &&
              m->run[1][0].bytes == again && m->run[1][1].bytes == second;
  return same ? BT_OK
              : bt_fail(error, BT_FAILED, "trace: %s moves other sections than its bytes",
                        last->command->label.text);
}

bt_status bt_trace_moves_of(bt_trace_places *places, const bt_chain *chain, bt_trace_moves *m,
                            bt_error *error) {
  const bt_trace_map *map = places->map;
  bool waits = chain->wait != BT_WAIT_NONE;
  const bt_command *last = chain->demand[chain->commands - 1].command;
  for (unsigned r = 0; r < 2; r++) {
    m->run[r][0].count = m->run[r][1].count = 0;
    m->run[r][0].bytes = m->run[r][1].bytes = 0;
  }
  add_parked(places, chain, &m->run[0][0], &m->run[0][1]);
  for (unsigned i = 0; i + waits < chain->commands; i++) {
    add_loads(&m->run[0][0], map, chain->demand[i].command);
    add_stores(&m->run[0][1], map, chain->demand[i].command);
  }
  if (chain->wait == BT_WAIT_RECOMPUTE) {
    m->run[1][0] = m->run[0][0];
  }
  add_leaving(places, chain, &m->run[0][1]);
  if (waits) {
    add_loads(&m->run[0][0], map, last);
    add_stores(&m->run[1][1], map, last);
  }
  if (chain->wait == BT_WAIT_DRAM) {
    if (chain->spilled > 0) {
      add(&m->run[0][1], map, last, last->in[0], false);
      add(&m->run[1][0], map, last, last->in[0], false);
    }
    add_loads(&m->run[1][0], map, last);
  }
  return check(chain, m, error);
}
