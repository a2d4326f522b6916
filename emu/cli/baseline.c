/* bittrue baseline: trains a recipe in fp32, to set the 8-bit run's loss against. */
#include <argp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/baseline_trace.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "float/report.h"
#include "io/file.h"
#include "num/error.h"

enum { KEY_EPOCHS = 256, KEY_STEPS, KEY_SEED, KEY_THREADS, KEY_OUT, KEY_RESUME, KEY_TRACE,
       KEY_JSON, KEY_COMPARE };

typedef struct {
  const char *recipe, *out, *trace, *compare;
  uint64_t epochs, steps; /* 0 where not given */
  uint64_t seed;
  bool seed_given, resume, json;
  unsigned threads;
} options;

static const struct argp_option known[] = {
    {"epochs", KEY_EPOCHS, "N", 0, "Train N epochs instead of the recipe's", 0},
    {"steps", KEY_STEPS, "N", 0, "Stop after N training steps", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of weights, order and dropout instead of the recipe's", 0},
    {"threads", KEY_THREADS, "N", 0,
     "Threads; default 1. The results repeat bit for bit with any count on the same machine; "
     "another processor may differ in the last digits of a sum",
     0},
    {"out", KEY_OUT, "DIR", 0,
     "Write baseline.json, metrics.csv (a row an epoch) and a checkpoint after each epoch and at a "
     "signal into DIR",
     0},
    {"resume", KEY_RESUME, NULL, 0, "Go on from the checkpoint in --out's directory", 0},
    {"trace", KEY_TRACE, "DIR", 0,
     "Write into DIR what another program needs to repeat the first epoch: initial weights as "
     "PARAMETER.npy, the samples' order as order.npy, and losses.csv, a row a step. Evaluates "
     "nothing",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON: what baseline.json holds", 0},
    {"compare", KEY_COMPARE, "RUN", 0,
     "Print what the 8-bit run in directory RUN (its run.json) loses to fp32, in points", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_EPOCHS: o->epochs = bt_cli_count(state, "epochs", text, 1, UINT32_MAX); return 0;
    case KEY_STEPS: o->steps = bt_cli_count(state, "steps", text, 1, INT64_MAX); return 0;
    case KEY_SEED:
      o->seed = bt_cli_count(state, "seed", text, 0, INT64_MAX);
      o->seed_given = true;
      return 0;
    case KEY_THREADS: o->threads = bt_cli_threads(state, text); return 0;
    case KEY_OUT: o->out = text; return 0;
    case KEY_RESUME: o->resume = true; return 0;
    case KEY_TRACE: o->trace = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    case KEY_COMPARE: o->compare = text; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->recipe, "recipe");
  }
}

static const char doc[] =
    "Trains the recipe's net in 32-bit floating point on OpenBLAS: the same initial weights, "
    "unquantized, the same order of samples, schedule and averaging as 'bittrue train'. Prints "
    "test errors in percent: SGD-FP at the end of epoch swa_start, SWA-FP of the averaged weights, "
    "and the last iterate's.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_recipe recipe;
  bt_dataset set;
  bt_low_precision run; /* with --compare */
  bt_baseline_result result;
  char started[32]; /* UTC */
  char *csv;
  size_t csv_size;
  FILE *csv_stream; /* into csv */
  char *losses;
  size_t losses_size;
  FILE *losses_stream; /* into losses */
} job;

static void on_epoch(void *context, const bt_baseline_epoch *e, bool again) {
  job *j = context;
  char test[32] = "", shown[48] = "";
  if (e->test_error != BT_NOT_REACHED) {
    snprintf(test, sizeof test, "%.4f", e->test_error);
    snprintf(shown, sizeof shown, "  test error %.2f %%", e->test_error);
  }
  if (!again) {
    fprintf(stderr, "epoch %" PRIu64 "/%zu  lr %.6g  loss %.4f  train error %.2f %%%s  "
            "%.0f images/s\n", e->epoch, j->recipe.epochs, e->lr, e->train_loss, e->train_error,
            shown, e->images_per_second);
  }
  fprintf(j->csv_stream, "%" PRIu64 ",%.9g,%.6f,%.4f,%s,%.1f\n", e->epoch, e->lr, e->train_loss,
          e->train_error, test, e->images_per_second);
}

static void on_step(void *context, uint64_t step, double loss) {
  job *j = context;
  fprintf(j->losses_stream, "%" PRIu64 ",%.17g\n", step, loss);
}

/* "-" where a run ended before the figure. */
static void print_figure(const char *format, double value, bool reached) {
  char text[32] = "-";
  if (reached) {
    snprintf(text, sizeof text, format, value);
  }
  printf(" %7s", text);
}

static void print_row(const char *name, double full, const double *low) {
  printf("%-5s", name);
  print_figure("%.2f", full, full != BT_NOT_REACHED);
  if (low != NULL) {
    print_figure("%.2f", *low, *low != BT_NOT_REACHED);
    print_figure("%+.2f", *low - full, full != BT_NOT_REACHED && *low != BT_NOT_REACHED);
  }
  printf("\n");
}

static void print_table(const job *j) {
  const bool compare = j->o->compare != NULL;
  printf("%s, seed %" PRIu64 ": test error in %%%s\n", j->recipe.name, j->recipe.seed,
         compare ? ", loss in points" : "");
  printf("%-5s %7s%s\n", "", "fp32", compare ? "   8-bit    loss" : "");
  print_row("SGD", j->result.sgd, compare ? &j->run.sgd : NULL);
  print_row("SWA", j->result.swa, compare ? &j->run.swa : NULL);
  print_row("last", j->result.last, compare ? &j->run.last : NULL);
}

static bt_status write_into(const char *directory, const char *name, const char *text,
                            bt_error *error) {
  char path[4096];
  const bt_status status = bt_baseline_path(directory, name, path, error);
  return status == BT_OK ? bt_file_write_text(path, text, error) : status;
}

static bt_status write_files(const job *j, const char *text, bt_error *error) {
  bt_status status = BT_OK;
  if (j->o->out != NULL) {
    status = write_into(j->o->out, "metrics.csv", j->csv, error);
  }
  if (j->o->out != NULL && status == BT_OK) {
    status = write_into(j->o->out, "baseline.json", text, error);
  }
  if (j->o->trace != NULL && status == BT_OK) {
    status = write_into(j->o->trace, "losses.csv", j->losses, error);
  }
  return status;
}

static bt_status report(job *j, bt_error *error) {
  char *text = bt_baseline_json(&j->recipe, &j->result, j->o->threads, j->started,
                                j->o->compare != NULL ? &j->run : NULL);
  if (text == NULL || fflush(j->csv_stream) != 0 || fflush(j->losses_stream) != 0) {
    free(text);
    return bt_fail(error, BT_FAILED, "no memory for the report");
  }
  const bt_status status = write_files(j, text, error);
  if (status == BT_OK && j->o->json) {
    fputs(text, stdout);
  } else if (status == BT_OK) {
    print_table(j);
  }
  free(text);
  return status;
}

/* A run is not begun over another's checkpoint, nor gone on with without one. */
static bt_status check_directory(const options *o, bt_error *error) {
  char path[4096];
  if (o->out == NULL) {
    return o->resume ? bt_fail(error, BT_BAD_INPUT, "--resume: expected --out DIR too") : BT_OK;
  }
  bt_status status = bt_baseline_path(o->out, BT_BASELINE_FILE, path, error);
  if (status == BT_OK) {
    status = bt_directory_make(o->out, error);
  }
  if (status == BT_OK && !o->resume && access(path, F_OK) == 0) {
    status = bt_fail(error, BT_BAD_INPUT,
                     "%s: a run is there already: expected --resume or another --out", o->out);
  }
  return status;
}

/* Everything that can be refused is read before the training starts. */
static bt_status read_inputs(job *j, bt_error *error) {
  const options *o = j->o;
  bt_status status = bt_recipe_load(o->recipe, &j->recipe, error);
  if (status == BT_OK && o->compare != NULL) {
    status = bt_low_precision_read(o->compare, &j->run, error);
  }
  if (status == BT_OK) {
    status = check_directory(o, error);
  }
  if (status == BT_OK) {
    status = bt_dataset_load(j->recipe.dataset, j->recipe.directory, &j->set, error);
  }
  if (status != BT_OK) {
    return status;
  }
  j->recipe.epochs = o->epochs > 0 ? o->epochs : j->recipe.epochs;
  j->recipe.seed = o->seed_given ? o->seed : j->recipe.seed;
  if (o->compare != NULL && j->run.has_seed && j->run.seed != j->recipe.seed) {
    fprintf(stderr, "bittrue baseline: %s has seed %" PRIu64 ", this run %" PRIu64 "\n",
            o->compare, j->run.seed, j->recipe.seed);
  }
  return o->trace == NULL
             ? BT_OK
             : bt_baseline_trace(o->trace, &j->recipe, &j->set.train, error);
}

static bt_status open_streams(job *j, bt_error *error) {
  j->csv_stream = open_memstream(&j->csv, &j->csv_size);
  j->losses_stream = open_memstream(&j->losses, &j->losses_size);
  if (j->csv_stream == NULL || j->losses_stream == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the metrics");
  }
  fputs("epoch,lr,train_loss,train_error,test_error,images_per_second\n", j->csv_stream);
  fputs("step,loss\n", j->losses_stream);
  return BT_OK;
}

static void close_job(job *j) {
  bt_dataset_free(&j->set);
  if (j->csv_stream != NULL) {
    fclose(j->csv_stream);
  }
  if (j->losses_stream != NULL) {
    fclose(j->losses_stream);
  }
  free(j->csv);
  free(j->losses);
}

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number) {
  (void)signal_number;
  stop_requested = 1;
}

int bt_cli_baseline(int argc, char **argv) {
  static const struct argp argp = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  options o = {.threads = 1};
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  job j = {.o = &o};
  bt_error error;
  signal(SIGINT, request_stop);
  signal(SIGTERM, request_stop);
  bt_cli_time(j.started);
  bt_status status = read_inputs(&j, &error);
  if (status == BT_OK) {
    status = open_streams(&j, &error);
  }
  if (status == BT_OK) {
    const bt_baseline_options train = {
        .steps = o.steps, .threads = o.threads, .directory = o.out, .resume = o.resume,
        .untested = o.trace != NULL,
        .stop = &stop_requested, .step = o.trace != NULL ? on_step : NULL, .progress = on_epoch,
        .context = &j};
    status = bt_baseline_train(&j.recipe, &j.set, &train, &j.result, &error);
  }
  if (status == BT_OK) {
    status = report(&j, &error);
  }
  close_job(&j);
  return bt_cli_fail("baseline", status, &error);
}
