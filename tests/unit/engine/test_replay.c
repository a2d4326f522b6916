/* Replay files: a command of every kind comes back and gives the same bits; damaged and foreign
 * files do not. */
#include "engine/replay.h"
#include "io/checkpoint.h"
#include "unit/engine/step.h"

static void same_tensor(const bt_tensor *a, const bt_tensor *b, const char *label) {
  size_t n = bt_tensor_elements(a);
  if (!bt_tensor_same_shape(a, b) || a->bits != b->bits ||
      memcmp(a->data, b->data, n * bt_tensor_element_size(a)) != 0 ||
      memcmp(a->exp, b->exp, bt_tensor_exponents(a) * sizeof *a->exp) != 0) {
    fail_msg("%s: output %s differs after a replay", label, a->name);
  }
}

static void same_sums(const bt_command *a, const bt_command *b, const bt_loss *before) {
  if (a->op == BT_OP_SOFTMAX) {
    assert_int_equal(b->u.softmax.loss->loss_bits,
                     a->u.softmax.loss->loss_bits - before->loss_bits);
    assert_int_equal(b->u.softmax.loss->rows, STEP_BATCH);
  }
  if (a->op == BT_OP_AVERAGE) {
    const bt_average *x = a->u.average.average, *y = b->u.average.average;
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->sum, y->sum, bt_tensor_elements(a->in[0]) * sizeof *x->sum);
    assert_memory_equal(x->emin, y->emin, bt_tensor_exponents(a->in[0]) * sizeof *x->emin);
  }
}

/* Writes each command before it runs, reads it back, runs both. */
static unsigned replay_all(every_command *e, const bt_program *p, bt_engine *ref) {
  unsigned kinds = 0;
  bt_error error = {""};
  bt_counts counts = {0};
  const char *path = scratch_path(&e->j->s, "one.replay");
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    bt_replay r;
    bt_loss loss = e->loss;
    MUST(bt_replay_write(path, c, &e->j->machine, &e->rng, &error));
    MUST(bt_replay_read(path, &r, &error));
    assert_string_equal(r.command.label.text, c->label.text);
    assert_int_equal(r.command.label.step, c->label.step);
    assert_int_equal(r.command.label.phase, c->label.phase);
    assert_memory_equal(&r.rng, &e->rng, sizeof r.rng);
    assert_string_equal(r.machine.name, e->j->machine.name);
    for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
      assert_true((c->in[k] == NULL) == (r.command.in[k] == NULL));
      if (c->in[k] != NULL) {
        same_tensor(c->in[k], r.command.in[k], c->label.text);
        assert_string_equal(c->in[k]->name, r.command.in[k]->name);
      }
    }
    MUST(ref->run(ref, c, &e->rng, &counts, &error));
    MUST(ref->run(ref, &r.command, &r.rng, &counts, &error));
    assert_memory_equal(&r.rng, &e->rng, sizeof r.rng);
    for (int o = 0; o < 2; o++) {
      assert_true((c->out[o] == NULL) == (r.command.out[o] == NULL));
      if (c->out[o] != NULL) {
        same_tensor(c->out[o], r.command.out[o], c->label.text);
      }
    }
    same_sums(c, &r.command, &loss);
    bt_replay_free(&r);
    kinds |= 1u << c->op;
  }
  return kinds;
}

static void test_every_kind(void **state) {
  (void)state;
  every_command *e = every_command_open();
  bt_engine *ref = bt_ref_engine(&e->j->machine);
  unsigned kinds = replay_all(e, e->step.program, ref);
  kinds |= replay_all(e, e->averaging, ref);
  kinds |= replay_all(e, e->averaging, ref); /* on sums that are not empty */
  assert_int_equal(kinds, (1u << (BT_OP_AVERAGE + 1)) - 1);
  ref->destroy(ref);
  every_command_close(e);
}

static void refuse(job *j, const uint8_t *data, size_t size, size_t place) {
  bt_replay r;
  bt_error error = {""};
  bt_status s = bt_replay_read(scratch_write(&j->s, "bad.replay", data, size), &r, &error);
  bt_replay_free(&r);
  if (s != BT_BAD_INPUT || strstr(error.text, "bad.replay") == NULL ||
      strchr(error.text, '\n') != NULL) {
    fail_msg("at %zu: status %d, '%s'", place, (int)s, error.text);
  }
}

static void test_damaged(void **state) {
  (void)state;
  every_command *e = every_command_open();
  bt_error error = {""};
  const char *path = scratch_path(&e->j->s, "one.replay");
  MUST(bt_replay_write(path, job_command(e->step.program, "fc2 forward"), &e->j->machine, &e->rng,
                       &error));
  uint8_t data[65536];
  FILE *f = fopen(path, "rb");
  size_t size = fread(data, 1, sizeof data, f);
  fclose(f);
  assert_true(size > 1000 && size < sizeof data);
  for (size_t cut = 0; cut < size; cut += 37) {
    refuse(e->j, data, cut, cut);
  }
  for (size_t i = 0; i < size; i += 41) {
    data[i] ^= (uint8_t)(1u << i % 8);
    refuse(e->j, data, size, i);
    data[i] ^= (uint8_t)(1u << i % 8);
  }
  every_command_close(e);
}

static bt_status read_foreign(job *j, bt_error *error) {
  bt_replay r;
  bt_status s = bt_replay_read(scratch_path(&j->s, "foreign"), &r, error);
  bt_replay_free(&r);
  return s;
}

/* Whole files of another kind: a run's checkpoint, a text, a section of another build's size. */
static void test_foreign(void **state) {
  (void)state;
  job *j = job_open(SMALL_MLP, 1, 1);
  bt_state run;
  bt_error error = {""};
  bt_checkpoint_writer *w;
  MUST(bt_state_start(&j->recipe, &j->machine, &run, &error));
  MUST(bt_state_save(&run, scratch_path(&j->s, "foreign"), &error));
  bt_state_free(&run);
  assert_refused(read_foreign(j, &error), BT_BAD_INPUT, &error, "foreign", "command", NULL);
  scratch_text(&j->s, "foreign", "name: no replay\n");
  assert_refused(read_foreign(j, &error), BT_BAD_INPUT, &error, "foreign", NULL);
  MUST(bt_checkpoint_create(scratch_path(&j->s, "foreign"), &w, &error));
  MUST(bt_checkpoint_put(w, "command", "0.0.9", 5, &error));
  MUST(bt_checkpoint_commit(w, &error));
  assert_refused(read_foreign(j, &error), BT_BAD_INPUT, &error, "foreign", "command", NULL);
  unlink(scratch_path(&j->s, "foreign"));
  assert_refused(read_foreign(j, &error), BT_BAD_INPUT, &error, "foreign", NULL);
  job_close(j);
}

static void test_cannot_be_written(void **state) {
  (void)state;
  every_command *e = every_command_open();
  bt_error error = {""};
  assert_refused(bt_replay_write("/nowhere/at/all/x.replay", bt_program_at(e->step.program, 0),
                                 &e->j->machine, &e->rng, &error),
                 BT_BAD_INPUT, &error, "/nowhere/at/all", NULL);
  every_command_close(e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind), cmocka_unit_test(test_damaged),
      cmocka_unit_test(test_foreign),    cmocka_unit_test(test_cannot_be_written),
  };
  return scratch_report("test_replay", cmocka_run_group_tests(tests, NULL, NULL));
}
