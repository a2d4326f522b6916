/* The model's toggles against those counted in the Verilated array, class by class, on the same
 * tiles: every contraction of two training steps of LeNet-5 (forward, data gradient, weight
 * gradient), and random operands, in accumulators that saturate and wrap among them.
 * Alone: ctest -R test_cost_activity_rtl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/activity_tiles.h"
#include "engine/lockstep.h"
#include "num/stream.h"
#include "ref/ref.h"
#include "rtl_engine.h"
#include "train/train.h"

#define BATCH 3 /* odd, so that tiles straddle images and the last ones are partial */

typedef struct {
  bt_machine machine;
  bt_engine *rtl, *ref;
  bt_lfsr rng;
  size_t tiles;
  size_t compared[3], grouped; /* contractions by direction; those of several passes a tile */
} bench;

static void must(bt_status status, const char *text) {
  if (status != BT_OK) {
    fail_msg("%s", text);
  }
}

/* What the rtl engine's last command toggled, against the model on the same command. */
static void compare(bench *b, const bt_command *c) {
  bt_error error = {""};
  bt_activity model = {0};
  bt_activity_options options = {.tiles = b->tiles};
  must(bt_activity_contract(&b->machine, c, &options, &model, &error), error.text);
  bt_rtl_stats s = bt_rtl_last(b->rtl);
  const uint64_t counted[BT_REG_CLASSES] = {s.toggles.a, s.toggles.b, s.toggles.acc,
                                            s.toggles.skew_a, s.toggles.skew_b};
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    if (model.toggles[r] != counted[r]) {
      fail_msg("%s on %zux%zu, %llu of %llu tiles, register %s: model %llu toggles, RTL %llu",
               c->label.text, b->machine.rows, b->machine.cols, (unsigned long long)model.tiles,
               (unsigned long long)model.tiles_total, bt_register_name((bt_register)r),
               (unsigned long long)model.toggles[r], (unsigned long long)counted[r]);
    }
  }
  assert_int_equal(model.tiles, s.tiles_run);
  assert_int_equal(model.tiles_total, s.tiles_total);
  assert_int_equal(model.cycles, s.array_cycles);
  b->compared[c->u.contract.direction]++;
  b->grouped += model.passes > model.tiles;
}

static void open_bench(bench *b, size_t rows, int acc_bits, bool wrap, size_t tiles) {
  bt_error error = {""};
  bt_rtl_options options = bt_rtl_options_default();
  *b = (bench){.machine = bt_machine_default(), .tiles = tiles};
  b->machine.rows = b->machine.cols = rows;
  b->machine.lanes = rows == 16 ? 16 : 4;
  b->machine.acc.acc_bits = acc_bits;
  b->machine.acc.wrap = wrap;
  options.watch = true;
  options.max_tiles = tiles;
  b->rtl = bt_rtl_engine(&b->machine, &options, &error);
  must(b->rtl ? BT_OK : BT_BAD_INPUT, error.text);
  b->ref = bt_ref_engine(&b->machine);
  assert_non_null(b->ref);
  must(bt_lfsr_start(&b->rng, 1, b->machine.lanes), error.text);
}

static void close_bench(bench *b) {
  b->rtl->destroy(b->rtl);
  b->ref->destroy(b->ref);
}

/* Noise for images: weights and errors then differ in their exponents, as they do in a run. */
static void place_noise(bt_step *step, uint64_t epoch) {
  bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, epoch);
  uint8_t *pixel = step->pixels->data, *label = step->labels->data;
  for (size_t i = 0; i < bt_tensor_elements(step->pixels); i++) {
    pixel[i] = (uint8_t)bt_stream_below(s, i, 256);
  }
  for (size_t i = 0; i < BATCH; i++) {
    label[i] = (uint8_t)(i + epoch);
  }
}

/* The reference's results stand; the watched array runs each contraction on outputs of its own, and
 * what it computes is compared too. */
static void run_step(bench *b, const bt_step *step) {
  bt_error error = {""};
  bt_counts counts = {0};
  bt_lockstep l = {.first = b->ref, .second = b->rtl, .covered = bt_rtl_covered_element};
  for (size_t i = 0; i < bt_program_size(step->program); i++) {
    const bt_command *c = bt_program_at(step->program, i);
    if (c->op != BT_OP_CONTRACT) {
      must(b->ref->run(b->ref, c, &b->rng, &counts, &error), error.text);
      continue;
    }
    bt_status s = bt_lockstep_command(&l, c, &b->rng, &error);
    must(s, s == BT_MISMATCH ? l.difference.text : error.text);
    compare(b, c);
  }
}

static void check_recipe(size_t rows, int acc_bits, bool wrap, size_t tiles) {
  bench b;
  bt_error error = {""};
  bt_recipe recipe;
  bt_model *model = NULL;
  bt_step step;
  bt_loss loss = {0};
  open_bench(&b, rows, acc_bits, wrap, tiles);
  must(bt_recipe_load(BITTRUE_RECIPE, &recipe, &error), error.text);
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), error.text);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, BATCH, &loss, &step, &error), error.text);
  for (uint64_t i = 0; i < 2; i++) {
    place_noise(&step, i);
    run_step(&b, &step);
  }
  /* Two steps of five layers, the first without a data gradient. */
  assert_int_equal(b.compared[BT_FORWARD], 2 * 5);
  assert_int_equal(b.compared[BT_DATA_GRADIENT], 2 * 4);
  assert_int_equal(b.compared[BT_WEIGHT_GRADIENT], 2 * 5);
  assert_true(b.grouped > 0);
  bt_step_free(&step);
  bt_model_free(model);
  close_bench(&b);
}

static void fill(bt_tensor *t, uint64_t key) {
  bt_stream s = bt_stream_open(5, BT_STREAM_SYNTHETIC, key);
  assert_true(bt_tensor_alloc(t));
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    ((int8_t *)t->data)[i] = (int8_t)((int)bt_stream_below(s, i, 256) - 128);
  }
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = i == 1 ? -30 : (int16_t)bt_stream_below(s, bt_tensor_elements(t) + i, 3);
  }
}

/* 7 samples, 90 inputs, 11 outputs in windows of 2 x 2, per-sample and per-channel exponents, one
 * of them so small that its group is dropped; every tile. */
static void check_random(size_t rows, int acc_bits, bool wrap) {
  bench b;
  bt_error error = {""};
  bt_counts counts = {0};
  open_bench(&b, rows, acc_bits, wrap, 0);
  for (int d = BT_FORWARD; d <= BT_WEIGHT_GRADIENT; d++) {
    bt_block second = d == BT_WEIGHT_GRADIENT ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0;
    contraction t = contraction_of((bt_direction)d, 7, 90, 11, 2, BT_BLOCK_SAMPLE, second, 8);
    fill(&t.a, 2 * (uint64_t)d);
    fill(&t.b, 2 * (uint64_t)d + 1);
    assert_true(bt_tensor_alloc(&t.out));
    const bt_command *c = command_of(&t);
    must(b.rtl->run(b.rtl, c, &b.rng, &counts, &error), error.text);
    compare(&b, c);
    bt_tensor_free(&t.a);
    bt_tensor_free(&t.b);
    bt_tensor_free(&t.out);
  }
  assert_int_equal(b.grouped, 2);
  close_bench(&b);
}

static void test_lenet_16x16(void **state) {
  (void)state;
  check_recipe(16, 32, false, 5);
}

static void test_lenet_4x4(void **state) {
  (void)state;
  check_recipe(4, 32, false, 12);
}

static void test_lenet_saturating(void **state) {
  (void)state;
  check_recipe(4, 16, false, 4);
}

static void test_lenet_wrapping(void **state) {
  (void)state;
  check_recipe(4, 16, true, 4);
}

static void test_random(void **state) {
  (void)state;
  check_random(16, 32, false);
  check_random(4, 32, false);
  check_random(4, 16, false);
  check_random(4, 16, true);
}

/* Only some machines have a model that shows its registers: the error lists them. */
static void test_unwatched(void **state) {
  (void)state;
  bt_error error = {""};
  bt_machine m = bt_machine_default();
  bt_rtl_options options = bt_rtl_options_default();
  options.watch = true;
  options.fault_bit = 4;
  assert_null(bt_rtl_engine(&m, &options, &error));
  assert_non_null(strstr(error.text, "watched"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random),           cmocka_unit_test(test_lenet_16x16),
      cmocka_unit_test(test_lenet_4x4),        cmocka_unit_test(test_lenet_saturating),
      cmocka_unit_test(test_lenet_wrapping),   cmocka_unit_test(test_unwatched),
  };
  return cmocka_run_group_tests_name("cost activity rtl (alone: ctest -R test_cost_activity_rtl)",
                                     tests, NULL, NULL);
}
