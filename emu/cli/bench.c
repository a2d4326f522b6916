/* bittrue bench: how fast an engine is, on the commands of a real training step. */
#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/engines.h"
#include "cli/session.h"
#include "num/error.h"
#include "train/train.h"

enum { KEY_ENGINE = 256, KEY_MACHINE, KEY_REPEAT, KEY_JSON };

typedef struct {
  const char *recipe, *engine, *machine;
  uint64_t repeat;
  bool json;
} options;

static const struct argp_option known[] = {
    {"engine", KEY_ENGINE, "E", 0, "Engine: ref or fast (default)", 0},
    {"machine", KEY_MACHINE, "M", 0,
     "Machine: a name in models/machines or a file; default systolic-16x16",
     0},
    {"repeat", KEY_REPEAT, "N", 0, "Time each command N times; default 5", 0},
    {"json", KEY_JSON, NULL, 0, "Print as JSON", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_MACHINE: o->machine = text; return 0;
    case KEY_REPEAT: o->repeat = bt_cli_count(state, "repeat", text, 1, 1000); return 0;
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const char doc[] =
    "Runs one training step of the recipe and times each of its commands, with the operands it has "
    "in that step, in the processor time of one thread. Prints the median of the repetitions with "
    "the least and the most, GMAC/s (nominal products, padding included) for contractions and "
    "Melem/s for the rest, and the sums.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_session session;
  bt_state state;
  bt_engine *engine;
  json_t *rows;
  double *seconds;         /* [repeat] */
  double contract_seconds, other_seconds; /* sums of medians */
  uint64_t macs;
} job;

static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static uint64_t command_macs(const bt_command *c) {
  if (c->op != BT_OP_CONTRACT) {
    return 0;
  }
  bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  return (uint64_t)x.rows * x.cols * x.k;
}

static void add_row(job *j, const bt_command *c) {
  size_t n = j->o->repeat;
  qsort(j->seconds, n, sizeof *j->seconds, by_value);
  double median = j->seconds[n / 2];
  uint64_t macs = command_macs(c);
  size_t elements = c->out[0] == NULL ? bt_tensor_elements(c->in[0])
                                      : bt_tensor_elements(c->out[0]);
  double rate = macs != 0 ? (double)macs / median * 1e-9 : (double)elements / median * 1e-6;
  j->macs += macs;
  *(macs != 0 ? &j->contract_seconds : &j->other_seconds) += median;
  json_t *row = json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:s}", "command", c->label.text, "op",
                          bt_op_name(c->op), "milliseconds", median * 1e3, "min",
                          j->seconds[0] * 1e3, "max", j->seconds[n - 1] * 1e3, "rate", rate,
                          "unit", macs != 0 ? "GMAC/s" : "Melem/s");
  json_array_append_new(j->rows, row);
}

/* Times a command on copies of the generator; the last repetition's results stand. A command that
 * adds to sums (average) is not among those of a step; a softmax adds to a loss nobody reads. */
static bt_status time_command(job *j, const bt_command *c, bt_error *error) {
  bt_lfsr start = j->state.rng;
  bt_counts counts = {0};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < j->o->repeat; i++) {
    j->state.rng = start;
    double begin = processor_seconds();
    s = j->engine->run(j->engine, c, &j->state.rng, &counts, error);
    j->seconds[i] = processor_seconds() - begin;
  }
  if (s == BT_OK) {
    add_row(j, c);
  }
  return s;
}

static bt_status run(job *j, bt_error *error) {
  const bt_recipe *recipe = &j->session.recipe;
  bt_lowering how = bt_recipe_lowering(recipe, recipe->lr);
  bt_loss loss = {0};
  bt_step step;
  size_t n = bt_step_samples(recipe, &j->session.data, 0);
  bt_status s = bt_lower_training(&how, j->state.model, n, &loss, &step, error);
  if (s != BT_OK) {
    return s;
  }
  bt_batch_place(&j->session.data.train, NULL, 0, &step);
  for (size_t i = 0; s == BT_OK && i < bt_program_size(step.program); i++) {
    s = time_command(j, bt_program_at(step.program, i), error);
  }
  bt_step_free(&step);
  return s;
}

static void print_text(const job *j) {
  size_t i;
  json_t *row;
  printf("%s, one step of %zu images, engine %s, one thread; milliseconds\n",
         j->session.recipe.name, j->session.recipe.batch, j->engine->name);
  printf("%-34s %10s %10s %10s\n", "command", "median", "min", "max");
  json_array_foreach(j->rows, i, row) {
    printf("%-34s %10.4f %10.4f %10.4f %10.3f %s\n",
           json_string_value(json_object_get(row, "command")),
           json_real_value(json_object_get(row, "milliseconds")),
           json_real_value(json_object_get(row, "min")),
           json_real_value(json_object_get(row, "max")),
           json_real_value(json_object_get(row, "rate")),
           json_string_value(json_object_get(row, "unit")));
  }
  printf("%-34s %10.4f %32.3f GMAC/s\n", "contractions", j->contract_seconds * 1e3,
         (double)j->macs / j->contract_seconds * 1e-9);
  printf("%-34s %10.4f\n", "other commands", j->other_seconds * 1e3);
}

static void print_json(const job *j) {
  json_t *o = json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:O}", "recipe", j->session.recipe.path,
                        "engine", j->engine->name, "batch", (json_int_t)j->session.recipe.batch,
                        "contract_milliseconds", j->contract_seconds * 1e3, "other_milliseconds",
                        j->other_seconds * 1e3, "gmac_per_second",
                        (double)j->macs / j->contract_seconds * 1e-9, "commands", j->rows);
  json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  printf("\n");
  json_decref(o);
}

int bt_cli_bench(int argc, char **argv) {
  options o = {.engine = "fast", .machine = "systolic-16x16", .repeat = 5};
  job j = {.o = &o};
  bt_error error = {""};
  bt_engine_options none = BT_ENGINE_OPTIONS_NONE;
  const struct argp parser = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  j.rows = json_array();
  j.seconds = calloc(o.repeat, sizeof *j.seconds);
  bt_status s = j.rows == NULL || j.seconds == NULL ? bt_fail(&error, BT_FAILED, "out of memory")
                                                    : BT_OK;
  s = s == BT_OK ? bt_session_open(&j.session, o.recipe, o.machine, NULL, &error) : s;
  s = s == BT_OK ? bt_state_start(&j.session.recipe, &j.session.machine, &j.state, &error) : s;
  s = s == BT_OK ? bt_engine_make(o.engine, &j.session.machine, &none, &j.engine, &error) : s;
  if (s == BT_OK && bt_engine_is_rtl(j.engine)) {
    s = bt_fail(&error, BT_BAD_INPUT, "engine rtl: expected ref or fast");
  }
  s = s == BT_OK ? run(&j, &error) : s;
  if (s == BT_OK) {
    (o.json ? print_json : print_text)(&j);
  }
  if (j.engine != NULL) {
    j.engine->destroy(j.engine);
  }
  json_decref(j.rows);
  free(j.seconds);
  bt_state_free(&j.state);
  bt_session_close(&j.session);
  return s == BT_OK ? 0 : bt_cli_fail("bench", s, &error);
}
