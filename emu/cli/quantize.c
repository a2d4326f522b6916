/* bittrue quantize: a .npy array to block floating point or fixed point. */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "io/npy.h"
#include "num/error.h"

enum { KEY_BLOCK = 256, KEY_CLIP, KEY_RANDOM_BITS, KEY_SR_HALF, KEY_LANES, KEY_SEED, KEY_MANTISSAS,
       KEY_EXPONENTS, KEY_JSON };

typedef struct {
  const char *in, *out, *mantissas, *exponents;
  const char *block, *clip; /* NULL where not given */
  bt_format format;
  bt_round_options round;
  unsigned lanes;
  uint64_t seed;
  bool json;
} options;

/* What is read and computed; freed as a whole. */
typedef struct {
  bt_npy in;
  size_t elements, blocks;
  int16_t *mantissa;
  int8_t *exponent;
  float *value;
  bt_quantize_counts counts;
} work;

static const struct argp_option known[] = {
    {"format", 'f', "FORMAT", 0,
     "bfpN, block floating point of N bits (2..16), or fixedW.F, W bits "
     "with F behind the point; default bfp8", 0},
    {"block", KEY_BLOCK, "BLOCK", 0, "What shares an exponent: tensor, dim0, sample, tile:RxC or "
     "k32; default tensor; bfp only", 0},
    {"rounding", 'r', "MODE", 0, "stochastic, nearest_even, nearest_away or floor; default "
     "stochastic", 0},
    {"clip", KEY_CLIP, "CLIP", 0, "symmetric, to +-(2^(N-1)-1), or asymmetric, to -2^(N-1) too; "
     "default symmetric for bfp, asymmetric for fixed", 0},
    {"random-bits", KEY_RANDOM_BITS, "R", 0, "Bits of a stochastic draw, 1..24; default 16", 0},
    {"sr-half", KEY_SR_HALF, NULL, 0, "Append a 1 bit below the random bits", 0},
    {"lanes", KEY_LANES, "L", 0, "Lanes of the random generator, a power of two in 1..64; default "
     "16", 0},
    {"seed", KEY_SEED, "S", 0, "Seed of the random generator; default 1", 0},
    {"mantissas", KEY_MANTISSAS, "FILE", 0, "Also write the mantissas: int8 up to 8 bits, else "
     "int16, in the shape of IN", 0},
    {"exponents", KEY_EXPONENTS, "FILE", 0, "Also write the shared exponents: int8, one a block in "
     "row-major block order; bfp only", 0},
    {"json", KEY_JSON, NULL, 0, "Print the counts as JSON", 0},
    {0}};

static const char doc[] =
    "Quantizes the float32 or float64 array IN.npy, exactly, and writes mantissa times step as "
    "float32 to OUT.npy. Prints how many elements were clipped, overflowed or flushed to zero.\v"
    "All files are written, or none is replaced. " BT_CLI_EXITS;

/* Ends the program where a parse function refused an option's text. */
static void check(const struct argp_state *state, bt_status status, const bt_error *error) {
  if (status != BT_OK) {
    argp_failure(state, 2, 0, "%s", error->text);
  }
}

static void finish_options(const struct argp_state *state, options *o) {
  bt_error error;
  bool fixed = o->format.kind == BT_FIXED;
  if (o->out == NULL) {
    argp_failure(state, 2, 0, "expected two files, IN.npy and OUT.npy; see --help");
  }
  if (fixed && o->exponents != NULL) {
    argp_failure(state, 2, 0,
                 "--exponents: fixed point has no shared exponents, expected a bfp format");
  }
  if (fixed && o->block != NULL && strcmp(o->block, "tensor") != 0) {
    argp_failure(state, 2, 0,
                 "--block %s: fixed point has no blocks, expected tensor or a bfp format",
                 o->block);
  }
  if (o->block != NULL) {
    check(state, bt_block_parse(o->block, &o->format, &error), &error);
  }
  if (o->clip != NULL) {
    o->format.asymmetric = strcmp(o->clip, "asymmetric") == 0;
    if (!o->format.asymmetric && strcmp(o->clip, "symmetric") != 0) {
      argp_failure(state, 2, 0, "--clip: expected symmetric or asymmetric, got '%s'", o->clip);
    }
  }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  bt_error error;
  switch (key) {
    case 'f': check(state, bt_format_parse(text, &o->format, &error), &error); return 0;
    case KEY_BLOCK: o->block = text; return 0;
    case 'r': check(state, bt_rounding_parse(text, &o->round.mode, &error), &error); return 0;
    case KEY_CLIP: o->clip = text; return 0;
    case KEY_RANDOM_BITS:
      o->round.random_bits = (unsigned)bt_cli_count(state, "random-bits", text, 1, 24);
      return 0;
    case KEY_SR_HALF: o->round.sr_half = true; return 0;
    case KEY_LANES:
      o->lanes = (unsigned)bt_cli_count(state, "lanes", text, 1, BT_MAX_LANES);
      if ((o->lanes & (o->lanes - 1)) != 0) {
        argp_failure(state, 2, 0, "--lanes: expected a power of two, got '%s'", text);
      }
      return 0;
    case KEY_SEED: o->seed = bt_cli_count(state, "seed", text, 0, UINT64_MAX); return 0;
    case KEY_MANTISSAS: o->mantissas = text; return 0;
    case KEY_EXPONENTS: o->exponents = text; return 0;
    case KEY_JSON: o->json = true; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num >= 2) {
        argp_failure(state, 2, 0, "'%s': expected two files only, IN.npy and OUT.npy", text);
      }
      *(state->arg_num == 0 ? &o->in : &o->out) = text;
      return 0;
    case ARGP_KEY_END: finish_options(state, o); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static bt_status read_input(const options *o, work *w, bt_error *error) {
  bt_status status = bt_npy_read(o->in, &w->in, error);
  if (status != BT_OK) {
    return status;
  }
  if (w->in.type != BT_NPY_F4 && w->in.type != BT_NPY_F8) {
    return bt_fail(error, BT_BAD_INPUT, "%s: elements of %s, expected float32 or float64", o->in,
                   bt_npy_name(w->in.type));
  }
  w->elements = bt_elements(w->in.ndim, w->in.dim);
  w->blocks = o->format.kind == BT_FIXED ? 0 : bt_block_count(&o->format, w->in.ndim, w->in.dim);
  w->mantissa = calloc(w->elements + 1, sizeof *w->mantissa);
  w->exponent = calloc(w->blocks + 1, sizeof *w->exponent);
  w->value = calloc(w->elements + 1, sizeof *w->value);
  if (w->mantissa == NULL || w->exponent == NULL || w->value == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory for %zu elements", o->in, w->elements);
  }
  return BT_OK;
}

static bt_status compute(const options *o, work *w, bt_error *error) {
  bt_error why;
  bt_lfsr rng;
  const bt_npy *in = &w->in;
  bt_status status = bt_lfsr_start(&rng, o->seed, o->lanes);
  if (status != BT_OK) {
    return bt_fail(error, status, "%u lanes: expected a power of two in 1..%u", o->lanes,
                   BT_MAX_LANES);
  }
  status = in->type == BT_NPY_F8
               ? bt_quantize_f64(&o->format, &o->round, in->ndim, in->dim, in->data, &rng,
                                 w->mantissa, w->exponent, &w->counts, &why)
               : bt_quantize_f32(&o->format, &o->round, in->ndim, in->dim, in->data, &rng,
                                 w->mantissa, w->exponent, &w->counts, &why);
  if (status == BT_OK) {
    status = bt_dequantize_f32(&o->format, in->ndim, in->dim, w->mantissa, w->exponent, w->value,
                               &why);
  }
  if (status != BT_OK) {
    return bt_fail(error, status, "%s: %s", o->in, why.text);
  }
  return BT_OK;
}

/* Prepares `path`, if one is given. */
static bt_status put(bt_file *f, const char *path, bt_npy_type type, size_t ndim, const size_t *dim,
                     const void *data, bt_error *error) {
  if (path == NULL) {
    return BT_OK;
  }
  bt_status status = bt_file_create(f, path, error);
  return status == BT_OK ? bt_npy_put(f, type, ndim, dim, data, error) : status;
}

static bt_status write_outputs(const options *o, const work *w, bt_error *error) {
  bt_file out = {0}, mantissas = {0}, exponents = {0};
  bt_file *const all[] = {&out, &mantissas, &exponents};
  const bt_npy *in = &w->in;
  bool narrow = o->format.wl <= 8;
  int8_t *bytes = narrow ? malloc(w->elements + 1) : NULL;
  if (narrow && bytes == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", o->out);
  }
  for (size_t i = 0; i < w->elements && narrow; i++) {
    bytes[i] = (int8_t)w->mantissa[i];
  }
  bt_status status = put(&out, o->out, BT_NPY_F4, in->ndim, in->dim, w->value, error);
  if (status == BT_OK) {
    status = put(&mantissas, o->mantissas, narrow ? BT_NPY_I1 : BT_NPY_I2, in->ndim, in->dim,
                 narrow ? (const void *)bytes : (const void *)w->mantissa, error);
  }
  if (status == BT_OK) {
    status = put(&exponents, o->exponents, BT_NPY_I1, 1, &w->blocks, w->exponent, error);
  }
  if (status == BT_OK) {
    status = bt_file_commit_all(all, 3, error);
  }
  for (size_t i = 0; i < 3; i++) {
    bt_file_abandon(all[i]);
  }
  free(bytes);
  return status;
}

static void print_counts(const options *o, const work *w) {
  const bt_quantize_counts *c = &w->counts;
  if (!o->json) {
    printf("%zu elements, %zu blocks, ", w->elements, w->blocks);
    printf("%" PRIu64 " clipped, %" PRIu64 " overflow, %" PRIu64 " flushed\n", c->clipped,
           c->overflow, c->flushed);
    return;
  }
  json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I}", "elements", (json_int_t)w->elements,
                           "blocks",
                           (json_int_t)w->blocks, "clipped", (json_int_t)c->clipped, "overflow",
                           (json_int_t)c->overflow, "flushed", (json_int_t)c->flushed);
  json_dumpf(json, stdout, 0);
  printf("\n");
  json_decref(json);
}

int bt_cli_quantize(int argc, char **argv) {
  static const struct argp argp = {known, parse_option, "IN.npy OUT.npy", doc, NULL, NULL, NULL};
  options o = {.format = {.kind = BT_BFP, .wl = 8},
               .round = {.mode = BT_STOCHASTIC, .random_bits = 16},
               .lanes = 16,
               .seed = 1};
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  bt_error error;
  work w = {0};
  bt_status status = read_input(&o, &w, &error);
  if (status == BT_OK) {
    status = compute(&o, &w, &error);
  }
  if (status == BT_OK) {
    status = write_outputs(&o, &w, &error);
  }
  if (status == BT_OK) {
    print_counts(&o, &w);
  }
  bt_npy_free(&w.in);
  free(w.mantissa);
  free(w.exponent);
  free(w.value);
  return bt_cli_fail("quantize", status, &error);
}
