/* Lowering of graphs (numerics 20): the commands of a net with both kinds of residual blocks. */
#include "net/lower.h"
#include "net/statistics.h"
#include "support/small.h"
#include "unit/io/scratch.h"

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format wider = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};

typedef struct {
  bt_net net;
  bt_lowering how;
  bt_model *model;
  bt_loss loss;
  bt_step step;
} fixture;

static fixture *open_fixture(void) {
  static fixture f;
  scratch s = scratch_open();
  bt_error error;
  memset(&f, 0, sizeof f);
  const char *path = scratch_text(&s, "net.yaml",
                                  "name: n\ninput: {height: 8, width: 8, channels: 3}\n"
                                  "classes: 10\nlayers:\n" SMALL_RESIDUAL);
  if (bt_net_load(path, &f.net, &error) != BT_OK ||
      bt_model_new(&f.net, dim0, dim0, 1, &f.model, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  scratch_close(&s);
  f.how = (bt_lowering){.rate = {1, 20}, .momentum = {9, 10}, .weight_decay = {1, 2000},
                        .a = whole, .g = dim0, .e = whole, .residual = wider,
                        .round = {.mode = BT_STOCHASTIC, .random_bits = 16}, .seed = 1};
  for (size_t i = 0; i < 3; i++) {
    f.how.mean[i] = (bt_rational){1, 2};
    f.how.std[i] = (bt_rational){1, 4};
  }
  return &f;
}

static void close_fixture(fixture *f) {
  bt_step_free(&f->step);
  bt_model_free(f->model);
}

/* The commands of a program that have this label's first words, in order. */
static void expect_labels(const bt_program *p, size_t from, const char *const *label, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const char *got = bt_program_at(p, from + i)->label.text;
    if (strcmp(got, label[i]) != 0) {
      fail_msg("command %zu is '%s', expected '%s'", from + i, got, label[i]);
    }
  }
}

static size_t place_of(const bt_program *p, const char *label) {
  for (size_t i = 0; i < bt_program_size(p); i++) {
    if (strcmp(bt_program_at(p, i)->label.text, label) == 0) {
      return i;
    }
  }
  fail_msg("no command '%s'", label);
  return 0;
}

#define NORM(l) l " moments", l " constants", l " forward", l " quantize"
#define EXPECT(p, at, list) expect_labels(p, at, list, sizeof list / sizeof list[0])

static void check_all(const bt_program *p) {
  bt_error error;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    if (bt_command_check(bt_program_at(p, i), &error) != BT_OK) {
      fail_msg("%s", error.text);
    }
  }
}

static void test_forward(void **state) {
  static const char *const want[] = {
      "input normalise", "input quantize", "conv1 forward", "conv1 quantize", NORM("s1b1.bn1"),
      "s1b1.conv1 forward", "s1b1.conv1 quantize", NORM("s1b1.bn2"), "s1b1.conv2 forward",
      "s1b1.conv2 quantize", "s1b1 sum", "s1b1 quantize",
      /* the residual output, quantized once for both that read it */
      "s2b1.conv1 input quantize", "s2b1.conv1 forward", "s2b1.conv1 quantize", NORM("s2b1.bn1"),
      "s2b1.conv2 forward", "s2b1.conv2 quantize", NORM("s2b1.bn2"), "s2b1.down forward",
      "s2b1.down quantize", NORM("s2b1.down.bn"), "s2b1 sum", "s2b1 quantize",
      "pool sum", "pool mean", "pool quantize", "fc forward", "fc bias", "fc quantize"};
  (void)state;
  fixture *f = open_fixture();
  bt_error error;
  assert_int_equal(bt_lower_training(&f->how, f->model, 2, &f->loss, &f->step, &error), BT_OK);
  EXPECT(f->step.program, 0, want);
  check_all(f->step.program);
  const bt_command *sum = bt_program_at(f->step.program, place_of(f->step.program, "s1b1 sum"));
  assert_int_equal(sum->in[0]->kind, BT_T_BFP8);
  const bt_command *q = bt_program_at(f->step.program, place_of(f->step.program, "s1b1 quantize"));
  assert_int_equal(q->out[0]->kind, BT_T_BFP16);
  assert_ptr_equal(bt_program_at(f->step.program, place_of(f->step.program, "s2b1.down forward"))
                       ->in[0],
                   bt_program_at(f->step.program, place_of(f->step.program, "s2b1.conv1 forward"))
                       ->in[0]);
  close_fixture(f);
}

/* From the sum with a ReLU back to the first block: the branch and the shortcut each get the gated
 * error; what reads the first block's sum twice makes one affine of two data gradients. */
static void test_backward(void **state) {
  static const char *const want[] = {
      "pool mean backward", "pool mean backward quantize", "pool pool backward",
      "s2b1 relu backward",
      "s2b1.down.bn products", "s2b1.down.bn gradient constants",
      "s2b1.down.bn scale gradient quantize", "s2b1.down.bn shift gradient quantize",
      "s2b1.down.bn data gradient", "s2b1.down.bn data gradient quantize",
      "s2b1.down weight gradient", "s2b1.down weight gradient quantize", "s2b1.down data gradient",
      "s2b1.bn2 products", "s2b1.bn2 gradient constants", "s2b1.bn2 scale gradient quantize",
      "s2b1.bn2 shift gradient quantize", "s2b1.bn2 data gradient",
      "s2b1.bn2 data gradient quantize",
      "s2b1.conv2 weight gradient", "s2b1.conv2 weight gradient quantize",
      "s2b1.conv2 data gradient", "s2b1.conv2 data gradient quantize",
      "s2b1.bn1 relu backward", "s2b1.bn1 products"};
  static const char *const join[] = {
      "s2b1.conv1 data gradient", "s1b1 error", "s1b1 error quantize",
      "s1b1 data gradient quantize", "s1b1.conv2 weight gradient"};
  static const char *const end[] = {
      "s1b1.bn1 products", "s1b1.bn1 gradient constants", "s1b1.bn1 scale gradient quantize",
      "s1b1.bn1 shift gradient quantize", "conv1 error", "conv1 error quantize",
      "conv1 weight gradient", "conv1 weight gradient quantize", "conv1.weight momentum"};
  (void)state;
  fixture *f = open_fixture();
  bt_error error;
  assert_int_equal(bt_lower_training(&f->how, f->model, 2, &f->loss, &f->step, &error), BT_OK);
  const bt_program *p = f->step.program;
  EXPECT(p, place_of(p, want[0]), want);
  EXPECT(p, place_of(p, join[0]), join);
  EXPECT(p, place_of(p, end[0]), end);
  const bt_command *error_of_sum = bt_program_at(p, place_of(p, "s1b1 error"));
  assert_int_equal(error_of_sum->u.affine.terms, 2);
  assert_int_equal(bt_program_at(p, place_of(p, "s1b1 error quantize"))->out[0]->kind, BT_T_BFP16);
  /* the shortcut's 1*e first, as it was made first; then a*d + b'*x + c' */
  const bt_command *first = bt_program_at(p, place_of(p, "conv1 error"));
  assert_int_equal(first->u.affine.terms, 3);
  assert_null(first->in[BT_IN_CONSTANTS]);
  assert_non_null(first->in[BT_IN_CONSTANTS + 1]);
  assert_non_null(first->in[BT_IN_CONSTANTS + 2]);
  assert_non_null(first->in[BT_IN_ADDEND]);
  close_fixture(f);
}

/* Statistics end with the last batch norm; evaluation reads them and has no moments. */
static void test_evaluation(void **state) {
  (void)state;
  fixture *f = open_fixture();
  bt_statistics *statistics;
  bt_error error;
  assert_int_equal(bt_net_statistics_new(&f->net, &statistics, &error), BT_OK);
  bt_evaluated of = {&f->net, f->model->w, statistics};
  assert_int_equal(bt_lower_statistics(&f->how, &of, 2, &f->step, &error), BT_OK);
  check_all(f->step.program);
  size_t kept = 0;
  for (size_t i = 0; i < bt_program_size(f->step.program); i++) {
    const bt_command *c = bt_program_at(f->step.program, i);
    kept += c->op == BT_OP_STATISTICS;
    assert_int_equal(c->label.phase, BT_PHASE_STATISTICS);
    assert_true(c->op != BT_OP_QUANTIZE || c->u.quantize.round.mode == BT_NEAREST_EVEN);
    assert_true(c->op != BT_OP_SOFTMAX && c->op != BT_OP_POOL_SUM);
  }
  assert_int_equal(kept, 5);
  bt_step_free(&f->step);
  assert_int_equal(bt_lower_evaluation(&f->how, &of, 2, &f->loss, &f->step, &error), BT_OK);
  check_all(f->step.program);
  for (size_t i = 0; i < bt_program_size(f->step.program); i++) {
    const bt_command *c = bt_program_at(f->step.program, i);
    assert_int_not_equal(c->op, BT_OP_REDUCE);
    assert_true(c->op != BT_OP_NORM || c->u.norm.statistics != NULL);
  }
  bt_net_statistics_free(&f->net, statistics);
  close_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forward),
      cmocka_unit_test(test_backward),
      cmocka_unit_test(test_evaluation),
  };
  return scratch_report("test_net_graph_lower", cmocka_run_group_tests(tests, NULL, NULL));
}
