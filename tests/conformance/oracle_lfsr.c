/* The datapath's generator from its definition: single steps, and matrices for the lane starts. */
#include <string.h>

#include "oracle.h"

#define GOLDEN 0x9E3779B97F4A7C15u

uint64_t oracle_splitmix64(uint64_t s, uint64_t n) {
  uint64_t z = s + n * GOLDEN;
  z ^= z >> 30;
  z *= 0xBF58476D1CE4E5B9u;
  z ^= z >> 27;
  z *= 0x94D049BB133111EBu;
  z ^= z >> 31;
  return z;
}

uint32_t oracle_lfsr_step(uint32_t x) {
  uint32_t shifted = x >> 1;
  return x % 2 == 1 ? shifted ^ 0xA3000000u : shifted;
}

/* column[j] is the image of the state with only bit j set. */
typedef struct {
  uint32_t column[32];
} matrix;

static uint32_t matrix_apply(const matrix *a, uint32_t x) {
  uint32_t y = 0;
  for (unsigned j = 0; j < 32; j++)
    if ((x >> j) & 1u)
      y ^= a->column[j];
  return y;
}

static matrix matrix_power(uint64_t steps) {
  matrix power, square;
  for (unsigned j = 0; j < 32; j++) {
    power.column[j] = (uint32_t)1 << j;
    square.column[j] = oracle_lfsr_step((uint32_t)1 << j);
  }
  for (; steps > 0; steps /= 2) {
    matrix before = square;
    if (steps % 2 == 1)
      for (unsigned j = 0; j < 32; j++)
        power.column[j] = matrix_apply(&square, power.column[j]);
    for (unsigned j = 0; j < 32; j++)
      square.column[j] = matrix_apply(&before, before.column[j]);
  }
  return power;
}

uint32_t oracle_lfsr_jump(uint32_t x, uint64_t steps) {
  matrix m = matrix_power(steps);
  return matrix_apply(&m, x);
}

void oracle_lfsr_start(bt_lfsr *rng, uint64_t seed, unsigned lanes) {
  memset(rng, 0, sizeof *rng);
  matrix stride = matrix_power(0xFFFFFFFFu / lanes);
  uint32_t x = (uint32_t)(oracle_splitmix64(seed, 1) % 0x100000000u);
  if (x == 0)
    x = 1;
  rng->lanes = lanes;
  for (unsigned l = 0; l < lanes; l++) {
    rng->lane[l] = x;
    x = matrix_apply(&stride, x);
  }
}

void oracle_lfsr_draws(bt_lfsr *rng, size_t n, unsigned bits, uint32_t *draws) {
  size_t rounds = (n + rng->lanes - 1) / rng->lanes;
  for (size_t i = 0; i < rounds * rng->lanes; i++) {
    uint32_t *x = &rng->lane[i % rng->lanes];
    if (i < n)
      draws[i] = *x % ((uint32_t)1 << bits);
    for (unsigned b = 0; b < bits; b++)
      *x = oracle_lfsr_step(*x);
  }
  rng->steps += (uint64_t)rounds * bits;
}

uint64_t oracle_stream_next(oracle_stream *s) {
  return oracle_splitmix64(s->seed, ++s->count);
}

int64_t oracle_stream_in(oracle_stream *s, int64_t low, int64_t high) {
  uint64_t span = (uint64_t)(high - low) + 1;
  return low + (int64_t)(oracle_stream_next(s) % span);
}
