/* Actions by name, and their prices. */
#include <stdio.h>
#include <string.h>

#include "cost/energy.h"

static const char *const family_name[BT_FAMILIES] = {"add_", "multiply_", "compare_", "shift_"};

static bool width(const char **text, unsigned *bits) {
  const char *p = *text;
  unsigned n = 0;
  while (*p >= '0' && *p <= '9' && n <= 64) {
    n = n * 10 + (unsigned)(*p++ - '0');
  }
  bool good = p > *text && **text != '0' && n <= 64;
  *bits = n;
  *text = p;
  return good;
}

bool bt_energy_is_action(const char *name, bt_family *family, unsigned *a, unsigned *b) {
  static const char *const others[] = {"multiply_fp32",   "add_fp32",  "softmax_element",
                                       "dropout_element", "lfsr_step", "norm_channel",
                                       "register_bit"};
  *a = *b = 0;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (strcmp(name, others[i]) == 0) {
      return true;
    }
  }
  for (int f = 0; f < BT_FAMILIES; f++) {
    size_t length = strlen(family_name[f]);
    const char *p = name + length;
    if (strncmp(name, family_name[f], length) != 0 || !width(&p, a)) {
      continue;
    }
    *family = (bt_family)f;
    *b = *a;
    if (f == BT_FAMILY_MULTIPLY && (*p++ != 'x' || !width(&p, b) || *a > *b)) {
      return false;
    }
    return *p == '\0';
  }
  return false;
}

static bool own_price(const bt_energy_table *table, const char *action, uint64_t *energy) {
  for (size_t i = 0; i < table->prices; i++) {
    if (strcmp(table->price[i].action, action) == 0) {
      *energy = table->price[i].energy;
      return true;
    }
  }
  return false;
}

bool bt_energy_action(const bt_energy_table *table, const char *action, uint64_t *energy) {
  bt_family family = BT_FAMILY_ADD;
  unsigned a = 0, b = 0;
  if (own_price(table, action, energy)) {
    return true;
  }
  if (!bt_energy_is_action(action, &family, &a, &b) || a == 0) {
    return false;
  }
  char base[32];
  uint64_t e = 0;
  bt_energy_scaling s = table->scaling[family];
  const char *form = family == BT_FAMILY_MULTIPLY ? "%s%ux%u" : "%s%u";
  snprintf(base, sizeof base, form, family_name[family], s.width, s.width);
  if (s.law == BT_LAW_NONE || !own_price(table, base, &e)) {
    return false;
  }
  bool quadratic = s.law == BT_LAW_QUADRATIC;
  bt_attojoules part = quadratic ? (bt_attojoules)a * b : b;
  *energy = (uint64_t)(e * part / (quadratic ? s.width * s.width : s.width));
  return *energy > 0;
}
