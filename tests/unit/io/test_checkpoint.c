/* Checkpoints: round trips; every cut and every flipped bit is noticed. */
#include "io/checkpoint.h"
#include "io/digest.h"
#include "io/file.h"
#include "unit/io/scratch.h"

static const char long_data[] = "seventeen bytes.";
#define LONG_SIZE sizeof long_data

static void write_sample(const char *path) {
  bt_error error;
  bt_checkpoint_writer *w;
  const int64_t step = 7;
  assert_int_equal(bt_checkpoint_create(path, &w, &error), BT_OK);
  assert_int_equal(bt_checkpoint_put(w, "step", &step, sizeof step, &error), BT_OK);
  assert_int_equal(bt_checkpoint_put(w, "a name of more than 16", long_data, LONG_SIZE, &error),
                   BT_OK);
  assert_int_equal(bt_checkpoint_put(w, "none", NULL, 0, &error), BT_OK);
  assert_int_equal(bt_checkpoint_commit(w, &error), BT_OK);
}

static void test_round_trip(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_checkpoint *c;
  const void *data;
  size_t size = 1;
  write_sample(scratch_path(&s, "c"));
  assert_int_equal(scratch_count(&s), 1);
  assert_int_equal(bt_checkpoint_open(s.path, 0, &c, &error), BT_OK);
  assert_int_equal(bt_checkpoint_get(c, "step", 8, &data, &error), BT_OK);
  assert_int_equal(*(const int64_t *)data, 7);
  assert_int_equal(bt_checkpoint_get(c, "a name of more than 16", LONG_SIZE, &data, &error), BT_OK);
  assert_memory_equal(data, long_data, LONG_SIZE);
  assert_int_equal((uintptr_t)data % 16, 0);
  assert_int_equal(bt_checkpoint_find(c, "none", &data, &size, &error), BT_OK);
  assert_int_equal(size, 0);
  assert_true(bt_checkpoint_has(c, "none"));
  assert_false(bt_checkpoint_has(c, "non"));
  assert_refused(bt_checkpoint_get(c, "stop", 8, &data, &error), BT_BAD_INPUT, &error, s.path,
                 "no section 'stop'", NULL);
  assert_refused(bt_checkpoint_get(c, "step", 4, &data, &error), BT_BAD_INPUT, &error, s.path,
                 "section 'step' has 8 bytes, expected 4", NULL);
  bt_checkpoint_close(c);
  scratch_close(&s);
}

static void test_damage(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_checkpoint *c;
  uint8_t *whole;
  size_t size;
  write_sample(scratch_path(&s, "c"));
  assert_int_equal(bt_file_read(s.path, 4096, &whole, &size, &error), BT_OK);
  for (size_t cut = 0; cut < size; cut++) {
    scratch_write(&s, "cut", whole, cut);
    assert_refused(bt_checkpoint_open(s.path, 0, &c, &error), BT_BAD_INPUT, &error, "cut: offset ",
                   "expected", NULL);
    assert_null(c);
  }
  for (size_t bit = 0; bit < 8 * size; bit++) {
    whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
    scratch_write(&s, "flip", whole, size);
    assert_refused(bt_checkpoint_open(s.path, 0, &c, &error), BT_BAD_INPUT, &error, "flip: offset ",
                   "expected", NULL);
    whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  whole = realloc(whole, size + 1);
  whole[size] = 0;
  scratch_write(&s, "long", whole, size + 1);
  assert_refused(bt_checkpoint_open(s.path, 0, &c, &error), BT_BAD_INPUT, &error, "long: offset ",
                 NULL);
  scratch_write(&s, "whole", whole, size);
  assert_refused(bt_checkpoint_open(s.path, size - 1, &c, &error), BT_BAD_INPUT, &error, "larger",
                 NULL);
  assert_int_equal(bt_checkpoint_open(s.path, size, &c, &error), BT_OK);
  bt_checkpoint_close(c);
  free(whole);
  scratch_close(&s);
}

/* A newer file is named as one, also where its checksum is right. */
static void test_newer(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_checkpoint *c;
  uint8_t *whole;
  size_t size;
  write_sample(scratch_path(&s, "c"));
  assert_int_equal(bt_file_read(s.path, 4096, &whole, &size, &error), BT_OK);
  whole[8] = 2;
  bt_digest *d = bt_digest_start();
  bt_digest_add(d, whole, size - 32);
  assert_int_equal(bt_digest_finish_bytes(d, whole + size - 32, &error), BT_OK);
  scratch_write(&s, "c", whole, size);
  assert_refused(bt_checkpoint_open(s.path, 0, &c, &error), BT_BAD_INPUT, &error,
                 "offset 8: version 2, expected 1", NULL);
  scratch_text(&s, "c",
               "foreign text that is long enough to be one of these files, in bytes at least");
  assert_refused(bt_checkpoint_open(s.path, 0, &c, &error), BT_BAD_INPUT, &error,
                 "offset 0: not a bittrue checkpoint", NULL);
  free(whole);
  scratch_close(&s);
}

static void test_writer_refuses(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_checkpoint_writer *w;
  scratch_text(&s, "c", "old");
  assert_int_equal(bt_checkpoint_create(s.path, &w, &error), BT_OK);
  assert_int_equal(bt_checkpoint_put(w, "a", "x", 1, &error), BT_OK);
  assert_refused(bt_checkpoint_put(w, "a", "y", 1, &error), BT_BAD_INPUT, &error,
                 "'a' is put twice", NULL);
  assert_refused(bt_checkpoint_put(w, "b", "y", 1, &error), BT_BAD_INPUT, &error, "put twice",
                 NULL);
  assert_refused(bt_checkpoint_commit(w, &error), BT_BAD_INPUT, &error, "put twice", NULL);
  assert_int_equal(scratch_count(&s), 1);
  assert_int_equal(bt_checkpoint_create(s.path, &w, &error), BT_OK);
  assert_refused(bt_checkpoint_put(w, "", "y", 1, &error), BT_BAD_INPUT, &error, "section name",
                 NULL);
  bt_checkpoint_abandon(w);
  assert_refused(bt_checkpoint_create(s.directory, &w, &error), BT_BAD_INPUT, &error, "directory",
                 NULL);
  assert_null(w);
  uint8_t *data;
  size_t size;
  assert_int_equal(bt_file_read(s.path, 10, &data, &size, &error), BT_OK);
  assert_string_equal((char *)data, "old");
  free(data);
  scratch_close(&s);
}

static void test_full_disk(void **state) {
  (void)state;
  bt_error error;
  bt_checkpoint_writer *w;
  uint8_t *data = calloc(1, 100000);
  assert_int_equal(bt_checkpoint_create("/dev/full", &w, &error), BT_OK);
  assert_refused(bt_checkpoint_put(w, "a", data, 100000, &error), BT_BAD_INPUT, &error,
                 "/dev/full: cannot be written: No space left", NULL);
  assert_refused(bt_checkpoint_commit(w, &error), BT_BAD_INPUT, &error, "No space left", NULL);
  assert_int_equal(bt_checkpoint_create("/dev/full", &w, &error), BT_OK);
  assert_refused(bt_checkpoint_commit(w, &error), BT_BAD_INPUT, &error, "No space left", NULL);
  free(data);
}

/* FIPS 180-4's examples. */
static void test_digest(void **state) {
  (void)state;
  char hex[BT_DIGEST_HEX];
  bt_error error;
  bt_digest *d = bt_digest_start();
  bt_digest_add(d, "a", 1);
  bt_digest_add(d, NULL, 0);
  bt_digest_add(d, "bc", 2);
  assert_int_equal(bt_digest_finish(d, hex, &error), BT_OK);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_int_equal(bt_digest_finish(bt_digest_start(), hex, &error), BT_OK);
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_damage),
      cmocka_unit_test(test_newer),          cmocka_unit_test(test_writer_refuses),
      cmocka_unit_test(test_full_disk),      cmocka_unit_test(test_digest),
  };
  return scratch_report("test_checkpoint", cmocka_run_group_tests(tests, NULL, NULL));
}
