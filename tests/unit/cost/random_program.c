#include "random_program.h"

#include <stdlib.h>
#include <string.h>

#include "random_parts.h"

static bt_geometry draw_geometry(random_case *r) {
  bt_geometry g = {.n = random_between(r, 1, 3), .h = 1, .w = 1, .c = random_between(r, 1, 40),
                   .o = random_between(r, 1, 30), .kh = 1, .kw = 1, .stride = 1, .oh = 1, .ow = 1};
  if (random_one_in(r, 3)) {
    g.n = random_between(r, 1, 20);
    return g;
  }
  g.h = random_between(r, 1, 8);
  g.w = random_between(r, 1, 8);
  g.c = random_between(r, 1, 5);
  g.o = random_between(r, 1, 9);
  g.pad = random_below(r, 3);
  g.stride = random_between(r, 1, 3);
  size_t tall = g.h + 2 * g.pad, broad = g.w + 2 * g.pad;
  g.kh = random_between(r, 1, tall < 5 ? tall : 5);
  g.kw = random_between(r, 1, broad < 5 ? broad : 5);
  g.oh = (tall - g.kh) / g.stride + 1;
  g.ow = (broad - g.kw) / g.stride + 1;
  return g;
}

static bt_tensor *contract(random_case *r, bt_geometry g, bt_direction d, bt_phase phase) {
  size_t x[4] = {g.n, g.h, g.w, g.c}, w[4] = {g.o, g.kh, g.kw, g.c}, y[4] = {g.n, g.oh, g.ow, g.o};
  bt_command c = {.op = BT_OP_CONTRACT};
  bool broad = d == BT_FORWARD && random_one_in(r, 5);
  int wl = (int)(broad ? random_between(r, 9, 15) : random_between(r, 2, 8));
  bt_tensor *a = random_source(r, random_format(r, 8, true), 4, d == BT_FORWARD ? x : y);
  bt_tensor *b = random_source(r, random_format(r, wl, true), 4, d == BT_WEIGHT_GRADIENT ? x : w);
  const bt_tensor *from[2] = {a, b};
  bt_tensor *out = random_add(r, bt_tensor_wide_from("sums", 4, d == BT_FORWARD         ? y
                                                         : d == BT_DATA_GRADIENT ? x
                                                                                 : w,
                                              true, true, 2, from));
  c.u.contract.direction = d;
  c.u.contract.geometry = g;
  c.u.contract.nearest = wl > 8;
  c.in[0] = a;
  c.in[1] = b;
  c.out[0] = out;
  random_command(r, c, phase, bt_direction_name(d));
  return out;
}

static bt_tensor *quantize(random_case *r, const bt_tensor *in, bt_format f, bt_phase phase) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {in}};
  c.u.quantize.round = (bt_round_options){BT_FLOOR, 16, false};
  bt_tensor *out = random_result(r, f, in->ndim, in->dim);
  c.out[0] = out;
  random_command(r, c, phase, "quantize");
  return out;
}

static void gate(random_case *r, const bt_tensor *x, const bt_tensor *mask, bt_phase phase) {
  bt_command c = {.op = BT_OP_GATE, .in = {x, mask}};
  c.out[0] = random_result(r, x->fmt, x->ndim, x->dim);
  random_command(r, c, phase, "gate");
}

static bool trains(bt_phase p) { return p != BT_PHASE_EVALUATION && p != BT_PHASE_STATISTICS; }

static bt_tensor *mask_of(random_case *r, const bt_tensor *t) {
  return random_add(r, bt_tensor_as(BT_ROLE_MASK, bt_tensor_byte("mask", t->ndim, t->dim)));
}

static const bt_tensor *dropout(random_case *r, const bt_tensor *like) {
  bt_command c = {.op = BT_OP_DROPOUT};
  c.u.dropout.drop = (bt_rational){1, 2};
  c.out[0] = mask_of(r, like);
  random_command(r, c, BT_PHASE_FORWARD, "dropout");
  return c.out[0];
}

/* An affine of `terms` of one shape, and further terms drawn. *mask is its ReLU's, or NULL. */
static bt_tensor *affine(random_case *r, const bt_tensor *const *term, size_t terms,
                         bt_phase phase, bt_tensor **mask) {
  bt_command c = {.op = BT_OP_AFFINE};
  const bt_tensor *x = term[0];
  for (size_t i = 0; i < terms; i++) {
    c.in[i] = term[i];
    c.u.affine.c[i] = (bt_constant){1, 0};
  }
  while (terms < BT_MAX_TERMS && random_one_in(r, 3)) {
    size_t last = bt_tensor_last(x);
    bool row = x->ndim == 1 || random_one_in(r, 2);
    bt_format f = random_format(r, random_one_in(r, 2) ? 16 : 8, true);
    c.in[terms] = random_one_in(r, 6) ? c.in[0]
                  : row ? random_source(r, random_whole(8), 1, &last)
                        : random_source(r, f, x->ndim, x->dim);
    terms++;
  }
  size_t last = bt_tensor_last(x);
  if (random_one_in(r, 4)) {
    c.in[BT_IN_CONSTANTS] = random_add(r, bt_tensor_constants("scale", last));
  }
  c.u.affine.terms = terms;
  c.out[0] = random_add(r, bt_tensor_wide_each("affine", x->ndim, x->dim));
  c.u.affine.relu = mask != NULL && random_one_in(r, 3);
  if (c.u.affine.relu) {
    c.out[1] = *mask = mask_of(r, x);
  } else if (random_one_in(r, 4)) {
    c.u.affine.masked = true;
    c.in[BT_IN_MASK] = dropout(r, x);
  }
  random_command(r, c, phase, "affine");
  return c.out[0];
}

/* One or two further units, a quantization, and the mask's reader. */
static void finish(random_case *r, const bt_tensor *wide, bt_phase phase) {
  bt_tensor *mask = NULL;
  for (size_t i = random_below(r, 3); i > 0; i--) {
    wide = affine(r, &wide, 1, phase, mask == NULL ? &mask : NULL);
  }
  bt_tensor *q = quantize(r, wide, random_format(r, random_one_in(r, 4) ? 16 : 8, true), phase);
  while (random_one_in(r, 10)) {
    quantize(r, wide, random_format(r, 8, true), phase);
  }
  if (mask != NULL && trains(phase)) {
    gate(r, q, mask, BT_PHASE_DATA_GRADIENT);
  }
}

/* One to three contractions of a shape, summed: all but the last one wait. */
static void contractions(random_case *r) {
  bt_geometry g = draw_geometry(r);
  bt_direction d = (bt_direction)random_below(r, 3);
  bt_phase phase = (bt_phase)random_below(r, BT_PHASE_COUNT);
  const bt_tensor *term[3];
  size_t terms = random_one_in(r, 2) ? 1 : random_between(r, 2, 3);
  for (size_t i = 0; i < terms; i++) {
    term[i] = contract(r, g, d, phase);
    if (i + 1 < terms && random_one_in(r, 4)) {
      term[i] = affine(r, &term[i], 1, phase, NULL);
    }
  }
  finish(r, terms > 1 ? affine(r, term, terms, phase, NULL) : term[0], phase);
  if (random_one_in(r, 10)) {
    quantize(r, term[0], random_format(r, 8, true), phase);
  }
}

static void image(random_case *r, size_t dim[4]) {
  dim[0] = random_between(r, 1, 3);
  dim[1] = random_between(r, 2, 9);
  dim[2] = random_between(r, 2, 9);
  dim[3] = random_between(r, 1, 12);
}

static bt_format pool_format(random_case *r) {
  bt_format f = random_whole(random_one_in(r, 2) ? 8 : 16);
  f.block = random_one_in(r, 2) ? BT_BLOCK_SAMPLE : BT_BLOCK_TENSOR;
  return f;
}

static void pools(random_case *r) {
  size_t big[4], small[4];
  image(r, big);
  memcpy(small, big, sizeof big);
  bool sum = random_one_in(r, 2);
  bt_command c = {.op = sum ? BT_OP_POOL_SUM : BT_OP_POOL};
  c.u.pool.k = random_between(r, 1, big[1] < big[2] ? big[1] : big[2]);
  small[1] /= c.u.pool.k;
  small[2] /= c.u.pool.k;
  bt_format f = pool_format(r);
  bt_phase phase = random_one_in(r, 3) ? BT_PHASE_STATISTICS : BT_PHASE_FORWARD;
  c.in[0] = random_source(r, f, 4, big);
  if (sum) {
    c.out[0] = random_add(r, bt_tensor_wide("pool", 4, small, f.block == BT_BLOCK_SAMPLE, false));
    random_command(r, c, phase, "pool_sum");
    finish(r, c.out[0], phase);
    bt_command back = {.op = BT_OP_SPREAD, .u.pool.k = c.u.pool.k};
    back.in[0] = random_source(r, f, 4, small);
    back.out[0] = random_result(r, f, 4, big);
    random_command(r, back, BT_PHASE_DATA_GRADIENT, "spread");
    return;
  }
  c.out[0] = random_result(r, f, 4, small);
  c.out[1] = random_add(r, bt_tensor_as(BT_ROLE_INDEX, bt_tensor_byte("index", 4, small)));
  random_command(r, c, phase, "pool");
  if (!trains(phase)) {
    return;
  }
  bt_command back = {.op = BT_OP_POOL_BACK, .u.pool.k = c.u.pool.k,
                     .in = {c.out[0], c.out[1]}};
  back.out[0] = random_result(r, f, 4, big);
  random_command(r, back, BT_PHASE_DATA_GRADIENT, "pool_back");
}

/* bfp16 to bfp8, and updates: affines of narrow terms. */
static void updates(random_case *r) {
  size_t dim[4];
  image(r, dim);
  bt_format f = random_format(r, random_one_in(r, 2) ? 16 : 8, true);
  const bt_tensor *x = random_source(r, f, 4, dim);
  if (random_one_in(r, 2)) {
    x = quantize(r, x, random_format(r, random_one_in(r, 4) ? 16 : 8, true), BT_PHASE_FORWARD);
  } else {
    finish(r, affine(r, &x, 1, BT_PHASE_UPDATE, NULL), BT_PHASE_UPDATE);
  }
  if (random_one_in(r, 3)) {
    bt_command c = {.op = BT_OP_AVERAGE, .in = {x}, .u.average.average = &r->average};
    random_command(r, c, BT_PHASE_AVERAGE, "average");
  }
}

static void softmax(random_case *r) {
  size_t dim[2] = {random_between(r, 1, 30), random_between(r, 2, 30)};
  bt_command c = {.op = BT_OP_SOFTMAX};
  bool back = !random_one_in(r, 3);
  c.in[0] = random_source(r, pool_format(r), 2, dim);
  c.in[1] = random_add(r, bt_tensor_as(BT_ROLE_INPUT, bt_tensor_byte("labels", 1, dim)));
  c.out[0] = back ? random_add(r, bt_tensor_wide("error", 2, dim, false, false)) : NULL;
  random_command(r, c, back ? BT_PHASE_FORWARD : BT_PHASE_EVALUATION, "softmax");
  if (back) {
    finish(r, c.out[0], BT_PHASE_DATA_GRADIENT);
  }
}

/* A gradient of biases: a wide vector, quantized. */
static void reduce(random_case *r) {
  size_t dim[4];
  image(r, dim);
  bt_format f = random_format(r, 8, false);
  bt_command c = {.op = BT_OP_REDUCE, .in = {random_source(r, f, 4, dim)}};
  c.u.reduce.kind = BT_SUM;
  c.out[0] = random_add(r, bt_tensor_wide("sum", 1, &dim[3], false, f.block != BT_BLOCK_TENSOR));
  random_command(r, c, BT_PHASE_WEIGHT_GRADIENT, "reduce");
  const bt_tensor *g = c.out[0];
  if (random_one_in(r, 2)) {
    g = affine(r, &g, 1, BT_PHASE_WEIGHT_GRADIENT, NULL);
  }
  bt_format to = random_one_in(r, 2) ? random_whole(8) : random_format(r, 8, true);
  quantize(r, g, to, BT_PHASE_WEIGHT_GRADIENT);
}

/* Moments, the norm's constants, an affine with them. */
static void norm(random_case *r) {
  size_t dim[4];
  image(r, dim);
  size_t n = dim[3];
  bt_command c = {.op = BT_OP_REDUCE, .u.reduce.kind = BT_MOMENTS,
                  .in = {random_source(r, random_whole(16), 4, dim)}};
  c.out[0] = random_add(r, bt_tensor_sums("s1", n));
  c.out[1] = random_add(r, bt_tensor_sums("s2", n));
  random_command(r, c, BT_PHASE_FORWARD, "moments");
  bt_command m = {.op = BT_OP_NORM, .u.norm.rows = 7,
                  .in = {c.out[0], c.out[1]}};
  m.in[2] = random_source(r, random_whole(8), 1, &n);
  m.in[3] = random_source(r, random_whole(8), 1, &n);
  m.out[0] = random_add(r, bt_tensor_constants("constants", n));
  m.out[1] = random_add(r, bt_tensor_constants("constants", n));
  random_command(r, m, BT_PHASE_FORWARD, "norm");
  bt_command a = {.op = BT_OP_AFFINE, .in = {c.in[0]}, .u.affine.terms = 1};
  a.in[BT_IN_CONSTANTS] = m.out[0];
  a.in[BT_IN_ADDEND] = m.out[1];
  a.out[0] = random_add(r, bt_tensor_wide_each("y", 4, dim));
  random_command(r, a, BT_PHASE_FORWARD, "scale");
  finish(r, a.out[0], BT_PHASE_FORWARD);
  r->statistics.channels = n;
  bt_command s = {.op = BT_OP_STATISTICS, .in = {c.out[0], c.out[1]},
                  .u.statistics = {7, &r->statistics}};
  random_command(r, s, BT_PHASE_STATISTICS, "statistics");
}

/* Results that none reads go out. */
static void let_out(random_case *r) {
  for (size_t i = 0; i < r->narrows; i++) {
    bool read = false;
    for (size_t j = 0; j < bt_program_size(r->program); j++) {
      for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
        read = read || bt_program_at(r->program, j)->in[k] == r->narrow[i];
      }
    }
    if (!read) {
      ((bt_tensor *)r->narrow[i])->role = random_one_in(r, 2) ? BT_ROLE_WEIGHT : BT_ROLE_MOMENTUM;
    }
  }
}

void random_case_draw(random_case *r, uint64_t seed) {
  static void (*const part[])(random_case *) = {contractions, contractions, contractions, pools,
                                                updates,      softmax,      reduce,       norm};
  *r = (random_case){.state = seed};
  r->machine = random_machine(r);
  r->plan = !random_one_in(r, 4);
  r->fp32 = random_one_in(r, 8);
  r->program = r->plan ? bt_program_new_shapes() : bt_program_new();
  if (r->program == NULL) {
    abort();
  }
  size_t parts = random_between(r, 1, 3);
  for (size_t i = 0; i < parts; i++) {
    part[random_below(r, i == 0 ? 8 : 7)](r);
  }
  let_out(r);
}

void random_case_free(random_case *r) { bt_program_free(r->program); }
