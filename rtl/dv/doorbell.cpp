#include "doorbell.h"

namespace bt_rtl {

std::string ring(Registers &machine, const std::function<std::string()> &until_interrupt, Run &run,
                 RunEnd *end) {
  bool taken = true;
  for (uint32_t l = 0; l < run.lanes; l++)
    taken = machine.write(REG_LANES + 4 * l, run.lane[l]) && taken;
  taken = machine.write(REG_MEMORY, run.memory) && taken;
  taken = machine.write(REG_ADDRESS, run.address) && taken;
  if (!taken || !machine.write(REG_COUNT, run.count)) return "it refuses its registers";
  std::string wrong = until_interrupt();
  if (!wrong.empty()) return wrong;
  end->status = machine.get(REG_STATUS) >> 8 & 0xFF;
  end->number = machine.get(REG_NUMBER);
  machine.write(REG_STATUS, 2);
  for (uint32_t i = 0; i < COUNTERS; i++)
    end->counters[i] = machine.counter(static_cast<MachineCounter>(i));
  for (uint32_t l = 0; l < run.lanes; l++) run.lane[l] = machine.get(REG_LANES + 4 * l);
  return "";
}

} // namespace bt_rtl
