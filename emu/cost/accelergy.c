/* Reading an ERT. */
#include "cost/accelergy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cost/energy_sections.h"
#include "cost/energy_units.h"
#include "num/error.h"

#define ATTOJOULES_PER_PICOJOULE 1000000u

typedef struct {
  bt_energy_table *table;
  uint64_t mac;                /* of a `mac`, which adds too; 0: none */
  uint64_t lowest, highest;    /* of all entries with an energy */
  size_t entries, components;  /* with an energy */
} reading;

static bool one_of(const char *words, const char *name) {
  char word[72];
  snprintf(word, sizeof word, " %s ", name);
  return strstr(words, word) != NULL;
}

/* "system.PE[0..3].Mac[1..16]" becomes "mac". */
static void base_name(const char *name, char *base, size_t size) {
  size_t n = 0, depth = 0;
  for (; *name != '\0'; name++) {
    depth += *name == '[';
    if (depth > 0) {
      depth -= *name == ']';
      continue;
    }
    if (*name == '.') {
      n = 0;
    } else if (n + 1 < size) {
      base[n++] = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
    }
  }
  base[n] = '\0';
}

static void raise_to(uint64_t *price, uint64_t energy) {
  *price = energy > *price ? energy : *price;
}

static bool map_buffer(bt_energy_table *t, const char *base, const char *action, uint64_t energy) {
  static const char *const buffers[3] = {" input_buffer input_glb inputs_glb ifmap_glb ",
                                         " weight_buffer weight_glb weights_glb filter_glb ",
                                         " output_buffer output_glb outputs_glb psum_glb "};
  bool shared = one_of(" shared_glb glb global_buffer buffer ", base), mapped = false;
  bool read = strcmp(action, "read") == 0, write = one_of(" write update fill ", action);
  for (int i = 0; i < 3 && (read || write); i++) {
    if (shared || one_of(buffers[i], base)) {
      raise_to(read ? &t->buffer[i].read : &t->buffer[i].write, energy);
      mapped = true;
    }
  }
  return mapped;
}

static bool map_dram(bt_dram_prices *d, const char *base, const char *action, uint64_t energy) {
  bool read = strcmp(action, "read") == 0, write = one_of(" write update ", action);
  if (!one_of(" dram main_memory mainmemory ", base) || (!read && !write)) {
    return false;
  }
  bt_energy_range *range = read ? &d->read : &d->write;
  raise_to(&range->high, energy);
  range->low = range->high;
  d->access_bits = BT_ACCELERGY_DRAM_BITS;
  return true;
}

static bool map_operation(reading *r, const char *base, const char *action, uint64_t energy) {
  bt_family family;
  unsigned a, b;
  bt_energy_table *t = r->table;
  if (!one_of(" compute mac mac_random add mult multiply mult_random process compare count shift "
              "access step ", action)) {
    return false;
  }
  if (one_of(" mac intmac ", base)) {
    raise_to(&r->mac, energy);
    return true;
  }
  if (!bt_energy_is_action(base, &family, &a, &b)) {
    return false;
  }
  for (size_t i = 0; i < t->prices; i++) {
    if (strcmp(t->price[i].action, base) == 0) {
      raise_to(&t->price[i].energy, energy);
      return true;
    }
  }
  if (t->prices == BT_MAX_PRICES) {
    return false;
  }
  snprintf(t->price[t->prices].action, sizeof t->price[0].action, "%.31s", base);
  t->price[t->prices++].energy = energy;
  return true;
}

/* Names the entry in the warning, once; a long list ends with "and others". */
static void note_unmapped(bt_energy_table *table, const char *base, const char *action) {
  char *w = table->warning, entry[132];
  size_t size = sizeof table->warning;
  snprintf(entry, sizeof entry, " %.60s.%.60s,", base, action);
  if (strstr(w, entry) != NULL || strstr(w, " and others,") != NULL) {
    return;
  }
  if (w[0] == '\0') {
    snprintf(w, size, "not read from the ERT:");
  }
  size_t at = strlen(w);
  bool fits = at + strlen(entry) + sizeof " and others," < size;
  snprintf(w + at, size - at, "%s", fits ? entry : " and others,");
}

/* Picojoules, rounded to attojoules. */
static bt_status read_energy(const bt_yaml *doc, const bt_yaml_node *node, uint64_t *energy,
                             bt_error *error) {
  bt_rational r;
  bt_status s = bt_yaml_rational(doc, node, "energy", false, &r, error);
  if (s != BT_OK) {
    return s;
  }
  uint64_t den = r.num < 0 ? 1 : (uint64_t)r.den;
  bt_attojoules e = r.num < 0 ? 0 : (bt_attojoules)r.num * ATTOJOULES_PER_PICOJOULE;
  e = (e + den / 2) / den;
  if (r.num < 0 || e > BT_ENERGY_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: energy: %s", bt_yaml_path(doc),
                   bt_yaml_line(bt_yaml_get(node, "energy")),
                   r.num < 0 ? "a negative energy" : "more than 1 mJ");
  }
  *energy = (uint64_t)e;
  return BT_OK;
}

static bt_status read_action(const bt_yaml *doc, const bt_yaml_node *node, const char *base,
                             reading *r, bt_error *error) {
  const char *action = NULL;
  uint64_t energy = 0;
  bt_status s = bt_yaml_is_map(doc, node, error);
  s = s == BT_OK ? bt_yaml_string(doc, node, "name", false, &action, error) : s;
  s = s == BT_OK ? read_energy(doc, node, &energy, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bt_yaml_get(node, "arguments");
  s = bt_yaml_done(doc, node, error);
  if (s != BT_OK || energy == 0) {
    return s;
  }
  r->lowest = r->entries == 0 || energy < r->lowest ? energy : r->lowest;
  raise_to(&r->highest, energy);
  r->entries++;
  if (!map_operation(r, base, action, energy) && !map_buffer(r->table, base, action, energy) &&
      !map_dram(&r->table->dram, base, action, energy)) {
    note_unmapped(r->table, base, action);
  }
  return BT_OK;
}

static bt_status read_component(const bt_yaml *doc, const bt_yaml_node *node, reading *r,
                                bt_error *error) {
  const char *name = NULL;
  char base[64];
  size_t count = 0, before = r->entries;
  const bt_yaml_node *const *item = NULL;
  bt_status s = bt_yaml_is_map(doc, node, error);
  s = s == BT_OK ? bt_yaml_string(doc, node, "name", false, &name, error) : s;
  s = s == BT_OK ? bt_yaml_list(doc, node, "actions", false, &count, &item, error) : s;
  if (s != BT_OK) {
    return s;
  }
  base_name(name, base, sizeof base);
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    s = read_action(doc, item[i], base, r, error);
  }
  r->components += r->entries > before;
  return s == BT_OK ? bt_yaml_done(doc, node, error) : s;
}

static void set_head(const bt_yaml *doc, const char *version, bt_energy_table *t) {
  const char *path = bt_yaml_path(doc), *slash = strrchr(path, '/');
  snprintf(t->name, sizeof t->name, "%.63s", slash != NULL ? slash + 1 : path);
  snprintf(t->source, sizeof t->source, "Accelergy ERT, version %.20s%s", version,
           t->dram.access_bits > 0 ? "; a DRAM access taken as 64 bits" : "");
  snprintf(t->technology, sizeof t->technology, "not stated");
  snprintf(t->voltage, sizeof t->voltage, "not stated");
  snprintf(t->dram.table, sizeof t->dram.table, "%s", t->name);
  snprintf(t->dram.source, sizeof t->dram.source, "%s", t->source);
  snprintf(t->dram.kind, sizeof t->dram.kind, "not stated");
  t->unit = ATTOJOULES_PER_PICOJOULE;
}

/* A mac prices the array's products, unless the ERT has a multiply_8x8 of its own. */
static void set_mac(reading *r) {
  uint64_t own = 0;
  bt_energy_table *t = r->table;
  if (r->mac == 0) {
    return;
  }
  if (bt_energy_action(t, "multiply_8x8", &own) || t->prices == BT_MAX_PRICES) {
    note_unmapped(t, "mac", "compute");
    return;
  }
  snprintf(t->price[t->prices].action, sizeof t->price[0].action, "multiply_8x8");
  t->price[t->prices++].energy = r->mac;
  t->adds_in_products = true;
}

static bt_status check(const bt_yaml *doc, const bt_yaml_node *ert, const reading *r,
                       bt_error *error) {
  unsigned line = bt_yaml_line(ert);
  if (r->entries == 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: every energy of the ERT is zero", bt_yaml_path(doc),
                   line);
  }
  if (r->components > 1 && r->lowest == r->highest) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: every action costs the same, %" PRIu64
                   " aJ: a placeholder, not a table",
                   bt_yaml_path(doc), line, r->lowest);
  }
  const bt_dram_prices *d = &r->table->dram;
  if (d->access_bits > 0 && (d->read.high == 0 || d->write.high == 0)) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: DRAM has only one of read and write",
                   bt_yaml_path(doc), line);
  }
  return bt_energy_check(doc, r->table, error);
}

bt_status bt_accelergy_read(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *ert = NULL, *root = bt_yaml_root(doc);
  const char *version = "not stated";
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  reading r = {.table = table};
  bt_status s = bt_yaml_map(doc, root, "ERT", false, &ert, error);
  s = s == BT_OK ? bt_yaml_string(doc, ert, "version", true, &version, error) : s;
  s = s == BT_OK ? bt_yaml_list(doc, ert, "tables", false, &count, &item, error) : s;
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    s = read_component(doc, item[i], &r, error);
  }
  s = s == BT_OK ? bt_yaml_done(doc, ert, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, root, error) : s;
  if (s != BT_OK) {
    return s;
  }
  set_mac(&r);
  if (table->warning[0] != '\0') {
    table->warning[strlen(table->warning) - 1] = '\0'; /* the last comma */
  }
  set_head(doc, version, table);
  return check(doc, ert, &r, error);
}
