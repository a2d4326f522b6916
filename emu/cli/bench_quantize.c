/* bittrue bench quantize: wide values and floats to bfp8. */
#include <stdlib.h>
#include <string.h>

#include "cli/bench_operands.h"
#include "cli/bench_shapes.h"
#include "cli/bench_timer.h"
#include "fast/float32.h"
#include "num/error.h"

/* An activation and a weight gradient of VGG16. */
static const char usual[] = "128x32x32x64,512x3x3x512";

typedef struct {
  const char *what;
  bool cells; /* the wide values' exponents: one for each last index, or one in all */
  bt_block block;
  bt_rounding mode;
} variant;

static const variant variants[] = {
    {"tensor stochastic", false, BT_BLOCK_TENSOR, BT_STOCHASTIC},         /* errors */
    {"channels to tensor stochastic", true, BT_BLOCK_TENSOR, BT_STOCHASTIC}, /* activations */
    {"dim0 stochastic", false, BT_BLOCK_DIM0, BT_STOCHASTIC},             /* gradients */
    {"tensor nearest_even", false, BT_BLOCK_TENSOR, BT_NEAREST_EVEN}};    /* evaluation */

static void add_row(bt_bench *b, const char *shape, const char *what, const bt_timing *t,
                    size_t elements, size_t bytes) {
  json_t *row = bt_bench_row(b, shape, what, t);
  bt_bench_number(row, "gelem_per_second", (double)elements / t->median * 1e-9);
  bt_bench_number(row, "gigabytes_per_second", (double)(elements * bytes) / t->median * 1e-9);
}

static bt_status time_wide(bt_bench *b, const char *shape, const variant *v, size_t ndim,
                           const size_t *dim, bt_error *error) {
  bt_format f = {.kind = BT_BFP, .wl = 8, .block = v->block};
  bt_program *p = bt_program_new();
  bt_tensor *x = NULL, *y = NULL;
  bt_timing t;
  if (p != NULL) {
    x = bt_program_tensor(p, bt_tensor_wide("x", ndim, dim, false, v->cells));
    y = bt_program_tensor(p, bt_tensor_bfp("y", f, ndim, dim));
  }
  bt_status s = x == NULL || y == NULL
                    ? bt_fail(error, BT_FAILED, "shape '%s': out of memory", shape)
                    : BT_OK;
  if (s == BT_OK) {
    bt_command c = {.op = BT_OP_QUANTIZE, .label.text = shape, .in = {x}, .out = {y}};
    c.u.quantize.round = (bt_round_options){.mode = v->mode, .random_bits = 16};
    bt_operand_fill(x, BT_LIKE_SUMS);
    s = bt_bench_command(b, &c, &t, error);
    if (s == BT_OK) {
      add_row(b, shape, v->what, &t, bt_tensor_elements(x), 4 + 1);
    }
  }
  bt_program_free(p);
  return s;
}

typedef struct {
  bt_bench *b;
  bt_fast fast;
  size_t ndim;
  const size_t *dim;
  const float *x;
  int8_t *bytes;     /* of engine fast */
  int16_t *mantissa; /* of the library's function, which the quantizer filter calls */
} job;

static bt_status run_floats(void *context, bt_error *error) {
  static const bt_format f = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
  static const bt_round_options round = {.mode = BT_STOCHASTIC, .random_bits = 16};
  job *j = context;
  int8_t exponent;
  if (j->bytes == NULL) {
    return bt_quantize_f32(&f, &round, j->ndim, j->dim, j->x, &j->b->rng, j->mantissa, &exponent,
                           NULL, error);
  }
  bt_quantize_counts counts = {0};
  bt_scratch_reset(j->fast.scratch);
  return bt_fast_quantize_f32(&j->fast, &f, &round, j->ndim, j->dim, j->x, &j->b->rng, j->bytes,
                              &exponent, &counts, error);
}

static bt_status time_job(job *j, const char *shape, float *x, bt_error *error) {
  size_t n = bt_elements(j->ndim, j->dim);
  bt_timing t;
  for (size_t i = 0; i < n; i++) {
    x[i] = (float)((int64_t)(i * 2654435761u % 20011) - 10005) * 0.00013f;
  }
  bt_status s = bt_bench_time(j->b, run_floats, j, &t, error);
  if (s == BT_OK) {
    add_row(j->b, shape, "float32 to tensor stochastic", &t, n,
            sizeof *x + (j->bytes == NULL ? sizeof *j->mantissa : sizeof *j->bytes));
  }
  return s;
}

static bt_status time_floats(bt_bench *b, const char *shape, size_t ndim, const size_t *dim,
                             bt_error *error) {
  bool fast = strcmp(b->engine->name, "fast") == 0;
  size_t n = bt_elements(ndim, dim);
  float *x = malloc(n * sizeof *x);
  void *out = malloc(n * sizeof(int16_t));
  bt_scratch *scratch = bt_scratch_new();
  job j = {.b = b, .ndim = ndim, .dim = dim, .x = x};
  j.fast = (bt_fast){.kernels = b->kernels, .threads = b->threads, .scratch = scratch};
  j.bytes = fast ? out : NULL;
  j.mantissa = fast ? NULL : out;
  bt_status s = x == NULL || out == NULL || scratch == NULL
                    ? bt_fail(error, BT_FAILED, "shape '%s': out of memory", shape)
                    : time_job(&j, shape, x, error);
  free(x);
  free(out);
  bt_scratch_free(scratch);
  return s;
}

bt_status bt_bench_quantize(bt_bench *b, bt_error *error) {
  const char *list = b->o->shapes != NULL ? b->o->shapes : usual;
  char text[BT_SHAPE_TEXT];
  bt_status s = BT_OK;
  while (s == BT_OK && bt_shape_next(&list, text)) {
    size_t ndim, dim[4];
    s = bt_shape_tensor(text, &ndim, dim, error);
    for (size_t i = 0; s == BT_OK && i < sizeof variants / sizeof variants[0]; i++) {
      s = time_wide(b, text, &variants[i], ndim, dim, error);
    }
    s = s == BT_OK ? time_floats(b, text, ndim, dim, error) : s;
  }
  return s;
}
