/* Writing whole files, with a disk that fills up at every place where it can (linker --wrap). */
#include <errno.h>
#include <sys/stat.h>

#include "io/file.h"
#include "unit/io/scratch.h"

/* The call that fails next, counted down; 0 is none. A test program may keep such state. */
static struct {
  int fwrite, fflush, fsync, rename;
} fault;

static bool strikes(int *countdown) {
  if (*countdown == 0 || --*countdown > 0) {
    return false;
  }
  errno = ENOSPC;
  return true;
}

size_t __real_fwrite(const void *p, size_t size, size_t n, FILE *f);
size_t __wrap_fwrite(const void *p, size_t size, size_t n, FILE *f);
size_t __wrap_fwrite(const void *p, size_t size, size_t n, FILE *f) {
  return strikes(&fault.fwrite) ? 0 : __real_fwrite(p, size, n, f);
}

int __real_fflush(FILE *f);
int __wrap_fflush(FILE *f);
int __wrap_fflush(FILE *f) {
  return f != stdout && strikes(&fault.fflush) ? EOF : __real_fflush(f);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) { return strikes(&fault.fsync) ? -1 : __real_fsync(fd); }

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  return strikes(&fault.rename) ? -1 : __real_rename(from, to);
}

static void expect_content(const char *path, const char *want) {
  char text[64] = "";
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  assert_string_equal(text, want);
}

static void test_replaces(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  scratch_text(&s, "out", "old");
  assert_int_equal(bt_file_write_text(s.path, "new text", &error), BT_OK);
  expect_content(s.path, "new text");
  assert_int_equal(scratch_count(&s), 1);
  struct stat st;
  mode_t mask = umask(0);
  umask(mask);
  assert_int_equal(bt_file_write_text(scratch_path(&s, "fresh"), "x", &error), BT_OK);
  assert_int_equal(stat(s.path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
  scratch_close(&s);
}

static void test_link_stays(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  char target[600];
  snprintf(target, sizeof target, "%s", scratch_text(&s, "target", "old"));
  assert_int_equal(symlink(target, scratch_path(&s, "link")), 0);
  assert_int_equal(bt_file_write_text(s.path, "new", &error), BT_OK);
  struct stat st;
  assert_int_equal(lstat(s.path, &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  expect_content(target, "new");
  scratch_close(&s);
}

static void test_faults(void **state) {
  (void)state;
  int *const where[] = {&fault.fwrite, &fault.fflush, &fault.fsync, &fault.rename};
  for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
    scratch s = scratch_open();
    bt_error error;
    scratch_text(&s, "out", "old");
    *where[i] = 1;
    assert_refused(bt_file_write_text(s.path, "new", &error), BT_BAD_INPUT, &error, s.path,
                   "No space left on device", NULL);
    expect_content(s.path, "old");
    assert_int_equal(scratch_count(&s), 1);
    scratch_close(&s);
  }
}

/* All or none: a fault in the second file leaves the first one's place alone. */
static void test_faults_of_several(void **state) {
  (void)state;
  for (int sync = 1; sync <= 2; sync++) {
    scratch s = scratch_open();
    bt_error error;
    bt_file a, b, none = {0};
    bt_file *const all[] = {&a, &none, &b};
    char path_a[600];
    snprintf(path_a, sizeof path_a, "%s", scratch_text(&s, "a", "old a"));
    scratch_text(&s, "b", "old b");
    assert_int_equal(bt_file_create(&a, path_a, &error), BT_OK);
    assert_int_equal(bt_file_create(&b, s.path, &error), BT_OK);
    assert_int_equal(bt_file_put(&a, "1", 1, &error), BT_OK);
    assert_int_equal(bt_file_put(&b, "2", 1, &error), BT_OK);
    fault.fsync = sync;
    assert_refused(bt_file_commit_all(all, 3, &error), BT_BAD_INPUT, &error, "No space", NULL);
    expect_content(path_a, "old a");
    expect_content(s.path, "old b");
    assert_int_equal(scratch_count(&s), 2);
    scratch_close(&s);
  }
}

static void test_several(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_file a, b;
  bt_file *const all[] = {&a, &b};
  assert_int_equal(bt_file_create(&a, scratch_path(&s, "a"), &error), BT_OK);
  assert_int_equal(bt_file_create(&b, scratch_path(&s, "./a"), &error), BT_OK);
  assert_refused(bt_file_commit_all(all, 2, &error), BT_BAD_INPUT, &error, "named for two outputs",
                 NULL);
  assert_int_equal(scratch_count(&s), 0);
  assert_int_equal(bt_file_create(&a, scratch_path(&s, "a"), &error), BT_OK);
  assert_int_equal(bt_file_create(&b, scratch_path(&s, "b"), &error), BT_OK);
  assert_int_equal(bt_file_commit_all(all, 2, &error), BT_OK);
  assert_int_equal(scratch_count(&s), 2);
  scratch_close(&s);
}

static void test_early_stream_error(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_file f;
  scratch_text(&s, "out", "old");
  assert_int_equal(bt_file_create(&f, s.path, &error), BT_OK);
  (void)fgetc(f.stream); /* the stream only writes: this sets its error mark, as a full disk does */
  assert_refused(bt_file_commit(&f, &error), BT_BAD_INPUT, &error, s.path, "cannot be written",
                 NULL);
  expect_content(s.path, "old");
  assert_int_equal(scratch_count(&s), 1);
  scratch_close(&s);
}

static void test_bad_places(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_file f;
  scratch_text(&s, "file", "old");
  assert_refused(bt_file_create(&f, scratch_path(&s, "file/out"), &error), BT_BAD_INPUT, &error,
                 "file/out: cannot be written: Not a directory", NULL);
  assert_refused(bt_file_create(&f, scratch_path(&s, "none/out"), &error), BT_BAD_INPUT, &error,
                 "No such file or directory", NULL);
  assert_refused(bt_file_create(&f, s.directory, &error), BT_BAD_INPUT, &error, "Is a directory",
                 NULL);
  assert_refused(bt_file_create(&f, "", &error), BT_BAD_INPUT, &error, "cannot be written", NULL);
  assert_refused(bt_file_write_text("/dev/full", "x", &error), BT_BAD_INPUT, &error,
                 "/dev/full: cannot be written: No space left on device", NULL);
  assert_int_equal(bt_file_write_text("/dev/null", "x", &error), BT_OK);
  struct stat st;
  assert_int_equal(stat("/dev/null", &st), 0);
  assert_true(S_ISCHR(st.st_mode));
  bt_file_abandon(&f);
  assert_int_equal(scratch_count(&s), 1);
  scratch_close(&s);
}

static void test_directories(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  assert_int_equal(bt_directory_make(scratch_path(&s, "a//b/c/"), &error), BT_OK);
  assert_int_equal(bt_directory_make(scratch_path(&s, "a/b/c"), &error), BT_OK);
  assert_int_equal(access(s.path, F_OK), 0);
  assert_int_equal(rmdir(s.path), 0);
  scratch_text(&s, "file", "");
  assert_refused(bt_directory_make(scratch_path(&s, "file/x"), &error), BT_BAD_INPUT, &error,
                 "file/x", NULL);
  assert_refused(bt_directory_make(scratch_path(&s, "file"), &error), BT_BAD_INPUT, &error,
                 "Not a directory", NULL);
  assert_refused(bt_directory_make("", &error), BT_BAD_INPUT, &error, "No such file", NULL);
  assert_int_equal(rmdir(scratch_path(&s, "a/b")), 0);
  assert_int_equal(rmdir(scratch_path(&s, "a")), 0);
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_replaces),           cmocka_unit_test(test_link_stays),
      cmocka_unit_test(test_faults),             cmocka_unit_test(test_faults_of_several),
      cmocka_unit_test(test_several),            cmocka_unit_test(test_early_stream_error),
      cmocka_unit_test(test_bad_places),         cmocka_unit_test(test_directories),
  };
  return scratch_report("test_file_write", cmocka_run_group_tests(tests, NULL, NULL));
}
