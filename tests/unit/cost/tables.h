/* Energy tables for the tests: the shipped ones by name, and texts as files. */
#ifndef BT_TESTS_COST_TABLES_H
#define BT_TESTS_COST_TABLES_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cost/energy.h"
#include "io/find.h"

static inline bt_energy_table shipped(const char *name) {
  char path[1024];
  bt_error error = {""};
  bt_energy_table table;
  if (bt_find_file(BT_FIND_ENERGY, name, path, sizeof path, &error) != BT_OK ||
      bt_energy_load(path, &table, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return table;
}

/* Loads a table of this text. */
static inline bt_status load_text(const char *text, bt_energy_table *table, bt_error *error) {
  char path[] = "/tmp/bittrue-energy-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  error->text[0] = '\0';
  bt_status status = bt_energy_load(path, table, error);
  unlink(path);
  return status;
}

static inline bt_energy_table table_of(const char *text) {
  bt_error error;
  bt_energy_table table;
  if (load_text(text, &table, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return table;
}

/* The text must be refused with one line that holds `want`. */
static inline void expect_refused(const char *text, const char *want) {
  bt_error error;
  bt_energy_table table;
  bt_status status = load_text(text, &table, &error);
  if (status != BT_BAD_INPUT || !strstr(error.text, want) || strchr(error.text, '\n')) {
    fail_msg("status %d, error: %s\nexpected BT_BAD_INPUT and one line with: %s", (int)status,
             error.text, want);
  }
}

/* The first four lines of a table: its unit, picojoules, stands on line 5. */
#define HEAD4 "name: t\nsource: s\ntechnology: 1 nm\nvoltage: 1 V\n"
#define HEAD HEAD4 "unit: picojoule\n"

#endif
