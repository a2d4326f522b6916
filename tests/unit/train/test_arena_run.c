/* Training in a planned arena gives the bits of training with a place for each tensor, whatever
 * was in the arena before: no command relies on zeroed storage. */
#include "support/job.h"
#include "fast/fast.h"

#define STEPS 5u
#define MOST 256u

typedef struct {
  void *held[2 * MOST];
  size_t count;
} places;

static void *hold(places *p, size_t bytes) {
  assert_true(p->count < 2 * MOST);
  return p->held[p->count++] = calloc(1, bytes + 64);
}

/* Every temporary is written by some command: its outputs lead to all. */
static bt_tensor *temporary(const bt_program *p, size_t i, int which) {
  bt_tensor *t = bt_program_at(p, i)->out[which];
  return t != NULL && bt_program_private(p, t, 0, bt_program_size(p)) ? t : NULL;
}

static size_t separate(const bt_program *p, places *place) {
  size_t moved = 0;
  bt_tensor *seen[MOST];
  for (size_t i = 0; i < bt_program_size(p); i++) {
    for (int which = 0; which < 2; which++) {
      bt_tensor *t = temporary(p, i, which);
      bool again = false;
      for (size_t k = 0; k < moved; k++) {
        again = again || seen[k] == t;
      }
      if (t != NULL && !again) {
        seen[moved++] = t;
        t->data = hold(place, bt_tensor_elements(t) * bt_tensor_element_size(t));
        t->exp = hold(place, bt_tensor_exponents(t) * sizeof *t->exp);
      }
    }
  }
  return moved;
}

static void poison(const bt_program *p, int byte) {
  for (size_t i = 0; i < bt_program_size(p); i++) {
    for (int which = 0; which < 2; which++) {
      bt_tensor *t = temporary(p, i, which);
      if (t != NULL) {
        memset(t->data, byte, bt_tensor_elements(t) * bt_tensor_element_size(t));
        memset(t->exp, byte, bt_tensor_exponents(t) * sizeof *t->exp);
        t->bits = 31;
      }
    }
  }
}

/* Trains a few steps and evaluates; the digest of the state. `byte`: a byte for the arena before
 * each run, or -1 for places of their own. */
static void trained(const job *j, bt_engine *engine, int byte, char digest[65]) {
  bt_state s;
  bt_step step, evaluation;
  bt_error error = {""};
  places place = {.count = 0};
  MUST(bt_state_start(&j->recipe, &j->machine, &s, &error));
  bt_lowering how = bt_recipe_lowering(&j->recipe, j->recipe.lr);
  MUST(bt_lower_training(&how, s.model, 32, &s.loss, &step, &error));
  bt_evaluated of = {&j->recipe.net, s.model->w, NULL};
  MUST(bt_lower_evaluation(&how, &of, 32, &s.loss, &evaluation, &error));
  if (byte < 0) {
    assert_true(separate(step.program, &place) > 20);
    assert_true(separate(evaluation.program, &place) > 5);
  }
  for (size_t i = 0; i < STEPS; i++) {
    bt_step *run[] = {&step, &evaluation};
    for (size_t k = 0; k < 2; k++) {
      if (byte >= 0) {
        poison(run[k]->program, byte);
      }
      bt_batch_place(&j->data.train, 32 * i, run[k]);
      bt_step_place(run[k], 1, i, i);
      MUST(bt_program_run(run[k]->program, engine, &s.rng, &s.counts, NULL, &error));
    }
  }
  s.steps = (uint64_t)s.loss.loss_bits; /* the losses, evaluation's too, in the digest */
  MUST(bt_state_digest(&s, digest, &error));
  bt_step_free(&step);
  bt_step_free(&evaluation);
  bt_state_free(&s);
  for (size_t i = 0; i < place.count; i++) {
    free(place.held[i]);
  }
}

static void expect_equal(bt_engine *(*make)(const bt_machine *)) {
  static const char *const nets[] = {SMALL_MLP, SMALL_DEEP};
  static const int bytes[] = {0, 0x5a, 0xff};
  for (size_t n = 0; n < 2; n++) {
    job *j = job_open(nets[n], 2, 1);
    bt_engine *engine = make(&j->machine);
    char want[65], got[65];
    trained(j, engine, -1, want);
    for (size_t b = 0; b < sizeof bytes / sizeof *bytes; b++) {
      trained(j, engine, bytes[b], got);
      if (strcmp(got, want) != 0) {
        fail_msg("engine %s, net %zu: an arena of bytes %02x gives another digest", engine->name,
                 n, (unsigned)bytes[b]);
      }
    }
    engine->destroy(engine);
    job_close(j);
  }
}

static bt_engine *two_threads(const bt_machine *machine) { return bt_fast_engine(machine, 2); }

static void test_ref(void **state) {
  (void)state;
  expect_equal(bt_ref_engine);
}

static void test_fast(void **state) {
  (void)state;
  expect_equal(two_threads);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ref), cmocka_unit_test(test_fast)};
  return scratch_report("test_arena_run", cmocka_run_group_tests(tests, NULL, NULL));
}
