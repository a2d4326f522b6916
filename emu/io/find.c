#include "io/find.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "num/error.h"

#define ROOTS 4

/* The places of models/ and traces/, "" for one that is not known. */
typedef struct {
  char path[ROOTS][PATH_MAX + 64];
} roots;

static bool is_path(const char *name) {
  size_t n = strlen(name);
  return strchr(name, '/') != NULL || (n >= 5 && strcmp(name + n - 5, ".yaml") == 0);
}

/* "FOLDER/RELATIVE" of the file's folder, as realpath() writes it: a program is started, and a
 * library loaded, by links too. */
static void beside(const char *file, const char *relative, char path[PATH_MAX + 64]) {
  char whole[PATH_MAX], joined[PATH_MAX + 64];
  path[0] = '\0';
  if (realpath(file, whole) == NULL) {
    return;
  }
  *strrchr(whole, '/') = '\0';
  int n = snprintf(joined, sizeof joined, "%s/%s", whole, relative);
  if (n < 0 || (size_t)n >= sizeof joined || realpath(joined, path) == NULL) {
    path[0] = '\0';
  }
}

/* What lies beside the running program or library stands first: a copy that was installed to, or
 * moved to, another place than the one it was configured for finds its own files. */
static void find_roots(roots *r) {
  static const char here = 0;
  Dl_info library;
  beside("/proc/self/exe", BITTRUE_BIN_TO_DATA, r->path[0]);
  r->path[1][0] = '\0';
  if (dladdr(&here, &library) != 0 && library.dli_fname != NULL) {
    beside(library.dli_fname, BITTRUE_LIB_TO_DATA, r->path[1]);
  }
  snprintf(r->path[2], sizeof r->path[2], "%s", BITTRUE_DATA_DIR);
  snprintf(r->path[3], sizeof r->path[3], "%s", BITTRUE_INSTALL_DIR);
}

static bool repeated(const roots *r, size_t i) {
  for (size_t k = 0; k < i; k++) {
    if (strcmp(r->path[k], r->path[i]) == 0) {
      return true;
    }
  }
  return r->path[i][0] == '\0';
}

static bt_status not_found(const roots *r, const char *what, const char *folder, const char *name,
                           bt_error *error) {
  char places[sizeof error->text];
  size_t used = 0;
  places[0] = '\0';
  for (size_t i = 0; i < ROOTS && used < sizeof places; i++) {
    if (!repeated(r, i)) {
      int n = snprintf(places + used, sizeof places - used, "%s%s/%s", used == 0 ? "" : " or ",
                       r->path[i], folder);
      used += n > 0 ? (size_t)n : 0;
    }
  }
  return bt_fail(error, BT_BAD_INPUT, "no %s %s: expected a path, or a file %s.yaml in %s", what,
                 name, name, places);
}

bt_status bt_find_file(bt_find_kind kind, const char *name, char *path, size_t size,
                       bt_error *error) {
  roots r;
  const char *folder = kind == BT_FIND_MACHINE ? "models/machines" : "traces/energy";
  const char *what = kind == BT_FIND_MACHINE ? "machine" : "energy table";
  if (is_path(name)) {
    if ((size_t)snprintf(path, size, "%s", name) < size)
      return BT_OK;
    return bt_fail(error, BT_BAD_INPUT, "%s: the path is too long", what);
  }
  find_roots(&r);
  for (size_t i = 0; i < ROOTS; i++) {
    int n = snprintf(path, size, "%s/%s/%s.yaml", r.path[i], folder, name);
    if (r.path[i][0] != '\0' && n > 0 && (size_t)n < size && access(path, R_OK) == 0)
      return BT_OK;
  }
  return not_found(&r, what, folder, name, error);
}
