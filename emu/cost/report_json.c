#include <jansson.h>

#include "cost/report.h"

#define ATTOJOULES_PER_PICOJOULE 1000000

/* Picojoules of energy / divisor, rounded down; the largest integer of JSON at most. */
static json_t *picojoules(bt_attojoules energy, uint64_t divisor) {
  bt_attojoules pj = energy / ATTOJOULES_PER_PICOJOULE / divisor;
  return json_integer(pj > INT64_MAX ? INT64_MAX : (json_int_t)pj);
}

static json_t *integer(uint64_t n) {
  return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* {"add_64": COUNT, ...}: adders of equal width are one action. */
static json_t *unpriced(const bt_cost_report *r, const bt_cost_counts *counts, const bt_energy *e) {
  json_t *list = json_object();
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    char text[32];
    const char *name = bt_energy_action_name((bt_count_kind)k, r->machine, text);
    if (e->kind[k].priced || counts->n[k] == 0) {
      continue;
    }
    uint64_t n = (uint64_t)json_integer_value(json_object_get(list, name));
    bt_count_add(&n, counts->n[k]);
    json_object_set_new(list, name, integer(n));
  }
  return list;
}

static json_t *phase(const bt_cost_report *r, const bt_cost_counts *counts) {
  bt_energy e = bt_energy_price(r->table, r->machine, counts);
  json_t *o = json_object();
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    json_object_set_new(o, bt_count_name((bt_count_kind)k), integer(counts->n[k]));
  }
  json_object_set_new(o, "energy_low_pj", picojoules(e.low, 1));
  json_object_set_new(o, "energy_high_pj", picojoules(e.high, 1));
  json_object_set_new(o, "unpriced", unpriced(r, counts, &e));
  return o;
}

static void set_per_image(json_t *o, const char *what, const bt_attojoules energy[2],
                          uint64_t images) {
  json_t *part = json_object();
  json_object_set_new(part, "images", integer(images));
  json_object_set_new(part, "energy_low_pj", picojoules(energy[0], 1));
  json_object_set_new(part, "energy_high_pj", picojoules(energy[1], 1));
  if (images > 0) {
    json_object_set_new(part, "energy_per_image_low_pj", picojoules(energy[0], images));
    json_object_set_new(part, "energy_per_image_high_pj", picojoules(energy[1], images));
  }
  json_object_set_new(o, what, part);
}

char *bt_report_json(const bt_cost_report *r) {
  bt_attojoules training[2], evaluation[2];
  json_t *root = json_object(), *phases = json_object();
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    json_object_set_new(phases, bt_phase_name((bt_phase)p), phase(r, &r->cost->phase[p]));
  }
  bt_report_energy(r, training, evaluation);
  json_object_set_new(root, "machine", json_string(r->machine->name));
  json_object_set_new(root, "table", json_string(r->table->name));
  json_object_set_new(root, "source", json_string(r->table->source));
  set_per_image(root, "training", training, r->train_images);
  set_per_image(root, "evaluation", evaluation, r->evaluation_images);
  json_object_set_new(root, "phases", phases);
  char *text = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  return text;
}
