#include <stdlib.h>
#include <string.h>

#include "io/checkpoint.h"
#include "io/checkpoint_layout.h"
#include "io/digest.h"
#include "io/file.h"
#include "num/error.h"

#define DEFAULT_LIMIT ((size_t)1 << 32)

struct bt_checkpoint {
  char *path;
  uint8_t *data;
  size_t size; /* without the checksum */
};

typedef struct {
  const char *name; /* not terminated */
  size_t name_size;
  const uint8_t *data;
  size_t size;
} section;

/* Takes `size` bytes and their padding from *at on; false if the file ends before. */
static bool advance(const bt_checkpoint *c, size_t size, size_t *at) {
  size_t left = c->size - *at;
  if (size > left || checkpoint_padding(size) > left - size) {
    return false;
  }
  *at += size + checkpoint_padding(size);
  return true;
}

/* Reads the section at *at and moves *at behind it. 1: a section, 0: the end, -1: cut short. */
static int next_section(const bt_checkpoint *c, size_t *at, section *s) {
  *s = (section){0};
  const uint8_t *head = c->data + *at;
  if (!advance(c, CHECKPOINT_SECTION, at)) {
    return -1;
  }
  s->name_size = (size_t)checkpoint_load(head, 4);
  s->size = (size_t)checkpoint_load(head + 8, 8);
  if (s->name_size == 0) {
    return 0;
  }
  s->name = (const char *)c->data + *at;
  if (s->name_size > BT_CHECKPOINT_NAME || !advance(c, s->name_size, at)) {
    s->name_size = 0;
    return -1;
  }
  s->data = c->data + *at;
  return advance(c, s->size, at) ? 1 : -1;
}

static bt_status check_head(const char *path, const uint8_t *data, size_t size, bt_error *error) {
  if (size < 8 || memcmp(data, CHECKPOINT_MAGIC, 8) != 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset 0: not a bittrue checkpoint, expected the word BITTRUE", path);
  }
  size_t least = CHECKPOINT_HEAD + CHECKPOINT_SECTION + BT_DIGEST_BYTES;
  if (size < least) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %zu: file cut short, expected at least %zu bytes",
                   path, size, least);
  }
  uint64_t version = checkpoint_load(data + 8, 4);
  if (version != BT_CHECKPOINT_VERSION) {
    return bt_fail(error, BT_BAD_INPUT, "%s: offset 8: version %llu, expected %u", path,
                   (unsigned long long)version, BT_CHECKPOINT_VERSION);
  }
  return BT_OK;
}

/* That the sections fill the file, each whole. */
static bt_status check_sections(const bt_checkpoint *c, bt_error *error) {
  size_t at = CHECKPOINT_HEAD, start = at;
  section s;
  int got = 1;
  while (got == 1) {
    start = at;
    got = next_section(c, &at, &s);
  }
  if (got < 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %zu: section '%.*s' cut short or damaged, expected %zu bytes of "
                   "data", c->path, start, (int)s.name_size, s.name == NULL ? "" : s.name, s.size);
  }
  if (at != c->size) {
    return bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: expected the checksum and the file's end",
                   c->path, at);
  }
  return BT_OK;
}

static bt_status check_sum(const bt_checkpoint *c, bt_error *error) {
  uint8_t sum[BT_DIGEST_BYTES];
  bt_digest *digest = bt_digest_start();
  if (digest == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->path);
  }
  bt_digest_add(digest, c->data, c->size);
  bt_status status = bt_digest_finish_bytes(digest, sum, error);
  if (status == BT_OK && memcmp(sum, c->data + c->size, sizeof sum) != 0) {
    status = bt_fail(error, BT_BAD_INPUT,
                     "%s: offset %zu: checksum differs, expected the SHA-256 of the %zu bytes "
                     "before it", c->path, c->size, c->size);
  }
  return status;
}

bt_status bt_checkpoint_open(const char *path, size_t limit, bt_checkpoint **out, bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  *out = NULL;
  bt_status status = bt_file_read(path, limit == 0 ? DEFAULT_LIMIT : limit, &data, &size, error);
  if (status == BT_OK) {
    status = check_head(path, data, size, error);
  }
  bt_checkpoint *c = status == BT_OK ? calloc(1, sizeof *c) : NULL;
  if (c == NULL) {
    free(data);
    return status == BT_OK ? bt_fail(error, BT_FAILED, "%s: out of memory", path) : status;
  }
  c->data = data;
  c->size = size - BT_DIGEST_BYTES;
  c->path = strdup(path);
  status = c->path == NULL ? bt_fail(error, BT_FAILED, "%s: out of memory", path)
                           : check_sections(c, error);
  if (status == BT_OK) {
    status = check_sum(c, error);
  }
  if (status != BT_OK) {
    bt_checkpoint_close(c);
    return status;
  }
  *out = c;
  return BT_OK;
}

static bool find(const bt_checkpoint *c, const char *name, section *s) {
  size_t at = CHECKPOINT_HEAD, length = strlen(name);
  while (next_section(c, &at, s) == 1) {
    if (s->name_size == length && memcmp(s->name, name, length) == 0) {
      return true;
    }
  }
  return false;
}

bool bt_checkpoint_has(const bt_checkpoint *c, const char *name) {
  section s;
  return find(c, name, &s);
}

bt_status bt_checkpoint_find(const bt_checkpoint *c, const char *name, const void **data,
                             size_t *size, bt_error *error) {
  section s;
  if (!find(c, name, &s)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no section '%s', expected one", c->path, name);
  }
  *data = s.data;
  *size = s.size;
  return BT_OK;
}

bt_status bt_checkpoint_get(const bt_checkpoint *c, const char *name, size_t size,
                            const void **data, bt_error *error) {
  size_t got = 0;
  bt_status status = bt_checkpoint_find(c, name, data, &got, error);
  if (status == BT_OK && got != size) {
    return bt_fail(error, BT_BAD_INPUT, "%s: section '%s' has %zu bytes, expected %zu", c->path,
                   name, got, size);
  }
  return status;
}

void bt_checkpoint_close(bt_checkpoint *c) {
  if (c != NULL) {
    free(c->path);
    free(c->data);
    free(c);
  }
}
