#include "tlm_engine.h"

#include <cstring>
#include <new>

#include "command_engine.h"
#include "tlm_process.h"
extern "C" {
#include "num/error.h"
}

namespace {

using namespace bt_tlm;

// Runs on the platform of another process.
class TlmRunner : public bt_rtl::Runner {
public:
  explicit TlmRunner(std::unique_ptr<TlmProcess> process) : process_(std::move(process)) {}

  std::string run(bt_rtl::MemoryImage &memory, bt_rtl::Run &run, bt_rtl::RunEnd *end) override {
    uint8_t *host = process_->host(memory.size());
    RunReply reply;
    if (!host) return "out of memory";
    std::memcpy(host, memory.at(0), memory.size());
    std::string wrong = process_->run({memory.size(), run}, &reply);
    if (!wrong.empty()) return wrong;
    std::memcpy(memory.at(0), host, memory.size());
    run = reply.run;
    *end = reply.end;
    stats_ = {reply.cycles, reply.row_hits, reply.row_misses};
    return "";
  }

  const bt_tlm_stats &stats() const { return stats_; }

private:
  std::unique_ptr<TlmProcess> process_;
  bt_tlm_stats stats_ = {};
};

} // namespace

bt_engine *bt_tlm_engine(const bt_machine *machine, bt_error *error) {
  try {
    std::unique_ptr<TlmProcess> process(new TlmProcess());
    uint32_t commands = 0;
    std::string wrong = process->start(*machine, &commands);
    if (!wrong.empty()) {
      bt_fail(error, BT_BAD_INPUT, "engine tlm: %s", wrong.c_str());
      return nullptr;
    }
    std::unique_ptr<bt_rtl::Runner> runner(new TlmRunner(std::move(process)));
    return bt_rtl::make_command_engine("tlm", "engine tlm", *machine, std::move(runner), commands)
        .release();
  } catch (const std::bad_alloc &) {
    bt_fail(error, BT_BAD_INPUT, "engine tlm: out of memory");
    return nullptr;
  }
}

bt_tlm_stats bt_tlm_last(const bt_engine *engine) {
  const auto *e = static_cast<const bt_rtl::CommandEngine *>(engine);
  return static_cast<const TlmRunner &>(*e->runner).stats();
}
