/* A contraction on the array and its loop nest (docs/cost.md 2 and 5.2), walked tile by tile: a
 * check of cost/cycles.h and cost/nest.h, written from the document. */
#ifndef BT_TESTS_ORACLE_NEST_H
#define BT_TESTS_ORACLE_NEST_H

#include "cmd/command.h"
#include "machine/machine.h"

typedef struct {
  uint64_t cycles;  /* of the array */
  uint64_t load[2]; /* bytes of A and of B read from DRAM for it */
} oracle_visit;

typedef struct {
  size_t visits;
  oracle_visit *visit;
  uint64_t chunks; /* of each visit */
  uint64_t cycles;
  uint64_t read[2];                /* of all visits */
  uint64_t sram_read[2];           /* of the input and the weight buffer */
  uint64_t sums_written, sums_read; /* of the output buffer */
} oracle_contraction;

/* With `plan`, exponents that are not known count as equal; with `fp32`, words of 4 bytes. */
oracle_contraction oracle_contract(const bt_machine *m, const bt_command *c, bool plan, bool fp32);
void oracle_contraction_free(oracle_contraction *o);

/* ceil(a / b), b > 0. */
static inline uint64_t oracle_ceil(uint64_t a, uint64_t b) { return a / b + (a % b > 0 ? 1 : 0); }
/* Half a buffer; at least 1, as something must be held. */
static inline uint64_t oracle_half(uint64_t bytes) { return bytes < 2 ? 1 : bytes / 2; }

#endif
