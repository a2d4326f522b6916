/* bittrue bench: how fast an engine is, on what training asks of it. */
#include "cli/bench.h"

#include <argp.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/engines.h"
#include "fast/fast.h"
#include "io/find.h"
#include "num/error.h"

enum { KEY_ENGINE = 256, KEY_MACHINE, KEY_SHAPES, KEY_THREADS, KEY_REPEAT, KEY_MILLISECONDS,
       KEY_ACC_BITS, KEY_BATCH, KEY_CLOCK, KEY_COMMANDS, KEY_SINGLE, KEY_JSON };

static const struct argp_option known[] = {
    {"shapes", KEY_SHAPES, "LIST", 0,
     "Shapes, with commas between them. gemm: MxNxK (forward), MxNxK:tn (weight gradient), "
     "MxNxK:nt (data gradient). conv: NxHxWxC-OkKpPsS, and *T behind it to weigh it T times in "
     "the means. quantize, affine, norm: sizes, as 128x32x32x64", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads; default one a processor", 0},
    {"repeat", KEY_REPEAT, "N", 0, "Samples of each; default 5", 0},
    {"milliseconds", KEY_MILLISECONDS, "N", 0,
     "A sample repeats the work until so much time has passed; default 20, train: 500", 0},
    {"engine", KEY_ENGINE, "E", 0, "Engine: ref or fast (default)", 0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine: a name in models/machines or a file; default systolic-16x16", 0},
    {"acc-bits", KEY_ACC_BITS, "N", 0, "Width of the accumulator, 8..32, instead of the machine's",
     0},
    {"batch", KEY_BATCH, "N", 0, "machine: images of the step; default 8", 0},
    {"clock", KEY_CLOCK, "CLOCK", 0,
     "wall (default), or processor: the time that the threads ran, over their number; with "
     "--threads 1 what wall would be on a machine that nobody else uses", 0},
    {"commands", KEY_COMMANDS, NULL, 0, "train: the time of each command of a step instead", 0},
    {"single", KEY_SINGLE, NULL, 0, "train: with --commands, each by itself, none fused", 0},
    {"json", KEY_JSON, NULL, 0, "Print as JSON", 0},
    {0}};

static const struct {
  const char *name;
  bt_bench_subject *run;
} subjects[] = {{"gemm", bt_bench_gemm},
                {"conv", bt_bench_conv},
                {"quantize", bt_bench_quantize},
                {"affine", bt_bench_affine},
                {"norm", bt_bench_norm},
                {"train", bt_bench_train},
                {"machine", bt_bench_machine}};
#define SUBJECT_NAMES "gemm, conv, quantize, affine, norm, train or machine"
#define SUBJECTS (sizeof subjects / sizeof subjects[0])

static bt_bench_subject *find_subject(const bt_bench_options *o) {
  for (size_t i = 0; i < SUBJECTS; i++) {
    if (strcmp(o->subject, subjects[i].name) == 0) {
      return o->commands ? bt_bench_commands : subjects[i].run;
    }
  }
  return NULL;
}

static void check_options(const struct argp_state *state, const bt_bench_options *o) {
  bool machine = o->subject != NULL && strcmp(o->subject, "machine") == 0;
  bool train = o->subject != NULL && strcmp(o->subject, "train") == 0;
  if (o->subject == NULL) {
    argp_failure(state, 2, 0, "expected " SUBJECT_NAMES "; see --help");
  } else if (find_subject(o) == NULL) {
    argp_failure(state, 2, 0, "'%s': expected " SUBJECT_NAMES "; see --help", o->subject);
  } else if (!train && !machine && o->recipe != NULL) {
    argp_failure(state, 2, 0, "%s: only bench train and machine take a recipe", o->recipe);
  } else if (!train && o->commands) {
    argp_failure(state, 2, 0, "--commands: only bench train has them");
  } else if (o->single && !o->commands) {
    argp_failure(state, 2, 0, "--single: only with --commands");
  } else if (!machine && o->batch != 0) {
    argp_failure(state, 2, 0, "--batch: only bench machine has it");
  } else if (machine && o->threads != 0) {
    argp_failure(state, 2, 0, "--threads: bench machine has one");
  } else if ((train || machine) && o->shapes != NULL) {
    argp_failure(state, 2, 0, "--shapes: bench %s has none", o->subject);
  }
}

static bool is_processor(const struct argp_state *state, const char *text) {
  bool processor = strcmp(text, "processor") == 0;
  if (!processor && strcmp(text, "wall") != 0) {
    argp_failure(state, 2, 0, "--clock: expected wall or processor, got '%s'", text);
  }
  return processor;
}

static error_t parse_argument(char *text, struct argp_state *state) {
  bt_bench_options *o = state->input;
  if (o->subject != NULL && o->recipe != NULL) {
    argp_failure(state, 2, 0, "'%s': expected a subject and at most a recipe", text);
  }
  *(o->subject == NULL ? &o->subject : &o->recipe) = text;
  return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  bt_bench_options *o = state->input;
  switch (key) {
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_SHAPES: o->shapes = text; return 0;
    case KEY_THREADS:
      o->threads = bt_cli_count(state, "threads", text, 1, BT_MAX_THREADS);
      return 0;
    case KEY_REPEAT:
      o->repeat = bt_cli_count(state, "repeat", text, 1, BT_BENCH_MAX_REPEAT);
      return 0;
    case KEY_MILLISECONDS:
      o->milliseconds = bt_cli_count(state, "milliseconds", text, 0, 100000);
      return 0;
    case KEY_ACC_BITS: o->acc_bits = bt_cli_count(state, "acc-bits", text, 8, 32); return 0;
    case KEY_BATCH: o->batch = bt_cli_count(state, "batch", text, 1, INT32_MAX); return 0;
    case KEY_CLOCK: o->processor = is_processor(state, text); return 0;
    case KEY_COMMANDS: o->commands = true; return 0;
    case KEY_SINGLE: o->single = true; return 0;
    case KEY_JSON: o->json = true; return 0;
    case ARGP_KEY_ARG: return parse_argument(text, state);
    case ARGP_KEY_END: check_options(state, o); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const char doc[] =
    "Times an engine, in memory: gemm, conv (all three directions of a contraction), "
    "quantize, affine, norm (batch norm, residual sums), or train (whole steps of RECIPE, by "
    "default LeNet-5's, data and update included, evaluation not); or machine: such a step on the "
    "machine in Verilog, in simulated cycles a second, beside its array alone, on one thread. "
    "Prints the median of the "
    "samples with the least and the most, and rates: GMAC/s of nominal products (padding "
    "included), in percent of what the same number of threads reach in the same run when they "
    "multiply in registers and do nothing else; Gelem/s; "
    "GB/s with each operand read and each result written once.\v" BT_CLI_EXITS;

static bt_status open_machine(bt_bench *b, bt_error *error) {
  char path[600];
  bt_status s = bt_find_file(BT_FIND_MACHINE, b->o->machine, path, sizeof path, error);
  s = s == BT_OK ? bt_machine_load(path, &b->machine, error) : s;
  if (s == BT_OK && b->o->acc_bits != 0) {
    b->machine.acc.acc_bits = (int)b->o->acc_bits;
  }
  return s;
}

static bt_status open_engine(bt_bench *b, bt_error *error) {
  bt_engine_options options = BT_ENGINE_OPTIONS_NONE;
  const char *isa;
  options.threads = (unsigned)b->o->threads;
  bt_status s = bt_engine_make(b->o->engine, &b->machine, &options, &b->engine, error);
  if (s == BT_OK && bt_engine_is_rtl(b->engine)) {
    s = bt_fail(error, BT_BAD_INPUT, "engine rtl: expected ref or fast");
  }
  s = s == BT_OK ? bt_fast_isa(&isa, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bool one = strcmp(b->engine->name, "fast") != 0; /* the reference has one thread */
  b->threads = bt_threads_new(one ? 1 : options.threads);
  bt_kernels_fill(&b->kernels, isa);
  return b->threads == NULL ? bt_fail(error, BT_FAILED, "out of memory for threads") : BT_OK;
}

static bt_status open_bench(bt_bench *b, bt_error *error) {
  bt_status s = open_machine(b, error);
  s = s == BT_OK ? bt_lfsr_start(&b->rng, 1, b->machine.lanes) : s;
  s = s == BT_OK ? open_engine(b, error) : s;
  if (s != BT_OK) {
    return s;
  }
  b->rows = json_array();
  b->facts = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I}", "subject", b->o->subject, "engine",
                       b->engine->name, "isa", b->kernels.isa, "clock",
                       b->o->processor ? "processor" : "wall", "threads",
                       (int)bt_threads_count(b->threads), "repeat", (json_int_t)b->o->repeat);
  return b->rows == NULL || b->facts == NULL ? bt_fail(error, BT_FAILED, "out of memory") : BT_OK;
}

static void close_bench(bt_bench *b) {
  if (b->engine != NULL) {
    b->engine->destroy(b->engine);
  }
  bt_threads_free(b->threads);
  json_decref(b->rows);
  json_decref(b->facts);
}

int bt_cli_bench(int argc, char **argv) {
  bt_bench_options o = {.engine = "fast", .machine = "systolic-16x16", .repeat = 5,
                        .milliseconds = UINT64_MAX};
  bt_bench b = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "SUBJECT [RECIPE]", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  if (o.milliseconds == UINT64_MAX) {
    o.milliseconds = strcmp(o.subject, "train") == 0 && !o.commands ? 500 : 20;
  }
  if (strcmp(o.subject, "machine") == 0) {
    o.threads = 1;
  }
  bt_status s = open_bench(&b, &error);
  s = s == BT_OK ? find_subject(&o)(&b, &error) : s;
  if (s == BT_OK) {
    bt_bench_print(&b);
  }
  close_bench(&b);
  return s == BT_OK ? 0 : bt_cli_fail("bench", s, &error);
}
