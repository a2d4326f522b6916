/* Labelled images, as bytes. */
#ifndef BT_DATA_DATASET_H
#define BT_DATA_DATASET_H

#include "bittrue.h"

typedef struct {
  size_t count, height, width, channels, classes;
  uint8_t *pixels; /* NHWC */
  uint8_t *labels; /* below classes */
} bt_images;

typedef struct {
  bt_images train, test;
} bt_dataset;

/* A set that recipes can name. */
typedef struct {
  const char *name;      /* "fashion-mnist" */
  const char *directory; /* where a system package puts it */
  const char *hint;      /* how to get it, one phrase */
  size_t classes;
} bt_dataset_source;

/* The i-th known set, from 0; NULL beyond the last. */
const bt_dataset_source *bt_dataset_known(size_t i);

/* The i-th directory, from 0, in which bt_dataset_load looks for a known set when the recipe
 * names none: $BITTRUE_DATA/NAME if that variable is set, then the system's. false beyond the
 * last. */
bool bt_dataset_directory(const bt_dataset_source *source, size_t i, char *path, size_t size);

/* Reads the four IDX files (plain or gzip, with or without ".gz") of an MNIST-like set:
 * {train,t10k}-{images-idx3,labels-idx1}-ubyte in `directory`. Checks magics, sizes, that counts
 * of images and labels agree, that no byte is left over, and that labels are below `classes`
 * (1..256). On an error *set is empty and the error names file and offset. */
bt_status bt_dataset_idx(const char *directory, size_t classes, bt_dataset *set, bt_error *error);

/* A set by the name a recipe gives it: "fashion-mnist", "mnist". The directory is the recipe's
 * (NULL or "" for none), or else the first of bt_dataset_directory() that exists. */
bt_status bt_dataset_load(const char *name, const char *directory, bt_dataset *set,
                          bt_error *error);

void bt_dataset_free(bt_dataset *set);

/* The order of epoch `epoch` (numerics 5.3): a permutation of 0..n-1, n at most 2^32. */
void bt_dataset_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order);

#endif
