/* bittrue cost --model scalesim: SCALE-Sim's cycles and accesses of a topology on a .cfg. */
#include "cli/cost_scalesim.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cost/scalesim_report.h"
#include "num/error.h"

enum { KEY_MODEL = 256, KEY_MACHINE, KEY_GEMM, KEY_BATCH, KEY_OUT };

typedef struct {
  const char *topology, *machine, *out; /* topology: or a recipe */
  bool gemm;
  size_t batch; /* of a recipe; 0: its own */
} options;

static const struct argp_option known[] = {
    {"model", KEY_MODEL, "NAME", 0, "scalesim; without it, the model of the Verilog machine", 0},
    {"machine", KEY_MACHINE, "FILE", 0, "SCALE-Sim's .cfg", 0},
    {"gemm", KEY_GEMM, NULL, 0, "Rows are Layer, M, N, K, whatever the header says", 0},
    {"batch", KEY_BATCH, "N", 0, "Images of a recipe's training step (the recipe's batch)", 0},
    {"out", KEY_OUT, "DIR", 0, "Write SCALE-Sim's three reports to DIR as well", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_MODEL:
      if (strcmp(text, "scalesim") != 0) {
        argp_failure(state, 2, 0, "--model: expected one model, got '%s' and scalesim", text);
      }
      return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_GEMM: o->gemm = true; return 0;
    case KEY_BATCH: o->batch = bt_cli_count(state, "batch", text, 1, INT32_MAX); return 0;
    case KEY_OUT: o->out = text; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->topology, "topology or recipe");
  }
}

static const struct argp parser = {
    .options = known,
    .parser = parse_option,
    .args_doc = "TOPOLOGY.csv|RECIPE --model scalesim --machine FILE.cfg",
    .doc = "Cycles, utilisation and accesses of each layer of a SCALE-Sim topology, by SCALE-Sim's "
           "own rules (CALC mode), for comparison with its results; docs/scalesim.md states them. "
           "Of a recipe, one training step is counted, as products of matrices."
           "\v" BT_CLI_EXITS};

bool bt_cli_cost_is_scalesim(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--model=scalesim") == 0 ||
        (strcmp(argv[i], "--model") == 0 && i + 1 < argc && strcmp(argv[i + 1], "scalesim") == 0)) {
      return true;
    }
  }
  return false;
}

bool bt_cli_cost_is_topology(const char *path) {
  size_t length = strlen(path);
  return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

static bt_status check(const options *o, bt_error *error) {
  bool topology = bt_cli_cost_is_topology(o->topology);
  if (o->machine == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "--model scalesim: expected --machine FILE.cfg");
  }
  if (topology ? o->batch != 0 : o->gemm) {
    return bt_fail(error, BT_BAD_INPUT, topology ? "--batch: expected a recipe, got %s"
                                                 : "--gemm: expected a topology, got %s",
                   o->topology);
  }
  return BT_OK;
}

/* The layers, and what the report says they are. */
static bt_status load_layers(const options *o, bt_scalesim_topology *t, char *text, size_t size,
                             bt_error *error) {
  snprintf(text, size, "%s", o->topology);
  if (bt_cli_cost_is_topology(o->topology)) {
    return bt_scalesim_topology_load(o->topology,
                                     o->gemm ? BT_SCALESIM_GEMM : BT_SCALESIM_BY_HEADER, t, stderr,
                                     error);
  }
  size_t batch = o->batch;
  bt_status s = bt_cli_cost_recipe_products(o->topology, &batch, t, error);
  snprintf(text, size, "%s, a training step of %zu image%s as products of matrices", o->topology,
           batch, batch == 1 ? "" : "s");
  return s;
}

static bt_status report(const options *o, const bt_scalesim_config *config,
                        const bt_scalesim_topology *t, const char *text, bt_error *error) {
  bt_scalesim_result *result = calloc(t->count, sizeof *result);
  if (result == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for %zu layers", t->count);
  }
  bool made = !bt_cli_cost_is_topology(o->topology);
  bt_scalesim_report r = {o->machine, text, config, t->layer, result, t->count, made};
  bt_status s = bt_scalesim_run_all(config, t, result, error);
  s = s == BT_OK && o->out != NULL ? bt_scalesim_report_write(o->out, &r, error) : s;
  if (s == BT_OK) {
    bt_scalesim_report_text(stdout, &r);
  }
  free(result);
  return s;
}

int bt_cli_cost_scalesim(int argc, char **argv) {
  options o = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_scalesim_config config;
  bt_scalesim_topology topology = {0};
  char text[1100];
  bt_error error;
  bt_status s = check(&o, &error);
  s = s == BT_OK ? bt_scalesim_config_load(o.machine, &config, stderr, &error) : s;
  s = s == BT_OK ? load_layers(&o, &topology, text, sizeof text, &error) : s;
  s = s == BT_OK ? report(&o, &config, &topology, text, &error) : s;
  bt_scalesim_topology_free(&topology);
  return bt_cli_fail("cost", s, &error);
}
