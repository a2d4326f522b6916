#include "float/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/checkpoint.h"
#include "num/error.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "sections are written as they lie in memory");

bt_status bt_baseline_open(const bt_recipe *recipe, unsigned threads, bt_baseline_state *s,
                           bt_error *error) {
  *s = (bt_baseline_state){
      .recipe = recipe, .place = {.epoch = 1},
      .result = {.sgd = BT_NOT_REACHED, .swa = BT_NOT_REACHED, .last = BT_NOT_REACHED}};
  bt_status status = bt_float_model_create(&recipe->net, recipe->batch, threads, &s->model, error);
  if (status != BT_OK) {
    return status;
  }
  s->v = calloc(s->model->weights, sizeof *s->v);
  s->sum = calloc(s->model->weights, sizeof *s->sum);
  s->row = calloc(recipe->epochs + 1, sizeof *s->row);
  if (s->v == NULL || s->sum == NULL || s->row == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the fp32 training of %s", recipe->name);
  }
  bt_float_model_initialize(s->model, recipe->seed);
  return BT_OK;
}

void bt_baseline_close(bt_baseline_state *s) {
  bt_float_model_destroy(s->model);
  free(s->v);
  free(s->sum);
  free(s->row);
}

/* What decides a run's figures, as text. */
static char *identity(const bt_recipe *r) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (f == NULL) {
    return NULL;
  }
  const bt_rational *numbers[] = {&r->lr, &r->swa_lr, &r->momentum, &r->weight_decay};
  fprintf(f, "%s batch %zu swa_start %zu seed %llu crop_pad %zu flip %d", r->dataset, r->batch,
          r->swa_start, (unsigned long long)r->seed, r->augmentation.crop_pad,
          r->augmentation.flip);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    fprintf(f, " %lld/%lld", (long long)numbers[i]->num, (long long)numbers[i]->den);
  }
  for (size_t c = 0; c < r->net.channels && c < BT_MAX_CHANNELS; c++) {
    fprintf(f, " %lld/%lld %lld/%lld", (long long)r->mean[c].num, (long long)r->mean[c].den,
            (long long)r->std[c].num, (long long)r->std[c].den);
  }
  for (size_t l = 0; l < r->net.layers; l++) {
    const bt_layer *n = &r->net.layer[l];
    fprintf(f, " %d:%zu:%zu:%zu:%zu:%d%d:%lld/%lld:%lld/%lld", n->kind, n->out_c, n->kernel,
            n->stride, n->pad, n->relu, n->bias, (long long)n->drop.num, (long long)n->drop.den,
            (long long)n->eps.num, (long long)n->eps.den);
    for (size_t i = 0; i < n->inputs; i++) {
      fprintf(f, ",%zu", n->input[i]);
    }
  }
  if (fclose(f) != 0) {
    free(text);
    return NULL;
  }
  return text;
}

typedef struct {
  const char *name;
  void *data;
  size_t size;
} section;

#define SECTIONS 5u

/* All but the identity and the rows. */
static void list_sections(const bt_baseline_state *s, section list[SECTIONS]) {
  const size_t count = s->model->weights;
  const section all[SECTIONS] = {{"place", (void *)(uintptr_t)&s->place, sizeof s->place},
                                 {"result", (void *)(uintptr_t)&s->result, sizeof s->result},
                                 {"w", s->model->w, count * sizeof *s->model->w},
                                 {"v", s->v, count * sizeof *s->v},
                                 {"sum", s->sum, count * sizeof *s->sum}};
  memcpy(list, all, sizeof all);
}

static bt_status put_all(const bt_baseline_state *s, const char *id, bt_checkpoint_writer *w,
                         bt_error *error) {
  section list[SECTIONS];
  list_sections(s, list);
  bt_status status = bt_checkpoint_put(w, "fp32 identity", id, strlen(id), error);
  if (status == BT_OK) {
    status = bt_checkpoint_put(w, "rows", s->row, s->rows * sizeof *s->row, error);
  }
  for (size_t i = 0; status == BT_OK && i < SECTIONS; i++) {
    status = bt_checkpoint_put(w, list[i].name, list[i].data, list[i].size, error);
  }
  return status;
}

bt_status bt_baseline_save(const bt_baseline_state *s, const char *path, bt_error *error) {
  bt_checkpoint_writer *w = NULL;
  char *id = identity(s->recipe);
  bt_status status = id == NULL ? bt_fail(error, BT_FAILED, "no memory for a checkpoint")
                                : bt_checkpoint_create(path, &w, error);
  if (status == BT_OK) {
    status = put_all(s, id, w, error);
    if (status == BT_OK) {
      status = bt_checkpoint_commit(w, error);
    } else {
      bt_checkpoint_abandon(w);
    }
  }
  free(id);
  return status;
}

static bt_status check_identity(const bt_baseline_state *s, const bt_checkpoint *c,
                                const char *path, bt_error *error) {
  const void *data;
  size_t size;
  char *id = identity(s->recipe);
  bt_status status = id == NULL ? bt_fail(error, BT_FAILED, "no memory for a checkpoint")
                                : bt_checkpoint_find(c, "fp32 identity", &data, &size, error);
  if (status == BT_OK && (size != strlen(id) || memcmp(data, id, size) != 0)) {
    status = bt_fail(error, BT_BAD_INPUT, "%s: a checkpoint of another recipe or seed than %s "
                     "(seed %llu)", path, s->recipe->path, (unsigned long long)s->recipe->seed);
  }
  free(id);
  return status;
}

static bt_status get_all(bt_baseline_state *s, const bt_checkpoint *c, const char *path,
                         bt_error *error) {
  section list[SECTIONS];
  const void *data = NULL;
  size_t size = 0;
  bt_status status = bt_checkpoint_find(c, "rows", &data, &size, error);
  const size_t rows = size / sizeof *s->row;
  if (status == BT_OK && (size % sizeof *s->row != 0 || rows > s->recipe->epochs)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: a checkpoint after %zu epochs of a recipe of %zu",
                   path, rows, s->recipe->epochs);
  }
  if (status == BT_OK) {
    memcpy(s->row, data, size);
    s->rows = rows;
  }
  list_sections(s, list);
  for (size_t i = 0; status == BT_OK && i < SECTIONS; i++) {
    status = bt_checkpoint_get(c, list[i].name, list[i].size, &data, error);
    if (status == BT_OK) {
      memcpy(list[i].data, data, list[i].size);
    }
  }
  return status;
}

bt_status bt_baseline_load(bt_baseline_state *s, const char *path, bt_error *error) {
  bt_checkpoint *c = NULL;
  bt_status status = bt_checkpoint_open(path, 0, &c, error);
  if (status == BT_OK) {
    status = check_identity(s, c, path, error);
  }
  if (status == BT_OK) {
    status = get_all(s, c, path, error);
  }
  bt_checkpoint_close(c);
  return status;
}
