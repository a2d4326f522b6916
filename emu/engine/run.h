/* Running a program on an engine. */
#ifndef BT_ENGINE_RUN_H
#define BT_ENGINE_RUN_H

#include "engine/engine.h"

/* Called after each command, its results in place. */
typedef struct {
  bt_status (*after)(void *context, const bt_command *c, bt_error *error);
  void *context;
} bt_observer;

/* Runs the commands in order; observer may be NULL. Stops at the first error. */
bt_status bt_program_run(const bt_program *program, bt_engine *engine, bt_lfsr *rng,
                         bt_counts *counts, const bt_observer *observer, bt_error *error);

#endif
