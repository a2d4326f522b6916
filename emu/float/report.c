#include "float/report.h"

#include <cblas.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "num/error.h"

#define BT_RUN_LIMIT ((size_t)1 << 24) /* bytes of a run.json */

static bt_status read_error(const json_t *root, const char *path, const char *key, double *value,
                            bt_error *error) {
  const json_t *node = json_object_get(root, key);
  if (json_is_null(node)) {
    *value = BT_NOT_REACHED;
  } else if (json_is_number(node) && json_number_value(node) >= 0 &&
             json_number_value(node) <= 100) {
    *value = json_number_value(node);
  } else {
    return bt_fail(error, BT_BAD_INPUT, "%s: %s: expected a number of percent, or null", path, key);
  }
  return BT_OK;
}

static bt_status parse_run(const char *path, const uint8_t *data, size_t size,
                           bt_low_precision *run, bt_error *error) {
  json_error_t where;
  json_t *root = json_loadb((const char *)data, size, 0, &where);
  if (root == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%d: %s", path, where.line, where.text);
  }
  bt_status status = read_error(root, path, "test_error_sgd_lp", &run->sgd, error);
  if (status == BT_OK) {
    status = read_error(root, path, "test_error_swalp", &run->swa, error);
  }
  if (status == BT_OK) {
    status = read_error(root, path, "test_error_last", &run->last, error);
  }
  const json_t *seed = json_object_get(root, "seed");
  run->has_seed = json_is_integer(seed);
  run->seed = (uint64_t)json_integer_value(seed);
  json_decref(root);
  return status;
}

bt_status bt_low_precision_read(const char *directory, bt_low_precision *run, bt_error *error) {
  char path[4096];
  *run = (bt_low_precision){.directory = directory};
  const int length = snprintf(path, sizeof path, "%s/run.json", directory);
  if (length < 0 || (size_t)length >= sizeof path) {
    return bt_fail(error, BT_BAD_INPUT, "a run's path of %zu bytes: expected at most %zu",
                   strlen(directory), sizeof path);
  }
  uint8_t *data = NULL;
  size_t size = 0;
  bt_status status = bt_file_read(path, BT_RUN_LIMIT, &data, &size, error);
  if (status == BT_OK) {
    status = parse_run(path, data, size, run, error);
    free(data);
  }
  return status;
}

/* Two decimals; null where the run ended before it. */
static json_t *percent(double value) {
  return value == BT_NOT_REACHED ? json_null() : json_real(round(value * 100) / 100);
}

static json_t *difference(double low, double full) {
  return low == BT_NOT_REACHED || full == BT_NOT_REACHED
             ? json_null()
             : json_real(round((low - full) * 100) / 100);
}

static json_t *compare(const bt_low_precision *run, const bt_baseline_result *full) {
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "run", run->directory,
                   "test_error_sgd_lp", percent(run->sgd), "test_error_swalp", percent(run->swa),
                   "test_error_last", percent(run->last), "difference_sgd",
                   difference(run->sgd, full->sgd), "difference_swa",
                   difference(run->swa, full->swa), "difference_last",
                   difference(run->last, full->last));
}

char *bt_baseline_json(const bt_recipe *recipe, const bt_baseline_result *r, unsigned threads,
                       const char *started, const bt_low_precision *run) {
  const double rate = r->train_seconds > 0 ? (double)r->images / r->train_seconds : 0;
  json_t *root = json_pack(
      "{s:s, s:s, s:s, s:s, s:I, s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:f, s:f, s:o, s:o, s:o}",
      "recipe", recipe->path, "name", recipe->name, "net", recipe->net.name, "dataset",
      recipe->dataset, "seed", (json_int_t)recipe->seed, "threads", (int)threads, "version",
      bt_version(), "openblas", openblas_get_config(), "epochs", (json_int_t)recipe->epochs,
      "swa_start", (json_int_t)recipe->swa_start, "steps", (json_int_t)r->steps, "snapshots",
      (json_int_t)r->snapshots, "started", started,
      "train_seconds", round(r->train_seconds * 100) / 100, "images_per_second", round(rate),
      "test_error_sgd_fp", percent(r->sgd), "test_error_swa_fp", percent(r->swa),
      "test_error_last", percent(r->last));
  bool complete = root != NULL;
  if (complete && run != NULL) {
    complete = json_object_set_new(root, "compare", compare(run, r)) == 0;
  }
  char *text = NULL;
  size_t size = 0;
  FILE *stream = complete ? open_memstream(&text, &size) : NULL;
  if (stream != NULL) {
    complete = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) == 0;
    complete = fputc('\n', stream) != EOF && complete;
    complete = fclose(stream) == 0 && complete;
  }
  json_decref(root);
  if (!complete) {
    free(text);
    text = NULL;
  }
  return text;
}
