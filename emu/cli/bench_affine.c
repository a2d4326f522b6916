/* bittrue bench affine: bias with ReLU, and the update, alone and as training runs them. */

#include "cli/bench_operands.h"
#include "cli/bench_shapes.h"
#include "cli/bench_timer.h"
#include "num/error.h"

/* An activation of VGG16 and the weights of its largest layers. */
static const char usual[] = "128x32x32x64,512x3x3x512";

static const bt_constant one = {16384, -14};

typedef struct {
  bt_bench *b;
  const char *shape;
  size_t ndim;
  const size_t *dim;
  bt_program *p;
  bt_tensor *w, *v, *g; /* of the update */
  bool fused;                         /* results in between are temporaries */
} job;

static bt_tensor *operand(job *j, bt_tensor shape, bt_likeness like) {
  bt_tensor *t = bt_program_tensor(j->p, shape);
  if (t != NULL) {
    bt_operand_fill(t, like);
  }
  return t;
}

static bt_tensor *between(job *j, bt_tensor shape) {
  return (j->fused ? bt_program_temporary : bt_program_tensor)(j->p, shape);
}

static bt_format format(bt_block block) {
  return (bt_format){.kind = BT_BFP, .wl = 8, .block = block};
}

/* Adds a command unless a tensor is missing; false when out of memory. */
static bool add(job *j, const bt_command *c) {
  return c->in[0] != NULL && c->out[0] != NULL && bt_program_add(j->p, c, "%s", j->shape) != NULL;
}

static bool add_quantize(job *j, bt_tensor *wide, bt_tensor *out) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {wide}, .out = {out}};
  c.u.quantize.round = (bt_round_options){.mode = BT_STOCHASTIC, .random_bits = 16};
  return wide != NULL && out != NULL && add(j, &c);
}

/* A forward contraction's sums, an exponent for each channel, plus the bias, ReLU; fused with it
 * the quantization to activations. */
static bool build_bias(job *j) {
  size_t channels = j->dim[j->ndim - 1];
  bt_tensor *x = operand(j, bt_tensor_wide("y", j->ndim, j->dim, false, true), BT_LIKE_SUMS);
  bt_tensor *bias = operand(j, bt_tensor_bfp("bias", format(BT_BLOCK_TENSOR), 1, &channels),
                            BT_LIKE_WEIGHTS);
  bt_tensor *z = between(j, bt_tensor_wide("z", j->ndim, j->dim, false, true));
  bt_tensor *mask = bt_program_tensor(j->p, bt_tensor_byte("mask", j->ndim, j->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {x, bias}, .out = {z, mask}};
  c.u.affine.terms = 2;
  c.u.affine.c[0] = c.u.affine.c[1] = one;
  c.u.affine.relu = true;
  return bias != NULL && mask != NULL && add(j, &c) &&
         (!j->fused || add_quantize(j, z, bt_program_tensor(j->p, bt_tensor_bfp(
                                              "a", format(BT_BLOCK_TENSOR), j->ndim, j->dim))));
}

static bool make_parameter(job *j) {
  bt_format f = format(j->ndim > 1 ? BT_BLOCK_DIM0 : BT_BLOCK_TENSOR);
  j->w = operand(j, bt_tensor_bfp("w", f, j->ndim, j->dim), BT_LIKE_WEIGHTS);
  j->v = operand(j, bt_tensor_bfp("v", f, j->ndim, j->dim), BT_LIKE_GRADIENTS);
  j->g = operand(j, bt_tensor_bfp("g", f, j->ndim, j->dim), BT_LIKE_GRADIENTS);
  return j->w != NULL && j->v != NULL && j->g != NULL;
}

static bt_tensor *new_parameter(job *j) {
  return between(j, bt_tensor_wide("new", j->ndim, j->dim, j->ndim > 1, false));
}

/* v' = 0.9 v + g + 0.0005 w (numerics 15). */
static bool add_momentum(job *j, bt_tensor *out) {
  bt_command c = {.op = BT_OP_AFFINE, .in = {j->v, j->g, j->w}, .out = {out}};
  c.u.affine.terms = 3;
  c.u.affine.c[0] = bt_constant_make((bt_rational){9, 10}, 16);
  c.u.affine.c[1] = one;
  c.u.affine.c[2] = bt_constant_make((bt_rational){5, 10000}, 16);
  return add(j, &c);
}

/* w' = w - 0.05 (0.9 v + g + 0.0005 w), each constant by itself. */
static bool add_step(job *j, bt_tensor *out) {
  bt_command c = {.op = BT_OP_AFFINE, .in = {j->w, j->v, j->g, j->w}, .out = {out}};
  c.u.affine.terms = 4;
  c.u.affine.c[0] = one;
  c.u.affine.c[1] = bt_constant_make((bt_rational){-45, 1000}, 16);
  c.u.affine.c[2] = bt_constant_make((bt_rational){-5, 100}, 16);
  c.u.affine.c[3] = bt_constant_make((bt_rational){-25, 1000000}, 16);
  return add(j, &c);
}

static bool build_momentum(job *j) {
  return make_parameter(j) && add_momentum(j, new_parameter(j));
}

static bool build_step(job *j) { return make_parameter(j) && add_step(j, new_parameter(j)); }

/* Both and their quantizations, in training's order. */
static bool build_update(job *j) {
  bt_tensor *v = new_parameter(j), *w = new_parameter(j);
  return make_parameter(j) && add_momentum(j, v) && add_step(j, w) && add_quantize(j, v, j->v) &&
         add_quantize(j, w, j->w);
}

static const struct {
  const char *what;
  bool (*build)(job *j);
  bool fused;
  size_t bytes; /* an element's, read and written, without what is in between */
} variants[] = {{"bias, ReLU", build_bias, false, 4 + 4 + 1},
                {"bias, ReLU, quantize", build_bias, true, 4 + 1 + 1},
                {"momentum", build_momentum, false, 3 + 4},
                {"step", build_step, false, 3 + 4},
                {"whole update", build_update, true, 3 + 2}};

static bt_status time_variant(job *j, size_t variant, bt_error *error) {
  bt_timing t;
  j->p = bt_program_new();
  j->fused = variants[variant].fused;
  bt_status s = j->p == NULL || !variants[variant].build(j)
                    ? bt_fail(error, BT_FAILED, "shape '%s': out of memory", j->shape)
                    : BT_OK;
  s = s == BT_OK ? bt_bench_program(j->b, j->p, &t, error) : s;
  bt_program_free(j->p);
  if (s == BT_OK) {
    double elements = (double)bt_elements(j->ndim, j->dim);
    json_t *row = bt_bench_row(j->b, j->shape, variants[variant].what, &t);
    bt_bench_number(row, "gelem_per_second", elements / t.median * 1e-9);
    bt_bench_number(row, "gigabytes_per_second",
                    elements * (double)variants[variant].bytes / t.median * 1e-9);
  }
  return s;
}

bt_status bt_bench_affine(bt_bench *b, bt_error *error) {
  const char *list = b->o->shapes != NULL ? b->o->shapes : usual;
  char text[BT_SHAPE_TEXT];
  bt_status s = BT_OK;
  while (s == BT_OK && bt_shape_next(&list, text)) {
    size_t ndim, dim[4];
    s = bt_shape_tensor(text, &ndim, dim, error);
    for (size_t i = 0; s == BT_OK && i < sizeof variants / sizeof variants[0]; i++) {
      job j = {.b = b, .shape = text, .ndim = ndim, .dim = dim};
      s = time_variant(&j, i, error);
    }
  }
  return s;
}
