#include "cost/timeline_rates.h"

#define RATE_UNITS 1000u /* 10^BT_RATE_PLACES */

typedef unsigned __int128 wide_count;

bt_rates bt_rates_start(uint64_t cycles, uint64_t bytes_per_cycle) {
  return (bt_rates){.cycles = cycles,
                      .bytes_per_cycle = bytes_per_cycle,
                      .windows = cycles < BT_RATE_WINDOWS ? (unsigned)cycles : BT_RATE_WINDOWS};
}

static uint64_t start_of(const bt_rates *w, unsigned i) {
  return (uint64_t)((wide_count)w->cycles * i / w->windows);
}

void bt_rates_add(bt_rates *w, bool write, uint64_t at, uint64_t bytes) {
  /* The last window that starts at `at` or before. */
  unsigned i = (unsigned)((((wide_count)at + 1) * w->windows - 1) / w->cycles);
  while (bytes > 0) {
    uint64_t end = start_of(w, i + 1);
    wide_count room = (wide_count)(end - at) * w->bytes_per_cycle;
    uint64_t now = bytes < room ? bytes : (uint64_t)room;
    w->bytes[write][i++] += now;
    bytes -= now;
    at = end;
  }
}

bt_rate bt_rates_of(const bt_rates *w, bool write, unsigned i) {
  bt_rate r = {.from = start_of(w, i), .to = start_of(w, i + 1)};
  wide_count units = (wide_count)w->bytes[write][i] * RATE_UNITS;
  r.rate = units / (r.to - r.from);
  r.rises = r.to - (uint64_t)(units % (r.to - r.from));
  return r;
}
