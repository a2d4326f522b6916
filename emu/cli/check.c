/* bittrue check: what a foreign design made of golden vectors, against what was expected. */
#include <argp.h>
#include <stdio.h>

#include "cli/check_report.h"
#include "cli/cli.h"
#include "cli/kinds.h"

enum { KEY_COMMANDS = 256, KEY_LABEL, KEY_ERRORS, KEY_JSON };

typedef struct {
  const char *directory, *results, *commands, *label;
  uint64_t errors;
  bool json;
} options;

static const struct argp_option known[] = {
    {"commands", KEY_COMMANDS, "LIST", 0,
     "Compare these kinds of commands only: contract (or conv), quantize, affine, ...", 0},
    {"label", KEY_LABEL, "TEXT", 0, "Only commands whose label holds TEXT, such as conv1", 0},
    {"errors", KEY_ERRORS, "N", 0,
     "Describe the first N commands that differ, the others by a line; default 4", 0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_COMMANDS: o->commands = text; return 0;
    case KEY_LABEL: o->label = text; return 0;
    case KEY_ERRORS: o->errors = bt_cli_count(state, "errors", text, 0, UINT32_MAX); return 0;
    case KEY_JSON: o->json = true; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num > 1) {
        argp_failure(state, 2, 0, "'%s' is one argument too many, expected DIR RESULTS", text);
      }
      *(state->arg_num == 0 ? &o->directory : &o->results) = text;
      return 0;
    case ARGP_KEY_END:
      if (o->results == NULL) {
        argp_failure(state, 2, 0, "expected DIR, the vectors, and RESULTS, a design's results");
      }
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const char doc[] =
    "Compares what a design made of the golden vectors in DIR (`bittrue vectors`) with what was "
    "expected. RESULTS has the vectors' folders with files of the same names as the expected "
    "outputs: out0.hex, out0.exp.hex, ... as $writememh writes them, or .npy. For each command "
    "that differs it names the first element, expected and got, what it was made of, and what all "
    "that differ have in common. docs/vectors.md describes the files.\v" BT_CLI_EXITS
    " Missing files, and nothing compared, count as a failed check.";

int bt_cli_check(int argc, char **argv) {
  options o = {.errors = 4};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "DIR RESULTS", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_check_report report = {.json = o.json, .max_reports = o.errors};
  bt_vectors_check check = {.directory = o.directory, .results = o.results, .label = o.label,
                            .done = bt_check_command, .context = &report};
  bt_status s = o.commands == NULL ? BT_OK : bt_cli_kinds(o.commands, &check.ops, &error);
  s = s == BT_OK ? bt_vectors_compare(&check, &error) : s;
  if (s != BT_OK && s != BT_MISMATCH) {
    json_decref(report.list);
    return bt_cli_fail("check", s, &error);
  }
  bt_check_finish(&report, &check, s == BT_OK);
  return s == BT_OK ? 0 : 1;
}
