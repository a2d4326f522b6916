/* Batches made ahead: in order, from any start, whatever the pace of either side; errors arrive in
 * their place; the thread ends wherever it is. */
#include <stdatomic.h>
#include <time.h>

#include "num/stream.h"
#include "support/job.h"

#define STEPS 5u
#define PIXELS 24u
#define LABELS 3u

/* Batches of bytes that say whose they are. */
typedef struct {
  uint64_t refuse_epoch, refuse_step; /* the batch that fails; epoch 0 for none */
  unsigned pause;                     /* microseconds at most */
  atomic_uint made;
} maker;

static void wait_up_to(unsigned microseconds, uint64_t index) {
  if (microseconds > 0) {
    bt_stream s = bt_stream_open(9, BT_STREAM_SYNTHETIC, microseconds);
    struct timespec t = {0, (long)bt_stream_below(s, index, microseconds) * 1000};
    nanosleep(&t, NULL);
  }
}

static uint8_t byte_of(uint64_t epoch, uint64_t step, size_t i) {
  return (uint8_t)(31 * epoch + 7 * step + i);
}

static bt_status make(void *context, uint64_t epoch, uint64_t step, uint8_t *pixels,
                      uint8_t *labels, bt_error *error) {
  maker *m = context;
  unsigned number = atomic_fetch_add(&m->made, 1);
  wait_up_to(m->pause, number);
  if (epoch == m->refuse_epoch && step == m->refuse_step) {
    snprintf(error->text, sizeof error->text, "image 77: no such file");
    return BT_BAD_INPUT;
  }
  for (size_t i = 0; i < PIXELS; i++) {
    pixels[i] = byte_of(epoch, step, i);
  }
  memset(labels, (int)step, LABELS);
  return BT_OK;
}

static bt_batch_source source_of(maker *m) {
  return (bt_batch_source){.fill = make, .context = m, .steps = STEPS, .pixels = PIXELS,
                           .labels = LABELS};
}

static void check_batch(const uint8_t *pixels, const uint8_t *labels, uint64_t epoch,
                        uint64_t step) {
  for (size_t i = 0; i < PIXELS; i++) {
    if (pixels[i] != byte_of(epoch, step, i) || labels[i % LABELS] != step) {
      fail_msg("epoch %llu step %llu: another batch's bytes", (unsigned long long)epoch,
               (unsigned long long)step);
    }
  }
}

/* Takes `count` batches from `step` of epoch 1 on. */
static void take(unsigned maker_pause, unsigned taker_pause, uint64_t step, size_t count) {
  maker m = {.pause = maker_pause};
  bt_batch_source source = source_of(&m);
  bt_pipeline *p;
  bt_error error = {""};
  uint8_t pixels[PIXELS], labels[LABELS];
  MUST(bt_pipeline_open(&source, 1, step, &p, &error));
  for (size_t i = 0; i < count; i++) {
    wait_up_to(taker_pause, i);
    MUST(bt_pipeline_next(p, pixels, PIXELS, labels, LABELS, &error));
    check_batch(pixels, labels, 1 + (step + i) / STEPS, (step + i) % STEPS);
  }
  assert_true(bt_pipeline_bytes(p) >= 2 * (PIXELS + LABELS));
  bt_pipeline_close(p);
  unsigned made = atomic_load(&m.made);
  if (made < count || made > count + 2) {
    fail_msg("%u batches made for %zu taken, expected at most two more", made, count);
  }
}

static void test_in_order(void **state) {
  (void)state;
  static const unsigned pause[] = {0, 1, 200};
  for (size_t a = 0; a < 3; a++) {
    for (size_t b = 0; b < 3; b++) {
      for (uint64_t step = 0; step <= STEPS; step++) {
        take(pause[a], pause[b], step, 40);
      }
    }
  }
}

/* Closed before the first batch was taken, with room, without room, in the midst of a fill. */
static void test_closed_anywhere(void **state) {
  (void)state;
  for (unsigned i = 0; i < 60; i++) {
    maker m = {.pause = i % 3 * 100};
    bt_batch_source source = source_of(&m);
    bt_pipeline *p;
    bt_error error = {""};
    uint8_t pixels[PIXELS], labels[LABELS];
    MUST(bt_pipeline_open(&source, 3, 1, &p, &error));
    for (unsigned k = 0; k < i % 4; k++) {
      MUST(bt_pipeline_next(p, pixels, PIXELS, labels, LABELS, &error));
    }
    wait_up_to(300, i);
    bt_pipeline_close(p);
  }
  bt_pipeline_close(NULL);
}

static void test_errors(void **state) {
  (void)state;
  for (uint64_t step = 0; step < STEPS; step++) {
    maker m = {.refuse_epoch = 2, .refuse_step = step};
    bt_batch_source source = source_of(&m);
    bt_pipeline *p;
    bt_error error = {""};
    uint8_t pixels[PIXELS], labels[LABELS];
    MUST(bt_pipeline_open(&source, 1, 0, &p, &error));
    for (uint64_t i = 0; i < STEPS + step; i++) {
      MUST(bt_pipeline_next(p, pixels, PIXELS, labels, LABELS, &error));
      check_batch(pixels, labels, 1 + i / STEPS, i % STEPS);
    }
    for (int again = 0; again < 3; again++) {
      error.text[0] = '\0';
      assert_int_equal(bt_pipeline_next(p, pixels, PIXELS, labels, LABELS, &error), BT_BAD_INPUT);
      assert_string_equal(error.text, "image 77: no such file");
    }
    bt_pipeline_close(p);
    assert_int_equal(atomic_load(&m.made), STEPS + step + 1); /* none after the error */
  }
}

/* The training images in each epoch's order, the short last batch included, from a step in the
 * midst of an epoch. */
static void test_shuffled(void **state) {
  (void)state;
  job *j = job_open(SMALL_MLP, 3, 3);
  const bt_images *images = &j->data.train;
  bt_shuffled shuffled;
  bt_error error = {""};
  bt_pipeline *p;
  uint8_t pixels[32 * 64], labels[32];
  uint32_t order[210];
  MUST(bt_shuffled_open(&shuffled, images, &j->recipe, &error));
  bt_batch_source source = bt_shuffled_source(&shuffled);
  assert_int_equal(source.steps, 7);
  assert_int_equal(source.pixels, 32 * 64);
  MUST(bt_pipeline_open(&source, 2, 5, &p, &error));
  for (size_t i = 5; i < 20; i++) {
    uint64_t epoch = 2 + i / 7, step = i % 7;
    size_t n = step == 6 ? 18 : 32;
    bt_dataset_shuffle(j->recipe.seed, epoch, 210, order);
    MUST(bt_pipeline_next(p, pixels, n * 64, labels, n, &error));
    for (size_t k = 0; k < n; k++) {
      size_t sample = order[step * 32 + k];
      assert_memory_equal(pixels + 64 * k, images->pixels + 64 * sample, 64);
      assert_int_equal(labels[k], images->labels[sample]);
    }
  }
  bt_pipeline_close(p);
  bt_shuffled_close(&shuffled);
  job_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_order),
                                     cmocka_unit_test(test_closed_anywhere),
                                     cmocka_unit_test(test_errors),
                                     cmocka_unit_test(test_shuffled)};
  return scratch_report("test_pipeline", cmocka_run_group_tests(tests, NULL, NULL));
}
