/* The value of averaged weights (numerics 16). */
#ifndef BT_NUM_AVERAGE_H
#define BT_NUM_AVERAGE_H

#include "bittrue.h"

/* floor(log2(magnitude / count)) for magnitude, count >= 1. */
int bt_quotient_log2(uint64_t magnitude, uint64_t count);

/* sum / count / 2^shift, rounded once to nearest even. |sum| < 2^62, count >= 1; the result is
 * known to fit in 32 bits. */
int32_t bt_quotient_round(int64_t sum, uint64_t count, int shift);

#endif
