/* Keyed streams (numerics 5.1, 5.2, 5.4). */
#include "num/stream.h"

#include "num/normal_table.h"

uint64_t bt_splitmix64(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

bt_stream bt_stream_open(uint64_t seed, bt_stream_purpose purpose, uint64_t epoch) {
  uint64_t h0 = bt_splitmix64(seed + BT_SPLITMIX_GAMMA);
  uint64_t h1 = bt_splitmix64(h0 + ((uint64_t)purpose + 1) * BT_SPLITMIX_GAMMA);
  uint64_t h2 = bt_splitmix64(h1 + (epoch + 1) * BT_SPLITMIX_GAMMA);
  return (bt_stream){h2};
}

uint64_t bt_stream_at(bt_stream s, uint64_t index) {
  return bt_splitmix64(s.key + (index + 1) * BT_SPLITMIX_GAMMA);
}

uint64_t bt_stream_below(bt_stream s, uint64_t index, uint64_t n) {
  return (uint64_t)((unsigned __int128)bt_stream_at(s, index) * n >> 64);
}

int32_t bt_stream_normal(bt_stream s, uint64_t index) {
  const uint64_t low63 = (UINT64_C(1) << 63) - 1;
  uint64_t u = bt_stream_at(s, index);
  uint64_t v = u & low63;
  unsigned octave = v == 0 ? 63 : (unsigned)__builtin_clzll(v) - 1;
  octave = octave > 30 ? 30 : octave;
  uint64_t a = (v << (octave + 1)) & low63;
  unsigned segment = (unsigned)(a >> 59);
  int64_t f = (int64_t)(a >> 43 & 0xFFFF);
  unsigned k = 16 * octave + (15 - segment);
  int64_t low = bt_normal_table[k];
  int64_t magnitude = low + ((bt_normal_table[k + 1] - low) * (65535 - f) >> 16);
  return (int32_t)((u >> 63) != 0 ? -magnitude : magnitude);
}
