#include "fast/draw.h"

#define PERIOD UINT32_C(0xFFFFFFFF)
#define LEAST_WIDTH 16u

static uint32_t image(const uint32_t *column, uint32_t x) {
  uint32_t y = 0;
  for (unsigned i = 0; i < 32; i++) {
    y ^= (0 - (x >> i & 1)) & column[i];
  }
  return y;
}

void bt_jump_init(bt_jump *j) {
  for (unsigned i = 0; i < 32; i++) {
    j->column[0][i] = bt_lfsr_jump(UINT32_C(1) << i, 1);
  }
  for (unsigned b = 1; b < 32; b++) {
    for (unsigned i = 0; i < 32; i++) {
      j->column[b][i] = image(j->column[b - 1], j->column[b - 1][i]);
    }
  }
}

/* Eight lanes at a time: side by side in vectors. */
static void images(const uint32_t *column, uint32_t *state) {
  uint32_t y[8] = {0};
  for (unsigned i = 0; i < 32; i++) {
    for (unsigned l = 0; l < 8; l++) {
      y[l] ^= (0 - (state[l] >> i & 1)) & column[i];
    }
  }
  for (unsigned l = 0; l < 8; l++) {
    state[l] = y[l];
  }
}

void bt_jump_lanes(const bt_jump *j, uint32_t *state, size_t lanes, uint64_t steps) {
  steps %= PERIOD;
  for (unsigned b = 0; b < 32; b++) {
    size_t l = 0;
    if ((steps >> b & 1) == 0) {
      continue;
    }
    for (; l + 8 <= lanes; l += 8) {
      images(j->column[b], state + l);
    }
    for (; l < lanes; l++) {
      state[l] = image(j->column[b], state[l]);
    }
  }
}

void bt_lanes_start(bt_lane_state *s, const bt_jump *j, const bt_round_options *round,
                    const bt_lfsr *rng) {
  if (round->mode != BT_STOCHASTIC) {
    *s = (bt_lane_state){0};
    return;
  }
  *s = (bt_lane_state){.width = rng->lanes < LEAST_WIDTH ? LEAST_WIDTH : rng->lanes,
                       .bits = round->random_bits};
  s->skip = s->width / rng->lanes - 1;
  s->half = round->sr_half ? UINT32_C(1) << (31 - s->bits) : 0;
  for (unsigned v = 0; v < s->width; v++) {
    if (v < rng->lanes) {
      s->lane[v] = rng->lane[v];
    } else {
      s->lane[v] = s->lane[v - rng->lanes];
      bt_jump_lanes(j, &s->lane[v], 1, s->bits);
    }
  }
}

void bt_lanes_seek(bt_lane_state *s, const bt_lane_state *start, const bt_jump *j, size_t first) {
  if (s->at == first && s->width == start->width) {
    return;
  }
  *s = *start;
  s->at = first;
  if (s->width == 0) {
    return;
  }
  /* Products of a distance and the draws of a round stay in 64 bits: the distance is taken
   * modulo the period first. */
  uint64_t rounds = first / s->width % PERIOD;
  bt_jump_lanes(j, s->lane, s->width, rounds * (s->skip + 1) * s->bits);
}

void bt_lanes_finish(bt_lfsr *rng, const bt_jump *j, const bt_round_options *round, size_t n) {
  if (round->mode != BT_STOCHASTIC) {
    return;
  }
  uint64_t draws = (n + rng->lanes - 1) / rng->lanes;
  bt_jump_lanes(j, rng->lane, rng->lanes, draws % PERIOD * round->random_bits);
  rng->steps += draws * round->random_bits;
}
