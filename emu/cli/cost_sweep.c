#include "cli/cost_sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cost_epoch.h"
#include "cli/cost_figures.h"
#include "cli/cost_parameter.h"
#include "cost/live.h"
#include "io/csv.h"
#include "num/error.h"

#define VALUES_MOST 64u

/* One row in the making: machine and recipe with the value set. */
typedef struct {
  const bt_cost_sweep *sweep;
  const char *name, *value;
  bt_machine machine;
  bt_recipe recipe;
  bt_epoch epoch;
  bool lowered;
  bt_cost cost;
} work;

/* Cuts "NAME=V1,V2" into its parts, in place. */
static bt_status cut(char *text, const char **name, const char *value[VALUES_MOST], size_t *count,
                     bt_error *error) {
  char *rest = strchr(text, '=');
  *count = 0;
  if (rest == NULL || rest == text || rest[1] == '\0') {
    return bt_fail(error, BT_BAD_INPUT, "--sweep: expected PARAMETER=V1,V2,..., got '%.80s'", text);
  }
  *rest++ = '\0';
  *name = text;
  while (rest != NULL) {
    if (*count == VALUES_MOST) {
      return bt_fail(error, BT_BAD_INPUT, "--sweep %s: expected at most %u values", text,
                     VALUES_MOST);
    }
    value[(*count)++] = rest;
    rest = strchr(rest, ',');
    if (rest != NULL) {
      *rest++ = '\0';
    }
  }
  return BT_OK;
}

static bt_status set(work *w, const char *value, bt_error *error) {
  w->value = value;
  w->machine = *w->sweep->machine;
  w->recipe = *w->sweep->recipe;
  return bt_parameter_set(w->name, value, &w->machine, &w->recipe, error);
}

/* A recipe's parameter asks for programs anew. */
static bt_status lower(work *w, bt_error *error) {
  if (w->lowered && !bt_parameter_of_recipe(w->name)) {
    return BT_OK;
  }
  if (w->lowered) {
    bt_epoch_close(&w->epoch);
  }
  w->lowered = true;
  return bt_epoch_open(&w->epoch, &w->recipe, w->sweep->images, w->sweep->run, error);
}

static bt_status footprint(const work *w, uint64_t *bytes, bt_error *error) {
  bt_footprint f;
  *bytes = 0;
  if (w->epoch.step == NULL) {
    return BT_OK;
  }
  bt_status s = bt_footprint_new(w->epoch.step, &f, error);
  *bytes = s == BT_OK ? f.at[f.peak].total : 0;
  bt_footprint_free(&f);
  return s;
}

/* Names may hold commas. */
static void print_name(const char *name) {
  bt_csv_text(stdout, name);
  putchar(',');
}

static void print_row(const work *w, const bt_figures *f, uint64_t bytes) {
  static const bt_count_kind counts[] = {BT_COUNT_MACS, BT_COUNT_CYCLES, BT_COUNT_ARRAY_CYCLES,
                                         BT_COUNT_QUANTIZER_CYCLES, BT_COUNT_VECTOR_CYCLES,
                                         BT_COUNT_SCALAR_CYCLES};
  char text[BT_MICROJOULES_SIZE];
  print_name(w->recipe.name);
  print_name(w->machine.name);
  print_name(w->sweep->table->name);
  printf("%s,%s", w->name, w->value);
  for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
    printf(",%" PRIu64, f->total.n[counts[k]]);
  }
  printf(",%s", bt_ratio_text(f->seconds, "", text));
  printf(",%s", bt_ratio_text(f->utilisation, "", text));
  printf(",%" PRIu64 ",%" PRIu64, f->dram_bytes, bytes);
  printf(",%s", bt_energy_text(f->energy[0], 1, text));
  printf(",%s", bt_energy_text(f->energy[1], 1, text));
  printf(",%s", bt_ratio_text(f->product[0], "", text));
  printf(",%s,machine,%s\n", bt_ratio_text(f->product[1], "", text),
         w->sweep->fp32 ? "fp32" : "recipe");
}

static bt_status count(work *w, bt_error *error) {
  bt_figures f;
  uint64_t bytes = 0;
  bt_status s = lower(w, error);
  w->cost = (bt_cost){.fp32 = w->sweep->fp32};
  s = s == BT_OK ? bt_epoch_count(&w->epoch, &w->machine, &w->cost, error) : s;
  s = s == BT_OK ? bt_figures_of(&w->cost, &w->machine, w->sweep->table, &f, error) : s;
  s = s == BT_OK ? footprint(w, &bytes, error) : s;
  if (s == BT_OK) {
    print_row(w, &f, bytes);
  }
  return s;
}

/* A run's weights have the format that they were trained in. */
static bt_status check_run(const work *w, bt_error *error) {
  bool formats = bt_parameter_of_recipe(w->name) && strcmp(w->name, "batch") != 0;
  return w->sweep->run == NULL || !formats
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "--sweep %s: the run's weights are in another format, "
                       "expected no --run", w->name);
}

static bt_status print_all(work *w, const char *const *value, size_t values, bt_error *error) {
  bt_status s = check_run(w, error);
  for (size_t i = 0; s == BT_OK && i < values; i++) {
    s = set(w, value[i], error);
  }
  if (s == BT_OK) {
    puts("recipe,machine,table,parameter,value,macs,cycles,array_cycles,quantizer_cycles,"
         "vector_cycles,scalar_cycles,seconds,utilisation,dram_bytes,footprint_bytes,"
         "energy_low_uj,energy_high_uj,product_low_js,product_high_js,model,words");
  }
  for (size_t i = 0; s == BT_OK && i < values; i++) {
    s = set(w, value[i], error);
    s = s == BT_OK ? count(w, error) : s;
  }
  return s;
}

bt_status bt_cost_sweep_print(const bt_cost_sweep *sweep, bt_error *error) {
  const char *value[VALUES_MOST];
  size_t values;
  char *text = strdup(sweep->text);
  work *w = calloc(1, sizeof *w);
  bt_status s = BT_OK;
  if (text == NULL || w == NULL) {
    s = bt_fail(error, BT_FAILED, "no memory for the sweep");
  } else {
    w->sweep = sweep;
    s = cut(text, &w->name, value, &values, error);
    s = s == BT_OK ? print_all(w, value, values, error) : s;
    bt_epoch_close(&w->epoch);
  }
  free(w);
  free(text);
  return s;
}
