/* The order of samples (numerics 5.3). */
#include "data/dataset.h"
#include "unit/io/scratch.h"

/* From a separate program written after numerics 5.1 to 5.3. */
static void test_known_order(void **state) {
  (void)state;
  static const uint32_t want[10] = {9, 1, 2, 0, 7, 4, 5, 8, 3, 6};
  uint32_t order[10];
  bt_dataset_shuffle(1, 1, 10, order);
  assert_memory_equal(order, want, sizeof want);
}

static void test_permutation(void **state) {
  (void)state;
  enum { N = 60000 };
  uint32_t *order = malloc(N * sizeof *order), *next = malloc(N * sizeof *next);
  uint8_t *seen = calloc(N, 1);
  size_t fixed = 0, same = 0;
  bt_dataset_shuffle(1, 1, N, order);
  bt_dataset_shuffle(1, 2, N, next);
  for (size_t i = 0; i < N; i++) {
    assert_true(order[i] < N);
    assert_int_equal(seen[order[i]]++, 0);
    fixed += order[i] == i;
    same += order[i] == next[i];
  }
  assert_true(fixed < 12); /* a Poisson number of mean 1 each: above 11 once in 10^9 */
  assert_true(same < 12);
  bt_dataset_shuffle(2, 1, N, next);
  assert_memory_not_equal(order, next, N * sizeof *order);
  free(order);
  free(next);
  free(seen);
}

static void test_small(void **state) {
  (void)state;
  uint32_t order[2] = {7, 7};
  bt_dataset_shuffle(1, 1, 0, order);
  assert_int_equal(order[0], 7);
  bt_dataset_shuffle(1, 1, 1, order);
  assert_int_equal(order[0], 0);
  assert_int_equal(order[1], 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_order),
      cmocka_unit_test(test_permutation),
      cmocka_unit_test(test_small),
  };
  return scratch_report("test_shuffle", cmocka_run_group_tests(tests, NULL, NULL));
}
