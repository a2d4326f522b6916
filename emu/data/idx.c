/* IDX files: a big-endian header, then bytes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"
#include "io/file.h"
#include "num/error.h"

#define IDX_LIMIT ((size_t)1 << 30)
#define IDX_PATH 4096
#define IDX_SIDE 4096u   /* largest height or width */
#define IDX_IMAGES 0x803u /* unsigned bytes, three dimensions */
#define IDX_LABELS 0x801u /* unsigned bytes, one dimension */

typedef struct {
  char path[IDX_PATH];
  uint8_t *data;
  size_t size;
} idx_file;

static uint32_t word_at(const idx_file *f, size_t offset) {
  const uint8_t *p = f->data + offset;
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Reads DIRECTORY/NAME or DIRECTORY/NAME.gz and checks its first word. */
static bt_status open_idx(const char *directory, const char *name, uint32_t magic, size_t header,
                          idx_file *f, bt_error *error) {
  int length = snprintf(f->path, sizeof f->path, "%s/%s.gz", directory, name);
  if (length < 0 || (size_t)length >= sizeof f->path) {
    return bt_fail(error, BT_BAD_INPUT, "%.200s...: path longer than %d bytes", directory,
                   IDX_PATH);
  }
  f->path[length - 3] = '\0';
  if (access(f->path, F_OK) != 0) {
    f->path[length - 3] = '.';
    if (access(f->path, F_OK) != 0) {
      f->path[length - 3] = '\0';
      return bt_fail(error, BT_BAD_INPUT, "%s: %s, with .gz or without", f->path, strerror(errno));
    }
  }
  bt_status status = bt_file_read(f->path, IDX_LIMIT, &f->data, &f->size, error);
  if (status != BT_OK) {
    return status;
  }
  if (f->size < header) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %zu: file ends, expected an IDX header of %zu bytes",
                   f->path, f->size, header);
  }
  if (word_at(f, 0) != magic) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset 0: magic 0x%08" PRIx32 ", expected 0x%08" PRIx32,
                   f->path, word_at(f, 0), magic);
  }
  return BT_OK;
}

/* That exactly `expected` bytes follow the header. */
static bt_status check_size(const idx_file *f, size_t header, uint64_t expected, const char *what,
                            bt_error *error) {
  uint64_t got = f->size - header;
  if (got < expected) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %zu: file cut short, expected %" PRIu64 " bytes of %s, got %" PRIu64,
                   f->path, f->size, expected, what, got);
  }
  if (got > expected) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %" PRIu64 ": %" PRIu64 " bytes too many, expected %" PRIu64
                   " bytes of %s", f->path, header + expected, got - expected, expected, what);
  }
  return BT_OK;
}

/* Hands over the bytes behind the header. */
static uint8_t *take(idx_file *f, size_t header) {
  uint8_t *data = f->data;
  memmove(data, data + header, f->size - header);
  f->data = NULL;
  return data;
}

static bt_status read_images(const char *directory, const char *name, bt_images *images,
                             bt_error *error) {
  const size_t header = 16;
  idx_file f = {.data = NULL};
  bt_status status = open_idx(directory, name, IDX_IMAGES, header, &f, error);
  if (status == BT_OK) {
    uint32_t count = word_at(&f, 4), height = word_at(&f, 8), width = word_at(&f, 12);
    images->count = count;
    images->height = height;
    images->width = width;
    images->channels = 1;
    if (count == 0) {
      status = bt_fail(error, BT_BAD_INPUT, "%s: offset 4: no images, expected at least one",
                       f.path);
    } else if (height == 0 || height > IDX_SIDE || width == 0 || width > IDX_SIDE) {
      status = bt_fail(error, BT_BAD_INPUT,
                       "%s: offset 8: images of %" PRIu32 " x %" PRIu32 ", expected sides in 1..%u",
                       f.path, height, width, IDX_SIDE);
    } else {
      status = check_size(&f, header, (uint64_t)count * height * width, "pixels", error);
    }
  }
  if (status == BT_OK) {
    images->pixels = take(&f, header);
  }
  free(f.data);
  return status;
}

static bt_status check_labels(const idx_file *f, size_t header, const bt_images *images,
                              bt_error *error) {
  if (word_at(f, 4) != images->count) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset 4: %" PRIu32 " labels, expected %zu as of images",
                   f->path, word_at(f, 4), images->count);
  }
  bt_status status = check_size(f, header, images->count, "labels", error);
  for (size_t i = header; i < f->size && status == BT_OK; i++) {
    if (f->data[i] >= images->classes) {
      status = bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: label %u, expected 0..%zu", f->path, i,
                       f->data[i], images->classes - 1);
    }
  }
  return status;
}

static bt_status read_labels(const char *directory, const char *name, bt_images *images,
                             bt_error *error) {
  const size_t header = 8;
  idx_file f = {.data = NULL};
  bt_status status = open_idx(directory, name, IDX_LABELS, header, &f, error);
  if (status == BT_OK) {
    status = check_labels(&f, header, images, error);
  }
  if (status == BT_OK) {
    images->labels = take(&f, header);
  }
  free(f.data);
  return status;
}

static bt_status read_half(const char *directory, const char *prefix, size_t classes,
                           bt_images *images, bt_error *error) {
  char name[64];
  snprintf(name, sizeof name, "%s-images-idx3-ubyte", prefix);
  bt_status status = read_images(directory, name, images, error);
  if (status != BT_OK) {
    return status;
  }
  images->classes = classes;
  snprintf(name, sizeof name, "%s-labels-idx1-ubyte", prefix);
  return read_labels(directory, name, images, error);
}

bt_status bt_dataset_idx(const char *directory, size_t classes, bt_dataset *set, bt_error *error) {
  *set = (bt_dataset){0};
  if (classes < 1 || classes > 256) {
    return bt_fail(error, BT_BAD_INPUT, "%s: %zu classes, expected 1..256", directory, classes);
  }
  bt_status status = read_half(directory, "train", classes, &set->train, error);
  if (status == BT_OK) {
    status = read_half(directory, "t10k", classes, &set->test, error);
  }
  const bt_images *a = &set->train, *b = &set->test;
  if (status == BT_OK && (a->height != b->height || a->width != b->width)) {
    status = bt_fail(error, BT_BAD_INPUT,
                     "%s: test images are %zu x %zu, expected %zu x %zu as in training", directory,
                     b->height, b->width, a->height, a->width);
  }
  if (status != BT_OK) {
    bt_dataset_free(set);
  }
  return status;
}

void bt_dataset_free(bt_dataset *set) {
  free(set->train.pixels);
  free(set->train.labels);
  free(set->test.pixels);
  free(set->test.labels);
  *set = (bt_dataset){0};
}
