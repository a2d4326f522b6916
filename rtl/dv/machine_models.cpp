#include "machine_models.h"

#include "machine_driver.h"

#define BT_MACHINE_INCLUDES
#include "bt_machine_models.inc"
#undef BT_MACHINE_INCLUDES

namespace bt_rtl {

const std::vector<MachineParameters> &machine_models() {
  static const std::vector<MachineParameters> models = {
#define BT_MACHINE(model, ...) {__VA_ARGS__},
#include "bt_machine_models.inc"
#undef BT_MACHINE
  };
  return models;
}

bool machine_has_waves() { return VM_TRACE; }

std::unique_ptr<Machine> make_machine(const MachineParameters &p, const std::string &waves) {
  auto same = [&](const MachineParameters &m) {
    return m.lanes == p.lanes && m.rows == p.rows && m.cols == p.cols &&
           m.acc_bits == p.acc_bits && m.saturate == p.saturate;
  };
#define BT_MACHINE(model, ...)                                                                     \
  if (same(MachineParameters{__VA_ARGS__}))                                                        \
    return std::unique_ptr<Machine>(new MachineDriver<model>(waves));
#include "bt_machine_models.inc"
#undef BT_MACHINE
  return nullptr;
}

} // namespace bt_rtl
