#include "cost/bit_counts.h"

#include <stdlib.h>
#include <string.h>

#include "num/error.h"

#define PLANES 8u
#define MOST_STEPS 255u /* that 8 planes count */

enum { ONES, TOGGLES, KINDS };

bt_status bt_bit_counts_open(bt_bit_counts *n, size_t bytes, bt_error *error) {
  *n = (bt_bit_counts){.words = bytes / sizeof(uint64_t)};
  n->plane = calloc(KINDS * PLANES * n->words, sizeof *n->plane);
  n->count = calloc(KINDS * 64 * n->words, sizeof *n->count);
  return n->plane != NULL && n->count != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "out of memory for counts of bits");
}

void bt_bit_counts_close(bt_bit_counts *n) {
  free(n->plane);
  free(n->count);
  *n = (bt_bit_counts){0};
}

/* One more where x has ones: an addition in each place, carried from plane to plane. */
static void add_ones(uint64_t *plane, size_t words, size_t i, uint64_t x) {
  for (unsigned p = 0; p < PLANES; p++) {
    uint64_t sum = plane[p * words + i];
    plane[p * words + i] = sum ^ x;
    x &= sum;
  }
}

static void flush_byte(const bt_bit_counts *n, size_t kind, size_t byte) {
  uint64_t *count = n->count + kind * 64 * n->words + 8 * byte;
  for (unsigned p = 0; p < PLANES; p++) {
    uint8_t bits;
    memcpy(&bits, (const uint8_t *)(n->plane + (kind * PLANES + p) * n->words) + byte, 1);
    for (unsigned b = 0; b < 8; b++) {
      count[b] += (uint64_t)(bits >> b & 1) << p;
    }
  }
}

static void flush(bt_bit_counts *n) {
  for (size_t kind = 0; kind < KINDS; kind++) {
    for (size_t byte = 0; n->steps > 0 && byte < n->words * sizeof(uint64_t); byte++) {
      flush_byte(n, kind, byte);
    }
  }
  memset(n->plane, 0, KINDS * PLANES * n->words * sizeof *n->plane);
  n->steps = 0;
}

void bt_bit_counts_add(bt_bit_counts *n, const uint8_t *now, const uint8_t *before) {
  size_t words = n->words;
  if (n->steps == MOST_STEPS) {
    flush(n);
  }
  for (size_t i = 0; i < words; i++) {
    uint64_t x, y;
    memcpy(&x, now + i * sizeof x, sizeof x);
    memcpy(&y, before + i * sizeof y, sizeof y);
    add_ones(n->plane, words, i, x);
    add_ones(n->plane + PLANES * words, words, i, x ^ y);
  }
  n->steps++;
}

static uint64_t count_of(bt_bit_counts *n, size_t kind, size_t byte, unsigned bit) {
  if (n->steps > 0) {
    flush(n);
  }
  return n->count[kind * 64 * n->words + 8 * byte + bit];
}

uint64_t bt_bit_ones(bt_bit_counts *n, size_t byte, unsigned bit) {
  return count_of(n, ONES, byte, bit);
}

uint64_t bt_bit_toggles(bt_bit_counts *n, size_t byte, unsigned bit) {
  return count_of(n, TOGGLES, byte, bit);
}
