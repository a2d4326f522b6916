/* For each bit of a block of memory: in how many steps it was one, and in how many it changed. */
#ifndef BT_COST_BIT_COUNTS_H
#define BT_COST_BIT_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "bittrue.h"

typedef struct {
  size_t words;     /* of 64 bits */
  unsigned steps;   /* in the planes */
  uint64_t *plane;  /* [2][8][words]: bit p of the counts since the last flush, a bit a place */
  uint64_t *count;  /* [2][words * 64], by byte and bit */
} bt_bit_counts;

/* Of `bytes` bytes, a multiple of 8. BT_FAILED: out of memory. Close it, after an error too. */
bt_status bt_bit_counts_open(bt_bit_counts *n, size_t bytes, bt_error *error);
void bt_bit_counts_close(bt_bit_counts *n);

/* A step: what the block holds now, and what it held before. */
void bt_bit_counts_add(bt_bit_counts *n, const uint8_t *now, const uint8_t *before);

/* Of bit 0..7 of a byte. */
uint64_t bt_bit_ones(bt_bit_counts *n, size_t byte, unsigned bit);
uint64_t bt_bit_toggles(bt_bit_counts *n, size_t byte, unsigned bit);

#endif
