#include "report/files.h"

#include <stdlib.h>
#include <string.h>

#include "io/digest.h"
#include "io/file.h"
#include "num/error.h"

#define BT_TEXT_LIMIT ((size_t)1 << 20)

bt_status bt_page_file(json_t *files, const char *what, const char *path, bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  char hex[BT_DIGEST_HEX];
  const char *slash = strrchr(path, '/');
  bt_status s = bt_file_read(path, BT_TEXT_LIMIT, &data, &size, error);
  if (s != BT_OK) {
    return s;
  }
  bt_digest *d = bt_digest_start();
  bt_digest_add(d, data, size);
  s = bt_digest_finish(d, hex, error);
  json_t *text = s == BT_OK ? json_stringn((const char *)data, size) : NULL;
  free(data);
  if (s == BT_OK && text == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: expected UTF-8 text", path);
  }
  return s != BT_OK ? s
                    : json_array_append_new(
                          files, json_pack("{s:s, s:s, s:s, s:o}", "what", what, "name",
                                           slash == NULL ? path : slash + 1, "sha256", hex, "text",
                                           text)) == 0
                          ? BT_OK
                          : bt_fail(error, BT_FAILED, "no memory for %s", path);
}
