#include "engine/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/statistics.h"
#include "io/checkpoint.h"
#include "num/error.h"

/* The fixed part of a file. The layout is this build's: the version says whether it fits. */
typedef struct {
  char version[16];
  bt_command command; /* its pointers mean nothing */
  bt_machine machine;
  bt_lfsr rng;
  bt_tensor in[BT_MAX_INPUTS], out[BT_MAX_OUTPUTS];
  bool has_in[BT_MAX_INPUTS], has_out[BT_MAX_OUTPUTS];
  char name[BT_MAX_INPUTS + BT_MAX_OUTPUTS][64];
  char label[128];
  bt_loss loss;
  uint64_t snapshots;
  bool has_statistics;
  bt_statistics statistics; /* without its sums */
} header;

static void copy_text(char *to, size_t size, const char *from) {
  snprintf(to, size, "%s", from == NULL ? "" : from);
}

static void fill_header(header *h, const bt_command *c, const bt_machine *machine,
                        const bt_lfsr *before) {
  memset(h, 0, sizeof *h);
  copy_text(h->version, sizeof h->version, bt_version());
  copy_text(h->label, sizeof h->label, c->label.text);
  h->command = *c;
  h->machine = *machine;
  h->rng = *before;
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    if (c->in[i] != NULL) {
      h->has_in[i] = true;
      h->in[i] = *c->in[i];
      copy_text(h->name[i], sizeof h->name[i], c->in[i]->name);
    }
  }
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      h->has_out[i] = true;
      h->out[i] = *c->out[i];
      copy_text(h->name[BT_MAX_INPUTS + i], sizeof h->name[0], c->out[i]->name);
    }
  }
  if (c->op == BT_OP_AVERAGE) {
    h->snapshots = c->u.average.average->count;
  }
  const bt_statistics *statistics = bt_command_statistics(c);
  if (statistics != NULL) {
    h->has_statistics = true;
    h->statistics = *statistics;
  }
}

static bt_status put_tensor(bt_checkpoint_writer *w, size_t i, const bt_tensor *t,
                            bt_error *error) {
  char name[32];
  snprintf(name, sizeof name, "in%zu", i);
  bt_status s = bt_checkpoint_put(w, name, t->data,
                                  bt_tensor_elements(t) * bt_tensor_element_size(t), error);
  snprintf(name, sizeof name, "in%zu.exp", i);
  return s == BT_OK ? bt_checkpoint_put(w, name, t->exp, bt_tensor_exponents(t) * sizeof *t->exp,
                                        error)
                    : s;
}

static bt_status put_statistics(bt_checkpoint_writer *w, const bt_statistics *t, bt_error *error) {
  bt_status s = bt_checkpoint_put(w, "A1", t->first, t->channels * sizeof *t->first, error);
  return s == BT_OK
             ? bt_checkpoint_put(w, "A2", t->second, t->channels * sizeof *t->second, error)
             : s;
}

static bt_status put_all(bt_checkpoint_writer *w, const bt_command *c, const header *h,
                         bt_error *error) {
  bt_status s = bt_checkpoint_put(w, "command", h, sizeof *h, error);
  for (size_t i = 0; s == BT_OK && i < BT_MAX_INPUTS; i++) {
    if (c->in[i] != NULL) {
      s = put_tensor(w, i, c->in[i], error);
    }
  }
  if (s == BT_OK && c->op == BT_OP_AVERAGE) {
    const bt_average *a = c->u.average.average;
    s = bt_checkpoint_put(w, "sum", a->sum, bt_tensor_elements(c->in[0]) * sizeof *a->sum, error);
    s = s == BT_OK ? bt_checkpoint_put(w, "emin", a->emin,
                                       bt_tensor_exponents(c->in[0]) * sizeof *a->emin, error)
                   : s;
  }
  return s == BT_OK && h->has_statistics ? put_statistics(w, bt_command_statistics(c), error) : s;
}

bt_status bt_replay_write(const char *path, const bt_command *c, const bt_machine *machine,
                          const bt_lfsr *before, bt_error *error) {
  bt_checkpoint_writer *w = NULL;
  header *h = malloc(sizeof *h);
  bt_status s = h == NULL ? bt_fail(error, BT_FAILED, "out of memory")
                          : bt_checkpoint_create(path, &w, error);
  if (s == BT_OK) {
    fill_header(h, c, machine, before);
    s = put_all(w, c, h, error);
    if (s == BT_OK) {
      s = bt_checkpoint_commit(w, error);
    } else {
      bt_checkpoint_abandon(w);
    }
  }
  free(h);
  return s;
}

static bt_status get_copy(const bt_checkpoint *c, const char *name, void *to, size_t size,
                          bt_error *error) {
  const void *data;
  bt_status s = bt_checkpoint_get(c, name, size, &data, error);
  if (s == BT_OK) {
    memcpy(to, data, size);
  }
  return s;
}

/* Whether exponents can be found by division: cells as numerics 6 has them, tiles with a size. */
static bool has_sound_cells(const bt_tensor *t) {
  size_t last = bt_tensor_last(t);
  if (t->kind == BT_T_WIDE) {
    return (t->n0 == 1 || t->n0 == t->dim[0] || t->n0 * last == bt_tensor_elements(t)) &&
           (t->nl == 1 || t->nl == last);
  }
  return t->kind == BT_T_BYTE || t->kind == BT_T_SUMS || t->fmt.block != BT_BLOCK_TILE ||
         (t->fmt.tile_rows > 0 && t->fmt.tile_cols > 0);
}

/* Storage for a tensor whose shape came from the file. */
static bt_status make_tensor(bt_replay *r, bt_tensor *t, const bt_tensor *shape, size_t name,
                             bt_error *error) {
  *t = *shape;
  t->name = r->name[name];
  t->data = NULL;
  t->exp = NULL;
  if (t->ndim > 4 || bt_tensor_elements(t) > INT32_MAX || (unsigned)t->kind > BT_T_SUMS) {
    return bt_fail(error, BT_BAD_INPUT, "tensor %s: expected at most four dimensions and 2^31 "
                                        "elements", t->name);
  }
  if (!has_sound_cells(t)) {
    return bt_fail(error, BT_BAD_INPUT, "tensor %s: expected cells or blocks that divide it",
                   t->name);
  }
  return bt_tensor_alloc(t) ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for %s", t->name);
}

static bt_status get_tensors(const bt_checkpoint *c, bt_replay *r, const header *h,
                             bt_error *error) {
  bt_status s = BT_OK;
  char name[32];
  for (size_t i = 0; s == BT_OK && i < BT_MAX_INPUTS; i++) {
    r->command.in[i] = NULL;
    if (h->has_in[i]) {
      bt_tensor *t = &r->in[i];
      r->command.in[i] = t;
      s = make_tensor(r, t, &h->in[i], i, error);
      snprintf(name, sizeof name, "in%zu", i);
      s = s == BT_OK ? get_copy(c, name, t->data,
                                bt_tensor_elements(t) * bt_tensor_element_size(t), error)
                     : s;
      snprintf(name, sizeof name, "in%zu.exp", i);
      s = s == BT_OK
              ? get_copy(c, name, t->exp, bt_tensor_exponents(t) * sizeof *t->exp, error)
              : s;
    }
  }
  for (size_t i = 0; s == BT_OK && i < BT_MAX_OUTPUTS; i++) {
    r->command.out[i] = NULL;
    if (h->has_out[i]) {
      r->command.out[i] = &r->out[i];
      s = make_tensor(r, &r->out[i], &h->out[i], BT_MAX_INPUTS + i, error);
    }
  }
  return s;
}

static bt_status get_average(const bt_checkpoint *c, bt_replay *r, const header *h,
                             bt_error *error) {
  size_t n = bt_tensor_elements(&r->in[0]), blocks = bt_tensor_exponents(&r->in[0]);
  r->average.count = h->snapshots;
  r->average.sum = malloc((n + 1) * sizeof *r->average.sum);
  r->average.emin = malloc((blocks + 1) * sizeof *r->average.emin);
  if (r->average.sum == NULL || r->average.emin == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory");
  }
  bt_status s = get_copy(c, "sum", r->average.sum, n * sizeof *r->average.sum, error);
  return s == BT_OK ? get_copy(c, "emin", r->average.emin, blocks * sizeof *r->average.emin, error)
                    : s;
}

static bt_status get_statistics(const bt_checkpoint *c, bt_replay *r, const header *h,
                                bt_error *error) {
  size_t n = h->statistics.channels;
  if (n > INT32_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "statistics of %zu channels: expected less than 2^31", n);
  }
  if (!bt_statistics_alloc(&r->statistics, n)) {
    return bt_fail(error, BT_FAILED, "out of memory");
  }
  r->statistics.first_step = h->statistics.first_step;
  r->statistics.second_step = h->statistics.second_step;
  r->statistics.rows = h->statistics.rows;
  bt_status s = get_copy(c, "A1", r->statistics.first, n * sizeof *r->statistics.first, error);
  return s == BT_OK ? get_copy(c, "A2", r->statistics.second, n * sizeof *r->statistics.second,
                               error)
                    : s;
}

/* What the command reads or adds to besides tensors. */
static bt_status get_state(const bt_checkpoint *c, bt_replay *r, const header *h,
                           bt_error *error) {
  bt_statistics *statistics = h->has_statistics ? &r->statistics : NULL;
  switch (r->command.op) {
    case BT_OP_SOFTMAX:
      r->command.u.softmax.loss = &r->loss;
      return BT_OK;
    case BT_OP_AVERAGE:
      r->command.u.average.average = &r->average;
      return get_average(c, r, h, error);
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
      r->command.u.norm.statistics = statistics;
      break;
    case BT_OP_STATISTICS:
      r->command.u.statistics.statistics = statistics;
      break;
    default:
      return BT_OK;
  }
  return h->has_statistics ? get_statistics(c, r, h, error) : BT_OK;
}

static bt_status read_all(const bt_checkpoint *c, const char *path, bt_replay *r, header *h,
                          bt_error *error) {
  bt_status s = get_copy(c, "command", h, sizeof *h, error);
  if (s == BT_OK && strncmp(h->version, bt_version(), sizeof h->version) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: written by version %.15s, expected %s", path,
                   h->version, bt_version());
  }
  if (s != BT_OK) {
    return s;
  }
  r->command = h->command;
  r->machine = h->machine;
  r->rng = h->rng;
  memcpy(r->name, h->name, sizeof r->name);
  memcpy(r->label, h->label, sizeof r->label);
  r->command.label.text = r->label;
  s = get_tensors(c, r, h, error);
  s = s == BT_OK ? get_state(c, r, h, error) : s;
  return s == BT_OK ? bt_command_check(&r->command, error) : s;
}

bt_status bt_replay_read(const char *path, bt_replay *r, bt_error *error) {
  bt_checkpoint *c = NULL;
  memset(r, 0, sizeof *r);
  header *h = malloc(sizeof *h);
  bt_status s = h == NULL ? bt_fail(error, BT_FAILED, "out of memory")
                          : bt_checkpoint_open(path, 0, &c, error);
  if (s == BT_OK) {
    s = read_all(c, path, r, h, error);
  }
  bt_checkpoint_close(c);
  free(h);
  return s;
}

void bt_replay_free(bt_replay *r) {
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    bt_tensor_free(&r->in[i]);
  }
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    bt_tensor_free(&r->out[i]);
  }
  free(r->average.sum);
  free(r->average.emin);
  bt_statistics_free(&r->statistics);
}
