/* Steps through units and DRAM, worked by hand (cost 8.2). Alone: ctest -R test_cost_pipeline */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cost/pipeline.h"

static uint64_t run(unsigned stages, size_t steps, bt_pipeline_step step) {
  bt_pipeline p = bt_pipeline_start(stages);
  for (size_t i = 0; i < steps; i++) {
    bt_pipeline_add(&p, &step);
  }
  return bt_pipeline_end(&p);
}

static void test_one_unit(void **state) {
  (void)state;
  /* Bound by the unit: load 2, four times 10, store 3. */
  assert_int_equal(run(1, 4, (bt_pipeline_step){2, 3, {10}}), 45);
  /* Bound by DRAM: L0 0-10, L1 10-20, S0 20-26 (unit 0 at 12), L2 26-36, S1 36-42, S2 42-48. */
  assert_int_equal(run(1, 3, (bt_pipeline_step){10, 6, {2}}), 48);
  /* Without transfers, and without steps. */
  assert_int_equal(run(1, 5, (bt_pipeline_step){0, 0, {7}}), 35);
  assert_int_equal(run(1, 0, (bt_pipeline_step){0, 0, {7}}), 0);
}

static void test_halves_of_buffers(void **state) {
  (void)state;
  /* A load waits for its half: L0 0-4, L1 4-8, unit 4-24, 24-44; L2 may start at 24, not at 8; the
   * unit is busy until 44 anyway, then 44-64. With a second unit of 30: 24-54, 54-84, 84-114; the
   * first may start step 2 when the second has ended step 0, at 54: 54-74. */
  assert_int_equal(run(1, 3, (bt_pipeline_step){4, 0, {20}}), 64);
  assert_int_equal(run(2, 3, (bt_pipeline_step){4, 0, {20, 30}}), 114);
  /* Stores of 50 hold the unit: 0-1, 1-2; S0 1-51, S1 51-101; step 2 needs S0's half: 51-52; S2
   * 101-151. */
  assert_int_equal(run(1, 3, (bt_pipeline_step){0, 50, {1}}), 151);
}

/* A load is served before the store of the step before, and waits for its half buffer first. */
static void test_order_of_the_port(void **state) {
  (void)state;
  bt_pipeline p = bt_pipeline_start(1);
  bt_pipeline_add(&p, &(bt_pipeline_step){5, 4, {1}});  /* L0 0-5, unit 5-6 */
  bt_pipeline_add(&p, &(bt_pipeline_step){20, 0, {1}}); /* L1 5-25, S0 25-29, unit 25-26 */
  assert_int_equal(bt_pipeline_end(&p), 29);
  bt_pipeline q = bt_pipeline_start(1);
  bt_pipeline_add(&q, &(bt_pipeline_step){1, 0, {9}}); /* unit 1-10 */
  bt_pipeline_add(&q, &(bt_pipeline_step){1, 0, {9}}); /* L1 1-2, unit 10-19 */
  bt_pipeline_add(&q, &(bt_pipeline_step){30, 0, {1}}); /* L2 10-40, unit 40-41 */
  assert_int_equal(bt_pipeline_end(&q), 41);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_unit),
                                     cmocka_unit_test(test_halves_of_buffers),
                                     cmocka_unit_test(test_order_of_the_port)};
  return cmocka_run_group_tests_name("cost pipeline (alone: ctest -R test_cost_pipeline)", tests,
                                     NULL, NULL);
}
