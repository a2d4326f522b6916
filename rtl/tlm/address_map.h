// Where things lie on the platform's bus (docs/tlm.md, "Address map").
#ifndef BT_TLM_ADDRESS_MAP_H
#define BT_TLM_ADDRESS_MAP_H

#include <cstdint>

namespace bt_tlm {

// The machine's own addresses have 32 bits: it reaches memory only.
constexpr uint64_t MEMORY_BASE = 0, MEMORY_END = uint64_t{1} << 32;
constexpr uint64_t REGISTERS_BASE = uint64_t{1} << 32, REGISTERS_BYTES = 4096;

} // namespace bt_tlm
#endif
