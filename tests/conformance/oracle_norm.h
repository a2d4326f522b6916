/* Batch norm of one channel from numerics 19 and 19.1, in exact rationals. */
#ifndef BT_TESTS_ORACLE_NORM_H
#define BT_TESTS_ORACLE_NORM_H

#include "cmd/command.h"
#include "oracle_scalar.h"

typedef struct {
  uint64_t zero_variance, zero_r, zero_a, one_row; /* channels that touched them */
} oracle_norm_seen;

/* Fill the outputs (allocated) of a norm or norm_back command. */
void oracle_norm(const bt_command *c, oracle_norm_seen *seen);
void oracle_norm_back(const bt_command *c, oracle_norm_seen *seen);

/* A layer's statistics: exact values of the sums, and their exponents. */
typedef struct {
  size_t channels;
  mpq_t *first, *second;
  long first_step, second_step; /* BT_EMIN_NONE before any */
  uint64_t rows;
} oracle_statistics;

void oracle_statistics_open(oracle_statistics *s, size_t channels);
void oracle_statistics_close(oracle_statistics *s);
/* Adds a batch; false where the contract has an error. */
bool oracle_statistics_add(oracle_statistics *s, const bt_tensor *s1, const bt_tensor *s2,
                           uint64_t n);

/* The integer v, all 128 bits. */
void oracle_set_wide(mpz_t out, __int128 v);

#endif
