/* One array of golden vectors as files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/vectors_parts.h"
#include "io/digest.h"
#include "io/hexmem.h"
#include "num/error.h"

bt_status bt_vectors_path(const char *directory, const char *folder, const char *name,
                          const char *ending, char path[4096], bt_error *error) {
  int n = snprintf(path, 4096, "%s/%s%s%s%s", directory, folder, folder[0] == '\0' ? "" : "/", name,
                   ending);
  return n >= 0 && n < 4096
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "%.80s...: a path longer than 4095 bytes", directory);
}

bt_status bt_vectors_sha256(const char *path, char hex[65], bt_error *error) {
  FILE *f = fopen(path, "rb");
  bt_digest *d = bt_digest_start();
  char bytes[65536];
  size_t n = 0;
  hex[0] = '\0';
  if (f == NULL || d == NULL) {
    bt_digest_free(d);
    if (f != NULL) {
      fclose(f);
      return bt_fail(error, BT_FAILED, "%s: out of memory", path);
    }
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot be read, expected a file that the manifest "
                   "names", path);
  }
  while ((n = fread(bytes, 1, sizeof bytes, f)) > 0) {
    bt_digest_add(d, bytes, n);
  }
  bool broken = ferror(f) != 0;
  fclose(f);
  bt_status s = bt_digest_finish(d, hex, error);
  return broken ? bt_fail(error, BT_BAD_INPUT, "%s: cannot be read", path) : s;
}

typedef enum { HEX, NPY, BITS } file_kind;
static const char *const ending[] = {[HEX] = ".hex", [NPY] = ".npy", [BITS] = ".bits.hex"};
static const char *const key[] = {[HEX] = "hex", [NPY] = "npy", [BITS] = "bits"};

/* Not synced one by one, as there are thousands: the manifest, which is, comes last and has their
 * checksums. */
static bt_status write_file(char *path, file_kind kind, const bt_vectors_array *a,
                            bt_error *error) {
  bt_file f = {.stream = fopen(path, "wb"), .path = path};
  size_t n = bt_elements(a->ndim, a->dim);
  bt_status s = BT_OK;
  if (f.stream == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot be written: %s", path, strerror(errno));
  }
  if (kind == NPY) {
    s = bt_npy_put(&f, a->type, a->ndim, a->dim, a->data, error);
  } else {
    s = kind == HEX ? bt_hexmem_put(&f, a->type, a->width, n, a->data, error)
                    : bt_hexmem_put_bits(&f, n, a->data, error);
  }
  bool closed = fclose(f.stream) == 0;
  return s != BT_OK || closed
             ? s
             : bt_fail(error, BT_BAD_INPUT, "%s: cannot be written: %s", path, strerror(errno));
}

bt_status bt_vectors_put_text(const char *path, const char *text, bt_error *error) {
  FILE *f = fopen(path, "wb");
  bool put = f != NULL && fputs(text, f) >= 0;
  bool closed = f != NULL && fclose(f) == 0;
  return put && closed
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "%s: cannot be written: %s", path, strerror(errno));
}

static bt_status put_file(const char *directory, const char *folder, const bt_vectors_array *a,
                          file_kind kind, json_t *item, bt_error *error) {
  char path[4096], sha[65];
  bt_status s = bt_vectors_path(directory, folder, a->name, ending[kind], path, error);
  s = s == BT_OK ? write_file(path, kind, a, error) : s;
  s = s == BT_OK ? bt_vectors_sha256(path, sha, error) : s;
  if (s == BT_OK) {
    json_object_set_new(item, key[kind], json_pack("{s:s+, s:s}", "file", a->name, ending[kind],
                                                   "sha256", sha));
  }
  return s;
}

bt_status bt_vectors_put(const char *directory, const char *folder, const bt_vectors_array *a,
                         json_t **item, bt_error *error) {
  json_t *shape = json_array();
  for (size_t d = 0; d < a->ndim; d++) {
    json_array_append_new(shape, json_integer((json_int_t)a->dim[d]));
  }
  *item = json_pack("{s:o, s:I, s:i, s:b}", "shape", shape, "elements",
                    (json_int_t)bt_elements(a->ndim, a->dim), "width", a->width, "signed",
                    a->is_signed);
  if (*item == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the manifest");
  }
  bt_status s = put_file(directory, folder, a, HEX, *item, error);
  s = s == BT_OK && a->width == 1 ? put_file(directory, folder, a, BITS, *item, error) : s;
  return s == BT_OK ? put_file(directory, folder, a, NPY, *item, error) : s;
}
