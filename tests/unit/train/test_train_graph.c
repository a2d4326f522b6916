/* Training nets with batch norm and residual blocks: engines and threads agree, a run can be cut or
 * stopped anywhere, evaluations change nothing, statistics are the weights' own. */
#include "fast/fast.h"
#include "support/drawn.h"
#include "support/job.h"

static void digest_on(const job *j, bt_engine *engine, char text[65]) {
  bt_error error = {""};
  bt_state state;
  assert_non_null(engine);
  MUST(bt_state_start(&j->recipe, &j->machine, &state, &error));
  job_train(j, &state, engine, 0);
  MUST(bt_state_digest(&state, text, &error));
  bt_state_free(&state);
  engine->destroy(engine);
}

static void test_engines_agree(void **state) {
  static const unsigned threads[] = {1, 2, 7};
  (void)state;
  char want[65], got[65];
  job *j = job_open(SMALL_RESIDUAL, 2, 1);
  job_digest(j, want);
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    for (size_t t = 0; bt_fast_supports(*isa) && t < 3; t++) {
      digest_on(j, bt_fast_engine_on(&j->machine, *isa, threads[t]), got);
      if (strcmp(got, want) != 0) {
        fail_msg("%s, %u threads: digest %s, ref's is %s", *isa, threads[t], got, want);
      }
    }
  }
  job_close(j);
}

static void resume_and_compare(job *j, bt_state *first, const char *want, const char *what) {
  char got[65];
  bt_error error = {""};
  bt_state second;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_save(first, scratch_path(&j->s, "cut.bt"), &error));
  MUST(bt_state_start(&j->recipe, &j->machine, &second, &error));
  MUST(bt_state_load(&second, scratch_path(&j->s, "cut.bt"), &error));
  job_train(j, &second, engine, 0);
  MUST(bt_state_digest(&second, got, &error));
  if (strcmp(got, want) != 0 || second.rows != j->recipe.epochs) {
    fail_msg("%s: %zu rows, digest %s, expected %s", what, second.rows, got, want);
  }
  bt_state_free(&second);
  engine->destroy(engine);
}

/* Counts down on commands of evaluations, then asks to stop. */
typedef struct {
  size_t left;
  volatile sig_atomic_t stop;
} stopper;

static bt_status count_down(void *context, const bt_command *c, bt_error *error) {
  stopper *s = context;
  (void)error;
  bool counts = c->label.phase == BT_PHASE_EVALUATION || c->label.phase == BT_PHASE_STATISTICS;
  if (counts && s->left > 0 && --s->left == 0) {
    s->stop = 1;
  }
  return BT_OK;
}

/* An epoch's evaluation is four passes: statistics and errors of the iterate, then of the average.
 * Stopped in any of them, the snapshot is added once all the same. */
static void test_stopped_in_an_evaluation(void **state) {
  (void)state;
  char want[65], what[64];
  bt_error error = {""};
  job *j = job_open(SMALL_RESIDUAL, 2, 1);
  job_digest(j, want);
  for (size_t at = 1; at < 1600; at += 1600 / BT_DRAWN(11)) {
    stopper s = {.left = at};
    bt_observer observer = {count_down, &s, false};
    bt_state run;
    bt_engine *engine = bt_ref_engine(&j->machine);
    bt_train_options o = {.engine = engine, .data = &j->data, .observer = &observer,
                          .stop = &s.stop};
    MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
    MUST(bt_train(&run, &o, &error));
    assert_int_equal(s.stop, 1);
    assert_int_equal(run.step, 7);
    snprintf(what, sizeof what, "stopped after %zu commands of evaluations", at);
    resume_and_compare(j, &run, want, what);
    bt_state_free(&run);
    engine->destroy(engine);
  }
  job_close(j);
}

static void test_resumed(void **state) {
  (void)state;
  static const size_t cuts[] = {1, 6, 7, 8, 13};
  char want[65], what[64];
  bt_error error = {""};
  job *j = job_open(SMALL_RESIDUAL, 2, 1);
  job_digest(j, want);
  for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
    bt_state run;
    bt_engine *engine = bt_ref_engine(&j->machine);
    MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
    job_train(j, &run, engine, cuts[i]);
    snprintf(what, sizeof what, "cut after step %zu", cuts[i]);
    resume_and_compare(j, &run, want, what);
    bt_state_free(&run);
    engine->destroy(engine);
  }
  job_close(j);
}

/* Epochs that are not evaluated have no figures, and the digest is the same. */
static void test_evaluate_every(void **state) {
  (void)state;
  char want[65], got[65];
  bt_error error = {""};
  job *j = job_open(SMALL_RESIDUAL, 4, 2);
  job_digest(j, want);
  j->recipe.evaluate_every = 100;
  bt_state run;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 0);
  MUST(bt_state_digest(&run, got, &error));
  assert_string_equal(got, want);
  const size_t test[] = {0, 100, 0, 100}, swa[] = {0, 100, 0, 100};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(run.row[i].test.rows, test[i]);
    assert_int_equal(run.row[i].swa.rows, swa[i]);
  }
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

/* The statistics are made for the weights that are evaluated: twice the weights of a convolution
 * under a batch norm give the same error, which statistics of other weights would not. */
static void test_statistics_follow_the_weights(void **state) {
  (void)state;
  bt_error error = {""};
  bt_loss before = {0}, after = {0};
  job *j = job_open(SMALL_RESIDUAL, 2, 2);
  bt_state run;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 8);
  bt_evaluation e = {.recipe = &j->recipe, .train = &j->data.train, .epoch = 2,
                     .images = &j->data.test, .engine = engine};
  MUST(bt_evaluate(&e, run.model->w, &before, &error));
  for (size_t p = 0; p < run.model->parameters; p++) {
    bt_tensor *w = run.model->w[p];
    if (strcmp(w->name, "s2b1.conv2.weight") == 0) {
      for (size_t b = 0; b < bt_tensor_exponents(w); b++) {
        w->exp[b]++;
      }
    }
  }
  MUST(bt_evaluate(&e, run.model->w, &after, &error));
  assert_int_equal(before.rows, 100);
  assert_int_equal(after.correct, before.correct);
  int64_t change = after.loss_bits - before.loss_bits; /* eps weighs less: 2^-16 bits each */
  assert_true(change > -100 * 655 && change < 100 * 655);
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

static int64_t loss_of(bt_evaluation e, bt_tensor *const *weights) {
  bt_error error = {""};
  bt_loss loss = {0};
  MUST(bt_evaluate(&e, weights, &loss, &error));
  return loss.loss_bits;
}

/* Statistics are those of the training images as an epoch saw them (numerics 19.1): the same as of
 * images that were cropped and mirrored beforehand. The evaluated images are as they are. */
static void test_statistics_of_augmented_images(void **state) {
  (void)state;
  bt_error error = {""};
  job *j = job_open(SMALL_RESIDUAL, 2, 2);
  bt_state run;
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  assert_int_equal(bt_state_trained_epoch(&run), 1);
  job_train(j, &run, engine, 8); /* seven steps an epoch */
  assert_int_equal(bt_state_trained_epoch(&run), 2);
  const bt_images *train = &j->data.train;
  const bt_augmentation how = {2, true};
  size_t size = train->height * train->width * train->channels;
  uint8_t *seen = malloc(train->count * size);
  assert_non_null(seen);
  for (size_t i = 0; i < train->count; i++) {
    bt_augment(&how, j->recipe.seed, 2, train, i, seen + i * size);
  }
  bt_images made = *train;
  made.pixels = seen;
  bt_evaluation e = {.recipe = &j->recipe, .train = &made, .images = &j->data.test,
                     .engine = engine, .epoch = 2};
  int64_t plain_train, beforehand = loss_of(e, run.model->w);
  e.train = train;
  plain_train = loss_of(e, run.model->w);
  j->recipe.augmentation = how;
  assert_int_equal(loss_of(e, run.model->w), beforehand);
  assert_true(plain_train != beforehand);
  e.epoch = 1;
  assert_true(loss_of(e, run.model->w) != beforehand);
  free(seen);
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_statistics_of_augmented_images),
      cmocka_unit_test(test_engines_agree),
      cmocka_unit_test(test_stopped_in_an_evaluation),
      cmocka_unit_test(test_resumed),
      cmocka_unit_test(test_evaluate_every),
      cmocka_unit_test(test_statistics_follow_the_weights),
  };
  return scratch_report("test_train_graph", cmocka_run_group_tests(tests, NULL, NULL));
}
