/* bittrue cost: what one epoch of a recipe costs on a machine, from its programs alone. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cost_commands.h"
#include "cli/cost_options.h"
#include "cli/cost_print.h"
#include "cli/cost_scalesim.h"
#include "cli/cost_sweep.h"
#include "cost/accelergy.h"
#include "cost/activity_file.h"
#include "cost/energy_find.h"
#include "io/find.h"
#include "num/error.h"

typedef struct {
  bt_cost_options o;
  bt_machine machine;
  bt_energy_table table[BT_MAX_TABLES];
  const bt_energy_table *beside[BT_MAX_TABLES];
  bt_energy_options energy;
  bt_recipe recipe;
  uint64_t images[2];
  bt_epoch epoch;
  bt_cost cost, fp32;
  bt_footprint footprint; /* of a training step; no commands without training */
} job;

static bt_status load_tables(job *j, bt_error *error) {
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < j->o.tables; i++) {
    s = bt_energy_find(j->o.energy[i], j->o.dram, &j->table[i], error);
    j->beside[i] = &j->table[i];
  }
  return s;
}

/* A file has factors of registers: that of all registers and directions is taken for the array's
 * operations and its registers alike (activity 7). */
static bt_status load_activity(job *j, bt_error *error) {
  bt_activity_file f;
  if (j->o.activity == NULL) {
    return BT_OK;
  }
  if (strchr(j->o.activity, '=') != NULL) {
    return bt_energy_activity(j->o.activity, &j->energy, error);
  }
  bt_status s = bt_activity_file_load(j->o.activity, &f, error);
  if (s != BT_OK) {
    return s;
  }
  const bt_activity_factors *total = &f.row[BT_FACTOR_TOTAL];
  uint64_t ppm = total->ppm[BT_FACTOR_ALL];
  if (!total->known[BT_FACTOR_ALL] || ppm == 0 || ppm > UINT32_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "%s: total: expected a factor `all` of 1 to %u millionths",
                   j->o.activity, UINT32_MAX);
  }
  j->energy.activity[BT_PART_ARRAY] = j->energy.activity[BT_PART_REGISTERS] = (uint32_t)ppm;
  return BT_OK;
}

static bt_status load_files(job *j, bt_error *error) {
  char path[1024];
  if (bt_cli_cost_is_topology(j->o.recipe)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: a topology of SCALE-Sim: expected --model scalesim",
                   j->o.recipe);
  }
  const char *machine = j->o.machine != NULL ? j->o.machine : "systolic-16x16";
  bt_status s = bt_find_file(BT_FIND_MACHINE, machine, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &j->machine, error) : s;
  s = s == BT_OK ? load_tables(j, error) : s;
  s = s == BT_OK ? load_activity(j, error) : s;
  s = s == BT_OK ? bt_recipe_load(j->o.recipe, &j->recipe, error) : s;
  j->images[0] = j->o.images[0];
  j->images[1] = j->o.images[1];
  return s == BT_OK ? bt_epoch_images(&j->recipe, j->o.counted, j->images, error) : s;
}

static bt_status open_epoch(job *j, bt_error *error) {
  return bt_epoch_open(&j->epoch, &j->recipe, j->images, j->o.run, error);
}

static bt_status count_epoch(job *j, bt_error *error) {
  bt_status s = open_epoch(j, error);
  j->cost.fp32 = j->o.fp32;
  j->fp32.fp32 = true;
  s = s == BT_OK ? bt_epoch_count(&j->epoch, &j->machine, &j->cost, error) : s;
  if (s == BT_OK && !j->o.fp32) {
    s = bt_epoch_count(&j->epoch, &j->machine, &j->fp32, error);
  }
  return s == BT_OK && j->epoch.step != NULL
             ? bt_footprint_new(j->epoch.step, &j->footprint, error)
             : s;
}

/* Files of a training step want one. */
static bt_status write_step(const job *j, bt_error *error) {
  const bt_cost_options *o = &j->o;
  const char *wants = o->footprint != NULL ? "--footprint" : o->commands != NULL ? "--commands"
                                                                               : NULL;
  if (wants != NULL && j->epoch.step == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no training step, expected --images above 0", wants);
  }
  bt_status s = o->footprint == NULL
                    ? BT_OK
                    : bt_footprint_write(o->footprint, &j->footprint, error);
  return s == BT_OK && o->commands != NULL
             ? bt_cost_commands_write(o->commands, j->epoch.step, &j->machine, o->fp32, error)
             : s;
}

static bt_status write_ledger(const job *j, bt_error *error) {
  bt_ledger *ledger = malloc(sizeof *ledger);
  if (ledger == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the ledger");
  }
  bt_status s =
      bt_ledger_make(&j->cost, &j->machine, &j->table[0], &j->energy, ledger, error);
  s = s == BT_OK ? bt_ledger_csv_write(j->o.ledger, ledger, error) : s;
  free(ledger);
  return s;
}

static bt_status write_files(const job *j, const bt_cost_report *r, bt_error *error) {
  const bt_cost_options *o = &j->o;
  bt_status s = write_step(j, error);
  s = s == BT_OK && o->csv != NULL ? bt_report_csv_write(o->csv, r, error) : s;
  s = s == BT_OK && o->ledger != NULL ? write_ledger(j, error) : s;
  return s == BT_OK && o->action_counts != NULL
             ? bt_accelergy_counts_write(o->action_counts, &j->cost, &j->machine, error)
             : s;
}

static bt_status report(job *j, bt_error *error) {
  bt_status s = count_epoch(j, error);
  bt_cost_result result = {
      .report = {.cost = &j->cost, .machine = &j->machine, .table = &j->table[0],
                 .train_images = j->images[0], .evaluation_images = j->images[1],
                 .options = &j->energy, .beside = &j->beside[1], .tables_beside = j->o.tables - 1},
      .epoch = &j->epoch, .footprint = &j->footprint, .fp32 = j->o.fp32 ? NULL : &j->fp32};
  s = s == BT_OK ? write_files(j, &result.report, error) : s;
  if (s != BT_OK) {
    return s;
  }
  return j->o.json ? bt_cost_print_json(&result, error) : bt_cost_print_text(&result, error);
}

static bt_status compare(job *j, bt_error *error) {
  const bt_compare c = {.epoch = &j->epoch, .table = &j->table[0], .machines = j->o.compared,
                        .machine = j->o.compare, .json = j->o.json, .fp32 = j->o.fp32};
  bt_status s = open_epoch(j, error);
  return s == BT_OK ? bt_cost_compare(&c, error) : s;
}

static bt_status sweep(const job *j, bt_error *error) {
  const bt_cost_sweep w = {.text = j->o.sweep, .recipe = &j->recipe, .machine = &j->machine,
                           .table = &j->table[0], .images = {j->images[0], j->images[1]},
                           .run = j->o.run, .fp32 = j->o.fp32};
  return bt_cost_sweep_print(&w, error);
}

static bt_status run(job *j, bt_error *error) {
  bt_status s = load_files(j, error);
  if (s != BT_OK) {
    return s;
  }
  if (j->o.compared > 0) {
    return compare(j, error);
  }
  return j->o.sweep != NULL ? sweep(j, error) : report(j, error);
}

int bt_cli_cost(int argc, char **argv) {
  if (bt_cli_cost_is_scalesim(argc, argv)) {
    return bt_cli_cost_scalesim(argc, argv);
  }
  bt_error error;
  job *j = calloc(1, sizeof *j);
  if (j == NULL) {
    return bt_cli_fail("cost", bt_fail(&error, BT_FAILED, "no memory"), &error);
  }
  bt_cost_options_read(&j->o, argc, argv);
  bt_status s = run(j, &error);
  bt_footprint_free(&j->footprint);
  bt_epoch_close(&j->epoch);
  free(j);
  return bt_cli_fail("cost", s, &error);
}
