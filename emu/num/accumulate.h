/* The MAC array's accumulator (numerics 8.1). */
#ifndef BT_NUM_ACCUMULATE_H
#define BT_NUM_ACCUMULATE_H

#include "bittrue.h"

/* BT_BAD_INPUT unless every field is in its range. */
bt_status bt_accumulator_check(const bt_accumulator *acc, bt_error *error);

/* True when sums of k products below 2^product_bits in magnitude cannot leave the accumulator
 * and nothing is rounded, so that every order of addition gives the same bits. */
bool bt_accumulate_any_order(const bt_accumulator *acc, size_t k, int product_bits);

/* The sum of k products in 32 bits, where it is known to fit. */
int32_t bt_accumulate_exact(size_t k, const int8_t *a, const int8_t *b);

/* The accumulator after k products in order. draws: one per product, used by a stochastic
 * acc_rounding only (a chunk uses its first product's), else may be NULL. Adds to *saturations
 * the additions that saturated or wrapped. */
int32_t bt_accumulate_ordered(const bt_accumulator *acc, size_t k, const int8_t *a, const int8_t *b,
                              const uint32_t *draws, uint64_t *saturations);

/* The same sums in an accumulator (and partial sums) that never overflow: lowers *least and raises
 * *greatest to the values that the accumulator takes. k is below 2^48. */
void bt_accumulate_range(const bt_accumulator *acc, size_t k, const int8_t *a, const int8_t *b,
                         const uint32_t *draws, int64_t *least, int64_t *greatest);

#endif
