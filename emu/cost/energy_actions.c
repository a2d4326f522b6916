/* The sections `actions` and `scaling`. */
#include <stdio.h>
#include <string.h>

#include "cost/energy_sections.h"
#include "cost/energy_units.h"
#include "num/error.h"

static bool has_action(const bt_energy_table *table, const char *name) {
  for (size_t i = 0; i < table->prices; i++) {
    if (strcmp(table->price[i].action, name) == 0) {
      return true;
    }
  }
  return false;
}

static bt_status read_action(const bt_yaml *doc, const bt_yaml_node *node, bt_energy_table *table,
                             bt_error *error) {
  const char *name = NULL;
  uint64_t energy = 0;
  bt_family family;
  unsigned a, b, line = bt_yaml_line(node);
  bt_status s = bt_yaml_is_map(doc, node, error);
  s = s == BT_OK ? bt_yaml_string(doc, node, "action", false, &name, error) : s;
  s = s == BT_OK ? bt_energy_value(doc, node, "energy", table->unit, &energy, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, node, error) : s;
  if (s != BT_OK) {
    return s;
  }
  if (!bt_energy_is_action(name, &family, &a, &b)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: action %.40s is not known: expected add_N, compare_N, shift_N or "
                   "multiply_AxB of 1 to 64 bits with A <= B, multiply_fp32, add_fp32, "
                   "softmax_element, dropout_element, norm_channel, lfsr_step or register_bit",
                   bt_yaml_path(doc), line, name);
  }
  if (has_action(table, name) || table->prices == BT_MAX_PRICES) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: action %s is priced twice", bt_yaml_path(doc), line,
                   name);
  }
  bt_price *price = &table->price[table->prices++];
  snprintf(price->action, sizeof price->action, "%s", name);
  price->energy = energy;
  return BT_OK;
}

static bt_status read_law(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          bt_energy_table *table, bt_family family, bt_error *error) {
  static const char *const laws[] = {"linear", "quadratic", NULL};
  const bt_yaml_node *node = NULL;
  int64_t width = 0;
  int law = 0;
  bt_status s = bt_yaml_map(doc, map, key, true, &node, error);
  if (s != BT_OK || node == NULL) {
    return s;
  }
  s = bt_yaml_integer(doc, node, "width", false, 1, 64, &width, error);
  s = s == BT_OK ? bt_yaml_word(doc, node, "law", false, laws, &law, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, node, error) : s;
  if (s != BT_OK) {
    return s;
  }
  char base[32];
  snprintf(base, sizeof base, family == BT_FAMILY_MULTIPLY ? "%s_%dx%d" : "%s_%d", key, (int)width,
           (int)width);
  if (!has_action(table, base)) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: the table has no action %s to scale",
                   bt_yaml_path(doc), bt_yaml_line(node), key, base);
  }
  table->scaling[family] = (bt_energy_scaling){law == 0 ? BT_LAW_LINEAR : BT_LAW_QUADRATIC,
                                               (unsigned)width};
  return BT_OK;
}

static bt_status read_scaling(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  static const char *const key[BT_FAMILIES] = {"add", "multiply", "compare", "shift"};
  const bt_yaml_node *map = NULL;
  bt_status s = bt_yaml_map(doc, bt_yaml_root(doc), "scaling", true, &map, error);
  for (int f = 0; s == BT_OK && map != NULL && f < BT_FAMILIES; f++) {
    s = read_law(doc, map, key[f], table, (bt_family)f, error);
  }
  return s == BT_OK && map != NULL ? bt_yaml_done(doc, map, error) : s;
}

bt_status bt_energy_read_actions(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  bt_status s = bt_yaml_list(doc, bt_yaml_root(doc), "actions", true, &count, &item, error);
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    s = read_action(doc, item[i], table, error);
  }
  return s == BT_OK ? read_scaling(doc, table, error) : s;
}
