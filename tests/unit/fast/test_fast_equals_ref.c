/* Every command gives the same bits on the fast engine, with each instruction set and 1, 2, 3 and
 * 7 threads, as on the reference: outputs, exponents, widths, masks, counts, sums and the
 * generator. The AVX-512 sets run here on any CPU, through SIMDe.
 *
 *   test_fast_equals_ref [SEED [FIRST [COUNT]]]    default: 1 0 3000 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"
#include "fast/fast.h"
#include "random_case.h"
#include "ref/ref.h"
#include "support/drawn.h"

typedef struct {
  uint64_t seed, first, count;
} range;

/* What one engine made of a case. */
typedef struct {
  bt_status status;
  bt_tensor out[BT_MAX_OUTPUTS];
  bt_lfsr rng;
  bt_counts counts;
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} outcome;

static void run_case(const random_case *k, bt_engine *engine, outcome *o) {
  bt_command c = k->c;
  bt_error error = {""};
  memset(o, 0, sizeof *o);
  o->rng = k->rng;
  for (size_t i = 0; i < k->outs; i++) {
    o->out[i] = k->out[i];
    assert_true(bt_tensor_alloc(&o->out[i]));
    c.out[i] = &o->out[i];
  }
  if (c.op == BT_OP_SOFTMAX) {
    c.u.softmax.loss = &o->loss;
  }
  if (c.op == BT_OP_AVERAGE) {
    size_t blocks = bt_tensor_exponents(c.in[0]);
    o->average.sum = calloc(bt_tensor_elements(c.in[0]), sizeof *o->average.sum);
    o->average.emin = calloc(blocks, sizeof *o->average.emin);
    for (size_t b = 0; b < blocks; b++) {
      o->average.emin[b] = BT_EMIN_NONE;
    }
    c.u.average.average = &o->average;
  }
  if (c.op == BT_OP_STATISTICS) {
    assert_true(bt_statistics_alloc(&o->statistics, bt_tensor_elements(c.in[0])));
    c.u.statistics.statistics = &o->statistics;
  }
  o->status = bt_command_check(&c, &error);
  if (o->status != BT_OK) {
    fail_msg("the case itself is wrong: %s", error.text);
  }
  o->status = engine->run(engine, &c, &o->rng, &o->counts, &error);
  engine->destroy(engine);
}

static void free_outcome(outcome *o) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    bt_tensor_free(&o->out[i]);
  }
  bt_statistics_free(&o->statistics);
  free(o->average.sum);
  free(o->average.emin);
}

/* What first differs, or NULL. */
static const char *difference(const random_case *k, const outcome *a, const outcome *b) {
  for (size_t i = 0; i < k->outs; i++) {
    const bt_tensor *x = &a->out[i], *y = &b->out[i];
    if (memcmp(x->data, y->data, bt_tensor_elements(x) * bt_tensor_element_size(x)) != 0) {
      return i == 0 ? "mantissas" : "a further output";
    }
    if (memcmp(x->exp, y->exp, bt_tensor_exponents(x) * sizeof *x->exp) != 0) {
      return "exponents";
    }
    if (x->bits != y->bits) {
      return "bits";
    }
  }
  if (k->c.op == BT_OP_AVERAGE) {
    size_t n = bt_tensor_elements(k->c.in[0]), blocks = bt_tensor_exponents(k->c.in[0]);
    if (memcmp(a->average.sum, b->average.sum, n * sizeof *a->average.sum) != 0 ||
        memcmp(a->average.emin, b->average.emin, blocks * sizeof *a->average.emin) != 0 ||
        a->average.count != b->average.count) {
      return "average";
    }
  }
  if (k->c.op == BT_OP_STATISTICS && !bt_statistics_equal(&a->statistics, &b->statistics)) {
    return "statistics";
  }
  return a->status != b->status                               ? "status"
         : memcmp(&a->counts, &b->counts, sizeof a->counts) != 0 ? "counts"
         : memcmp(&a->loss, &b->loss, sizeof a->loss) != 0       ? "loss"
         : memcmp(&a->rng, &b->rng, sizeof a->rng) != 0          ? "generator"
                                                                 : NULL;
}

static void compare(const range *r, uint64_t i, const random_case *k, const outcome *ref,
                    const char *isa, unsigned threads) {
  outcome fast;
  bool contract = k->c.op == BT_OP_CONTRACT;
  run_case(k, bt_fast_engine_on(&k->machine, isa, threads), &fast);
  const char *what = difference(k, ref, &fast);
  if (what != NULL) {
    fail_msg("%s of a %s%s%s differ on %s with %u threads; run it alone: "
             "test_fast_equals_ref %llu %llu 1",
             what, bt_op_name(k->c.op), contract ? " " : "",
             contract ? bt_direction_name(k->c.u.contract.direction) : "", isa, threads,
             (unsigned long long)r->seed, (unsigned long long)i);
  }
  free_outcome(&fast);
}

static void compare_all(const range *r, const char *isa) {
  static const unsigned threads[] = {1, 2, 3, 7};
  if (!bt_fast_supports(isa)) {
    print_message("this CPU has no %s\n", isa);
    skip(); /* another processor: this instruction set cannot run here */
  }
  print_message("seed %llu, cases %llu to %llu, %s\n", (unsigned long long)r->seed,
                (unsigned long long)r->first, (unsigned long long)(r->first + r->count - 1), isa);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    random_case k;
    outcome ref;
    random_case_make(&k, r->seed, i);
    run_case(&k, bt_ref_engine(&k.machine), &ref);
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
      compare(r, i, &k, &ref, isa, threads[t]);
    }
    free_outcome(&ref);
    random_case_free(&k);
  }
}

static void portable_equals_ref(void **state) { compare_all(*state, "portable"); }
static void avx2_equals_ref(void **state) { compare_all(*state, "avx2"); }
static void avx512_equals_ref(void **state) { compare_all(*state, "avx512"); }
static void vnni_equals_ref(void **state) { compare_all(*state, "vnni"); }

int main(int argc, char **argv) {
  range r = {1, 0, BT_DRAWN(2000)};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(portable_equals_ref, &r),
                                     cmocka_unit_test_prestate(avx2_equals_ref, &r),
                                     cmocka_unit_test_prestate(avx512_equals_ref, &r),
                                     cmocka_unit_test_prestate(vnni_equals_ref, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
