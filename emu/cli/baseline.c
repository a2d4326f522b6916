/* bittrue baseline: trains a recipe in fp32, to set the 8-bit run's loss against. */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "float/report.h"
#include "io/file.h"
#include "num/error.h"

enum { KEY_EPOCHS = 256, KEY_STEPS, KEY_SEED, KEY_THREADS, KEY_OUT, KEY_JSON, KEY_COMPARE };

typedef struct {
  const char *recipe, *out, *compare;
  uint64_t epochs, steps; /* 0 where not given */
  uint64_t seed;
  bool seed_given, json;
  int threads;
} options;

static const struct argp_option known[] = {
    {"epochs", KEY_EPOCHS, "N", 0, "Train N epochs instead of the recipe's", 0},
    {"steps", KEY_STEPS, "N", 0, "Stop after N training steps", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of weights, order and dropout instead of the recipe's", 0},
    {"threads", KEY_THREADS, "N", 0,
     "Threads of OpenBLAS; default 1. The results repeat bit for bit with the same count on the "
     "same machine; another count or processor may differ in the last digits of a sum. Layers as "
     "small as LeNet-5's gain nothing from more",
     0},
    {"out", KEY_OUT, "DIR", 0, "Write baseline.json and metrics.csv (a row an epoch) into DIR", 0},
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
    case KEY_THREADS: o->threads = (int)bt_cli_count(state, "threads", text, 1, 1024); return 0;
    case KEY_OUT: o->out = text; return 0;
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
} job;

static void on_epoch(void *context, const bt_baseline_epoch *e) {
  job *j = context;
  fprintf(stderr, "epoch %zu/%zu  lr %.6g  loss %.4f  train error %.2f %%  test error %.2f %%  "
          "%.0f images/s\n", e->epoch, j->recipe.epochs, e->lr, e->train_loss, e->train_error,
          e->test_error, e->images_per_second);
  fprintf(j->csv_stream, "%zu,%.9g,%.6f,%.4f,%.4f,%.1f\n", e->epoch, e->lr, e->train_loss,
          e->train_error, e->test_error, e->images_per_second);
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
  const int length = snprintf(path, sizeof path, "%s/%s", directory, name);
  if (length < 0 || (size_t)length >= sizeof path) {
    return bt_fail(error, BT_BAD_INPUT, "--out: a path of %zu bytes: expected at most %zu",
                   strlen(directory), sizeof path);
  }
  return bt_file_write_text(path, text, error);
}

static bt_status report(job *j, bt_error *error) {
  char *text = bt_baseline_json(&j->recipe, &j->result, j->o->threads, j->started,
                                j->o->compare != NULL ? &j->run : NULL);
  if (text == NULL || fflush(j->csv_stream) != 0) {
    free(text);
    return bt_fail(error, BT_FAILED, "no memory for the report");
  }
  bt_status status = BT_OK;
  if (j->o->out != NULL) {
    status = write_into(j->o->out, "metrics.csv", j->csv, error);
  }
  if (j->o->out != NULL && status == BT_OK) {
    status = write_into(j->o->out, "baseline.json", text, error);
  }
  if (status == BT_OK && j->o->json) {
    fputs(text, stdout);
  } else if (status == BT_OK) {
    print_table(j);
  }
  free(text);
  return status;
}

/* Everything that can be refused is read before the training starts. */
static bt_status prepare(job *j, bt_error *error) {
  bt_status status = bt_recipe_load(j->o->recipe, &j->recipe, error);
  if (status == BT_OK && j->o->compare != NULL) {
    status = bt_low_precision_read(j->o->compare, &j->run, error);
  }
  if (status == BT_OK && j->o->out != NULL) {
    status = bt_directory_make(j->o->out, error);
  }
  if (status == BT_OK) {
    status = bt_dataset_load(j->recipe.dataset, j->recipe.directory, &j->set, error);
  }
  if (status != BT_OK) {
    return status;
  }
  j->recipe.epochs = j->o->epochs > 0 ? j->o->epochs : j->recipe.epochs;
  j->recipe.seed = j->o->seed_given ? j->o->seed : j->recipe.seed;
  if (j->o->compare != NULL && j->run.has_seed && j->run.seed != j->recipe.seed) {
    fprintf(stderr, "bittrue baseline: %s has seed %" PRIu64 ", this run %" PRIu64 "\n",
            j->o->compare, j->run.seed, j->recipe.seed);
  }
  const time_t now = time(NULL);
  struct tm utc;
  strftime(j->started, sizeof j->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  j->csv_stream = open_memstream(&j->csv, &j->csv_size);
  if (j->csv_stream == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the metrics");
  }
  fputs("epoch,lr,train_loss,train_error,test_error,images_per_second\n", j->csv_stream);
  return BT_OK;
}

int bt_cli_baseline(int argc, char **argv) {
  static const struct argp argp = {known, parse_option, "RECIPE", doc, NULL, NULL, NULL};
  options o = {.threads = 1};
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  job j = {.o = &o};
  bt_error error;
  bt_status status = prepare(&j, &error);
  if (status == BT_OK) {
    const bt_baseline_options train = {o.steps, o.threads, on_epoch, &j};
    status = bt_baseline_train(&j.recipe, &j.set, &train, &j.result, &error);
  }
  if (status == BT_OK) {
    status = report(&j, &error);
  }
  bt_dataset_free(&j.set);
  if (j.csv_stream != NULL) {
    fclose(j.csv_stream);
  }
  free(j.csv);
  return bt_cli_fail("baseline", status, &error);
}
