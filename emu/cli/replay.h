/* The one command of a replay file, run again on two engines: `bittrue replay FILE`, and `bittrue
 * cosim --replay FILE` without a recipe or run. */
#ifndef BT_CLI_REPLAY_H
#define BT_CLI_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const char *file, *engines;
  const char *waves; /* NULL: none */
  uint64_t window;   /* cycles of waves before and after the first wrong element; 0: all */
  int fault;         /* the bit of an accumulator to break, -1: none */
  unsigned threads;
  bool units, json;
} bt_replay_options;

#define BT_REPLAY_DEFAULTS {.engines = "ref,rtl", .fault = -1, .window = 500}

/* Runs it and prints what is the same, or the difference. Returns the exit status. */
int bt_replay_again(const bt_replay_options *o);

#endif
