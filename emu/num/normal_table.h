/* Quantiles of the normal distribution (numerics 5.4): T[16*o + j], o = 0..30, and T[496]. */
#ifndef BT_NUM_NORMAL_TABLE_H
#define BT_NUM_NORMAL_TABLE_H

#include <stdint.h>

#define BT_NORMAL_TABLE_SIZE 497
extern const int32_t bt_normal_table[BT_NORMAL_TABLE_SIZE]; /* units of 2^-24 */

#endif
