#include <stdlib.h>
#include <string.h>

#include "io/checkpoint.h"
#include "io/checkpoint_layout.h"
#include "io/digest.h"
#include "io/file.h"
#include "num/error.h"

struct bt_checkpoint_writer {
  bt_file file;
  bt_digest *digest;
  char **name; /* of the sections so far */
  size_t names;
  bool failed;
  bt_error why; /* where failed */
};

/* Writes and digests; a failure sticks. */
static bt_status put(bt_checkpoint_writer *w, const void *data, size_t size, bt_error *error) {
  bt_digest_add(w->digest, data, size);
  bt_status status = bt_file_put(&w->file, data, size, &w->why);
  if (status != BT_OK) {
    w->failed = true;
    return bt_fail(error, status, "%s", w->why.text);
  }
  return BT_OK;
}

static bt_status put_padding(bt_checkpoint_writer *w, size_t size, bt_error *error) {
  static const uint8_t zero[CHECKPOINT_ALIGN];
  return put(w, zero, checkpoint_padding(size), error);
}

bt_status bt_checkpoint_create(const char *path, bt_checkpoint_writer **out, bt_error *error) {
  *out = NULL;
  bt_checkpoint_writer *w = calloc(1, sizeof *w);
  bt_digest *digest = bt_digest_start();
  if (w == NULL || digest == NULL) {
    free(w);
    bt_digest_free(digest);
    return bt_fail(error, BT_FAILED, "%s: out of memory", path);
  }
  w->digest = digest;
  uint8_t head[CHECKPOINT_HEAD] = CHECKPOINT_MAGIC;
  checkpoint_store(head + 8, 4, BT_CHECKPOINT_VERSION);
  bt_status status = bt_file_create(&w->file, path, error);
  if (status == BT_OK) {
    status = put(w, head, sizeof head, error);
  }
  if (status != BT_OK) {
    bt_checkpoint_abandon(w);
    return status;
  }
  *out = w;
  return BT_OK;
}

static bt_status add_name(bt_checkpoint_writer *w, const char *name, bt_error *error) {
  size_t length = strlen(name);
  if (length < 1 || length > BT_CHECKPOINT_NAME) {
    return bt_fail(error, BT_BAD_INPUT, "%s: section name of %zu bytes, expected 1..%u",
                   w->file.path, length, BT_CHECKPOINT_NAME);
  }
  for (size_t i = 0; i < w->names; i++) {
    if (strcmp(w->name[i], name) == 0) {
      return bt_fail(error, BT_BAD_INPUT, "%s: section '%s' is put twice", w->file.path, name);
    }
  }
  char **names = realloc(w->name, (w->names + 1) * sizeof *names);
  char *copy = strdup(name);
  if (names != NULL) {
    w->name = names;
  }
  if (names == NULL || copy == NULL) {
    free(copy);
    return bt_fail(error, BT_FAILED, "%s: out of memory", w->file.path);
  }
  w->name[w->names++] = copy;
  return BT_OK;
}

bt_status bt_checkpoint_put(bt_checkpoint_writer *w, const char *name, const void *data,
                            size_t size, bt_error *error) {
  bt_status status = w->failed ? bt_fail(error, BT_BAD_INPUT, "%s", w->why.text)
                               : add_name(w, name, &w->why);
  if (!w->failed && status != BT_OK) {
    w->failed = true;
    bt_fail(error, status, "%s", w->why.text);
  }
  uint8_t head[CHECKPOINT_SECTION] = {0};
  checkpoint_store(head, 4, strlen(name));
  checkpoint_store(head + 8, 8, size);
  if (status == BT_OK) {
    status = put(w, head, sizeof head, error);
  }
  if (status == BT_OK) {
    status = put(w, name, strlen(name), error);
  }
  if (status == BT_OK) {
    status = put_padding(w, strlen(name), error);
  }
  if (status == BT_OK) {
    status = put(w, data, size, error);
  }
  return status == BT_OK ? put_padding(w, size, error) : status;
}

bt_status bt_checkpoint_commit(bt_checkpoint_writer *w, bt_error *error) {
  static const uint8_t end[CHECKPOINT_SECTION];
  uint8_t sum[BT_DIGEST_BYTES];
  bt_status status =
      w->failed ? bt_fail(error, BT_BAD_INPUT, "%s", w->why.text) : put(w, end, sizeof end, error);
  if (status == BT_OK) {
    status = bt_digest_finish_bytes(w->digest, sum, error);
    w->digest = NULL;
  }
  if (status == BT_OK) {
    status = bt_file_put(&w->file, sum, sizeof sum, error);
  }
  if (status == BT_OK) {
    status = bt_file_commit(&w->file, error);
  }
  bt_checkpoint_abandon(w);
  return status;
}

void bt_checkpoint_abandon(bt_checkpoint_writer *w) {
  if (w == NULL) {
    return;
  }
  bt_file_abandon(&w->file);
  bt_digest_free(w->digest);
  for (size_t i = 0; i < w->names; i++) {
    free(w->name[i]);
  }
  free(w->name);
  free(w);
}
