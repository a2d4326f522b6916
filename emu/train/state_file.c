/* A state as a checkpoint file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/checkpoint.h"
#include "io/digest.h"
#include "num/error.h"
#include "train/train.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "sections are written as they lie in memory");

#define IDENTITY_SIZE 4096

static int format_text(char *text, size_t size, const bt_format *f) {
  int n = snprintf(text, size, "%d:%d:%d:%d:%d ", f->kind, f->wl, f->fl, f->asymmetric, f->block);
  return f->block != BT_BLOCK_TILE
             ? n
             : n + snprintf(text + n, size - (size_t)n, "%zux%zu ", f->tile_rows, f->tile_cols);
}

/* Of all that decides what a net computes. */
static bt_status net_digest(const bt_net *net, char hex[BT_DIGEST_HEX], bt_error *error) {
  char text[512];
  bt_digest *d = bt_digest_start();
  snprintf(text, sizeof text, "%zu:%zu:%zu:%zu:%d;", net->height, net->width, net->channels,
           net->classes, net->fan_out);
  bt_digest_add(d, text, strlen(text));
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    snprintf(text, sizeof text, "%d:%zu:%zu:%zu:%zu:%zu:%d:%d:%d:%lld/%lld:%lld/%lld", l->kind,
             l->out_h, l->out_c, l->kernel, l->stride, l->pad, l->relu, l->bias, l->output,
             (long long)l->drop.num, (long long)l->drop.den, (long long)l->eps.num,
             (long long)l->eps.den);
    bt_digest_add(d, text, strlen(text));
    for (size_t k = 0; k < l->inputs; k++) {
      snprintf(text, sizeof text, " %zu", l->input[k]);
      bt_digest_add(d, text, strlen(text));
    }
    bt_digest_add(d, ";", 1);
  }
  return bt_digest_finish(d, hex, error);
}

/* All that decides a run's bits, as text: two runs with equal text have equal digests. */
static bt_status identity(const bt_state *state, char text[IDENTITY_SIZE], bt_error *error) {
  const bt_recipe *r = state->recipe;
  const bt_accumulator *acc = &state->machine->acc;
  const bt_format *formats[] = {&r->w, &r->a, &r->g, &r->e, &r->m, &r->residual};
  const bt_rational *numbers[2 * BT_MAX_CHANNELS + 4];
  size_t count = 0;
  for (size_t i = 0; i < r->net.channels; i++) {
    numbers[count++] = &r->mean[i];
    numbers[count++] = &r->std[i];
  }
  numbers[count++] = &r->lr;
  numbers[count++] = &r->swa_lr;
  numbers[count++] = &r->momentum;
  numbers[count++] = &r->weight_decay;
  size_t at = 0;
  at += (size_t)snprintf(text, IDENTITY_SIZE, "%s batch %zu swa_start %zu seed %llu ", r->dataset,
                         r->batch, r->swa_start, (unsigned long long)r->seed);
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    at += (size_t)format_text(text + at, IDENTITY_SIZE - at, formats[i]);
  }
  for (size_t i = 0; i < count; i++) {
    at += (size_t)snprintf(text + at, IDENTITY_SIZE - at, "%lld/%lld ",
                           (long long)numbers[i]->num, (long long)numbers[i]->den);
  }
  at += (size_t)snprintf(text + at, IDENTITY_SIZE - at, "round %d:%u:%d acc %d:%d:%d:%d:%zu:%d ",
                         r->round.mode, r->round.random_bits, r->round.sr_half, acc->acc_bits,
                         acc->wrap, acc->acc_shift, acc->acc_round.mode, acc->chunk,
                         acc->psum_bits);
  if (acc->acc_shift > 0 && acc->acc_round.mode == BT_STOCHASTIC) {
    at += (size_t)snprintf(text + at, IDENTITY_SIZE - at, "draws %u:%d ",
                           acc->acc_round.random_bits, acc->acc_round.sr_half);
  }
  if (r->augmentation.crop_pad > 0 || r->augmentation.flip) {
    at += (size_t)snprintf(text + at, IDENTITY_SIZE - at, "crop %zu flip %d ",
                           r->augmentation.crop_pad, r->augmentation.flip);
  }
  char net[BT_DIGEST_HEX];
  bt_status s = net_digest(&r->net, net, error);
  snprintf(text + at, IDENTITY_SIZE - at, "lanes %u net %s", state->machine->lanes, net);
  return s;
}

/* The run's numbers, as one section. */
typedef struct {
  uint64_t epoch, step, steps, milliseconds, rows, draw_steps;
  uint32_t lane[BT_MAX_LANES];
  bt_loss loss;
  bt_counts counts;
} numbers;

/* One section of one parameter. */
typedef struct {
  char name[80];
  void *data;
  size_t size;
} section;

#define PARAMETER_SECTIONS 6u

static void parameter_sections(const bt_model *m, size_t p, section s[PARAMETER_SECTIONS]) {
  static const char *const prefix[] = {"w", "w.exp", "v", "v.exp", "sum", "emin"};
  const bt_tensor *w = m->w[p], *v = m->v[p];
  size_t n = bt_tensor_elements(w), blocks = bt_tensor_exponents(w);
  void *data[] = {w->data, w->exp, v->data, v->exp, m->average[p].sum, m->average[p].emin};
  size_t size[] = {n * bt_tensor_element_size(w), blocks * sizeof *w->exp,
                   n * bt_tensor_element_size(v), bt_tensor_exponents(v) * sizeof *v->exp,
                   n * sizeof(int64_t),           blocks * sizeof(int16_t)};
  for (size_t i = 0; i < PARAMETER_SECTIONS; i++) {
    snprintf(s[i].name, sizeof s[i].name, "%s %s", m->name[p], prefix[i]);
    s[i].data = data[i];
    s[i].size = size[i];
  }
}

static bt_status put_all(const bt_state *state, bt_checkpoint_writer *w, bt_error *error) {
  char text[IDENTITY_SIZE] = {0};
  uint64_t snapshots = state->model->average[0].count;
  numbers n = {.epoch = state->epoch, .step = state->step, .steps = state->steps,
               .milliseconds = state->milliseconds, .rows = state->rows,
               .draw_steps = state->rng.steps, .loss = state->loss, .counts = state->counts};
  memcpy(n.lane, state->rng.lane, sizeof n.lane);
  bt_status s = identity(state, text, error);
  s = s == BT_OK ? bt_checkpoint_put(w, "identity", text, strlen(text), error) : s;
  s = s == BT_OK ? bt_checkpoint_put(w, "numbers", &n, sizeof n, error) : s;
  s = s == BT_OK ? bt_checkpoint_put(w, "snapshots", &snapshots, sizeof snapshots, error) : s;
  s = s == BT_OK
          ? bt_checkpoint_put(w, "rows", state->row, state->rows * sizeof *state->row, error)
          : s;
  s = s == BT_OK ? bt_checkpoint_put(w, "extra", state->extra, state->extra_size, error) : s;
  for (size_t p = 0; s == BT_OK && p < state->model->parameters; p++) {
    section part[PARAMETER_SECTIONS];
    parameter_sections(state->model, p, part);
    for (size_t i = 0; s == BT_OK && i < PARAMETER_SECTIONS; i++) {
      s = bt_checkpoint_put(w, part[i].name, part[i].data, part[i].size, error);
    }
  }
  return s;
}

bt_status bt_state_save(const bt_state *state, const char *path, bt_error *error) {
  bt_checkpoint_writer *w = NULL;
  bt_status s = bt_checkpoint_create(path, &w, error);
  if (s != BT_OK) {
    return s;
  }
  s = put_all(state, w, error);
  if (s != BT_OK) {
    bt_checkpoint_abandon(w);
    return s;
  }
  return bt_checkpoint_commit(w, error);
}

static bt_status check_identity(const bt_state *state, const bt_checkpoint *c, const char *path,
                                bt_error *error) {
  char text[IDENTITY_SIZE] = {0};
  const void *data;
  size_t size;
  bt_status s = identity(state, text, error);
  s = s == BT_OK ? bt_checkpoint_find(c, "identity", &data, &size, error) : s;
  if (s == BT_OK && (size != strlen(text) || memcmp(data, text, size) != 0)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: a checkpoint of another recipe, seed or machine than %s (seed %llu) on %s",
                   path, state->recipe->path, (unsigned long long)state->recipe->seed,
                   state->machine->name);
  }
  return s;
}

static bt_status get_all(bt_state *state, const bt_checkpoint *c, bt_error *error) {
  const void *data = NULL, *rows = NULL, *snapshots = NULL;
  bt_status s = bt_checkpoint_get(c, "numbers", sizeof(numbers), &data, error);
  const numbers *n = data;
  s = s == BT_OK ? bt_checkpoint_get(c, "snapshots", sizeof(uint64_t), &snapshots, error) : s;
  if (s == BT_OK && n->rows > state->recipe->epochs) {
    return bt_fail(error, BT_BAD_INPUT, "a checkpoint after %llu epochs of a recipe of %zu",
                   (unsigned long long)n->rows, state->recipe->epochs);
  }
  s = s == BT_OK ? bt_checkpoint_get(c, "rows", n->rows * sizeof *state->row, &rows, error) : s;
  if (s == BT_OK && state->extra != NULL) {
    s = bt_checkpoint_get(c, "extra", state->extra_size, &data, error);
    if (s == BT_OK) {
      memcpy(state->extra, data, state->extra_size);
    }
  }
  for (size_t p = 0; s == BT_OK && p < state->model->parameters; p++) {
    section part[PARAMETER_SECTIONS];
    parameter_sections(state->model, p, part);
    for (size_t i = 0; s == BT_OK && i < PARAMETER_SECTIONS; i++) {
      s = bt_checkpoint_get(c, part[i].name, part[i].size, &data, error);
      if (s == BT_OK) {
        memcpy(part[i].data, data, part[i].size);
      }
    }
    state->model->average[p].count = s == BT_OK ? *(const uint64_t *)snapshots : 0;
  }
  if (s == BT_OK) {
    memcpy(state->row, rows, n->rows * sizeof *state->row);
    memcpy(state->rng.lane, n->lane, sizeof n->lane);
    state->rng.steps = n->draw_steps;
    state->epoch = n->epoch;
    state->step = n->step;
    state->steps = n->steps;
    state->milliseconds = n->milliseconds;
    state->rows = n->rows;
    state->loss = n->loss;
    state->counts = n->counts;
  }
  return s;
}

bt_status bt_state_load(bt_state *state, const char *path, bt_error *error) {
  bt_checkpoint *c = NULL;
  bt_status s = bt_checkpoint_open(path, 0, &c, error);
  s = s == BT_OK ? check_identity(state, c, path, error) : s;
  s = s == BT_OK ? get_all(state, c, error) : s;
  bt_checkpoint_close(c);
  return s;
}

/* The identity's parts that decide what the weights' tensors are: their format stands behind the
 * seed, the net's digest at the end. */
static bt_status check_weights(const bt_recipe *recipe, const bt_checkpoint *c, const char *path,
                               bt_error *error) {
  char text[IDENTITY_SIZE] = {0}, format[64], net[BT_DIGEST_HEX];
  const void *data = NULL;
  size_t size = 0;
  bt_status s = bt_checkpoint_find(c, "identity", &data, &size, error);
  s = s == BT_OK ? net_digest(&recipe->net, net, error) : s;
  if (s != BT_OK) {
    return s;
  }
  memcpy(text, data, size < IDENTITY_SIZE ? size : IDENTITY_SIZE - 1);
  format_text(format, sizeof format, &recipe->w);
  const char *seed = strstr(text, " seed "), *end = strstr(text, " net ");
  const char *formats = seed == NULL ? NULL : strchr(seed + 6, ' ');
  if (formats == NULL || strncmp(formats + 1, format, strlen(format)) != 0 || end == NULL ||
      strcmp(end + 5, net) != 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: a checkpoint of another net, or of weights in another format, than %s",
                   path, recipe->path);
  }
  return BT_OK;
}

bt_status bt_state_load_weights(const char *directory, const bt_recipe *recipe, bt_model *model,
                                bt_error *error) {
  char path[4096];
  bt_checkpoint *c = NULL;
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, directory);
  bt_status s = bt_checkpoint_open(path, 0, &c, error);
  s = s == BT_OK ? check_weights(recipe, c, path, error) : s;
  for (size_t p = 0; s == BT_OK && p < model->parameters; p++) {
    section part[PARAMETER_SECTIONS];
    if (!bt_tensor_alloc(model->w[p])) {
      s = bt_fail(error, BT_FAILED, "%s: out of memory for its weights", path);
      break;
    }
    parameter_sections(model, p, part);
    for (size_t i = 0; s == BT_OK && i < 2; i++) { /* mantissas and exponents of w */
      const void *data = NULL;
      s = bt_checkpoint_get(c, part[i].name, part[i].size, &data, error);
      if (s == BT_OK) {
        memcpy(part[i].data, data, part[i].size);
      }
    }
  }
  bt_checkpoint_close(c);
  return s;
}
