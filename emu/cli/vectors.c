/* bittrue vectors: golden vectors of a training step's commands, for other people's benches. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/activity_step.h"
#include "cli/cli.h"
#include "cli/engines.h"
#include "cli/kinds.h"
#include "engine/vectors.h"
#include "num/error.h"

enum { KEY_AT = 256, KEY_MACHINE, KEY_SEED, KEY_COMMANDS, KEY_LABEL, KEY_COUNT, KEY_LARGEST,
       KEY_OUT, KEY_THREADS, KEY_JSON };

typedef struct {
  bt_chosen_step chosen;
  const char *commands, *label, *out;
  uint64_t count, largest, seed;
  bool json;
} options;

static const struct argp_option known[] = {
    {"at", KEY_AT, "EPOCH:STEP", 0,
     "The step (epoch from 1, step from 0), trained up to first; of a RUN also first, middle or "
     "last. Default: 1:0 of a RECIPE; of a RUN the step that follows its checkpoint, or its last",
     0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine of a RECIPE; default systolic-16x16. A RUN has its own", 0},
    {"seed", KEY_SEED, "S", 0, "RECIPE: seed instead of the recipe's", 0},
    {"commands", KEY_COMMANDS, "LIST", 0,
     "These kinds of commands: contract (or conv), quantize, affine, ...; default all", 0},
    {"label", KEY_LABEL, "TEXT", 0, "Only commands whose label holds TEXT, such as conv1", 0},
    {"count", KEY_COUNT, "N", 0,
     "N of them, evenly spread over the step; default all", 0},
    {"max-elements", KEY_LARGEST, "N", 0,
     "Leave out commands with an array of more than N elements, draws included; default 1048576",
     0},
    {"out", KEY_OUT, "DIR", 0, "Directory for the vectors; made if it is not there", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads of the training up to the step, 1 to 256", 0},
    {"json", KEY_JSON, NULL, 0, "Print what was written as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_AT: o->chosen.at = text; return 0;
    case KEY_MACHINE: o->chosen.machine = text; return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->chosen.seed = &o->seed;
      return 0;
    case KEY_COMMANDS: o->commands = text; return 0;
    case KEY_LABEL: o->label = text; return 0;
    case KEY_COUNT: o->count = bt_cli_count(state, "count", text, 1, UINT32_MAX); return 0;
    case KEY_LARGEST:
      o->largest = bt_cli_count(state, "max-elements", text, 1, INT64_MAX);
      return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_THREADS: o->chosen.threads = bt_cli_threads(state, text); return 0;
    case KEY_JSON: o->json = true; return 0;
    case ARGP_KEY_END:
      if (o->chosen.source != NULL && o->out == NULL) {
        argp_failure(state, 2, 0, "expected --out DIR, where the vectors are to go; see --help");
      }
      return bt_cli_one_argument(key, text, state, &o->chosen.source, "recipe or run");
    default: return bt_cli_one_argument(key, text, state, &o->chosen.source, "recipe or run");
  }
}

static const char doc[] =
    "Writes golden vectors of the commands of one training step, for a test bench: operands, "
    "random draws and expected results (those of engine ref) of each chosen command as hex "
    "files for Verilog's $readmemh and as .npy files, with manifest.json that states shapes, "
    "formats, parameters and checksums. RUN is the directory of a `bittrue train` run. `bittrue check` compares what a "
    "design made of them. docs/vectors.md describes the files.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_opened_step opened;
  bt_engine *ref; /* makes what is written */
  bt_vectors *vectors;
  uint32_t ops;
  size_t matched, too_large, wanted, written; /* commands */
} job;

typedef enum { NOT_WANTED, TOO_LARGE, WANTED } choice;

static choice choose(const job *j, const bt_command *c) {
  if ((j->ops != 0 && (j->ops >> c->op & 1) == 0) || !bt_vectors_covers(c) ||
      (j->o->label != NULL && strstr(c->label.text, j->o->label) == NULL)) {
    return NOT_WANTED;
  }
  return bt_vectors_largest(c, &j->opened.session.machine) > j->o->largest ? TOO_LARGE : WANTED;
}

static bt_status count_commands(job *j, bt_error *error) {
  const bt_program *p = j->opened.step.program;
  size_t smallest = SIZE_MAX;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    choice chosen = choose(j, c);
    j->matched += chosen == WANTED;
    j->too_large += chosen == TOO_LARGE;
    size_t n = bt_vectors_largest(c, &j->opened.session.machine);
    smallest = chosen == TOO_LARGE && n < smallest ? n : smallest;
  }
  if (j->matched == 0 && j->too_large > 0) {
    return bt_fail(error, BT_BAD_INPUT, "all %zu commands that match have arrays of more than "
                   "%" PRIu64 " elements: expected --max-elements of at least %zu", j->too_large,
                   j->o->largest, smallest);
  }
  if (j->matched == 0) {
    return bt_fail(error, BT_BAD_INPUT, "none of the step's %zu commands is chosen by --commands "
                   "%s --label '%s'", bt_program_size(p),
                   j->o->commands == NULL ? "(all)" : j->o->commands,
                   j->o->label == NULL ? "" : j->o->label);
  }
  j->wanted = j->o->count == 0 || j->o->count > j->matched ? j->matched : (size_t)j->o->count;
  return BT_OK;
}

/* Whether number `i` of `matched` is one of `wanted` that are evenly spread, the first among
 * them. */
static bool is_picked(const job *j, size_t i) {
  size_t before = (i * j->wanted + j->matched - 1) / j->matched;
  size_t after = ((i + 1) * j->wanted + j->matched - 1) / j->matched;
  return after > before;
}

static bt_status run_command(job *j, size_t number, const bt_command *c, bool write,
                             bt_error *error) {
  bt_opened_step *o = &j->opened;
  bt_lfsr before = o->state.rng;
  bt_vectors_run run = {.number = number, .before = &before, .after = &o->state.rng};
  if (c->op == BT_OP_SOFTMAX) {
    run.loss = *c->u.softmax.loss;
  }
  bt_engine *engine = write ? j->ref : o->engine;
  bt_status s = engine->run(engine, c, &o->state.rng, &run.counts, error);
  if (s == BT_OK && write) {
    s = bt_vectors_add(j->vectors, c, &run, error);
    j->written += s == BT_OK;
  }
  return s;
}

static bt_status write_step(job *j, bt_error *error) {
  const bt_program *p = j->opened.step.program;
  size_t matched = 0;
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < bt_program_size(p) && j->written < j->wanted; i++) {
    const bt_command *c = bt_program_at(p, i);
    bool wanted = choose(j, c) == WANTED;
    s = run_command(j, i, c, wanted && is_picked(j, matched), error);
    matched += wanted;
  }
  return s == BT_OK ? bt_vectors_commit(j->vectors, j->too_large, error) : s;
}

static bt_status run(job *j, bt_error *error) {
  const options *o = j->o;
  bt_status s = o->commands == NULL ? BT_OK : bt_cli_kinds(o->commands, &j->ops, error);
  s = s == BT_OK ? bt_step_open(&o->chosen, &j->opened, error) : s;
  s = s == BT_OK ? count_commands(j, error) : s;
  if (s != BT_OK) {
    return s;
  }
  const bt_state *state = &j->opened.state;
  bt_vectors_source source = {j->opened.session.recipe.name, j->opened.session.recipe.seed,
                              state->epoch, state->step, state->steps};
  const bt_machine *machine = &j->opened.session.machine;
  s = bt_engine_make("ref", machine, &BT_ENGINE_OPTIONS_NONE, &j->ref, error);
  s = s == BT_OK ? bt_vectors_open(o->out, machine, &source, &j->vectors, error) : s;
  return s == BT_OK ? write_step(j, error) : s;
}

static void print(const job *j) {
  const bt_state *state = &j->opened.state;
  if (j->o->json) {
    printf("{\n  \"commands\": %zu,\n  \"matched\": %zu,\n  \"left_out\": %zu,\n"
           "  \"epoch\": %" PRIu64 ",\n  \"step\": %" PRIu64 "\n}\n", j->written,
           j->matched + j->too_large, j->too_large, state->epoch, state->step);
    return;
  }
  printf("%zu commands of epoch %" PRIu64 ", step %" PRIu64 " in %s\n", j->written, state->epoch,
         state->step, j->o->out);
  if (j->too_large > 0) {
    printf("left out: %zu with an array of more than %" PRIu64 " elements (--max-elements)\n",
           j->too_large, j->o->largest);
  }
}

int bt_cli_vectors(int argc, char **argv) {
  options o = {.chosen = {.machine = "systolic-16x16", .engine = "fast", .any_step = true},
               .largest = 1u << 20};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RECIPE|RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_status s = run(&j, &error);
  if (s == BT_OK) {
    print(&j);
  }
  bt_vectors_free(j.vectors);
  if (j.ref != NULL) {
    j.ref->destroy(j.ref);
  }
  bt_step_close(&j.opened);
  return s == BT_OK ? 0 : bt_cli_fail("vectors", s, &error);
}
