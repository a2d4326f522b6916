/* The model's cycles against the counters of the Verilog: every contraction and quantization of
 * two training steps of LeNet-5, executed by the rtl engine, the rest by the reference.
 * Alone: ctest -R test_cost_rtl */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/count.h"
#include "num/stream.h"
#include "ref/ref.h"
#include "rtl_engine.h"
#include "train/train.h"

#define BATCH 3 /* odd, so that tiles straddle images and the last ones are partial */

typedef struct {
  bt_machine machine;
  bt_engine *rtl, *ref;
  bt_lfsr rng;
  bt_counts counts;
  size_t contractions, quantizations, grouped;
} bench;

static void must(bt_status status, const bt_error *error) {
  if (status != BT_OK) {
    fail_msg("%s", error->text);
  }
}

/* Executes a command on the RTL and compares what it took with what the model says. */
static void compare(bench *b, const bt_command *c) {
  bt_error error = {""};
  bt_cost cost = {0};
  /* Before the command runs: an update writes over the weights that it read. */
  must(bt_cost_add(&cost, &b->machine, c, &error), &error);
  must(b->rtl->run(b->rtl, c, &b->rng, &b->counts, &error), &error);
  const bt_cost_counts *n = &cost.phase[c->label.phase];
  bt_rtl_stats stats = bt_rtl_last(b->rtl);
  if (n->n[BT_COUNT_ARRAY_CYCLES] != stats.array_cycles ||
      n->n[BT_COUNT_QUANTIZER_CYCLES] != stats.quantizer_cycles) {
    fail_msg("%s: model %llu array and %llu quantizer cycles, RTL %llu and %llu", c->label.text,
             (unsigned long long)n->n[BT_COUNT_ARRAY_CYCLES],
             (unsigned long long)n->n[BT_COUNT_QUANTIZER_CYCLES],
             (unsigned long long)stats.array_cycles, (unsigned long long)stats.quantizer_cycles);
  }
  b->contractions += c->op == BT_OP_CONTRACT;
  b->quantizations += c->op == BT_OP_QUANTIZE;
  b->grouped += n->n[BT_COUNT_ADD_48] > 0;
}

static void run_step(bench *b, const bt_step *step) {
  bt_error error = {""};
  for (size_t i = 0; i < bt_program_size(step->program); i++) {
    const bt_command *c = bt_program_at(step->program, i);
    if (b->rtl->covers(b->rtl, c)) {
      compare(b, c);
    } else {
      must(b->ref->run(b->ref, c, &b->rng, &b->counts, &error), &error);
    }
  }
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

static void open_bench(bench *b, size_t rows, unsigned lanes) {
  bt_error error = {""};
  bt_rtl_options options = bt_rtl_options_default();
  *b = (bench){.machine = bt_machine_default()};
  b->machine.rows = b->machine.cols = rows;
  b->machine.lanes = lanes;
  b->rtl = bt_rtl_engine(&b->machine, &options, &error);
  must(b->rtl ? BT_OK : BT_BAD_INPUT, &error);
  b->ref = bt_ref_engine(&b->machine);
  assert_non_null(b->ref);
  must(bt_lfsr_start(&b->rng, 1, lanes), &error);
}

static void close_bench(bench *b) {
  b->rtl->destroy(b->rtl);
  b->ref->destroy(b->ref);
}

static void check_recipe(size_t rows, unsigned lanes) {
  bench b;
  bt_error error = {""};
  bt_recipe recipe;
  bt_model *model = NULL;
  bt_step step;
  bt_loss loss = {0};
  open_bench(&b, rows, lanes);
  must(bt_recipe_load(BITTRUE_RECIPE, &recipe, &error), &error);
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), &error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, BATCH, &loss, &step, &error), &error);
  for (uint64_t i = 0; i < 2; i++) {
    place_noise(&step, i);
    run_step(&b, &step);
  }
  /* Two steps of five layers: 5 + 4 + 5 contractions, and some whose exponents differ along k. */
  assert_int_equal(b.contractions, 2 * 14);
  assert_true(b.quantizations > 2 * 30);
  assert_true(b.grouped > 0);
  bt_step_free(&step);
  bt_model_free(model);
  close_bench(&b);
}

/* A weight gradient of samples with exponents of their own: sums 3, 3, zero, zero, -20, 4, of which
 * -20 is below gref. */
static void test_samples(void **state) {
  (void)state;
  static const int16_t exponent[2][6] = {{3, 3, -128, 1, -20, 2}, {0, 0, 5, -128, 0, 2}};
  bench b;
  open_bench(&b, 4, 4);
  contraction t =
      contraction_of(BT_WEIGHT_GRADIENT, 6, 5, 7, 2, BT_BLOCK_SAMPLE, BT_BLOCK_SAMPLE, 8);
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  for (size_t i = 0; i < 6; i++) {
    t.a.exp[i] = exponent[0][i];
    t.b.exp[i] = exponent[1][i];
  }
  compare(&b, command_of(&t));
  assert_int_equal(b.grouped, 1);
  /* A batch of zero blocks takes no cycles. */
  for (size_t i = 0; i < 6; i++) {
    t.a.exp[i] = -128;
  }
  compare(&b, command_of(&t));
  bt_tensor_free(&t.a);
  bt_tensor_free(&t.b);
  bt_tensor_free(&t.out);
  close_bench(&b);
}

static void test_16x16(void **state) {
  (void)state;
  check_recipe(16, 16);
}

static void test_4x4(void **state) {
  (void)state;
  check_recipe(4, 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_16x16),
      cmocka_unit_test(test_4x4),
      cmocka_unit_test(test_samples),
  };
  return cmocka_run_group_tests_name("cost rtl (alone: ctest -R test_cost_rtl)", tests, NULL, NULL);
}
