#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cost/report_machine.h"
#include "num/error.h"

#define ATTOJOULES_PER_PICOJOULE 1000000

/* Picojoules of energy / divisor, rounded down; null beyond JSON's integers. */
static json_t *picojoules(bt_attojoules energy, uint64_t divisor) {
  bt_attojoules pj = energy / ATTOJOULES_PER_PICOJOULE / divisor;
  return pj > INT64_MAX ? json_null() : json_integer((json_int_t)pj);
}

static json_t *attojoules(bt_attojoules energy) {
  char text[BT_ATTOJOULES_SIZE];
  return json_string(bt_attojoules_text(energy, text));
}

/* A count beyond JSON's integers is a string. */
static json_t *integer(uint64_t n) {
  return n > INT64_MAX ? attojoules(n) : json_integer((json_int_t)n);
}

static void set_energy(json_t *o, const bt_attojoules energy[2]) {
  json_object_set_new(o, "energy_low_pj", picojoules(energy[0], 1));
  json_object_set_new(o, "energy_high_pj", picojoules(energy[1], 1));
  json_object_set_new(o, "energy_low_aj", attojoules(energy[0]));
  json_object_set_new(o, "energy_high_aj", attojoules(energy[1]));
}

/* {"add_64": COUNT, ...}: adders of equal width are one action. */
static json_t *missing(const bt_ledger *ledger, bt_phase phase) {
  bt_ledger_row row[BT_COUNT_KINDS + BT_TIME_ROWS];
  size_t n = bt_ledger_missing(ledger, phase, row);
  json_t *list = json_object();
  for (size_t i = 0; i < n; i++) {
    json_object_set_new(list, row[i].action, integer(row[i].count));
  }
  return list;
}

static json_t *phases(const bt_cost_report *r, const bt_ledger *ledger) {
  json_t *all = json_object();
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    json_t *o = json_object();
    bt_attojoules energy[2];
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      json_object_set_new(o, bt_count_name((bt_count_kind)k), integer(r->cost->phase[p].n[k]));
    }
    bt_ledger_phase(ledger, (bt_phase)p, energy);
    set_energy(o, energy);
    json_object_set_new(o, "not_in_table", missing(ledger, (bt_phase)p));
    json_object_set_new(all, bt_phase_name((bt_phase)p), o);
  }
  return all;
}

static json_t *per_image(const bt_attojoules energy[2], uint64_t images) {
  json_t *part = json_object();
  json_object_set_new(part, "images", integer(images));
  set_energy(part, energy);
  if (images > 0) {
    json_object_set_new(part, "energy_per_image_low_pj", picojoules(energy[0], images));
    json_object_set_new(part, "energy_per_image_high_pj", picojoules(energy[1], images));
  }
  return part;
}

static json_t *ledger_rows(const bt_ledger *ledger) {
  json_t *list = json_array();
  for (size_t i = 0; i < ledger->rows; i++) {
    const bt_ledger_row *r = &ledger->row[i];
    json_t *o = json_object();
    json_object_set_new(o, "phase", json_string(bt_phase_name(r->phase)));
    json_object_set_new(o, "component", json_string(bt_part_name(r->part)));
    json_object_set_new(o, "action", json_string(r->action));
    json_object_set_new(o, "count", integer(r->count));
    json_object_set_new(o, "price", json_string(bt_price_state_name(r->state)));
    if (r->state == BT_PRICED) {
      json_object_set_new(o, "each_low_aj", attojoules(r->each_low));
      json_object_set_new(o, "each_high_aj", attojoules(r->each_high));
      json_object_set_new(o, "low_aj", attojoules(r->low));
      json_object_set_new(o, "high_aj", attojoules(r->high));
    }
    json_array_append_new(list, o);
  }
  return list;
}

static json_t *use(const bt_cost_report *r, const bt_cost_counts *total) {
  bt_machine_use u = bt_report_use(total, r->machine);
  json_t *o = json_object();
  json_object_set_new(o, "utilisation", json_real(u.utilisation));
  json_object_set_new(o, "dram_bytes_per_cycle", json_real(u.average));
  json_object_set_new(o, "dram_bytes_per_cycle_wanted", json_real(u.wanted));
  return o;
}

/* Low and high; without a time, watts and energy-delay products are left out. */
static json_t *totals(const bt_totals *t, const bt_attojoules e[2]) {
  static const char *const end[2] = {"low", "high"};
  json_t *o = json_object();
  char key[40];
  set_energy(o, e);
  if (t->cycles > 0) {
    json_object_set_new(o, "seconds", json_real(bt_totals_seconds(t)));
  }
  for (int i = 0; i < 2; i++) {
    snprintf(key, sizeof key, "joules_%s", end[i]);
    json_object_set_new(o, key, json_real(bt_totals_joules(e[i])));
    snprintf(key, sizeof key, "tops_per_watt_%s", end[i]);
    json_object_set_new(o, key, json_real(bt_totals_tops_per_watt(t, e[1 - i])));
    if (t->cycles > 0) {
      snprintf(key, sizeof key, "watts_%s", end[i]);
      json_object_set_new(o, key, json_real(bt_totals_watts(t, e[i])));
      snprintf(key, sizeof key, "joule_seconds_%s", end[i]);
      json_object_set_new(o, key, json_real(bt_totals_delay_product(t, e[i])));
    }
  }
  return o;
}

static json_t *spread_of(const bt_spread *s, const bt_totals *t) {
  json_t *o = json_object(), *tables = json_object();
  bt_attojoules ends[2];
  for (size_t i = 0; i < s->tables; i++) {
    const bt_attojoules e[2] = {t[i].low, t[i].high};
    json_object_set_new(tables, s->table[i]->name, totals(&t[i], e));
  }
  bt_spread_ends(t, s->tables, ends);
  json_object_set_new(o, "tables", tables);
  json_object_set_new(o, "spread", totals(&t[0], ends));
  return o;
}

static void set_table(json_t *root, const bt_energy_table *t) {
  json_object_set_new(root, "table", json_string(t->name));
  json_object_set_new(root, "source", json_string(t->source));
  json_object_set_new(root, "technology", json_string(t->technology));
  json_object_set_new(root, "voltage", json_string(t->voltage));
  if (t->dram.access_bits > 0) {
    json_object_set_new(root, "dram_table", json_string(t->dram.table));
    json_object_set_new(root, "dram_source", json_string(t->dram.source));
    json_object_set_new(root, "dram_kind", json_string(t->dram.kind));
  }
  if (t->warning[0] != '\0') {
    json_object_set_new(root, "warning", json_string(t->warning));
  }
}

/* {"array": MILLIONTHS, ...}: the parts with an activity. */
static json_t *activity(const bt_energy_options *options) {
  json_t *o = json_object();
  for (int p = 0; options != NULL && p < BT_PARTS; p++) {
    if (options->activity[p] > 0) {
      json_object_set_new(o, bt_part_name((bt_part)p), integer(options->activity[p]));
    }
  }
  return o;
}

bt_status bt_report_json(const bt_cost_report *r, char **text, bt_error *error) {
  bt_attojoules training[2], evaluation[2];
  bt_cost_counts total;
  bt_ledger ledger;
  bt_spread spread;
  bt_status s = bt_cost_total(r->cost, &total, error);
  s = s == BT_OK ? bt_ledger_make(r->cost, r->machine, r->table, r->options, &ledger, error) : s;
  s = s == BT_OK ? bt_report_spread(r, &spread, error) : s;
  if (s != BT_OK) {
    return s;
  }
  json_t *root = json_object();
  bt_report_energy(&ledger, training, evaluation);
  json_object_set_new(root, "model", json_string("machine"));
  json_object_set_new(root, "machine", json_string(r->machine->name));
  json_object_set_new(root, "words", json_string(r->cost->fp32 ? "fp32" : "recipe"));
  json_object_set_new(root, "use", use(r, &total));
  json_object_set_new(root, "dram_bytes", bt_report_traffic_json(r->cost));
  set_table(root, r->table);
  json_object_set_new(root, "activity_millionths", activity(r->options));
  json_object_set_new(root, "training", per_image(training, r->train_images));
  json_object_set_new(root, "evaluation", per_image(evaluation, r->evaluation_images));
  json_object_set_new(root, "totals", spread_of(&spread, spread.all));
  json_object_set_new(root, "totals_of_what_all_price", spread_of(&spread, spread.common));
  json_object_set_new(root, "not_in_table", missing(&ledger, BT_PHASE_COUNT));
  json_object_set_new(root, "phases", phases(r, &ledger));
  json_object_set_new(root, "ledger", ledger_rows(&ledger));
  *text = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  return *text != NULL ? BT_OK : bt_fail(error, BT_FAILED, "no memory for the report");
}
