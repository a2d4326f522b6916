/* bittrue report: runs side by side, as one HTML page. */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/engines.h"
#include "cli/report_run.h"
#include "cost/energy_find.h"
#include "cost/totals.h"
#include "engine/coverage.h"
#include "num/error.h"
#include "report/page.h"
#include "report/run_read.h"

#define MAX_RUNS 16u

enum { KEY_OUT = 256, KEY_COVERAGE, KEY_ENERGY, KEY_THREADS };

typedef struct {
  const char *run[MAX_RUNS], *coverage[MAX_RUNS], *energy[BT_MAX_TABLES], *out;
  size_t runs, coverages, tables;
  unsigned threads;
} options;

static const struct argp_option known[] = {
    {"out", KEY_OUT, "F.html", 0, "The page; default report.html in the first RUN", 0},
    {"coverage", KEY_COVERAGE, "FILE", 0,
     "What 'bittrue cosim --coverage --json' printed, of the first 8-bit RUN; once more for the "
     "next one. Default: RUN/cosim.json, if there is one",
     0},
    {"energy", KEY_ENERGY, "T", 0,
     "Energy table that prices: a name in traces/energy or a file; further ones stand beside it. "
     "Default: horowitz-45nm, and beside it the others that price operations",
     0},
    {"threads", KEY_THREADS, "N", 0, BT_ENGINE_THREADS, 0},
    {0}};

static error_t add_run(options *o, char *text, struct argp_state *state) {
  if (o->runs == MAX_RUNS) {
    argp_failure(state, 2, 0, "more than %u runs", MAX_RUNS);
  }
  o->run[o->runs++] = text;
  return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_OUT: o->out = text; return 0;
    case KEY_COVERAGE:
      if (o->coverages == MAX_RUNS) {
        argp_failure(state, 2, 0, "more than %u --coverage", MAX_RUNS);
      }
      o->coverage[o->coverages++] = text;
      return 0;
    case KEY_ENERGY:
      if (o->tables == BT_MAX_TABLES) {
        argp_failure(state, 2, 0, "more than %u --energy", BT_MAX_TABLES);
      }
      o->energy[o->tables++] = text;
      return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case ARGP_KEY_ARG: return add_run(o, text, state);
    case ARGP_KEY_NO_ARGS:
      argp_failure(state, 2, 0, "no run given, expected a directory");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const char doc_text[] =
    "Writes one HTML page about runs, side by side: errors by epoch, energy, footprint, roofline, "
    "exponents, co-simulation, how to reproduce them. It needs no network and no other file. A RUN "
    "is a directory of 'bittrue train' or 'bittrue baseline'; an fp32 baseline in RUN/baseline or "
    "RUN-baseline joins by itself.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  json_t *doc, *runs, *baselines;
  bt_energy_table table[BT_MAX_TABLES];
  const bt_energy_table *priced[BT_MAX_TABLES];
  bt_report_prices prices;
} job;

static bt_status load_tables(job *j, bt_error *error) {
  bt_status s = BT_OK;
  size_t n = j->o->tables;
  for (size_t i = 0; s == BT_OK && (n > 0 ? i < n : bt_energy_shipped[i] != NULL); i++) {
    s = bt_energy_find(n > 0 ? j->o->energy[i] : bt_energy_shipped[i], NULL, &j->table[i], error);
    j->priced[i] = &j->table[i];
    j->prices = (bt_report_prices){j->priced, i + 1};
  }
  return s;
}

/* A directory's last name; the whole path where another run has the same. */
static void set_labels(const job *j, json_t *list) {
  size_t i;
  json_t *run;
  json_array_foreach(list, i, run) {
    const char *path = json_string_value(json_object_get(run, "path"));
    size_t end = strlen(path), from;
    while (end > 1 && path[end - 1] == '/') {
      end--;
    }
    for (from = end; from > 0 && path[from - 1] != '/'; from--) {
    }
    json_t *label = json_stringn(path + from, end - from);
    const json_t *other;
    const char *part[] = {"runs", "baselines"};
    for (size_t p = 0, k; p < 2; p++) {
      json_array_foreach(json_object_get(j->doc, part[p]), k, other) {
        if (other != run && json_equal(json_object_get(other, "label"), label)) {
          json_decref(label);
          label = json_string(path);
        }
      }
    }
    json_object_set_new(run, "label", label);
  }
}

static bt_status read_run(job *j, const char *directory, bt_error *error) {
  bt_page_run run;
  bt_status s = bt_page_run_read(directory, &run, error);
  if (s != BT_OK) {
    json_decref(run.json);
    return s;
  }
  json_array_append_new(run.baseline ? j->baselines : j->runs, run.json);
  return BT_OK;
}

/* Those that lie beside the runs and were not given. */
static bt_status find_baselines(job *j, bt_error *error) {
  static const char *const form[] = {"%.*s/baseline", "%.*s-baseline"};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && json_array_size(j->baselines) == 0 && i < j->o->runs; i++) {
    char path[4096];
    const char *run = j->o->run[i];
    size_t n = strlen(run);
    while (n > 1 && run[n - 1] == '/') {
      n--;
    }
    snprintf(path, sizeof path, form[0], (int)n, run);
    if (!bt_page_has(path, "baseline.json")) {
      snprintf(path, sizeof path, form[1], (int)n, run);
    }
    s = bt_page_has(path, "baseline.json") ? read_run(j, path, error) : BT_OK;
  }
  return s;
}

static bt_status add_coverage(json_t *run, const char *given, bt_error *error) {
  char path[4096];
  json_error_t at;
  const char *directory = json_string_value(json_object_get(run, "path"));
  if (given == NULL && !bt_page_has(directory, "cosim.json")) {
    return BT_OK;
  }
  snprintf(path, sizeof path, "%s/cosim.json", directory);
  const char *file = given != NULL ? given : path;
  json_t *cosim = json_load_file(file, 0, &at), *bins = json_object();
  if (!json_is_boolean(json_object_get(cosim, "agreed"))) {
    json_decref(cosim);
    json_decref(bins);
    return bt_fail(error, BT_BAD_INPUT, "%s: expected what bittrue cosim --json prints", file);
  }
  for (unsigned bin = 0; bin < BT_COVER_COUNT; bin++) {
    json_object_set_new(bins, bt_cover_name((bt_cover)bin),
                        json_string(bt_cover_text((bt_cover)bin)));
  }
  json_object_set_new(cosim, "bins", bins);
  json_object_set_new(run, "cosim", cosim);
  return BT_OK;
}

static bt_status fill_runs(job *j, bt_error *error) {
  bt_status s = BT_OK;
  size_t i;
  json_t *run;
  if (j->o->coverages > json_array_size(j->runs)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "--coverage: given %zu times, expected at most one for each of %zu 8-bit runs",
                   j->o->coverages, json_array_size(j->runs));
  }
  json_array_foreach(j->runs, i, run) {
    if (isatty(STDERR_FILENO)) { /* seconds for a deep net */
      fprintf(stderr, "%s: cost of an epoch, captured steps\n",
              json_string_value(json_object_get(run, "path")));
    }
    s = bt_report_run(run, &j->prices, error);
    s = s == BT_OK ? add_coverage(run, j->o->coverage[i], error) : s;
    s = s == BT_OK ? bt_report_steps(run, j->o->threads, error) : s;
    if (s != BT_OK) {
      return s;
    }
  }
  return BT_OK;
}

static bt_status make(job *j, int argc, char **argv, bt_error *error) {
  char path[4096], command[4096];
  size_t used = (size_t)snprintf(command, sizeof command, "bittrue report");
  bt_status s = load_tables(j, error);
  for (size_t i = 0; s == BT_OK && i < j->o->runs; i++) {
    s = read_run(j, j->o->run[i], error);
  }
  s = s == BT_OK ? find_baselines(j, error) : s;
  s = s == BT_OK ? fill_runs(j, error) : s;
  if (s != BT_OK) {
    return s;
  }
  for (int i = 1; i < argc && used < sizeof command; i++) {
    used += (size_t)snprintf(command + used, sizeof command - used, " %s", argv[i]);
  }
  json_object_set_new(j->doc, "command", json_string(command));
  set_labels(j, j->runs);
  set_labels(j, j->baselines);
  snprintf(path, sizeof path, "%s/report.html", j->o->run[0]);
  const char *out = j->o->out != NULL ? j->o->out : path;
  s = bt_page_write(out, j->doc, error);
  if (s == BT_OK) {
    printf("%s\n", out);
  }
  return s;
}

int bt_cli_report(int argc, char **argv) {
  options o = {.threads = 0};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RUN [RUN...]", doc_text, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  job *j = calloc(1, sizeof *j);
  if (j == NULL) {
    return 1;
  }
  j->o = &o;
  j->doc = json_object();
  j->runs = json_array();
  j->baselines = json_array();
  json_object_set_new(j->doc, "runs", j->runs);
  json_object_set_new(j->doc, "baselines", j->baselines);
  bt_status s = make(j, argc, argv, &error);
  json_decref(j->doc);
  free(j);
  return s == BT_OK ? 0 : bt_cli_fail("report", s, &error);
}
