#include "train/run_files.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "num/error.h"

static void write_rate(FILE *f, const bt_recipe *recipe, size_t epoch) {
  bt_rational rate = {0, 1};
  bt_recipe_rate(recipe, epoch, &rate, NULL);
  /* Nine decimals, in integers: rates are far below 2^63 / 10^9. */
  __int128 scaled = (__int128)rate.num * 1000000000 / rate.den;
  fprintf(f, "%" PRId64 ".%09" PRId64, (int64_t)(scaled / 1000000000),
          (int64_t)(scaled % 1000000000));
}

static void write_loss(FILE *f, const bt_loss *loss) {
  char percent[24], nats[24];
  if (loss->rows == 0) {
    fputs(",,", f);
    return;
  }
  bt_loss_percent(loss, percent);
  bt_loss_nats(loss, nats);
  fprintf(f, ",%s,%s", nats, percent);
}

bt_status bt_run_write_metrics(const bt_state *state, const char *directory, bt_error *error) {
  char path[4096];
  bt_file f;
  snprintf(path, sizeof path, "%s/" BT_METRICS_FILE, directory);
  bt_status s = bt_file_create(&f, path, error);
  if (s != BT_OK) {
    return s;
  }
  fputs("epoch,lr,train_loss,train_error,test_loss,test_error,swalp_loss,swalp_error,clipped,"
        "seconds\n",
        f.stream);
  for (size_t i = 0; i < state->rows; i++) {
    const bt_epoch_row *row = &state->row[i];
    fprintf(f.stream, "%" PRIu64 ",", row->epoch);
    write_rate(f.stream, state->recipe, row->epoch);
    write_loss(f.stream, &row->train);
    write_loss(f.stream, &row->test);
    write_loss(f.stream, &row->swa);
    fprintf(f.stream, ",%" PRIu64 ",%" PRIu64 ".%03" PRIu64 "\n", row->clipped,
            row->milliseconds / 1000, row->milliseconds % 1000);
  }
  return bt_file_commit(&f, error);
}

/* An error rate as a JSON number of percent with two decimals, or null. */
static json_t *percent(const bt_state *state, uint64_t epoch, bool average) {
  char text[24];
  if (epoch == 0 || epoch > state->rows) {
    return json_null();
  }
  const bt_epoch_row *row = &state->row[epoch - 1];
  const bt_loss *loss = average ? &row->swa : &row->test;
  if (loss->rows == 0) {
    return json_null();
  }
  bt_loss_percent(loss, text);
  return json_real(strtod(text, NULL));
}

static uint64_t total_milliseconds(const bt_state *state) {
  uint64_t sum = state->milliseconds;
  for (size_t i = 0; i < state->rows; i++) {
    sum += state->row[i].milliseconds;
  }
  return sum;
}

/* From the root, so that other commands find the recipe from any folder. */
static json_t *recipe_path(const bt_recipe *recipe) {
  char *full = realpath(recipe->path, NULL);
  json_t *text = json_string(full == NULL ? recipe->path : full);
  free(full);
  return text;
}

static json_t *run_object(const bt_state *state, const bt_run_facts *facts, const char *digest) {
  const bt_recipe *recipe = state->recipe;
  bool complete = state->steps == facts->total_steps;
  json_t *o = json_object();
  json_object_set_new(o, "recipe", recipe_path(recipe));
  json_object_set_new(o, "name", json_string(recipe->name));
  json_object_set_new(o, "net", json_string(recipe->net.name));
  json_object_set_new(o, "dataset", json_string(recipe->dataset));
  json_object_set_new(o, "machine", json_string(state->machine->name));
  json_object_set_new(o, "machine_file", json_string(facts->machine));
  json_object_set_new(o, "engine", json_string(facts->engine));
  json_object_set_new(o, "isa", facts->isa == NULL ? json_null() : json_string(facts->isa));
  json_object_set_new(o, "threads", json_integer((json_int_t)facts->threads));
  json_object_set_new(o, "seed", json_integer((json_int_t)recipe->seed));
  json_object_set_new(o, "version", json_string(bt_version()));
  json_object_set_new(o, "compiler", json_string(__VERSION__));
  json_object_set_new(o, "started", json_string(facts->started));
  json_object_set_new(o, "ended", json_string(facts->ended));
  json_object_set_new(o, "training_milliseconds",
                      json_integer((json_int_t)total_milliseconds(state)));
  json_object_set_new(o, "memory_planned_bytes", json_integer((json_int_t)facts->memory_planned));
  json_object_set_new(o, "memory_peak_bytes", json_integer((json_int_t)facts->memory_peak));
  json_object_set_new(o, "complete", json_boolean(complete));
  json_object_set_new(o, "epochs", json_integer((json_int_t)state->rows));
  json_object_set_new(o, "steps", json_integer((json_int_t)state->steps));
  json_object_set_new(o, "total_steps", json_integer((json_int_t)facts->total_steps));
  json_object_set_new(o, "draw_steps", json_integer((json_int_t)state->rng.steps));
  json_object_set_new(o, "test_error_sgd_lp", percent(state, recipe->swa_start, false));
  json_object_set_new(o, "test_error_swalp", percent(state, state->rows, true));
  json_object_set_new(o, "test_error_last", percent(state, state->rows, false));
  json_object_set_new(o, "digest", json_string(digest));
  return o;
}

bt_status bt_run_write_json(const bt_state *state, const bt_run_facts *facts, const char *directory,
                            char **text, bt_error *error) {
  char digest[65], path[4096];
  bt_status s = bt_state_digest(state, digest, error);
  if (s != BT_OK) {
    return s;
  }
  json_t *o = run_object(state, facts, digest);
  char *dump = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  json_decref(o);
  if (dump == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for " BT_RUN_FILE);
  }
  if (directory != NULL) {
    snprintf(path, sizeof path, "%s/" BT_RUN_FILE, directory);
    bt_file f;
    s = bt_file_create(&f, path, error);
    if (s == BT_OK) {
      fprintf(f.stream, "%s\n", dump);
      s = bt_file_commit(&f, error);
    }
  }
  if (text != NULL && s == BT_OK) {
    *text = dump;
  } else {
    free(dump);
  }
  return s;
}

static bt_status read_text(const json_t *o, const char *path, const char *key, char *text,
                           size_t size, bt_error *error) {
  const char *value = json_string_value(json_object_get(o, key));
  if (value == NULL || strlen(value) >= size) {
    return bt_fail(error, BT_BAD_INPUT, "%s: key %s: expected a text below %zu bytes", path, key,
                   size);
  }
  strcpy(text, value);
  return BT_OK;
}

bt_status bt_run_read_origin(const char *directory, bt_run_origin *origin, bt_error *error) {
  char path[4096];
  json_error_t at;
  snprintf(path, sizeof path, "%s/" BT_RUN_FILE, directory);
  json_t *o = json_load_file(path, 0, &at);
  if (o == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: line %d: %s; expected the description of a run", path,
                   at.line < 0 ? 0 : at.line, at.text);
  }
  bt_status s = read_text(o, path, "recipe", origin->recipe, sizeof origin->recipe, error);
  /* Runs that do not say how the machine was asked for have one of models/machines, by its name. */
  const char *key = json_object_get(o, "machine_file") != NULL ? "machine_file" : "machine";
  s = s == BT_OK ? read_text(o, path, key, origin->machine, sizeof origin->machine, error) : s;
  const json_t *seed = json_object_get(o, "seed");
  if (s == BT_OK && !json_is_integer(seed)) {
    s = bt_fail(error, BT_BAD_INPUT, "%s: key seed: expected an integer", path);
  }
  origin->seed = s == BT_OK ? (uint64_t)json_integer_value(seed) : 0;
  json_decref(o);
  return s;
}
