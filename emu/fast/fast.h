/* The fast engine: the reference's bits, many times faster, on several threads. What it has no
 * kernel for it hands to a reference engine of its own, so it covers every command. */
#ifndef BT_FAST_H
#define BT_FAST_H

#include "engine/engine.h"

/* Uses the instruction set that bt_fast_isa() names (portable C where that fails) and `threads`
 * threads, 0 for one a processor. NULL when out of memory or threads. Destroy with
 * engine->destroy(engine). Results do not depend on either choice. */
bt_engine *bt_fast_engine(const bt_machine *machine, unsigned threads);

/* The same with the instruction set `isa`, one that bt_fast_supports(). */
bt_engine *bt_fast_engine_on(const bt_machine *machine, const char *isa, unsigned threads);

/* All instruction sets that have kernels, from the plainest to the best, then NULL:
 * "portable", "avx2", "avx512", "vnni". */
const char *const *bt_fast_isas(void);

/* The instruction set that runs use: the best of this CPU, or the one that the environment's
 * BITTRUE_ISA asks for. BT_BAD_INPUT if that is unknown or the CPU lacks it. */
bt_status bt_fast_isa(const char **isa, bt_error *error);

/* Whether this CPU has it; false for unknown names. */
bool bt_fast_supports(const char *isa);

#endif
