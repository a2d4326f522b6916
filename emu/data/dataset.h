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

typedef enum { BT_LAYOUT_IDX, BT_LAYOUT_CIFAR } bt_layout;

/* A set that recipes can name. */
typedef struct {
  const char *name;      /* "fashion-mnist" */
  const char *directory; /* where a system package puts it; NULL for none */
  const char *hint;      /* how to get it, one phrase */
  size_t classes;
  bt_layout layout;
  size_t train, test;    /* images that the published set has */
} bt_dataset_source;

/* The i-th known set, from 0; NULL beyond the last. */
const bt_dataset_source *bt_dataset_known(size_t i);
/* That of a name; NULL for an unknown one. */
const bt_dataset_source *bt_dataset_named(const char *name);

/* The i-th directory, from 0, in which bt_dataset_load looks for a known set when the recipe
 * names none: $BITTRUE_DATA/NAME if that variable is set, then the cache that scripts/get-data.sh
 * fills, ${XDG_CACHE_HOME:-$HOME/.cache}/bittrue/NAME, then the system's. false beyond the last. */
bool bt_dataset_directory(const bt_dataset_source *source, size_t i, char *path, size_t size);

/* Reads the four IDX files (plain or gzip, with or without ".gz") of an MNIST-like set:
 * {train,t10k}-{images-idx3,labels-idx1}-ubyte in `directory`. Checks magics, sizes, that counts
 * of images and labels agree, that no byte is left over, and that labels are below `classes`
 * (1..256). On an error *set is empty and the error names file and offset. */
bt_status bt_dataset_idx(const char *directory, size_t classes, bt_dataset *set, bt_error *error);

/* Reads CIFAR's binary files in `directory`, images of 32 x 32 x 3: CIFAR-10 (classes 10,
 * data_batch_1.bin to data_batch_5.bin and test_batch.bin: records of a label and the planes R, G,
 * B) or CIFAR-100 (100, train.bin and test.bin: a coarse and a fine label first; the fine one is
 * used). A file has any whole number of records. On an error as above. */
bt_status bt_dataset_cifar(const char *directory, size_t classes, bt_dataset *set,
                           bt_error *error);

/* A set by the name a recipe gives it: one of bt_dataset_known(). The directory is the recipe's
 * (NULL or "" for none), or else the first of bt_dataset_directory() that exists. */
bt_status bt_dataset_load(const char *name, const char *directory, bt_dataset *set,
                          bt_error *error);

/* How many images a recipe's set has: the published numbers, without reading anything, or, with a
 * directory of the recipe's own, those of its files. Errors as bt_dataset_load. */
bt_status bt_dataset_count(const char *name, const char *directory, size_t *train, size_t *test,
                           bt_error *error);

void bt_dataset_free(bt_dataset *set);

/* Exact sums over all pixels of a channel. */
typedef struct {
  uint64_t count, sum, squares; /* count at most 2^32 */
} bt_moments;
void bt_images_moments(const bt_images *images, size_t channel, bt_moments *moments);
/* Mean and standard deviation (of the whole, not of a sample of it) of pixels / 255, count above
 * 0, in decimals rounded to five places, halves up: "0.49140". */
#define BT_MOMENT_TEXT 16u
void bt_moments_text(const bt_moments *m, char mean[BT_MOMENT_TEXT], char std[BT_MOMENT_TEXT]);

/* The order of epoch `epoch` (numerics 5.3): a permutation of 0..n-1, n at most 2^32. */
void bt_dataset_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order);

/* What is done to a training image (numerics 5.6). Zeroed: nothing. */
typedef struct {
  size_t crop_pad; /* black pixels on every side, then a crop of the image's size; 0..256 */
  bool flip;       /* left-right, every second time */
} bt_augmentation;

/* Sample `sample` as epoch `epoch` sees it, into pixels [height][width][channels]. Depends on its
 * arguments alone. */
void bt_augment(const bt_augmentation *a, uint64_t seed, uint64_t epoch, const bt_images *images,
                size_t sample, uint8_t *pixels);

#endif
