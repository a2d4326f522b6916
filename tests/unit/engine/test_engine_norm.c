/* Lockstep and replay of batch norm's commands: statistics are added to once by each engine, every
 * part of them is compared, and a replay starts from what they were. */
#include "cmd/statistics.h"
#include "engine/lockstep.h"
#include "engine/replay.h"
#include "ref/ref.h"
#include "unit/io/scratch.h"

enum { CHANNELS = 3, ROWS = 4 };

#define MUST(call) must((call), &error, #call)
static void must(bt_status status, const bt_error *error, const char *what) {
  if (status != BT_OK) {
    fail_msg("%s: status %d: %s", what, (int)status, error->text);
  }
}

/* A layer's tensors, and commands on them. */
typedef struct {
  bt_tensor x, s1, s2, gamma, beta, a, b, y;
  bt_statistics statistics;
  bt_command moments, add, norm, affine;
  bt_machine machine;
  bt_lfsr rng;
  bt_engine *ref;
} layer;

static bt_tensor make(bt_tensor t) {
  assert_true(bt_tensor_alloc(&t));
  return t;
}

static layer *layer_open(void) {
  const size_t dim[] = {ROWS, CHANNELS};
  const bt_format f = {.wl = 8};
  layer *l = calloc(1, sizeof *l);
  assert_non_null(l);
  l->machine = bt_machine_default();
  l->ref = bt_ref_engine(&l->machine);
  l->rng = (bt_lfsr){.lane = {1}, .lanes = 1};
  l->x = make(bt_tensor_bfp("x", f, 2, dim));
  memcpy(l->x.data, (const int8_t[]){1, -7, 100, 3, 20, 90, 5, 5, -3, 64, 2, 1}, ROWS * CHANNELS);
  l->x.exp[0] = 0;
  l->s1 = make(bt_tensor_sums("S1", CHANNELS));
  l->s2 = make(bt_tensor_sums("S2", CHANNELS));
  l->gamma = make(bt_tensor_bfp("gamma", f, 1, &dim[1]));
  memcpy(l->gamma.data, (const int8_t[]){64, 77, -30}, CHANNELS);
  l->gamma.exp[0] = 0;
  l->beta = make(bt_tensor_bfp("beta", f, 1, &dim[1]));
  l->a = make(bt_tensor_constants("a", CHANNELS));
  l->b = make(bt_tensor_constants("b", CHANNELS));
  l->y = make(bt_tensor_wide("y", 2, dim, false, false));
  assert_true(bt_statistics_alloc(&l->statistics, CHANNELS));
  l->moments = (bt_command){.op = BT_OP_REDUCE, .label = {.text = "bn1 moments"}, .in = {&l->x},
                            .out = {&l->s1, &l->s2}};
  l->moments.u.reduce.kind = BT_MOMENTS;
  l->add = (bt_command){.op = BT_OP_STATISTICS, .label = {.text = "bn1 statistics"},
                        .in = {&l->s1, &l->s2}};
  l->add.u.statistics.rows = ROWS;
  l->add.u.statistics.statistics = &l->statistics;
  l->norm = (bt_command){.op = BT_OP_NORM, .label = {.text = "bn1 norm"},
                         .in = {NULL, NULL, &l->gamma, &l->beta}, .out = {&l->a, &l->b}};
  l->norm.u.norm.statistics = &l->statistics;
  l->norm.u.norm.eps = (bt_constant){1 << 30, -40};
  l->affine = (bt_command){.op = BT_OP_AFFINE, .label = {.text = "bn1 affine"}, .in = {&l->x},
                           .out = {&l->y}};
  l->affine.u.affine.terms = 1;
  l->affine.in[BT_IN_CONSTANTS] = &l->a;
  l->affine.in[BT_IN_ADDEND] = &l->b;
  return l;
}

static void layer_close(layer *l) {
  bt_tensor *all[] = {&l->x, &l->s1, &l->s2, &l->gamma, &l->beta, &l->a, &l->b, &l->y};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    bt_tensor_free(all[i]);
  }
  bt_statistics_free(&l->statistics);
  l->ref->destroy(l->ref);
  free(l);
}

/* The reference engine, but for one wrong thing. */
typedef enum { SOUND, FIRST, SECOND, STEP, ROWS_DONE, SUM, CONSTANT } trick;

typedef struct {
  bt_engine base;
  bt_engine *ref;
  trick what;
} liar;

static bool covers(const bt_engine *engine, const bt_command *c) {
  (void)engine;
  (void)c;
  return true;
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  liar *l = (liar *)engine;
  bt_status status = l->ref->run(l->ref, c, rng, counts, error);
  if (c->op == BT_OP_STATISTICS) {
    bt_statistics *s = c->u.statistics.statistics;
    s->first[1] += l->what == FIRST;
    s->second[2] -= l->what == SECOND;
    s->second_step += l->what == STEP;
    s->rows += l->what == ROWS_DONE;
  }
  if (c->op == BT_OP_REDUCE && l->what == SUM) {
    ((int64_t *)c->out[1]->data)[2] += INT64_C(1) << 40;
  }
  if (c->op == BT_OP_AFFINE && l->what == CONSTANT) {
    ((int32_t *)c->out[0]->data)[7] ^= 1;
  }
  return status;
}

/* What `keep` saw: the statistics before the command. */
typedef struct {
  uint64_t rows;
  __int128 first;
} kept;

static const char *keep(void *context, const bt_command *c, const bt_lfsr *before) {
  (void)before;
  const bt_statistics *s = bt_command_statistics(c);
  if (s != NULL) {
    *(kept *)context = (kept){s->rows, s->first[1]};
  }
  return NULL;
}

/* Runs all commands twice in lockstep; the text of the difference must hold `part`. */
static void run_all(trick what, const char *part) {
  layer *l = layer_open();
  liar second = {.base = {.name = "liar", .covers = covers, .run = run}, .ref = l->ref,
                 .what = what};
  kept before = {99, 99};
  bt_lockstep lock = {.first = l->ref, .second = &second.base, .keep = keep, .context = &before};
  const bt_command *all[] = {&l->moments, &l->add, &l->norm, &l->affine};
  bt_error error = {""};
  bt_status status = BT_OK;
  for (size_t i = 0; status == BT_OK && i < 8; i++) {
    status = bt_lockstep_command(&lock, all[i % 4], &l->rng, &error);
  }
  if (what == SOUND) {
    MUST(status);
    assert_int_equal(l->statistics.rows, 2 * ROWS); /* the first engine's, once */
    assert_true(l->statistics.first[0] == 2 * (1 + 3 + 5 + 64));
    assert_int_equal(lock.counts.commands_covered, 8);
  } else {
    assert_int_equal(status, BT_MISMATCH);
    if (strstr(lock.difference.text, part) == NULL) {
      fail_msg("the report does not say '%s':\n%s", part, lock.difference.text);
    }
    assert_true(what > ROWS_DONE || (before.rows == 0 && before.first == 0));
  }
  layer_close(l);
}

static void test_lockstep(void **state) {
  (void)state;
  run_all(SOUND, "");
  run_all(FIRST, "differs   channel 1\n  first     A1 0x00000000000000000000000000000014 at step "
                 "2^-6, A2 0x");
  run_all(FIRST, "second    A1 0x00000000000000000000000000000015 at step 2^-6");
  run_all(SECOND, "differs   channel 2\n");
  run_all(STEP, "differs   exponent or rows");
  run_all(ROWS_DONE, "5 rows");
  run_all(SUM, "differs   mantissa 2 of output 1, tensor S2 at [2]");
  run_all(CONSTANT, "differs   mantissa 7 of output 0, tensor y at [2][1]");
  /* element 7 is in channel 1: the constants are those of it */
  run_all(CONSTANT, "operand   a: mantissa ");
}

/* Each command written, run, read back and run: the same bits. */
static void replay(layer *l, scratch *s, const bt_command *c) {
  bt_replay r;
  bt_error error = {""};
  bt_counts counts = {0};
  const char *path = scratch_path(s, "one.replay");
  MUST(bt_replay_write(path, c, &l->machine, &l->rng, &error));
  MUST(l->ref->run(l->ref, c, &l->rng, &counts, &error));
  MUST(bt_replay_read(path, &r, &error));
  assert_true(bt_command_statistics(c) == NULL || bt_command_statistics(&r.command) != NULL);
  assert_true(bt_command_statistics(&r.command) != &l->statistics);
  MUST(l->ref->run(l->ref, &r.command, &r.rng, &counts, &error));
  for (size_t o = 0; o < BT_MAX_OUTPUTS; o++) {
    assert_true((c->out[o] == NULL) == (r.command.out[o] == NULL));
    if (c->out[o] != NULL) {
      const bt_tensor *t = c->out[o], *u = r.command.out[o];
      assert_memory_equal(t->data, u->data, bt_tensor_elements(t) * bt_tensor_element_size(t));
      assert_memory_equal(t->exp, u->exp, bt_tensor_exponents(t) * sizeof *t->exp);
    }
  }
  if (bt_command_statistics(c) != NULL) {
    assert_true(bt_statistics_equal(bt_command_statistics(c), bt_command_statistics(&r.command)));
  }
  bt_replay_free(&r);
}

static void test_replay(void **state) {
  (void)state;
  scratch s = scratch_open();
  layer *l = layer_open();
  for (int i = 0; i < 2; i++) {
    replay(l, &s, &l->moments);
    replay(l, &s, &l->add);
    replay(l, &s, &l->norm);
    replay(l, &s, &l->affine);
  }
  assert_int_equal(l->statistics.rows, 2 * ROWS);
  bt_command by_sums = l->norm; /* without statistics */
  by_sums.in[0] = &l->s1;
  by_sums.in[1] = &l->s2;
  by_sums.u.norm.statistics = NULL;
  by_sums.u.norm.rows = ROWS;
  replay(l, &s, &by_sums);
  layer_close(l);
  scratch_close(&s);
}

/* Without any batch there is nothing to normalise by. */
static void test_no_batch(void **state) {
  (void)state;
  layer *l = layer_open();
  bt_counts counts = {0};
  bt_error error = {""};
  assert_int_equal(l->ref->run(l->ref, &l->norm, &l->rng, &counts, &error), BT_FAILED);
  assert_non_null(strstr(error.text, "bn1 norm: no statistics"));
  layer_close(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lockstep),
                                     cmocka_unit_test(test_replay),
                                     cmocka_unit_test(test_no_batch)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
