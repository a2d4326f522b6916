/* A contraction inside the fast engine (numerics 8): what its parts share. */
#ifndef BT_FAST_CONTRACT_H
#define BT_FAST_CONTRACT_H

#include "fast/context.h"
#include "num/align.h"

#define BT_UNUSED_BLOCK (-1)

/* A contraction whose order of addition is free. Along k the products lie in blocks of equal
 * exponent: successive output channels (data gradient) or samples (weight gradient), or one. */
typedef struct {
  const bt_command *c;
  bt_fast *f;
  bt_geometry g;
  bt_direction d;
  bt_extent x;
  bool two_pass;         /* numerics 8.3 */
  int64_t a_max, b_max;  /* largest magnitudes that the operands' formats hold */
  size_t rows_a, columns_b, k_a, k_b; /* successive ones in an operand's block; 0: all */
  bool *zero_a, *zero_b; /* the operands' zero blocks */
  size_t k_blocks, k_block_size;
  int *shift;            /* [k_blocks] left shift to gref, or BT_UNUSED_BLOCK: zero or dropped */
  uint64_t dropped;      /* products an output drops */
  bool any;              /* some block along k is nonzero */
  bt_alignment plan;
  bt_extremes *extremes; /* of out, all filled in; NULL if nobody asks */
} bt_contraction;

/* Whether the engine's kernels give the contraction's bits: no addition leaves the accumulator,
 * so no order of additions matters. Decided by the formats where they suffice, else by the
 * mantissas that are there. */
bool bt_fast_contract_covers(const bt_command *c, const bt_accumulator *acc);

/* Executes a contraction that is covered. extremes: those of the output's mantissas are left
 * there, low and high made by the caller for out's n0 rows by g.c columns in a weight gradient,
 * else by the columns of the matrix view, which are whole last dimensions of out; NULL if nobody
 * asks. */
bt_status bt_fast_contract(bt_fast *f, const bt_command *c, bt_extremes *extremes,
                           bt_counts *counts, bt_error *error);

/* Largest magnitude that a bfp tensor's format holds. */
int64_t bt_fast_format_largest(const bt_tensor *t);

/* A bound on |sum| over any of the products of an output, in any order, from the mantissas. */
uint64_t bt_fast_largest_sum(const bt_command *c);

/* Largest sum of magnitudes of one of a tensor's `rows` equal runs. */
uint64_t bt_fast_largest_row(const bt_tensor *t, size_t rows);

/* sum[j] += the magnitudes of column j of m[rows][columns], times 2^shift. */
void bt_fast_add_magnitudes(size_t rows, size_t columns, const int8_t *m, int shift,
                            uint64_t *sum);

/* The sums, by direction; false when out of memory. */
bool bt_fast_windows(const bt_contraction *w);         /* forward and data gradient */
bool bt_fast_weight_gradient(const bt_contraction *w);

#endif
