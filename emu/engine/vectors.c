#include "engine/vectors.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/statistics.h"
#include "engine/vectors_parts.h"
#include "num/error.h"
#include "num/lfsr.h"

struct bt_vectors {
  char *directory;
  const bt_machine *machine;
  bt_vectors_source source;
  json_t *commands; /* the manifest's list */
};

static bt_status out_of_memory(bt_error *error) {
  return bt_fail(error, BT_FAILED, "out of memory for golden vectors");
}

bool bt_vectors_covers(const bt_command *c) {
  return c->op != BT_OP_AVERAGE && bt_command_statistics(c) == NULL;
}

size_t bt_vectors_largest(const bt_command *c, const bt_machine *machine) {
  size_t largest = bt_command_draws(c, &machine->acc);
  for (size_t i = 0; i < BT_MAX_INPUTS + BT_MAX_OUTPUTS; i++) {
    const bt_tensor *t = i < BT_MAX_INPUTS ? c->in[i] : c->out[i - BT_MAX_INPUTS];
    size_t n = t == NULL ? 0 : bt_tensor_elements(t);
    largest = n > largest ? n : largest;
  }
  return largest;
}

bt_status bt_vectors_open(const char *directory, const bt_machine *machine,
                          const bt_vectors_source *source, bt_vectors **vectors, bt_error *error) {
  char path[4096];
  bt_vectors *v = calloc(1, sizeof *v);
  *vectors = v;
  if (v == NULL) {
    return out_of_memory(error);
  }
  *v = (bt_vectors){strdup(directory), machine, *source, json_array()};
  if (v->directory == NULL || v->commands == NULL) {
    return out_of_memory(error);
  }
  bt_status s = bt_directory_make(directory, error);
  s = s == BT_OK ? bt_vectors_path(directory, "", BT_VECTORS_MANIFEST, "", path, error) : s;
  if (s == BT_OK) {
    unlink(path); /* until the new one is there the directory is not whole */
  }
  return s;
}

/* "c012-conv1_forward-quantize": sorts in the order of the step. */
static void folder_name(const bt_command *c, size_t number, char name[96]) {
  int n = snprintf(name, 64, "c%03zu-%s", number, c->label.text);
  size_t length = n < 0 ? 0 : n < 64 ? (size_t)n : 63;
  for (size_t i = 0; i < length; i++) {
    name[i] = isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '.' ? name[i] : '_';
  }
  snprintf(name + length, 96 - length, "-%s", bt_op_name(c->op));
}

/* A tensor's mantissas and exponents, as the manifest's entry `name`. */
static bt_status put_tensor(bt_vectors *v, const char *folder, const char *name,
                            const char *place, const bt_tensor *t, json_t *tensors,
                            bt_error *error) {
  static const bt_npy_type type[] = {[BT_T_BFP8] = BT_NPY_I1, [BT_T_BFP16] = BT_NPY_I2,
                                     [BT_T_WIDE] = BT_NPY_I4, [BT_T_BYTE] = BT_NPY_U1,
                                     [BT_T_SUMS] = BT_NPY_I8};
  bool bfp = t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16;
  int width = bfp ? t->fmt.wl : t->role == BT_ROLE_MASK ? 1 : 8 * (int)bt_tensor_element_size(t);
  char exponents[32];
  size_t count = bt_tensor_exponents(t);
  json_t *entry = bt_vectors_tensor(t, place), *item = NULL;
  bt_vectors_array a = {name, type[t->kind], width, t->kind != BT_T_BYTE, t->ndim, t->dim, t->data};
  bt_status s = bt_vectors_put(v->directory, folder, &a, &item, error);
  json_object_set_new(entry, "mantissas", item);
  if (s == BT_OK && count > 0 && !(bfp && t->fmt.kind == BT_FIXED)) {
    snprintf(exponents, sizeof exponents, "%s.exp", name);
    a = (bt_vectors_array){exponents, BT_NPY_I2, bfp ? 8 : 16, true, 1, &count, t->exp};
    s = bt_vectors_put(v->directory, folder, &a, &item, error);
    json_object_set_new(entry, "exponents", item);
  }
  json_object_set_new(tensors, name, entry);
  return s;
}

static bt_status put_tensors(bt_vectors *v, const char *folder, const bt_command *c,
                             json_t *entry, bt_error *error) {
  json_t *in = json_object(), *out = json_object();
  char name[32];
  bt_status s = BT_OK;
  json_object_set_new(entry, "inputs", in);
  json_object_set_new(entry, "outputs", out);
  for (size_t i = 0; s == BT_OK && i < BT_MAX_INPUTS; i++) {
    snprintf(name, sizeof name, "in%zu", i);
    s = c->in[i] == NULL ? BT_OK : put_tensor(v, folder, name, bt_vectors_input(c, i), c->in[i],
                                              in, error);
  }
  for (size_t i = 0; s == BT_OK && i < BT_MAX_OUTPUTS; i++) {
    snprintf(name, sizeof name, "out%zu", i);
    s = c->out[i] == NULL ? BT_OK : put_tensor(v, folder, name, bt_vectors_output(c, i),
                                               c->out[i], out, error);
  }
  return s;
}

static bt_status put_values(bt_vectors *v, const char *folder, const bt_vectors_array *a,
                            const char *key, json_t *entry, bt_error *error) {
  json_t *item = NULL;
  bt_status s = bt_vectors_put(v->directory, folder, a, &item, error);
  json_object_set_new(entry, key, item);
  return s;
}

static bt_status put_lanes(bt_vectors *v, const char *folder, const bt_lfsr *rng, const char *name,
                           const char *key, json_t *draws, bt_error *error) {
  int64_t lane[BT_MAX_LANES];
  size_t count = rng->lanes;
  for (size_t l = 0; l < count; l++) {
    lane[l] = rng->lane[l];
  }
  bt_vectors_array a = {name, BT_NPY_I8, 32, false, 1, &count, lane};
  return put_values(v, folder, &a, key, draws, error);
}

/* The draws of a stochastic command, one an element in order, and the lanes around it. */
static bt_status put_draws(bt_vectors *v, const char *folder, const bt_command *c,
                           const bt_vectors_run *run, json_t *entry, bt_error *error) {
  size_t n = bt_command_draws(c, &v->machine->acc);
  if (n == 0) {
    return BT_OK;
  }
  const bt_round_options *round =
      c->op == BT_OP_QUANTIZE ? &c->u.quantize.round : &v->machine->acc.acc_round;
  uint32_t *draw = malloc(n * sizeof *draw);
  if (draw == NULL) {
    return out_of_memory(error);
  }
  bt_lfsr rng = *run->before;
  bt_lfsr_fill(&rng, 0, n, round->random_bits, draw);
  json_t *draws = json_pack("{s:i, s:i, s:I, s:s}", "bits", (int)round->random_bits, "lanes",
                            (int)rng.lanes, "position", (json_int_t)run->before->steps, "order",
                            "element i: lane i mod lanes");
  json_object_set_new(entry, "draws", draws);
  bt_vectors_array a = {"draws", BT_NPY_I4, (int)round->random_bits, false, 1, &n, draw};
  bt_status s = put_values(v, folder, &a, "values", draws, error);
  s = s == BT_OK ? put_lanes(v, folder, run->before, "lanes.before", "before", draws, error) : s;
  s = s == BT_OK ? put_lanes(v, folder, run->after, "lanes.after", "after", draws, error) : s;
  free(draw);
  return s;
}

static bt_status put_loss(bt_vectors *v, const char *folder, const bt_command *c,
                          const bt_vectors_run *run, json_t *entry, bt_error *error) {
  static const char *const name[] = {"loss.before", "loss.after"}, *const key[] = {"before",
                                                                                   "after"};
  const bt_loss *loss[] = {&run->loss, c->u.softmax.loss};
  const size_t three = 3;
  bt_status s = BT_OK;
  if (c->op != BT_OP_SOFTMAX) {
    return BT_OK;
  }
  json_t *item = json_pack("{s:s}", "order", "loss in units of 2^-16 bits, correct rows, rows");
  json_object_set_new(entry, "loss", item);
  for (size_t i = 0; s == BT_OK && i < 2; i++) {
    int64_t sum[3] = {loss[i]->loss_bits, (int64_t)loss[i]->correct, (int64_t)loss[i]->rows};
    bt_vectors_array a = {name[i], BT_NPY_I8, 64, true, 1, &three, sum};
    s = put_values(v, folder, &a, key[i], item, error);
  }
  return s;
}

static json_t *begin_entry(const bt_vectors *v, const bt_command *c, const bt_vectors_run *run,
                           const char *folder) {
  const bt_label *l = &c->label;
  const bt_counts *did = &run->counts;
  json_t *counts =
      json_pack("{s:I, s:I, s:I, s:I, s:I}", "saturations", (json_int_t)did->saturations,
                "dropped", (json_int_t)did->dropped, "clipped", (json_int_t)did->quantize.clipped,
                "overflow", (json_int_t)did->quantize.overflow, "flushed",
                (json_int_t)did->quantize.flushed);
  return json_pack("{s:s, s:I, s:s, s:{s:s, s:I, s:I, s:s}, s:o, s:o}", "folder", folder, "number",
                   (json_int_t)run->number, "op", bt_op_name(c->op), "label", "text", l->text,
                   "step", (json_int_t)l->step, "layer", (json_int_t)l->layer,
                   "phase", bt_phase_name(l->phase), "parameters",
                   bt_vectors_parameters(c, v->machine), "counts", counts);
}

static bt_status put_plusargs(const bt_vectors *v, const char *folder, json_t *entry,
                              bt_error *error) {
  char path[4096];
  char *text = bt_vectors_plusargs(entry);
  bt_status s = text == NULL ? out_of_memory(error) : BT_OK;
  s = s == BT_OK ? bt_vectors_path(v->directory, folder, "plusargs", "", path, error) : s;
  s = s == BT_OK ? bt_vectors_put_text(path, text, error) : s;
  free(text);
  return s;
}

bt_status bt_vectors_add(bt_vectors *v, const bt_command *c, const bt_vectors_run *run,
                         bt_error *error) {
  char folder[96], path[4096];
  folder_name(c, run->number, folder);
  json_t *entry = begin_entry(v, c, run, folder);
  if (entry == NULL) {
    return out_of_memory(error);
  }
  json_array_append_new(v->commands, entry);
  bt_status s = bt_vectors_path(v->directory, folder, "", "", path, error);
  s = s == BT_OK ? bt_directory_make(path, error) : s;
  s = s == BT_OK ? put_tensors(v, folder, c, entry, error) : s;
  s = s == BT_OK ? put_draws(v, folder, c, run, entry, error) : s;
  s = s == BT_OK ? put_loss(v, folder, c, run, entry, error) : s;
  return s == BT_OK ? put_plusargs(v, folder, entry, error) : s;
}

static const char how_to_read[] =
    "Each array is NAME.hex, for $readmemh: an element a line in row-major order, two's "
    "complement of `width` bits; and NAME.npy. Bits are also packed, NAME.bits.hex: element i is "
    "bit i mod 32 of line i / 32. A foreign design's results are compared by `bittrue check`: "
    "FOLDER/out0.hex, FOLDER/out0.exp.hex, ... or .npy. docs/numerics.md defines every result.";

bt_status bt_vectors_commit(bt_vectors *v, size_t left_out, bt_error *error) {
  char path[4096];
  const bt_vectors_source *from = &v->source;
  json_t *o = json_pack("{s:s, s:s, s:{s:s, s:I, s:I, s:I, s:I}, s:s, s:I, s:O}", "format",
                        BT_VECTORS_FORMAT, "about", how_to_read, "source", "recipe", from->recipe,
                        "seed", (json_int_t)from->seed, "epoch", (json_int_t)from->epoch, "step",
                        (json_int_t)from->step, "step_of_run", (json_int_t)from->step_of_run,
                        "machine", v->machine->name, "left_out", (json_int_t)left_out, "commands",
                        v->commands);
  char *text = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
  json_decref(o);
  bt_status s = text == NULL ? out_of_memory(error) : BT_OK;
  s = s == BT_OK ? bt_vectors_path(v->directory, "", BT_VECTORS_MANIFEST, "", path, error) : s;
  s = s == BT_OK ? bt_file_write_text(path, text, error) : s;
  free(text);
  return s;
}

void bt_vectors_free(bt_vectors *v) {
  if (v != NULL) {
    json_decref(v->commands);
    free(v->directory);
    free(v);
  }
}
