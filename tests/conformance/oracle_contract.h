/* Contraction by the table of numerics 8: loops over image and window, products listed one by
 * one, groups of 8.2 accumulated in their order. */
#ifndef BT_TESTS_ORACLE_CONTRACT_H
#define BT_TESTS_ORACLE_CONTRACT_H

#include "cmd/command.h"
#include "engine/engine.h"
#include "oracle.h"

/* What the cases touched, so that a test can insist on it. */
typedef struct {
  uint64_t products, outside, zero_pairs, dropped, groups, empty_outputs, shifted, two_pass;
  /* Outputs with exponents of their own, those of them with several groups, and in two passes. */
  uint64_t aligned, aligned_groups, aligned_two_pass;
} oracle_contract_seen;

/* Fills c->out[0] (allocated): mantissas, exponents, bits. rng and counts as an engine would. */
void oracle_contract(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                     bt_counts *counts, oracle_contract_seen *seen);

#endif
