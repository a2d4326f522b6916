/* An engine with other engines in the place of some kinds of its commands. */
#ifndef BT_ENGINE_SUBSTITUTE_H
#define BT_ENGINE_SUBSTITUTE_H

#include "engine/engine.h"

typedef struct {
  bt_op op;
  bt_engine *engine; /* covers at least some commands of the op */
  uint64_t ran;      /* commands of the op that it ran */
  uint64_t left;     /* those that it does not cover: base ran them */
} bt_substitution;

/* Runs a command on the first substitution of its op that covers it, else on base. Takes over base
 * and the substitutions' engines: destroy() destroys them, as does a failure of this call. The name
 * is copied. NULL when out of memory. */
bt_engine *bt_substitute_engine(const char *name, bt_engine *base, const bt_substitution *list,
                                size_t count);

/* The substitutions of such an engine with their counts so far; NULL and 0 of any other. */
const bt_substitution *bt_substitutions(const bt_engine *engine, size_t *count);

#endif
