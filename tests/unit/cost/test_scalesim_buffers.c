/* The scratchpads of the SCALE-Sim compatible model, word by word (docs/scalesim.md 5).
 * Alone: ctest -R test_cost_scalesim_buffers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cost/scalesim_buffers.h"

static bt_scalesim_reader reader(uint64_t words, uint64_t size) {
  bt_scalesim_reader b;
  bt_error error = {""};
  if (bt_scalesim_reader_new(&b, words, size, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return b;
}

static void expect(bt_scalesim_access got, int64_t start, int64_t stop, uint64_t words) {
  if (got.start != start || got.stop != stop || got.words != words) {
    fail_msg("%jd to %jd, %ju words: expected %jd to %jd, %ju words", (intmax_t)got.start,
             (intmax_t)got.stop, (uintmax_t)got.words, (intmax_t)start, (intmax_t)stop,
             (uintmax_t)words);
  }
}

/* 250 words: sets of 2, a half is 100. 49 different words, each asked for twice: 25 sets, 50 words,
 * 5 cycles at 10 a cycle. */
static void test_fits(void **state) {
  (void)state;
  bt_scalesim_reader b = reader(80, 250);
  for (int round = 0; round < 2; round++) {
    for (uint64_t w = 0; w < 49; w++) {
      bt_scalesim_read(&b, w, 3 + (int64_t)w);
    }
  }
  expect(bt_scalesim_reader_done(&b), -5, -1, 49);
  bt_scalesim_reader_free(&b);
}

/* A half of 100 full at cycle 7 + 99: its fetch ends as cycle 7 begins, 10 cycles long. Word 0 is
 * asked for in the second half again, twice: one word more. */
static void test_swap_forgets(void **state) {
  (void)state;
  bt_scalesim_reader b = reader(100, 250);
  for (uint64_t w = 0; w < 100; w++) {
    bt_scalesim_read(&b, w, 7 + (int64_t)w);
    bt_scalesim_read(&b, w / 2, 7 + (int64_t)w);
  }
  bt_scalesim_read(&b, 0, 200);
  bt_scalesim_read(&b, 0, 201);
  /* word 49 was read again with word 99, after the swap: it is new as well */
  expect(bt_scalesim_reader_done(&b), -3, 107, 102);
  bt_scalesim_reader_free(&b);
}

/* After 2^32 - 1 halves the stamps start again, and what is in them is forgotten. */
static void test_stamps_start_again(void **state) {
  (void)state;
  bt_scalesim_reader b = reader(100, 250);
  b.half = UINT32_MAX;
  b.stamp[5] = 1;
  bt_scalesim_reader_swap(&b, 10);
  bt_scalesim_read(&b, 5, 11);
  assert_int_equal(b.fetched, 1);
  bt_scalesim_reader_free(&b);
}

/* 64 words, lines of 8; 40 words a cycle, five times what leaves. Cycle 0: word 33 starts a drain
 * of 4 lines until cycle 3, its line closed with 1 word; 63 words are free, 7 follow. Cycle 1: 40
 * more, 16 free. Cycle 2: 16 words fill it; it waits until 3, where word 17 starts a drain again,
 * of the short line and 3 whole ones, until 6: 31 free, 23 follow. From 3 on, 8 lines are left: 4
 * by 6, then 4 by 10, the last of 7. The short line counts as 8: 120 + 7. */
static void test_full_while_draining(void **state) {
  (void)state;
  bt_scalesim_writer b;
  bt_scalesim_access dram;
  bt_error error;
  bt_scalesim_writer_new(&b, 64, 8);
  assert_int_equal(bt_scalesim_write(&b, 40, 0), 0);
  assert_int_equal(b.free, 56);
  assert_int_equal(b.drain_end, 3);
  assert_int_equal(bt_scalesim_write(&b, 40, 1), 1);
  assert_int_equal(b.free, 16);
  assert_int_equal(bt_scalesim_write(&b, 40, 2), 3);
  assert_int_equal(b.free, 8);
  assert_int_equal(b.drain_end, 6);
  assert_int_equal(bt_scalesim_writer_done(&b, 3, &dram, &error), BT_OK);
  expect(dram, 0, 10, 127);
  bt_scalesim_writer_free(&b);
}

/* What is short of half the buffer leaves at the end only; a last drain that ends before an earlier
 * one does not move the stop. 64 words, lines of 2: word 33 in cycle 10 drains 16 lines until 25;
 * the line of 1 word leaves in cycle 11. */
static void test_end(void **state) {
  (void)state;
  bt_scalesim_writer b;
  bt_scalesim_access dram;
  bt_error error;
  bt_scalesim_writer_new(&b, 64, 2);
  assert_int_equal(bt_scalesim_write(&b, 32, 9), 9);
  assert_false(b.drains);
  assert_int_equal(bt_scalesim_write(&b, 1, 10), 10);
  assert_true(b.drains);
  assert_int_equal(bt_scalesim_writer_done(&b, 11, &dram, &error), BT_OK);
  expect(dram, 10, 25, 33);
  bt_scalesim_writer_free(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fits), cmocka_unit_test(test_swap_forgets),
      cmocka_unit_test(test_stamps_start_again), cmocka_unit_test(test_full_while_draining),
      cmocka_unit_test(test_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
