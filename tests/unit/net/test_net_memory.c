/* Memory that runs out at the n-th request, for every n: an error in one line, nothing leaked. */
#include "net/lower.h"
#include "unit/io/scratch.h"

#define MOST 8192

static struct {
  size_t until;       /* requests that still succeed */
  bool counting;
  void *live[MOST];   /* blocks that are held */
  size_t held;
} memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *p);

static bool refused(void) {
  if (!memory.counting) {
    return false;
  }
  if (memory.until == 0) {
    return true;
  }
  memory.until--;
  return false;
}

static void *hold(void *p) {
  if (memory.counting && p != NULL && memory.held < MOST) {
    memory.live[memory.held++] = p;
  }
  return p;
}

static void release(void *p) {
  for (size_t i = 0; i < memory.held; i++) {
    if (memory.live[i] == p) {
      memory.live[i] = memory.live[--memory.held];
      return;
    }
  }
}

void *__wrap_malloc(size_t size) { return refused() ? NULL : hold(__real_malloc(size)); }
void *__wrap_calloc(size_t count, size_t size) {
  return refused() ? NULL : hold(__real_calloc(count, size));
}
void *__wrap_realloc(void *p, size_t size) {
  if (refused()) {
    return NULL;
  }
  release(p);
  return hold(__real_realloc(p, size));
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return refused() ? NULL : hold(__real_aligned_alloc(alignment, size));
}
void __wrap_free(void *p) {
  release(p);
  __real_free(p);
}

static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
static const bt_format whole = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};

typedef struct {
  bt_net net;
  bt_model *model; /* with an average, where it is not the one under test */
  bt_lowering how;
} fixture;

/* Every kind of layer. */
static fixture open_fixture(void) {
  fixture f;
  bt_error error;
  scratch s = scratch_open();
  const char *path = scratch_text(&s, "net.yaml",
      "name: n\ninput: {height: 8, width: 8, channels: 1}\nclasses: 3\nlayers:\n"
      "  - {conv: c1, out: 2, kernel: 3, relu: true}\n  - {pool: p, kernel: 2}\n"
      "  - {dropout: d, p: 0.5}\n  - {conv: c2, out: 2, kernel: 2, relu: true}\n"
      "  - {fc: f, out: 3}\n");
  assert_int_equal(bt_net_load(path, &f.net, &error), BT_OK);
  scratch_close(&s);
  f.how = (bt_lowering){.mean = {{1, 2}}, .std = {{1, 2}}, .rate = {1, 20}, .momentum = {9, 10},
                        .weight_decay = {1, 2000}, .a = whole, .g = dim0, .e = whole,
                        .round = {.mode = BT_STOCHASTIC, .random_bits = 16}, .seed = 1};
  return f;
}

static void open_model(fixture *f) {
  bt_error error;
  assert_int_equal(bt_model_new(&f->net, dim0, dim0, 1, &f->model, &error), BT_OK);
  for (size_t p = 0; p < f->net.parameters; p++) {
    f->model->average[p].count = 1;
  }
}

static bt_status make_model(fixture *f, bt_error *error) {
  bt_model *m;
  bt_status s = bt_model_new(&f->net, dim0, dim0, 1, &m, error);
  bt_model_free(m);
  return s;
}

static bt_status lower_training(fixture *f, bt_error *error) {
  bt_loss loss;
  bt_step step;
  bt_status s = bt_lower_training(&f->how, f->model, 2, &loss, &step, error);
  if (s == BT_OK) {
    bt_step_free(&step);
  }
  return s;
}

static bt_status lower_evaluation(fixture *f, bt_error *error) {
  bt_loss loss;
  bt_step step;
  bt_evaluated of = {&f->net, f->model->w, NULL};
  bt_status s = bt_lower_evaluation(&f->how, &of, 2, &loss, &step, error);
  if (s == BT_OK) {
    bt_step_free(&step);
  }
  return s;
}

static bt_status lower_averaging(fixture *f, bt_error *error) {
  bt_program *p;
  bt_status s = bt_lower_averaging(f->model, &p, error);
  bt_program_free(p);
  return s;
}

static bt_status average(fixture *f, bt_error *error) {
  bt_tensor *weights[BT_MAX_PARAMETERS] = {NULL};
  bt_status s = bt_model_average(f->model, 15, weights, error);
  bt_weights_free(weights);
  return s;
}

static void starve(const char *name, bt_status (*make)(fixture *, bt_error *), fixture *f,
                   size_t least) {
  bt_status status = BT_FAILED;
  size_t n = 0;
  for (; status == BT_FAILED && n < MOST; n++) {
    bt_error error = {""};
    memory.until = n;
    memory.held = 0;
    memory.counting = true;
    status = make(f, &error);
    memory.counting = false;
    if (memory.held != 0) {
      fail_msg("%s, request %zu refused: %zu blocks leaked", name, n, memory.held);
    }
    if (status != BT_OK) {
      assert_refused(status, BT_FAILED, &error, "out of memory", NULL);
    }
  }
  assert_int_equal(status, BT_OK);
  if (n - 1 < least) {
    fail_msg("%s: %zu requests, expected at least %zu", name, n - 1, least);
  }
}

static void test_model(void **state) {
  (void)state;
  fixture f = open_fixture();
  starve("model", make_model, &f, 6 * (2 * 3 + 2)); /* two tensors of three, two sums */
  open_model(&f);
  starve("average", average, &f, 6 * 3);
  bt_model_free(f.model);
}

static void test_lowering(void **state) {
  (void)state;
  fixture f = open_fixture();
  open_model(&f);
  starve("training", lower_training, &f, 130);
  starve("evaluation", lower_evaluation, &f, 40);
  starve("averaging", lower_averaging, &f, 6);
  bt_model_free(f.model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_model), cmocka_unit_test(test_lowering)};
  return scratch_report("test_net_memory", cmocka_run_group_tests(tests, NULL, NULL));
}
