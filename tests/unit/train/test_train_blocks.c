/* Training with weights, activations and errors in tiles and k32: it learns, its commands' cost is
 * counted, its bits are the same on every engine and build. A change of a digest is a change of the
 * contract (docs/numerics.md), never of a test. */
#include "cost/count.h"
#include "cost/watch.h"
#include "support/job.h"
#ifdef BITTRUE_HAVE_FAST
#include "fast/fast.h"
#endif

/* No max-pool: its activations have one exponent a sample (numerics 13). */
#define FLAT_CONV                                                       \
  "  - {conv: conv1, out: 6, kernel: 3, stride: 2, pad: 1, relu: true}\n" \
  "  - {dropout: drop1, p: 0.25}\n"                                        \
  "  - {conv: conv2, out: 40, kernel: 3, relu: true}\n"                    \
  "  - {fc: fc1, out: 10}\n"

typedef struct {
  const char *name, *layers;
  const char *w, *g, *m, *a, *e; /* blocks */
  const char *digest;
} recipe_case;

static const recipe_case cases[] = {
    {"weights in tiles", SMALL_MLP, "tile:8x16", "tile:8x16", "tile:8x16", "tensor", "tensor",
     "42834eeb705647e605c0ff3dcd5f2e8b332275a89b9df602a8189fc6c29b3b81"},
    {"mixed tiles", SMALL_MLP, "tile:5x7", "dim0", "k32", "tensor", "tensor",
     "126490c6b1dde663ca5a0bc71aa2a725798b285d517bdcc9a1782d79c9cf1cae"},
    {"gradients in tiles", SMALL_MLP, "dim0", "tile:5x7", "tensor", "tensor", "tensor",
     "d8d52090d4861ecb46167734ae5ae9c23a95883502cc6295f5b2dd5bfcdc0ef5"},
    {"activations and errors in k32", SMALL_MLP, "dim0", "dim0", "dim0", "k32", "k32",
     "e4f561e075c4e9ea1d63df733158b1a44351a816efd7106c611c7a4220b2aa51"},
    {"errors by sample", SMALL_MLP, "dim0", "dim0", "dim0", "tensor", "sample",
     "82beda742e28e6159a81fbbb001a663b07ff958143f3a82b00606d537d751a3b"},
    {"all in k32", SMALL_MLP, "k32", "k32", "k32", "k32", "k32",
     "c074c19695e30699a0223e91b7e8ecf0ab81d3e6d23c212a79a2697dc2e2dbfa"},
    {"convolutions in k32", FLAT_CONV, "k32", "k32", "k32", "k32", "k32",
     "eb7598f248349e86dc0eb116053afd85248f8f0e1ffbea7925567e137093f2ac"},
    {"convolutions in tiles", FLAT_CONV, "tile:3x9", "tensor", "dim0", "tile:2x24", "tile:1x100",
     "54a58c1c04f05cdab33a43345d5044cb83cb36c543fab0756f760483f24cd51f"},
};

static void set_block(bt_format *f, const char *block) {
  bt_error error;
  MUST(bt_block_parse(block, f, &error));
}

/* Three epochs, the average from the second on; the engine is destroyed. */
static void train(const recipe_case *t, job *j, bt_engine *engine, bt_cost *cost, bt_state *run) {
  bt_error error = {""};
  bt_cost_watch watch = {.cost = cost, .machine = &j->machine};
  bt_observer observer = {bt_cost_after, &watch, true};
  bt_train_options o = {.engine = engine, .data = &j->data, .observer = &observer};
  set_block(&j->recipe.w, t->w);
  set_block(&j->recipe.g, t->g);
  set_block(&j->recipe.m, t->m);
  set_block(&j->recipe.a, t->a);
  set_block(&j->recipe.e, t->e);
  MUST(bt_state_start(&j->recipe, &j->machine, run, &error));
  MUST(bt_train(run, &o, &error));
  engine->destroy(engine);
}

/* 0, or 1 where the digest is another. */
static size_t check_digest(const recipe_case *t, const char *engine, const bt_state *run) {
  char digest[65];
  bt_error error = {""};
  MUST(bt_state_digest(run, digest, &error));
  if (strcmp(digest, t->digest) == 0) {
    return 0;
  }
  print_error("%s, engine %s: digest %s, expected %s\n", t->name, engine, digest, t->digest);
  return 1;
}

static size_t run_case(const recipe_case *t) {
  job *j = job_open(t->layers, 3, 2);
  bt_cost cost = {0};
  bt_cost_counts total;
  bt_error error = {""};
  bt_state run;
  train(t, j, bt_ref_engine(&j->machine), &cost, &run);
  const bt_epoch_row *last = &run.row[2];
  print_message("%s: %llu of 210 correct, average %llu of 100\n", t->name,
                (unsigned long long)last->train.correct, (unsigned long long)last->swa.correct);
  assert_true(last->train.correct >= 170 && last->swa.correct >= 70);
  assert_true(last->train.loss_bits < run.row[0].train.loss_bits);
  MUST(bt_cost_total(&cost, &total, &error));
  assert_true(total.n[BT_COUNT_ARRAY_CYCLES] > 0 && total.n[BT_COUNT_QUANTIZER_CYCLES] > 0);
  size_t wrong = check_digest(t, "ref", &run);
  bt_state_free(&run);
#ifdef BITTRUE_HAVE_FAST
  train(t, j, bt_fast_engine(&j->machine, 2), &cost, &run);
  wrong += check_digest(t, "fast", &run);
  bt_state_free(&run);
#endif
  job_close(j);
  return wrong;
}

static void test_blocks(void **state) {
  (void)state;
  size_t wrong = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wrong += run_case(&cases[i]);
  }
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks)};
  return scratch_report("test_train_blocks", cmocka_run_group_tests(tests, NULL, NULL));
}
