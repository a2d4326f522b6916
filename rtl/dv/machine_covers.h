// Which commands the machine's sequencers can do (docs/rtl.md, by unit).
#ifndef BT_RTL_MACHINE_COVERS_H
#define BT_RTL_MACHINE_COVERS_H

#include "emu.h"
extern "C" {
#include "machine/machine.h"
}

namespace bt_rtl {

bool machine_covers(const bt_machine &machine, const bt_command &c);

} // namespace bt_rtl
#endif
