/* Lockstep: engines that agree are counted; one wrong bit anywhere is found, and the report says
 * where and what. */
#include "engine/lockstep.h"
#include "unit/engine/step.h"

/* The reference engine, but for one thing about one command. */
typedef enum { SOUND, MANTISSA, EXPONENT, WIDTH, GENERATOR, LOSS, SUM, EMIN, FAILURE } trick;

typedef struct {
  bt_engine base;
  bt_engine *ref;
  const char *label; /* of the command */
  trick what;
  size_t element;
  bool contractions_only;
} liar;

static bool covers(const bt_engine *engine, const bt_command *c) {
  return !((const liar *)engine)->contractions_only || c->op == BT_OP_CONTRACT;
}

static void lie(const liar *l, const bt_command *c, bt_lfsr *rng) {
  bt_tensor *t = c->out[0];
  switch (l->what) {
    case MANTISSA:
      ((uint8_t *)t->data)[l->element * bt_tensor_element_size(t)] ^= 1; /* little-endian: bit 0 */
      break;
    case EXPONENT: t->exp[l->element]++; break;
    case WIDTH: t->bits++; break;
    case GENERATOR: rng->lane[l->element] ^= 2; break;
    case LOSS: c->u.softmax.loss->loss_bits++; break;
    case SUM: c->u.average.average->sum[l->element]++; break;
    case EMIN: c->u.average.average->emin[l->element]--; break;
    case SOUND:
    case FAILURE:
    default: break;
  }
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  liar *l = (liar *)engine;
  bt_status s = l->ref->run(l->ref, c, rng, counts, error);
  if (l->what != SOUND && strcmp(c->label.text, l->label) == 0) {
    if (l->what == FAILURE) {
      snprintf(error->text, sizeof error->text, "the engine's own error");
      return BT_FAILED;
    }
    lie(l, c, rng);
  }
  return s;
}

static const char *keep(void *context, const bt_command *c, const bt_lfsr *before) {
  snprintf(context, 256, "%s at %llu", c->label.text, (unsigned long long)before->steps);
  return "kept.replay";
}

/* A step (or the averaging) in lockstep of ref and a liar. */
typedef struct {
  every_command *e;
  bt_engine *ref;
  liar second;
  bt_lockstep l;
  bt_error error;
  char kept[256];
} fixture;

static fixture *open_fixture(const char *label, trick what, size_t element) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->e = every_command_open();
  f->ref = bt_ref_engine(&f->e->j->machine);
  f->second = (liar){.base = {.name = "liar", .covers = covers, .run = run}, .ref = f->ref,
                     .label = label, .what = what, .element = element};
  f->l = (bt_lockstep){.first = f->ref, .second = &f->second.base, .keep = keep,
                       .context = f->kept};
  return f;
}

static void close_fixture(fixture *f) {
  f->ref->destroy(f->ref);
  every_command_close(f->e);
  free(f);
}

static bt_status run_step(fixture *f) {
  return bt_lockstep_run(&f->l, f->e->step.program, &f->e->rng, &f->error);
}

static void expect_text(const fixture *f, const char *part) {
  if (strstr(f->l.difference.text, part) == NULL) {
    fail_msg("the report does not say '%s':\n%s", part, f->l.difference.text);
  }
}

static size_t output_elements(const bt_program *p) {
  size_t n = 0;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    for (int o = 0; o < 2; o++) {
      const bt_tensor *t = bt_program_at(p, i)->out[o];
      n += t == NULL ? 0 : bt_tensor_elements(t);
    }
  }
  return n;
}

static bt_status count_agreed(void *context, const bt_command *c, const bt_ran *ran,
                              bt_difference *difference) {
  assert_true(ran->after->steps >= ran->before->steps);
  (void)c;
  (void)difference;
  ++*(size_t *)context;
  return BT_OK;
}

static void test_agreement(void **state) {
  (void)state;
  fixture *f = open_fixture("", SOUND, 0);
  size_t agreed = 0, commands = bt_program_size(f->e->step.program);
  f->l.agreed = count_agreed;
  f->l.agreed_context = &agreed;
  assert_int_equal(run_step(f), BT_OK);
  assert_false(f->l.difference.found);
  assert_int_equal(f->l.counts.commands, commands);
  assert_int_equal(f->l.counts.commands_covered, commands);
  assert_int_equal(f->l.counts.elements, output_elements(f->e->step.program));
  assert_int_equal(agreed, commands);
  assert_int_equal(f->e->loss.rows, STEP_BATCH); /* the first engine's, once */
  assert_int_equal(bt_lockstep_run(&f->l, f->e->averaging, &f->e->rng, &f->error), BT_OK);
  assert_int_equal(f->e->model->average[0].count, 1);
  close_fixture(f);
}

/* The array's tiles, of 4 x 4: a contraction is compared in their order, and named by them. */
static void test_tiles(void **state) {
  (void)state;
  fixture *f = open_fixture("", SOUND, 0);
  bt_machine machine = f->e->j->machine;
  machine.rows = machine.cols = 4;
  f->l.machine = &machine;
  f->second.contractions_only = true;
  assert_int_equal(run_step(f), BT_OK);
  uint64_t tiles = 0, elements = 0;
  for (size_t i = 0; i < bt_program_size(f->e->step.program); i++) {
    const bt_command *c = bt_program_at(f->e->step.program, i);
    if (c->op == BT_OP_CONTRACT) {
      bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
      tiles += (x.rows + 3) / 4 * ((x.cols + 3) / 4);
      elements += x.rows * x.cols;
    }
  }
  assert_int_equal(f->l.counts.tiles, tiles);
  assert_int_equal(f->l.counts.elements, elements);
  close_fixture(f);
}

/* The element in row 5 and column 6 lies in the second tile down and across. */
static void test_tile_named(void **state) {
  (void)state;
  fixture *f = open_fixture("", MANTISSA, 0);
  bt_machine machine = f->e->j->machine;
  machine.rows = machine.cols = 4;
  f->l.machine = &machine;
  for (size_t i = 0; f->second.element == 0; i++) {
    const bt_command *c = bt_program_at(f->e->step.program, i);
    bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
    if (c->op == BT_OP_CONTRACT && x.rows > 5 && x.cols > 6) {
      f->second.element = 5 * x.cols + 6;
      f->second.label = c->label.text;
    }
  }
  assert_int_equal(run_step(f), BT_MISMATCH);
  expect_text(f, "  tile      2 of ");
  expect_text(f, " down, 2 of ");
  expect_text(f, " across; row 1, column 2 of the array");
  close_fixture(f);
}

/* In lockstep the first engine's run goes on as if it were alone. */
static void test_first_stands(void **state) {
  (void)state;
  char alone[65], beside[65];
  fixture *f = open_fixture("", SOUND, 0);
  every_command *e = every_command_open();
  bt_counts counts = {0};
  bt_error error = {""};
  MUST(bt_program_run(e->step.program, f->ref, &e->rng, &counts, NULL, &error));
  assert_int_equal(run_step(f), BT_OK);
  MUST(bt_model_digest(e->model, e->rng.steps, 1, alone, &error));
  MUST(bt_model_digest(f->e->model, f->e->rng.steps, 1, beside, &error));
  assert_string_equal(alone, beside);
  assert_memory_equal(&e->rng, &f->e->rng, sizeof e->rng);
  every_command_close(e);
  close_fixture(f);
}

static void test_uncovered(void **state) {
  (void)state;
  fixture *f = open_fixture("conv1 quantize", MANTISSA, 0);
  f->second.contractions_only = true;
  assert_int_equal(run_step(f), BT_OK);
  assert_int_equal(f->l.counts.commands, bt_program_size(f->e->step.program));
  assert_int_equal(f->l.counts.commands_covered, 11); /* 4 forward, 4 weight, 3 data gradients */
  close_fixture(f);
}

/* conv1 forward is [5][8][8][6]: element 1000 is 2 * 384 + 4 * 48 + 6 * 6 + 4, and row 166, column
 * 4 of a product of 320 x 6. */
static void test_contraction(void **state) {
  (void)state;
  char line[128];
  fixture *f = open_fixture("conv1 forward", MANTISSA, 1000);
  assert_int_equal(run_step(f), BT_MISMATCH);
  const bt_tensor *y = job_command(f->e->step.program, "conv1 forward")->out[0];
  int32_t m = bt_tensor_mantissa(y, 1000);
  assert_true(f->l.difference.found);
  expect_text(f, "MISMATCH between ref and liar\n");
  expect_text(f, "command   conv1 forward (contract, forward), step 4, layer 0, phase forward\n");
  expect_text(f, "differs   mantissa 1000 of output 0, tensor conv1 at [2][4][6][4], row 166, "
                 "column 4 of the product\n");
  snprintf(line, sizeof line, "first     mantissa %d at step 2^%d\n", m, bt_tensor_step(y, 1000));
  expect_text(f, line);
  snprintf(line, sizeof line, "second    mantissa %d at step 2^%d\n", m ^ 1,
           bt_tensor_step(y, 1000));
  expect_text(f, line);
  expect_text(f, "operand   input: 320 elements, 1 exponents: ");
  expect_text(f, "operand   conv1.weight: 54 elements, 6 exponents: ");
  expect_text(f, "replay    bittrue replay kept.replay --engines ref,liar\n");
  assert_non_null(strstr(f->error.text, "conv1 forward: ref and liar differ"));
  assert_null(strchr(f->error.text, '\n'));
  close_fixture(f);
}

/* The draw of element 37 of the first quantization: lane 5, its third draw, found by stepping the
 * register bit by bit (numerics 4). */
static void test_quantization(void **state) {
  (void)state;
  char line[128];
  fixture *f = open_fixture("input quantize", MANTISSA, 37);
  uint32_t lane = f->e->rng.lane[5];
  for (int i = 0; i < 2 * 16; i++) {
    lane = lane >> 1 ^ (lane & 1 ? 0xA3000000u : 0);
  }
  assert_int_equal(run_step(f), BT_MISMATCH);
  expect_text(f, "command   input quantize (quantize), step 4, layer 0, phase forward\n");
  expect_text(f, "differs   mantissa 37 of output 0, tensor input at [0][4][5][0]\n");
  expect_text(f, "operand   input: mantissa ");
  snprintf(line, sizeof line, "draw      lane 5, state 0x%08x before it, draw 0x%x of 16 bits\n",
           lane, lane & 0xffff);
  expect_text(f, line);
  assert_string_equal(f->kept, "input quantize at 0"); /* the generator before the command */
  assert_int_equal(f->l.counts.commands_covered, 1);
  close_fixture(f);
}

static void find(const char *label, trick what, size_t element, const char *line) {
  fixture *f = open_fixture(label, what, element);
  bt_status s = run_step(f);
  if (s == BT_OK) {
    s = bt_lockstep_run(&f->l, f->e->averaging, &f->e->rng, &f->error);
  }
  assert_int_equal(s, BT_MISMATCH);
  expect_text(f, label);
  expect_text(f, line);
  assert_non_null(strstr(f->kept, label));
  close_fixture(f);
}

static void test_everything_is_compared(void **state) {
  (void)state;
  find("conv2 quantize", EXPONENT, 0, "differs   exponent 0 of output 0, tensor conv2\n");
  find("conv2 forward", EXPONENT, 3, "differs   exponent 3 of output 0, tensor conv2\n");
  find("fc1 data gradient", WIDTH, 0, "differs   width 0 of output 0");
  find("fc2 quantize", GENERATOR, 9, "differs   generator 0");
  find("loss and error", LOSS, 0, "differs   loss 0");
  find("drop1 mask", MANTISSA, 17, "differs   mantissa 17 of output 0, tensor drop1");
  find("pool1 forward", MANTISSA, 5, "differs   mantissa 5 of output 0, tensor pool1 at ");
  find("pool1 pool backward", MANTISSA, 6, "differs   mantissa 6 of output 0");
  find("fc1 bias gradient", MANTISSA, 2,
       "differs   mantissa 2 of output 0, tensor fc1.bias at [2]");
  find("fc2.weight quantize", MANTISSA, 199,
       "differs   mantissa 199 of output 0, tensor fc2.weight at [9][19]\n");
  find("conv1.weight average", SUM, 53, "differs   sum 53");
  find("conv1.weight average", EMIN, 1, "differs   smallest exponent");
}

/* The replay of an averaging needs the sums as they were before it. */
typedef struct {
  int64_t sum;
  uint64_t count;
} sums;

static const char *keep_sums(void *context, const bt_command *c, const bt_lfsr *before) {
  (void)before;
  *(sums *)context = (sums){c->u.average.average->sum[0], c->u.average.average->count};
  return NULL;
}

static void test_sums_before(void **state) {
  (void)state;
  fixture *f = open_fixture("conv1.weight average", SUM, 0);
  sums before = {-1, 99};
  f->l.keep = keep_sums;
  f->l.context = &before;
  assert_int_equal(bt_lockstep_run(&f->l, f->e->averaging, &f->e->rng, &f->error), BT_MISMATCH);
  assert_int_equal(before.count, 0);
  assert_int_equal(before.sum, 0);
  close_fixture(f);
}

/* Elements that the second engine did not compute are not compared. */
static bool not_1000(const bt_engine *second, size_t element) {
  (void)second;
  return element != 1000;
}

static void test_covered_elements(void **state) {
  (void)state;
  fixture *f = open_fixture("conv1 forward", MANTISSA, 1000);
  const bt_command *c = job_command(f->e->step.program, "conv1 forward");
  f->l.covered = not_1000;
  assert_int_equal(bt_lockstep_command(&f->l, c, &f->e->rng, &f->error), BT_OK);
  assert_int_equal(f->l.counts.elements, 5 * 8 * 8 * 6 - 1);
  f->second.element = 1001;
  assert_int_equal(bt_lockstep_command(&f->l, c, &f->e->rng, &f->error), BT_MISMATCH);
  close_fixture(f);
}

static void test_engine_error(void **state) {
  (void)state;
  fixture *f = open_fixture("fc1 forward", FAILURE, 0);
  assert_int_equal(run_step(f), BT_FAILED);
  assert_string_equal(f->error.text, "the engine's own error");
  assert_false(f->l.difference.found);
  close_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agreement),    cmocka_unit_test(test_first_stands),
      cmocka_unit_test(test_tiles),        cmocka_unit_test(test_tile_named),
      cmocka_unit_test(test_uncovered),    cmocka_unit_test(test_contraction),
      cmocka_unit_test(test_quantization), cmocka_unit_test(test_everything_is_compared),
      cmocka_unit_test(test_sums_before),  cmocka_unit_test(test_covered_elements),
      cmocka_unit_test(test_engine_error),
  };
  return scratch_report("test_lockstep", cmocka_run_group_tests(tests, NULL, NULL));
}
