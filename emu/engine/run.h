/* Running a program on an engine. */
#ifndef BT_ENGINE_RUN_H
#define BT_ENGINE_RUN_H

#include "engine/engine.h"

/* Called for each command, in order. */
typedef struct {
  bt_status (*after)(void *context, const bt_command *c, bt_error *error);
  void *context;
  /* Whether it looks at results, or at operands that are not kept: they are then in place, and the
   * call comes after the command's run and before the next one's. Without it the engine may run
   * several commands first and leave out tensors that only these use; inputs that come from
   * elsewhere are in place still. */
  bool reads;
} bt_observer;

/* Runs the commands in order, by the engine's run_from where it has one; observer may be NULL.
 * Stops at the first error. BT_BAD_INPUT for a program of shapes (cmd/program.h). */
bt_status bt_program_run(const bt_program *program, bt_engine *engine, bt_lfsr *rng,
                         bt_counts *counts, const bt_observer *observer, bt_error *error);

#endif
