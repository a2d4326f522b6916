/* Tables that no circuit can have: the mistakes that others have shipped. */
#include <inttypes.h>
#include <string.h>

#include "cost/energy_sections.h"
#include "num/error.h"

/* The line of an action in the file; that of `actions` or of the file where it is not listed. */
static unsigned action_line(const bt_yaml *doc, const char *action) {
  const bt_yaml_node *root = bt_yaml_root(doc);
  size_t count = 0;
  const bt_yaml_node *const *item = NULL;
  bt_error unused;
  if (bt_yaml_list(doc, root, "actions", true, &count, &item, &unused) != BT_OK) {
    return bt_yaml_line(root);
  }
  for (size_t i = 0; i < count; i++) {
    const char *name = NULL;
    if (bt_yaml_string(doc, item[i], "action", true, &name, &unused) == BT_OK && name != NULL &&
        strcmp(name, action) == 0) {
      return bt_yaml_line(item[i]);
    }
  }
  const bt_yaml_node *actions = bt_yaml_get(root, "actions");
  return bt_yaml_line(actions != NULL ? actions : root);
}

static bt_status check_empty(const bt_yaml *doc, const bt_energy_table *t, bool buffers,
                             bt_error *error) {
  if (t->prices > 0 || t->sram_points > 0 || t->dram.access_bits > 0 || buffers) {
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT, "%s:%u: nothing is priced: expected actions, sram or dram",
                 bt_yaml_path(doc), bt_yaml_line(bt_yaml_root(doc)));
}

static bt_status check_equal(const bt_yaml *doc, const bt_energy_table *t, bt_error *error) {
  for (size_t i = 1; i < t->prices; i++) {
    if (t->price[i].energy != t->price[0].energy) {
      return BT_OK;
    }
  }
  if (t->prices < 2) {
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT,
                 "%s:%u: every action costs the same, %" PRIu64 " aJ: a placeholder, not a table",
                 bt_yaml_path(doc), action_line(doc, t->price[0].action), t->price[0].energy);
}

static bt_status check_product(const bt_yaml *doc, const bt_energy_table *t, bt_error *error) {
  uint64_t product = 0, sum = 0;
  if (!bt_energy_action(t, "multiply_8x8", &product)) {
    return BT_OK;
  }
  unsigned line = action_line(doc, "multiply_8x8");
  if (bt_energy_action(t, "add_8", &sum) && product < sum) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: multiply_8x8 costs %" PRIu64 " aJ, less than add_8 at %" PRIu64,
                   bt_yaml_path(doc), line, product, sum);
  }
  if (bt_energy_action(t, "add_32", &sum) && product == sum) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: multiply_8x8 costs %" PRIu64
                   " aJ, what add_32 does: a multiplication priced as an addition",
                   bt_yaml_path(doc), line, product);
  }
  return BT_OK;
}

bt_status bt_energy_check(const bt_yaml *doc, const bt_energy_table *table, bt_error *error) {
  bool buffers = false;
  for (int i = 0; i < 3; i++) {
    buffers = buffers || table->buffer[i].read > 0 || table->buffer[i].write > 0;
  }
  bt_status s = check_empty(doc, table, buffers, error);
  s = s == BT_OK ? check_equal(doc, table, error) : s;
  return s == BT_OK ? check_product(doc, table, error) : s;
}
