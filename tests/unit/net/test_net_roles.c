/* The role of every tensor that lowering makes: the commands of whole programs, written as the
 * roles they read and write. Alone: ctest --preset release -R '^test_net_roles$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "net/lower.h"
#include "net/statistics.h"

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format wider = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};

typedef struct {
  bt_net net;
  bt_lowering how;
  bt_model *model;
  bt_statistics *statistics;
  bt_loss loss;
} fixture;

static fixture *open_fixture(const char *net) {
  static fixture f;
  bt_error error;
  memset(&f, 0, sizeof f);
  f.how = (bt_lowering){.rate = {1, 20}, .momentum = {9, 10}, .weight_decay = {1, 2000},
                        .a = whole, .g = dim0, .e = whole, .residual = wider,
                        .round = {.mode = BT_STOCHASTIC, .random_bits = 16}, .seed = 1};
  for (size_t i = 0; i < BT_MAX_CHANNELS; i++) {
    f.how.mean[i] = (bt_rational){1, 2};
    f.how.std[i] = (bt_rational){1, 4};
  }
  if (bt_net_load(net, &f.net, &error) != BT_OK ||
      bt_model_new(&f.net, dim0, dim0, 1, &f.model, &error) != BT_OK ||
      bt_net_statistics_new(&f.net, &f.statistics, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return &f;
}

static void close_fixture(fixture *f) {
  bt_net_statistics_free(&f->net, f->statistics);
  bt_model_free(f->model);
}

/* A command's phase, name and roles: "forward contract: A W -> *". */
static void write_roles(const bt_command *c, char *text, size_t size) {
  static const char letter[BT_ROLE_COUNT] = {
      [BT_ROLE_OTHER] = 'o',      [BT_ROLE_INPUT] = 'I',    [BT_ROLE_WEIGHT] = 'W',
      [BT_ROLE_ACTIVATION] = 'A', [BT_ROLE_ERROR] = 'E',    [BT_ROLE_GRADIENT] = 'G',
      [BT_ROLE_MOMENTUM] = 'M',   [BT_ROLE_AVERAGE] = 'S',  [BT_ROLE_MASK] = 'k',
      [BT_ROLE_INDEX] = 'x',      [BT_ROLE_WIDE] = '*'};
  size_t at = (size_t)snprintf(text, size, "%s %s:", bt_phase_name(c->label.phase),
                               bt_op_name(c->op));
  for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
    if (c->in[k] != NULL) {
      at += (size_t)snprintf(text + at, size - at, " %c", letter[c->in[k]->role]);
    }
  }
  at += (size_t)snprintf(text + at, size - at, " ->");
  for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
    if (c->out[k] != NULL) {
      at += (size_t)snprintf(text + at, size - at, " %c", letter[c->out[k]->role]);
    }
  }
}

/* What of a kind has no other role than its own, or none that is "other". */
static void check_kind(const bt_command *c, const bt_tensor *t) {
  bool narrow = t != NULL && t->kind != BT_T_WIDE && t->kind != BT_T_SUMS;
  if (narrow && (t->role == BT_ROLE_OTHER || t->role == BT_ROLE_WIDE)) {
    fail_msg("%s: tensor %s of bfp or bytes has role %s", c->label.text, t->name,
             bt_role_name(t->role));
  }
}

#define MOST 40u

/* The program's distinct lines, in the order in which they come first, are those of `want`, which
 * ends with NULL. */
static void expect(const bt_program *p, const char *const *want) {
  char seen[MOST][80];
  size_t count = 0;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    char line[80];
    size_t at = 0;
    for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
      check_kind(c, c->in[k]);
    }
    for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
      check_kind(c, c->out[k]);
    }
    write_roles(c, line, sizeof line);
    while (at < count && strcmp(seen[at], line) != 0) {
      at++;
    }
    if (at < count) {
      continue;
    }
    if (want[count] == NULL || strcmp(want[count], line) != 0) {
      fail_msg("command %zu, %s, is '%s', expected '%s'", i, c->label.text, line,
               want[count] == NULL ? "nothing new" : want[count]);
    }
    strcpy(seen[count++], line);
  }
  assert_true(want[count] == NULL);
}

static void train(fixture *f, const char *const *want) {
  bt_step step;
  bt_error error;
  if (bt_lower_training(&f->how, f->model, 3, &f->loss, &step, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  expect(step.program, want);
  bt_step_free(&step);
}

/* Convolutions, max-pools, fully connected layers, ReLUs, of grey images. */
static void test_lenet5(void **state) {
  static const char *const want[] = {"forward affine: I -> *",
                                     "forward quantize: * -> A",
                                     "forward contract: A W -> *",
                                     "forward affine: * W -> * k",
                                     "forward pool: A -> A x",
                                     "forward affine: * W -> *",
                                     "forward softmax: A I -> *",
                                     "data_gradient affine: * -> *",
                                     "data_gradient quantize: * -> E",
                                     "weight_gradient contract: E A -> *",
                                     "weight_gradient quantize: * -> G",
                                     "weight_gradient reduce: E -> *",
                                     "data_gradient contract: E W -> *",
                                     "data_gradient gate: E k -> E",
                                     "data_gradient pool_back: E x -> E",
                                     "update affine: M G W -> *",
                                     "update affine: W M G W -> *",
                                     "update quantize: * -> M",
                                     "update quantize: * -> W",
                                     NULL};
  (void)state;
  fixture *f = open_fixture(NETS "/lenet5.yaml");
  train(f, want);
  close_fixture(f);
}

/* Momentum is quantized before the weights, parameter by parameter. */
static void test_update_order(void **state) {
  (void)state;
  fixture *f = open_fixture(NETS "/lenet5.yaml");
  bt_step step;
  bt_error error;
  bt_tensor_role next = BT_ROLE_MOMENTUM;
  assert_int_equal(bt_lower_training(&f->how, f->model, 2, &f->loss, &step, &error), BT_OK);
  for (size_t i = 0; i < bt_program_size(step.program); i++) {
    const bt_command *c = bt_program_at(step.program, i);
    if (c->label.phase == BT_PHASE_UPDATE && c->op == BT_OP_QUANTIZE) {
      assert_int_equal(c->out[0]->role, next);
      next = next == BT_ROLE_MOMENTUM ? BT_ROLE_WEIGHT : BT_ROLE_MOMENTUM;
    }
  }
  bt_step_free(&step);
  close_fixture(f);
}

/* Batch norm, residual sums (of 16 bits, narrowed for the shortcut's convolution, whose own sums
 * stay wide), average pool, vectors of constants for colours. Going back, an error of 16 bits is
 * narrowed for the convolution; errors sum what a sum, a shortcut and a batch norm contribute. */
static void test_preresnet20(void **state) {
  static const char *const want[] = {"forward affine: I o o -> *",
                                     "forward quantize: * -> A",
                                     "forward contract: A W -> *",
                                     "forward reduce: A -> o o",
                                     "forward norm: o o W W -> o o",
                                     "forward affine: A o o -> * k",
                                     "forward affine: A A -> *",
                                     "forward quantize: A -> A",
                                     "forward affine: A * -> *",
                                     "forward pool_sum: A -> *",
                                     "forward affine: * -> *",
                                     "forward affine: * W -> *",
                                     "forward softmax: A I -> *",
                                     "data_gradient affine: * -> *",
                                     "data_gradient quantize: * -> E",
                                     "weight_gradient contract: E A -> *",
                                     "weight_gradient quantize: * -> G",
                                     "weight_gradient reduce: E -> *",
                                     "data_gradient contract: E W -> *",
                                     "data_gradient affine: E -> *",
                                     "data_gradient spread: E -> E",
                                     "data_gradient gate: E k -> E",
                                     "data_gradient reduce: E A -> o o",
                                     "data_gradient norm_back: o o W o o o -> o o o o",
                                     "weight_gradient quantize: o -> G",
                                     "data_gradient affine: E A o o o -> *",
                                     "data_gradient quantize: E -> E",
                                     "data_gradient affine: E E A o o o -> *",
                                     "data_gradient affine: * E A o o o -> *",
                                     "update affine: M G W -> *",
                                     "update affine: W M G W -> *",
                                     "update quantize: * -> M",
                                     "update quantize: * -> W",
                                     NULL};
  (void)state;
  fixture *f = open_fixture(NETS "/preresnet20-cifar10.yaml");
  train(f, want);
  close_fixture(f);
}

/* Other passes over the net: evaluation has batch norm's statistics in place of sums, the pass
 * that makes them ends before the pool. */
static void test_evaluation(void **state) {
  static const char *const evaluation[] = {"evaluation affine: I o o -> *",
                                           "evaluation quantize: * -> A",
                                           "evaluation contract: A W -> *",
                                           "evaluation norm: W W -> o o",
                                           "evaluation affine: A o o -> * k",
                                           "evaluation affine: A A -> *",
                                           "evaluation quantize: A -> A",
                                           "evaluation affine: A * -> *",
                                           "evaluation pool_sum: A -> *",
                                           "evaluation affine: * -> *",
                                           "evaluation affine: * W -> *",
                                           "evaluation softmax: A I ->",
                                           NULL};
  static const char *const statistics[] = {"statistics affine: I o o -> *",
                                           "statistics quantize: * -> A",
                                           "statistics contract: A W -> *",
                                           "statistics reduce: A -> o o",
                                           "statistics statistics: o o ->",
                                           "statistics norm: o o W W -> o o",
                                           "statistics affine: A o o -> * k",
                                           "statistics affine: A A -> *",
                                           "statistics quantize: A -> A",
                                           "statistics affine: A * -> *",
                                           NULL};
  (void)state;
  fixture *f = open_fixture(NETS "/preresnet20-cifar10.yaml");
  bt_evaluated of = {&f->net, f->model->w, f->statistics};
  bt_step step;
  bt_error error;
  assert_int_equal(bt_lower_evaluation(&f->how, &of, 2, &f->loss, &step, &error), BT_OK);
  expect(step.program, evaluation);
  bt_step_free(&step);
  assert_int_equal(bt_lower_statistics(&f->how, &of, 2, &step, &error), BT_OK);
  expect(step.program, statistics);
  bt_step_free(&step);
  close_fixture(f);
}

/* A dropout's mask, either way; an average as weights. */
static void test_dropout_and_average(void **state) {
  static const char *const want[] = {"average average: W ->", NULL};
  (void)state;
  fixture *f = open_fixture(NETS "/vgg16-cifar10.yaml");
  bt_tensor *weights[BT_MAX_PARAMETERS] = {NULL};
  bt_program *program;
  bt_step step;
  bt_error error;
  assert_int_equal(bt_lower_training(&f->how, f->model, 1, &f->loss, &step, &error), BT_OK);
  size_t drawn = 0;
  for (size_t i = 0; i < bt_program_size(step.program); i++) {
    const bt_command *c = bt_program_at(step.program, i);
    const bt_tensor *mask = c->in[BT_IN_MASK];
    drawn += c->op == BT_OP_DROPOUT;
    assert_true(c->op != BT_OP_DROPOUT || c->out[0]->role == BT_ROLE_MASK);
    assert_true(mask == NULL || (drawn > 0 && mask->role == BT_ROLE_MASK));
    if (mask != NULL) { /* the quantization behind it */
      bool back = c->label.phase == BT_PHASE_DATA_GRADIENT;
      const bt_tensor *to = bt_program_at(step.program, i + 1)->out[0];
      assert_int_equal(to->role, back ? BT_ROLE_ERROR : BT_ROLE_ACTIVATION);
    }
  }
  assert_int_equal(drawn, 2);
  bt_step_free(&step);
  assert_int_equal(bt_lower_averaging(f->model, &program, &error), BT_OK);
  expect(program, want);
  bt_program_free(program);
  f->model->average[0].count = f->model->average[1].count = 1;
  f->model->parameters = 2;
  assert_int_equal(bt_model_average(f->model, 15, weights, &error), BT_OK);
  assert_int_equal(weights[0]->role, BT_ROLE_WEIGHT);
  f->model->parameters = f->net.parameters;
  bt_weights_free(weights);
  close_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lenet5),
      cmocka_unit_test(test_update_order),
      cmocka_unit_test(test_preresnet20),
      cmocka_unit_test(test_evaluation),
      cmocka_unit_test(test_dropout_and_average),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
