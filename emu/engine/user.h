/* A user's shared object as an engine (bittrue_engine.h, docs/user-engine.md). */
#ifndef BT_ENGINE_USER_H
#define BT_ENGINE_USER_H

#include "engine/engine.h"

/* Loads the object and asks it for its engine, for this machine. `what` names it in errors
 * ("quantize=./user.so") and is the engine's name; `path` without a '/' is a file of the working
 * directory; `options` goes to the object as it is. BT_BAD_INPUT for a file that cannot be loaded,
 * has no entry, is of another ABI or refuses; errors of run() are BT_FAILED, one line each: its own
 * errors, a generator that is not where numerics 4.3 says, an output that was left unwritten or
 * lies outside its format. *engine is NULL after an error. */
bt_status bt_user_open(const char *what, const char *path, const char *options,
                       const bt_machine *machine, bt_engine **engine, bt_error *error);

/* From now on its results go to a comparison only (user_check.h). */
void bt_user_compare(bt_engine *engine);

/* The name that the object gives itself. */
const char *bt_user_title(const bt_engine *engine);

#endif
