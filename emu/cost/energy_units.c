#include "cost/energy_units.h"

#include <stdio.h>
#include <string.h>

#include "num/error.h"

typedef struct {
  const char *name;
  uint64_t scale; /* of the smallest unit of its list */
} unit;

static const unit energies[] = {
    {"attojoule", 1}, {"femtojoule", 1000}, {"picojoule", 1000000}, {NULL, 0}};
static const unit powers[] = {{"nW", UINT64_C(1000000000)},
                              {"uW", UINT64_C(1000000000000)},
                              {"mW", UINT64_C(1000000000000000)},
                              {"W", UINT64_C(1000000000000000000)},
                              {NULL, 0}};
static const unit times[] = {{"ps", 1},
                             {"ns", 1000},
                             {"us", 1000000},
                             {"ms", 1000000000},
                             {"s", UINT64_C(1000000000000)},
                             {NULL, 0}};
static const unit volts[] = {{"mV", 1}, {"V", 1000}, {NULL, 0}};

static const unit *find(const unit *list, const char *name) {
  for (; list->name != NULL; list++) {
    if (strcmp(list->name, name) == 0) {
      return list;
    }
  }
  return NULL;
}

/* "current", "power", ... of a unit's name, or NULL. */
static const char *quantity(const char *name) {
  static const struct {
    const char *what, *names;
  } known[] = {{"current", " A mA uA nA amp ampere milliampere microampere "},
               {"power", " W mW uW nW watt milliwatt microwatt nanowatt "},
               {"voltage", " V mV volt millivolt "},
               {"energy", " aJ fJ pJ nJ uJ mJ J attojoule femtojoule picojoule nanojoule joule "}};
  char word[40];
  snprintf(word, sizeof word, " %.32s ", name);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strstr(known[i].names, word) != NULL) {
      return known[i].what;
    }
  }
  return NULL;
}

bt_status bt_energy_unit(const bt_yaml *doc, const bt_yaml_node *root, uint64_t *scale,
                         bt_error *error) {
  const char *name = NULL;
  const bt_yaml_node *node = bt_yaml_get(root, "unit");
  if (node == NULL) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: no unit: expected 'unit: attojoule', femtojoule or picojoule",
                   bt_yaml_path(doc), bt_yaml_line(root));
  }
  bt_status status = bt_yaml_string(doc, root, "unit", false, &name, error);
  if (status != BT_OK) {
    return status;
  }
  const unit *found = find(energies, name);
  if (found == NULL) {
    const char *what = quantity(name);
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: unit '%.40s'%s%s: expected one of energy: attojoule, femtojoule or "
                   "picojoule",
                   bt_yaml_path(doc), bt_yaml_line(node), name, what ? " is one of " : "",
                   what ? what : "");
  }
  *scale = found->scale;
  return BT_OK;
}

bt_status bt_energy_value(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          uint64_t scale, uint64_t *energy, bt_error *error) {
  bt_rational r;
  bt_status status = bt_yaml_rational(doc, map, key, false, &r, error);
  if (status != BT_OK) {
    return status;
  }
  const char *why = NULL;
  bt_attojoules e = r.num < 0 ? 0 : (bt_attojoules)r.num * scale;
  if (r.num < 0) {
    why = "a negative energy";
  } else if (r.num == 0) {
    why = "an energy of zero: what a source lacks is left out";
  } else if (e % (uint64_t)r.den != 0) {
    why = "not a whole number of attojoules";
  } else if (e / (uint64_t)r.den > BT_ENERGY_MAX) {
    why = "more than 1 mJ";
  }
  if (why != NULL) {
    const bt_yaml_node *at = bt_yaml_get(map, key);
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: %s", bt_yaml_path(doc), bt_yaml_line(at), key,
                   why);
  }
  *energy = (uint64_t)(e / (uint64_t)r.den);
  return BT_OK;
}

/* Splits "NUMBER UNIT" and multiplies exactly; *value > 0. */
static bt_status read_quantity(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                               const unit *list, const char *want, bt_attojoules *value,
                               bt_error *error) {
  const char *text = NULL;
  char number[32], name[32], rest[2];
  bt_rational r = {0, 1};
  bt_status status = bt_yaml_string(doc, map, key, false, &text, error);
  if (status != BT_OK) {
    return status;
  }
  unsigned line = bt_yaml_line(bt_yaml_get(map, key));
  bool good = sscanf(text, "%31s %31s %1s", number, name, rest) == 2;
  const unit *found = good ? find(list, name) : NULL;
  const char *what = good && found == NULL ? quantity(name) : NULL;
  if (what != NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: '%.60s' is one of %s: expected %s",
                   bt_yaml_path(doc), line, key, text, what, want);
  }
  good = found != NULL && bt_rational_parse(number, &r, NULL) == BT_OK && r.num > 0;
  if (!good || (bt_attojoules)r.num * found->scale % (uint64_t)r.den != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected %s, got '%.60s'", bt_yaml_path(doc),
                   line, key, want, text);
  }
  *value = (bt_attojoules)r.num * found->scale / (uint64_t)r.den;
  return BT_OK;
}

bt_status bt_energy_power(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          bt_attowatts *power, bt_error *error) {
  if (bt_yaml_get(map, key) == NULL) {
    return BT_OK;
  }
  const char *want = "a power in nW, uW, mW or W of at most 1000 W, as '1.5 mW'";
  bt_status status = read_quantity(doc, map, key, powers, want, power, error);
  if (status == BT_OK && *power > BT_POWER_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected %s", bt_yaml_path(doc),
                   bt_yaml_line(bt_yaml_get(map, key)), key, want);
  }
  return status;
}

bt_status bt_energy_time(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                         uint64_t *picoseconds, bt_error *error) {
  bt_attojoules value = 0;
  const char *want = "a time in ps, ns, us, ms or s of at most 1000 s, as '7.8 us'";
  bt_status status = read_quantity(doc, map, key, times, want, &value, error);
  if (status == BT_OK && value > UINT64_C(1000000000000000)) {
    status = bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected %s", bt_yaml_path(doc),
                     bt_yaml_line(bt_yaml_get(map, key)), key, want);
  }
  if (status == BT_OK) {
    *picoseconds = (uint64_t)value;
  }
  return status;
}

bt_status bt_energy_voltage(const bt_yaml *doc, const bt_yaml_node *root, char text[32],
                            bt_error *error) {
  const char *value = NULL;
  bt_attojoules millivolts = 0;
  bt_status status = bt_yaml_string(doc, root, "voltage", false, &value, error);
  if (status == BT_OK && strcmp(value, "not stated") != 0) {
    status = read_quantity(doc, root, "voltage", volts,
                           "a voltage in V or mV, as '0.9 V', or 'not stated'", &millivolts, error);
  }
  if (status == BT_OK) {
    snprintf(text, 32, "%s", value);
  }
  return status;
}
