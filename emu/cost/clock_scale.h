/* The time scale of waves (traces 8.1). */
#ifndef BT_COST_CLOCK_SCALE_H
#define BT_COST_CLOCK_SCALE_H

#include <stdint.h>

typedef struct {
  uint64_t clock_hz;
  uint64_t per_second; /* units */
  const char *unit;    /* "1 ns", "1 ps" or "1 fs" */
} bt_clock_scale;

/* The coarsest of the three units of which half a clock period is a whole number; fs if none is. */
static inline bt_clock_scale bt_clock_scale_of(uint64_t clock_hz) {
  static const uint64_t per_second[3] = {1000000000u, 1000000000000u, 1000000000000000u};
  static const char *const unit[3] = {"1 ns", "1 ps", "1 fs"};
  int i = 0;
  while (i < 2 && per_second[i] % (2 * clock_hz) != 0) {
    i++;
  }
  return (bt_clock_scale){clock_hz, per_second[i], unit[i]};
}

/* The time of half period number `halves` in units, rounded down; UINT64_MAX at most. */
static inline uint64_t bt_clock_time(const bt_clock_scale *s, uint64_t halves) {
  unsigned __int128 time = (unsigned __int128)halves * s->per_second / (2 * s->clock_hz);
  return time > UINT64_MAX ? UINT64_MAX : (uint64_t)time;
}

#endif
