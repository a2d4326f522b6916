/* What random cases are put together from. */
#ifndef BT_TEST_RANDOM_PARTS_H
#define BT_TEST_RANDOM_PARTS_H

#include "random_case.h"

size_t random_size(chance *r, size_t most);   /* 1..most, small ones more often */
size_t random_scaled(chance *r, size_t most); /* the same, of what large cases scale */
bt_format random_format(chance *r, int least, int most, bt_block block);
int random_spread(chance *r); /* exponents lie within so many of each other */

/* Adds operand i with random contents, bytes below the last argument; an output's shape. */
void random_input(random_case *k, chance *r, size_t i, bt_tensor t, uint64_t bytes_below);
void random_output(random_case *k, bt_tensor t);
void random_constants(random_case *k, chance *r, size_t at, size_t count, int bits);

/* Each makes all of a command. */
void random_norm_affine(random_case *k, chance *r);
void random_sums(random_case *k, chance *r);
void random_norm(random_case *k, chance *r);
void random_statistics(random_case *k, chance *r);
void random_pool_sum(random_case *k, chance *r);

#endif
