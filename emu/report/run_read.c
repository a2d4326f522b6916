#include "report/run_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "num/error.h"

#define BT_METRICS_LIMIT ((size_t)1 << 26) /* bytes of a metrics.csv */
#define MAX_COLUMNS 32u

bool bt_page_has(const char *directory, const char *file) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%s", directory, file);
  return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

/* Keys that a page prints: text, a whole number, or an error in percent that may be null. */
typedef struct {
  const char *key;
  char kind; /* 't', 'i', '%' */
} wanted;
static const wanted of_run[] = {
    {"name", 't'},  {"recipe", 't'},           {"machine", 't'},         {"digest", 't'},
    {"seed", 'i'},  {"epochs", 'i'},           {"steps", 'i'},           {"version", 't'},
    {"engine", 't'}, {"test_error_sgd_lp", '%'}, {"test_error_swalp", '%'},
    {"test_error_last", '%'}, {NULL, 0}};
static const wanted of_baseline[] = {
    {"name", 't'}, {"recipe", 't'}, {"seed", 'i'}, {"epochs", 'i'}, {"steps", 'i'},
    {"version", 't'}, {"test_error_sgd_fp", '%'}, {"test_error_swa_fp", '%'},
    {"test_error_last", '%'}, {NULL, 0}};

static bt_status check_keys(const json_t *o, const char *path, const wanted *w, bt_error *error) {
  for (; w->key != NULL; w++) {
    const json_t *v = json_object_get(o, w->key);
    bool good = w->kind == 't'   ? json_is_string(v)
                : w->kind == 'i' ? json_is_integer(v)
                                 : json_is_null(v) || json_is_number(v);
    if (!good) {
      return bt_fail(error, BT_BAD_INPUT, "%s: key %s: expected %s", path, w->key,
                     w->kind == 't'   ? "a text"
                     : w->kind == 'i' ? "a whole number"
                                      : "a number of percent, or null");
    }
  }
  return BT_OK;
}

static bt_status read_json(const char *directory, bt_page_run *run, bt_error *error) {
  char path[4096];
  json_error_t at;
  run->baseline = !bt_page_has(directory, "run.json") && bt_page_has(directory, "baseline.json");
  snprintf(path, sizeof path, "%s/%s", directory, run->baseline ? "baseline.json" : "run.json");
  json_t *o = json_load_file(path, 0, &at);
  if (o == NULL) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: line %d: %s; expected the description of a run (run.json or baseline.json)",
                   path, at.line < 0 ? 0 : at.line, at.text);
  }
  json_object_set_new(run->json, "run", o);
  return check_keys(o, path, run->baseline ? of_baseline : of_run, error);
}

static bool is_number(const char *text) {
  char *end;
  strtod(text, &end);
  return *text != '\0' && *end == '\0';
}

/* Splits a line at its commas; the number of fields, MAX_COLUMNS + 1 for more than that. */
static size_t split(char *line, char *field[MAX_COLUMNS]) {
  size_t n = 0;
  for (char *at = line; at != NULL && n <= MAX_COLUMNS; n++) {
    char *comma = strchr(at, ',');
    if (n < MAX_COLUMNS) {
      field[n] = at;
    }
    if (comma != NULL) {
      *comma++ = '\0';
    }
    at = comma;
  }
  return n;
}

static bt_status read_row(json_t *columns, char *const *name, size_t count, char *line,
                          const char *path, size_t number, bt_error *error) {
  char *field[MAX_COLUMNS];
  size_t n = split(line, field);
  if (n != count) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%zu: %zu fields, expected %zu as in line 1", path,
                   number, n, count);
  }
  for (size_t i = 0; i < n; i++) {
    if (*field[i] != '\0' && !is_number(field[i])) {
      return bt_fail(error, BT_BAD_INPUT, "%s:%zu: %s: expected a number, got '%s'", path, number,
                     name[i], field[i]);
    }
    json_array_append_new(json_object_get(columns, name[i]),
                          *field[i] == '\0' ? json_null() : json_string(field[i]));
  }
  return BT_OK;
}

static bt_status read_head(json_t *columns, char *const *name, size_t count, const char *path,
                           bt_error *error) {
  static const char *const needed[] = {"epoch", "train_loss", "train_error", "test_error"};
  for (size_t i = 0; i < count && i < MAX_COLUMNS; i++) {
    json_object_set_new(columns, name[i], json_array());
  }
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
    if (json_object_get(columns, needed[i]) == NULL) {
      return bt_fail(error, BT_BAD_INPUT, "%s:1: expected a column %s", path, needed[i]);
    }
  }
  return count <= MAX_COLUMNS && json_object_size(columns) == count
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "%s:1: expected at most %u columns, each once", path,
                       MAX_COLUMNS);
}

static bt_status parse_metrics(char *text, const char *path, json_t *columns, bt_error *error) {
  char *name[MAX_COLUMNS], *rest = text;
  size_t count = 0, number = 0;
  bt_status s = BT_OK;
  while (s == BT_OK && rest != NULL && *rest != '\0') {
    char *line = rest;
    rest = strchr(rest, '\n');
    if (rest != NULL) {
      *rest++ = '\0';
    }
    if (++number == 1) {
      count = split(line, name);
      s = read_head(columns, name, count, path, error);
    } else {
      s = read_row(columns, name, count, line, path, number, error);
    }
  }
  return s == BT_OK && number == 0
             ? bt_fail(error, BT_BAD_INPUT, "%s: empty, expected a row an epoch", path)
             : s;
}

bt_status bt_page_run_read(const char *directory, bt_page_run *run, bt_error *error) {
  char path[4096];
  uint8_t *data = NULL;
  size_t size = 0;
  *run = (bt_page_run){.json = json_object()};
  int n = snprintf(path, sizeof path, "%s/metrics.csv", directory);
  if (n < 0 || (size_t)n >= sizeof path) {
    return bt_fail(error, BT_BAD_INPUT, "a run's path of %zu bytes, expected fewer than %zu",
                   strlen(directory), sizeof path - 16);
  }
  json_object_set_new(run->json, "path", json_string(directory));
  bt_status s = read_json(directory, run, error);
  s = s == BT_OK ? bt_file_read(path, BT_METRICS_LIMIT, &data, &size, error) : s;
  if (s == BT_OK) {
    json_t *columns = json_object();
    json_object_set_new(run->json, "metrics", columns);
    s = parse_metrics((char *)data, path, columns, error);
  }
  free(data);
  return s;
}
