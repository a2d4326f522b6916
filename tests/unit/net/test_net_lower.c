/* Lowering: LeNet-5's step as a list of commands, the draws that it spends, and the formats that
 * recipes may ask for. */
#include "net/lower.h"
#include "ref/ref.h"
#include "unit/io/scratch.h"

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};

static bt_lowering small_block(void) {
  return (bt_lowering){.mean = {{143, 500}},
                       .std = {{353, 1000}},
                       .rate = {1, 20},
                       .momentum = {9, 10},
                       .weight_decay = {1, 2000},
                       .a = whole,
                       .g = dim0,
                       .e = whole,
                       .round = {.mode = BT_STOCHASTIC, .random_bits = 16},
                       .seed = 1};
}

static bt_net lenet5(void) {
  bt_net net;
  bt_error error;
  if (bt_net_load(NETS "/lenet5.yaml", &net, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return net;
}

static bt_model *new_model(const bt_net *net, bt_format w, bt_format m) {
  bt_model *model;
  bt_error error;
  if (bt_model_new(net, w, m, 1, &model, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return model;
}

#define PRODUCT(l) l " forward", l " bias", l " quantize"
#define GRADIENTS(l) \
  l " weight gradient", l " weight gradient quantize", l " bias gradient", \
      l " bias gradient quantize"
#define TO_INPUT(l) l " data gradient", l " data gradient quantize"
#define UPDATE(p) p " momentum", p " step", p " momentum quantize", p " quantize"
#define UPDATES(l) UPDATE(l ".weight"), UPDATE(l ".bias")

/* numerics 17, in its order. */
static const char *const lenet5_step[] = {
    "input normalise", "input quantize",
    PRODUCT("conv1"), "pool1 forward", PRODUCT("conv2"), "pool2 forward",
    PRODUCT("fc1"), PRODUCT("fc2"), PRODUCT("fc3"),
    "loss and error", "loss mean", "loss quantize",
    GRADIENTS("fc3"), TO_INPUT("fc3"),
    "fc2 relu backward", GRADIENTS("fc2"), TO_INPUT("fc2"),
    "fc1 relu backward", GRADIENTS("fc1"), TO_INPUT("fc1"),
    "pool2 pool backward", "conv2 relu backward", GRADIENTS("conv2"), TO_INPUT("conv2"),
    "pool1 pool backward", "conv1 relu backward", GRADIENTS("conv1"),
    UPDATES("conv1"), UPDATES("conv2"), UPDATES("fc1"), UPDATES("fc2"), UPDATES("fc3"),
};

static const char *const lenet5_evaluation[] = {
    "input normalise", "input quantize",
    PRODUCT("conv1"), "pool1 forward", PRODUCT("conv2"), "pool2 forward",
    PRODUCT("fc1"), PRODUCT("fc2"), PRODUCT("fc3"),
    "loss alone",
};

static const char *const lenet5_averaging[] = {
    "conv1.weight average", "conv1.bias average", "conv2.weight average", "conv2.bias average",
    "fc1.weight average",   "fc1.bias average",   "fc2.weight average",   "fc2.bias average",
    "fc3.weight average",   "fc3.bias average",
};

static void expect_program(const bt_program *p, const char *const *label, size_t n) {
  bt_error error;
  for (size_t i = 0; i < bt_program_size(p) && i < n; i++) {
    const bt_command *c = bt_program_at(p, i);
    if (strcmp(c->label.text, label[i]) != 0) {
      fail_msg("command %zu is '%s', expected '%s'", i, c->label.text, label[i]);
    }
    if (bt_command_check(c, &error) != BT_OK) {
      fail_msg("%s", error.text);
    }
    for (size_t o = 0; o < 2; o++) { /* no command works in place */
      for (size_t k = 0; c->out[o] != NULL && k < BT_MAX_INPUTS; k++) {
        assert_ptr_not_equal(c->out[o], c->in[k]);
      }
    }
  }
  assert_int_equal(bt_program_size(p), n);
}
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void test_commands(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_lowering how = small_block();
  bt_model *model = new_model(&net, dim0, dim0);
  bt_loss loss = {0};
  bt_step step;
  bt_program *averaging;
  bt_error error;
  assert_int_equal(bt_lower_training(&how, model, 2, &loss, &step, &error), BT_OK);
  expect_program(step.program, lenet5_step, COUNT(lenet5_step));
  bt_step_free(&step);
  bt_evaluated of = {&net, model->w, NULL};
  assert_int_equal(bt_lower_evaluation(&how, &of, 2, &loss, &step, &error), BT_OK);
  expect_program(step.program, lenet5_evaluation, COUNT(lenet5_evaluation));
  bt_step_free(&step);
  assert_int_equal(bt_lower_averaging(model, &averaging, &error), BT_OK);
  expect_program(averaging, lenet5_averaging, COUNT(lenet5_averaging));
  bt_program_free(averaging);
  bt_model_free(model);
}

/* Elements of each quantization of LeNet-5's step on n images, from the shapes. */
static uint64_t rounded(size_t n) { return (n + 15) / 16 * 16; } /* ceil(n / 16) draws a lane */
static uint64_t draws_per_step(size_t n) {
  static const size_t forward[] = {784, 28 * 28 * 6, 10 * 10 * 16, 120, 84, 10};
  static const size_t backward[] = {10, 84, 120, 400, 14 * 14 * 6};
  static const size_t parameter[] = {6 * 25,    6,   16 * 150, 16, 120 * 400, 120,
                                     84 * 120, 84, 10 * 84,  10};
  uint64_t sum = 0;
  for (size_t i = 0; i < COUNT(forward); i++) {
    sum += rounded(n * forward[i]);
  }
  for (size_t i = 0; i < COUNT(backward); i++) {
    sum += rounded(n * backward[i]);
  }
  for (size_t i = 0; i < COUNT(parameter); i++) {
    sum += 3 * rounded(parameter[i]); /* gradient, momentum, weight */
  }
  return sum / 16;
}

static uint64_t run(const bt_step *step, const bt_machine *machine) {
  bt_lfsr rng;
  bt_counts counts = {0};
  bt_error error = {""};
  bt_engine *engine = bt_ref_engine(machine);
  uint64_t draws = 0;
  assert_int_equal(bt_lfsr_start(&rng, 1, 16), BT_OK);
  for (size_t i = 0; i < bt_program_size(step->program); i++) {
    const bt_command *c = bt_program_at(step->program, i);
    draws += rounded(bt_command_draws(c, &machine->acc)) / 16;
    if (engine->run(engine, c, &rng, &counts, &error) != BT_OK) {
      fail_msg("%s", error.text);
    }
  }
  engine->destroy(engine);
  assert_int_equal(rng.steps, 16 * draws); /* a draw is 16 steps of its lane */
  return draws;
}

static void test_draws(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_lowering how = small_block();
  bt_machine machine = bt_machine_default();
  bt_loss loss = {0};
  bt_step step;
  bt_error error;
  for (size_t n = 1; n <= 3; n += 2) {
    bt_model *model = new_model(&net, dim0, dim0);
    assert_int_equal(bt_lower_training(&how, model, n, &loss, &step, &error), BT_OK);
    assert_int_equal(run(&step, &machine), draws_per_step(n));
    bt_step_free(&step);
    bt_model_free(model);
  }
}

/* Evaluation draws nothing, also where products are rounded stochastically. */
static void test_evaluation_draws_nothing(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_lowering how = small_block();
  bt_machine machine = bt_machine_default();
  bt_model *model = new_model(&net, dim0, dim0);
  bt_loss loss = {0};
  bt_step step;
  bt_error error;
  machine.acc.acc_shift = 3;
  machine.acc.acc_round.mode = BT_STOCHASTIC;
  bt_evaluated of = {&net, model->w, NULL};
  assert_int_equal(bt_lower_evaluation(&how, &of, 2, &loss, &step, &error), BT_OK);
  assert_int_equal(run(&step, &machine), 0);
  bt_step_free(&step);
  bt_model_free(model);
}

/* All blocks that a recipe may name: each lowers and checks, whatever the others are. */
static void test_blocks(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_lowering how = small_block();
  bt_format sample = whole;
  bt_error error;
  bt_loss loss = {0};
  sample.block = BT_BLOCK_SAMPLE;
  for (unsigned i = 0; i < 16; i++) {
    bt_step step;
    bt_model *model = new_model(&net, i & 1 ? dim0 : whole, i & 2 ? dim0 : whole);
    how.g = i & 4 ? dim0 : whole;
    how.a = i & 8 ? sample : whole;
    if (bt_lower_training(&how, model, 2, &loss, &step, &error) != BT_OK) {
      fail_msg("weights %s, momentum %s, gradients %s, activations %s: %s",
               i & 1 ? "dim0" : "tensor", i & 2 ? "dim0" : "tensor",
               i & 4 ? "dim0" : "tensor", i & 8 ? "sample" : "tensor",
               error.text);
    }
    bt_step_free(&step);
    bt_model_free(model);
  }
}

static void test_place(void **state) {
  (void)state;
  bt_net net = lenet5();
  bt_lowering how = small_block();
  bt_model *model = new_model(&net, dim0, dim0);
  bt_loss loss = {0};
  bt_step step;
  bt_error error;
  assert_int_equal(bt_lower_training(&how, model, 1, &loss, &step, &error), BT_OK);
  bt_step_place(&step, 3, 5, 77);
  for (size_t i = 0; i < bt_program_size(step.program); i++) {
    assert_int_equal(bt_program_at(step.program, i)->label.step, 77);
  }
  bt_step_free(&step);
  bt_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commands), cmocka_unit_test(test_draws),
      cmocka_unit_test(test_evaluation_draws_nothing), cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_place),
  };
  return scratch_report("test_net_lower", cmocka_run_group_tests(tests, NULL, NULL));
}
