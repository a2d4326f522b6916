/* The reference engine: plain loops that read like the contract; covers every command. */
#ifndef BT_REF_H
#define BT_REF_H

#include "engine/engine.h"

/* NULL when out of memory. Destroy with engine->destroy(engine). */
bt_engine *bt_ref_engine(const bt_machine *machine);

#endif
