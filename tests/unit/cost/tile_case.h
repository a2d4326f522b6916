/* The waves of one tile of a drawn contraction, for benches in C++. */
#ifndef BT_TESTS_COST_TILE_CASE_H
#define BT_TESTS_COST_TILE_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *text; /* the dump; NULL: see error */
  size_t size;
  uint64_t cycles;
  char error[256];
} tile_case;

/* A weight gradient of up to 40 samples of random bytes, many of them large, with up to five
 * exponents among the samples, so that a tile takes several passes. A tile is drawn, too. */
tile_case tile_case_waves(size_t rows, size_t cols, int acc_bits, bool wrap, uint64_t seed);
void tile_case_free(tile_case *t);

#endif
