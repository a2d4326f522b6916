/* The datapath's random bits: Galois LFSRs with jump-ahead (numerics 4). */
#include <string.h>

#include "num/error.h"
#include "num/lfsr.h"
#include "num/stream.h"

#define TAPS UINT32_C(0xA3000000)
#define PERIOD UINT32_C(0xFFFFFFFF)

uint32_t bt_lfsr_draw(uint32_t *lane, unsigned bits) {
  uint32_t x = *lane;
  uint32_t r = x & ((UINT32_C(1) << bits) - 1);
  /* One fold per tap (31, 29, 25, 24); exact for bits <= 24, as no tap reaches bit 0 meanwhile. */
  *lane = (x >> bits) ^ (r << (32 - bits)) ^ (r << (30 - bits)) ^ (r << (26 - bits)) ^
          (r << (25 - bits));
  return r;
}

/* A 32 x 32 matrix over GF(2): column[i] is the image of bit i. */
typedef struct {
  uint32_t column[32];
} gf2_matrix;

static uint32_t gf2_apply(const gf2_matrix *m, uint32_t x) {
  uint32_t y = 0;
  for (unsigned i = 0; i < 32; i++) {
    y ^= (x >> i & 1) != 0 ? m->column[i] : 0;
  }
  return y;
}

static void gf2_square(gf2_matrix *m) {
  gf2_matrix s;
  for (unsigned i = 0; i < 32; i++) {
    s.column[i] = gf2_apply(m, m->column[i]);
  }
  *m = s;
}

uint32_t bt_lfsr_jump(uint32_t state, uint64_t steps) {
  gf2_matrix m;
  for (unsigned i = 0; i < 32; i++) {
    uint32_t x = UINT32_C(1) << i;
    m.column[i] = (x >> 1) ^ ((x & 1) != 0 ? TAPS : 0);
  }
  for (steps %= PERIOD; steps != 0; steps >>= 1) {
    if ((steps & 1) != 0) {
      state = gf2_apply(&m, state);
    }
    gf2_square(&m);
  }
  return state;
}

bt_status bt_lfsr_start(bt_lfsr *rng, uint64_t seed, unsigned lanes) {
  if (lanes < 1 || lanes > BT_MAX_LANES || (lanes & (lanes - 1)) != 0) {
    return bt_fail(NULL, BT_BAD_INPUT, "lanes");
  }
  memset(rng, 0, sizeof *rng);
  rng->lanes = lanes;
  rng->lane[0] = (uint32_t)bt_splitmix64(seed + BT_SPLITMIX_GAMMA);
  rng->lane[0] = rng->lane[0] == 0 ? 1 : rng->lane[0];
  for (unsigned l = 1; l < lanes; l++) {
    rng->lane[l] = bt_lfsr_jump(rng->lane[l - 1], PERIOD / lanes);
  }
  return BT_OK;
}

void bt_lfsr_advance(bt_lfsr *rng, uint64_t draws, unsigned bits) {
  for (unsigned l = 0; l < rng->lanes; l++) {
    rng->lane[l] = bt_lfsr_jump(rng->lane[l], draws % PERIOD * bits);
  }
  rng->steps += draws * bits;
}

void bt_lfsr_fill(bt_lfsr *rng, size_t first, size_t count, unsigned bits, uint32_t *draws) {
  for (size_t i = 0; i < count; i++) {
    draws[i] = bt_lfsr_element(rng, first + i, bits);
  }
}

void bt_lfsr_finish(bt_lfsr *rng, size_t n, unsigned bits) {
  size_t rounds = (n + rng->lanes - 1) / rng->lanes;
  for (size_t i = n; i < rounds * rng->lanes; i++) {
    bt_lfsr_element(rng, i, bits);
  }
  rng->steps += (uint64_t)rounds * bits;
}
