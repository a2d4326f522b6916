#include "cli/report_run.h"

#include <stdlib.h>
#include <string.h>

#include "cli/activity_step.h"
#include "engine/run.h"
#include "num/error.h"
#include "report/values.h"

typedef struct {
  json_t *values;
  const bt_counts *counts; /* of the commands so far */
  bt_counts before;
} watch;

/* The engine has counted the command already. */
static bt_status after(void *context, const bt_command *c, bt_error *error) {
  watch *w = context;
  (void)error;
  const bt_quantize_counts now = w->counts->quantize, was = w->before.quantize;
  const bt_quantize_counts own = {.clipped = now.clipped - was.clipped,
                                  .overflow = now.overflow - was.overflow,
                                  .flushed = now.flushed - was.flushed};
  if (c->op == BT_OP_QUANTIZE) {
    bt_page_values_add(w->values, c, &own);
  }
  w->before = *w->counts;
  return BT_OK;
}

static bt_status run_step(bt_opened_step *o, json_t *values, bt_error *error) {
  bt_counts counts = {.saturations = 0};
  watch w = {.values = values, .counts = &counts};
  bt_observer observer = {after, &w, true};
  return bt_program_run(o->step.program, o->engine, &o->state.rng, &counts, &observer, error);
}

static bool is_there(const json_t *steps, uint64_t number) {
  size_t i;
  const json_t *step;
  json_array_foreach(steps, i, step) {
    if ((uint64_t)json_integer_value(json_object_get(step, "step")) == number) {
      return true;
    }
  }
  return false;
}

/* A captured step; one that cannot be opened leaves its reason in *why. */
static bt_status add_step(const bt_chosen_step *chosen, json_t *steps, bt_error *why,
                          bt_error *error) {
  bt_opened_step *o = calloc(1, sizeof *o);
  if (o == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for a step");
  }
  bt_status s = bt_step_open(chosen, o, why);
  if (s == BT_OK && !is_there(steps, o->state.steps)) {
    json_t *values = bt_page_values_new();
    s = run_step(o, values, error);
    json_array_append_new(steps, json_pack("{s:s, s:I, s:o}", "at", chosen->at, "step",
                                           (json_int_t)o->state.steps, "values", values));
  } else {
    s = BT_OK;
  }
  bt_step_close(o);
  free(o);
  return s;
}

bt_status bt_report_steps(json_t *run, unsigned threads, bt_error *error) {
  static const char *const at[] = {"first", "middle", "last"};
  json_t *steps = json_array();
  bt_error why = {""};
  bt_status s = BT_OK;
  json_object_set_new(run, "steps", steps);
  for (size_t i = 0; s == BT_OK && i < sizeof at / sizeof at[0]; i++) {
    const bt_chosen_step chosen = {.source = json_string_value(json_object_get(run, "path")),
                                   .at = at[i], .engine = "fast", .threads = threads};
    s = add_step(&chosen, steps, &why, error);
  }
  if (s == BT_OK && json_array_size(steps) == 0) {
    json_object_set_new(run, "no_steps", json_string(why.text));
  }
  return s;
}
