/* Keyed streams of random numbers (numerics 5): everything random outside the datapath. */
#ifndef BT_NUM_STREAM_H
#define BT_NUM_STREAM_H

#include "bittrue.h"

typedef enum {
  BT_STREAM_WEIGHTS = 1,
  BT_STREAM_SHUFFLE = 2,
  BT_STREAM_AUGMENT = 3,
  BT_STREAM_DROPOUT = 4,
  BT_STREAM_SYNTHETIC = 5
} bt_stream_purpose;

typedef struct {
  uint64_t key; /* h2 of numerics 5.2 */
} bt_stream;

/* numerics 5.1: the increment G, and mix(). */
#define BT_SPLITMIX_GAMMA UINT64_C(0x9E3779B97F4A7C15)
uint64_t bt_splitmix64(uint64_t z);
bt_stream bt_stream_open(uint64_t seed, bt_stream_purpose purpose, uint64_t epoch);
uint64_t bt_stream_at(bt_stream s, uint64_t index);
/* floor(value * n / 2^64): below n, n > 0. */
uint64_t bt_stream_below(bt_stream s, uint64_t index, uint64_t n);
/* A normal deviate in units of 2^-24 (numerics 5.4). */
int32_t bt_stream_normal(bt_stream s, uint64_t index);

#endif
