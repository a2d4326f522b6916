/* bittrue sweep: does a design with these accumulators still train? */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/engines.h"
#include "cli/session.h"
#include "cli/sweep_probe.h"
#include "cli/sweep_table.h"
#include "cli/sweep_variant.h"
#include "io/file.h"
#include "num/error.h"
#include "train/train.h"

/* Chunks let a narrow accumulator add few, larger entries: one product alone, shifted as far as 12
 * or 8 bits ask for, is rounded to nothing. */
#define BT_SWEEP_ACCUMULATORS                                                        \
  "32,16,16:wrap,16/fit:nearest_even,16/fit:nearest_even:wrap,12/fit:nearest_even,"  \
  "12/fit:nearest_even:chunk32@20,12/fit:nearest_even:chunk32@20:wrap,"              \
  "8/fit:nearest_even:chunk32@20,8/fit:nearest_even:chunk32@20:wrap"

enum { KEY_ACCUMULATORS = 256, KEY_MACHINE, KEY_ENGINE, KEY_THREADS, KEY_EPOCHS, KEY_STEPS,
       KEY_SEED, KEY_EVERY, KEY_OUT, KEY_JSON };

typedef struct {
  const char *recipe, *machine, *engine, *accumulators, *out;
  uint64_t epochs, steps, seed, every;
  unsigned threads;
  bool seed_given, json;
} options;

static const struct argp_option known[] = {
    {"accumulators", KEY_ACCUMULATORS, "LIST", 0,
     "Accumulators to train with, separated by commas: BITS[/SHIFT][:OPTION...] with options "
     "saturate, wrap, floor, nearest_even, stochastic, chunkN@P. SHIFT 'fit' takes the one that "
     "lets the running sums of the runs before, without a shift and overflow, fit BITS. Default " BT_SWEEP_ACCUMULATORS,
     0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine: a name in models/machines or a file, its accumulator replaced; default "
     "systolic-16x16",
     0},
    {"engine", KEY_ENGINE, "E", 0, "Engine: fast (default) or ref; the bits are the same", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast; default one a processor", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "Stop each run at the end of epoch N", 0},
    {"steps", KEY_STEPS, "N", 0, "Stop each run after N steps", 0},
    {"seed", KEY_SEED, "S", 0, "Seed instead of the recipe's", 0},
    {"every", KEY_EVERY, "N", 0,
     "Follow the running sums of every N-th step, which is slow; default 100", 0},
    {"out", KEY_OUT, "DIR", 0, "Directory for sweep.csv and sweep.json; default runs/NAME-sweep",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the results as JSON: what sweep.json holds", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ACCUMULATORS: o->accumulators = text; return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_THREADS: o->threads = (unsigned)bt_cli_count(state, "threads", text, 1, 256); return 0;
    case KEY_EPOCHS: o->epochs = bt_cli_count(state, "epochs", text, 1, UINT32_MAX); return 0;
    case KEY_STEPS: o->steps = bt_cli_count(state, "steps", text, 1, INT64_MAX); return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->seed_given = true;
      return 0;
    case KEY_EVERY: o->every = bt_cli_count(state, "every", text, 1, INT64_MAX); return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const char doc[] =
    "Trains the recipe once with each accumulator and prints, for each layer and direction, how "
    "many additions saturated or wrapped, the largest magnitude of a running sum, the fewest bits "
    "that hold them all, and the test errors. The results so far are in DIR after each run.\v"
    BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_session session;
  bt_variant variant[BT_MAX_VARIANTS];
  size_t variants;
  int widest; /* bits of the running sums of runs without a shift and overflow; 0 before any */
  char directory[512];
  json_t *results;
} job;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A run in which additions overflowed trains on other numbers: it says nothing of what fits. */
static void note_widest(job *j, const bt_probe *probe) {
  int widest = j->widest;
  for (size_t i = 0; i < j->session.recipe.net.layers; i++) {
    for (bt_direction d = BT_FORWARD; d <= BT_WEIGHT_GRADIENT; d++) {
      const bt_probe_cell *cell = bt_probe_cell_of(probe, i, d);
      int bits = bt_headroom_bits(&cell->range);
      if (cell->saturations > 0) {
        return;
      }
      widest = bits > widest ? bits : widest;
    }
  }
  j->widest = widest;
}

static bt_status write_results(const job *j, bt_error *error) {
  char path[600];
  char *csv = NULL;
  size_t size;
  char *json = json_dumps(j->results, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  FILE *to = open_memstream(&csv, &size);
  bt_status s = BT_OK;
  if (to != NULL) {
    bt_sweep_csv(to, j->results);
  }
  if (json == NULL || to == NULL || fclose(to) != 0) {
    s = bt_fail(error, BT_FAILED, "out of memory for the results");
  }
  snprintf(path, sizeof path, "%s/sweep.csv", j->directory);
  s = s == BT_OK ? bt_file_write_text(path, csv, error) : s;
  snprintf(path, sizeof path, "%s/sweep.json", j->directory);
  s = s == BT_OK ? bt_file_write_text(path, json, error) : s;
  free(csv);
  free(json);
  return s;
}

/* One training run. */
static bt_status train(job *j, const bt_machine *machine, bt_engine *engine, bt_error *error) {
  char name[64];
  bt_state state = {0};
  double began = now();
  bt_variant_name(&machine->acc, name);
  fprintf(stderr, "sweep: accumulator %s\n", name);
  bt_probe *probe = bt_probe_new(engine, machine, j->o->every);
  bt_status s = probe == NULL ? bt_fail(error, BT_FAILED, "out of memory for a probe") : BT_OK;
  s = s == BT_OK ? bt_state_start(&j->session.recipe, machine, &state, error) : s;
  if (s == BT_OK) {
    bt_train_options t = {.engine = bt_probe_engine(probe), .data = &j->session.data,
                          .epochs = j->o->epochs, .steps = j->o->steps};
    s = bt_train(&state, &t, error);
  }
  if (s == BT_OK) {
    json_array_append_new(j->results, bt_sweep_result(&state, probe, now() - began));
    if (machine->acc.acc_shift == 0) {
      note_widest(j, probe);
    }
  }
  bt_state_free(&state);
  bt_probe_free(probe);
  return s == BT_OK ? write_results(j, error) : s;
}

static bt_status run_variant(job *j, const bt_variant *v, bt_error *error) {
  bt_machine machine = j->session.machine;
  bt_engine_options with = BT_ENGINE_OPTIONS_NONE;
  bt_engine *engine = NULL;
  machine.acc = v->acc;
  if (v->fitted && j->widest == 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "--accumulators: '%s' fits the sums of an accumulator without a shift: expected "
                   "one before it that does not overflow, such as 32",
                   v->text);
  }
  if (v->fitted) {
    machine.acc.acc_shift = bt_variant_fit(j->widest, v->acc.acc_bits);
  }
  with.threads = j->o->threads;
  bt_status s = bt_engine_make(j->o->engine, &machine, &with, &engine, error);
  if (s == BT_OK && bt_engine_is_rtl(engine)) {
    s = bt_fail(error, BT_BAD_INPUT, "engine rtl: expected ref or fast");
  }
  s = s == BT_OK ? train(j, &machine, engine, error) : s;
  if (engine != NULL) {
    engine->destroy(engine);
  }
  return s;
}

/* Everything that bad input can break is tried before the first run. */
static bt_status prepare(job *j, bt_error *error) {
  const options *o = j->o;
  bt_status s = bt_variants_parse(o->accumulators, j->variant, &j->variants, error);
  s = s == BT_OK ? bt_session_open(&j->session, o->recipe, o->machine,
                                   o->seed_given ? &o->seed : NULL, error)
                 : s;
  if (s != BT_OK) {
    return s;
  }
  if (j->variant[0].fitted) {
    return run_variant(j, &j->variant[0], error); /* refuses it */
  }
  if (o->out != NULL && strlen(o->out) >= sizeof j->directory) {
    return bt_fail(error, BT_BAD_INPUT, "--out: a path of %zu bytes, expected fewer than %zu",
                   strlen(o->out), sizeof j->directory);
  }
  if (o->out != NULL) {
    snprintf(j->directory, sizeof j->directory, "%s", o->out);
  } else {
    snprintf(j->directory, sizeof j->directory, "runs/%s-sweep", j->session.recipe.name);
  }
  return bt_directory_make(j->directory, error);
}

int bt_cli_sweep(int argc, char **argv) {
  options o = {.machine = "systolic-16x16", .engine = "fast", .every = 100,
               .accumulators = BT_SWEEP_ACCUMULATORS};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  j.results = json_array();
  bt_status s = j.results == NULL ? bt_fail(&error, BT_FAILED, "out of memory") : BT_OK;
  s = s == BT_OK ? prepare(&j, &error) : s;
  for (size_t i = 0; s == BT_OK && i < j.variants; i++) {
    s = run_variant(&j, &j.variant[i], &error);
  }
  if (s == BT_OK && o.json) {
    json_dumpf(j.results, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
  } else if (s == BT_OK) {
    bt_sweep_print(stdout, j.results);
    printf("\nfiles: %s/sweep.csv sweep.json\n", j.directory);
  }
  json_decref(j.results);
  bt_session_close(&j.session);
  return s == BT_OK ? 0 : bt_cli_fail("sweep", s, &error);
}
