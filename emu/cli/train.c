/* bittrue train: SWALP training of a recipe, in integers. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/engine_spec.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cost/report.h"
#include "cost/watch.h"
#include "io/file.h"
#include "num/error.h"
#include "train/run_files.h"
#include "train/train.h"

enum { KEY_MACHINE = 256, KEY_ENGINE, KEY_THREADS, KEY_EPOCHS, KEY_STEPS, KEY_SEED, KEY_OUT,
       KEY_RESUME, KEY_EVERY, KEY_ENERGY, KEY_JSON };

typedef struct {
  const char *recipe, *machine, *engine, *out, *energy;
  uint64_t epochs, steps, every, seed;
  unsigned threads;
  bool seed_given, resume, json;
} options;

static const struct argp_option known[] = {
    {"machine", KEY_MACHINE, "M", 0,
     "Machine: a name in models/machines or a file; default systolic-16x16",
     0},
    {"engine", KEY_ENGINE, "E", 0,
     "Engine that executes the commands: fast (default), ref, or rtl, the Verilated machine (slow); "
     "the bits are the same. E,OP=FILE: your shared object for one kind of command",
     0},
    {"threads", KEY_THREADS, "N", 0, BT_ENGINE_THREADS, 0},
    {"epochs", KEY_EPOCHS, "N", 0,
     "Stop at the end of epoch N (the schedule stays the recipe's)",
     0},
    {"steps", KEY_STEPS, "N", 0, "Stop after N steps of the run", 0},
    {"seed", KEY_SEED, "S", 0, "Seed instead of the recipe's", 0},
    {"out", KEY_OUT, "DIR", 0,
     "Directory for run.json, metrics.csv, energy.csv, checkpoint and captures; default "
     "runs/NAME-sSEED",
     0},
    {"resume", KEY_RESUME, NULL, 0, "Go on from the checkpoint in the directory", 0},
    {"checkpoint-every", KEY_EVERY, "N", 0,
     "Checkpoint every N steps too, not only after each epoch and at a signal",
     0},
    {"energy", KEY_ENERGY, "T", 0,
     "Energy table: a name in traces/energy or a file; default horowitz-45nm",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON: what run.json holds", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_EPOCHS: o->epochs = bt_cli_count(state, "epochs", text, 1, UINT32_MAX); return 0;
    case KEY_STEPS: o->steps = bt_cli_count(state, "steps", text, 1, INT64_MAX); return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->seed_given = true;
      return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_RESUME: o->resume = true; return 0;
    case KEY_EVERY:
      o->every = bt_cli_count(state, "checkpoint-every", text, 1, INT64_MAX);
      return 0;
    case KEY_ENERGY: o->energy = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const char doc[] =
    "Trains the recipe's net with SWALP in the integers of the machine. Prints the test error in "
    "percent of SGD-LP (the iterate at the end of epoch swa_start), of SWALP (the average at the "
    "end) and of the last iterate, and the digest of the final state.\v" BT_CLI_EXITS;

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number) {
  (void)signal_number;
  stop_requested = 1;
}

typedef struct {
  const options *o;
  bt_session session; /* recipe, machine, data */
  bt_energy_table table;
  bt_state state;
  bt_cost cost;
  bt_cost_watch watch;
  bt_engine_options with;
  bt_engine *engine;
  bt_memory memory;
  char directory[512];
  char started[32];
  bt_display *display;
} job;

static bt_cost_report cost_report(const job *j) {
  const bt_state *s = &j->state;
  uint64_t trained = s->loss.rows, evaluated = 0;
  for (size_t i = 0; i < s->rows; i++) {
    trained += s->row[i].train.rows;
    evaluated += s->row[i].test.rows + s->row[i].swa.rows;
  }
  return (bt_cost_report){.cost = &j->cost, .machine = &j->session.machine, .table = &j->table,
                          .train_images = trained, .evaluation_images = evaluated};
}

static bt_status write_files(job *j, char **text, bt_error *error) {
  char ended[32], path[600];
  bt_cost_report report = cost_report(j);
  bt_engine_resources uses = bt_engine_uses(j->engine->name, &j->with);
  bt_run_facts facts = {
      .engine = j->engine->name, .isa = uses.isa, .threads = uses.threads,
      .machine = j->o->machine, .started = j->started, .ended = bt_cli_time(ended),
      .total_steps = bt_epoch_steps(&j->session.recipe, &j->session.data) *
                     j->session.recipe.epochs,
      .memory_planned = bt_memory_planned(&j->memory), .memory_peak = bt_memory_peak()};
  bt_status s = bt_run_write_metrics(&j->state, j->directory, error);
  snprintf(path, sizeof path, "%s/energy.csv", j->directory);
  s = s == BT_OK ? bt_report_csv_write(path, &report, error) : s;
  return s == BT_OK ? bt_run_write_json(&j->state, &facts, j->directory, text, error) : s;
}

static bt_status resume(job *j, bt_error *error) {
  bt_error refused;
  bt_status s = bt_state_resume(&j->state, j->directory, &refused, error);
  if (s == BT_OK && refused.text[0] != '\0') {
    fprintf(stderr, "bittrue train: %s; going on from " BT_CHECKPOINT_PREVIOUS " (step %llu)\n",
            refused.text, (unsigned long long)j->state.steps);
  }
  return s;
}

static bt_status prepare(job *j, bt_error *error) {
  const options *o = j->o;
  char path[600];
  j->with = BT_ENGINE_OPTIONS_NONE;
  j->with.threads = o->threads;
  j->with.whole = true;
  bt_status s = bt_session_open(&j->session, o->recipe, o->machine, o->seed_given ? &o->seed : NULL,
                                error);
  s = s == BT_OK ? bt_engine_make(o->engine, &j->session.machine, &j->with, &j->engine, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_ENERGY, o->energy, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_energy_load(path, &j->table, error) : s;
  if (s != BT_OK) {
    return s;
  }
  if (o->out != NULL && strlen(o->out) >= sizeof j->directory) {
    return bt_fail(error, BT_BAD_INPUT, "--out: a path of %zu bytes, expected fewer than %zu",
                   strlen(o->out), sizeof j->directory);
  }
  if (o->out != NULL) {
    snprintf(j->directory, sizeof j->directory, "%s", o->out);
  } else {
    snprintf(j->directory, sizeof j->directory, "runs/%s-s%llu", j->session.recipe.name,
             (unsigned long long)j->session.recipe.seed);
  }
  s = bt_directory_make(j->directory, error);
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, j->directory);
  if (s == BT_OK && !o->resume && access(path, F_OK) == 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: a run is there already: expected --resume or another --out", j->directory);
  }
  s = s == BT_OK ? bt_state_start(&j->session.recipe, &j->session.machine, &j->state, error) : s;
  j->state.extra = &j->cost;
  j->state.extra_size = sizeof j->cost;
  return s == BT_OK && o->resume ? resume(j, error) : s;
}

static void print_result(const job *j, char *text) {
  if (j->o->json) {
    printf("%s\n", text);
    return;
  }
  bt_display_result(&j->state, j->directory);
}

static bt_status run(job *j, bt_error *error) {
  j->watch = (bt_cost_watch){.cost = &j->cost, .machine = &j->session.machine};
  bt_observer observer = {bt_cost_after, &j->watch, false};
  bt_train_options t = {.engine = j->engine, .data = &j->session.data, .observer = &observer,
                        .epochs = j->o->epochs, .steps = j->o->steps, .directory = j->directory,
                        .checkpoint_every = j->o->every, .capture = true, .stop = &stop_requested,
                        .progress = bt_display_progress, .context = j->display,
                        .memory = &j->memory};
  char *text = NULL;
  bt_status s = bt_train(&j->state, &t, error);
  s = s == BT_OK ? write_files(j, &text, error) : s;
  if (s == BT_OK) {
    bt_display_memory(j->display, &j->memory);
    (void)bt_engine_print_substitutions(stderr, j->engine);
    print_result(j, text);
  }
  free(text);
  return s;
}

int bt_cli_train(int argc, char **argv) {
  options o = {.machine = "systolic-16x16", .engine = "fast", .energy = "horowitz-45nm"};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  signal(SIGINT, request_stop);
  signal(SIGTERM, request_stop);
  bt_cli_time(j.started);
  bt_status s = prepare(&j, &error);
  if (s == BT_OK) {
    j.display = bt_display_open(&j.session.recipe);
    s = run(&j, &error);
    bt_display_close(j.display);
  }
  if (j.engine != NULL) {
    j.engine->destroy(j.engine);
  }
  bt_state_free(&j.state);
  bt_session_close(&j.session);
  return s == BT_OK ? 0 : bt_cli_fail("train", s, &error);
}
