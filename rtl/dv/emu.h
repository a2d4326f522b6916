// What the engine uses of emu/, whose headers are C's.
#ifndef BT_RTL_EMU_H
#define BT_RTL_EMU_H

extern "C" {
#include "cmd/command.h"
#include "num/error.h"
}

#endif
