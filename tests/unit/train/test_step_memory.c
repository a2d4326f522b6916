/* Once an epoch's first step and its short last batch have been seen, steps allocate nothing. */
#include <stdatomic.h>

#include "fast/fast.h"
#include "support/job.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static atomic_uint requests; /* by every thread */

void *__wrap_malloc(size_t size) {
  atomic_fetch_add(&requests, 1);
  return __real_malloc(size);
}
void *__wrap_calloc(size_t count, size_t size) {
  atomic_fetch_add(&requests, 1);
  return __real_calloc(count, size);
}
void *__wrap_realloc(void *p, size_t size) {
  atomic_fetch_add(&requests, 1);
  return __real_realloc(p, size);
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  atomic_fetch_add(&requests, 1);
  return __real_aligned_alloc(alignment, size);
}

#define STEPS 7u

/* Requests that had been made when each step of the second epoch ended. */
typedef struct {
  unsigned at[STEPS];
} record;

static void note(void *context, const bt_progress *p) {
  record *r = context;
  if (p->state->epoch == 2 && !p->epoch_done) {
    r->at[p->state->step - 1] = atomic_load(&requests);
  }
}

static void expect_none(bt_engine *(*make)(const bt_machine *), const char *layers) {
  job *j = job_open(layers, 2, 1);
  bt_engine *engine = make(&j->machine);
  record r = {{0}};
  bt_state run;
  bt_error error = {""};
  bt_memory memory;
  bt_train_options o = {.engine = engine, .data = &j->data, .progress = note, .context = &r,
                        .memory = &memory};
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_train(&run, &o, &error));
  assert_true(r.at[0] > 0);
  for (size_t i = 1; i < STEPS; i++) {
    if (r.at[i] != r.at[0]) {
      fail_msg("engine %s: step %zu allocates %u times, expected none", engine->name, i,
               r.at[i] - r.at[i - 1]);
    }
  }
  assert_int_equal(memory.data, 310 * 65);
  assert_true(memory.model > 0 && memory.programs > 0 && memory.pipeline >= 2 * 32 * 65);
  assert_int_equal(bt_memory_planned(&memory), memory.data + memory.model + memory.programs +
                                                   memory.engine + memory.pipeline);
  assert_true(bt_memory_peak() > bt_memory_planned(&memory));
  bt_state_free(&run);
  engine->destroy(engine);
  job_close(j);
}

static bt_engine *two_threads(const bt_machine *machine) { return bt_fast_engine(machine, 2); }

static void test_fast(void **state) {
  (void)state;
  expect_none(two_threads, SMALL_MLP);
  expect_none(two_threads, SMALL_DEEP);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_fast)};
  return scratch_report("test_step_memory", cmocka_run_group_tests(tests, NULL, NULL));
}
