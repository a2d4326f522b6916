/* The sections `sram`, `dram` and `leakage`. */
#include <stdio.h>

#include "cost/energy_sections.h"
#include "cost/energy_units.h"
#include "num/error.h"

#define ACCESS_BITS_MAX 65536
#define ACTIVATE_MAX UINT64_C(1000000000000) /* 1 uJ: a machine's row may be 2^14 of the table's */

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
  bt_sram_point p = {0};
  bt_status s = bt_yaml_is_map(doc, node, error);
  s = s == BT_OK ? bt_yaml_integer(doc, node, "bytes", false, 1, INT64_MAX, &bytes, error) : s;
  if (s == BT_OK && bt_yaml_get(node, "energy") != NULL) {
    s = bt_energy_value(doc, node, "energy", table->unit, &p.read, error);
    p.write = p.read;
  } else {
    s = s == BT_OK ? bt_energy_value(doc, node, "read", table->unit, &p.read, error) : s;
    s = s == BT_OK ? bt_energy_value(doc, node, "write", table->unit, &p.write, error) : s;
  }
  s = s == BT_OK ? bt_yaml_done(doc, node, error) : s;
  if (s != BT_OK) {
    return s;
  }
  p.bytes = (uint64_t)bytes;
  size_t n = table->sram_points;
  const bt_sram_point *last = n > 0 ? &table->sram[n - 1] : NULL;
  if (n == BT_MAX_SRAM_POINTS || (last != NULL && p.bytes <= last->bytes)) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: expected at most %u points of ascending bytes",
                   bt_yaml_path(doc), bt_yaml_line(node), BT_MAX_SRAM_POINTS);
  }
  if (last != NULL && (p.read < last->read || p.write < last->write)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: a larger buffer of lower energy than the point before it",
                   bt_yaml_path(doc), bt_yaml_line(node));
  }
  table->sram[table->sram_points++] = p;
  return BT_OK;
}

bt_status bt_energy_read_sram(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *map = NULL;
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  bt_status s = bt_yaml_map(doc, bt_yaml_root(doc), "sram", true, &map, error);
  if (s != BT_OK || map == NULL) {
    return s;
  }
  s = read_access_bits(doc, map, &table->sram_access_bits, error);
  s = s == BT_OK ? bt_yaml_list(doc, map, "points", false, &count, &item, error) : s;
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    s = read_sram_point(doc, item[i], table, error);
  }
  return s == BT_OK ? bt_yaml_done(doc, map, error) : s;
}

/* {low: L, high: H}, or one number for both. */
static bt_status read_range(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                            uint64_t unit, bt_energy_range *range, bt_error *error) {
  const bt_yaml_node *node = NULL;
  bt_error unused;
  if (bt_yaml_map(doc, map, key, false, &node, &unused) != BT_OK) {
    bt_status s = bt_energy_value(doc, map, key, unit, &range->low, error);
    range->high = range->low;
    return s;
  }
  bt_status s = bt_energy_value(doc, node, "low", unit, &range->low, error);
  s = s == BT_OK ? bt_energy_value(doc, node, "high", unit, &range->high, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, node, error) : s;
  if (s == BT_OK && range->high < range->low) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: low is above high", bt_yaml_path(doc),
                   bt_yaml_line(node), key);
  }
  return s;
}

static bt_status read_activate(const bt_yaml *doc, const bt_yaml_node *dram, uint64_t unit,
                               bt_dram_prices *d, bt_error *error) {
  const bt_yaml_node *map = NULL;
  int64_t bytes = 0;
  bt_status s = bt_yaml_map(doc, dram, "activate", true, &map, error);
  if (s != BT_OK || map == NULL) {
    return s;
  }
  s = bt_energy_value(doc, map, "energy", unit, &d->activate, error);
  s = s == BT_OK ? bt_yaml_integer(doc, map, "row_bytes", false, 64, 65536, &bytes, error) : s;
  d->row_bytes = (uint64_t)bytes;
  if (s == BT_OK && d->activate > ACTIVATE_MAX) {
    s = bt_fail(error, BT_BAD_INPUT, "%s:%u: activate: more than 1 uJ", bt_yaml_path(doc),
                bt_yaml_line(map));
  }
  return s == BT_OK ? bt_yaml_done(doc, map, error) : s;
}

/* {power: P}, or {energy: E, interval: T} as E each T. */
static bt_status read_refresh(const bt_yaml *doc, const bt_yaml_node *dram, uint64_t unit,
                              bt_dram_prices *d, bt_error *error) {
  const bt_yaml_node *map = NULL;
  uint64_t energy = 0, picoseconds = 1;
  bt_status s = bt_yaml_map(doc, dram, "refresh", true, &map, error);
  if (s != BT_OK || map == NULL) {
    return s;
  }
  if (bt_yaml_get(map, "power") != NULL) {
    s = bt_energy_power(doc, map, "power", &d->refresh, error);
    return s == BT_OK ? bt_yaml_done(doc, map, error) : s;
  }
  s = bt_energy_value(doc, map, "energy", unit, &energy, error);
  s = s == BT_OK ? bt_energy_time(doc, map, "interval", &picoseconds, error) : s;
  if (s != BT_OK) {
    return s;
  }
  d->refresh = (bt_attowatts)energy * UINT64_C(1000000000000) / picoseconds;
  if (d->refresh == 0 || d->refresh > BT_POWER_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: refresh: expected an average power up to 1000 W",
                   bt_yaml_path(doc), bt_yaml_line(map));
  }
  return bt_yaml_done(doc, map, error);
}

bt_status bt_energy_read_dram(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *map = NULL;
  bt_dram_prices *d = &table->dram;
  const char *kind = NULL;
  bt_status s = bt_yaml_map(doc, bt_yaml_root(doc), "dram", true, &map, error);
  if (s != BT_OK || map == NULL) {
    return s;
  }
  s = bt_yaml_string(doc, map, "kind", false, &kind, error);
  s = s == BT_OK ? read_access_bits(doc, map, &d->access_bits, error) : s;
  s = s == BT_OK ? read_range(doc, map, "read", table->unit, &d->read, error) : s;
  s = s == BT_OK ? read_range(doc, map, "write", table->unit, &d->write, error) : s;
  s = s == BT_OK ? read_activate(doc, map, table->unit, d, error) : s;
  s = s == BT_OK ? bt_energy_power(doc, map, "background", &d->background, error) : s;
  s = s == BT_OK ? read_refresh(doc, map, table->unit, d, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, map, error) : s;
  if (s == BT_OK) {
    snprintf(d->table, sizeof d->table, "%s", table->name);
    snprintf(d->source, sizeof d->source, "%s", table->source);
    snprintf(d->kind, sizeof d->kind, "%s", kind);
  }
  return s;
}

bt_status bt_energy_read_leakage(const bt_yaml *doc, bt_energy_table *table, bt_error *error) {
  const bt_yaml_node *map = NULL;
  bt_status s = bt_yaml_map(doc, bt_yaml_root(doc), "leakage", true, &map, error);
  if (s != BT_OK || map == NULL) {
    return s;
  }
  s = bt_energy_power(doc, map, "sram_kib", &table->sram_leakage, error);
  s = s == BT_OK ? bt_energy_power(doc, map, "array_unit", &table->logic_leakage, error) : s;
  return s == BT_OK ? bt_yaml_done(doc, map, error) : s;
}
