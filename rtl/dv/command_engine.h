// Commands as runs of one descriptor each on some machine: operands into a memory image, the run,
// results from there. What an engine of a machine is made of; nothing is computed here.
#ifndef BT_RTL_COMMAND_ENGINE_H
#define BT_RTL_COMMAND_ENGINE_H

#include <memory>

#include "doorbell.h"
#include "machine_stats.h"
#include "memory_image.h"

namespace bt_rtl {

// Whatever runs descriptors.
class Runner {
public:
  virtual ~Runner() = default;
  // Before each run: the command whose operands lie in memory.
  virtual void prepare(const bt_command &, MemoryImage &) {}
  // Empty, or what went wrong.
  virtual std::string run(MemoryImage &memory, Run &run, RunEnd *end) = 0;
};

struct CommandEngine : bt_engine {
  const char *who; // in errors
  bt_machine machine;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<MemoryImage> memory;
  uint32_t commands; // that the machine has
  uint64_t counters[COUNTERS];
  bt_machine_stats stats;
};

// An engine over the runner. commands: its register of that name. Throws std::bad_alloc.
std::unique_ptr<CommandEngine> make_command_engine(const char *name, const char *who,
                                                   const bt_machine &machine,
                                                   std::unique_ptr<Runner> runner,
                                                   uint32_t commands);

} // namespace bt_rtl
#endif
