/* bittrue cost: what one epoch of a recipe costs on a machine, from its programs alone. */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cost_compare.h"
#include "cli/cost_epoch.h"
#include "cli/cost_scalesim.h"
#include "cli/cost_sweep.h"
#include "cost/live.h"
#include "cost/report.h"
#include "io/find.h"
#include "num/error.h"

enum { KEY_MACHINE = 256, KEY_ENERGY, KEY_JSON, KEY_CSV, KEY_IMAGES, KEY_TEST_IMAGES, KEY_RUN,
       KEY_FOOTPRINT, KEY_COMPARE, KEY_SWEEP, KEY_MODEL };

typedef struct {
  const char *recipe, *machine, *energy, *csv, *run, *footprint, *sweep;
  const char *compare[BT_COMPARE_MOST];
  size_t compared;    /* 0 without --compare */
  bool json;
  bool counted[2];    /* the next two are given */
  uint64_t images[2]; /* of training and of evaluation */
} options;

static const struct argp_option known[] = {
    {"model", KEY_MODEL, "NAME", 0,
     "machine: what the Verilog does (default); scalesim: see --model scalesim --help", 0},
    {"machine", KEY_MACHINE, "M", 0,
     "The machine: a name in models/machines or a path (systolic-16x16)", 0},
    {"energy", KEY_ENERGY, "TABLE", 0,
     "The energy table: a name in traces/energy or a path (horowitz-45nm)", 0},
    {"csv", KEY_CSV, "FILE", 0, "Write a row a phase to FILE as well", 0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON, energies in picojoules", 0},
    {"images", KEY_IMAGES, "N", 0, "Images in an epoch (those of the recipe's data set)", 0},
    {"test-images", KEY_TEST_IMAGES, "N", 0, "Images in the evaluation (the data set's)", 0},
    {"run", KEY_RUN, "DIR", 0, "Take the weights' shared exponents from this run's checkpoint", 0},
    {"footprint", KEY_FOOTPRINT, "FILE", 0,
     "Write the bytes held while each command of a training step runs to FILE (CSV)", 0},
    {"compare", KEY_COMPARE, "M1", 0,
     "Machines side by side: M1 and those named behind the recipe, RECIPE --compare M1 M2...", 0},
    {"sweep", KEY_SWEEP, "P=V1,V2,...", 0,
     "Print CSV, a row for each value of a parameter of the machine (array, acc_bits, ...) or the "
     "recipe (wl, block, batch)", 0},
    {0}};

static void set_images(options *o, int which, const char *name, const char *text,
                       struct argp_state *state) {
  o->images[which] = bt_cli_count(state, name, text, 0, UINT32_MAX);
  o->counted[which] = true;
}

static void add_machine(options *o, const char *name, struct argp_state *state) {
  if (o->compared == BT_COMPARE_MOST) {
    argp_failure(state, 2, 0, "--compare: expected at most %u machines", BT_COMPARE_MOST);
  }
  o->compare[o->compared++] = name;
}

/* What does not go together. */
static void check_options(const options *o, struct argp_state *state) {
  bool whole = o->csv != NULL || o->footprint != NULL;
  if (o->compared == 1) {
    argp_failure(state, 2, 0, "--compare: expected two machines or more, as in RECIPE --compare "
                 "A.yaml B.yaml");
  }
  if (o->compared > 0 && (o->sweep != NULL || o->machine != NULL || whole)) {
    argp_failure(state, 2, 0, "--compare names the machines and prints the result: expected no "
                 "--machine, --sweep, --csv or --footprint");
  }
  if (o->sweep != NULL && (o->json || whole)) {
    argp_failure(state, 2, 0, "--sweep prints CSV: expected no --json, --csv or --footprint");
  }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_MODEL:
      if (strcmp(text, "machine") != 0) {
        argp_failure(state, 2, 0, "--model: expected machine or scalesim, got '%s'", text);
      }
      return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_ENERGY: o->energy = text; return 0;
    case KEY_CSV: o->csv = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    case KEY_RUN: o->run = text; return 0;
    case KEY_FOOTPRINT: o->footprint = text; return 0;
    case KEY_SWEEP: o->sweep = text; return 0;
    case KEY_COMPARE: add_machine(o, text, state); return 0;
    case KEY_IMAGES: set_images(o, 0, "images", text, state); return 0;
    case KEY_TEST_IMAGES: set_images(o, 1, "test-images", text, state); return 0;
    case ARGP_KEY_ARG:
      if (o->recipe != NULL && o->compared > 0) {
        add_machine(o, text, state);
        return 0;
      }
      break;
    case ARGP_KEY_END: check_options(o, state); break;
    default: break;
  }
  return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
}

static const struct argp parser = {
    .options = known,
    .parser = parse_option,
    .args_doc = "RECIPE [--compare M1 M2...]",
    .doc = "Counts what one epoch costs: training on every image, one snapshot of the average, one "
           "evaluation of the weights. Prints, for each phase, operations, cycles, bytes and "
           "energy, from the commands alone: nothing is trained, and for the known sets no data is "
           "read. Exponents that only a run knows count as equal, the weights' too unless --run "
           "has them; docs/cost.md states the model."
           "\v" BT_CLI_EXITS};

typedef struct {
  const options *o;
  bt_machine machine;
  bt_energy_table table;
  bt_recipe recipe;
  uint64_t images[2];
  bt_epoch epoch;
  bt_cost cost;
  bt_footprint footprint; /* of a training step; no commands without training */
} job;

static bt_status load_files(job *j, bt_error *error) {
  char path[1024];
  if (bt_cli_cost_is_topology(j->o->recipe)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: a topology of SCALE-Sim: expected --model scalesim",
                   j->o->recipe);
  }
  const char *machine = j->o->machine != NULL ? j->o->machine : "systolic-16x16";
  bt_status s = bt_find_file(BT_FIND_MACHINE, machine, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &j->machine, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_ENERGY, j->o->energy, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_energy_load(path, &j->table, error) : s;
  s = s == BT_OK ? bt_recipe_load(j->o->recipe, &j->recipe, error) : s;
  j->images[0] = j->o->images[0];
  j->images[1] = j->o->images[1];
  return s == BT_OK ? bt_epoch_images(&j->recipe, j->o->counted, j->images, error) : s;
}

static bt_status open_epoch(job *j, bt_error *error) {
  return bt_epoch_open(&j->epoch, &j->recipe, j->images, j->o->run, error);
}

static bt_status count_epoch(job *j, bt_error *error) {
  bt_status s = open_epoch(j, error);
  s = s == BT_OK ? bt_epoch_count(&j->epoch, &j->machine, &j->cost, error) : s;
  if (s == BT_OK && j->epoch.step != NULL) {
    s = bt_footprint_new(j->epoch.step, &j->footprint, error);
  }
  if (s == BT_OK && j->o->footprint != NULL) {
    s = j->epoch.step != NULL
            ? bt_footprint_write(j->o->footprint, &j->footprint, error)
            : bt_fail(error, BT_BAD_INPUT, "--footprint: no training step, expected --images "
                      "above 0");
  }
  return s;
}

static void print_footprint(const job *j) {
  const bt_footprint *f = &j->footprint;
  if (f->commands == 0) {
    return;
  }
  const bt_live *peak = &f->at[f->peak], *fp32 = &f->at[f->peak_fp32];
  printf("footprint of a training step: %" PRIu64 " bytes at its peak, %s (fp32: %" PRIu64 ", %s)",
         peak->total, bt_program_at(f->program, f->peak)->label.text, fp32->fp32,
         bt_program_at(f->program, f->peak_fp32)->label.text);
  printf("; wide values besides: at most %" PRIu64 "; the averages: %" PRIu64 "\n",
         f->at[f->peak_wide].kind[BT_ROLE_WIDE], bt_live_averages(j->epoch.averaging));
}

/* {"peak_bytes": N, "peak_command": TEXT, ...} */
static json_t *footprint_json(const job *j) {
  const bt_footprint *f = &j->footprint;
  const bt_live *peak = &f->at[f->peak];
  json_t *o = json_object(), *kinds = json_object();
  for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
    json_object_set_new(kinds, bt_traffic_name(k), json_integer((json_int_t)peak->kind[k]));
  }
  json_object_set_new(o, "peak_bytes", json_integer((json_int_t)peak->total));
  json_object_set_new(o, "peak_command",
                      json_string(bt_program_at(f->program, f->peak)->label.text));
  json_object_set_new(o, "peak_kinds", kinds);
  json_object_set_new(o, "fp32_peak_bytes",
                      json_integer((json_int_t)f->at[f->peak_fp32].fp32));
  json_object_set_new(o, "fp32_peak_command",
                      json_string(bt_program_at(f->program, f->peak_fp32)->label.text));
  json_object_set_new(o, "wide_peak_bytes",
                      json_integer((json_int_t)f->at[f->peak_wide].kind[BT_ROLE_WIDE]));
  json_object_set_new(o, "average_bytes",
                      json_integer((json_int_t)bt_live_averages(j->epoch.averaging)));
  return o;
}

/* The report with the footprint in it. */
static bt_status print_json(const job *j, const bt_cost_report *r, bt_error *error) {
  char *report = NULL;
  bt_status s = bt_report_json(r, &report, error);
  if (s != BT_OK) {
    return s;
  }
  json_t *root = json_loads(report, 0, NULL);
  if (root != NULL && j->footprint.commands > 0) {
    json_object_set_new(root, "footprint", footprint_json(j));
  }
  char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  free(report);
  if (text == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the report");
  }
  puts(text);
  free(text);
  return BT_OK;
}

static bt_status print(const job *j, bt_error *error) {
  bt_cost_report r = {.cost = &j->cost, .machine = &j->machine, .table = &j->table,
                      .train_images = j->images[0], .evaluation_images = j->images[1]};
  bt_status s = j->o->csv != NULL ? bt_report_csv_write(j->o->csv, &r, error) : BT_OK;
  if (s == BT_OK && j->o->json) {
    return print_json(j, &r, error);
  }
  if (s == BT_OK) {
    printf("one epoch of %s on %s\n", j->recipe.name, j->machine.name);
    s = bt_report_text(stdout, &r, error);
    print_footprint(j);
  }
  return s;
}

static bt_status compare(job *j, bt_error *error) {
  const bt_compare c = {.epoch = &j->epoch, .table = &j->table, .machines = j->o->compared,
                        .machine = j->o->compare, .json = j->o->json};
  bt_status s = open_epoch(j, error);
  return s == BT_OK ? bt_cost_compare(&c, error) : s;
}

static bt_status sweep(const job *j, bt_error *error) {
  const bt_cost_sweep w = {.text = j->o->sweep, .recipe = &j->recipe, .machine = &j->machine,
                           .table = &j->table, .images = {j->images[0], j->images[1]},
                           .run = j->o->run};
  return bt_cost_sweep_print(&w, error);
}

int bt_cli_cost(int argc, char **argv) {
  if (bt_cli_cost_is_scalesim(argc, argv)) {
    return bt_cli_cost_scalesim(argc, argv);
  }
  options o = {.energy = "horowitz-45nm"};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  job j = {.o = &o};
  bt_error error;
  bt_status s = load_files(&j, &error);
  if (s == BT_OK && o.compared > 0) {
    s = compare(&j, &error);
  } else if (s == BT_OK && o.sweep != NULL) {
    s = sweep(&j, &error);
  } else if (s == BT_OK) {
    s = count_epoch(&j, &error);
    s = s == BT_OK ? print(&j, &error) : s;
  }
  bt_footprint_free(&j.footprint);
  bt_epoch_close(&j.epoch);
  return bt_cli_fail("cost", s, &error);
}
