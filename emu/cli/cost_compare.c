#include "cli/cost_compare.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cost_figures.h"
#include "io/find.h"
#include "num/error.h"

typedef struct {
  bt_machine machine;
  bt_figures f;
} column;

/* A row: its name, the value as text, and as a number for the ratio. */
typedef struct {
  const char *name;
  double (*value)(const column *c);
  const char *(*text)(const column *c, char text[BT_MICROJOULES_SIZE]);
} row;

static double cycles(const column *c) { return (double)c->f.total.n[BT_COUNT_CYCLES]; }
static double seconds(const column *c) { return c->f.seconds; }
static double utilisation(const column *c) { return 100 * c->f.utilisation; }
static double bytes(const column *c) { return (double)c->f.dram_bytes; }
static double low(const column *c) { return (double)c->f.energy[0]; }
static double high(const column *c) { return (double)c->f.energy[1]; }
static double product_low(const column *c) { return c->f.product[0]; }
static double product_high(const column *c) { return c->f.product[1]; }

static const char *cycles_text(const column *c, char text[BT_MICROJOULES_SIZE]) {
  snprintf(text, BT_MICROJOULES_SIZE, "%" PRIu64, c->f.total.n[BT_COUNT_CYCLES]);
  return text;
}

static const char *bytes_text(const column *c, char text[BT_MICROJOULES_SIZE]) {
  snprintf(text, BT_MICROJOULES_SIZE, "%" PRIu64, c->f.dram_bytes);
  return text;
}

static const char *low_text(const column *c, char text[BT_MICROJOULES_SIZE]) {
  return bt_energy_text(c->f.energy[0], 1, text);
}

static const char *high_text(const column *c, char text[BT_MICROJOULES_SIZE]) {
  return bt_energy_text(c->f.energy[1], 1, text);
}

/* Without a text of its own a row shows its number. */
static const row rows[] = {
    {"cycles", cycles, cycles_text},
    {"seconds", seconds, NULL},
    {"utilisation, %", utilisation, NULL},
    {"DRAM bytes", bytes, bytes_text},
    {"energy low, uJ", low, low_text},
    {"energy high, uJ", high, high_text},
    {"low * seconds, J s", product_low, NULL},
    {"high * seconds, J s", product_high, NULL},
};
#define ROWS (sizeof rows / sizeof rows[0])

static const char *value_text(const row *r, const column *c, char text[BT_MICROJOULES_SIZE]) {
  return r->text != NULL ? r->text(c, text) : bt_ratio_text(r->value(c), "-", text);
}

/* A value over the first machine's; "-" where either is 0. */
static const char *ratio_text(const row *r, const column *c, const column *first,
                              char text[BT_RATIO_SIZE]) {
  double base = r->value(first);
  return bt_ratio_text(base > 0 ? r->value(c) / base : 0, "-", text);
}

static void print_text(const bt_compare *how, const column *c) {
  char text[BT_MICROJOULES_SIZE];
  printf("one epoch of %s%s, model: machine, energy table %s\n%-20s", how->epoch->recipe->name,
         how->fp32 ? " in fp32" : "", how->table->name, "");
  for (size_t i = 0; i < how->machines; i++) {
    printf(i == 0 ? " %24s" : " %24s %10s", c[i].machine.name, "ratio");
  }
  for (size_t k = 0; k < ROWS; k++) {
    printf("\n%-20s", rows[k].name);
    for (size_t i = 0; i < how->machines; i++) {
      printf(" %24s", value_text(&rows[k], &c[i], text));
      if (i > 0) {
        printf(" %10s", ratio_text(&rows[k], &c[i], &c[0], text));
      }
    }
  }
  putchar('\n');
}

/* A whole number, or the largest that JSON's integers hold here. */
static json_t *json_whole(double v) {
  return json_integer(v < 9e18 ? (json_int_t)v : INT64_MAX);
}

static json_t *json_of(const column *c, const column *first) {
  static const char *const key[ROWS] = {"cycles",        "seconds",      "utilisation_percent",
                                        "dram_bytes",    "energy_low_pj", "energy_high_pj",
                                        "low_joule_seconds", "high_joule_seconds"};
  json_t *o = json_object(), *ratios = json_object();
  json_object_set_new(o, "machine", json_string(c->machine.name));
  for (size_t k = 0; k < ROWS; k++) {
    bool energy = rows[k].value == low || rows[k].value == high;
    bool whole = energy || rows[k].value == cycles || rows[k].value == bytes;
    double v = energy ? rows[k].value(c) / 1e6 : rows[k].value(c); /* attojoules to picojoules */
    double base = rows[k].value(first);
    json_object_set_new(o, key[k], whole ? json_whole(v) : json_real(v));
    json_object_set_new(ratios, key[k],
                        base > 0 ? json_real(rows[k].value(c) / base) : json_null());
  }
  json_object_set_new(o, "ratios", ratios);
  return o;
}

static bt_status print_json(const bt_compare *how, const column *c, bt_error *error) {
  json_t *root = json_object(), *list = json_array();
  json_object_set_new(root, "model", json_string("machine"));
  json_object_set_new(root, "recipe", json_string(how->epoch->recipe->name));
  json_object_set_new(root, "words", json_string(how->fp32 ? "fp32" : "recipe"));
  json_object_set_new(root, "table", json_string(how->table->name));
  for (size_t i = 0; i < how->machines; i++) {
    json_array_append_new(list, json_of(&c[i], &c[0]));
  }
  json_object_set_new(root, "machines", list);
  char *text = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  if (text == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the comparison");
  }
  puts(text);
  free(text);
  return BT_OK;
}

static bt_status fill(const bt_compare *how, const char *name, column *c, bt_error *error) {
  char path[1024];
  bt_cost *cost = calloc(1, sizeof *cost);
  if (cost == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the comparison");
  }
  cost->fp32 = how->fp32;
  bt_status s = bt_find_file(BT_FIND_MACHINE, name, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &c->machine, error) : s;
  s = s == BT_OK ? bt_epoch_count(how->epoch, &c->machine, cost, error) : s;
  s = s == BT_OK ? bt_figures_of(cost, &c->machine, how->table, &c->f, error) : s;
  free(cost);
  return s;
}

bt_status bt_cost_compare(const bt_compare *how, bt_error *error) {
  column *c = calloc(how->machines, sizeof *c);
  bt_status s =
      c == NULL ? bt_fail(error, BT_FAILED, "no memory for the comparison") : BT_OK;
  for (size_t i = 0; s == BT_OK && i < how->machines; i++) {
    s = fill(how, how->machine[i], &c[i], error);
  }
  if (s == BT_OK && how->json) {
    s = print_json(how, c, error);
  } else if (s == BT_OK) {
    print_text(how, c);
  }
  free(c);
  return s;
}
