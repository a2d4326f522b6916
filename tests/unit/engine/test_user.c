/* User engines: a training step with every kind of command substituted gives the step's own bits;
 * each thing that an object can do wrong is one line that says what.
 *
 * USER_MIRROR is a mirror of the reference that does one thing wrong when told so. */
#include "engine/lockstep.h"
#include "engine/run.h"
#include "engine/substitute.h"
#include "engine/user.h"
#include "fast/fast.h"
#include "unit/engine/step.h"

static bt_status open_user(const char *path, const char *options, bt_engine **engine,
                           bt_error *error) {
  bt_machine machine = bt_machine_default();
  error->text[0] = '\0';
  return bt_user_open("what=this", path, options, &machine, engine, error);
}

static bt_engine *mirror(const char *options) {
  bt_error error;
  bt_engine *engine;
  MUST(open_user(USER_MIRROR, options, &engine, &error));
  return engine;
}

/* The fast engine with the mirror in place of some ops; op BT_OP_STATISTICS + 1 for all. */
static bt_engine *substituted(const every_command *e, unsigned op, const char *options) {
  bt_substitution list[BT_OP_STATISTICS + 1];
  size_t count = 0;
  for (unsigned i = 0; i <= BT_OP_STATISTICS; i++) {
    if (op > BT_OP_STATISTICS || op == i) {
      list[count++] = (bt_substitution){.op = (bt_op)i, .engine = mirror(options)};
    }
  }
  bt_engine *engine =
      bt_substitute_engine("fast,some", bt_fast_engine(&e->j->machine, 1), list, count);
  assert_non_null(engine);
  return engine;
}

/* The digest behind a step, and the averaging, on the engine. */
static void digest_of(every_command *e, bt_engine *engine, char text[65]) {
  bt_counts counts = {0};
  bt_error error = {""};
  MUST(bt_program_run(e->step.program, engine, &e->rng, &counts, NULL, &error));
  MUST(bt_program_run(e->averaging, engine, &e->rng, &counts, NULL, &error));
  MUST(bt_model_digest(e->model, e->rng.steps, 1, text, &error));
  assert_int_equal(e->loss.rows, STEP_BATCH);
}

/* Commands of the op in the step and the averaging. */
static uint64_t commands_of(const every_command *e, bt_op op) {
  const bt_program *all[] = {e->step.program, e->averaging};
  uint64_t n = 0;
  for (int p = 0; p < 2; p++) {
    for (size_t i = 0; i < bt_program_size(all[p]); i++) {
      n += bt_program_at(all[p], i)->op == op;
    }
  }
  return n;
}

static void test_step(void **state) {
  (void)state;
  char want[65], got[65];
  every_command *e = every_command_open();
  bt_engine *fast = bt_fast_engine(&e->j->machine, 1);
  digest_of(e, fast, want);
  for (unsigned op = 0; op <= BT_OP_STATISTICS + 1; op++) {
    every_command *own = every_command_open();
    bt_engine *engine = substituted(own, op, "");
    size_t count;
    digest_of(own, engine, got);
    assert_string_equal(got, want);
    const bt_substitution *s = bt_substitutions(engine, &count);
    assert_int_equal(count, op > BT_OP_STATISTICS ? BT_OP_STATISTICS + 1 : 1);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(s[i].ran, commands_of(own, s[i].op));
      assert_int_equal(s[i].left, 0);
    }
    engine->destroy(engine);
    every_command_close(own);
  }
  size_t none;
  assert_null(bt_substitutions(fast, &none));
  assert_int_equal(none, 0);
  fast->destroy(fast);
  every_command_close(e);
}

/* What the object does not cover goes to the engine below, and is counted. */
static void test_left(void **state) {
  (void)state;
  char want[65], got[65];
  every_command *e = every_command_open(), *own = every_command_open();
  bt_engine *fast = bt_fast_engine(&e->j->machine, 1);
  bt_engine *engine = substituted(own, BT_OP_QUANTIZE, "choosy");
  size_t count;
  uint64_t of_step_1 = 0;
  for (size_t i = 0; i < bt_program_size(own->step.program); i++) {
    bt_command *c = bt_program_at(own->step.program, i);
    c->label.step = i % 2 == 0 ? 1 : 0;
    of_step_1 += c->op == BT_OP_QUANTIZE && c->label.step == 1;
  }
  digest_of(e, fast, want);
  digest_of(own, engine, got);
  assert_string_equal(got, want);
  const bt_substitution *s = bt_substitutions(engine, &count);
  assert_true(of_step_1 > 0 && s->ran > 0);
  assert_int_equal(s->left, of_step_1);
  assert_int_equal(s->ran, commands_of(own, BT_OP_QUANTIZE) - of_step_1);
  engine->destroy(engine);
  fast->destroy(fast);
  every_command_close(e);
  every_command_close(own);
}

/* A step whose commands of one op go to a mirror with the option fails with a line that says so,
 * and leaves the generator where it was. */
static void fails(unsigned op, const char *option, const char *says) {
  every_command *e = every_command_open();
  bt_engine *engine = substituted(e, op, option);
  bt_error error = {""};
  bt_counts counts = {0};
  bt_status s = BT_OK;
  bt_program *p = op == BT_OP_AVERAGE ? e->averaging : e->step.program;
  for (size_t i = 0; s == BT_OK && i < bt_program_size(p); i++) {
    bt_lfsr before = e->rng;
    s = engine->run(engine, bt_program_at(p, i), &e->rng, &counts, &error);
    assert_true(s == BT_OK || memcmp(&before, &e->rng, sizeof before) == 0);
  }
  if (s != BT_FAILED || strstr(error.text, says) == NULL || strchr(error.text, '\n') != NULL ||
      strncmp(error.text, "what=this: ", 11) != 0) {
    fail_msg("%s of op %u: status %d, '%s', expected '%s'", option, op, (int)s, error.text, says);
  }
  engine->destroy(engine);
  every_command_close(e);
}

static void test_wrong_runs(void **state) {
  (void)state;
  fails(BT_OP_CONTRACT, "fail", "conv1 forward: out of luck");
  fails(BT_OP_QUANTIZE, "generator",
        "input quantize: the generator is at step 0 of 16 lanes, expected ");
  fails(BT_OP_QUANTIZE, "lane", "lane 1 of the generator is 0x");
  fails(BT_OP_QUANTIZE, "unwritten=7", "output 0 (input): element 7 of 320 was left unwritten");
  fails(BT_OP_QUANTIZE, "exponent", "exponent 0 was left unwritten");
  fails(BT_OP_AFFINE, "unwritten=0", "element 0 of 320 was left unwritten");
  fails(BT_OP_AFFINE, "exponent", "exponent 0 was left unwritten");
  fails(BT_OP_AFFINE, "bits", "bits was left unwritten");
  fails(BT_OP_AFFINE, "widest", "bits is 32, expected 0 to 31");
  fails(BT_OP_CONTRACT, "range", "element 1 is 2139062143, expected -");
  fails(BT_OP_REDUCE, "unwritten=1", "element 1 of ");
  fails(BT_OP_POOL, "unwritten=3", "element 3 of ");
  fails(BT_OP_DROPOUT, "range", "element 1 is 127, expected 0 to 1");
  fails(BT_OP_DROPOUT, "unwritten=5", "element 5 of ");
  fails(BT_OP_SOFTMAX, "rows", "the sums it adds to count 4, expected 5");
  fails(BT_OP_AVERAGE, "rows", "the sums it adds to count 2, expected 1");
}

/* Formats that use all of their type have no unwritable value: a pattern of 64 bits says it. */
static void test_full_formats(void **state) {
  (void)state;
  const size_t dim[] = {2, 20};
  bt_format full = {.wl = 8, .asymmetric = true};
  bt_tensor x = bt_tensor_wide("x", 2, dim, false, false), y = bt_tensor_bfp("y", full, 2, dim);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&y));
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {&x}, .out = {&y}};
  c.u.quantize.round.mode = BT_FLOOR;
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  for (size_t from = 31; from <= 33; from++) { /* 9, 8 and 7 bytes unwritten */
    char option[32];
    snprintf(option, sizeof option, "unwritten=%zu", from);
    bt_engine *engine = mirror(option);
    bt_status s = engine->run(engine, &c, &rng, &counts, &error);
    assert_int_equal(s, from <= 32 ? BT_FAILED : BT_OK);
    assert_true(from > 32 || strstr(error.text, "was left unwritten") != NULL);
    engine->destroy(engine);
  }
  bt_tensor_free(&x);
  bt_tensor_free(&y);
}

/* What goes to a comparison may lie outside its format, but not be unwritten. */
static void test_compared(void **state) {
  (void)state;
  static const char *const option[] = {"range", "widest", "unwritten=3", "exponent", "bits"};
  every_command *e = every_command_open();
  const bt_command *affine = bt_program_at(e->step.program, 0);
  assert_int_equal(affine->op, BT_OP_AFFINE);
  for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
    bt_error error = {""};
    bt_counts counts = {0};
    bt_engine *engine = mirror(option[i]);
    bt_user_compare(engine);
    bt_status s = engine->run(engine, affine, &e->rng, &counts, &error);
    if ((s == BT_OK) != (i < 2)) {
      fail_msg("%s: status %d %s", option[i], (int)s, error.text);
    }
    engine->destroy(engine);
  }
  every_command_close(e);
}

static void refused(const char *path, const char *options, const char *says) {
  bt_error error;
  bt_engine *engine = (bt_engine *)&error;
  bt_status s = open_user(path, options, &engine, &error);
  if (s != BT_BAD_INPUT || engine != NULL || strstr(error.text, says) == NULL ||
      strncmp(error.text, "what=this: ", 11) != 0 || strchr(error.text, '\n') != NULL) {
    fail_msg("%s: status %d, '%s', expected '%s'", path, (int)s, error.text, says);
  }
}

static void test_refused(void **state) {
  (void)state;
  refused("none.so", "", "expected a shared object: ./none.so: cannot open shared object file");
  refused(__FILE__, "", "expected a shared object: ");
  refused(USER_OTHER "0.so", "", "exports no bittrue_engine()");
  refused(USER_OTHER "1.so", "", "refuses engine ABI 1");
  refused(USER_OTHER "2.so", "", "built for engine ABI 8, expected 1");
  refused(USER_OTHER "3.so", "", "its engine has no run()");
  refused(USER_MIRROR, "refuse", "mirror refuses: no machine of this kind");
  refused(USER_MIRROR, "silent", "mirror refuses: (no text)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_step),         cmocka_unit_test(test_left),
      cmocka_unit_test(test_wrong_runs),   cmocka_unit_test(test_full_formats),
      cmocka_unit_test(test_compared),     cmocka_unit_test(test_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
