#include "float/evaluate.h"

#include <stdlib.h>

#include "num/error.h"

double bt_percent_wrong(uint64_t correct, uint64_t count) {
  return 100.0 * (double)(count - correct) / (double)count;
}

static size_t batch_at(const bt_float_model *m, const bt_images *images, size_t first) {
  const size_t left = images->count - first;
  return left < m->batch ? left : m->batch;
}

/* The pass for statistics. */
static bt_status collect(bt_float_model *m, const bt_float_normal *normal,
                         const bt_float_seen *seen, bt_error *error) {
  const bt_images *x = seen->images;
  const size_t size = x->height * x->width * x->channels;
  uint8_t *pixels = malloc(m->batch * size);
  if (pixels == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a batch of %zu images", (size_t)m->batch);
  }
  for (size_t first = 0; first < x->count; first += m->batch) {
    const size_t n = batch_at(m, x, first);
    for (size_t i = 0; i < n; i++) {
      bt_augment(seen->augmentation, seen->seed, seen->epoch, x, first + i, pixels + i * size);
    }
    bt_float_input(m, normal, pixels, n);
    bt_float_forward(m, n, BT_PASS_COLLECT, NULL);
  }
  free(pixels);
  return BT_OK;
}

bt_status bt_float_evaluate(bt_float_model *m, const bt_float_normal *normal,
                            const bt_float_seen *seen, const bt_images *test, double *percent,
                            bt_error *error) {
  const size_t size = test->height * test->width * test->channels;
  uint64_t correct = 0;
  if (bt_float_has_statistics(m)) {
    bt_float_statistics_clear(m);
    bt_status status = collect(m, normal, seen, error);
    if (status != BT_OK) {
      return status;
    }
    bt_float_statistics_use(m);
  }
  for (size_t first = 0; first < test->count; first += m->batch) {
    const size_t n = batch_at(m, test, first);
    bt_float_input(m, normal, test->pixels + first * size, n);
    bt_float_forward(m, n, BT_PASS_EVALUATE, NULL);
    bt_float_loss(m, n, test->labels + first, &correct);
  }
  *percent = bt_percent_wrong(correct, test->count);
  return BT_OK;
}
