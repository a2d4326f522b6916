/* Sets for linear models: rows of signed 8-bit inputs, with a target or a label (numerics 21.1). */
#ifndef BT_DATA_SAMPLES_H
#define BT_DATA_SAMPLES_H

#include "data/dataset.h"

typedef struct {
  size_t count, features;
  size_t outputs;  /* classes; 1 where there are targets */
  int8_t *x;       /* [count][features], within -127..127 */
  int x_fl;        /* a mantissa's step is 2^-x_fl */
  int16_t *target; /* [count] at step 2^-BT_TARGET_FL, or NULL */
  uint8_t *label;  /* [count], or NULL */
} bt_samples;
#define BT_TARGET_FL 8

/* A made-up regression. */
typedef struct {
  size_t count, features; /* features at most BT_SYNTHETIC_FEATURES */
  uint64_t seed;
} bt_synthetic;
#define BT_SYNTHETIC_FEATURES 65536u

/* Inputs of a normal distribution, targets of hidden weights and normal noise, all from keyed
 * streams. BT_FAILED when out of memory; free after an error too. */
bt_status bt_samples_synthetic(const bt_synthetic *s, bt_samples *samples, bt_error *error);

/* How images become rows: of each pool x pool pixels (sides are cut to whole windows) half the
 * mean, in steps of 2^-fl. */
typedef struct {
  size_t pool; /* 1 to BT_POOL_LARGEST, at most a side of the image */
  int fl;      /* 0..15 */
} bt_image_rows;
#define BT_POOL_LARGEST 64u
bt_status bt_samples_of_images(const bt_images *images, const bt_image_rows *how,
                               bt_samples *samples, bt_error *error);

void bt_samples_free(bt_samples *samples); /* safe on a zeroed struct */

/* Where a step's samples come from (numerics 21.2). */
typedef enum { BT_WITH_REPLACEMENT, BT_SHUFFLED } bt_sampling;

typedef struct {
  bt_sampling how;
  uint64_t seed;
  size_t count, batch; /* BT_SHUFFLED: batch divides count */
  uint32_t *order;     /* BT_SHUFFLED: [count], of epoch `epoch` */
  uint64_t epoch;      /* 0 for none yet */
} bt_sampler;

/* BT_FAILED when out of memory. Close after an error too. */
bt_status bt_sampler_open(bt_sampler *s, bt_sampling how, uint64_t seed, size_t count,
                          size_t batch, bt_error *error);
/* The samples of step `step`, from 0, into index[batch]. */
void bt_sampler_step(bt_sampler *s, uint64_t step, uint32_t *index);
void bt_sampler_close(bt_sampler *s);

#endif
