/* Programs of shapes: the same commands and tensors as those with storage, but no storage, and
 * nothing that an engine would run. Alone: ctest --preset release -R '^test_net_shapes$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "engine/run.h"
#include "net/lower.h"
#include "net/statistics.h"
#include "ref/ref.h"

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format wider = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};

typedef enum { TRAINING, EVALUATION, STATISTICS, AVERAGING } pass;

/* A net, once with storage and once without. */
typedef struct {
  bt_net net;
  bt_lowering how;
  bt_model *model[2];
  bt_statistics *statistics;
  bt_loss loss;
} fixture;

static void must(bt_status s, const bt_error *error) {
  if (s != BT_OK) {
    fail_msg("%s", error->text);
  }
}

static fixture *open_fixture(const char *net) {
  static fixture f;
  bt_error error = {""};
  memset(&f, 0, sizeof f);
  f.how = (bt_lowering){.rate = {1, 20}, .momentum = {9, 10}, .weight_decay = {1, 2000},
                        .a = whole, .g = dim0, .e = whole, .residual = wider,
                        .round = {.mode = BT_STOCHASTIC, .random_bits = 16}, .seed = 1};
  for (size_t i = 0; i < BT_MAX_CHANNELS; i++) {
    f.how.mean[i] = (bt_rational){1, 2};
    f.how.std[i] = (bt_rational){1, 4};
  }
  must(bt_net_load(net, &f.net, &error), &error);
  must(bt_model_new(&f.net, dim0, wider, 1, &f.model[0], &error), &error);
  must(bt_model_shapes(&f.net, dim0, wider, &f.model[1], &error), &error);
  must(bt_net_statistics_new(&f.net, &f.statistics, &error), &error);
  return &f;
}

static void close_fixture(fixture *f) {
  bt_net_statistics_free(&f->net, f->statistics);
  bt_model_free(f->model[0]);
  bt_model_free(f->model[1]);
}

static bt_program *lower(fixture *f, pass what, bool shapes) {
  bt_model *model = f->model[shapes];
  bt_evaluated of = {&f->net, model->w, f->statistics};
  bt_step step = {0};
  bt_error error = {""};
  switch (what) {
    case TRAINING:
      must(bt_lower_training(&f->how, model, 3, &f->loss, &step, &error), &error);
      break;
    case EVALUATION:
      must(bt_lower_evaluation(&f->how, &of, 3, &f->loss, &step, &error), &error);
      break;
    case STATISTICS:
      must(bt_lower_statistics(&f->how, &of, 3, &step, &error), &error);
      break;
    case AVERAGING:
    default:
      must(bt_lower_averaging(model, &step.program, &error), &error);
  }
  return step.program;
}

static void same_tensor(const bt_command *c, const bt_tensor *a, const bt_tensor *b) {
  assert_true((a == NULL) == (b == NULL));
  if (a == NULL) {
    return;
  }
  bool same = strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->role == b->role &&
              a->ndim == b->ndim && memcmp(a->dim, b->dim, a->ndim * sizeof a->dim[0]) == 0 &&
              a->fmt.wl == b->fmt.wl && a->fmt.block == b->fmt.block && a->n0 == b->n0 &&
              a->nl == b->nl;
  if (!same) {
    fail_msg("%s: tensor %s differs without storage", c->label.text, a->name);
  }
  if (a->data == NULL || b->data != NULL || b->exp != NULL) {
    fail_msg("%s: tensor %s: storage %d, expected 1; in the program of shapes %d, expected 0",
             c->label.text, a->name, a->data != NULL, b->data != NULL || b->exp != NULL);
  }
}

static void same_command(const bt_command *a, const bt_command *b) {
  bt_error error;
  assert_string_equal(a->label.text, b->label.text);
  assert_int_equal(a->op, b->op);
  assert_int_equal(a->label.phase, b->label.phase);
  for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
    same_tensor(a, a->in[k], b->in[k]);
  }
  for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
    same_tensor(a, a->out[k], b->out[k]);
  }
  must(bt_command_check(b, &error), &error);
}

/* The temporaries live as long. */
static void same_lifetimes(const bt_program *a, const bt_program *b, size_t i) {
  const bt_command *x = bt_program_at(a, i), *y = bt_program_at(b, i);
  for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
    size_t first[2] = {0, 0}, last[2] = {0, 0};
    bool is = bt_program_lifetime(a, x->out[k], &first[0], &last[0]);
    assert_int_equal(bt_program_lifetime(b, y->out[k], &first[1], &last[1]), is);
    assert_int_equal(first[0], first[1]);
    assert_int_equal(last[0], last[1]);
    assert_true(!is || (first[0] <= i && i <= last[0]));
  }
}

static void refuses(const bt_program *p) {
  bt_machine machine = bt_machine_default();
  bt_engine *engine = bt_ref_engine(&machine);
  bt_lfsr rng = {.lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  assert_int_equal(bt_program_run(p, engine, &rng, &counts, NULL, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "program of shapes"));
  engine->destroy(engine);
}

static void compare(fixture *f, pass what) {
  bt_program *a = lower(f, what, false), *b = lower(f, what, true);
  assert_true(bt_program_has_storage(a));
  assert_false(bt_program_has_storage(b));
  assert_int_equal(bt_program_size(a), bt_program_size(b));
  for (size_t i = 0; i < bt_program_size(a); i++) {
    same_command(bt_program_at(a, i), bt_program_at(b, i));
    same_lifetimes(a, b, i);
  }
  assert_int_equal(bt_program_arena_bytes(a), bt_program_arena_bytes(b));
  assert_int_equal(bt_program_bytes(a), bt_program_bytes(b));
  assert_int_equal(bt_program_tensor_bytes(a), bt_program_tensor_bytes(b));
  refuses(b);
  bt_program_free(a);
  bt_program_free(b);
}

static void test_lenet5(void **state) {
  (void)state;
  fixture *f = open_fixture(NETS "/lenet5.yaml");
  compare(f, TRAINING);
  compare(f, EVALUATION);
  compare(f, AVERAGING);
  close_fixture(f);
}

/* Shapes are asked for, though the weights have storage: theirs stays. */
static void test_asked(void **state) {
  (void)state;
  fixture *f = open_fixture(NETS "/lenet5.yaml");
  f->how.shapes = true;
  bt_program *p = lower(f, TRAINING, false);
  assert_false(bt_program_has_storage(p));
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
      const bt_tensor *t = c->out[k];
      bool parameter = t != NULL && (t->role == BT_ROLE_WEIGHT || t->role == BT_ROLE_MOMENTUM);
      assert_true(t == NULL || (t->data != NULL) == parameter);
    }
  }
  bt_program_free(p);
  p = lower(f, EVALUATION, false);
  assert_false(bt_program_has_storage(p));
  bt_program_free(p);
  close_fixture(f);
}

static void test_preresnet20(void **state) {
  (void)state;
  fixture *f = open_fixture(NETS "/preresnet20-cifar10.yaml");
  compare(f, TRAINING);
  compare(f, EVALUATION);
  compare(f, STATISTICS);
  close_fixture(f);
}

static void test_model(void **state) {
  (void)state;
  fixture *f = open_fixture(NETS "/lenet5.yaml");
  const bt_model *m = f->model[1];
  assert_true(m->shapes);
  assert_false(f->model[0]->shapes);
  assert_int_equal(m->parameters, f->model[0]->parameters);
  for (size_t p = 0; p < m->parameters; p++) {
    assert_string_equal(m->name[p], f->model[0]->name[p]);
    assert_null(m->w[p]->data);
    assert_null(m->v[p]->exp);
    assert_null(m->average[p].sum);
    assert_true(bt_tensor_same_shape(m->v[p], f->model[0]->v[p]));
  }
  close_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lenet5),
      cmocka_unit_test(test_preresnet20),
      cmocka_unit_test(test_model),
      cmocka_unit_test(test_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
