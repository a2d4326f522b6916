#include "cli/trace_step.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num/error.h"

static bool is_directory(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* A whole batch of the recipe, as shapes. */
static bt_status open_shapes(bt_traced_step *t, const bt_traced_choice *choice, bt_error *error) {
  char path[600];
  bt_status s = bt_recipe_load(choice->chosen.source, &t->recipe, error);
  s = s == BT_OK ? bt_find_file(BT_FIND_MACHINE, choice->chosen.machine, path, sizeof path, error)
                 : s;
  s = s == BT_OK ? bt_machine_load(path, &t->machine, error) : s;
  s = s == BT_OK ? bt_model_shapes(&t->recipe.net, t->recipe.w, t->recipe.m, &t->model, error) : s;
  if (s != BT_OK) {
    return s;
  }
  bt_lowering how = bt_recipe_lowering(&t->recipe, t->recipe.lr);
  how.shapes = true;
  size_t n = choice->batch > 0 ? choice->batch : t->recipe.batch;
  return bt_lower_training(&how, t->model, n, &t->loss, &t->shapes, error);
}

/* The step once more, of another number of images. */
static bt_status change_batch(bt_opened_step *o, size_t batch, bt_error *error) {
  bt_state *state = &o->state;
  bt_rational rate;
  size_t images = o->session.data.train.count;
  if (batch > images) {
    return bt_fail(error, BT_BAD_INPUT, "--batch %zu: expected at most the %zu training images",
                   batch, images);
  }
  bt_step_free(&o->step);
  o->lowered = false;
  o->session.recipe.batch = batch;
  bt_status s = bt_recipe_rate(&o->session.recipe, state->epoch, &rate, error);
  if (s != BT_OK) {
    return s;
  }
  bt_lowering how = bt_recipe_lowering(&o->session.recipe, rate);
  s = bt_lower_training(&how, state->model, batch, &state->loss, &o->step, error);
  if (s != BT_OK) {
    return s;
  }
  o->lowered = true;
  bt_batch_source source = bt_shuffled_source(&o->shuffled);
  bt_step_place(&o->step, state->epoch, state->step, state->steps);
  return source.fill(source.context, state->epoch, 0, o->step.pixels->data, o->step.labels->data,
                     error);
}

/* Temporaries share storage, and a chain is traced when its last command has run: each gets
 * storage of its own, so that what a chain read first is still there. */
static bt_status separate(bt_traced_step *t, bt_error *error) {
  const bt_program *p = t->program;
  size_t first, last;
  t->own = calloc(bt_program_size(p) * BT_MAX_OUTPUTS + 1, sizeof(bt_tensor *));
  if (t->own == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the step");
  }
  for (size_t i = 0; i < bt_program_size(p); i++) {
    for (unsigned k = 0; k < BT_MAX_OUTPUTS; k++) {
      bt_tensor *out = bt_program_at(p, i)->out[k];
      if (out == NULL || !bt_program_lifetime(p, out, &first, &last) || first != i) {
        continue;
      }
      out->data = NULL;
      out->exp = NULL;
      if (!bt_tensor_alloc(out)) {
        return bt_fail(error, BT_FAILED, "out of memory for %s; --batch makes it smaller",
                       out->name);
      }
      t->own[t->owns++] = out;
    }
  }
  return BT_OK;
}

static bt_status open_run(bt_traced_step *t, const bt_traced_choice *choice, bool values,
                          bt_error *error) {
  bt_status s = BT_OK;
  if (choice->batch > 0 && is_directory(choice->chosen.source)) {
    return bt_fail(error, BT_BAD_INPUT, "--batch: expected a recipe, %s is a run with captures of "
                   "its own batches", choice->chosen.source);
  }
  s = bt_step_open(&choice->chosen, &t->opened, error);
  s = s == BT_OK && choice->batch > 0 ? change_batch(&t->opened, choice->batch, error) : s;
  t->program = t->opened.step.program;
  t->machine = t->opened.session.machine;
  return s == BT_OK && values ? separate(t, error) : s;
}

/* "0-3,7": a flag a command. */
static bt_status choose(bt_traced_step *t, const char *list, bt_error *error) {
  size_t n = bt_program_size(t->program);
  const char *p = list;
  t->choice = calloc(n + 1, sizeof *t->choice);
  bool good = t->choice != NULL;
  while (good) {
    char *end;
    good = *p >= '0' && *p <= '9';
    unsigned long long first = good ? strtoull(p, &end, 10) : 0, last = first;
    if (good && *end == '-') {
      p = end + 1;
      good = *p >= '0' && *p <= '9';
      last = good ? strtoull(p, &end, 10) : 0;
    }
    good = good && first <= last && last < n && (*end == ',' || *end == '\0');
    for (unsigned long long i = first; good && i <= last; i++) {
      t->choice[i] = true;
    }
    if (!good || *end == '\0') {
      break;
    }
    p = end + 1;
  }
  return good ? BT_OK
              : bt_fail(error, BT_BAD_INPUT, "--commands '%s': expected numbers and ranges of the "
                        "step's commands, 0-%zu, such as 0-3,7", list, n - 1);
}

bt_status bt_traced_step_open(bt_traced_step *t, const bt_traced_choice *choice, bool values,
                              bt_error *error) {
  memset(t, 0, sizeof *t);
  t->runs = values || choice->run || choice->chosen.at != NULL ||
            is_directory(choice->chosen.source);
  bt_status s = t->runs ? open_run(t, choice, values, error) : open_shapes(t, choice, error);
  if (s == BT_OK && !t->runs) {
    t->program = t->shapes.program;
  }
  return s == BT_OK && choice->commands != NULL ? choose(t, choice->commands, error) : s;
}

void bt_traced_step_close(bt_traced_step *t) {
  for (size_t i = 0; i < t->owns; i++) {
    bt_tensor_free(t->own[i]);
    t->own[i]->data = NULL;
    t->own[i]->exp = NULL;
  }
  free(t->own);
  free(t->choice);
  if (t->runs) {
    bt_step_close(&t->opened);
  }
  if (t->shapes.program != NULL) {
    bt_step_free(&t->shapes);
  }
  bt_model_free(t->model);
  memset(t, 0, sizeof *t);
}

bt_status bt_traced_step_run(bt_traced_step *t, const bt_traced_follower *follower, bt_cost *cost,
                             bt_error *error) {
  if (!t->runs) {
    cost->plan = true;
    return bt_cost_program(cost, &t->machine, t->program, follower->listener, error);
  }
  bt_cost_watch watch = {.cost = cost, .machine = &t->machine, .listener = follower->listener};
  bt_opened_step *o = &t->opened;
  void *context = follower->context;
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && !follower->failed(context) && i < bt_program_size(t->program);
       i++) {
    const bt_command *c = bt_program_at(t->program, i);
    s = follower->before != NULL ? follower->before(context, i, error) : BT_OK;
    s = s == BT_OK ? o->engine->run(o->engine, c, &o->state.rng, &o->state.counts, error) : s;
    s = s == BT_OK ? bt_cost_after(&watch, c, error) : s;
  }
  return s;
}

void bt_traced_step_tell(const bt_traced_step *t, const bt_cost *cost, uint64_t cycles,
                         uint64_t text) {
  uint64_t read = 0, written = 0;
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      read += cost->dram[p][k].read;
      written += cost->dram[p][k].written;
    }
  }
  printf("%zu commands, %" PRIu64 " cycles, %" PRIu64 " bytes read, %" PRIu64
         " written; %" PRIu64 " bytes of text\n", bt_program_size(t->program), cycles, read,
         written, text);
}
