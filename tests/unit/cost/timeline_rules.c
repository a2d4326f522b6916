#include "timeline_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 4u

/* Of one run of a chain, by step; lengths of 0 have no times. */
typedef struct {
  uint64_t load_at, load, store_at, store, unit_at[UNITS], unit[UNITS];
} step_times;

typedef struct {
  step_times *step;
  size_t steps;
  uint64_t began, ended;
  unsigned order[UNITS], units; /* as the chain comes to them */
} run_times;

static unsigned unit_of(bt_op op) { /* as tracks: array, scalar, vector, quantizer */
  switch (op) {
    case BT_OP_CONTRACT: return 0;
    case BT_OP_SOFTMAX:
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
    case BT_OP_STATISTICS: return 1;
    case BT_OP_QUANTIZE: return 3;
    default: return 2;
  }
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Units of the chain in the order of their first commands; in a second run that does not compute
 * again only the quantizer. */
static void set_order(run_times *r, const timeline_slice *chain, const bt_program *program,
                      bool second) {
  json_t *numbers = json_object_get(chain->args, "commands"), *number;
  const char *waits = json_string_value(json_object_get(chain->args, "waits_for_exponent"));
  bool all = !second || strcmp(waits, "computed again") == 0;
  size_t i;
  r->units = 0;
  json_array_foreach(numbers, i, number) {
    unsigned u = unit_of(bt_program_at(program, (size_t)json_integer_value(number))->op);
    bool known = !all && u != 3;
    for (unsigned k = 0; k < r->units; k++) {
      known = known || r->order[k] == u;
    }
    if (!known) {
      r->order[r->units++] = u;
    }
  }
}

static void add_slice(run_times *r, const timeline_slice *s) {
  size_t t = (size_t)timeline_integer(s, "step");
  if (t >= r->steps) {
    r->step = realloc(r->step, (t + 1) * sizeof *r->step);
    memset(r->step + r->steps, 0, (t + 1 - r->steps) * sizeof *r->step);
    r->steps = t + 1;
  }
  step_times *x = &r->step[t];
  uint64_t cycles = s->to - s->from;
  if (s->track == 1) { /* of A, of B, of everything else */
    bool behind = x->load == 0 || s->from == x->load_at + x->load; /* back to back */
    x->load_at = !behind ? UINT64_MAX : x->load == 0 ? s->from : x->load_at;
    x->load += cycles;
  } else if (s->track == TIMELINE_TRACKS - 1) {
    x->store_at = s->from;
    x->store = cycles;
  } else {
    x->unit_at[s->track - 2] = s->from;
    x->unit[s->track - 2] = cycles;
  }
  r->ended = later(r->ended, s->to);
}

static bool starts(const char *what, size_t step, uint64_t at, uint64_t expected, char why[200]) {
  if (at != expected) {
    snprintf(why, 200, "%s of step %zu at cycle %" PRIu64 ", by the rules at %" PRIu64, what, step,
             at, expected);
  }
  return at == expected;
}

/* When unit k of the order ended step t; before the first step: when the run began. */
static uint64_t ended(const run_times *r, unsigned k, size_t t, size_t back) {
  const step_times *x = t >= back ? &r->step[t - back] : NULL;
  return x == NULL ? r->began : x->unit_at[r->order[k]] + x->unit[r->order[k]];
}

static bool check_store(run_times *r, size_t t, uint64_t *port, char why[200]) {
  step_times *x = &r->step[t];
  if (x->store == 0) {
    return true;
  }
  bool good = starts("store", t, x->store_at, later(*port, ended(r, r->units - 1, t, 0)), why);
  *port = x->store_at + x->store;
  return good;
}

static bool check_unit(run_times *r, size_t t, unsigned k, uint64_t fed, char why[200]) {
  step_times *x = &r->step[t];
  unsigned u = r->order[k];
  uint64_t room = k + 1 < r->units ? ended(r, k + 1, t, 2) : r->began;
  if (k + 1 == r->units && t >= 2 && r->step[t - 2].store > 0) {
    room = r->step[t - 2].store_at + r->step[t - 2].store;
  }
  uint64_t at = later(later(fed, ended(r, k, t, 1)), room);
  if (x->unit[u] == 0) {
    x->unit_at[u] = at;
    return true;
  }
  return starts("unit", t, x->unit_at[u], at, why);
}

static bool check_run(run_times *r, char why[200]) {
  uint64_t port = r->began;
  bool good = true;
  for (size_t t = 0; good && t < r->steps; t++) {
    step_times *x = &r->step[t];
    uint64_t fed = r->began;
    if (x->load > 0) {
      good = starts("load", t, x->load_at, later(port, ended(r, 0, t, 2)), why);
      port = fed = x->load_at + x->load;
    }
    for (unsigned k = 0; good && k < r->units; k++) {
      good = check_unit(r, t, k, fed, why);
      fed = ended(r, k, t, 0);
    }
    /* The store of the step before comes behind this step's load. */
    good = good && (t == 0 || check_store(r, t - 1, &port, why));
  }
  return good && (r->steps == 0 || check_store(r, r->steps - 1, &port, why));
}

bool timeline_rules(const timeline_file *f, const bt_program *program, char why[200]) {
  bool good = true;
  for (size_t i = 0; good && i < f->slices && f->slice[i].track == 0; i++) {
    const timeline_slice *chain = &f->slice[i];
    uint64_t began = chain->from;
    unsigned runs = json_object_get(chain->args, "waits_for_exponent") == NULL ? 1 : 2;
    for (unsigned second = 0; good && second < runs; second++) {
      run_times r = {.began = began, .ended = began};
      set_order(&r, chain, program, second == 1);
      for (size_t k = 0; k < f->slices; k++) {
        const timeline_slice *s = &f->slice[k];
        if (s->step && s->from >= chain->from && s->to <= chain->to) {
          uint64_t run = timeline_integer(&f->slice[s->parent], "run");
          if (runs == 1 || run == second + 1) {
            add_slice(&r, s);
          }
        }
      }
      good = check_run(&r, why);
      began = r.ended;
      free(r.step);
    }
    if (good && began != chain->to) {
      snprintf(why, 200, "chain at cycle %" PRIu64 " ends at %" PRIu64 ", its steps at %" PRIu64,
               chain->from, chain->to, began);
      good = false;
    }
  }
  return good;
}
