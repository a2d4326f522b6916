/* Draws of many elements at once, from any element on (numerics 4): the lanes as kernels step
 * them, and the jumps that put them there. */
#ifndef BT_FAST_DRAW_H
#define BT_FAST_DRAW_H

#include "bittrue.h"

/* The maps of 2^b steps of the LFSR, b = 0..31: column[b][i] is the image of bit i. */
typedef struct {
  uint32_t column[32][32];
} bt_jump;
void bt_jump_init(bt_jump *j);

/* state[0..lanes-1], each `steps` steps on. */
void bt_jump_lanes(const bt_jump *j, uint32_t *state, size_t lanes, uint64_t steps);

/* A command's draws from element `at` on. Kernels step `width` lanes, 16, 32 or 64, of which
 * number v is the lane of element v. Where a machine has fewer than 16 lanes, several of these are
 * one lane, rounds apart, and each makes 1 + skip draws a round. */
typedef struct {
  uint32_t lane[BT_MAX_LANES];
  unsigned width, skip;
  unsigned bits; /* R of a draw */
  uint32_t half; /* the bit that sr_half appends below a draw at the top of 32 bits, or 0 */
  size_t at;
} bt_lane_state;

/* The draws of a command that rounds so and starts where rng stands. Where nothing is drawn, all
 * is 0 and rng may be NULL. */
void bt_lanes_start(bt_lane_state *s, const bt_jump *j, const bt_round_options *round,
                    const bt_lfsr *rng);

/* The same command's draws from element `first` on, a multiple of 64; start is as
 * bt_lanes_start() left it. s is all zeros, or a state of that command, whatever its place. */
void bt_lanes_seek(bt_lane_state *s, const bt_lane_state *start, const bt_jump *j, size_t first);

/* rng after a stochastic command on n elements; any other leaves it as it is. */
void bt_lanes_finish(bt_lfsr *rng, const bt_jump *j, const bt_round_options *round, size_t n);

#endif
