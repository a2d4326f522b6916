/* The loop: repeatable, resumable at any step, batches of their own size, every sample once. */
#include "support/job.h"

static void test_same_seed_same_digest(void **state) {
  (void)state;
  char a[65], b[65];
  job *j = job_open(SMALL_CONV, 2, 1);
  job_digest(j, a);
  job_digest(j, b);
  assert_string_equal(a, b);
  j->recipe.seed = 2;
  job_digest(j, b);
  assert_string_not_equal(a, b);
  job_close(j);
}

/* Stopped after `cut` steps, saved, loaded into a state of its own, trained to the end. */
static void digest_cut_at(job *j, bt_engine *engine, size_t cut, char text[65],
                          bt_epoch_row row[3]) {
  bt_state first, second;
  bt_error error = {""};
  MUST(bt_state_start(&j->recipe, &j->machine, &first, &error));
  job_train(j, &first, engine, cut);
  assert_int_equal(first.steps, cut);
  MUST(bt_state_save(&first, scratch_path(&j->s, "cut.bt"), &error));
  bt_state_free(&first);
  MUST(bt_state_start(&j->recipe, &j->machine, &second, &error));
  MUST(bt_state_load(&second, scratch_path(&j->s, "cut.bt"), &error));
  assert_int_equal(second.steps, cut);
  job_train(j, &second, engine, 0);
  MUST(bt_state_digest(&second, text, &error));
  assert_int_equal(second.rows, 3);
  for (size_t i = 0; i < 3; i++) {
    row[i] = second.row[i];
    row[i].milliseconds = 0;
  }
  bt_state_free(&second);
}

/* Three epochs of seven steps: a cut after each of the 21 steps, epoch ends and the averages of
 * epochs 2 and 3 among them, changes neither digest nor a figure of any epoch. */
static void test_resumed_anywhere(void **state) {
  (void)state;
  char straight[65], cut[65];
  bt_epoch_row want[3], got[3];
  job *j = job_open(SMALL_CONV, 3, 2);
  bt_engine *engine = bt_ref_engine(&j->machine);
  job_digest(j, straight);
  digest_cut_at(j, engine, 21, cut, want);
  assert_string_equal(cut, straight);
  for (size_t steps = 1; steps < 21; steps++) {
    digest_cut_at(j, engine, steps, cut, got);
    if (strcmp(cut, straight) != 0 || memcmp(got, want, sizeof want) != 0) {
      fail_msg("cut after step %zu: digest %s, expected %s", steps, cut, straight);
    }
  }
  engine->destroy(engine);
  job_close(j);
}

/* What an observer sees of one epoch. */
typedef struct {
  size_t whole, rest, other;    /* batches of 32, of 18, of another size */
  size_t label[10];
  size_t wrong;                 /* a mean over another number than the batch's */
  size_t drawing_in_evaluation; /* stochastic commands */
} seen;

static bt_status look(void *context, const bt_command *c, bt_error *error) {
  seen *s = context;
  (void)error;
  if (c->label.phase == BT_PHASE_EVALUATION && c->op == BT_OP_QUANTIZE) {
    s->drawing_in_evaluation += c->u.quantize.round.mode == BT_STOCHASTIC;
  }
  if (strcmp(c->label.text, "loss and error") == 0) {
    const uint8_t *label = c->in[1]->data;
    size_t n = c->in[1]->dim[0];
    s->whole += n == 32;
    s->rest += n == 18;
    s->other += n != 32 && n != 18;
    for (size_t i = 0; i < n; i++) {
      s->label[label[i]]++;
    }
  }
  if (strcmp(c->label.text, "loss mean") == 0) {
    bt_constant want = bt_constant_make((bt_rational){1, (int64_t)c->in[0]->dim[0]}, 16);
    s->wrong += c->u.affine.c[0].mantissa != want.mantissa ||
                c->u.affine.c[0].exponent != want.exponent;
  }
  return BT_OK;
}

static void test_batches(void **state) {
  (void)state;
  job *j = job_open(SMALL_CONV, 1, 1);
  bt_engine *engine = bt_ref_engine(&j->machine);
  seen s = {0};
  bt_observer observer = {look, &s, true};
  bt_train_options o = {.engine = engine, .data = &j->data, .observer = &observer};
  bt_state run;
  bt_error error = {""};
  size_t label[10] = {0};
  for (size_t i = 0; i < 210; i++) {
    label[j->data.train.labels[i]]++;
  }
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_train(&run, &o, &error));
  assert_int_equal(s.whole, 6);
  assert_int_equal(s.rest, 1);
  assert_int_equal(s.other, 0);
  assert_memory_equal(s.label, label, sizeof label); /* every sample once */
  assert_int_equal(s.wrong, 0);
  assert_int_equal(s.drawing_in_evaluation, 0);
  assert_int_equal(run.row[0].train.rows, 210);
  assert_int_equal(run.row[0].test.rows, 100);
  assert_int_equal(run.row[0].swa.rows, 100);
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

/* The first batch of an epoch holds the first samples of the epoch's order (numerics 5.3). */
static bt_status keep_pixels(void *context, const bt_command *c, bt_error *error) {
  (void)error;
  if (c->label.step == 8 && strcmp(c->label.text, "input normalise") == 0) {
    memcpy(context, c->in[0]->data, 32 * 64); /* the second step of the second epoch */
  }
  return BT_OK;
}

static void test_order(void **state) {
  (void)state;
  job *j = job_open(SMALL_MLP, 2, 2);
  bt_engine *engine = bt_ref_engine(&j->machine);
  uint8_t pixels[32 * 64] = {0};
  uint32_t order[210];
  bt_observer observer = {keep_pixels, pixels, true};
  bt_train_options o = {.engine = engine, .data = &j->data, .observer = &observer};
  bt_state run;
  bt_error error = {""};
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_train(&run, &o, &error));
  bt_dataset_shuffle(j->recipe.seed, 2, 210, order);
  for (size_t i = 0; i < 32; i++) {
    assert_memory_equal(pixels + 64 * i, j->data.train.pixels + 64 * order[32 + i], 64);
  }
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

/* Adds to *loss; returns its rows. */
static size_t evaluated(const job *j, const bt_images *images, size_t batch, bt_loss *loss) {
  bt_recipe r = j->recipe;
  bt_state run;
  bt_error error = {""};
  bt_engine *engine = bt_ref_engine(&j->machine);
  r.batch = batch;
  MUST(bt_state_start(&r, &j->machine, &run, &error));
  bt_evaluation e = {.recipe = &r, .train = images, .epoch = 1, .images = images,
                     .engine = engine};
  MUST(bt_evaluate(&e, run.model->w, loss, &error));
  assert_int_equal(run.rng.steps, 0);
  bt_state_free(&run);
  engine->destroy(engine);
  return loss->rows;
}

/* Whole batches and a rest, batches that divide the set, one batch for all: every image, once. */
static void test_evaluation_of_every_image(void **state) {
  (void)state;
  job *j = job_open(SMALL_MLP, 1, 1);
  const bt_images *test = &j->data.test;
  bt_loss loss = {0}, parts = {0}, single = {0};
  assert_int_equal(evaluated(j, test, 25, &loss), 100);
  loss = (bt_loss){0};
  assert_int_equal(evaluated(j, test, 1000, &loss), 100);
  /* A batch has one exponent, so that sums over equal batches are equal: of 32, 32, 32 and 4... */
  loss = (bt_loss){0};
  assert_int_equal(evaluated(j, test, 32, &loss), 100);
  for (size_t first = 0; first < 100; first += 32) {
    bt_images part = *test;
    part.count = first + 32 <= 100 ? 32 : 4;
    part.pixels += first * 64;
    part.labels += first;
    evaluated(j, &part, 32, &parts);
  }
  assert_memory_equal(&loss, &parts, sizeof loss);
  /* ... and of single images, which are not those of batches. */
  assert_int_equal(evaluated(j, test, 1, &single), 100);
  assert_int_not_equal(single.loss_bits, loss.loss_bits);
  job_close(j);
}

/* Learning happens: the small set is learnt to below a third of chance's error. */
static void test_learns(void **state) {
  (void)state;
  job *j = job_open(SMALL_MLP, 6, 4);
  bt_engine *engine = bt_ref_engine(&j->machine);
  bt_state run;
  bt_error error = {""};
  char percent[24];
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  job_train(j, &run, engine, 0);
  bt_loss_percent(&run.row[5].test, percent);
  if (run.row[5].test.correct < 70 || run.row[5].swa.correct < 70) {
    fail_msg("test error %s %%, expected below 30", percent);
  }
  assert_true(run.row[5].train.loss_bits < run.row[0].train.loss_bits / 2);
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

/* 1 - 917/1000 = 8.3 %; 65536 units are one bit, ln 2 = 0.6931 nats. */
static void test_figures(void **state) {
  (void)state;
  char text[24];
  bt_loss_percent(&(bt_loss){.correct = 917, .rows = 1000}, text);
  assert_string_equal(text, "8.30");
  bt_loss_percent(&(bt_loss){.correct = 2, .rows = 3}, text);
  assert_string_equal(text, "33.33");
  bt_loss_percent(&(bt_loss){.correct = 1, .rows = 3}, text);
  assert_string_equal(text, "66.67");
  bt_loss_nats(&(bt_loss){.loss_bits = 65536 * 4, .rows = 4}, text);
  assert_string_equal(text, "0.6931");
  bt_loss_nats(&(bt_loss){.loss_bits = 65536 * 30, .rows = 3}, text);
  assert_string_equal(text, "6.9314"); /* 10 * 45426 / 65536 = 6.93146, cut after four */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_seed_same_digest), cmocka_unit_test(test_resumed_anywhere),
      cmocka_unit_test(test_batches),               cmocka_unit_test(test_order),
      cmocka_unit_test(test_evaluation_of_every_image),
      cmocka_unit_test(test_learns),                cmocka_unit_test(test_figures),
  };
  return scratch_report("test_train", cmocka_run_group_tests(tests, NULL, NULL));
}
