/* bittrue cost: what one epoch of a recipe costs on a machine, from its programs alone. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cost/report.h"
#include "cost/watch.h"
#include "io/find.h"
#include "net/statistics.h"
#include "num/error.h"
#include "train/train.h"

enum { KEY_MACHINE = 256, KEY_ENERGY, KEY_JSON, KEY_CSV, KEY_IMAGES, KEY_TEST_IMAGES };

typedef struct {
  const char *recipe, *machine, *energy, *csv;
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
           "energy, from the commands alone: nothing is trained. Exponents that only a run knows "
           "count as equal, the weights' are the initial ones; docs/cost.md states the model."
           "\v" BT_CLI_EXITS};

typedef struct {
  const options *o;
  bt_machine machine;
  bt_energy_table table;
  bt_recipe recipe;
  bt_model *model;
  bt_statistics *statistics; /* of batch norms; NULL without any */
  bt_cost cost;
  uint64_t images[2];
} job;

static bt_status load_files(job *j, bt_error *error) {
  char path[1024];
  bt_status s = bt_find_file(BT_FIND_MACHINE, j->o->machine, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &j->machine, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_ENERGY, j->o->energy, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_energy_load(path, &j->table, error) : s;
  return s == BT_OK ? bt_recipe_load(j->o->recipe, &j->recipe, error) : s;
}

/* From the options; the data set is only read where they leave a number open. */
static bt_status count_images(job *j, bt_error *error) {
  memcpy(j->images, j->o->images, sizeof j->images);
  if (j->o->counted[0] && j->o->counted[1]) {
    return BT_OK;
  }
  bt_dataset set;
  bt_status s = bt_dataset_load(j->recipe.dataset, j->recipe.directory, &set, error);
  if (s != BT_OK) {
    return s;
  }
  j->images[0] = j->o->counted[0] ? j->images[0] : set.train.count;
  j->images[1] = j->o->counted[1] ? j->images[1] : set.test.count;
  bt_dataset_free(&set);
  return BT_OK;
}

static bt_status lower(const job *j, bt_phase phase, size_t n, bt_loss *loss, bt_step *step,
                       bt_error *error) {
  bt_lowering how = bt_recipe_lowering(&j->recipe, j->recipe.lr);
  bt_evaluated of = {&j->recipe.net, j->model->w, j->statistics};
  switch (phase) {
    case BT_PHASE_EVALUATION:
      return bt_lower_evaluation(&how, &of, n, loss, step, error);
    case BT_PHASE_STATISTICS:
      return bt_lower_statistics(&how, &of, n, step, error);
    default:
      return bt_lower_training(&how, j->model, n, loss, step, error);
  }
}

/* Adds `times` runs of a batch of n: a training step (phase forward stands for all of it), a part
 * of an evaluation, or of the pass for statistics before it. */
static bt_status add_batches(job *j, bt_phase phase, size_t n, uint64_t times, bt_error *error) {
  if (n == 0 || times == 0) {
    return BT_OK;
  }
  bt_loss loss = {0};
  bt_step step;
  bt_cost one = {.plan = true};
  bt_status s = lower(j, phase, n, &loss, &step, error);
  if (s != BT_OK) {
    return s;
  }
  s = bt_cost_program(&one, &j->machine, step.program, NULL, error);
  bt_step_free(&step);
  return s == BT_OK ? bt_cost_scale(&j->cost, &one, times, error) : s;
}

/* All images in batches of the recipe's size, the short last one of its own (numerics 17). */
static bt_status add_images(job *j, bt_phase phase, uint64_t images, bt_error *error) {
  size_t batch = j->recipe.batch;
  bt_status s = add_batches(j, phase, batch, images / batch, error);
  return s == BT_OK ? add_batches(j, phase, (size_t)(images % batch), 1, error) : s;
}

static bt_status add_averaging(job *j, bt_error *error) {
  bt_program *program = NULL;
  bt_status s = bt_lower_averaging(j->model, &program, error);
  if (s == BT_OK) {
    s = bt_cost_program(&j->cost, &j->machine, program, NULL, error);
    bt_program_free(program);
  }
  return s;
}

static bt_status count_epoch(job *j, bt_error *error) {
  bt_status s = bt_model_new(&j->recipe.net, j->recipe.w, j->recipe.m, j->recipe.seed, &j->model,
                             error);
  s = s == BT_OK ? bt_net_statistics_new(&j->recipe.net, &j->statistics, error) : s;
  s = s == BT_OK ? add_images(j, BT_PHASE_FORWARD, j->images[0], error) : s;
  s = s == BT_OK && j->images[0] > 0 ? add_averaging(j, error) : s;
  if (s == BT_OK && j->statistics != NULL && j->images[1] > 0) {
    s = add_images(j, BT_PHASE_STATISTICS, j->images[0], error);
  }
  s = s == BT_OK ? add_images(j, BT_PHASE_EVALUATION, j->images[1], error) : s;
  bt_net_statistics_free(&j->recipe.net, j->statistics);
  bt_model_free(j->model);
  return s;
}

static bt_status print(const job *j, bt_error *error) {
  bt_cost_report r = {&j->cost, &j->machine, &j->table, j->images[0], j->images[1]};
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
  s = s == BT_OK ? count_images(&j, &error) : s;
  s = s == BT_OK ? count_epoch(&j, &error) : s;
  s = s == BT_OK ? print(&j, &error) : s;
  return bt_cli_fail("cost", s, &error);
}
