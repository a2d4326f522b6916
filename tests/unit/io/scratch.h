/* For tests of files: a directory of their own, files with given bytes, and what is left. */
#ifndef BT_TESTS_SCRATCH_H
#define BT_TESTS_SCRATCH_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bittrue.h"

/* Names "/tmp/bittrue-test-XXXXXX" or the like; made by scratch_open. */
typedef struct {
  char directory[256];
  char path[512]; /* the last scratch_path */
} scratch;

static inline scratch scratch_open(void) {
  scratch s = {.path = ""};
  const char *root = getenv("TMPDIR");
  snprintf(s.directory, sizeof s.directory, "%.200s/bittrue-test-XXXXXX",
           root == NULL ? "/tmp" : root);
  assert_non_null(mkdtemp(s.directory));
  return s;
}

static inline const char *scratch_path(scratch *s, const char *name) {
  snprintf(s->path, sizeof s->path, "%.250s/%.250s", s->directory, name);
  return s->path;
}

/* Writes a file and returns its path. */
static inline const char *scratch_write(scratch *s, const char *name, const void *data,
                                        size_t size) {
  FILE *f = fopen(scratch_path(s, name), "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(data, 1, size, f), size);
  assert_int_equal(fclose(f), 0);
  return s->path;
}

static inline const char *scratch_text(scratch *s, const char *name, const char *text) {
  return scratch_write(s, name, text, strlen(text));
}

/* How many files lie in the directory. */
static inline size_t scratch_count(const scratch *s) {
  DIR *d = opendir(s->directory);
  assert_non_null(d);
  size_t n = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    n += e->d_name[0] != '.' || (e->d_name[1] != '\0' && e->d_name[1] != '.');
  }
  closedir(d);
  return n;
}

/* Removes the directory and the files in it (no folders). */
static inline void scratch_close(scratch *s) {
  DIR *d = opendir(s->directory);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
      unlink(scratch_path(s, e->d_name));
    }
  }
  closedir(d);
  assert_int_equal(rmdir(s->directory), 0);
}

/* That an operation was refused with `status`, in one line that holds all further arguments, up to
 * a NULL. */
static inline void assert_refused(bt_status got, bt_status status, const bt_error *error, ...) {
  va_list parts;
  va_start(parts, error);
  if (got != status) {
    const char *part = va_arg(parts, const char *);
    fail_msg("status %d, expected %d and '%s'", (int)got, (int)status, part == NULL ? "" : part);
  }
  if (strchr(error->text, '\n') != NULL) {
    fail_msg("not one line: %s", error->text);
  }
  for (const char *part; (part = va_arg(parts, const char *)) != NULL;) {
    if (strstr(error->text, part) == NULL) {
      fail_msg("'%s' does not say '%s'", error->text, part);
    }
  }
  va_end(parts);
}

/* What main returns; a failure says how to run the program alone. */
static inline int scratch_report(const char *name, int failures) {
  if (failures != 0) {
    fprintf(stderr, "run it alone with: ctest --preset release -R '^%s$'\n", name);
  }
  return failures;
}

#endif
