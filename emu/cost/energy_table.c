/* Reading an energy table: its head, and which reader its kind of file takes. */
#include <stdio.h>
#include <string.h>

#include "cost/accelergy.h"
#include "cost/energy_sections.h"
#include "cost/energy_units.h"
#include "num/error.h"

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

static bt_status read_head(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *root = bt_yaml_root(doc);
  bt_status s = bt_yaml_is_map(doc, root, error);
  s = s == BT_OK ? read_text(doc, "name", table->name, sizeof table->name, error) : s;
  s = s == BT_OK ? read_text(doc, "source", table->source, sizeof table->source, error) : s;
  s = s == BT_OK ? read_text(doc, "technology", table->technology, sizeof table->technology, error)
                 : s;
  s = s == BT_OK ? bt_energy_voltage(doc, root, table->voltage, error) : s;
  return s == BT_OK ? bt_energy_unit(doc, root, &table->unit, error) : s;
}

static bt_status read_table(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  bt_status s = read_head(doc, table, error);
  s = s == BT_OK ? bt_energy_read_actions(doc, table, error) : s;
  s = s == BT_OK ? bt_energy_read_sram(doc, table, error) : s;
  s = s == BT_OK ? bt_energy_read_dram(doc, table, error) : s;
  s = s == BT_OK ? bt_energy_read_leakage(doc, table, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, bt_yaml_root(doc), error) : s;
  return s == BT_OK ? bt_energy_check(doc, table, error) : s;
}

bt_status bt_energy_load(const char *path, bt_energy_table *table, bt_error *error) {
  bt_yaml *doc = NULL;
  *table = (bt_energy_table){.prices = 0};
  bt_status status = bt_yaml_load(path, &doc, error);
  if (status == BT_OK) {
    bool ert = bt_yaml_get(bt_yaml_root(doc), "ERT") != NULL;
    status = ert ? bt_accelergy_read(doc, table, error) : read_table(doc, table, error);
  }
  bt_yaml_free(doc);
  return status;
}

bt_status bt_energy_load_dram(const char *path, bt_energy_table *table, bt_error *error) {
  bt_energy_table other;
  bt_status status = bt_energy_load(path, &other, error);
  if (status != BT_OK) {
    return status;
  }
  if (other.dram.access_bits == 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: table %s has no dram section", path, other.name);
  }
  table->dram = other.dram;
  return BT_OK;
}
