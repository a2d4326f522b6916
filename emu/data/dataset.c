/* The sets that recipes can name, and where they lie. */
#include "data/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num/error.h"

#define DIRECTORY_SIZE 4096

static const bt_dataset_source sources[] = {
    {.name = "fashion-mnist",
     .directory = "/usr/share/datasets/fashion-mnist",
     .hint = "Debian package dataset-fashion-mnist",
     .classes = 10,
     .train = 60000,
     .test = 10000},
    {.name = "mnist",
     .directory = "/usr/share/datasets/mnist",
     .hint = "scripts/get-data.sh mnist, or four IDX files in $BITTRUE_DATA/mnist",
     .classes = 10,
     .train = 60000,
     .test = 10000},
    {.name = "cifar-10",
     .hint = "scripts/get-data.sh cifar10, or CIFAR-10's binary files in $BITTRUE_DATA/cifar-10",
     .classes = 10,
     .layout = BT_LAYOUT_CIFAR,
     .train = 50000,
     .test = 10000},
    {.name = "cifar-100",
     .hint = "CIFAR-100's binary files in $BITTRUE_DATA/cifar-100",
     .classes = 100,
     .layout = BT_LAYOUT_CIFAR,
     .train = 50000,
     .test = 10000},
};
#define SOURCES (sizeof sources / sizeof sources[0])

const bt_dataset_source *bt_dataset_known(size_t i) {
  return i < SOURCES ? &sources[i] : NULL;
}

/* An environment variable's text; NULL if unset or empty. */
static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value != NULL && value[0] != '\0' ? value : NULL;
}

bool bt_dataset_directory(const bt_dataset_source *source, size_t i, char *path, size_t size) {
  const char *root = setting("BITTRUE_DATA");
  if (root != NULL && i-- == 0) {
    snprintf(path, size, "%s/%s", root, source->name);
    return true;
  }
  const char *cache = setting("XDG_CACHE_HOME"), *home = setting("HOME");
  if ((cache != NULL || home != NULL) && i-- == 0) {
    snprintf(path, size, "%s%s/bittrue/%s", cache != NULL ? cache : home,
             cache != NULL ? "" : "/.cache", source->name);
    return true;
  }
  if (source->directory != NULL && i-- == 0) {
    snprintf(path, size, "%s", source->directory);
    return true;
  }
  return false;
}

const bt_dataset_source *bt_dataset_named(const char *name) {
  for (size_t i = 0; i < SOURCES; i++) {
    if (strcmp(sources[i].name, name) == 0) {
      return &sources[i];
    }
  }
  return NULL;
}

static bt_status load_from(const bt_dataset_source *source, const char *directory, bt_dataset *set,
                           bt_error *error) {
  return source->layout == BT_LAYOUT_CIFAR
             ? bt_dataset_cifar(directory, source->classes, set, error)
             : bt_dataset_idx(directory, source->classes, set, error);
}

static bt_status load_found(const bt_dataset_source *source, bt_dataset *set, bt_error *error) {
  char path[DIRECTORY_SIZE], looked[512] = "";
  struct stat s;
  for (size_t i = 0; bt_dataset_directory(source, i, path, sizeof path); i++) {
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode)) {
      return load_from(source, path, set, error);
    }
    size_t at = strlen(looked);
    snprintf(looked + at, sizeof looked - at, "%s%.120s", i == 0 ? "" : ", ", path);
  }
  return bt_fail(error, BT_BAD_INPUT, "set '%s': no directory at %s; expected: %s", source->name,
                 looked, source->hint);
}

/* The source of a name, or an error that lists the known ones. */
static bt_status find_source(const char *name, const bt_dataset_source **source, bt_error *error) {
  char known[128] = "";
  *source = bt_dataset_named(name);
  if (*source != NULL) {
    return BT_OK;
  }
  for (size_t i = 0; i < SOURCES; i++) {
    size_t at = strlen(known);
    snprintf(known + at, sizeof known - at, "%s%s", i == 0 ? "" : ", ", sources[i].name);
  }
  return bt_fail(error, BT_BAD_INPUT, "set '%.80s': unknown, expected one of: %s", name, known);
}

bt_status bt_dataset_load(const char *name, const char *directory, bt_dataset *set,
                          bt_error *error) {
  const bt_dataset_source *source;
  *set = (bt_dataset){0};
  bt_status s = find_source(name, &source, error);
  if (s != BT_OK) {
    return s;
  }
  if (directory != NULL && directory[0] != '\0') {
    return load_from(source, directory, set, error);
  }
  return load_found(source, set, error);
}

bt_status bt_dataset_count(const char *name, const char *directory, size_t *train, size_t *test,
                           bt_error *error) {
  const bt_dataset_source *source;
  bt_status s = find_source(name, &source, error);
  if (s != BT_OK) {
    return s;
  }
  *train = source->train;
  *test = source->test;
  if (directory == NULL || directory[0] == '\0') {
    return BT_OK;
  }
  bt_dataset set;
  s = load_from(source, directory, &set, error);
  *train = set.train.count;
  *test = set.test.count;
  bt_dataset_free(&set);
  return s;
}
