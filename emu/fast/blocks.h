/* Contractions with an operand in blocks tile or k32 (numerics 8.2): kernels over the outputs of
 * one row, each with an exponent of its own. */
#ifndef BT_FAST_BLOCKS_H
#define BT_FAST_BLOCKS_H

#include "fast/context.h"

/* The exponent of a place without a block, or in a zero block: below any, also when another
 * operand's exponent is added. */
#define BT_BLOCKS_NONE (-16384)

/* Of n outputs at a k: e are the second operand's exponents, g = a + e. */
typedef struct {
  /* Joins g to low and high; low not where e is BT_BLOCKS_NONE. */
  void (*range)(size_t n, int16_t a, const int16_t *e, int16_t *low, int16_t *high);
  /* sum[n] = the products of `length` successive k, below 2^31 in magnitude: of m[length] and
   * b[length][n]. */
  void (*multiply)(size_t n, size_t length, const int16_t *m, const int16_t *b, int32_t *sum);
  /* total += sum << (g - gref) where that is 0..16. */
  void (*add)(size_t n, int16_t a, const int16_t *e, const int16_t *gref, const int32_t *sum,
              int64_t *total);
  /* Both for one k, the shifted product below 2^31 in magnitude. */
  void (*add_one)(size_t n, int16_t a, const int16_t *e, const int16_t *gref, int16_t m,
                  const int16_t *b, int64_t *total);
  /* How many outputs have a pair below their gref. */
  size_t (*below)(size_t n, int16_t a, const int16_t *e, const int16_t *gref);
} bt_blocks_kernels;

extern const bt_blocks_kernels bt_blocks_portable, bt_blocks_avx2;

/* Executes such a contraction where no order of additions matters; false, having changed nothing
 * but the output, where one does or memory is out. */
bool bt_fast_blocks_contract(bt_fast *f, const bt_command *c, bt_counts *counts);

#endif
