/* The range of running sums, against loops over small matrices written from numerics 8.1 and 8.2
 * alone. Alone: ctest --preset release -R '^test_headroom$'
 *
 *   test_headroom [SEED]    default 1 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ref/headroom.h"

#define ROWS 3u
#define DEPTH 37u
#define COLUMNS 5u

static uint64_t seed = 1;

static uint64_t next(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

static bt_tensor matrix(const char *name, size_t rows, size_t columns, bt_block block,
                        uint64_t *state) {
  size_t dim[2] = {rows, columns};
  bt_format format = {.kind = BT_BFP, .wl = 8, .block = block};
  bt_tensor t = bt_tensor_bfp(name, format, 2, dim);
  assert_true(bt_tensor_alloc(&t));
  for (size_t i = 0; i < rows * columns; i++) {
    ((int8_t *)t.data)[i] = (int8_t)((int)(next(state) % 255) - 127);
  }
  for (size_t b = 0; b < bt_tensor_exponents(&t); b++) {
    t.exp[b] = (int16_t)(next(state) % 3);
  }
  return t;
}

/* A matrix multiply in one direction: e or x [ROWS][k], w [COLUMNS][DEPTH]. */
static bt_command product(bt_direction d, bt_tensor *a, bt_tensor *b) {
  bt_command c = {.op = BT_OP_CONTRACT, .label = {.text = "product"}, .in = {a, b}};
  c.u.contract.direction = d;
  c.u.contract.geometry = (bt_geometry){ROWS, 1, 1, DEPTH, COLUMNS, 1, 1, 1, 0, 1, 1};
  return c;
}

static void follow(int64_t *sum, int64_t entry, bt_headroom *range) {
  *sum += entry;
  range->least = *sum < range->least ? *sum : range->least;
  range->greatest = *sum > range->greatest ? *sum : range->greatest;
}

/* floor(m / 2^shift). */
static int64_t floored(int64_t m, int shift) {
  int64_t unit = INT64_C(1) << shift, q = m / unit;
  return q * unit > m ? q - 1 : q;
}

/* Forward, one group: in chunks if chunk > 0, entries floored by shift. */
static bt_headroom forward(const bt_tensor *x, const bt_tensor *w, size_t chunk, int shift) {
  const int8_t *a = x->data, *b = w->data;
  bt_headroom range = {0, 0};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < COLUMNS; j++) {
      int64_t sum = 0, entry = 0;
      for (size_t k = 0; k < DEPTH; k++) {
        entry += a[i * DEPTH + k] * b[j * DEPTH + k];
        if (chunk == 0 || k % chunk == chunk - 1 || k == DEPTH - 1) {
          follow(&sum, floored(entry, shift), &range);
          entry = 0;
        }
      }
    }
  }
  return range;
}

/* Data gradient with an exponent for each output channel: each exponent has sums of its own. */
static bt_headroom data_gradient(const bt_tensor *e, const bt_tensor *w) {
  const int8_t *a = e->data, *b = w->data;
  bt_headroom range = {0, 0};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < DEPTH; j++) {
      for (int g = 0; g < 3; g++) {
        int64_t sum = 0;
        for (size_t k = 0; k < COLUMNS; k++) {
          if (w->exp[k] == g) {
            follow(&sum, a[i * COLUMNS + k] * b[k * DEPTH + j], &range);
          }
        }
      }
    }
  }
  return range;
}

static void expect(const bt_command *c, const bt_accumulator *acc, bt_headroom want) {
  bt_lfsr rng;
  bt_headroom got;
  bt_error error = {""};
  assert_int_equal(bt_lfsr_start(&rng, seed, 16), BT_OK);
  if (bt_ref_headroom(c, acc, &rng, &got, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(rng.steps, 0);
  assert_int_equal(got.least, want.least);
  assert_int_equal(got.greatest, want.greatest);
}

static void test_forward(void **context) {
  (void)context;
  static const struct {
    size_t chunk;
    int shift;
  } how[] = {{0, 0}, {0, 5}, {8, 0}, {8, 3}, {37, 0}};
  uint64_t state = seed;
  for (int round = 0; round < 200; round++) {
    bt_tensor x = matrix("x", ROWS, DEPTH, BT_BLOCK_TENSOR, &state);
    bt_tensor w = matrix("w", COLUMNS, DEPTH, BT_BLOCK_DIM0, &state);
    bt_command c = product(BT_FORWARD, &x, &w);
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
      bt_accumulator acc = bt_accumulator_default();
      acc.acc_bits = 8; /* too narrow: the range is that of a wide one all the same */
      acc.chunk = how[i].chunk;
      acc.acc_shift = how[i].shift;
      expect(&c, &acc, forward(&x, &w, how[i].chunk, how[i].shift));
    }
    bt_tensor_free(&x);
    bt_tensor_free(&w);
  }
}

static void test_data_gradient(void **context) {
  (void)context;
  uint64_t state = seed + 1;
  for (int round = 0; round < 200; round++) {
    bt_tensor e = matrix("e", ROWS, COLUMNS, BT_BLOCK_TENSOR, &state);
    bt_tensor w = matrix("w", COLUMNS, DEPTH, BT_BLOCK_DIM0, &state);
    bt_command c = product(BT_DATA_GRADIENT, &e, &w);
    bt_accumulator acc = bt_accumulator_default();
    expect(&c, &acc, data_gradient(&e, &w));
    bt_tensor_free(&e);
    bt_tensor_free(&w);
  }
}

/* Stochastic entries of one product: their floor, or one more; the draws decide which. */
static void test_stochastic(void **context) {
  (void)context;
  uint64_t state = seed + 2;
  bt_tensor x = matrix("x", ROWS, DEPTH, BT_BLOCK_TENSOR, &state);
  bt_tensor w = matrix("w", COLUMNS, DEPTH, BT_BLOCK_DIM0, &state);
  bt_command c = product(BT_FORWARD, &x, &w);
  bt_accumulator acc = bt_accumulator_default();
  bt_headroom low = forward(&x, &w, 0, 6), got;
  bt_lfsr rng;
  bt_error error = {""};
  acc.acc_shift = 6;
  acc.acc_round.mode = BT_STOCHASTIC;
  assert_int_equal(bt_lfsr_start(&rng, seed, 16), BT_OK);
  assert_int_equal(bt_ref_headroom(&c, &acc, &rng, &got, &error), BT_OK);
  assert_true(got.least > low.least && got.least <= low.least + (int64_t)DEPTH);
  assert_true(got.greatest > low.greatest && got.greatest <= low.greatest + (int64_t)DEPTH);
  assert_int_equal(rng.steps, 0);
  bt_tensor_free(&x);
  bt_tensor_free(&w);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_forward),
                                     cmocka_unit_test(test_data_gradient),
                                     cmocka_unit_test(test_stochastic)};
  seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  printf("seed %llu\n", (unsigned long long)seed);
  return cmocka_run_group_tests_name("test_headroom", tests, NULL, NULL);
}
