#include "cost/activity_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/yaml.h"
#include "num/error.h"

#define PPM_MAX INT64_C(1000000000)

const char *bt_factor_name(size_t factor) {
  return factor == BT_FACTOR_ALL ? "all" : bt_register_name((bt_register)factor);
}

static const char *row_name(size_t row) {
  return row == BT_FACTOR_TOTAL ? "total" : bt_direction_name((bt_direction)row);
}

bt_activity_factors bt_activity_factors_of(const bt_activity *real, const bt_activity *random) {
  bt_activity_factors f = {{false}, {0}};
  for (size_t r = 0; r < BT_REG_CLASSES; r++) {
    f.known[r] = bt_activity_ppm(real->toggles[r], random->toggles[r], &f.ppm[r]);
  }
  f.known[BT_FACTOR_ALL] = bt_activity_ppm(bt_activity_toggles(real), bt_activity_toggles(random),
                                           &f.ppm[BT_FACTOR_ALL]);
  return f;
}

/* In double quotes. */
static void put_text(FILE *out, const char *key, const char *text) {
  fprintf(out, "%s: \"", key);
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') {
      fputc('\\', out);
    }
    fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
  }
  fputs("\"\n", out);
}

static void put_row(FILE *out, size_t row, const bt_activity_factors *f) {
  const char *between = "{";
  if (!f->known[BT_FACTOR_ALL]) {
    return;
  }
  fprintf(out, "  %s: ", row_name(row));
  for (size_t i = 0; i < BT_FACTORS; i++) {
    if (f->known[i]) {
      fprintf(out, "%s%s: %" PRIu64, between, bt_factor_name(i), f->ppm[i]);
      between = ", ";
    }
  }
  fputs("}\n", out);
}

bt_status bt_activity_file_write(const char *path, const bt_activity_file *f, bt_error *error) {
  bt_file file;
  bt_status s = bt_file_create(&file, path, error);
  if (s != BT_OK) {
    return s;
  }
  put_text(file.stream, "name", f->name);
  put_text(file.stream, "source", f->source);
  put_text(file.stream, "machine", f->machine);
  fprintf(file.stream, "tiles: %" PRIu64 "\nseed: %" PRIu64 "\nfactors_ppm:\n", f->tiles, f->seed);
  for (size_t row = 0; row < BT_FACTOR_ROWS; row++) {
    put_row(file.stream, row, &f->row[row]);
  }
  s = bt_file_commit(&file, error);
  bt_file_abandon(&file);
  return s;
}

static bt_status read_text(const bt_yaml *doc, const char *key, char *text, size_t size,
                           bt_error *error) {
  const char *value = NULL;
  bt_status s = bt_yaml_string(doc, bt_yaml_root(doc), key, false, &value, error);
  if (s == BT_OK) {
    snprintf(text, size, "%s", value);
  }
  return s;
}

static bt_status read_count(const bt_yaml *doc, const char *key, uint64_t *count, bt_error *error) {
  int64_t value = 0;
  bt_status s = bt_yaml_integer(doc, bt_yaml_root(doc), key, false, 0, INT64_MAX, &value, error);
  *count = (uint64_t)value;
  return s;
}

static bt_status read_row(const bt_yaml *doc, const bt_yaml_node *rows, size_t row,
                          bt_activity_factors *f, bt_error *error) {
  const bt_yaml_node *map = NULL;
  bt_status s = bt_yaml_map(doc, rows, row_name(row), row != BT_FACTOR_TOTAL, &map, error);
  bool any = false;
  for (size_t i = 0; s == BT_OK && map != NULL && i < BT_FACTORS; i++) {
    int64_t value = -1;
    s = bt_yaml_integer(doc, map, bt_factor_name(i), true, 0, PPM_MAX, &value, error);
    f->known[i] = value >= 0;
    f->ppm[i] = value >= 0 ? (uint64_t)value : 0;
    any = any || f->known[i];
  }
  if (s != BT_OK || map == NULL) {
    return s;
  }
  if (!any) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: %s has no factor: expected a, b, acc, skew_a, skew_b or all",
                   bt_yaml_path(doc), bt_yaml_line(map), row_name(row));
  }
  return bt_yaml_done(doc, map, error);
}

static bt_status read_document(const bt_yaml *doc, bt_activity_file *f, bt_error *error) {
  const bt_yaml_node *rows = NULL;
  bt_status s = read_text(doc, "name", f->name, sizeof f->name, error);
  s = s == BT_OK ? read_text(doc, "source", f->source, sizeof f->source, error) : s;
  s = s == BT_OK ? read_text(doc, "machine", f->machine, sizeof f->machine, error) : s;
  s = s == BT_OK ? read_count(doc, "tiles", &f->tiles, error) : s;
  s = s == BT_OK ? read_count(doc, "seed", &f->seed, error) : s;
  s = s == BT_OK ? bt_yaml_map(doc, bt_yaml_root(doc), "factors_ppm", false, &rows, error) : s;
  for (size_t row = 0; s == BT_OK && row < BT_FACTOR_ROWS; row++) {
    s = read_row(doc, rows, row, &f->row[row], error);
  }
  s = s == BT_OK ? bt_yaml_done(doc, rows, error) : s;
  return s == BT_OK ? bt_yaml_done(doc, bt_yaml_root(doc), error) : s;
}

bt_status bt_activity_file_load(const char *path, bt_activity_file *f, bt_error *error) {
  bt_yaml *doc = NULL;
  memset(f, 0, sizeof *f);
  bt_status s = bt_yaml_load(path, &doc, error);
  s = s == BT_OK ? read_document(doc, f, error) : s;
  bt_yaml_free(doc);
  return s;
}
