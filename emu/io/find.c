#include "io/find.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "num/error.h"

static bool is_path(const char *name) {
  size_t n = strlen(name);
  return strchr(name, '/') != NULL || (n >= 5 && strcmp(name + n - 5, ".yaml") == 0);
}

bt_status bt_find_file(bt_find_kind kind, const char *name, char *path, size_t size,
                       bt_error *error) {
  static const char *const root[] = {BITTRUE_DATA_DIR, BITTRUE_INSTALL_DIR};
  const char *folder = kind == BT_FIND_MACHINE ? "models/machines" : "traces/energy";
  const char *what = kind == BT_FIND_MACHINE ? "machine" : "energy table";
  if (is_path(name)) {
    if ((size_t)snprintf(path, size, "%s", name) < size)
      return BT_OK;
    return bt_fail(error, BT_BAD_INPUT, "%s: the path is too long", what);
  }
  for (size_t i = 0; i < sizeof root / sizeof *root; i++) {
    int n = snprintf(path, size, "%s/%s/%s.yaml", root[i], folder, name);
    if (n > 0 && (size_t)n < size && access(path, R_OK) == 0)
      return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT,
                 "no %s %s: expected a path, or a file %s.yaml in %s/%s or %s/%s", what, name, name,
                 root[0], folder, root[1], folder);
}
