/* Training runs behind the public API. */
#include <stdlib.h>
#include <string.h>

#include "bittrue_run.h"
#include "data/dataset.h"
#include "fast/fast.h"
#include "io/find.h"
#include "num/error.h"
#include "ref/ref.h"
#include "threads/threads.h"
#include "train/train.h"

#define PATH_SIZE 4096

struct bt_run {
  bt_recipe recipe;
  bt_machine machine;
  bt_dataset data;
  bt_engine *engine;
  bt_state state;
  int16_t *mantissa; /* of the parameter that was asked for last */
  int8_t *exponent;
};

static bt_status load_machine(const char *name, bt_machine *machine, bt_error *error) {
  char path[PATH_SIZE];
  bt_status s = bt_find_file(BT_FIND_MACHINE, name, path, sizeof path, error);
  return s == BT_OK ? bt_machine_load(path, machine, error) : s;
}

bt_status bt_machine_datapath(const char *machine, bt_accumulator *acc, unsigned *lanes,
                              bt_error *error) {
  bt_machine m;
  bt_status s = load_machine(machine, &m, error);
  if (s == BT_OK) {
    *acc = m.acc;
    *lanes = m.lanes;
  }
  return s;
}

static bt_status make_engine(bt_run *run, const bt_run_options *o, bt_error *error) {
  const char *name = o->engine == NULL ? "fast" : o->engine, *isa;
  if (o->threads > BT_MAX_THREADS) {
    return bt_fail(error, BT_BAD_INPUT, "%u threads, expected 0 to %u", o->threads,
                   BT_MAX_THREADS);
  }
  if (strcmp(name, "ref") == 0) {
    run->engine = bt_ref_engine(&run->machine);
  } else if (strcmp(name, "fast") == 0) {
    bt_status s = bt_fast_isa(&isa, error);
    if (s != BT_OK) {
      return s;
    }
    run->engine = bt_fast_engine(&run->machine, o->threads);
  } else {
    return bt_fail(error, BT_BAD_INPUT, "engine '%s': expected fast or ref", name);
  }
  return run->engine != NULL ? BT_OK
                             : bt_fail(error, BT_FAILED, "engine %s: out of memory or threads",
                                       name);
}

static bt_status start(bt_run *run, const char *recipe, const bt_run_options *o, bt_error *error) {
  bt_status s = bt_recipe_load(recipe, &run->recipe, error);
  run->recipe.seed = o->has_seed ? o->seed : run->recipe.seed;
  const char *machine = o->machine == NULL ? "systolic-16x16" : o->machine;
  s = s == BT_OK ? load_machine(machine, &run->machine, error) : s;
  s = s == BT_OK ? make_engine(run, o, error) : s;
  s = s == BT_OK
          ? bt_dataset_load(run->recipe.dataset, run->recipe.directory, &run->data, error)
          : s;
  s = s == BT_OK ? bt_train_check_data(&run->recipe, &run->data, error) : s;
  return s == BT_OK ? bt_state_start(&run->recipe, &run->machine, &run->state, error) : s;
}

bt_status bt_run_open(const char *recipe, const bt_run_options *options, bt_run **run,
                      bt_error *error) {
  const bt_run_options none = {0};
  *run = calloc(1, sizeof **run);
  if (*run == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory for a run", recipe);
  }
  bt_status s = start(*run, recipe, options == NULL ? &none : options, error);
  if (s != BT_OK) {
    bt_run_close(*run);
    *run = NULL;
  }
  return s;
}

void bt_run_close(bt_run *run) {
  if (run == NULL) {
    return;
  }
  if (run->engine != NULL) {
    run->engine->destroy(run->engine);
  }
  bt_state_free(&run->state);
  bt_dataset_free(&run->data);
  free(run->mantissa);
  free(run->exponent);
  free(run);
}

bt_status bt_run_train(bt_run *run, uint64_t steps, bt_error *error) {
  uint64_t left = SIZE_MAX - run->state.steps;
  bt_train_options o = {.engine = run->engine, .data = &run->data};
  o.steps = (size_t)(run->state.steps + (steps < left ? steps : left));
  return steps == 0 ? BT_OK : bt_train(&run->state, &o, error); /* 0 would be no limit */
}

static bt_run_loss loss_of(const bt_loss *l) {
  return (bt_run_loss){.images = l->rows, .correct = l->correct, .loss_bits = l->loss_bits};
}

void bt_run_where(const bt_run *run, bt_run_progress *progress) {
  const bt_state *s = &run->state;
  *progress = (bt_run_progress){
      .steps = s->steps,
      .total_steps = (uint64_t)bt_epoch_steps(&run->recipe, &run->data) * run->recipe.epochs,
      .epoch = s->epoch, .now = loss_of(&s->loss), .clipped = s->counts.quantize.clipped,
      .saturations = s->counts.saturations};
  if (s->rows > 0) {
    const bt_epoch_row *row = &s->row[s->rows - 1];
    progress->train = loss_of(&row->train);
    progress->test = loss_of(&row->test);
    progress->average = loss_of(&row->swa);
  }
}

bt_status bt_run_digest(const bt_run *run, char text[65], bt_error *error) {
  return bt_state_digest(&run->state, text, error);
}

size_t bt_run_parameters(const bt_run *run) { return run->state.model->parameters; }

static bt_status make_copies(bt_run *run, size_t elements, size_t blocks, bt_error *error) {
  free(run->mantissa);
  free(run->exponent);
  run->mantissa = malloc((elements + 1) * sizeof *run->mantissa);
  run->exponent = malloc(blocks + 1);
  if (run->mantissa == NULL || run->exponent == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a parameter of %zu elements", elements);
  }
  return BT_OK;
}

bt_status bt_run_parameter(bt_run *run, size_t i, const char **name, bt_blocks *w,
                           bt_error *error) {
  const bt_model *model = run->state.model;
  if (i >= model->parameters) {
    return bt_fail(error, BT_BAD_INPUT, "parameter %zu: expected one below %zu", i,
                   model->parameters);
  }
  const bt_tensor *t = model->w[i];
  size_t elements = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  bt_status s = make_copies(run, elements, blocks, error);
  if (s != BT_OK) {
    return s;
  }
  for (size_t k = 0; k < elements; k++) {
    run->mantissa[k] = (int16_t)bt_tensor_mantissa(t, k);
  }
  for (size_t b = 0; b < blocks; b++) {
    run->exponent[b] = (int8_t)t->exp[b];
  }
  *name = model->name[i];
  *w = (bt_blocks){.format = t->fmt, .ndim = t->ndim, .mantissa = run->mantissa,
                   .exponent = run->exponent};
  memcpy(w->dim, t->dim, sizeof w->dim);
  return BT_OK;
}

bt_status bt_run_save(const bt_run *run, const char *path, bt_error *error) {
  return bt_state_save(&run->state, path, error);
}

bt_status bt_run_load(bt_run *run, const char *path, bt_error *error) {
  return bt_state_load(&run->state, path, error);
}
