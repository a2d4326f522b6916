/* bittrue eval: test errors of a run's last checkpoint. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/engines.h"
#include "cli/session.h"
#include "num/error.h"
#include "train/run_files.h"
#include "train/train.h"

enum { KEY_ENGINE = 256, KEY_THREADS, KEY_BITS, KEY_TRAIN };

typedef struct {
  const char *run, *engine;
  uint64_t bits;
  unsigned threads;
  bool train;
} options;

static const struct argp_option known[] = {
    {"engine", KEY_ENGINE, "E", 0, "Engine: fast (default) or ref", 0},
    {"threads", KEY_THREADS, "N", 0, BT_ENGINE_THREADS, 0},
    {"swa-bits", KEY_BITS, "N", 0,
     "Evaluate the average at N bits, 8 to 15, instead of the recipe's",
     0},
    {"train-set", KEY_TRAIN, NULL, 0,
     "Evaluate on the training images instead of the test images",
     0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ENGINE: o->engine = text; return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_BITS: o->bits = bt_cli_count(state, "swa-bits", text, 8, 15); return 0;
    case KEY_TRAIN: o->train = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->run, "run");
  }
}

static const char doc[] =
    "Evaluates the iterate in a run's checkpoint and, if the run has averaged weights, their "
    "average. Prints errors in percent and mean losses in nats.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_session session;
  bt_state state;
  bt_engine *engine;
} job;

static bt_status open_job(job *j, bt_error *error) {
  bt_run_origin origin;
  bt_engine_options with = BT_ENGINE_OPTIONS_NONE;
  char path[4096];
  bt_status s = bt_run_read_origin(j->o->run, &origin, error);
  s = s == BT_OK
          ? bt_session_open(&j->session, origin.recipe, origin.machine, &origin.seed, error)
          : s;
  s = s == BT_OK ? bt_state_start(&j->session.recipe, &j->session.machine, &j->state, error) : s;
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, j->o->run);
  s = s == BT_OK ? bt_state_load(&j->state, path, error) : s;
  with.threads = j->o->threads;
  return s == BT_OK ? bt_engine_make(j->o->engine, &j->session.machine, &with, &j->engine, error)
                    : s;
}

static bt_status evaluate(const job *j, bt_tensor *const *weights, const char *name,
                          bt_error *error) {
  const bt_images *images = j->o->train ? &j->session.data.train : &j->session.data.test;
  bt_loss loss = {0};
  char percent[24], nats[24];
  bt_evaluation e = {.recipe = &j->session.recipe, .train = &j->session.data.train,
                     .epoch = bt_state_trained_epoch(&j->state),
                     .images = images, .engine = j->engine};
  bt_status s = bt_evaluate(&e, weights, &loss, error);
  if (s == BT_OK) {
    bt_loss_percent(&loss, percent);
    bt_loss_nats(&loss, nats);
    printf("  %-8s %6s %%  loss %s\n", name, percent, nats);
  }
  return s;
}

static bt_status run(const job *j, bt_error *error) {
  const bt_model *model = j->state.model;
  bt_tensor *weights[BT_MAX_PARAMETERS] = {NULL};
  int bits = j->o->bits != 0 ? (int)j->o->bits : j->session.recipe.swa_bits;
  printf("%s after %" PRIu64 " steps, %s images: error in %%\n", j->o->run, j->state.steps,
         j->o->train ? "training" : "test");
  bt_status s = evaluate(j, model->w, "iterate", error);
  if (s == BT_OK && model->average[0].count > 0) {
    s = bt_model_average(model, bits, weights, error);
    s = s == BT_OK ? evaluate(j, weights, "average", error) : s;
    bt_weights_free(weights);
  }
  return s;
}

int bt_cli_eval(int argc, char **argv) {
  options o = {.engine = "fast"};
  job j = {.o = &o};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_status s = open_job(&j, &error);
  s = s == BT_OK ? run(&j, &error) : s;
  if (j.engine != NULL) {
    j.engine->destroy(j.engine);
  }
  bt_state_free(&j.state);
  bt_session_close(&j.session);
  return s == BT_OK ? 0 : bt_cli_fail("eval", s, &error);
}
