/* bittrue export: a run's weights, momentum and averages as .npy files. */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "io/file.h"
#include "io/npy.h"
#include "num/error.h"
#include "num/format.h"
#include "train/run_files.h"
#include "train/train.h"

enum { KEY_NPY = 256, KEY_BITS, KEY_FLOAT };

typedef struct {
  const char *run, *directory;
  uint64_t bits;
  bool with_floats;
} options;

static const struct argp_option known[] = {
    {"npy", KEY_NPY, "DIR", 0, "Directory for the files; made if it is not there", 0},
    {"swa-bits", KEY_BITS, "N", 0, "Width of the average, 8 to 15, instead of the recipe's", 0},
    {"float", KEY_FLOAT, NULL, 0, "Write the values too, as float32 (exact)", 0},
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_NPY: o->directory = text; return 0;
    case KEY_BITS: o->bits = bt_cli_count(state, "swa-bits", text, 8, 15); return 0;
    case KEY_FLOAT: o->with_floats = true; return 0;
    case ARGP_KEY_END:
      if (o->run != NULL && o->directory == NULL) {
        argp_failure(state, 2, 0, "expected --npy DIR, where the files are to go; see --help");
      }
      return bt_cli_one_argument(key, text, state, &o->run, "run");
    default: return bt_cli_one_argument(key, text, state, &o->run, "run");
  }
}

static const char doc[] =
    "Writes the tensors of a run's checkpoint as .npy files: for each parameter NAME "
    "(conv1.weight, ...) the iterate (NAME.npy), the momentum (NAME.momentum.npy) and, if the run has averaged, "
    "the average (NAME.average.npy) as mantissas, with the shared exponents of their blocks beside "
    "them (NAME.exponents.npy, NAME.momentum.exponents.npy, ...). A value is "
    "mantissa * 2^(exponent - (bits - 2)). "
    "manifest.json lists the files with shapes, formats and blocks.\v" BT_CLI_EXITS;

typedef struct {
  const options *o;
  bt_session session;
  bt_state state;
  json_t *manifest; /* a list, one item a tensor */
} job;

static bt_status put(const job *j, const char *name, const char *what, bt_npy_type type,
                     size_t ndim, const size_t *dim, const void *data, bt_error *error) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%s%s.npy", j->o->directory, name, what);
  if (length < 0 || (size_t)length >= sizeof path) {
    return bt_fail(error, BT_BAD_INPUT, "--npy: a path longer than %zu bytes", sizeof path - 1);
  }
  return bt_npy_write(path, type, ndim, dim, data, error);
}

static bt_status put_values(const job *j, const bt_tensor *t, const char *what, bt_error *error) {
  size_t n = bt_tensor_elements(t);
  float *value = malloc((n + 1) * sizeof *value);
  char kind[64];
  if (value == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the values of %s", t->name);
  }
  for (size_t i = 0; i < n; i++) {
    value[i] = (float)ldexp((double)bt_tensor_mantissa(t, i), bt_tensor_step(t, i));
  }
  snprintf(kind, sizeof kind, "%s.float", what);
  bt_status s = put(j, t->name, kind, BT_NPY_F4, t->ndim, t->dim, value, error);
  free(value);
  return s;
}

static void block_text(const bt_format *f, char *text, size_t size) {
  static const char *const name[] = {[BT_BLOCK_TENSOR] = "tensor", [BT_BLOCK_DIM0] = "dim0",
                                     [BT_BLOCK_SAMPLE] = "sample", [BT_BLOCK_K32] = "k32"};
  if (f->block == BT_BLOCK_TILE) {
    snprintf(text, size, "tile:%zux%zu", f->tile_rows, f->tile_cols);
  } else {
    snprintf(text, size, "%s", name[f->block]);
  }
}

static void list_tensor(const job *j, const bt_tensor *t, const char *what) {
  char format[32], block[48];
  json_t *shape = json_array(), *item = json_object();
  for (size_t d = 0; d < t->ndim; d++) {
    json_array_append_new(shape, json_integer((json_int_t)t->dim[d]));
  }
  snprintf(format, sizeof format, t->fmt.kind == BT_FIXED ? "fixed%d.%d" : "bfp%d", t->fmt.wl,
           t->fmt.fl);
  block_text(&t->fmt, block, sizeof block);
  json_object_set_new(item, "parameter", json_string(t->name));
  json_object_set_new(item, "tensor", json_string(what[0] == '\0' ? "iterate" : what + 1));
  json_object_set_new(item, "shape", shape);
  json_object_set_new(item, "format", json_string(format));
  json_object_set_new(item, "block", json_string(block));
  json_object_set_new(item, "mantissas", json_sprintf("%s%s.npy", t->name, what));
  json_object_set_new(item, "exponents", json_sprintf("%s%s.exponents.npy", t->name, what));
  if (j->o->with_floats) {
    json_object_set_new(item, "values", json_sprintf("%s%s.float.npy", t->name, what));
  }
  json_array_append_new(j->manifest, item);
}

static bt_status put_tensor(const job *j, const bt_tensor *t, const char *what, bt_error *error) {
  bt_npy_type type = t->kind == BT_T_BFP8 ? BT_NPY_I1 : BT_NPY_I2;
  size_t blocks = bt_tensor_exponents(t);
  char exponents[64];
  snprintf(exponents, sizeof exponents, "%s.exponents", what);
  bt_status s = put(j, t->name, what, type, t->ndim, t->dim, t->data, error);
  s = s == BT_OK ? put(j, t->name, exponents, BT_NPY_I2, 1, &blocks, t->exp, error) : s;
  s = s == BT_OK && j->o->with_floats ? put_values(j, t, what, error) : s;
  if (s == BT_OK) {
    list_tensor(j, t, what);
  }
  return s;
}

static bt_status put_parameters(const job *j, bt_error *error) {
  const bt_model *model = j->state.model;
  bt_tensor *average[BT_MAX_PARAMETERS] = {NULL};
  bool averaged = model->average[0].count > 0;
  int bits = j->o->bits != 0 ? (int)j->o->bits : j->session.recipe.swa_bits;
  bt_status s = averaged ? bt_model_average(model, bits, average, error) : BT_OK;
  for (size_t p = 0; s == BT_OK && p < model->parameters; p++) {
    s = put_tensor(j, model->w[p], "", error);
    s = s == BT_OK ? put_tensor(j, model->v[p], ".momentum", error) : s;
    s = s == BT_OK && averaged ? put_tensor(j, average[p], ".average", error) : s;
  }
  bt_weights_free(average);
  return s;
}

/* The last file: a directory with a manifest is whole. */
static bt_status put_manifest(const job *j, bt_error *error) {
  char path[4096], digest[65] = "";
  const bt_model *model = j->state.model;
  bt_status s = bt_state_digest(&j->state, digest, error);
  json_t *o = json_object();
  json_object_set_new(o, "run", json_string(j->o->run));
  json_object_set_new(o, "net", json_string(j->session.recipe.net.name));
  json_object_set_new(o, "steps", json_integer((json_int_t)j->state.steps));
  json_object_set_new(o, "snapshots", json_integer((json_int_t)model->average[0].count));
  json_object_set_new(o, "digest", json_string(digest));
  json_object_set_new(o, "value", json_string("mantissa * 2^(exponent - (bits - 2))"));
  json_object_set(o, "tensors", j->manifest);
  char *text = json_dumps(o, JSON_INDENT(2));
  json_decref(o);
  if (s == BT_OK && text == NULL) {
    s = bt_fail(error, BT_FAILED, "out of memory for the manifest");
  }
  snprintf(path, sizeof path, "%.4000s/manifest.json", j->o->directory);
  s = s == BT_OK ? bt_file_write_text(path, text, error) : s;
  free(text);
  return s;
}

static bt_status open_run(job *j, bt_error *error) {
  bt_run_origin origin;
  char path[4096];
  bt_status s = bt_run_read_origin(j->o->run, &origin, error);
  s = s == BT_OK ? bt_recipe_load(origin.recipe, &j->session.recipe, error) : s;
  s = s == BT_OK ? bt_find_file(BT_FIND_MACHINE, origin.machine, path, sizeof path, error) : s;
  s = s == BT_OK ? bt_machine_load(path, &j->session.machine, error) : s;
  if (s != BT_OK) {
    return s;
  }
  j->session.recipe.seed = origin.seed;
  s = bt_state_start(&j->session.recipe, &j->session.machine, &j->state, error);
  snprintf(path, sizeof path, "%s/" BT_CHECKPOINT_FILE, j->o->run);
  return s == BT_OK ? bt_state_load(&j->state, path, error) : s;
}

int bt_cli_export(int argc, char **argv) {
  options o = {0};
  job j = {.o = &o, .manifest = json_array()};
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "RUN", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_status s = open_run(&j, &error);
  s = s == BT_OK ? bt_directory_make(o.directory, &error) : s;
  s = s == BT_OK ? put_parameters(&j, &error) : s;
  s = s == BT_OK ? put_manifest(&j, &error) : s;
  if (s == BT_OK) {
    printf("%zu tensors in %s\n", json_array_size(j.manifest), o.directory);
  }
  json_decref(j.manifest);
  bt_state_free(&j.state);
  return s == BT_OK ? 0 : bt_cli_fail("export", s, &error);
}
