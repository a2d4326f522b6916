/* CIFAR's binary layouts: records of one or two label bytes and three planes of 32 x 32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "io/file.h"
#include "num/error.h"

#define CIFAR_LIMIT ((size_t)1 << 30)
#define CIFAR_PATH 4096
#define SIDE 32u
#define PLANE ((size_t)SIDE * SIDE)
#define CHANNELS 3u

/* What a record holds before its planes, and the files of each half. */
typedef struct {
  size_t labels;      /* bytes; the last one is the image's class */
  unsigned classes[2]; /* labels are below these */
  const char *train[6], *test[2];
} layout;

static const layout cifar10 = {
    .labels = 1,
    .classes = {10},
    .train = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
              "data_batch_5.bin"},
    .test = {"test_batch.bin"},
};
static const layout cifar100 = {
    .labels = 2, .classes = {20, 100}, .train = {"train.bin"}, .test = {"test.bin"}};

static size_t record_size(const layout *l) { return l->labels + CHANNELS * PLANE; }

/* The labels and the pixels, from planes to NHWC, of `n` records into the images' end. */
static bt_status take_records(const layout *l, const char *path, const uint8_t *data, size_t n,
                              bt_images *images, bt_error *error) {
  uint8_t *pixel = images->pixels + images->count * CHANNELS * PLANE;
  for (size_t i = 0; i < n; i++) {
    const uint8_t *record = data + i * record_size(l), *plane = record + l->labels;
    for (size_t k = 0; k < l->labels; k++) {
      if (record[k] >= l->classes[k]) {
        return bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: %slabel %u, expected 0..%u", path,
                       i * record_size(l) + k, k + 1 < l->labels ? "coarse " : "", record[k],
                       l->classes[k] - 1);
      }
    }
    images->labels[images->count++] = record[l->labels - 1];
    for (size_t p = 0; p < PLANE; p++) {
      for (size_t c = 0; c < CHANNELS; c++) {
        *pixel++ = plane[c * PLANE + p];
      }
    }
  }
  return BT_OK;
}

static bt_status check_size(const layout *l, const char *path, size_t size, bt_error *error) {
  size_t rest = size % record_size(l);
  if (size == 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset 0: no records, expected at least one of %zu bytes", path,
                   record_size(l));
  }
  if (rest != 0) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: offset %zu: file ends %zu bytes into record %zu, expected whole records of "
                   "%zu bytes", path, size, rest, size / record_size(l), record_size(l));
  }
  return BT_OK;
}

static bt_status make_room(bt_images *images, size_t n, bt_error *error) {
  uint8_t *pixels = realloc(images->pixels, (images->count + n) * CHANNELS * PLANE);
  images->pixels = pixels != NULL ? pixels : images->pixels;
  uint8_t *labels = realloc(images->labels, images->count + n);
  images->labels = labels != NULL ? labels : images->labels;
  return pixels != NULL && labels != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "out of memory for %zu images", images->count + n);
}

static bt_status append_file(const layout *l, const char *directory, const char *name,
                             bt_images *images, bt_error *error) {
  char path[CIFAR_PATH];
  uint8_t *data = NULL;
  size_t size;
  int length = snprintf(path, sizeof path, "%s/%s", directory, name);
  if (length < 0 || (size_t)length >= sizeof path) {
    return bt_fail(error, BT_BAD_INPUT, "%.200s...: path longer than %d bytes", directory,
                   CIFAR_PATH);
  }
  bt_status s = bt_file_read(path, CIFAR_LIMIT, &data, &size, error);
  if (s == BT_OK) {
    s = check_size(l, path, size, error);
    s = s == BT_OK ? make_room(images, size / record_size(l), error) : s;
    s = s == BT_OK ? take_records(l, path, data, size / record_size(l), images, error) : s;
    free(data);
  }
  return s;
}

static bt_status read_half(const layout *l, const char *directory, const char *const *name,
                           bt_images *images, bt_error *error) {
  *images = (bt_images){.height = SIDE, .width = SIDE, .channels = CHANNELS,
                        .classes = l->classes[l->labels - 1]};
  bt_status s = BT_OK;
  for (size_t i = 0; name[i] != NULL && s == BT_OK; i++) {
    s = append_file(l, directory, name[i], images, error);
  }
  return s;
}

bt_status bt_dataset_cifar(const char *directory, size_t classes, bt_dataset *set,
                           bt_error *error) {
  *set = (bt_dataset){0};
  if (classes != 10 && classes != 100) {
    return bt_fail(error, BT_BAD_INPUT, "%s: %zu classes, expected 10 or 100 of CIFAR's layouts",
                   directory, classes);
  }
  const layout *l = classes == 10 ? &cifar10 : &cifar100;
  bt_status s = read_half(l, directory, l->train, &set->train, error);
  s = s == BT_OK ? read_half(l, directory, l->test, &set->test, error) : s;
  if (s != BT_OK) {
    bt_dataset_free(set);
  }
  return s;
}
