/* bittrue cosim: two engines in lockstep on the operands of a real run. */
#include <argp.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/cosim_report.h"
#include "cli/engine_spec.h"
#include "cli/engines.h"
#include "cli/kinds.h"
#include "cli/replay.h"
#include "cli/session.h"
#include "engine/replay.h"
#include "num/error.h"
#include "train/run_files.h"
#include "train/train.h"

enum { KEY_ENGINES = 256, KEY_THREADS, KEY_MACHINE, KEY_STEPS, KEY_AT, KEY_TILES, KEY_FAULT,
       KEY_SEED, KEY_BATCH, KEY_REPLAY, KEY_WAVES, KEY_UNITS, KEY_COMMANDS, KEY_COVERAGE,
       KEY_PROMISE, KEY_JSON, KEY_VERBOSE };

typedef struct {
  const char *source, *engines, *machine, *replay, *waves, *commands, *promised;
  uint64_t steps, epoch, step, tiles, seed;
  int fault;
  size_t batch; /* 0: the recipe's */
  int of_run;   /* the key of an option that only a RECIPE or RUN can have, 0 for none */
  unsigned threads;
  bool at_given, seed_given, units, coverage, json, verbose;
} options;

static const struct argp_option known[] = {
    {"engines", KEY_ENGINES, "A,B", 0,
     "The engines; A's results stand. Default ref,rtl. OP=FILE parts belong to the engine before "
     "them: ref,fast,quantize=./user.so",
     0},
    {"threads", KEY_THREADS, "N", 0, BT_ENGINE_THREADS, 0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine of a RECIPE; default systolic-16x16. A RUN has its own",
     0},
    {"steps", KEY_STEPS, "N", 0, "RECIPE: run N steps in lockstep; default 1", 0},
    {"at", KEY_AT, "EPOCH:STEP", 0,
     "RECIPE: begin at this step (epoch from 1, step from 0), trained up to there on A alone; "
     "default 1:0",
     0},
    {"tiles", KEY_TILES, "N", 0,
     "rtl: run N tiles of each contraction, evenly spread, the last partial ones among them; "
     "default 0, all",
     0},
    {"fault", KEY_FAULT, "BIT", 0,
     "rtl: break this bit of one accumulator, to see the mismatch found",
     0},
    {"seed", KEY_SEED, "S", 0, "RECIPE: seed instead of the recipe's", 0},
    {"batch", KEY_BATCH, "N", 0, "RECIPE: batches of N images instead of the recipe's", 0},
    {"replay", KEY_REPLAY, "FILE", 0,
     "Where a mismatch leaves the command that differed; default mismatch.replay. Without a RECIPE "
     "or RUN: run the command of this file again, as `bittrue replay` does",
     0},
    {"waves", KEY_WAVES, "FILE", 0, "rtl, traced builds: write waves", 0},
    {"units", KEY_UNITS, NULL, 0,
     "rtl: the array and the quantizer alone, their operands ordered in C: contractions and "
     "quantizations, several times as fast. --tiles, --fault and --waves imply it",
     0},
    {"commands", KEY_COMMANDS, "LIST", 0,
     "Compare these kinds of commands only: contract (or conv), quantize, affine, ...", 0},
    {"coverage", KEY_COVERAGE, NULL, 0, "Print which of the contract's cases the commands met", 0},
    {"promise", KEY_PROMISE, "LIST", 0,
     "Bins of that table (contract.groups), or groups of them (quantize), that must not be empty; "
     "all for every one. Else the check fails",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the counts as JSON", 0},
    {"verbose", KEY_VERBOSE, NULL, 0, "A line for each compared command", 0},
    {0}};

static bool parse_at(const char *text, options *o) {
  char *end;
  o->epoch = strtoull(text, &end, 10);
  if (end == text || *end != ':' || o->epoch == 0) {
    return false;
  }
  const char *second = end + 1;
  o->step = strtoull(second, &end, 10);
  o->at_given = true;
  return end != second && *end == '\0';
}

static bool is_of_run(int key) {
  static const int keys[] = {KEY_MACHINE, KEY_STEPS, KEY_AT, KEY_TILES, KEY_SEED, KEY_BATCH,
                             KEY_COMMANDS, KEY_COVERAGE, KEY_PROMISE, KEY_VERBOSE};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (key == keys[i]) {
      return true;
    }
  }
  return false;
}

/* A replay file has one command, its operands and its machine. */
static void refuse_of_run(struct argp_state *state, const options *o) {
  for (const struct argp_option *k = known; o->of_run != 0 && k->name != NULL; k++) {
    if (k->key == o->of_run) {
      argp_failure(state, 2, 0, "--%s: expected a recipe or run with it, not a replay file alone",
                   k->name);
    }
  }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  o->of_run = is_of_run(key) ? key : o->of_run;
  switch (key) {
    case KEY_ENGINES: o->engines = text; return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_STEPS: o->steps = bt_cli_count(state, "steps", text, 1, UINT32_MAX); return 0;
    case KEY_AT:
      if (!parse_at(text, o)) {
        argp_failure(state, 2, 0, "--at '%s': expected EPOCH:STEP, such as 2:0", text);
      }
      return 0;
    case KEY_TILES: o->tiles = bt_cli_count(state, "tiles", text, 0, UINT32_MAX); return 0;
    case KEY_FAULT: o->fault = (int)bt_cli_count(state, "fault", text, 0, 31); return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->seed_given = true;
      return 0;
    case KEY_BATCH: o->batch = bt_cli_count(state, "batch", text, 1, INT32_MAX); return 0;
    case KEY_REPLAY: o->replay = text; return 0;
    case KEY_WAVES: o->waves = text; return 0;
    case KEY_UNITS: o->units = true; return 0;
    case KEY_COMMANDS: o->commands = text; return 0;
    case KEY_COVERAGE: o->coverage = true; return 0;
    case KEY_PROMISE:
      o->promised = text;
      o->coverage = true;
      return 0;
    case KEY_JSON: o->json = true; return 0;
    case KEY_VERBOSE: o->verbose = true; return 0;
    case ARGP_KEY_END:
      if (o->source == NULL && o->replay != NULL) {
        refuse_of_run(state, o);
        return 0;
      }
      return bt_cli_one_argument(key, text, state, &o->source, "recipe or run");
    default: return bt_cli_one_argument(key, text, state, &o->source, "recipe or run");
  }
}

static const char doc[] =
    "Runs training steps on two engines side by side and compares every result of every command "
    "that both execute, in every bit; with rtl, the Verilog's cycle counters against the cost "
    "model too. RUN is the directory of a `bittrue train` run: its first, middle and last step are "
    "taken from the captures it keeps. RECIPE is trained up to --at first. Stops at the first "
    "difference with a report and a replay file.\v" BT_CLI_EXITS
    " Nothing compared counts as a failed check.";

typedef struct {
  const options *o;
  bt_session session;
  bt_state state;
  bt_engine *first, *second;
  bt_shuffled shuffled;
  bt_cosim_report report;
  bt_coverage coverage;
  uint32_t ops; /* of --commands */
  char replay_options[32];
} job;

static const char *keep_replay(void *context, const bt_command *c, const bt_lfsr *before) {
  job *j = context;
  bt_error error;
  if (bt_replay_write(j->o->replay, c, &j->session.machine, before, &error) != BT_OK) {
    fprintf(stderr, "bittrue cosim: no replay file: %s\n", error.text);
    return NULL;
  }
  return j->o->replay;
}

static bt_status make_engines(job *j, bt_error *error) {
  char pair[2][BT_ENGINE_SPEC_SIZE];
  bt_engine_options plain = {.fault_bit = -1, .threads = j->o->threads};
  bool whole = !j->o->units && j->o->fault < 0 && j->o->tiles == 0 && j->o->waves == NULL;
  bt_engine_options o = {j->o->fault, j->o->tiles, j->o->waves, j->o->threads, whole};
  bt_status s = bt_engine_pair(j->o->engines, pair, error);
  s = s == BT_OK ? bt_engine_make(pair[0], &j->session.machine, &plain, &j->first, error) : s;
  s = s == BT_OK ? bt_engine_make(pair[1], &j->session.machine, &o, &j->second, error) : s;
  j->report.whole = whole;
  if (o.fault_bit >= 0) {
    snprintf(j->replay_options, sizeof j->replay_options, " --fault %d", o.fault_bit);
  } else if (!whole && strcmp(pair[1], "rtl") == 0) {
    snprintf(j->replay_options, sizeof j->replay_options, " --units");
  }
  if (s == BT_OK && bt_engine_is_rtl(j->first)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "--engines '%s': rtl does not cover every command, expected it second",
                   j->o->engines);
  }
  return s;
}

/* One training step of the state in lockstep. */
static bt_status run_step(job *j, bt_error *error) {
  const bt_recipe *recipe = &j->session.recipe;
  bt_state *state = &j->state;
  bt_rational rate;
  bt_step step;
  size_t n = bt_step_samples(recipe, &j->session.data, state->step);
  bt_status s = bt_recipe_rate(recipe, state->epoch, &rate, error);
  if (s != BT_OK) {
    return s;
  }
  bt_lowering how = bt_recipe_lowering(recipe, rate);
  s = bt_lower_training(&how, state->model, n, &state->loss, &step, error);
  if (s != BT_OK) {
    return s;
  }
  bt_batch_source source = bt_shuffled_source(&j->shuffled);
  s = source.fill(source.context, state->epoch, state->step, step.pixels->data, step.labels->data,
                  error);
  if (s != BT_OK) {
    bt_step_free(&step);
    return s;
  }
  bt_step_place(&step, state->epoch, state->step, state->steps);
  bt_cosim_begin(&j->report, state->epoch, state->step, state->steps);
  bt_lockstep l = {.first = j->first, .second = j->second, .ops = j->ops, .keep = keep_replay,
                   .context = j, .replay_options = j->replay_options};
  s = bt_cosim_run(&j->report, &l, step.program, &j->session.machine, &state->rng, error);
  bt_step_free(&step);
  state->step++;
  state->steps++;
  return s;
}

static bt_status run_captures(job *j, bt_error *error) {
  uint64_t steps[3], total;
  char path[4096];
  size_t found = 0;
  bt_status s = BT_OK;
  struct stat file;
  total = bt_epoch_steps(&j->session.recipe, &j->session.data) * j->session.recipe.epochs;
  bt_capture_steps(total, steps);
  for (int i = 0; s == BT_OK && i < 3; i++) {
    bt_capture_path(j->o->source, steps[i], path, sizeof path);
    if ((i > 0 && steps[i] == steps[i - 1]) || stat(path, &file) != 0) {
      continue; /* a run that was stopped early has not captured its later steps */
    }
    found++;
    s = bt_state_load(&j->state, path, error);
    s = s == BT_OK ? run_step(j, error) : s;
  }
  if (s == BT_OK && found == 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no captured steps, expected capture-*.bt of a run",
                   j->o->source);
  }
  return s;
}

static bt_status run_recipe(job *j, bt_error *error) {
  size_t per_epoch = bt_epoch_steps(&j->session.recipe, &j->session.data);
  uint64_t start = (j->o->epoch - 1) * per_epoch + j->o->step;
  if (j->o->epoch > j->session.recipe.epochs || j->o->step >= per_epoch) {
    return bt_fail(error, BT_BAD_INPUT, "--at %" PRIu64 ":%" PRIu64 ": expected an epoch up to %zu "
                   "and a step below %zu", j->o->epoch, j->o->step, j->session.recipe.epochs,
                   per_epoch);
  }
  bt_train_options t = {.engine = j->first, .data = &j->session.data, .steps = start};
  bt_status s = start == 0 ? BT_OK : bt_train(&j->state, &t, error);
  for (uint64_t i = 0; s == BT_OK && i < j->o->steps; i++) {
    if (j->state.step == per_epoch) {
      j->state.step = 0;
      j->state.epoch++;
    }
    if (j->state.epoch > j->session.recipe.epochs) {
      break;
    }
    s = run_step(j, error);
  }
  return s;
}

/* --batch in place of the recipe's. */
static bt_status set_batch(job *j, bool is_run, bt_error *error) {
  size_t images = j->session.data.train.count;
  if (j->o->batch == 0) {
    return BT_OK;
  }
  if (is_run) {
    return bt_fail(error, BT_BAD_INPUT, "--batch: expected a recipe, %s is a run with captures of "
                   "its own batches", j->o->source);
  }
  if (j->o->batch > images) {
    return bt_fail(error, BT_BAD_INPUT, "--batch %zu: expected at most the %zu training images",
                   j->o->batch, images);
  }
  j->session.recipe.batch = j->o->batch;
  return BT_OK;
}

static bt_status open_job(job *j, bool is_run, bt_error *error) {
  const options *o = j->o;
  bt_run_origin origin = {.seed = o->seed};
  const char *recipe = o->source, *machine = o->machine;
  const uint64_t *seed = o->seed_given ? &o->seed : NULL;
  bt_status s = o->commands != NULL ? bt_cli_kinds(o->commands, &j->ops, error) : BT_OK;
  s = s == BT_OK && o->promised != NULL ? bt_cover_check(o->promised, error) : s;
  if (s != BT_OK) {
    return s;
  }
  if (is_run) {
    s = bt_run_read_origin(o->source, &origin, error);
    recipe = origin.recipe;
    machine = origin.machine;
    seed = &origin.seed;
  }
  s = s == BT_OK ? bt_session_open(&j->session, recipe, machine, seed, error) : s;
  s = s == BT_OK ? set_batch(j, is_run, error) : s;
  s = s == BT_OK ? bt_state_start(&j->session.recipe, &j->session.machine, &j->state, error) : s;
  s = s == BT_OK ? make_engines(j, error) : s;
  return s == BT_OK ? bt_shuffled_open(&j->shuffled, &j->session.data.train, &j->session.recipe,
                                       error)
                    : s;
}

static int replay_again(const options *o) {
  bt_replay_options r = BT_REPLAY_DEFAULTS;
  r.file = o->replay;
  r.engines = o->engines;
  r.waves = o->waves;
  r.fault = o->fault;
  r.threads = o->threads;
  r.units = o->units;
  r.json = o->json;
  return bt_replay_again(&r);
}

int bt_cli_cosim(int argc, char **argv) {
  options o = {.engines = "ref,rtl", .machine = "systolic-16x16", .steps = 1, .epoch = 1,
               .fault = -1};
  job j = {.o = &o};
  bt_error error = {""};
  struct stat source;
  const struct argp parser = {known, parse_option, "RECIPE|RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  if (o.source == NULL) {
    return replay_again(&o);
  }
  o.replay = o.replay == NULL ? "mismatch.replay" : o.replay;
  bool is_run = stat(o.source, &source) == 0 && S_ISDIR(source.st_mode);
  j.report = (bt_cosim_report){.verbose = o.verbose && !o.json,
                               .coverage = o.coverage ? &j.coverage : NULL};
  bt_status s = open_job(&j, is_run, &error);
  s = s == BT_OK ? (is_run ? run_captures(&j, &error) : run_recipe(&j, &error)) : s;
  int status = s == BT_OK || s == BT_MISMATCH
                   ? bt_cosim_print(&j.report, o.engines, o.promised, o.json)
                   : bt_cli_fail("cosim", s, &error);
  for (int i = 0; s == BT_OK && i < 2; i++) { /* a block that ran nothing was not compared */
    status = bt_engine_print_substitutions(stderr, i == 0 ? j.first : j.second) ? status : 1;
  }
  if (j.first != NULL) {
    j.first->destroy(j.first);
  }
  if (j.second != NULL) {
    j.second->destroy(j.second);
  }
  bt_shuffled_close(&j.shuffled);
  bt_state_free(&j.state);
  bt_session_close(&j.session);
  return status;
}
