#include "cli/report_run.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cost_epoch.h"
#include "cost/report.h"
#include "io/find.h"
#include "machine/machine.h"
#include "num/error.h"
#include "report/energy.h"
#include "report/files.h"
#include "report/run_read.h"
#include "report/schedule.h"
#include "train/run_files.h"
#include "train/train.h"

typedef struct {
  json_t *run;
  const char *directory;
  bt_run_origin origin;
  char machine_path[1024];
  bool checkpoint;
  bt_machine machine;
  bt_recipe recipe;
  uint64_t images[2];
  bt_epoch epoch;
  bt_cost cost;
  const bt_report_prices *prices;
} job;

static void set(job *j, const char *key, json_t *value) {
  json_object_set_new(j->run, key, value);
}

static bt_status load(job *j, bt_error *error) {
  static const bool none_given[2] = {false, false};
  bt_run_origin *o = &j->origin;
  bt_status s = bt_run_read_origin(j->directory, o, error);
  s = s == BT_OK ? bt_recipe_load(o->recipe, &j->recipe, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_MACHINE, o->machine, j->machine_path,
                                sizeof j->machine_path, error)
                 : s;
  s = s == BT_OK ? bt_machine_load(j->machine_path, &j->machine, error) : s;
  s = s == BT_OK ? bt_epoch_images(&j->recipe, none_given, j->images, error) : s;
  j->checkpoint = bt_page_has(j->directory, BT_CHECKPOINT_FILE);
  return s == BT_OK ? bt_epoch_open(&j->epoch, &j->recipe, j->images,
                                    j->checkpoint ? j->directory : NULL, error)
                    : s;
}

static bt_status add_files(job *j, bt_error *error) {
  json_t *files = json_array();
  set(j, "files", files);
  bt_status s = bt_page_file(files, "recipe", j->origin.recipe, error);
  s = s == BT_OK ? bt_page_file(files, "net", j->recipe.net_path, error) : s;
  return s == BT_OK ? bt_page_file(files, "machine", j->machine_path, error) : s;
}

static json_t *names(size_t count, const char *(*name)(const job *, size_t), const job *j) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(list, json_string(name(j, i)));
  }
  return list;
}
static const char *layer_name(const job *j, size_t i) { return j->recipe.net.layer[i].name; }
static const char *phase_name(const job *j, size_t i) {
  (void)j;
  return bt_phase_name((bt_phase)i);
}
static const char *part_name(const job *j, size_t i) {
  (void)j;
  return bt_part_name((bt_part)i);
}

static void add_facts(job *j) {
  const bt_machine *m = &j->machine;
  set(j, "swa_start", json_integer((json_int_t)j->recipe.swa_start));
  set(j, "machine", json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", m->name, "rows",
                              (json_int_t)m->rows, "cols", (json_int_t)m->cols, "clock_hz",
                              (json_int_t)m->clock_hz, "dram_bytes_per_cycle",
                              (json_int_t)m->dram_bytes_per_cycle));
  set(j, "layers", names(j->recipe.net.layers, layer_name, j));
  set(j, "phases", names(BT_PHASE_COUNT, phase_name, j));
  set(j, "components", names(BT_PARTS, part_name, j));
}

/* bt_report_json(), and the totals of the table that prices as "priced". */
static bt_status add_cost(job *j, bt_error *error) {
  char *text = NULL;
  const bt_report_prices *p = j->prices;
  bt_cost_report r = {.cost = &j->cost, .machine = &j->machine, .table = p->table[0],
                      .train_images = j->images[0], .evaluation_images = j->images[1],
                      .beside = &p->table[1], .tables_beside = p->tables - 1};
  bt_status s = bt_report_json(&r, &text, error);
  if (s != BT_OK) {
    return s;
  }
  json_t *cost = json_loads(text, 0, NULL);
  free(text);
  json_t *tables = json_object_get(json_object_get(cost, "totals"), "tables");
  json_object_set(cost, "priced", json_object_get(tables, p->table[0]->name));
  set(j, "cost", cost);
  return cost != NULL ? BT_OK : bt_fail(error, BT_FAILED, "no memory for the cost");
}

static bt_status add_energy(job *j, bt_error *error) {
  bt_page_part part[BT_EPOCH_PARTS];
  json_t *rows = NULL;
  for (size_t i = 0; i < j->epoch.parts; i++) {
    part[i] = (bt_page_part){j->epoch.part[i].program, j->epoch.part[i].times};
  }
  const bt_page_epoch of = {.part = part, .parts = j->epoch.parts, .layers = j->recipe.net.layers,
                            .machine = &j->machine, .table = j->prices->table[0]};
  bt_status s = bt_page_energy(&of, &rows, error);
  set(j, "energy", rows);
  return s;
}

static bt_status add_step(job *j, bt_error *error) {
  bt_footprint footprint = {.commands = 0};
  json_t *chains = NULL;
  if (j->epoch.step == NULL) {
    return BT_OK;
  }
  bt_status s = bt_footprint_new(j->epoch.step, &footprint, error);
  if (s == BT_OK) {
    set(j, "footprint", bt_page_footprint(&footprint));
    s = bt_page_chains(j->epoch.step, &j->machine, &chains, error);
    set(j, "chains", chains);
  }
  bt_footprint_free(&footprint);
  return s;
}

/* A word of a shell's command line. */
static void put_word(FILE *out, const char *word) {
  bool plain = *word != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                                                  "WXYZ0123456789_./:=,+@%-")] == '\0';
  fputs(plain ? " " : " '", out);
  for (const char *c = word; *c != '\0'; c++) {
    if (*c == '\'') {
      fputs("'\\''", out);
    } else {
      fputc(*c, out);
    }
  }
  fputs(plain ? "" : "'", out);
}

static void add_command(json_t *list, const char *what, const char *const *word) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) {
    return;
  }
  fprintf(out, "bittrue %s", what);
  for (; *word != NULL; word++) {
    put_word(out, *word);
  }
  fclose(out);
  json_array_append_new(list, json_string(text));
  free(text);
}

static void add_reproduce(job *j) {
  char seed[24], steps[24];
  const json_t *run = json_object_get(j->run, "run");
  bool complete = !json_is_false(json_object_get(run, "complete"));
  const bt_run_origin *o = &j->origin;
  json_t *list = json_array();
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  snprintf(steps, sizeof steps, "%lld",
           (long long)json_integer_value(json_object_get(run, "steps")));
  const char *train[] = {o->recipe, "--machine", o->machine, "--seed", seed, "--out", j->directory,
                         complete ? NULL : "--steps", steps, NULL};
  const char *cost[] = {o->recipe, "--machine", o->machine, j->checkpoint ? "--run" : NULL,
                        j->directory, NULL};
  const char *cosim[] = {j->directory, "--engines", "fast,rtl", "--coverage", NULL};
  add_command(list, "train", train);
  add_command(list, "cost", cost);
  add_command(list, "cosim", cosim);
  set(j, "reproduce", list);
}

bt_status bt_report_run(json_t *run, const bt_report_prices *prices, bt_error *error) {
  job *j = calloc(1, sizeof *j);
  if (j == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for a run");
  }
  j->run = run;
  j->prices = prices;
  j->directory = json_string_value(json_object_get(run, "path"));
  bt_status s = load(j, error);
  s = s == BT_OK ? bt_epoch_count(&j->epoch, &j->machine, &j->cost, error) : s;
  s = s == BT_OK ? add_files(j, error) : s;
  s = s == BT_OK ? add_cost(j, error) : s;
  s = s == BT_OK ? add_energy(j, error) : s;
  s = s == BT_OK ? add_step(j, error) : s;
  if (s == BT_OK) {
    add_facts(j);
    add_reproduce(j);
  }
  bt_epoch_close(&j->epoch);
  free(j);
  return s;
}
