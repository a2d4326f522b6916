/* bittrue trace: the accesses to DRAM of a training step, in the formats of other tools. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/trace_sink.h"
#include "cli/trace_step.h"
#include "num/error.h"

enum {
  KEY_FORMAT = 256, KEY_OUT, KEY_MAP, KEY_COMMANDS, KEY_AT, KEY_BATCH, KEY_MACHINE, KEY_BURST,
  KEY_WHOLE, KEY_ENGINE, KEY_THREADS
};

typedef struct {
  bt_traced_choice choice;
  const char *format, *out, *map;
  unsigned burst;
  bool whole;
} options;

static const struct argp_option known[] = {
    {"format", KEY_FORMAT, "FORMAT", 0,
     "dramsim3, ramulator2, ramulator1, stl (DRAMSys), drampower, or scalesim", 0},
    {"out", KEY_OUT, "FILE", 0,
     "Where the trace goes; - is standard output, a name that ends in .zst is compressed; of "
     "scalesim a directory for its three files", 0},
    {"map", KEY_MAP, "FILE", 0, "Write the addresses of all tensors to FILE, CSV", 0},
    {"commands", KEY_COMMANDS, "LIST", 0,
     "Only chains with one of these commands of the step, such as 0-3,7; stamps stay", 0},
    {"at", KEY_AT, "STEP", 0,
     "Of a RUN: first, middle or last, its captured steps; default the latest there is. Of a "
     "RECIPE: EPOCH:STEP, trained up to there; default 1:0, which formats without data count from "
     "shapes alone", 0},
    {"step", KEY_AT, NULL, OPTION_ALIAS, NULL, 0},
    {"batch", KEY_BATCH, "N", 0, "RECIPE: a batch of N images instead of the recipe's", 0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine of a RECIPE; default systolic-16x16. A RUN has its own", 0},
    {"burst", KEY_BURST, "BYTES", 0, "Bytes of an access, a power of two; default 64", 0},
    {"whole", KEY_WHOLE, NULL, 0,
     "Accesses of whole bursts at multiples of a burst, not of the bytes that are used", 0},
    {"engine", KEY_ENGINE, "ENGINE", 0, "What runs the step: fast (default) or ref", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast, 1 to 256; default one for each "
     "processor", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_FORMAT: o->format = text; return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_MAP: o->map = text; return 0;
    case KEY_COMMANDS: o->choice.commands = text; return 0;
    case KEY_AT: o->choice.chosen.at = text; return 0;
    case KEY_BATCH:
      o->choice.batch = (size_t)bt_cli_count(state, "batch", text, 1, INT32_MAX);
      return 0;
    case KEY_MACHINE: o->choice.chosen.machine = text; return 0;
    case KEY_BURST:
      o->burst = (unsigned)bt_cli_count(state, "burst", text, 1, INT32_MAX);
      return 0;
    case KEY_WHOLE: o->whole = true; return 0;
    case KEY_ENGINE: o->choice.chosen.engine = text; return 0;
    case KEY_THREADS: o->choice.chosen.threads = bt_cli_threads(state, text); return 0;
    default: return bt_cli_one_argument(key, text, state, &o->choice.chosen.source,
                                        "recipe or run");
  }
}

static const char doc[] =
    "Writes the accesses to DRAM of a training step, with the cycles of the cost model's schedule, "
    "as memory simulators read them. stl and drampower carry data: the step is run for it. RUN is "
    "the directory of a `bittrue train` run. docs/traces.md states formats and addresses.\v"
    BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_trace_format format;
  bt_traced_step step;
  bt_trace_output output;
  bt_file map;
  bt_trace *trace;
  bt_cost cost;
} job;

static bt_status open_all(job *j, bt_error *error) {
  const options *o = j->o;
  bt_status s = bt_trace_format_parse(o->format, &j->format, error);
  bool values = s == BT_OK && bt_trace_format_has_data(j->format);
  s = s == BT_OK ? bt_traced_step_open(&j->step, &o->choice, values, error) : s;
  if (s != BT_OK) {
    return s;
  }
  s = bt_trace_output_open(&j->output, j->format, o->out, error);
  s = s == BT_OK && o->map != NULL ? bt_file_create(&j->map, o->map, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bt_trace_options how = {.format = j->format, .burst = o->burst, .whole = o->whole,
                          .values = values, .chosen = j->step.choice};
  j->trace = bt_trace_open(j->step.program, &j->step.machine, &how, &j->output.sink, error);
  return j->trace == NULL ? BT_BAD_INPUT : BT_OK;
}

static bt_status write_all(job *j, bt_error *error) {
  bt_status s = bt_traced_step_run(&j->step, j->trace, &j->cost, error);
  s = s == BT_OK ? bt_trace_finish(j->trace, error) : s;
  if (s == BT_OK && j->map.stream != NULL) {
    bt_trace_map_csv(j->map.stream, bt_trace_map_of(j->trace));
  }
  return s == BT_OK ? bt_trace_output_commit(&j->output, &j->map, error) : s;
}

static void tell(const job *j) {
  uint64_t read = 0, written = 0;
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      read += j->cost.dram[p][k].read;
      written += j->cost.dram[p][k].written;
    }
  }
  printf("%zu commands, %" PRIu64 " cycles, %" PRIu64 " bytes read, %" PRIu64
          " written; %" PRIu64 " bytes of text\n", bt_program_size(j->step.program),
          bt_trace_cycles(j->trace), read, written, j->output.bytes);
}

int bt_cli_trace(int argc, char **argv) {
  options o = {.choice.chosen = {.machine = "systolic-16x16", .engine = "fast"}, .burst = 64};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE|RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_status s = BT_OK;
  if (o.format == NULL || o.out == NULL) {
    s = bt_fail(&error, BT_BAD_INPUT, "%s is missing", o.format == NULL ? "--format" : "--out");
  }
  s = s == BT_OK ? open_all(&j, &error) : s;
  s = s == BT_OK ? write_all(&j, &error) : s;
  if (s == BT_OK && !j.output.standard_output) {
    tell(&j);
  }
  bool told_by_main = j.output.standard_output && ferror(stdout) != 0;
  bt_trace_free(j.trace);
  bt_trace_output_close(&j.output);
  bt_file_abandon(&j.map);
  bt_traced_step_close(&j.step);
  return s == BT_OK || told_by_main ? 0 : bt_cli_fail("trace", s, &error);
}
