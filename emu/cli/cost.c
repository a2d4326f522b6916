/* bittrue cost: what one epoch of a recipe costs on a machine, from its programs alone. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cost_epoch.h"
#include "cost/report.h"
#include "io/find.h"
#include "num/error.h"

enum { KEY_MACHINE = 256, KEY_ENERGY, KEY_JSON, KEY_CSV, KEY_IMAGES, KEY_TEST_IMAGES, KEY_RUN };

typedef struct {
  const char *recipe, *machine, *energy, *csv, *run;
  bool json;
  bool counted[2];    /* the next two are given */
  uint64_t images[2]; /* of training and of evaluation */
} options;

static const struct argp_option known[] = {
    {"machine", KEY_MACHINE, "M", 0,
     "The machine: a name in models/machines or a path (systolic-16x16)", 0},
    {"energy", KEY_ENERGY, "TABLE", 0,
     "The energy table: a name in traces/energy or a path (horowitz-45nm)", 0},
    {"csv", KEY_CSV, "FILE", 0, "Write a row a phase to FILE as well", 0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON, energies in picojoules", 0},
    {"images", KEY_IMAGES, "N", 0, "Images in an epoch (those of the recipe's data set)", 0},
    {"test-images", KEY_TEST_IMAGES, "N", 0, "Images in the evaluation (the data set's)", 0},
    {"run", KEY_RUN, "DIR", 0, "Take the weights' shared exponents from this run's checkpoint", 0},
    {0}};

static void set_images(options *o, int which, const char *name, const char *text,
                       struct argp_state *state) {
  o->images[which] = bt_cli_count(state, name, text, 0, UINT32_MAX);
  o->counted[which] = true;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_ENERGY: o->energy = text; return 0;
    case KEY_CSV: o->csv = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    case KEY_RUN: o->run = text; return 0;
    case KEY_IMAGES: set_images(o, 0, "images", text, state); return 0;
    case KEY_TEST_IMAGES: set_images(o, 1, "test-images", text, state); return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const struct argp parser = {
    .options = known,
    .parser = parse_option,
    .args_doc = "RECIPE",
    .doc = "Counts what one epoch costs: training on every image, one snapshot of the average, one "
           "evaluation of the weights. Prints, for each phase, operations, cycles, bytes and "
           "energy, from the commands alone: nothing is trained, and for the "
           "known sets no data is read. Exponents that only a run knows count as equal, the "
           "weights' too unless --run has them; docs/cost.md states the model."
           "\v" BT_CLI_EXITS};

typedef struct {
  const options *o;
  bt_machine machine;
  bt_energy_table table;
  bt_recipe recipe;
  bt_epoch epoch;
  bt_cost cost;
} job;

static bt_status load_files(job *j, bt_error *error) {
  char path[1024];
  bt_status s = bt_find_file(BT_FIND_MACHINE, j->o->machine, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &j->machine, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_ENERGY, j->o->energy, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_energy_load(path, &j->table, error) : s;
  return s == BT_OK ? bt_recipe_load(j->o->recipe, &j->recipe, error) : s;
}

static bt_status count_epoch(job *j, bt_error *error) {
  uint64_t images[2] = {j->o->images[0], j->o->images[1]};
  bt_status s = bt_epoch_images(&j->recipe, j->o->counted, images, error);
  s = s == BT_OK ? bt_epoch_open(&j->epoch, &j->recipe, images, j->o->run, error) : s;
  return s == BT_OK ? bt_epoch_count(&j->epoch, &j->machine, &j->cost, error) : s;
}

static bt_status print(const job *j, bt_error *error) {
  bt_cost_report r = {&j->cost, &j->machine, &j->table, j->epoch.images[0],
                      j->epoch.images[1]};
  bt_status s = j->o->csv != NULL ? bt_report_csv_write(j->o->csv, &r, error) : BT_OK;
  if (s == BT_OK && j->o->json) {
    char *text = bt_report_json(&r);
    if (text == NULL) {
      return bt_fail(error, BT_FAILED, "no memory for the report");
    }
    puts(text);
    free(text);
  } else if (s == BT_OK) {
    printf("one epoch of %s on %s\n", j->recipe.name, j->machine.name);
    s = bt_report_text(stdout, &r, error);
  }
  return s;
}

int bt_cli_cost(int argc, char **argv) {
  options o = {.machine = "systolic-16x16", .energy = "horowitz-45nm"};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  job j = {.o = &o};
  bt_error error;
  bt_status s = load_files(&j, &error);
  s = s == BT_OK ? count_epoch(&j, &error) : s;
  s = s == BT_OK ? print(&j, &error) : s;
  bt_epoch_close(&j.epoch);
  return bt_cli_fail("cost", s, &error);
}
