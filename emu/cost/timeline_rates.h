/* Bytes a cycle on the DRAM port, over the windows of a chain: their sum over all cycles is the
 * bytes that go by, exactly. */
#ifndef BT_COST_TIMELINE_RATES_H
#define BT_COST_TIMELINE_RATES_H

#include <stdbool.h>
#include <stdint.h>

#define BT_RATE_WINDOWS 16u
#define BT_RATE_PLACES 3u /* decimals of bytes a cycle */

typedef struct {
  uint64_t cycles;          /* of the chain */
  uint64_t bytes_per_cycle; /* of the port */
  unsigned windows;         /* nearly equal parts of at least a cycle: BT_RATE_WINDOWS at most */
  uint64_t bytes[2][BT_RATE_WINDOWS]; /* read, written */
} bt_rates;

bt_rates bt_rates_start(uint64_t cycles, uint64_t bytes_per_cycle);

/* A transfer from cycle `at` of the chain on, which ends with it at the latest. All of its cycles
 * but the last move bytes_per_cycle. */
void bt_rates_add(bt_rates *w, bool write, uint64_t at, uint64_t bytes);

/* Window i from cycle `from` to `to`; its rate, in 10^-BT_RATE_PLACES bytes a cycle, is `rate` up
 * to cycle `rises`, and one more from there on, so that nothing is rounded. */
typedef struct {
  uint64_t from, rises, to;
  unsigned __int128 rate;
} bt_rate;
bt_rate bt_rates_of(const bt_rates *w, bool write, unsigned i);

#endif
