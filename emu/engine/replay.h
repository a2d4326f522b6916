/* One command with its operands and the generator before it, as a file: what a mismatch leaves
 * behind, and what `bittrue replay` runs again. */
#ifndef BT_ENGINE_REPLAY_H
#define BT_ENGINE_REPLAY_H

#include "engine/engine.h"

/* Writes the command, its inputs, the shapes of its outputs, the machine, and the generator's
 * state before it (io/checkpoint.h). */
bt_status bt_replay_write(const char *path, const bt_command *c, const bt_machine *machine,
                          const bt_lfsr *before, bt_error *error);

/* A command read from a file, with storage for its tensors. */
typedef struct {
  bt_command command;
  bt_machine machine;
  bt_lfsr rng;
  bt_tensor in[BT_MAX_INPUTS], out[BT_MAX_OUTPUTS];
  char name[BT_MAX_INPUTS + BT_MAX_OUTPUTS][64];
  char label[128];
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} bt_replay;

/* Reads and checks it. A damaged file, or one of another version, is BT_BAD_INPUT. Free it after
 * an error too. */
bt_status bt_replay_read(const char *path, bt_replay *r, bt_error *error);
void bt_replay_free(bt_replay *r);

#endif
