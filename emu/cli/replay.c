/* bittrue replay: runs the one command of a replay file on two engines again. */
#include <argp.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/cosim_report.h"
#include "cli/engine_spec.h"
#include "cli/engines.h"
#include "cli/replay.h"
#include "cli/replay_waves.h"
#include "engine/replay.h"
#include "num/error.h"

enum { KEY_ENGINES = 256, KEY_THREADS, KEY_FAULT, KEY_WAVES, KEY_WINDOW, KEY_UNITS, KEY_JSON };

typedef bt_replay_options options;

static const struct argp_option known[] = {
    {"engines", KEY_ENGINES, "A,B", 0, "The engines; default ref,rtl", 0},
    {"threads", KEY_THREADS, "N", 0, BT_ENGINE_THREADS, 0},
    {"fault", KEY_FAULT, "BIT", 0, "rtl: break this bit of one accumulator", 0},
    {"waves", KEY_WAVES, "FILE", 0,
     "rtl, traced builds: write waves (VCD), around the first difference if there is one", 0},
    {"window", KEY_WINDOW, "N", 0,
     "Waves of N cycles before and after the one in which the first wrong element is written; "
     "default 500, 0 for the whole command",
     0},
    {"units", KEY_UNITS, NULL, 0,
     "rtl: the array and the quantizer alone, whose waves show all; --fault implies it",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the counts as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ENGINES: o->engines = text; return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_FAULT: o->fault = (int)bt_cli_count(state, "fault", text, 0, 31); return 0;
    case KEY_WAVES: o->waves = text; return 0;
    case KEY_WINDOW: o->window = bt_cli_count(state, "window", text, 0, UINT32_MAX); return 0;
    case KEY_UNITS: o->units = true; return 0;
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->file, "replay file");
  }
}

static const char doc[] =
    "Runs the command that a mismatch left in a replay file, with its operands and its generator, "
    "on two engines, and compares the results.\v" BT_CLI_EXITS;

/* A broken bit is of the array alone. */
static bool whole_machine(const options *o) { return !o->units && o->fault < 0; }

static bt_status make_engines(const options *o, const bt_machine *machine, bt_engine *engine[2],
                              bt_error *error) {
  char name[2][BT_ENGINE_SPEC_SIZE];
  bool whole = whole_machine(o);
  bt_engine_options with = {o->fault, 0, whole ? NULL : o->waves, o->threads, whole};
  bt_status s = bt_engine_pair(o->engines, name, error);
  for (int i = 0; s == BT_OK && i < 2; i++) {
    s = bt_engine_make(name[i], machine, &with, &engine[i], error);
  }
  return s;
}

/* A program of the one command: its tensors stay the replay's. */
static bt_status run(bt_replay *r, bt_engine *engine[2], bt_cosim_report *report,
                     bt_error *error) {
  bt_program *p = bt_program_new();
  if (p == NULL || bt_program_add(p, &r->command, "%s", r->label) == NULL) {
    bt_program_free(p);
    return bt_fail(error, BT_FAILED, "out of memory");
  }
  bt_lockstep l = {.first = engine[0], .second = engine[1]};
  report->steps = 1;
  bt_status s = bt_cosim_run(report, &l, p, &r->machine, &r->rng, error);
  bt_program_free(p);
  return s;
}

/* The whole machine's waves, when it is known what they are to show. */
static bt_status add_waves(const options *o, bt_replay *r, const bt_lfsr *before,
                           const bt_difference *difference, bt_error *error) {
  char line[256];
  if (o->waves == NULL || !whole_machine(o)) {
    return BT_OK;
  }
  bt_status s = bt_replay_waves(r, before, difference, o->waves, o->window, line, error);
  if (s == BT_OK && !o->json) {
    printf("  waves           %s\n", line);
  }
  return s;
}

int bt_replay_again(const bt_replay_options *o) {
  bt_error error = {""};
  bt_replay r;
  bt_engine *engine[2] = {NULL, NULL};
  bt_cosim_report report = {.verbose = false, .whole = whole_machine(o)};
  bt_status s = bt_replay_read(o->file, &r, &error);
  s = s == BT_OK ? make_engines(o, &r.machine, engine, &error) : s;
  bt_lfsr before = r.rng;
  s = s == BT_OK ? run(&r, engine, &report, &error) : s;
  int status = s == BT_OK || s == BT_MISMATCH ? bt_cosim_print(&report, o->engines, NULL, o->json)
                                              : bt_cli_fail("replay", s, &error);
  if ((s == BT_OK || s == BT_MISMATCH) &&
      (s = add_waves(o, &r, &before, &report.difference, &error)) != BT_OK) {
    status = bt_cli_fail("replay", s, &error);
  }
  for (int i = 0; i < 2; i++) {
    if (engine[i] != NULL) {
      engine[i]->destroy(engine[i]);
    }
  }
  bt_replay_free(&r);
  return status;
}

int bt_cli_replay(int argc, char **argv) {
  options o = BT_REPLAY_DEFAULTS;
  const struct argp parser = {known, parse_option, "FILE", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  return bt_replay_again(&o);
}
