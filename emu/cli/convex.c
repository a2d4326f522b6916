/* bittrue convex: linear and logistic regression in the machine's integers (numerics 21). */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/convex_report.h"
#include "cli/engines.h"
#include "io/find.h"
#include "num/error.h"
#include "train/recipe_format.h"

enum {
  KEY_ENGINE = 256, KEY_THREADS, KEY_MACHINE, KEY_SEED, KEY_STEPS, KEY_WEIGHTS, KEY_CSV, KEY_FLOAT,
  KEY_LAST
};

typedef struct {
  const char *recipe, *engine, *machine, *weights, *csv;
  uint64_t seed, steps, last;
  unsigned threads;
  bool seed_given, no_double;
} options;

static const struct argp_option known[] = {
    {"engine", KEY_ENGINE, "E", 0, "Engine: fast (default) or ref", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast, 1 to 256; default 1: steps are small",
     0},
    {"machine", KEY_MACHINE, "M", 0, "Machine, a name or a file; default systolic-16x16", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of rounding and order instead of the recipe's", 0},
    {"steps", KEY_STEPS, "N", 0, "Stop after N steps instead of the recipe's", 0},
    {"weights", KEY_WEIGHTS, "F", 0,
     "Format of the weights instead of the recipe's: fixedW.F or bfpN of up to 15 bits; a bfp "
     "format keeps the recipe's block",
     0},
    {"csv", KEY_CSV, "FILE", 0, "Write a row for each report point", 0},
    {"no-double", KEY_FLOAT, NULL, 0, "Leave out SGD and its average in double", 0},
    {"last", KEY_LAST, "N", 0, "Measure at the last N report points only", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->seed_given = true;
      return 0;
    case KEY_STEPS: o->steps = bt_cli_count(state, "steps", text, 1, INT32_MAX); return 0;
    case KEY_WEIGHTS: o->weights = text; return 0;
    case KEY_CSV: o->csv = text; return 0;
    case KEY_FLOAT: o->no_double = true; return 0;
    case KEY_LAST: o->last = bt_cli_count(state, "last", text, 1, INT32_MAX); return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const char doc[] =
    "Runs a linear or logistic regression with SGD in the machine's integers (SGD-LP) and averages "
    "its iterates (SWALP); the same in double beside it (SGD-FP, SWA-FP). Prints the squared "
    "distance to the minimum, or the squared norm of the objective's gradient and the wrong "
    "training samples, and the digest of the integers.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_convex_recipe recipe;
  bt_machine machine;
  bt_samples samples;
  bt_convex_state state;
  bt_convex_report report;
  bt_engine *engine;
} job;

static bt_status apply_options(job *j, bt_error *error) {
  const options *o = j->o;
  bt_format f = {.kind = BT_BFP};
  j->recipe.seed = o->seed_given ? o->seed : j->recipe.seed;
  j->recipe.steps = o->steps != 0 ? o->steps : j->recipe.steps;
  if (o->weights == NULL) {
    return BT_OK;
  }
  bt_status s = bt_format_parse(o->weights, &f, error);
  if (s == BT_OK && f.wl > 15) {
    return bt_fail(error, BT_BAD_INPUT, "--weights %s: expected at most 15 bits", o->weights);
  }
  if (f.kind == BT_BFP) {
    f.block = j->recipe.w.block;
    f.tile_rows = j->recipe.w.tile_rows;
    f.tile_cols = j->recipe.w.tile_cols;
  }
  j->recipe.w = f;
  return s;
}

static bt_status open_job(job *j, bt_error *error) {
  bt_engine_options with = BT_ENGINE_OPTIONS_NONE;
  char path[600];
  with.threads = j->o->threads;
  bt_status s = bt_convex_recipe_load(j->o->recipe, &j->recipe, error);
  s = s == BT_OK ? apply_options(j, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_MACHINE, j->o->machine, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_machine_load(path, &j->machine, error) : s;
  s = s == BT_OK ? bt_engine_make(j->o->engine, &j->machine, &with, &j->engine, error) : s;
  s = s == BT_OK ? bt_convex_samples(&j->recipe, &j->samples, error) : s;
  s = s == BT_OK ? bt_convex_start(&j->recipe, &j->samples, &j->machine, &j->state, error) : s;
  return s == BT_OK ? bt_convex_report_open(&j->report, &j->recipe, &j->samples, j->o->csv,
                                            !j->o->no_double, j->o->last, error)
                    : s;
}

static bt_status print(const job *j, bt_error *error) {
  char digest[65];
  bt_status s = bt_convex_report_print(&j->report, &j->state, error);
  s = s == BT_OK ? bt_convex_digest(&j->state, digest, error) : s;
  if (s == BT_OK) {
    printf("  clipped  %" PRIu64 "\n  digest   %s\n", j->state.counts.quantize.clipped, digest);
  }
  return s;
}

int bt_cli_convex(int argc, char **argv) {
  options o = {.engine = "fast", .machine = "systolic-16x16", .threads = 1};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_convex_watch watch = {bt_convex_report_step, bt_convex_report_row, &j.report};
  bt_status s = open_job(&j, &error);
  s = s == BT_OK ? bt_convex_run(&j.state, j.engine, &watch, &error) : s;
  s = s == BT_OK ? bt_convex_report_done(&j.report, &error) : s;
  s = s == BT_OK ? print(&j, &error) : s;
  bt_convex_report_close(&j.report);
  bt_convex_free(&j.state);
  bt_samples_free(&j.samples);
  if (j.engine != NULL) {
    j.engine->destroy(j.engine);
  }
  return s == BT_OK ? 0 : bt_cli_fail("convex", s, &error);
}
