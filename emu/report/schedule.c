#include "report/schedule.h"

static json_t *integer(uint64_t n) {
  return n > INT64_MAX ? json_real((double)n) : json_integer((json_int_t)n);
}

static void append(json_t *o, const char *key, json_t *value) {
  json_array_append_new(json_object_get(o, key), value);
}

/* Bytes of a kind over the step; NULL if it has none. */
static json_t *kind_bytes(const bt_footprint *f, unsigned kind) {
  uint64_t most = 0;
  json_t *list = json_array();
  for (size_t i = 0; i < f->commands; i++) {
    most = f->at[i].kind[kind] > most ? f->at[i].kind[kind] : most;
    json_array_append_new(list, integer(f->at[i].kind[kind]));
  }
  if (most == 0) {
    json_decref(list);
    return NULL;
  }
  return list;
}

json_t *bt_page_footprint(const bt_footprint *f) {
  json_t *o = json_object(), *kinds = json_object();
  static const char *const key[] = {"label", "phase", "total", "fp32"};
  for (size_t k = 0; k < sizeof key / sizeof key[0]; k++) {
    json_object_set_new(o, key[k], json_array());
  }
  for (size_t i = 0; i < f->commands; i++) {
    const bt_label *label = &bt_program_at(f->program, i)->label;
    append(o, "label", json_string(label->text));
    append(o, "phase", json_string(bt_phase_name(label->phase)));
    append(o, "total", integer(f->at[i].total));
    append(o, "fp32", integer(f->at[i].fp32));
  }
  for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
    json_t *bytes = kind_bytes(f, k);
    if (bytes != NULL) {
      json_object_set_new(kinds, bt_traffic_name(k), bytes);
    }
  }
  json_object_set_new(o, "kinds", kinds);
  json_object_set_new(o, "peak", integer(f->peak));
  json_object_set_new(o, "peak_fp32", integer(f->peak_fp32));
  return o;
}

static void add_chain(void *context, const bt_chain *chain, const bt_chain_cost *cost) {
  json_t *o = context;
  uint64_t macs = 0, bytes = 0;
  const bt_command *named = chain->demand[chain->commands - 1].command;
  bt_count_add(&bytes, (unsigned __int128)chain->spilled * 2 + chain->parked + chain->leaves);
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_demand *d = &chain->demand[i];
    named = d->contracts ? d->command : named;
    bt_count_add(&macs, d->macs);
    bt_count_add(&bytes, (unsigned __int128)d->loaded + d->stored);
    bt_count_add(&bytes, d->contracts ? (unsigned __int128)d->nest.read[0] + d->nest.read[1] : 0);
  }
  append(o, "label", json_string(named->label.text));
  append(o, "phase", json_string(bt_phase_name(named->label.phase)));
  append(o, "macs", integer(macs));
  append(o, "bytes", integer(bytes));
  append(o, "cycles", integer(cost->cycles));
  append(o, "stall", integer(cost->cycles - bt_chain_busiest(cost)));
  for (unsigned u = 0; u < BT_UNITS; u++) {
    append(o, bt_unit_name((bt_unit)u), integer(cost->unit_cycles[u]));
  }
}

bt_status bt_page_chains(const bt_program *step, const bt_machine *machine, json_t **chains,
                         bt_error *error) {
  static const char *const key[] = {"label", "phase", "macs", "bytes", "cycles", "stall"};
  bt_cost cost = {.plan = true};
  *chains = json_object();
  for (size_t k = 0; k < sizeof key / sizeof key[0]; k++) {
    json_object_set_new(*chains, key[k], json_array());
  }
  for (unsigned u = 0; u < BT_UNITS; u++) {
    json_object_set_new(*chains, bt_unit_name((bt_unit)u), json_array());
  }
  bt_cost_listener listener = {add_chain, *chains};
  return bt_cost_program(&cost, machine, step, &listener, error);
}
