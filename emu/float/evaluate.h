/* Test errors of an fp32 model (float only). */
#ifndef BT_FLOAT_EVALUATE_H
#define BT_FLOAT_EVALUATE_H

#include "float/model.h"

double bt_percent_wrong(uint64_t correct, uint64_t count); /* count above 0 */

/* Test error in percent of the model's weights, batches of the model's size in file order. Of a
 * net with batch norm after a pass over `train`, without augmentation, for the weights' statistics
 * (numerics 19.1). */
double bt_float_evaluate(bt_float_model *model, const bt_float_normal *normal,
                         const bt_images *train, const bt_images *test);

#endif
