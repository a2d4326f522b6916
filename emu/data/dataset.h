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

/* Reads the four IDX files (plain or gzip, with or without ".gz") of an MNIST-like set:
 * {train,t10k}-{images-idx3,labels-idx1}-ubyte in `directory`. Checks magics, sizes, that counts
 * of images and labels agree, that no byte is left over, and that labels are below `classes`. */
bt_status bt_dataset_idx(const char *directory, size_t classes, bt_dataset *set, bt_error *error);

/* A set by the name a recipe gives it: "fashion-mnist", "mnist". The directory is the
 * recipe's, or else $BITTRUE_DATA/NAME, or else where Debian's package puts it. */
bt_status bt_dataset_load(const char *name, const char *directory, bt_dataset *set, bt_error *error);

void bt_dataset_free(bt_dataset *set);

/* The order of epoch `epoch` (numerics 5.3): a permutation of 0..n-1. */
void bt_dataset_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order);

#endif
