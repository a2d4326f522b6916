/* bittrue_wide.h on the operands of real training steps: every contraction, affine and quantization
 * of a program is done once more through the public functions, to the same bits, widths, counts and
 * draws. */
#include "bittrue_wide.h"
#include "support/job.h"

typedef struct {
  const bt_accumulator *acc;
  const bt_lfsr *now; /* the run's generator, after the command */
  bt_lfsr before;
  const bt_counts *total; /* the run's, after the command */
  bt_counts counted;
  size_t contractions, affines, quantizations, by_element, vectors, rows;
} check;

/* A program's tensor as the public structs have it; free what is in `hold`. */
typedef struct {
  void *hold[2];
  bt_blocks blocks;
  bt_wide wide;
} operand;

static void *hold(operand *o, int place, size_t bytes) {
  o->hold[place] = malloc(bytes + 1);
  assert_non_null(o->hold[place]);
  return o->hold[place];
}

static void as_blocks(const bt_tensor *t, operand *o) {
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  int16_t *mantissa = hold(o, 0, n * sizeof *mantissa);
  int8_t *exponent = hold(o, 1, blocks);
  for (size_t i = 0; i < n; i++) {
    mantissa[i] = (int16_t)bt_tensor_mantissa(t, i);
  }
  for (size_t b = 0; b < blocks; b++) {
    exponent[b] = (int8_t)t->exp[b];
  }
  o->blocks = (bt_blocks){.format = t->fmt, .ndim = t->ndim, .mantissa = mantissa,
                          .exponent = exponent};
  memcpy(o->blocks.dim, t->dim, sizeof o->blocks.dim);
}

/* Bytes are integers of 8 bits; bfp is read by the public function. */
static void as_wide(const bt_tensor *t, operand *o) {
  bt_error error = {""};
  if (t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16) {
    as_blocks(t, o);
    MUST(bt_wide_from_blocks(&o->blocks, &o->wide, &error));
    return;
  }
  bool bytes = t->kind == BT_T_BYTE;
  size_t cells = bytes ? 1 : t->n0 * t->nl;
  o->wide = (bt_wide){.ndim = t->ndim, .n0 = bytes ? 1 : t->n0, .nl = bytes ? 1 : t->nl,
                      .bits = bt_tensor_width(t)};
  memcpy(o->wide.dim, t->dim, sizeof o->wide.dim);
  o->wide.mantissa = malloc(bt_tensor_elements(t) * sizeof(int32_t));
  o->wide.step = malloc(cells * sizeof(int16_t));
  assert_true(o->wide.mantissa != NULL && o->wide.step != NULL);
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    o->wide.mantissa[i] = bt_tensor_mantissa(t, i);
  }
  for (size_t b = 0; b < cells; b++) {
    o->wide.step[b] = (int16_t)(bytes ? 0 : t->exp[b]);
  }
}

static void release(operand *o) {
  free(o->hold[0]);
  free(o->hold[1]);
  bt_wide_free(&o->wide);
}

static void expect_wide(const bt_command *c, const bt_wide *y) {
  const bt_tensor *t = c->out[0];
  assert_int_equal(bt_elements(y->ndim, y->dim), bt_tensor_elements(t));
  if (y->bits != t->bits) {
    fail_msg("%s: %d bits, expected %d", c->label.text, y->bits, t->bits);
  }
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    if (y->mantissa[i] != bt_tensor_mantissa(t, i) ||
        y->step[bt_wide_cell(y, i)] != bt_tensor_step(t, i)) {
      fail_msg("%s, element %zu: %d * 2^%d, expected %d * 2^%d", c->label.text, i, y->mantissa[i],
               y->step[bt_wide_cell(y, i)], bt_tensor_mantissa(t, i), bt_tensor_step(t, i));
    }
  }
}

static void check_contract(check *k, const bt_command *c, bt_lfsr *rng, bt_counts *added) {
  bt_error error = {""};
  operand a = {.hold = {NULL}}, b = {.hold = {NULL}};
  bt_wide y;
  bt_contract_counts counts = {0, 0};
  as_blocks(c->in[0], &a);
  as_blocks(c->in[1], &b);
  MUST(bt_wide_contract(k->acc, c->u.contract.direction, &c->u.contract.geometry, &a.blocks,
                        &b.blocks, rng, &y, &counts, &error));
  expect_wide(c, &y);
  assert_true(y.n0 == c->out[0]->n0 && y.nl == c->out[0]->nl); /* no more cells than asked for */
  added->saturations = counts.saturations;
  added->dropped = counts.dropped;
  k->by_element += bt_contract_by_element(c);
  k->contractions++;
  bt_wide_free(&y);
  release(&a);
  release(&b);
}

/* A vector of constants; NULL for none. Free it. */
static bt_constant *constants(check *k, const bt_tensor *v) {
  bt_constant *each = v == NULL ? NULL : malloc(v->dim[0] * sizeof *each);
  for (size_t i = 0; each != NULL && i < v->dim[0]; i++) {
    each[i] = (bt_constant){((const int32_t *)v->data)[i], v->exp[i]};
  }
  k->vectors += v != NULL;
  return each;
}

static void check_affine(check *k, const bt_command *c) {
  bt_error error = {""};
  operand x[BT_MAX_TERMS] = {{.hold = {NULL}}};
  bt_constant *each[BT_MAX_TERMS + 1] = {NULL};
  size_t n = bt_tensor_elements(c->out[0]);
  uint8_t *positive = c->u.affine.relu ? malloc(n) : NULL;
  bt_wide y;
  bt_affine f = {.terms = c->u.affine.terms, .relu = c->u.affine.relu};
  for (size_t i = 0; i < f.terms; i++) {
    as_wide(c->in[i], &x[i]);
    each[i] = constants(k, c->in[BT_IN_CONSTANTS + i]);
    f.term[i] = (bt_wide_term){&x[i].wide, c->u.affine.c[i], each[i]};
    k->rows += c->in[i]->ndim != c->out[0]->ndim;
  }
  each[BT_MAX_TERMS] = constants(k, c->in[BT_IN_ADDEND]);
  f.c0_each = each[BT_MAX_TERMS];
  f.c0 = c->u.affine.has_c0 ? c->u.affine.c0 : (bt_constant){0, 0};
  f.mask = c->u.affine.masked ? c->in[BT_IN_MASK]->data : NULL;
  MUST(bt_wide_affine(&f, &y, positive, &error));
  expect_wide(c, &y);
  assert_true(positive == NULL || memcmp(positive, c->out[1]->data, n) == 0);
  k->affines++;
  bt_wide_free(&y);
  free(positive);
  for (size_t i = 0; i <= BT_MAX_TERMS; i++) {
    free(each[i]);
    if (i < f.terms) {
      release(&x[i]);
    }
  }
}

static void check_quantize(check *k, const bt_command *c, bt_lfsr *rng, bt_counts *added) {
  bt_error error = {""};
  operand x = {.hold = {NULL}};
  const bt_tensor *t = c->out[0];
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  int16_t *mantissa = malloc(n * sizeof *mantissa);
  int8_t *exponent = malloc(blocks);
  as_wide(c->in[0], &x);
  MUST(bt_wide_quantize(&x.wide, &t->fmt, &c->u.quantize.round, rng, mantissa, exponent,
                        &added->quantize, &error));
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(mantissa[i], bt_tensor_mantissa(t, i));
  }
  for (size_t b = 0; b < blocks; b++) {
    assert_int_equal(exponent[b], t->exp[b]);
  }
  k->quantizations++;
  free(mantissa);
  free(exponent);
  release(&x);
}

/* After each command, with all its tensors in place. */
static bt_status after(void *context, const bt_command *c, bt_error *error) {
  check *k = context;
  bt_lfsr rng = k->before;
  bt_counts added = {0};
  (void)error;
  if (c->op == BT_OP_CONTRACT) {
    check_contract(k, c, &rng, &added);
  } else if (c->op == BT_OP_AFFINE) {
    check_affine(k, c);
  } else if (c->op == BT_OP_QUANTIZE) {
    check_quantize(k, c, &rng, &added);
  }
  assert_memory_equal(rng.lane, k->now->lane, sizeof rng.lane);
  assert_int_equal(rng.steps, k->now->steps);
  assert_int_equal(k->counted.saturations + added.saturations, k->total->saturations);
  assert_int_equal(k->counted.dropped + added.dropped, k->total->dropped);
  assert_int_equal(k->counted.quantize.clipped + added.quantize.clipped,
                   k->total->quantize.clipped);
  k->counted = *k->total;
  k->before = *k->now;
  return BT_OK;
}

/* Three steps of a net, weights in blocks w, activations and errors in blocks a, in this
 * accumulator. */
static check train(const char *layers, bt_block w, bt_block a, bt_accumulator acc) {
  bt_error error = {""};
  bt_state s;
  bt_step step;
  job *j = job_open(layers, 1, 1);
  j->recipe.w.block = w;
  j->recipe.a.block = a;
  j->recipe.e.block = a;
  j->machine.acc = acc;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &s, &error));
  bt_lowering how = bt_recipe_lowering(&j->recipe, j->recipe.lr);
  MUST(bt_lower_training(&how, s.model, 32, &s.loss, &step, &error));
  check k = {.acc = &j->machine.acc, .now = &s.rng, .before = s.rng, .total = &s.counts};
  const bt_observer observer = {after, &k, true};
  for (size_t i = 0; i < 3; i++) {
    bt_batch_place(&j->data.train, 32 * i, &step);
    bt_step_place(&step, 1, i, i);
    MUST(bt_program_run(step.program, engine, &s.rng, &s.counts, &observer, &error));
  }
  bt_step_free(&step);
  bt_state_free(&s);
  engine->destroy(engine);
  job_close(j);
  return k;
}

static void test_deep(void **state) {
  (void)state;
  check k = train(SMALL_DEEP, BT_BLOCK_DIM0, BT_BLOCK_TENSOR, bt_accumulator_default());
  assert_true(k.contractions > 30 && k.affines > 50 && k.quantizations > 80 && k.rows > 10);
}

/* Batch norm: vectors of constants. */
static void test_residual(void **state) {
  (void)state;
  check k = train(SMALL_RESIDUAL, BT_BLOCK_DIM0, BT_BLOCK_TENSOR, bt_accumulator_default());
  assert_true(k.contractions > 30 && k.vectors > 30);
}

/* Shared exponents along k, and an accumulator that rounds with draws and saturates. */
static void test_narrow(void **state) {
  (void)state;
  bt_accumulator acc = bt_accumulator_default();
  acc.acc_bits = 12;
  acc.acc_shift = 4;
  acc.acc_round.mode = BT_STOCHASTIC;
  check k = train(SMALL_MLP, BT_BLOCK_K32, BT_BLOCK_SAMPLE, acc);
  assert_true(k.by_element > 5 && k.counted.saturations > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_deep), cmocka_unit_test(test_residual),
                                     cmocka_unit_test(test_narrow)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
