/* The plan of a program's arena: what commands within a window name never shares a byte, and the
 * arena is between what must be alive at once and all tensors together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/program.h"
#include "num/stream.h"

#define TENSORS 48u
#define COMMANDS 64u
#define PROGRAMS 300u

/* A program in which each command reads and writes random tensors that exist. */
typedef struct {
  bt_program *p;
  bt_tensor *tensor[TENSORS];
  bool written[TENSORS];
  size_t first[TENSORS], last[TENSORS];
} bench;

static size_t draw(uint64_t seed, uint64_t *at, size_t below) {
  bt_stream s = bt_stream_open(seed, BT_STREAM_SYNTHETIC, 0);
  return (size_t)bt_stream_below(s, (*at)++, below);
}

static bt_tensor random_shape(uint64_t seed, uint64_t *at) {
  size_t dim[2] = {draw(seed, at, 40), 1 + draw(seed, at, 40)};
  bt_format f = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
  switch (draw(seed, at, 3)) {
    case 0:
      return bt_tensor_bfp("t", f, 2, dim);
    case 1:
      return bt_tensor_wide("t", 2, dim, true, true);
    default:
      return bt_tensor_byte("t", 2, dim);
  }
}

static void use(bench *b, size_t t, size_t command) {
  b->first[t] = b->written[t] ? b->first[t] : command;
  b->last[t] = command;
  b->written[t] = true;
}

static bench random_program(uint64_t seed) {
  bench b = {.p = bt_program_new()};
  uint64_t at = 0;
  for (size_t t = 0; t < TENSORS; t++) {
    b.tensor[t] = bt_program_temporary(b.p, random_shape(seed, &at));
    assert_non_null(b.tensor[t]);
    assert_null(b.tensor[t]->data);
  }
  for (size_t i = 0; i < COMMANDS; i++) {
    bt_command c = {.op = BT_OP_AFFINE};
    for (size_t k = draw(seed, &at, BT_MAX_INPUTS); k-- > 0;) {
      size_t t = draw(seed, &at, TENSORS);
      if (b.written[t]) {
        c.in[k] = b.tensor[t];
        use(&b, t, i);
      }
    }
    for (size_t k = draw(seed, &at, 3); k-- > 0;) {
      size_t t = draw(seed, &at, TENSORS);
      c.out[k] = b.tensor[t];
      use(&b, t, i);
    }
    assert_non_null(bt_program_add(b.p, &c, "command %zu", i));
  }
  return b;
}

static size_t bytes_of(const bt_tensor *t) {
  return bt_tensor_elements(t) * bt_tensor_element_size(t) + 2 * bt_tensor_exponents(t);
}

static bool share(const void *a, size_t m, const void *b, size_t n) {
  uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return x < y + n && y < x + m;
}

static bool share_any(const bt_tensor *a, const bt_tensor *b) {
  size_t da = bt_tensor_elements(a) * bt_tensor_element_size(a), ea = 2 * bt_tensor_exponents(a);
  size_t db = bt_tensor_elements(b) * bt_tensor_element_size(b), eb = 2 * bt_tensor_exponents(b);
  return share(a->data, da, b->data, db) || share(a->data, da, b->exp, eb) ||
         share(a->exp, ea, b->data, db) || share(a->exp, ea, b->exp, eb);
}

/* Named by commands fewer than a window apart: then there must be no common byte. */
static bool together(const bench *b, size_t t, size_t u) {
  return b->first[t] < b->last[u] + BT_PROGRAM_WINDOW &&
         b->first[u] < b->last[t] + BT_PROGRAM_WINDOW;
}

static void check_apart(const bench *b, uint64_t seed) {
  for (size_t t = 0; t < TENSORS; t++) {
    if (!b->written[t]) {
      assert_null(b->tensor[t]->data);
      continue;
    }
    assert_int_equal((uintptr_t)b->tensor[t]->data % 64, 0);
    assert_int_equal((uintptr_t)b->tensor[t]->exp % 64, 0);
    for (size_t u = 0; u < t; u++) {
      if (b->written[u] && together(b, t, u) && share_any(b->tensor[t], b->tensor[u])) {
        fail_msg("seed %llu: tensors %zu and %zu share bytes (commands %zu-%zu, %zu-%zu)",
                 (unsigned long long)seed, t, u, b->first[t], b->last[t], b->first[u], b->last[u]);
      }
    }
  }
}

/* The most bytes that exist at once. */
static size_t least_bytes(const bench *b) {
  size_t most = 0;
  for (size_t i = 0; i < COMMANDS; i++) {
    size_t live = 0;
    for (size_t t = 0; t < TENSORS; t++) {
      live += b->written[t] && b->first[t] <= i && i <= b->last[t] ? bytes_of(b->tensor[t]) : 0;
    }
    most = live > most ? live : most;
  }
  return most;
}

static void check_private(const bench *b) {
  for (size_t t = 0; t < TENSORS; t++) {
    size_t f = b->first[t], l = b->last[t];
    assert_true(bt_program_private(b->p, b->tensor[t], f, l + 1) == b->written[t]);
    assert_true(bt_program_private(b->p, b->tensor[t], 0, COMMANDS) == b->written[t]);
    assert_false(bt_program_private(b->p, b->tensor[t], f, l));
    assert_false(bt_program_private(b->p, b->tensor[t], f + 1, COMMANDS));
  }
}

static void test_random_programs(void **state) {
  (void)state;
  size_t arena = 0, least = 0, sum = 0;
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    bt_error error = {""};
    bench b = random_program(seed);
    assert_int_equal(bt_program_plan(b.p, &error), BT_OK);
    check_apart(&b, seed);
    check_private(&b);
    size_t at_least = least_bytes(&b), bytes = bt_program_arena_bytes(b.p);
    assert_true(bytes >= at_least);
    assert_true(bytes <= bt_program_tensor_bytes(b.p) + 128 * TENSORS + 128);
    arena += bytes;
    least += at_least;
    sum += bt_program_tensor_bytes(b.p);
    bt_program_free(b.p);
  }
  printf("%u programs: arenas %zu bytes, alive at once %zu, all tensors %zu\n", PROGRAMS, arena,
         least, sum);
  assert_true(arena < sum);
}

/* x1 -> x2 -> ... -> xn, all of one size: a window and one more tensors suffice. */
static void test_chain(void **state) {
  (void)state;
  enum { N = 40 };
  const size_t dim[] = {1024};
  bt_error error = {""};
  bt_program *p = bt_program_new();
  bt_tensor *last = bt_program_tensor(p, bt_tensor_byte("in", 1, dim));
  void *input = last->data;
  for (size_t i = 0; i < N; i++) {
    bt_tensor *t = bt_program_temporary(p, bt_tensor_byte("t", 1, dim));
    bt_command c = {.op = BT_OP_GATE, .in = {last}, .out = {t}};
    assert_non_null(bt_program_add(p, &c, "%zu", i));
    last = t;
  }
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  assert_int_equal(bt_program_arena_bytes(p), (BT_PROGRAM_WINDOW + 1) * 1024 + 128);
  assert_int_equal(bt_program_tensor_bytes(p), (N + 1) * 1024);
  assert_ptr_equal(bt_program_at(p, 0)->in[0]->data, input); /* kept tensors stay */
  assert_false(bt_program_private(p, bt_program_at(p, 0)->in[0], 0, N));
  /* A longer list needs another plan: until then nothing is private. */
  bt_command again = {.op = BT_OP_GATE, .in = {bt_program_at(p, 0)->out[0]}};
  assert_true(bt_program_private(p, again.in[0], 0, 2));
  assert_non_null(bt_program_add(p, &again, "again"));
  assert_false(bt_program_private(p, again.in[0], 0, 2));
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  assert_false(bt_program_private(p, again.in[0], 0, 2));
  assert_true(bt_program_private(p, again.in[0], 0, N + 1));
  assert_int_equal(bt_program_arena_bytes(p), (BT_PROGRAM_WINDOW + 2) * 1024 + 128);
  bt_program_free(p);
}

static void test_read_before_written(void **state) {
  (void)state;
  const size_t dim[] = {4};
  bt_error error = {""};
  bt_program *p = bt_program_new();
  bt_tensor *t = bt_program_temporary(p, bt_tensor_byte("mask", 1, dim));
  bt_tensor *u = bt_program_temporary(p, bt_tensor_byte("sum", 1, dim));
  bt_command c = {.op = BT_OP_GATE, .in = {t}, .out = {u}};
  bt_command late = {.op = BT_OP_GATE, .out = {t}};
  assert_non_null(bt_program_add(p, &c, "conv1 %s", "gate"));
  assert_non_null(bt_program_add(p, &late, "conv1 mask"));
  assert_int_equal(bt_program_plan(p, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "conv1 gate: reads tensor mask before any command wrote it: "
                                  "expected a writer first");
  assert_false(bt_program_private(p, u, 0, 2));
  bt_program_free(p);
}

static void test_without_temporaries(void **state) {
  (void)state;
  bt_error error = {""};
  bt_program *p = bt_program_new();
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  assert_int_equal(bt_program_arena_bytes(p), 0);
  assert_false(bt_program_private(p, NULL, 0, 1));
  bt_program_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_programs),     cmocka_unit_test(test_chain),
      cmocka_unit_test(test_read_before_written), cmocka_unit_test(test_without_temporaries)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
