/* bittrue bench norm: what batch norm and residual sums ask for, as training runs it. */
#include "cli/bench_operands.h"
#include "cli/bench_shapes.h"
#include "cli/bench_timer.h"
#include "num/error.h"

/* Activations of PreResNet20's first and of ResNet18's first and last stage. */
static const char usual[] = "128x32x32x16,128x32x32x64,128x4x4x512";

static const bt_constant one = {16384, -14};

typedef struct {
  bt_bench *b;
  const char *shape;
  size_t ndim;
  const size_t *dim;
  bt_program *p;
} job;

static bt_format format(int wl) {
  return (bt_format){.kind = BT_BFP, .wl = wl, .block = BT_BLOCK_TENSOR};
}

static bt_tensor *operand(job *j, int wl, bt_likeness like) {
  bt_tensor *t = bt_program_tensor(j->p, bt_tensor_bfp("x", format(wl), j->ndim, j->dim));
  if (t != NULL) {
    bt_operand_fill(t, like);
  }
  return t;
}

/* Constants by channel of `bits` bits, whose exponents differ by up to two. */
static bt_tensor *constants(job *j, int bits, int exponent) {
  size_t channels = j->dim[j->ndim - 1];
  bt_tensor *t = bt_program_tensor(j->p, bt_tensor_constants("c", channels));
  for (size_t i = 0; t != NULL && i < channels; i++) {
    ((int32_t *)t->data)[i] = (int32_t)((INT64_C(1) << (bits - 1)) + (int64_t)(i * 97 % 16384));
    t->exp[i] = (int16_t)(exponent - (int)(i % 3));
  }
  return t;
}

static bool add(job *j, const bt_command *c) {
  for (size_t i = 0; i < 2; i++) {
    if ((i == 0 || c->op == BT_OP_REDUCE) && c->out[i] == NULL) {
      return false;
    }
  }
  return c->in[0] != NULL && bt_program_add(j->p, c, "%s", j->shape) != NULL;
}

static bool add_sums(job *j, const bt_tensor *x, const bt_tensor *y) {
  size_t channels = j->dim[j->ndim - 1];
  bt_command c = {.op = BT_OP_REDUCE, .in = {x, y}};
  c.u.reduce.kind = y == NULL ? BT_MOMENTS : BT_PRODUCTS;
  c.out[0] = bt_program_tensor(j->p, bt_tensor_sums("s", channels));
  c.out[1] = bt_program_tensor(j->p, bt_tensor_sums("s", channels));
  return add(j, &c);
}

static bool add_quantize(job *j, const bt_tensor *x, int wl) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {x}};
  c.out[0] = bt_program_tensor(j->p, bt_tensor_bfp("q", format(wl), j->ndim, j->dim));
  c.u.quantize.round = (bt_round_options){.mode = BT_STOCHASTIC, .random_bits = 16};
  return add(j, &c);
}

/* c's terms are there; the sum and its quantization. */
static bool add_affine(job *j, bt_command *c, int wl) {
  c->op = BT_OP_AFFINE;
  c->out[0] = bt_program_temporary(j->p, bt_tensor_wide("z", j->ndim, j->dim, false, false));
  if (c->u.affine.relu) {
    c->out[1] = bt_program_tensor(j->p, bt_tensor_byte("mask", j->ndim, j->dim));
  }
  for (size_t i = 0; i < c->u.affine.terms; i++) {
    c->u.affine.c[i] = one;
    if (c->in[i] == NULL) {
      return false;
    }
  }
  return add(j, c) && add_quantize(j, c->out[0], wl);
}

static bool build_moments(job *j) { return add_sums(j, operand(j, 8, BT_LIKE_GRADIENTS), NULL); }

static bool build_moments16(job *j) { return add_sums(j, operand(j, 16, BT_LIKE_GRADIENTS), NULL); }

static bool build_products(job *j) {
  return add_sums(j, operand(j, 8, BT_LIKE_ERRORS), operand(j, 8, BT_LIKE_GRADIENTS));
}

static bool build_products16(job *j) {
  return add_sums(j, operand(j, 16, BT_LIKE_ERRORS), operand(j, 16, BT_LIKE_GRADIENTS));
}

static bool normalise(job *j, int wl) {
  bt_command c = {.in = {operand(j, wl, BT_LIKE_GRADIENTS)}};
  c.u.affine.terms = 1;
  c.u.affine.relu = true;
  c.in[BT_IN_CONSTANTS] = constants(j, 15, -14);
  c.in[BT_IN_ADDEND] = constants(j, 31, -36);
  return add_affine(j, &c, 8);
}

static bool build_normalise(job *j) { return normalise(j, 8); }

static bool build_normalise16(job *j) { return normalise(j, 16); }

/* a*d + b'*x + c', and where `residual` bits are given another error. */
static bool error_of(job *j, int wl, int residual) {
  bt_command c = {.in = {operand(j, 8, BT_LIKE_ERRORS), operand(j, wl, BT_LIKE_GRADIENTS)}};
  c.u.affine.terms = 2;
  c.in[BT_IN_CONSTANTS] = constants(j, 15, -14);
  c.in[BT_IN_CONSTANTS + 1] = constants(j, 15, -17);
  c.in[BT_IN_ADDEND] = constants(j, 31, -46);
  if (residual > 0) {
    c.in[c.u.affine.terms++] = operand(j, residual, BT_LIKE_ERRORS);
  }
  return add_affine(j, &c, residual > 0 ? 16 : 8);
}

static bool build_error(job *j) { return error_of(j, 8, 0); }

static bool build_error16(job *j) { return error_of(j, 16, 16); }

static bool build_add(job *j) {
  bt_command c = {.in = {operand(j, 8, BT_LIKE_GRADIENTS), operand(j, 16, BT_LIKE_GRADIENTS)}};
  c.u.affine.terms = 2;
  return add_affine(j, &c, 16);
}

static bool build_narrow(job *j) {
  return add_quantize(j, operand(j, 16, BT_LIKE_GRADIENTS), 8);
}

static const struct {
  const char *what;
  bool (*build)(job *j);
  size_t bytes; /* an element's, read and written, without what is in between */
} variants[] = {{"moments of bfp8", build_moments, 1},
                {"moments of bfp16", build_moments16, 2},
                {"products of bfp8, bfp8", build_products, 2},
                {"products of bfp16, bfp16", build_products16, 4},
                {"a x + b, ReLU, quantize; bfp8", build_normalise, 1 + 1 + 1},
                {"a x + b, ReLU, quantize; bfp16", build_normalise16, 2 + 1 + 1},
                {"a d + b x + c, quantize; bfp8", build_error, 2 + 1},
                {"a d + b x + c + r; bfp16", build_error16, 5 + 2},
                {"x + y, quantize to bfp16", build_add, 3 + 2},
                {"bfp16 to bfp8", build_narrow, 2 + 1}};

static bt_status time_variant(job *j, size_t variant, bt_error *error) {
  bt_timing t;
  j->p = bt_program_new();
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

bt_status bt_bench_norm(bt_bench *b, bt_error *error) {
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
