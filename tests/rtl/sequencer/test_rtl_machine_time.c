/* The model of the machine's elapsed cycles (cost 11) against the Verilated machine: drawn commands
 * on memories of several latencies, and training steps of the MLP and of LeNet-5. Cycles, work,
 * words read and written are equal, command by command, from the reset on.
 *
 *   test_rtl_machine_time [SEED [FIRST [COUNT]]]    default: 1 0 500, and the steps
 *   test_rtl_machine_time RECIPE BATCH STEPS        steps of a recipe alone */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cost/machine_time.h"
#include "machine_engine.h"
#include "net/model.h"
#include "num/error.h"
#include "num/stream.h"
#include "train/train.h"
#include "unit/fast/random_results.h"

#define OPS (BT_OP_STATISTICS + 1)

typedef struct {
  uint64_t commands, cycles, words;
} kind;

typedef struct {
  bt_machine machine;
  bt_machine_memory memory;
  bt_machine_history history;
  bt_engine *rtl;
  kind kinds[OPS];
} bench;

static bench bench_open(bt_machine machine, unsigned latency) {
  bench b = {.machine = machine, .memory = {latency}};
  bt_machine_options options = bt_machine_options_default();
  bt_error error = {""};
  options.latency = latency;
  b.rtl = bt_machine_engine(&b.machine, &options, &error);
  if (b.rtl == NULL) {
    fail_msg("%s", error.text);
  }
  return b;
}

/* `all`: no kind may be missing. */
static void print_kinds(const bench *b, bool all) {
  for (unsigned op = 0; op < OPS; op++) {
    const kind *k = &b->kinds[op];
    if (k->commands > 0) {
      print_message("%-11s %6" PRIu64 " commands equal, %10" PRIu64 " cycles, %9" PRIu64
                    " words\n", bt_op_name((bt_op)op), k->commands, k->cycles, k->words);
    } else if (all) {
      fail_msg("no %s was drawn", bt_op_name((bt_op)op));
    }
  }
}

/* Runs the command on the Verilog; where: what to run to see it alone. */
static void compare(bench *b, const bt_command *c, bt_lfsr *rng, const char *where) {
  bt_machine_time t;
  bt_counts counts = {0};
  bt_error error = {""};
  if (bt_machine_time_next(&b->machine, &b->memory, &b->history, c, false, &t, &error) !=
          BT_OK ||
      b->rtl->run(b->rtl, c, rng, &counts, &error) != BT_OK) {
    fail_msg("%s; %s", error.text, where);
  }
  bt_machine_stats s = bt_machine_last(b->rtl);
  kind *k = &b->kinds[c->op];
  k->commands++;
  k->cycles += s.cycles;
  k->words += s.reads + s.writes;
  uint64_t work = s.array + s.quantizer + s.vector + s.scalar;
  if (t.elapsed != s.cycles || t.work != work || t.reads != s.reads || t.writes != s.writes) {
    fail_msg("%s %s: %" PRIu64 " cycles, %" PRIu64 " of work, %" PRIu64 " words read, %" PRIu64
             " written; the model says %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 "; %s",
             bt_op_name(c->op), c->label.text, s.cycles, work, s.reads, s.writes, t.elapsed,
             t.work, t.reads, t.writes, where);
  }
}

typedef struct {
  uint64_t seed, first, count;
} range;

static void run_case(bench *b, const range *r, uint64_t number) {
  random_case k;
  random_results o;
  char where[96];
  snprintf(where, sizeof where, "run it alone: test_rtl_machine_time %" PRIu64 " %" PRIu64 " 1",
           r->seed, number);
  random_case_make(&k, r->seed, number);
  random_results_open(&o, &k);
  k.c.label.text = "drawn";
  bt_lfsr rng;
  assert_int_equal(bt_lfsr_start(&rng, number, b->machine.lanes), BT_OK);
  if (b->rtl->covers(b->rtl, &k.c)) {
    compare(b, &k.c, &rng, where);
  }
  random_results_close(&o);
  random_case_free(&k);
}

static void run_drawn(const range *r, bt_machine machine, unsigned latency) {
  bench b = bench_open(machine, latency);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    run_case(&b, r, i);
  }
  print_message("drawn, %zux%zu, latency %u\n", machine.rows, machine.cols, latency);
  print_kinds(&b, r->count >= 500);
  b.rtl->destroy(b.rtl);
}

static bt_machine machine_of(size_t size) {
  bt_machine m = bt_machine_default();
  m.rows = m.cols = size;
  m.lanes = (unsigned)size;
  return m;
}

static void drawn_prompt(void **state) { run_drawn(*state, machine_of(4), 0); }
static void drawn_slow(void **state) { run_drawn(*state, machine_of(4), 7); }
static void drawn_large(void **state) { run_drawn(*state, machine_of(16), 2); }

static void must(bt_status status, const bt_error *error) {
  if (status != BT_OK) {
    fail_msg("%s", error->text);
  }
}

/* Noise for images, that differs from step to step. */
static void place(bt_step *s, uint64_t number) {
  bt_stream stream = bt_stream_open(7, BT_STREAM_SYNTHETIC, number);
  uint8_t *pixel = s->pixels->data, *label = s->labels->data;
  for (size_t i = 0; i < bt_tensor_elements(s->pixels); i++) {
    pixel[i] = (uint8_t)bt_stream_below(stream, i, 256);
  }
  for (size_t i = 0; i < bt_tensor_elements(s->labels); i++) {
    label[i] = (uint8_t)((i + number) % 10);
  }
  bt_step_place(s, 1, number, number);
}

static void train(const char *recipe_file, bt_machine machine, unsigned latency, size_t batch,
                  uint64_t steps) {
  bench b = bench_open(machine, latency);
  bt_error error = {""};
  bt_recipe recipe;
  bt_model *model;
  bt_step step;
  bt_loss loss = {0};
  bt_lfsr rng;
  char where[256];
  snprintf(where, sizeof where, "run it alone: test_rtl_machine_time %s %zu %" PRIu64, recipe_file,
           batch, steps);
  must(bt_recipe_load(recipe_file, &recipe, &error), &error);
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), &error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, batch, &loss, &step, &error), &error);
  must(bt_lfsr_start(&rng, 1, machine.lanes), &error);
  for (uint64_t n = 0; n < steps; n++) {
    place(&step, n);
    for (size_t i = 0; i < bt_program_size(step.program); i++) {
      compare(&b, bt_program_at(step.program, i), &rng, where);
    }
  }
  print_message("%s, %zux%zu, latency %u, batch %zu: %" PRIu64 " steps\n", recipe.name,
                machine.rows, machine.cols, latency, batch, steps);
  print_kinds(&b, false);
  bt_step_free(&step);
  bt_model_free(model);
  b.rtl->destroy(b.rtl);
}

static void mlp(void **state) {
  (void)state;
  train(BITTRUE_MLP, machine_of(16), 0, 32, 2);
}

static void lenet(void **state) {
  (void)state;
  train(BITTRUE_LENET, machine_of(16), 0, 8, 1);
}

static void lenet_slow(void **state) {
  (void)state;
  train(BITTRUE_LENET, machine_of(4), 9, 2, 1);
}

static const char *const *arguments;

static void given(void **state) {
  (void)state;
  train(arguments[1], machine_of(16), 0, strtoull(arguments[2], NULL, 10),
        strtoull(arguments[3], NULL, 10));
}

int main(int argc, char **argv) {
  range r = {1, 0, 500};
  const struct CMUnitTest alone[] = {cmocka_unit_test(given)};
  arguments = (const char *const *)argv;
  if (argc > 3 && strstr(argv[1], ".yaml") != NULL) {
    return cmocka_run_group_tests(alone, NULL, NULL);
  }
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest drawn[] = {cmocka_unit_test_prestate(drawn_prompt, &r),
                                     cmocka_unit_test_prestate(drawn_slow, &r),
                                     cmocka_unit_test_prestate(drawn_large, &r)};
  const struct CMUnitTest all[] = {drawn[0], drawn[1], drawn[2], cmocka_unit_test(mlp),
                                   cmocka_unit_test(lenet), cmocka_unit_test(lenet_slow)};
  return argc > 1 ? cmocka_run_group_tests(drawn, NULL, NULL)
                  : cmocka_run_group_tests(all, NULL, NULL);
}
