/* Writing whole files: a temporary beside the place, fsync, rename. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "num/error.h"

#define TEMPORARY_TRIES 1000

static bt_status fail_write(const bt_file *f, int why, bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "%s: cannot be written: %s", f->path, strerror(why));
}

/* Opens "PLACE.tmp-PID-N" for the first N that is free. open() and not mkstemp(), so that the
 * file gets the permissions of the user's umask. */
static int open_temporary(bt_file *f) {
  for (int n = 0; n < TEMPORARY_TRIES; n++) {
    if (asprintf(&f->temporary, "%s.tmp-%ld-%d", f->place, (long)getpid(), n) < 0) {
      f->temporary = NULL;
      errno = ENOMEM;
      return -1;
    }
    int fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      return fd;
    }
    int why = errno;
    free(f->temporary);
    f->temporary = NULL;
    errno = why;
    if (why != EEXIST) {
      return -1;
    }
  }
  return -1;
}

/* Renaming would replace /dev/null itself: what is there and is no regular file is opened. */
static int open_place(bt_file *f) {
  struct stat s;
  if (stat(f->place, &s) == 0 && !S_ISREG(s.st_mode)) {
    return open(f->place, O_WRONLY | O_CLOEXEC); /* EISDIR for a directory */
  }
  size_t length = strlen(f->place);
  if (length == 0 || f->place[length - 1] == '/') {
    errno = length == 0 ? ENOENT : EISDIR;
    return -1;
  }
  return open_temporary(f);
}

bt_status bt_file_create(bt_file *f, const char *path, bt_error *error) {
  *f = (bt_file){0};
  f->path = strdup(path);
  f->place = realpath(path, NULL);
  if (f->place == NULL) {
    f->place = strdup(path);
  }
  if (f->path == NULL || f->place == NULL) {
    bt_file_abandon(f);
    return bt_fail(error, BT_FAILED, "%s: out of memory", path);
  }
  int fd = open_place(f);
  f->stream = fd < 0 ? NULL : fdopen(fd, "wb");
  if (f->stream == NULL) {
    bt_status status = fail_write(f, errno, error);
    if (fd >= 0) {
      close(fd);
    }
    bt_file_abandon(f);
    return status;
  }
  return BT_OK;
}

bt_status bt_file_put(bt_file *f, const void *data, size_t size, bt_error *error) {
  if (size > 0 && fwrite(data, 1, size, f->stream) != size) {
    return fail_write(f, errno, error);
  }
  return BT_OK;
}

/* Everything but the rename. */
static bt_status settle(bt_file *f, bt_error *error) {
  int why = 0;
  bool earlier = ferror(f->stream) != 0;
  if (fflush(f->stream) != 0) {
    why = errno;
  } else if (earlier) {
    why = EIO; /* stdio does not keep the reason of an earlier failure */
  } else if (fsync(fileno(f->stream)) != 0 && errno != EINVAL && errno != ENOTSUP) {
    why = errno; /* EINVAL and ENOTSUP: a device or a pipe, with nothing to sync */
  }
  if (fclose(f->stream) != 0 && why == 0) {
    why = errno;
  }
  f->stream = NULL;
  return why == 0 ? BT_OK : fail_write(f, why, error);
}

/* Makes the rename itself durable, as far as the file system can. */
static void sync_directory(const char *place) {
  const char *slash = strrchr(place, '/');
  char *directory = slash == NULL ? strdup(".") : strndup(place, (size_t)(slash - place) + 1);
  int fd = directory == NULL ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  free(directory);
}

static bt_status put_in_place(bt_file *f, bt_error *error) {
  if (f->temporary != NULL) {
    if (rename(f->temporary, f->place) != 0) {
      return fail_write(f, errno, error);
    }
    free(f->temporary);
    f->temporary = NULL;
    sync_directory(f->place);
  }
  bt_file_abandon(f);
  return BT_OK;
}

/* The temporaries of two files for one place lie beside each other and differ in N only. */
static bool same_place(const bt_file *a, const bt_file *b) {
  if (a->temporary == NULL || b->temporary == NULL) {
    return false;
  }
  const char *slash_a = strrchr(a->place, '/'), *slash_b = strrchr(b->place, '/');
  if (strcmp(slash_a == NULL ? a->place : slash_a + 1,
             slash_b == NULL ? b->place : slash_b + 1) != 0) {
    return false;
  }
  size_t length = (slash_a == NULL ? 0 : (size_t)(slash_a - a->place) + 1);
  char *seen = NULL;
  const char *name_b = strrchr(b->temporary, '/');
  if (asprintf(&seen, "%.*s%s", (int)length, a->place,
               name_b == NULL ? b->temporary : name_b + 1) < 0) {
    return false;
  }
  struct stat at_a, at_b;
  bool same = stat(seen, &at_a) == 0 && stat(b->temporary, &at_b) == 0 &&
              at_a.st_dev == at_b.st_dev && at_a.st_ino == at_b.st_ino;
  free(seen);
  return same;
}

static bt_status commit_in_order(bt_file *const *f, size_t count, bt_error *error) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (f[i]->path != NULL && f[j]->path != NULL && same_place(f[i], f[j])) {
        return bt_fail(error, BT_BAD_INPUT, "%s: named for two outputs, expected a file for each",
                       f[i]->path);
      }
    }
  }
  bt_status status = BT_OK;
  for (size_t i = 0; i < count && status == BT_OK; i++) {
    status = f[i]->path == NULL ? BT_OK : settle(f[i], error);
  }
  for (size_t i = 0; i < count && status == BT_OK; i++) {
    status = f[i]->path == NULL ? BT_OK : put_in_place(f[i], error);
  }
  return status;
}

bt_status bt_file_commit_all(bt_file *const *f, size_t count, bt_error *error) {
  bt_status status = commit_in_order(f, count, error);
  for (size_t i = 0; i < count && status != BT_OK; i++) {
    bt_file_abandon(f[i]);
  }
  return status;
}

bt_status bt_file_commit(bt_file *f, bt_error *error) {
  return bt_file_commit_all(&f, 1, error);
}

void bt_file_abandon(bt_file *f) {
  if (f->stream != NULL) {
    fclose(f->stream);
  }
  if (f->temporary != NULL) {
    unlink(f->temporary);
  }
  free(f->path);
  free(f->place);
  free(f->temporary);
  *f = (bt_file){0};
}

bt_status bt_file_write_text(const char *path, const char *text, bt_error *error) {
  bt_file f;
  bt_status status = bt_file_create(&f, path, error);
  if (status == BT_OK) {
    status = bt_file_put(&f, text, strlen(text), error);
  }
  if (status == BT_OK) {
    return bt_file_commit(&f, error);
  }
  bt_file_abandon(&f);
  return status;
}

bt_status bt_directory_make(const char *path, bt_error *error) {
  char *part = strdup(path);
  if (part == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", path);
  }
  int why = part[0] == '\0' ? ENOENT : 0;
  for (char *p = part; *p != '\0' && why == 0; p++) {
    bool last = p[1] == '\0';
    if ((p[1] == '/' && *p != '/') || last) {
      char kept = p[1];
      p[1] = '\0';
      struct stat s;
      if (mkdir(part, 0777) != 0) {
        why = errno;
        if (stat(part, &s) == 0) { /* it is there: as a directory, or as something in the way */
          why = S_ISDIR(s.st_mode) ? 0 : ENOTDIR;
        }
      }
      p[1] = kept;
    }
  }
  free(part);
  if (why != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: directory cannot be made: %s", path, strerror(why));
  }
  return BT_OK;
}
