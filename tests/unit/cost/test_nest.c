/* Loop nests of contractions: what stays, what is read how often (cost 5.2), by hand and against
 * the elements that tiles really touch. Alone: ctest -R test_cost_nest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cmd/gather.h"
#include "cost/nest.h"
#include "num/stream.h"

static bt_nest plan(const bt_machine *m, const bt_command *c, bool fp32) {
  bt_passes p;
  bt_cost_plain_passes(m, c, &p);
  return bt_nest_plan(m, c, &p, fp32);
}

/* 40 x 40 outputs, k 9, on 16 x 16: A and B are 360 bytes, a strip or a panel 144. */
static bt_nest plan_square(size_t input, size_t weight) {
  bt_machine m = bt_machine_default();
  m.sram_input_bytes = input;
  m.sram_weight_bytes = weight;
  contraction t = contraction_of(BT_FORWARD, 40, 9, 40, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  return plan(&m, command_of(&t), false);
}

static void expect(bt_nest n, bt_residence a, bt_residence b, uint64_t row_blocks,
                   uint64_t col_blocks, uint64_t chunks, uint64_t read_a, uint64_t read_b) {
  assert_int_equal(n.residence[0], a);
  assert_int_equal(n.residence[1], b);
  assert_int_equal(n.row_blocks, row_blocks);
  assert_int_equal(n.col_blocks, col_blocks);
  assert_int_equal(n.chunks, chunks);
  assert_int_equal((uint64_t)n.read[0], read_a);
  assert_int_equal((uint64_t)n.read[1], read_b);
}

static void test_residence(void **state) {
  (void)state;
  expect(plan_square(360, 360), BT_STAYS_WHOLE, BT_STAYS_WHOLE, 1, 1, 1, 360, 360);
  /* One window in half of 300 bytes: B goes by 3 times, or A by columns as often. Rows first. */
  expect(plan_square(300, 300), BT_STAYS_BLOCK, BT_STAYS_BLOCK, 3, 1, 1, 360, 1080);
  /* All of A fits: B goes by once. */
  expect(plan_square(360, 300), BT_STAYS_WHOLE, BT_STAYS_BLOCK, 1, 1, 1, 360, 360);
  /* Half of a buffer of a byte less than A holds one window. */
  expect(plan_square(359, 359), BT_STAYS_BLOCK, BT_STAYS_BLOCK, 3, 1, 1, 360, 1080);
  /* Neither: every one of 9 visits reads its own. 144 bytes are 3 chunks of at most 70. */
  expect(plan_square(140, 140), BT_STREAMS, BT_STREAMS, 3, 1, 3, 1080, 1080);
  /* A streams, B stays by blocks: columns first, one block of one panel, reads B once. */
  expect(plan_square(140, 300), BT_STREAMS, BT_STAYS_BLOCK, 3, 3, 3, 1080, 360);
}

/* Weight gradient, 6 x 12 outputs, k 4, on 2 x 16: a stride of 3 leaves most of B's 144 bytes out,
 * and its one panel of 48 stays in half of 97 bytes while A, 8 bytes a visit in halves of 6, goes
 * by: columns first, in one column block. */
static void test_one_panel_stays(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.rows = 2;
  m.sram_input_bytes = 12;
  m.sram_weight_bytes = 97;
  contraction t =
      contraction_of(BT_WEIGHT_GRADIENT, 2, 4, 6, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  t.a = bt_tensor_bfp("a", t.a.fmt, 4, (size_t[]){2, 2, 1, 6});
  t.b = bt_tensor_bfp("b", t.b.fmt, 4, (size_t[]){2, 6, 3, 4});
  t.c.u.contract.geometry = (bt_geometry){2, 6, 3, 4, 6, 1, 3, 3, 0, 2, 1};
  expect(plan(&m, command_of(&t), false), BT_STREAMS, BT_STAYS_BLOCK, 3, 1, 2, 24, 48);
}

/* 9 outputs of a stride of 3 on 16 rows: the only tile needs 36 bytes, 3 halves of 15. */
static void test_chunks_of_a_partial_tile(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.sram_input_bytes = 30;
  contraction t = contraction_of(BT_FORWARD, 1, 4, 5, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  t.a = bt_tensor_bfp("a", t.a.fmt, 4, (size_t[]){1, 8, 8, 4});
  t.c.u.contract.geometry = (bt_geometry){1, 8, 8, 4, 5, 1, 1, 3, 0, 3, 3};
  expect(plan(&m, command_of(&t), false), BT_STREAMS, BT_STAYS_WHOLE, 1, 1, 3, 36, 20);
}

static void test_windows(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* 4 images of 8 x 8 x 4, 3 x 3 windows, pad 1: 16 outputs touch at most floor(22 / 8) + 1 = 3
   * lines, of 2 images, and need 3 + 2 * 2 lines of 32 bytes: 224. Two tiles 5 + 4 lines: 288. */
  contraction t = contraction_of(BT_FORWARD, 4, 4, 40, 3, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  t.a = bt_tensor_bfp("a", t.a.fmt, 4, (size_t[]){4, 8, 8, 4});
  t.c.u.contract.geometry = (bt_geometry){4, 8, 8, 4, 40, 3, 3, 1, 1, 8, 8};
  m.sram_weight_bytes = 1152; /* B is 1440 bytes, a panel 576 */
  const struct {
    size_t input;
    uint64_t row_blocks;
  } at[] = {{448, 16}, {574, 16}, {576, 8}};
  for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
    m.sram_input_bytes = at[i].input;
    bt_nest n = plan(&m, command_of(&t), false);
    if (n.col_blocks == 1) {
      assert_int_equal(n.row_blocks, at[i].row_blocks);
    } else {
      /* Columns first: A, 1024 bytes, once for each of 3 panels. */
      assert_int_equal((uint64_t)n.read[0], 3072);
      assert_int_equal((uint64_t)n.read[1], 1440);
    }
  }
  m.sram_input_bytes = 446; /* half of it is a byte short of one window */
  assert_int_equal(plan(&m, command_of(&t), false).residence[0], BT_STREAMS);
  /* In fp32 a window is 4 times as many bytes. */
  m.sram_input_bytes = 1790;
  assert_int_equal(plan(&m, command_of(&t), true).residence[0], BT_STREAMS);
  m.sram_input_bytes = 1792;
  assert_int_equal(plan(&m, command_of(&t), true).residence[0], BT_STAYS_BLOCK);
}

/* A case drawn from `seed`. */
typedef struct {
  bt_machine m;
  contraction t;
} drawn;

static size_t draw(bt_stream s, uint64_t *i, size_t low, size_t high) {
  return low + (size_t)bt_stream_below(s, (*i)++, (uint32_t)(high - low + 1));
}

static drawn draw_case(uint64_t seed) {
  bt_stream s = bt_stream_open(seed, BT_STREAM_SYNTHETIC, 0);
  uint64_t i = 0;
  drawn d = {.m = bt_machine_default()};
  bt_geometry g = {.n = draw(s, &i, 1, 5), .h = draw(s, &i, 3, 9), .w = draw(s, &i, 3, 9),
                   .c = draw(s, &i, 1, 6), .o = draw(s, &i, 1, 20), .kh = draw(s, &i, 1, 3),
                   .stride = draw(s, &i, 1, 2), .pad = draw(s, &i, 0, 1)};
  g.kw = g.kh;
  g.oh = (g.h + 2 * g.pad - g.kh) / g.stride + 1;
  g.ow = (g.w + 2 * g.pad - g.kw) / g.stride + 1;
  bt_direction dir = (bt_direction)draw(s, &i, 0, 2);
  d.m.rows = draw(s, &i, 1, 9);
  d.m.cols = draw(s, &i, 1, 9);
  d.m.dataflow = (bt_dataflow)draw(s, &i, 0, 2);
  d.m.sram_input_bytes = draw(s, &i, 1, 3000);
  d.m.sram_weight_bytes = draw(s, &i, 1, 3000);
  d.m.sram_output_bytes = draw(s, &i, 1, 600);
  bt_format f = bfp(8, BT_BLOCK_TENSOR);
  size_t x[4] = {g.n, g.h, g.w, g.c}, y[4] = {g.n, g.oh, g.ow, g.o}, w[4] = {g.o, g.kh, g.kw, g.c};
  d.t.a = bt_tensor_bfp("a", f, 4, dir == BT_FORWARD ? x : y);
  d.t.b = bt_tensor_bfp("b", f, 4, dir == BT_WEIGHT_GRADIENT ? x : w);
  d.t.out = bt_tensor_wide("o", 4, dir == BT_FORWARD ? y : dir == BT_DATA_GRADIENT ? x : w, false,
                           false);
  d.t.c.op = BT_OP_CONTRACT;
  d.t.c.label.text = "drawn";
  d.t.c.u.contract.direction = dir;
  d.t.c.u.contract.geometry = g;
  return d;
}

/* Marks what output rows [first, end) touch of A. */
static size_t touched(const bt_command *c, size_t k, size_t first, size_t end, uint8_t *mark,
                      size_t size) {
  int32_t at[4096];
  size_t count = 0;
  memset(mark, 0, size);
  for (size_t r = first; r < end; r++) {
    bt_gather_a(&c->u.contract.geometry, c->u.contract.direction, r, at);
    for (size_t j = 0; j < k; j++) {
      if (at[j] >= 0) {
        count += !mark[at[j]];
        mark[at[j]] = 1;
      }
    }
  }
  return count;
}

/* Walks all visits: each output once; reads as promised; a row block that stays fits half the
 * input buffer, measured by the elements that its tiles touch. */
static void check_case(uint64_t seed) {
  static uint8_t mark[8192];
  drawn d = draw_case(seed);
  const bt_command *c = command_of(&d.t);
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  bt_nest n = plan(&d.m, c, false);
  uint64_t outputs = 0, read[2] = {0, 0};
  for (bt_visit v = {0}; !v.ended; bt_nest_next(&n, &v)) {
    bt_visit_cost cost = bt_nest_visit(&n, &v);
    outputs += cost.m * cost.n;
    read[0] += cost.load[0];
    read[1] += cost.load[1];
  }
  bool right = outputs == (uint64_t)e.rows * e.cols && read[0] == n.read[0] && read[1] == n.read[1];
  size_t height = (size_t)(n.row_block * n.passes.tile_rows);
  for (size_t r = 0; right && n.residence[0] == BT_STAYS_BLOCK && r < e.rows; r += height) {
    size_t end = r + height < e.rows ? r + height : e.rows;
    right = e.k <= 4096 && touched(c, e.k, r, end, mark, sizeof mark) <= d.m.sram_input_bytes / 2;
  }
  if (!right) {
    fail_msg("seed %llu: a visit, a read or a row block is wrong", (unsigned long long)seed);
  }
}

static void test_drawn_cases(void **state) {
  (void)state;
  printf("seeds 1..3000\n");
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    check_case(seed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_residence),
                                     cmocka_unit_test(test_one_panel_stays),
                                     cmocka_unit_test(test_chunks_of_a_partial_tile),
                                     cmocka_unit_test(test_windows),
                                     cmocka_unit_test(test_drawn_cases)};
  return cmocka_run_group_tests_name("cost nest (alone: ctest -R test_cost_nest)", tests, NULL,
                                     NULL);
}
