#include "float/evaluate.h"

double bt_percent_wrong(uint64_t correct, uint64_t count) {
  return 100.0 * (double)(count - correct) / (double)count;
}

/* Runs a pass over all images; adds to *correct unless it is NULL. */
static void pass_over(bt_float_model *m, const bt_float_normal *normal, const bt_images *images,
                      bt_float_pass pass, uint64_t *correct) {
  const size_t size = images->height * images->width * images->channels;
  for (size_t first = 0; first < images->count; first += m->batch) {
    const size_t left = images->count - first;
    const size_t n = left < m->batch ? left : m->batch;
    bt_float_input(m, normal, images->pixels + first * size, n);
    bt_float_forward(m, n, pass, NULL);
    if (correct != NULL) {
      bt_float_loss(m, n, images->labels + first, correct);
    }
  }
}

double bt_float_evaluate(bt_float_model *m, const bt_float_normal *normal, const bt_images *train,
                         const bt_images *test) {
  uint64_t correct = 0;
  if (bt_float_has_statistics(m)) {
    bt_float_statistics_clear(m);
    pass_over(m, normal, train, BT_PASS_COLLECT, NULL);
    bt_float_statistics_use(m);
  }
  pass_over(m, normal, test, BT_PASS_EVALUATE, &correct);
  return bt_percent_wrong(correct, test->count);
}
