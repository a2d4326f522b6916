/* bittrue trace: a training step in the formats of other tools: its accesses to DRAM, or what the
 * machine does in time, or what the array's registers hold. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/trace_request.h"
#include "cost/trace_write.h"
#include "num/error.h"

enum {
  KEY_FORMAT = 256, KEY_OUT, KEY_MAP, KEY_COMMANDS, KEY_AT, KEY_BATCH, KEY_MACHINE, KEY_BURST,
  KEY_WHOLE, KEY_DETAIL, KEY_TILES, KEY_TILE, KEY_ENGINE, KEY_THREADS
};

static const struct argp_option known[] = {
    {"format", KEY_FORMAT, "FORMAT", 0,
     "dramsim3, ramulator2, ramulator1, stl (DRAMSys), drampower, or scalesim: accesses to DRAM; "
     "perfetto: a timeline; saif: activity of the array's registers; vcd: their waves in a tile",
     0},
    {"out", KEY_OUT, "FILE", 0,
     "Where the trace goes; - is standard output, a name that ends in .zst is compressed; of "
     "scalesim a directory for its three files", 0},
    {"map", KEY_MAP, "FILE", 0, "Write the addresses of all tensors to FILE, CSV", 0},
    {"commands", KEY_COMMANDS, "LIST", 0,
     "Only chains with one of these commands of the step, such as 0-3,7; stamps stay. saif: the "
     "contractions among them. vcd: the number of one contraction", 0},
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
    {"detail", KEY_DETAIL, "LEVEL", 0,
     "perfetto: chains (default), or steps for every step of them, too", 0},
    {"tiles", KEY_TILES, "N", 0,
     "saif: N tiles of each contraction, as bittrue activity; default 8, 0 for all", 0},
    {"tile", KEY_TILE, "N", 0, "vcd: the tile, row by row from 0; default 0", 0},
    {"engine", KEY_ENGINE, "ENGINE", 0, "What runs the step: fast (default) or ref", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast, 1 to 256; default one for each "
     "processor", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  bt_trace_request *o = state->input;
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
    case KEY_DETAIL: o->detail = text; return 0;
    case KEY_TILES:
      o->tiles = text;
      o->tile_count = bt_cli_count(state, "tiles", text, 0, UINT32_MAX);
      return 0;
    case KEY_TILE:
      o->tile = text;
      o->tile_number = bt_cli_count(state, "tile", text, 0, UINT32_MAX);
      return 0;
    case KEY_ENGINE: o->choice.chosen.engine = text; return 0;
    case KEY_THREADS: o->choice.chosen.threads = bt_cli_threads(state, text); return 0;
    default: return bt_cli_one_argument(key, text, state, &o->choice.chosen.source,
                                        "recipe or run");
  }
}

static const char doc[] =
    "Writes the accesses to DRAM of a training step, with the cycles of the cost model's schedule, "
    "as memory simulators read them; or the schedule itself as a timeline; or the registers of the "
    "array, by the names that they have in Verilog. stl, drampower, saif and vcd carry data: the "
    "step is run for it. RUN is the directory of a `bittrue train` run. docs/traces.md "
    "states formats and addresses.\v"
    BT_CLI_EXITS;

/* Formats besides those of accesses to DRAM, and what makes them. */
typedef struct {
  const char *name;
  bt_trace_maker *make;
  bool detail, tiles, tile; /* takes the option of this name */
} other_format;

static const other_format others[] = {
    {"perfetto", bt_cli_trace_timeline, .detail = true},
    {"saif", bt_cli_trace_saif, .tiles = true},
    {"vcd", bt_cli_trace_vcd, .tile = true},
};
#define OTHERS (sizeof others / sizeof others[0])

static bt_status refuse(const bt_trace_request *r, const char *option, bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "%s: has no meaning for format %s", option, r->format);
}

/* Options that a format has no use for are not passed over. */
static bt_status check_options(const bt_trace_request *r, const other_format *other,
                               bt_error *error) {
  bool accesses = other == NULL;
  static const other_format none = {.name = NULL};
  if (!accesses && r->map != NULL) {
    return refuse(r, "--map", error);
  }
  if (!accesses && r->burst > 0) {
    return refuse(r, "--burst", error);
  }
  if (!accesses && r->whole) {
    return refuse(r, "--whole", error);
  }
  const other_format *f = accesses ? &none : other;
  if (r->tiles != NULL && !f->tiles) {
    return refuse(r, "--tiles", error);
  }
  if (r->tile != NULL && !f->tile) {
    return refuse(r, "--tile", error);
  }
  return f->detail || r->detail == NULL ? BT_OK : refuse(r, "--detail", error);
}

static bt_status make(const bt_trace_request *r, bt_error *error) {
  bt_trace_format format;
  if (r->format == NULL || r->out == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s is missing", r->format == NULL ? "--format" : "--out");
  }
  const other_format *other = NULL;
  for (size_t i = 0; i < OTHERS; i++) {
    other = strcmp(r->format, others[i].name) == 0 ? &others[i] : other;
  }
  bt_status s = other != NULL ? BT_OK : bt_trace_format_parse(r->format, &format, error);
  for (size_t i = 0; s != BT_OK && i < OTHERS; i++) { /* the rest of the list of formats */
    size_t length = strlen(error->text);
    snprintf(error->text + length, sizeof error->text - length, ", %s", others[i].name);
  }
  s = s == BT_OK ? check_options(r, other, error) : s;
  return s == BT_OK ? (other != NULL ? other->make : bt_cli_trace_accesses)(r, error) : s;
}

int bt_cli_trace(int argc, char **argv) {
  bt_trace_request r = {.choice.chosen = {.machine = "systolic-16x16", .engine = "fast"}};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE|RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &r);
  bt_status s = make(&r, &error);
  bool told_by_main = r.out != NULL && strcmp(r.out, "-") == 0 && ferror(stdout) != 0;
  return s == BT_OK || told_by_main ? 0 : bt_cli_fail("trace", s, &error);
}
