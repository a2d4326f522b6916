/* Small data sets, nets and recipes for tests, as files: what a run on a real set needs, in
 * seconds. All of it comes from the keyed streams (numerics 5), so it is the same everywhere. */
#ifndef BT_TESTS_SMALL_H
#define BT_TESTS_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grey images of side x side in ten classes: each class has a pattern, each image adds noise. */
typedef struct {
  size_t side, train, test;
  uint64_t seed;
  bool gzip; /* write .gz files */
} small_set;

/* Writes the four IDX files that bt_dataset_idx() reads. false if one cannot be written. */
bool small_set_write(const char *directory, const small_set *set);

/* The same in colour, 32 x 32 x 3, in the binary layout of CIFAR-10 or CIFAR-100. */
typedef struct {
  size_t classes; /* 10 or 100 */
  size_t train, test;
  uint64_t seed;
} small_cifar;

/* Writes the files that bt_dataset_cifar() reads; CIFAR-10's five training files differ in length
 * by one record at most. false if one cannot be written. */
bool small_cifar_write(const char *directory, const small_cifar *set);

/* `layers` of a net file for 8x8 images. */
#define SMALL_MLP "  - {fc: fc1, out: 24, relu: true}\n  - {fc: fc2, out: 10}\n"
#define SMALL_CONV \
  "  - {conv: conv1, out: 6, kernel: 3, pad: 1, relu: true}\n" \
  "  - {pool: pool1, kernel: 2}\n" \
  "  - {dropout: drop1, p: 0.25}\n" \
  "  - {fc: fc1, out: 10}\n"
/* For images of 32 x 32 x 3. */
#define SMALL_COLOUR \
  "  - {conv: conv1, out: 4, kernel: 3, stride: 4, relu: true}\n" \
  "  - {fc: fc1, out: 10}\n"
/* Every kind of layer between others: errors go back through all of them. */
#define SMALL_DEEP \
  "  - {conv: conv1, out: 6, kernel: 3, pad: 1, relu: true}\n" \
  "  - {pool: pool1, kernel: 2}\n" \
  "  - {conv: conv2, out: 8, kernel: 3, relu: true}\n" \
  "  - {dropout: drop1, p: 0.25}\n" \
  "  - {fc: fc1, out: 20, relu: true}\n" \
  "  - {fc: fc2, out: 10}\n"

/* Blocks of both kinds, batch norm, strided and 1x1 convolutions, sums, an average pool; of grey
 * or colour images. */
#define SMALL_RESIDUAL \
  "  - {conv: conv1, out: 6, kernel: 3, pad: 1, bias: false}\n" \
  "  - {stage: s1, block: preact, blocks: 1, out: 6}\n" \
  "  - {stage: s2, block: basic, blocks: 1, out: 8, stride: 2}\n" \
  "  - {average_pool: pool, kernel: 4}\n" \
  "  - {fc: fc, out: 10}\n"

typedef struct {
  size_t side, batch, epochs, swa_start;
  uint64_t seed;
  const char *layers;
  const char *rounding; /* "stochastic" */
  const char *data;     /* directory of the set */
  const char *set;      /* NULL: "mnist", one channel; else three */
  const char *options;  /* more of the `data` map, ", flip: true"; NULL: none */
} small_recipe;

/* Writes DIRECTORY/net.yaml and DIRECTORY/recipe.yaml, Small-block bfp8. */
bool small_recipe_write(const char *directory, const small_recipe *recipe);

#endif
