/* Training on augmented images (numerics 5.6): integers and the fp32 baseline see the bytes of
 * bt_augment(), evaluations the images as they are, whatever makes the batches. */
#include "float/baseline.h"
#include "float/model.h"
#include "support/job.h"
#ifdef BITTRUE_HAVE_FAST
#include "fast/fast.h"
#endif

#define TRAIN 70u /* three steps of 32, 32, 6 */
#define SIZE (32u * 32u * 3u)

typedef struct {
  scratch s;
  bt_recipe recipe;
  bt_machine machine;
  bt_dataset data;
} colour_job;

static colour_job *open_colour(const char *options) {
  colour_job *j = calloc(1, sizeof *j);
  bt_error error = {""};
  assert_non_null(j);
  j->s = scratch_open();
  const small_cifar set = {.classes = 10, .train = TRAIN, .test = 40, .seed = 1};
  const small_recipe recipe = {.side = 32, .batch = 32, .epochs = 2, .swa_start = 1, .seed = 1,
                               .layers = SMALL_COLOUR, .rounding = "stochastic",
                               .data = j->s.directory, .set = "cifar-10", .options = options};
  assert_true(small_cifar_write(j->s.directory, &set));
  assert_true(small_recipe_write(j->s.directory, &recipe));
  MUST(bt_recipe_load(scratch_path(&j->s, "recipe.yaml"), &j->recipe, &error));
  MUST(bt_dataset_load(j->recipe.dataset, j->recipe.directory, &j->data, &error));
  j->machine = bt_machine_default();
  return j;
}

static void close_colour(colour_job *j) {
  bt_dataset_free(&j->data);
  scratch_close(&j->s);
  free(j);
}

/* The training images in place of themselves, as `epoch` of the recipe sees them. */
static void augment_set(colour_job *j, uint64_t epoch) {
  uint8_t image[SIZE];
  for (size_t s = 0; s < TRAIN; s++) {
    bt_augment(&j->recipe.augmentation, j->recipe.seed, epoch, &j->data.train, s, image);
    memcpy(j->data.train.pixels + s * SIZE, image, SIZE);
  }
}

/* Trains `epochs` epochs in integers: the digest, and the last row's evaluation. */
static int64_t train(const colour_job *j, bt_engine *engine, size_t epochs, char digest[65]) {
  bt_error error = {""};
  bt_state run;
  bt_train_options o = {.engine = engine, .data = &j->data, .epochs = epochs};
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_train(&run, &o, &error));
  MUST(bt_state_digest(&run, digest, &error));
  int64_t loss = (int64_t)run.row[epochs - 1].test.loss_bits;
  bt_state_free(&run);
  engine->destroy(engine);
  return loss;
}

/* One epoch on augmented images is one on a set that was augmented before; a second epoch is not,
 * as it draws anew. */
static void test_integers(void **state) {
  (void)state;
  colour_job *a = open_colour(", crop_pad: 4, flip: true"), *b = open_colour(NULL);
  char first[65], before[65], other[65];
  int64_t loss = train(a, bt_ref_engine(&a->machine), 1, first);
  train(b, bt_ref_engine(&b->machine), 1, other);
  assert_string_not_equal(first, other); /* augmentation does something */
  augment_set(a, 1);
  memcpy(b->data.train.pixels, a->data.train.pixels, TRAIN * SIZE);
  assert_int_equal(train(b, bt_ref_engine(&b->machine), 1, before), loss);
  assert_string_equal(first, before);
  close_colour(a);
  a = open_colour(", crop_pad: 4, flip: true");
  train(a, bt_ref_engine(&a->machine), 2, first);
  train(b, bt_ref_engine(&b->machine), 2, before);
  assert_string_not_equal(first, before);
  close_colour(a);
  close_colour(b);
}

static void test_engines(void **state) {
  (void)state;
#ifdef BITTRUE_HAVE_FAST
  colour_job *j = open_colour(", crop_pad: 3, flip: true");
  char want[65], got[65];
  train(j, bt_ref_engine(&j->machine), 2, want);
  for (unsigned threads = 1; threads <= 4; threads++) {
    train(j, bt_fast_engine(&j->machine, threads), 2, got);
    assert_string_equal(want, got);
  }
  close_colour(j);
#else
  skip();
#endif
}

/* Batches do not depend on where a pipeline starts. */
static void test_any_start(void **state) {
  (void)state;
  colour_job *j = open_colour(", crop_pad: 4, flip: true");
  bt_error error = {""};
  bt_shuffled from[2];
  uint8_t *pixels[2], labels[2][32];
  uint32_t order[TRAIN];
  uint8_t want[SIZE];
  for (size_t k = 0; k < 2; k++) {
    MUST(bt_shuffled_open(&from[k], &j->data.train, &j->recipe, &error));
    pixels[k] = calloc(32, SIZE);
  }
  for (uint64_t epoch = 1; epoch <= 3; epoch++) {
    bt_dataset_shuffle(j->recipe.seed, epoch, TRAIN, order);
    for (uint64_t step = 0; step < 3; step++) {
      size_t n = step == 2 ? 6 : 32;
      for (size_t k = 0; k < 2; k++) { /* one in order, one backwards */
        bt_batch_source source = bt_shuffled_source(&from[k]);
        uint64_t at = k == 0 ? step : 2 - step, e = k == 0 ? epoch : 4 - epoch;
        MUST(source.fill(source.context, e, at, pixels[k], labels[k], &error));
      }
      for (size_t i = 0; i < n; i++) {
        bt_augment(&j->recipe.augmentation, j->recipe.seed, epoch, &j->data.train,
                   order[32 * step + i], want);
        assert_memory_equal(pixels[0] + i * SIZE, want, SIZE);
        assert_int_equal(labels[0][i], j->data.train.labels[order[32 * step + i]]);
      }
      if (epoch == 2 && step == 1) { /* where both are */
        assert_memory_equal(pixels[0], pixels[1], 32 * SIZE);
      }
    }
  }
  for (size_t k = 0; k < 2; k++) {
    bt_shuffled_close(&from[k]);
    free(pixels[k]);
  }
  close_colour(j);
}

typedef struct {
  bt_baseline_epoch row[2];
  size_t rows;
} rows;

static void keep(void *context, const bt_baseline_epoch *epoch, bool again) {
  rows *r = context;
  assert_false(again);
  r->row[r->rows++] = *epoch;
}

static rows baseline(const colour_job *j) {
  rows r = {.rows = 0};
  bt_baseline_result result;
  bt_error error = {""};
  const bt_baseline_options o = {.threads = 1, .progress = keep, .context = &r};
  MUST(bt_baseline_train(&j->recipe, &j->data, &o, &result, &error));
  assert_int_equal(r.rows, 2);
  return r;
}

/* The same of the baseline, to the last bit of the loss. */
static void test_baseline(void **state) {
  (void)state;
  colour_job *a = open_colour(", crop_pad: 4, flip: true"), *b = open_colour(NULL);
  const rows augmented = baseline(a), plain = baseline(b);
  assert_true(augmented.row[0].train_loss != plain.row[0].train_loss);
  augment_set(a, 1);
  memcpy(b->data.train.pixels, a->data.train.pixels, TRAIN * SIZE);
  const rows before = baseline(b);
  assert_true(augmented.row[0].train_loss == before.row[0].train_loss);
  assert_true(augmented.row[0].test_error == before.row[0].test_error);
  assert_true(augmented.row[1].train_loss != before.row[1].train_loss);
  close_colour(a);
  close_colour(b);
}

/* The baseline's input: every channel by its own mean and deviation. */
static void test_channels(void **state) {
  (void)state;
  colour_job *j = open_colour(NULL);
  const bt_rational mean[] = {{1, 2}, {1, 4}, {1, 8}}, std[] = {{1, 1}, {1, 3}, {1, 5}};
  const double by[] = {1, 3, 5};
  bt_error error = {""};
  bt_float_model *m;
  MUST(bt_float_model_create(&j->recipe.net, 4, 1, &m, &error));
  const bt_float_normal normal = bt_float_normal_make(3, mean, std);
  bt_float_input(m, &normal, j->data.train.pixels + 3 * SIZE, 4);
  for (size_t i = 0; i < 4 * SIZE; i++) {
    double pixel = j->data.train.pixels[3 * SIZE + i] / 255.0;
    double want = (pixel - 1.0 / (double)(2u << i % 3)) * by[i % 3];
    if (m->image[i] < want - 1e-5 || m->image[i] > want + 1e-5) {
      fail_msg("input %zu: %g, expected %g", i, (double)m->image[i], want);
    }
  }
  bt_float_model_destroy(m);
  close_colour(j);
}

/* A net of other classes than the set: one line with both. */
static void test_classes(void **state) {
  (void)state;
  colour_job *j = open_colour(NULL);
  bt_error error = {""};
  j->data.train.classes = j->data.test.classes = 100;
  assert_refused(bt_train_check_data(&j->recipe, &j->data, &error), BT_BAD_INPUT, &error,
                 "net small takes 32x32x3 images of 10 classes", "cifar-10 has 32x32x3 of 100",
                 NULL);
  close_colour(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integers), cmocka_unit_test(test_engines),
      cmocka_unit_test(test_any_start), cmocka_unit_test(test_baseline),
      cmocka_unit_test(test_channels), cmocka_unit_test(test_classes),
  };
  return scratch_report("test_augmented", cmocka_run_group_tests(tests, NULL, NULL));
}
