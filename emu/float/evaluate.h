/* Test errors of an fp32 model (float only). */
#ifndef BT_FLOAT_EVALUATE_H
#define BT_FLOAT_EVALUATE_H

#include "data/dataset.h"
#include "float/model.h"

double bt_percent_wrong(uint64_t correct, uint64_t count); /* count above 0 */

/* What batch norm's statistics are made from: training images, augmented as an epoch sees them. */
typedef struct {
  const bt_images *images;
  const bt_augmentation *augmentation;
  uint64_t seed, epoch;
} bt_float_seen;

/* Test error in percent of the model's weights, batches of the model's size in file order. Of a
 * net with batch norm after a pass over the images that were `seen`, for the weights' statistics
 * (numerics 19.1). BT_FAILED when out of memory. */
bt_status bt_float_evaluate(bt_float_model *model, const bt_float_normal *normal,
                            const bt_float_seen *seen, const bt_images *test, double *percent,
                            bt_error *error);

#endif
