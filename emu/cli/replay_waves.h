/* Waves of the whole machine in Verilog on the command of a replay file. */
#ifndef BT_CLI_REPLAY_WAVES_H
#define BT_CLI_REPLAY_WAVES_H

#include "engine/lockstep.h"
#include "engine/replay.h"

/* Runs the command once more, from the generator *before, and writes its waves (VCD) to file: with a
 * window above 0 and a difference in an element, so many cycles before and after the one in which
 * that element reaches memory; else all of the command. Then *line says which cycles they are.
 * BT_BAD_INPUT in a build without waves. */
bt_status bt_replay_waves(bt_replay *r, const bt_lfsr *before, const bt_difference *difference,
                          const char *file, uint64_t window, char line[256], bt_error *error);

#endif
