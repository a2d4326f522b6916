// What the machine's control makes of an affine or gate command (numerics 9): the cells for
// affine_plan, and the elements for affine_unit.
#ifndef BT_RTL_AFFINE_COMMAND_H
#define BT_RTL_AFFINE_COMMAND_H

#include <vector>

#include "affine_driver.h"
#include "emu.h"

namespace bt_rtl {

// The cells of the command's output, in the order of their exponents.
std::vector<AffineCell> affine_cells(const bt_command &c);

// The elements in row-major order, with the plans of their cells.
std::vector<AffineElement> affine_elements(const bt_command &c,
                                           const std::vector<AffinePlan> &plans);

// The elements of a gate: copies through one term of constant 1, cleared by the mask.
std::vector<AffineElement> gate_elements(const bt_command &c);

} // namespace bt_rtl
#endif
