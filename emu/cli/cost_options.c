#include "cli/cost_options.h"

#include <argp.h>
#include <string.h>

#include "cli/cli.h"
#include "cost/energy_find.h"

enum { KEY_MACHINE = 256, KEY_ENERGY, KEY_DRAM, KEY_JSON, KEY_CSV, KEY_IMAGES, KEY_TEST_IMAGES,
       KEY_RUN, KEY_FOOTPRINT, KEY_COMPARE, KEY_SWEEP, KEY_MODEL, KEY_WORDS, KEY_ACTIVITY,
       KEY_COMMANDS, KEY_LEDGER, KEY_ACTION_COUNTS };

static const struct argp_option known[] = {
    {"model", KEY_MODEL, "NAME", 0,
     "machine: what the Verilog does (default); scalesim: see --model scalesim --help", 0},
    {"machine", KEY_MACHINE, "M", 0,
     "The machine: a name in models/machines or a path (systolic-16x16)", 0},
    {"words", KEY_WORDS, "W", 0,
     "recipe: the recipe's formats (default); fp32: its counterpart in words of 4 bytes", 0},
    {"run", KEY_RUN, "DIR", 0, "Take the weights' shared exponents from this run's checkpoint", 0},
    {"images", KEY_IMAGES, "N", 0, "Images in an epoch (those of the recipe's data set)", 0},
    {"test-images", KEY_TEST_IMAGES, "N", 0, "Images in the evaluation (the data set's)", 0},
    {0, 0, 0, 0, "Energy:", 1},
    {"energy", KEY_ENERGY, "TABLE", 0,
     "The energy table: a name in traces/energy or a path. Given again: a table beside it, for the "
     "spread (horowitz-45nm, beside it jouppi-7nm and aladdin-40nm)", 1},
    {"dram", KEY_DRAM, "TABLE", 0, "Prices of DRAM from another table (dram-ddr4, ...)", 1},
    {"activity", KEY_ACTIVITY, "FILE|P=F,...", 0,
     "Scale the array's energy by the factor in the FILE of `bittrue activity --out`, or parts' by "
     "factors: array=0.41,registers=0.385", 1},
    {0, 0, 0, 0, "What to print and write:", 2},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON", 2},
    {"csv", KEY_CSV, "FILE", 0, "Write a row a phase to FILE as well", 2},
    {"commands", KEY_COMMANDS, "FILE", 0,
     "Write a row a command of a training step: cycles, bytes, the chain it is in (CSV)", 2},
    {"footprint", KEY_FOOTPRINT, "FILE", 0,
     "Write the bytes held while each command of a training step runs to FILE (CSV)", 2},
    {"ledger", KEY_LEDGER, "FILE", 0,
     "Write a row a phase and action with its attojoules to FILE (CSV)", 2},
    {"action-counts", KEY_ACTION_COUNTS, "FILE", 0, "Write Accelergy's action counts (YAML)", 2},
    {0, 0, 0, 0, "Several machines:", 3},
    {"compare", KEY_COMPARE, "M1", 0,
     "Machines side by side: M1 and those named behind the recipe, RECIPE --compare M1 M2...", 3},
    {"sweep", KEY_SWEEP, "P=V1,V2,...", 0,
     "Print CSV, a row for each value of a parameter of the machine (array, acc_bits, ...) or the "
     "recipe (wl, block, batch)", 3},
    {0}};

static void set_images(bt_cost_options *o, int which, const char *name, const char *text,
                       struct argp_state *state) {
  o->images[which] = bt_cli_count(state, name, text, 0, UINT32_MAX);
  o->counted[which] = true;
}

static void add_machine(bt_cost_options *o, const char *name, struct argp_state *state) {
  if (o->compared == BT_COMPARE_MOST) {
    argp_failure(state, 2, 0, "--compare: expected at most %u machines", BT_COMPARE_MOST);
  }
  o->compare[o->compared++] = name;
}

static void add_table(bt_cost_options *o, const char *name, struct argp_state *state) {
  if (o->tables == BT_MAX_TABLES) {
    argp_failure(state, 2, 0, "--energy: expected at most %u tables", BT_MAX_TABLES);
  }
  o->energy[o->tables++] = name;
}

static void set_words(bt_cost_options *o, const char *text, struct argp_state *state) {
  o->fp32 = strcmp(text, "fp32") == 0;
  if (!o->fp32 && strcmp(text, "recipe") != 0) {
    argp_failure(state, 2, 0, "--words: expected recipe or fp32, got '%s'", text);
  }
}

/* What does not go together. */
static void check_options(const bt_cost_options *o, struct argp_state *state) {
  bool whole = o->csv != NULL || o->footprint != NULL || o->commands != NULL ||
               o->ledger != NULL || o->action_counts != NULL || o->activity != NULL;
  if (o->compared == 1) {
    argp_failure(state, 2, 0, "--compare: expected two machines or more, as in RECIPE --compare "
                 "A.yaml B.yaml");
  }
  if (o->compared > 0 && (o->sweep != NULL || o->machine != NULL || whole)) {
    argp_failure(state, 2, 0, "--compare names the machines and prints the result: expected no "
                 "--machine, --sweep, --activity or file to write");
  }
  if (o->sweep != NULL && (o->json || whole)) {
    argp_failure(state, 2, 0, "--sweep prints CSV: expected no --json, --activity or file to "
                 "write");
  }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  bt_cost_options *o = state->input;
  switch (key) {
    case KEY_MODEL:
      if (strcmp(text, "machine") != 0) {
        argp_failure(state, 2, 0, "--model: expected machine or scalesim, got '%s'", text);
      }
      return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_ENERGY: add_table(o, text, state); return 0;
    case KEY_DRAM: o->dram = text; return 0;
    case KEY_WORDS: set_words(o, text, state); return 0;
    case KEY_ACTIVITY: o->activity = text; return 0;
    case KEY_COMMANDS: o->commands = text; return 0;
    case KEY_LEDGER: o->ledger = text; return 0;
    case KEY_ACTION_COUNTS: o->action_counts = text; return 0;
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

void bt_cost_options_read(bt_cost_options *o, int argc, char **argv) {
  *o = (bt_cost_options){.json = false};
  argp_parse(&parser, argc, argv, 0, NULL, o);
  bool given = o->tables > 0;
  for (size_t i = 0; !given && bt_energy_shipped[i] != NULL; i++) {
    o->energy[o->tables++] = bt_energy_shipped[i];
  }
}
