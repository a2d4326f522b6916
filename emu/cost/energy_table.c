/* Reading an energy table. */
#include <stdio.h>
#include <string.h>

#include "cost/energy.h"
#include "io/yaml.h"
#include "num/error.h"

#define ENERGY_MAX INT64_C(1000000000000000) /* 1 mJ: counts times this stay within 128 bits */
#define ACCESS_BITS_MAX 65536

static bool is_action(const char *name) {
  static const char *const known[] = {
      "multiply_8x8",    "multiply_16x16", "multiply_16x32", "compare_8",    "compare_16",
      "compare_32",      "shift_32",       "shift_48",       "shift_64",     "softmax_element",
      "dropout_element", "lfsr_step",      "norm_channel",   "register_bit", "dram_activate"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(name, known[i]) == 0) {
      return true;
    }
  }
  unsigned bits = 0;
  char again[32];
  if (sscanf(name, "add_%2u", &bits) != 1 || bits < 1 || bits > 64) {
    return false;
  }
  snprintf(again, sizeof again, "add_%u", bits);
  return strcmp(name, again) == 0;
}

static bt_status read_energy(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                             uint64_t *energy, bt_error *error) {
  int64_t value = 0;
  bt_status status = bt_yaml_integer(doc, map, key, false, 1, ENERGY_MAX, &value, error);
  *energy = (uint64_t)value;
  return status;
}

static bt_status read_action(const bt_yaml *doc, const bt_yaml_node *node, bt_energy_table *table,
                             bt_error *error) {
  const char *name = NULL;
  uint64_t energy = 0, old;
  bt_status status = bt_yaml_is_map(doc, node, error);
  if (status == BT_OK) {
    status = bt_yaml_string(doc, node, "action", false, &name, error);
  }
  if (status == BT_OK) {
    status = read_energy(doc, node, "energy", &energy, error);
  }
  if (status == BT_OK) {
    status = bt_yaml_done(doc, node, error);
  }
  if (status != BT_OK) {
    return status;
  }
  if (!is_action(name)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: action %s is not known: expected add_1 to add_64, multiply_8x8, "
                   "multiply_16x16, multiply_16x32, compare_8, compare_16, compare_32, shift_32, "
                   "shift_48, shift_64, softmax_element, dropout_element, norm_channel, "
                   "lfsr_step, register_bit or dram_activate",
                   bt_yaml_path(doc), bt_yaml_line(node), name);
  }
  if (bt_energy_action(table, name, &old) || table->prices == BT_MAX_PRICES) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: action %s is priced twice", bt_yaml_path(doc),
                   bt_yaml_line(node), name);
  }
  bt_price *price = &table->price[table->prices++];
  snprintf(price->action, sizeof price->action, "%s", name);
  price->energy = energy;
  return BT_OK;
}

static bt_status read_actions(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  bt_status status = bt_yaml_list(doc, bt_yaml_root(doc), "actions", false, &count, &item, error);
  for (size_t i = 0; status == BT_OK && i < count; i++) {
    status = read_action(doc, item[i], table, error);
  }
  return status;
}

static bt_status read_access_bits(const bt_yaml *doc, const bt_yaml_node *map, uint64_t *bits,
                                  bt_error *error) {
  int64_t value = 0;
  bt_status status =
      bt_yaml_integer(doc, map, "access_bits", false, 1, ACCESS_BITS_MAX, &value, error);
  *bits = (uint64_t)value;
  return status;
}

static bt_status read_sram_point(const bt_yaml *doc, const bt_yaml_node *node,
                                 bt_energy_table *table, bt_error *error) {
  int64_t bytes = 0;
  uint64_t energy = 0;
  bt_status status = bt_yaml_is_map(doc, node, error);
  if (status == BT_OK) {
    status = bt_yaml_integer(doc, node, "bytes", false, 1, INT64_MAX, &bytes, error);
  }
  if (status == BT_OK) {
    status = read_energy(doc, node, "energy", &energy, error);
  }
  if (status == BT_OK) {
    status = bt_yaml_done(doc, node, error);
  }
  if (status != BT_OK) {
    return status;
  }
  size_t n = table->sram_points;
  if (n == BT_MAX_SRAM_POINTS || (n > 0 && (uint64_t)bytes <= table->sram[n - 1].bytes)) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: expected at most %u points of ascending bytes",
                   bt_yaml_path(doc), bt_yaml_line(node), BT_MAX_SRAM_POINTS);
  }
  table->sram[table->sram_points++] = (bt_sram_point){(uint64_t)bytes, energy};
  return BT_OK;
}

static bt_status read_sram(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *map = NULL;
  bt_status status = bt_yaml_map(doc, bt_yaml_root(doc), "sram", true, &map, error);
  if (status != BT_OK || map == NULL) {
    return status;
  }
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  status = read_access_bits(doc, map, &table->sram_access_bits, error);
  if (status == BT_OK) {
    status = bt_yaml_list(doc, map, "points", false, &count, &item, error);
  }
  for (size_t i = 0; status == BT_OK && i < count; i++) {
    status = read_sram_point(doc, item[i], table, error);
  }
  return status == BT_OK ? bt_yaml_done(doc, map, error) : status;
}

static bt_status read_dram(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *map = NULL;
  bt_status status = bt_yaml_map(doc, bt_yaml_root(doc), "dram", true, &map, error);
  if (status != BT_OK || map == NULL) {
    return status;
  }
  status = read_access_bits(doc, map, &table->dram_access_bits, error);
  if (status == BT_OK) {
    status = read_energy(doc, map, "low", &table->dram_low, error);
  }
  if (status == BT_OK) {
    status = read_energy(doc, map, "high", &table->dram_high, error);
  }
  if (status == BT_OK) {
    status = bt_yaml_done(doc, map, error);
  }
  if (status == BT_OK && table->dram_high < table->dram_low) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: dram: expected low <= high", bt_yaml_path(doc),
                   bt_yaml_line(map));
  }
  return status;
}

/* A text of the root; one that does not fit is an error. */
static bt_status read_text(const bt_yaml *doc, const char *key, char *text, size_t size,
                           bt_error *error) {
  const char *value = NULL;
  const bt_yaml_node *root = bt_yaml_root(doc);
  bt_status status = bt_yaml_string(doc, root, key, false, &value, error);
  if (status != BT_OK) {
    return status;
  }
  if ((size_t)snprintf(text, size, "%s", value) >= size) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected fewer than %zu characters",
                   bt_yaml_path(doc), bt_yaml_line(bt_yaml_get(root, key)), key, size);
  }
  return BT_OK;
}

static bt_status read_table(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *root = bt_yaml_root(doc);
  const char *const units[] = {"attojoule", NULL};
  int unit = 0;
  bt_status status = bt_yaml_is_map(doc, root, error);
  if (status == BT_OK) {
    status = read_text(doc, "name", table->name, sizeof table->name, error);
  }
  if (status == BT_OK) {
    status = read_text(doc, "source", table->source, sizeof table->source, error);
  }
  if (status == BT_OK) {
    status = bt_yaml_word(doc, root, "unit", false, units, &unit, error);
  }
  if (status == BT_OK) {
    status = read_actions(doc, table, error);
  }
  if (status == BT_OK) {
    status = read_sram(doc, table, error);
  }
  if (status == BT_OK) {
    status = read_dram(doc, table, error);
  }
  return status == BT_OK ? bt_yaml_done(doc, root, error) : status;
}

bt_status bt_energy_load(const char *path, bt_energy_table *table, bt_error *error) {
  bt_yaml *doc = NULL;
  *table = (bt_energy_table){.prices = 0};
  bt_status status = bt_yaml_load(path, &doc, error);
  if (status == BT_OK) {
    status = read_table(doc, table, error);
  }
  bt_yaml_free(doc);
  return status;
}
