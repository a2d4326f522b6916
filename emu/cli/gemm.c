/* bittrue gemm: int8 matrices in the accumulator's arithmetic. */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "io/npy.h"
#include "num/error.h"

enum { KEY_ACC_BITS = 256, KEY_OVERFLOW, KEY_CHUNK, KEY_PSUM_BITS, KEY_ACC_SHIFT, KEY_ACC_ROUNDING,
       KEY_RANDOM_BITS, KEY_SEED, KEY_LANES, KEY_JSON };

typedef struct {
  const char *file[3]; /* A, B, OUT */
  bt_accumulator acc;
  unsigned lanes;
  uint64_t seed;
  bool json;
} options;

static const struct argp_option known[] = {
    {"acc-bits", KEY_ACC_BITS, "N", 0, "Width of the accumulator, 8..32; default 32", 0},
    {"overflow", KEY_OVERFLOW, "RULE", 0, "saturate or wrap; default saturate", 0},
    {"chunk", KEY_CHUNK, "K", 0, "Products that are summed at --psum-bits before they enter the "
     "accumulator, 0 for none; default 0", 0},
    {"psum-bits", KEY_PSUM_BITS, "P", 0, "Width of a chunk's sum, 8..32; default 32", 0},
    {"acc-shift", KEY_ACC_SHIFT, "S", 0, "Right shift of each product or chunk, 0..14; default 0. "
     "The result's unit is 2^S", 0},
    {"acc-rounding", KEY_ACC_ROUNDING, "MODE", 0,
     "Of that shift: floor, nearest_even or stochastic; default floor", 0},
    {"random-bits", KEY_RANDOM_BITS, "R", 0, "Bits of a stochastic draw, 1..24; default 16", 0},
    {"lanes", KEY_LANES, "L", 0, "Lanes of the random generator, a power of two in 1..64; default "
     "16", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of the random generator; default 1", 0},
    {"json", KEY_JSON, NULL, 0, "Print the counts as JSON", 0},
    {0}};

static const char doc[] =
    "Multiplies the int8 matrices A.npy (m x k) and B.npy (k x n) and writes the accumulators, "
    "int32 (m x n), to OUT.npy; k ascends. Prints the shape and how many additions saturated or "
    "wrapped.\v"
    BT_CLI_EXITS;

static bt_rounding rounding(const struct argp_state *state, const char *text) {
  bt_rounding mode = BT_FLOOR;
  bt_error error;
  if (bt_rounding_parse(text, &mode, &error) != BT_OK || mode == BT_NEAREST_AWAY) {
    argp_failure(state, 2, 0,
                 "--acc-rounding: expected floor, nearest_even or stochastic, got '%s'", text);
  }
  return mode;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_ACC_BITS:
      o->acc.acc_bits = (int)bt_cli_count(state, "acc-bits", text, 8, 32);
      return 0;
    case KEY_OVERFLOW:
      o->acc.wrap = strcmp(text, "wrap") == 0;
      if (!o->acc.wrap && strcmp(text, "saturate") != 0) {
        argp_failure(state, 2, 0, "--overflow: expected saturate or wrap, got '%s'", text);
      }
      return 0;
    case KEY_CHUNK:
      o->acc.chunk = (size_t)bt_cli_count(state, "chunk", text, 0, SIZE_MAX);
      return 0;
    case KEY_PSUM_BITS:
      o->acc.psum_bits = (int)bt_cli_count(state, "psum-bits", text, 8, 32);
      return 0;
    case KEY_ACC_SHIFT:
      o->acc.acc_shift = (int)bt_cli_count(state, "acc-shift", text, 0, 14);
      return 0;
    case KEY_ACC_ROUNDING: o->acc.acc_round.mode = rounding(state, text); return 0;
    case KEY_RANDOM_BITS:
      o->acc.acc_round.random_bits = (unsigned)bt_cli_count(state, "random-bits", text, 1, 24);
      return 0;
    case KEY_LANES:
      o->lanes = (unsigned)bt_cli_count(state, "lanes", text, 1, BT_MAX_LANES);
      if ((o->lanes & (o->lanes - 1)) != 0) {
        argp_failure(state, 2, 0, "--lanes: expected a power of two, got '%s'", text);
      }
      return 0;
    case KEY_SEED: o->seed = bt_cli_count(state, "seed", text, 0, UINT64_MAX); return 0;
    case KEY_JSON: o->json = true; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num >= 3) {
        argp_failure(state, 2, 0, "'%s': expected three files only, A.npy, B.npy and OUT.npy",
                     text);
      }
      o->file[state->arg_num] = text;
      return 0;
    case ARGP_KEY_END:
      if (state->arg_num < 3) {
        argp_failure(state, 2, 0, "expected three files, A.npy, B.npy and OUT.npy; see --help");
      }
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static bt_status read_matrix(const char *path, bt_npy *a, bt_error *error) {
  bt_status status = bt_npy_read(path, a, error);
  if (status == BT_OK && a->type != BT_NPY_I1) {
    return bt_fail(error, BT_BAD_INPUT, "%s: elements of %s, expected int8", path,
                   bt_npy_name(a->type));
  }
  if (status == BT_OK && a->ndim != 2) {
    char shape[BT_NPY_SHAPE];
    bt_npy_shape(a->ndim, a->dim, shape);
    return bt_fail(error, BT_BAD_INPUT, "%s: shape %s, expected two dimensions", path, shape);
  }
  return status;
}

static bt_status read_operands(const options *o, bt_npy *a, bt_npy *b, bt_error *error) {
  bt_status status = read_matrix(o->file[0], a, error);
  if (status == BT_OK) {
    status = read_matrix(o->file[1], b, error);
  }
  if (status == BT_OK && a->dim[1] != b->dim[0]) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s and %s: shapes (%zu, %zu) and (%zu, %zu) do not meet, expected (m, k) and "
                   "(k, n)", o->file[0], o->file[1], a->dim[0], a->dim[1], b->dim[0], b->dim[1]);
  }
  return status;
}

static bt_status multiply(const options *o, const bt_npy *a, const bt_npy *b, uint64_t *saturations,
                          bt_error *error) {
  const size_t dim[2] = {a->dim[0], b->dim[1]};
  size_t outputs, products;
  bt_error why;
  bt_lfsr rng;
  if (__builtin_mul_overflow(dim[0], dim[1], &outputs) || outputs > SIZE_MAX / 8 ||
      __builtin_mul_overflow(outputs, a->dim[1], &products)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: %zu x %zu outputs are too many", o->file[2], dim[0],
                   dim[1]);
  }
  int32_t *out = malloc((outputs + 1) * sizeof *out);
  if (out == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory for %zu outputs", o->file[2], outputs);
  }
  bt_status status = bt_lfsr_start(&rng, o->seed, o->lanes);
  if (status == BT_OK) {
    status = bt_gemm_s8(&o->acc, dim[0], dim[1], a->dim[1], a->data, b->data, &rng, out,
                        saturations, &why);
  } else {
    bt_fail(&why, status, "%u lanes: expected a power of two in 1..%u", o->lanes, BT_MAX_LANES);
  }
  status = status == BT_OK ? bt_npy_write(o->file[2], BT_NPY_I4, 2, dim, out, error)
                           : bt_fail(error, status, "%s", why.text);
  free(out);
  return status;
}

static void print_counts(const options *o, const bt_npy *a, const bt_npy *b, uint64_t saturations) {
  if (!o->json) {
    printf("%zu x %zu outputs of %zu products, %" PRIu64 " additions %s\n", a->dim[0], b->dim[1],
           a->dim[1], saturations, o->acc.wrap ? "wrapped" : "saturated");
    return;
  }
  json_t *json = json_pack("{s:I, s:I, s:I, s:I}", "m", (json_int_t)a->dim[0], "n",
                           (json_int_t)b->dim[1], "k", (json_int_t)a->dim[1], "saturations",
                           (json_int_t)saturations);
  json_dumpf(json, stdout, 0);
  printf("\n");
  json_decref(json);
}

int bt_cli_gemm(int argc, char **argv) {
  static const struct argp argp = {known, parse_option, "A.npy B.npy OUT.npy", doc, NULL, NULL,
                                   NULL};
  options o = {.acc = bt_accumulator_default(), .lanes = 16, .seed = 1};
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  bt_error error;
  bt_npy a = {0}, b = {0};
  uint64_t saturations = 0;
  bt_status status = read_operands(&o, &a, &b, &error);
  if (status == BT_OK) {
    status = multiply(&o, &a, &b, &saturations, &error);
  }
  if (status == BT_OK) {
    print_counts(&o, &a, &b, saturations);
  }
  bt_npy_free(&a);
  bt_npy_free(&b);
  return bt_cli_fail("gemm", status, &error);
}
