/* The groups of batch norm and residual sums: an affine with constants by channel and terms of 8
 * and 16 bits, or wide, run as one with its quantization, gives what the reference gives command by
 * command; and it is really run as one: the wide tensor between them stays as it was.
 *
 *   test_fast_norm_groups [SEED [FIRST [COUNT]]]    default: 1 0 400 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/program.h"
#include "fast/fast.h"
#include "num/stream.h"
#include "random_parts.h"
#include "ref/ref.h"

#define POISON 0xA5

typedef struct {
  uint64_t seed, first, count;
} range;

typedef struct {
  bt_program *p;
  bt_tensor *z, *mask, *q;
  bt_lfsr rng;
  bt_counts counts;
  size_t done; /* commands of the first call */
} group;

static void add(bt_program *p, bt_command c) {
  c.label.text = "case";
  assert_non_null(bt_program_add(p, &c, "case"));
}

static void open_group(group *g, const random_case *k, chance r) {
  bt_command c = k->c, q = {.op = BT_OP_QUANTIZE};
  bt_error error = {""};
  bt_format f = random_format(&r, 2, 16, BT_BLOCK_TENSOR);
  *g = (group){.p = bt_program_new(), .rng = k->rng};
  assert_non_null(g->p);
  c.out[0] = g->z = bt_program_temporary(g->p, k->out[0]);
  if (c.u.affine.relu) {
    c.out[1] = g->mask = bt_program_tensor(g->p, k->out[1]);
  }
  q.in[0] = g->z;
  q.out[0] = g->q = bt_program_tensor(g->p, bt_tensor_bfp("q", f, k->out[0].ndim, k->out[0].dim));
  bt_rounding mode = below(&r, 3) > 0 ? BT_STOCHASTIC : (bt_rounding)below(&r, 4);
  q.u.quantize.round = (bt_round_options){mode, 1 + (unsigned)below(&r, 24), below(&r, 3) == 0};
  assert_true(g->z != NULL && g->q != NULL);
  add(g->p, c);
  add(g->p, q);
  if (bt_program_plan(g->p, &error) != BT_OK || bt_command_check(&c, &error) != BT_OK ||
      bt_command_check(&q, &error) != BT_OK) {
    fail_msg("the case itself is wrong: %s", error.text);
  }
}

static size_t bytes(const bt_tensor *t) {
  return bt_tensor_elements(t) * bt_tensor_element_size(t);
}

static void run_all(group *g, bt_engine *engine) {
  bt_error error = {""};
  for (size_t i = 0, done = 1; i < bt_program_size(g->p); i += done) {
    const bt_command *c = bt_program_at(g->p, i);
    assert_int_equal(engine->run_from == NULL
                         ? engine->run(engine, c, &g->rng, &g->counts, &error)
                         : engine->run_from(engine, g->p, i, &done, &g->rng, &g->counts, &error),
                     BT_OK);
    g->done = i == 0 ? done : g->done;
  }
  engine->destroy(engine);
}

static const char *difference(const group *a, const group *b) {
  return memcmp(a->q->data, b->q->data, bytes(a->q)) != 0                              ? "mantissas"
         : a->q->exp[0] != b->q->exp[0]                                                ? "exponents"
         : a->mask != NULL && memcmp(a->mask->data, b->mask->data, bytes(a->mask)) != 0 ? "mask"
         : memcmp(&a->counts, &b->counts, sizeof a->counts) != 0                       ? "counts"
         : memcmp(&a->rng, &b->rng, sizeof a->rng) != 0 ? "generator"
                                                        : NULL;
}

/* Whether it was run as one. */
static bool compare(const range *r, uint64_t i, const random_case *k, chance c, const group *ref,
                    const char *isa, unsigned threads) {
  group fast;
  open_group(&fast, k, c);
  memset(fast.z->data, POISON, bytes(fast.z));
  run_all(&fast, bt_fast_engine_on(&k->machine, isa, threads));
  const char *what = difference(ref, &fast);
  if (what != NULL) {
    fail_msg("%s differ on %s with %u threads; run it alone: test_fast_norm_groups %llu %llu 1",
             what, isa, threads, (unsigned long long)r->seed, (unsigned long long)i);
  }
  const uint8_t *z = fast.z->data;
  for (size_t at = 0; fast.done == 2 && at < bytes(fast.z); at++) {
    assert_int_equal(z[at], POISON);
  }
  bt_program_free(fast.p);
  return fast.done == 2;
}

static void compare_all(const range *r, const char *isa) {
  static const unsigned threads[] = {1, 2, 3, 7};
  uint64_t fused = 0;
  if (!bt_fast_supports(isa)) {
    print_message("this CPU has no %s\n", isa);
    skip(); /* another processor: this instruction set cannot run here */
  }
  print_message("seed %llu, cases %llu to %llu, %s\n", (unsigned long long)r->seed,
                (unsigned long long)r->first, (unsigned long long)(r->first + r->count - 1), isa);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    chance c = {bt_splitmix64(r->seed + BT_SPLITMIX_GAMMA) ^ (i * BT_SPLITMIX_GAMMA), 1};
    random_case k = {.machine = bt_machine_default()};
    group ref;
    c.scale = below(&c, 6) == 0 ? 12 : 1;
    assert_int_equal(bt_lfsr_start(&k.rng, below(&c, 1000), 1u << below(&c, 7)), BT_OK);
    k.c.label.text = "case";
    random_norm_affine(&k, &c);
    open_group(&ref, &k, c);
    run_all(&ref, bt_ref_engine(&k.machine));
    fused += compare(r, i, &k, c, &ref, isa, threads[i % 4]);
    bt_program_free(ref.p);
    random_case_free(&k);
  }
  print_message("%llu of %llu as one\n", (unsigned long long)fused, (unsigned long long)r->count);
  assert_true(r->count < 20 || 2 * fused > r->count);
}

static void portable_groups(void **state) { compare_all(*state, "portable"); }
static void avx2_groups(void **state) { compare_all(*state, "avx2"); }
static void avx512_groups(void **state) { compare_all(*state, "avx512"); }
static void vnni_groups(void **state) { compare_all(*state, "vnni"); }

int main(int argc, char **argv) {
  range r = {1, 0, 400};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(portable_groups, &r),
                                     cmocka_unit_test_prestate(avx2_groups, &r),
                                     cmocka_unit_test_prestate(avx512_groups, &r),
                                     cmocka_unit_test_prestate(vnni_groups, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
