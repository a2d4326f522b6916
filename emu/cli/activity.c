/* bittrue activity: toggles of the array's registers on a training step's own operands. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/activity_report.h"
#include "cli/activity_step.h"
#include "cli/cli.h"
#include "cost/activity_tiles.h"
#include "engine/lockstep.h"
#include "num/error.h"
#ifdef BITTRUE_HAVE_RTL
#include "rtl_engine.h"
#endif

enum { KEY_AT = 256, KEY_TILES, KEY_MACHINE, KEY_ENGINE, KEY_THREADS, KEY_SEED, KEY_OUT, KEY_JSON };

typedef struct {
  bt_chosen_step chosen;
  const char *engine, *out;
  uint64_t tiles, seed;
  bool json;
} options;

static const struct argp_option known[] = {
    {"at", KEY_AT, "STEP", 0,
     "Of a RUN: first, middle or last, its captured steps; default the latest there is. Of a "
     "RECIPE: EPOCH:STEP (epoch from 1, step from 0), trained up to there; default 1:0",
     0},
    {"tiles", KEY_TILES, "N", 0,
     "Count N tiles of each contraction, evenly spread, the last partial ones among them; default "
     "8, 0 for all",
     0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine of a RECIPE; default systolic-16x16. A RUN has its own",
     0},
    {"engine", KEY_ENGINE, "ENGINE", 0,
     "What runs the step: fast (default), ref; or rtl: fast, and the same tiles on the Verilated "
     "array, whose toggles are counted and compared",
     0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast, 1 to 256; default one for each "
     "processor", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of the random operands; default 1", 0},
    {"out", KEY_OUT, "FILE", 0, "Write the factors to FILE (docs/activity.md)", 0},
    {"json", KEY_JSON, NULL, 0, "Print the counts as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_AT: o->chosen.at = text; return 0;
    case KEY_TILES: o->tiles = bt_cli_count(state, "tiles", text, 0, UINT32_MAX); return 0;
    case KEY_MACHINE: o->chosen.machine = text; return 0;
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_THREADS: o->chosen.threads = bt_cli_threads(state, text); return 0;
    case KEY_SEED: o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX); return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->chosen.source, "recipe or run");
  }
}

static const char doc[] =
    "Counts the bits that change in the registers of the output-stationary array while it runs the "
    "contractions of a training step, on sampled tiles of the step's own operands, and on uniform "
    "random operands of the same shapes. The factor is the one over the other. RUN is the "
    "directory of a `bittrue train` run. docs/activity.md names the registers.\v" BT_CLI_EXITS
    " A difference between model and Verilated array is a failed check.";

typedef struct {
  const options *o;
  bt_opened_step opened;
  bt_engine *rtl; /* NULL without */
  bt_activity_report report;
} job;

static bt_status make_rtl(job *j, bt_error *error) {
#ifdef BITTRUE_HAVE_RTL
  bt_rtl_options rtl = bt_rtl_options_default();
  rtl.watch = true;
  rtl.max_tiles = j->o->tiles;
  j->rtl = bt_rtl_engine(&j->opened.session.machine, &rtl, error);
  j->report.rtl = true;
  return j->rtl != NULL ? BT_OK : BT_BAD_INPUT;
#else
  (void)j;
  return bt_fail(error, BT_BAD_INPUT,
                 "engine rtl: this build has none; configure with BITTRUE_RTL=ON");
#endif
}

#ifdef BITTRUE_HAVE_RTL
/* What the array toggled in its last contraction, against the model. */
static bt_status compare(job *j, const bt_activity_row *row) {
  bt_activity_report *r = &j->report;
  bt_rtl_toggles t = bt_rtl_last(j->rtl).toggles;
  const uint64_t counted[BT_REG_CLASSES] = {t.a, t.b, t.acc, t.skew_a, t.skew_b};
  for (int k = 0; k < BT_REG_CLASSES; k++) {
    if (counted[k] != row->real.toggles[k]) {
      snprintf(r->difference, sizeof r->difference,
               "MISMATCH between the Verilated array and the model\n  contraction %s\n"
               "  register    %s\n  toggles     %llu\n  model       %llu\n",
               row->name, bt_register_name((bt_register)k), (unsigned long long)counted[k],
               (unsigned long long)row->real.toggles[k]);
      return BT_MISMATCH;
    }
  }
  r->compared++;
  return BT_OK;
}

/* The contraction on the engine and, on outputs of its own, on the array. */
static bt_status run_both(job *j, const bt_command *c, const bt_activity_row *row,
                          bt_error *error) {
  bt_lockstep l = {.first = j->opened.engine, .second = j->rtl, .covered = bt_rtl_covered_element};
  bt_status s = bt_lockstep_command(&l, c, &j->opened.state.rng, error);
  if (s == BT_MISMATCH) {
    snprintf(j->report.difference, sizeof j->report.difference, "%s", l.difference.text);
  }
  return s == BT_OK && j->rtl->covers(j->rtl, c) ? compare(j, row) : s;
}
#else
static bt_status run_both(job *j, const bt_command *c, const bt_activity_row *row,
                          bt_error *error) {
  (void)j;
  (void)row;
  return bt_fail(error, BT_FAILED, "%s: no array in this build", c->label.text);
}
#endif

static bt_status run_command(job *j, const bt_command *c, bt_error *error) {
  bt_opened_step *o = &j->opened;
  return o->engine->run(o->engine, c, &o->state.rng, &o->state.counts, error);
}

static bt_status count(job *j, const bt_command *c, bt_error *error) {
  bt_activity_row *row = &j->report.row[j->report.rows];
  bt_activity_options real = {.tiles = j->o->tiles};
  bt_activity_options random = {j->o->tiles, true, j->o->seed};
  const bt_machine *machine = &j->opened.session.machine;
  *row = (bt_activity_row){.direction = c->u.contract.direction};
  snprintf(row->name, sizeof row->name, "%s", c->label.text);
  bt_status s = bt_activity_contract(machine, c, &real, &row->real, error);
  s = s == BT_OK ? bt_activity_contract(machine, c, &random, &row->random, error) : s;
  j->report.rows += s == BT_OK;
  if (s != BT_OK || j->rtl == NULL) {
    return s == BT_OK ? run_command(j, c, error) : s;
  }
  return run_both(j, c, row, error);
}

static bt_status run_step(job *j, bt_error *error) {
  const bt_program *p = j->opened.step.program;
  const bt_machine *machine = &j->opened.session.machine;
  bt_status s = BT_OK;
  j->report.row = calloc(bt_program_size(p) + 1, sizeof *j->report.row);
  if (j->report.row == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the report");
  }
  for (size_t i = 0; s == BT_OK && i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    bool counted = bt_activity_covers(machine, c);
    j->report.left_out += c->op == BT_OP_CONTRACT && !counted;
    s = counted ? count(j, c, error) : run_command(j, c, error);
  }
  if (s == BT_OK && j->report.rows == 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "machine %s: none of the step's %zu contractions is covered: expected dataflow "
                   "os, int8 operands in blocks tensor, dim0 or sample, and an accumulator without "
                   "shift and chunks", machine->name, j->report.left_out);
  }
  return s;
}

static void describe(job *j) {
  const bt_state *state = &j->opened.state;
  bt_activity_report *r = &j->report;
  r->recipe = j->opened.session.recipe.name;
  r->machine = j->opened.session.machine.name;
  r->epoch = state->epoch;
  r->step = state->step;
  r->tiles = j->o->tiles;
  r->seed = j->o->seed;
  snprintf(r->source, sizeof r->source, "%.500s, epoch %llu step %llu", j->o->chosen.source,
           (unsigned long long)state->epoch, (unsigned long long)state->step);
}

static int finish(const job *j, bt_status s, bt_error *error) {
  bool failed = s == BT_MISMATCH || (j->report.rtl && j->report.compared == 0);
  if (s != BT_OK && s != BT_MISMATCH) {
    return bt_cli_fail("activity", s, error);
  }
  if (!failed && j->o->out != NULL) {
    s = bt_activity_report_write(&j->report, j->o->out, error);
    if (s != BT_OK) {
      return bt_cli_fail("activity", s, error);
    }
  }
  if (j->o->json) {
    bt_activity_print_json(&j->report);
  } else {
    bt_activity_print(&j->report);
  }
  return failed ? 1 : 0;
}

int bt_cli_activity(int argc, char **argv) {
  options o = {.chosen = {.machine = "systolic-16x16"}, .engine = "fast", .tiles = 8, .seed = 1};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE|RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bool rtl = strcmp(o.engine, "rtl") == 0;
  o.chosen.engine = rtl ? "fast" : o.engine;
  bt_status s = bt_step_open(&o.chosen, &j.opened, &error);
  s = s == BT_OK && rtl ? make_rtl(&j, &error) : s;
  if (s == BT_OK) {
    describe(&j);
    s = run_step(&j, &error);
  }
  int status = finish(&j, s, &error);
  if (j.rtl != NULL) {
    j.rtl->destroy(j.rtl);
  }
  free(j.report.row);
  bt_step_close(&j.opened);
  return status;
}
