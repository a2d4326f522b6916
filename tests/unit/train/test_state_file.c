/* Checkpoints of a run: damaged ones, those of other runs, and the one before. */
#include "support/job.h"

/* A state after three steps, saved in "state.bt". */
static void save_state(job *j) {
  bt_state run;
  bt_error error = {""};
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 3);
  MUST(bt_state_save(&run, scratch_path(&j->s, "state.bt"), &error));
  bt_state_free(&run);
  engine->destroy(engine);
}

static uint8_t *read_whole(job *j, size_t *size) {
  FILE *f = fopen(scratch_path(&j->s, "state.bt"), "rb");
  assert_non_null(f);
  uint8_t *data = malloc(1 << 20);
  *size = fread(data, 1, 1 << 20, f);
  assert_true(*size > 1000 && *size < 1 << 20);
  fclose(f);
  return data;
}

static bt_status load(const bt_recipe *recipe, const bt_machine *machine, const char *path,
                      bt_error *error) {
  bt_state run;
  bt_status s = bt_state_start(recipe, machine, &run, error);
  s = s == BT_OK ? bt_state_load(&run, path, error) : s;
  bt_state_free(&run);
  return s;
}

static void refuse_bytes(job *j, const uint8_t *data, size_t size, size_t place) {
  bt_error error = {""};
  bt_status s = load(&j->recipe, &j->machine,
                     scratch_write(&j->s, "damaged.bt", data, size), &error);
  if (s != BT_BAD_INPUT || strstr(error.text, "damaged.bt") == NULL ||
      strchr(error.text, '\n') != NULL) {
    fail_msg("at %zu: status %d, '%s'", place, (int)s, error.text);
  }
}

/* Cut at many lengths, and with one bit inverted at many places. */
static void test_damaged(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(SMALL_MLP, 2, 1);
  save_state(j);
  size_t size;
  uint8_t *data = read_whole(j, &size);
  for (size_t cut = 0; cut < size; cut += 1 + size / 101) {
    refuse_bytes(j, data, cut, cut);
  }
  refuse_bytes(j, data, size - 1, size - 1);
  for (size_t i = 0; i < size; i += 1 + size / 199) {
    data[i] ^= (uint8_t)(1u << i % 8);
    refuse_bytes(j, data, size, i);
    data[i] ^= (uint8_t)(1u << i % 8);
  }
  MUST(load(&j->recipe, &j->machine, scratch_write(&j->s, "damaged.bt", data, size), &error));
  free(data);
  job_close(j);
}

static void refuse_other(job *j, const bt_recipe *recipe, const bt_machine *machine,
                         const char *what) {
  bt_error error = {""};
  bt_status s = load(recipe, machine, scratch_path(&j->s, "state.bt"), &error);
  if (s != BT_BAD_INPUT || strstr(error.text, "a checkpoint of another recipe") == NULL) {
    fail_msg("%s: status %d, '%s'", what, (int)s, error.text);
  }
}

/* Everything that decides a run's bits. */
static void test_other_recipes(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(SMALL_CONV, 2, 1);
  save_state(j);
#define OTHER(change)                                       \
  {                                                         \
    bt_recipe r = j->recipe;                                \
    r.change;                                               \
    refuse_other(j, &r, &j->machine, #change);              \
  }
  OTHER(seed = 2)
  OTHER(batch = 31)
  OTHER(swa_start = 2)
  OTHER(lr.den = 21)
  OTHER(swa_lr.den = 101)
  OTHER(momentum.num = 8)
  OTHER(weight_decay.den = 2001)
  OTHER(mean[0].den = 3)
  OTHER(std[0].den = 5)
  OTHER(augmentation.crop_pad = 4)
  OTHER(augmentation.flip = true)
  OTHER(w.asymmetric = true)
  OTHER(a.wl = 7)
  OTHER(g.block = BT_BLOCK_TENSOR)
  OTHER(e.wl = 7)
  OTHER(e.block = BT_BLOCK_SAMPLE)
  OTHER(m.block = BT_BLOCK_TENSOR)
  OTHER(round.mode = BT_FLOOR)
  OTHER(round.random_bits = 8)
  OTHER(round.sr_half = true)
  OTHER(net.layer[0].relu = false)
  OTHER(net.layer[0].stride = 2)
  OTHER(net.layer[2].drop.den = 5)
  bt_recipe longer = j->recipe; /* more epochs: the same bits up to there */
  longer.epochs = 5;
  MUST(load(&longer, &j->machine, scratch_path(&j->s, "state.bt"), &error));
  job_close(j);
}

static void test_other_machines(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(SMALL_MLP, 2, 1);
  j->machine.acc.acc_shift = 2;
  j->machine.acc.acc_round.mode = BT_STOCHASTIC;
  save_state(j);
#define MACHINE(change)                               \
  {                                                   \
    bt_machine m = j->machine;                        \
    m.change;                                         \
    refuse_other(j, &j->recipe, &m, #change);         \
  }
  MACHINE(lanes = 8)
  MACHINE(acc.acc_bits = 24)
  MACHINE(acc.wrap = true)
  MACHINE(acc.acc_shift = 1)
  MACHINE(acc.acc_round.mode = BT_FLOOR)
  MACHINE(acc.acc_round.random_bits = 8)
  MACHINE(acc.acc_round.sr_half = true)
  MACHINE(acc.chunk = 16)
  MACHINE(acc.psum_bits = 24)
  bt_machine wider = j->machine; /* cycles, not bits */
  wider.rows = 32;
  wider.dataflow = BT_DATAFLOW_WS;
  MUST(load(&j->recipe, &wider, scratch_path(&j->s, "state.bt"), &error));
  job_close(j);
}

/* A folder that cannot be written to is named; a file elsewhere stays. */
static void test_failed_save(void **state) {
  (void)state;
  bt_state run;
  bt_error error = {""};
  job *j = job_open(SMALL_MLP, 2, 1);
  save_state(j);
  size_t size, after;
  uint8_t *before = read_whole(j, &size);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  assert_refused(bt_state_save(&run, "/nowhere/at/all/state.bt", &error), BT_BAD_INPUT, &error,
                 "/nowhere/at/all", NULL);
  bt_state_free(&run);
  uint8_t *now = read_whole(j, &after);
  assert_int_equal(size, after);
  assert_memory_equal(before, now, size);
  free(before);
  free(now);
  job_close(j);
}

/* After each checkpoint the one before it lies beside it, whole. */
static void test_previous(void **state) {
  (void)state;
  bt_state run;
  bt_error error = {""};
  job *j = job_open(SMALL_MLP, 1, 1);
  bt_engine *engine = bt_ref_engine(&j->machine);
  bt_train_options o = {.engine = engine, .data = &j->data, .directory = j->s.directory,
                        .checkpoint_every = 2, .steps = 4};
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_train(&run, &o, &error));
  bt_state_free(&run);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_state_load(&run, scratch_path(&j->s, BT_CHECKPOINT_FILE), &error));
  assert_int_equal(run.steps, 4);
  scratch_text(&j->s, BT_CHECKPOINT_FILE, "torn");
  assert_refused(bt_state_load(&run, scratch_path(&j->s, BT_CHECKPOINT_FILE), &error), BT_BAD_INPUT,
                 &error, BT_CHECKPOINT_FILE, NULL);
  MUST(bt_state_load(&run, scratch_path(&j->s, BT_CHECKPOINT_PREVIOUS), &error));
  assert_true(run.steps == 2 || run.steps == 4); /* a stop saves once more */
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

/* The weights alone, into a model without storage; not of another recipe's weights. */
static void test_weights(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(SMALL_MLP, 2, 1);
  bt_state run;
  bt_model *model;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 3);
  MUST(bt_state_save(&run, scratch_path(&j->s, BT_CHECKPOINT_FILE), &error));
  MUST(bt_model_shapes(&j->recipe.net, j->recipe.w, j->recipe.m, &model, &error));
  MUST(bt_state_load_weights(j->s.directory, &j->recipe, model, &error));
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_tensor *got = model->w[p], *want = run.model->w[p];
    assert_memory_equal(got->data, want->data, bt_tensor_elements(want));
    assert_memory_equal(got->exp, want->exp, bt_tensor_exponents(want) * sizeof *want->exp);
    assert_null(model->v[p]->data);
  }
  bt_recipe other = j->recipe;
  other.w.block = BT_BLOCK_TENSOR;
  assert_int_equal(bt_state_load_weights(j->s.directory, &other, model, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "another format"));
  other = j->recipe;
  other.net.layer[0].relu = false;
  assert_int_equal(bt_state_load_weights(j->s.directory, &other, model, &error), BT_BAD_INPUT);
  other = j->recipe;
  other.seed++; /* another run's weights are as good */
  bt_model_free(model);
  MUST(bt_model_shapes(&other.net, other.w, other.m, &model, &error));
  MUST(bt_state_load_weights(j->s.directory, &other, model, &error));
  bt_model_free(model);
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_damaged),        cmocka_unit_test(test_other_recipes),
      cmocka_unit_test(test_other_machines), cmocka_unit_test(test_failed_save),
      cmocka_unit_test(test_previous),       cmocka_unit_test(test_weights),
  };
  return scratch_report("test_state_file", cmocka_run_group_tests(tests, NULL, NULL));
}
