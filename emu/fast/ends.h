/* The extremes of an operand, so that what is computed from it knows its range. */
#ifndef BT_FAST_ENDS_H
#define BT_FAST_ENDS_H

#include "fast/context.h"

/* The least and the largest mantissa of each column of a bfp tensor that is not empty, as one row
 * of extremes in scratch. False for other kinds, or when out of memory. */
bool bt_fast_ends(bt_fast *f, const bt_tensor *x, bt_extremes *ends);

#endif
