#include "machine_engine.h"

#include <new>

#include "command_engine.h"
#include "machine_models.h"

namespace {

using namespace bt_rtl;

const uint64_t CYCLES_LIMIT = uint64_t{1} << 40; // a hung machine is a bug that tests must see

// The verilated machine, its clock run from here.
class VerilatedRunner : public Runner {
public:
  VerilatedRunner(std::unique_ptr<Machine> machine, const Timing &timing)
      : machine_(std::move(machine)), timing_(timing) {
    machine_->write(REG_ENABLE, 1);
  }

  // The next command's waves are those around an element.
  void show(size_t output, size_t element, uint64_t window) {
    show_ = true;
    output_ = output;
    element_ = element;
    window_ = window;
  }
  const bt_machine_shown &shown() const { return shown_; }

  void prepare(const bt_command &c, MemoryImage &memory) override {
    if (!show_) return;
    const bt_tensor &t = *c.out[output_];
    size_t place = memory.space(t).data + element_ * bt_tensor_element_size(&t);
    machine_->watch(static_cast<uint32_t>(place));
  }

  std::string run(MemoryImage &memory, Run &run, RunEnd *end) override {
    std::string wrong = show_ ? aim_waves(memory, run) : "";
    if (wrong.empty()) wrong = ring_once(memory, run, end);
    if (show_) machine_->show(0, UINT64_MAX);
    show_ = false;
    timing_.seed++;
    for (size_t i = 0; i < COUNTERS; i++) end->counters[i] -= aside_[i];
    return wrong;
  }

private:
  std::string ring_once(MemoryImage &memory, Run &run, RunEnd *end) {
    auto until_interrupt = [&]() -> std::string {
      doorbell_ = machine_->clocks();
      const char *wrong = machine_->wait(memory, timing_, CYCLES_LIMIT);
      return wrong ? wrong : "";
    };
    return ring(*machine_, until_interrupt, run, end);
  }

  // A run without waves, on copies, to see when the element is written; then those of the next are
  // around it, and what this one counted is put aside.
  std::string aim_waves(const MemoryImage &memory, const Run &run) {
    MemoryImage copy = memory;
    Run again = run;
    RunEnd end = {}, before = {};
    for (uint32_t i = 0; i < COUNTERS; i++)
      before.counters[i] = machine_->counter(static_cast<MachineCounter>(i));
    machine_->show(UINT64_MAX, 0);
    uint64_t begin = machine_->clocks();
    std::string wrong = ring_once(copy, again, &end);
    if (!wrong.empty()) return wrong;
    if (machine_->watched() == 0) return "the element to show was not written";
    for (size_t i = 0; i < COUNTERS; i++) aside_[i] += end.counters[i] - before.counters[i];
    uint64_t written = machine_->watched() - doorbell_;
    shown_ = {written > window_ ? written - window_ : 0, written + window_, written};
    // The same calls follow in the same order: the doorbell comes after as many clocks.
    uint64_t doorbell = machine_->clocks() + (doorbell_ - begin);
    machine_->show(doorbell + shown_.first, doorbell + shown_.last);
    return "";
  }

  std::unique_ptr<Machine> machine_;
  Timing timing_;
  bool show_ = false;
  size_t output_ = 0, element_ = 0;
  uint64_t window_ = 0, doorbell_ = 0, aside_[COUNTERS] = {};
  bt_machine_shown shown_ = {};
};

VerilatedRunner &runner_of(const bt_engine *engine) {
  return static_cast<VerilatedRunner &>(*static_cast<const CommandEngine *>(engine)->runner);
}

std::string describe_machine(const MachineParameters &p) {
  return std::to_string(p.rows) + "x" + std::to_string(p.cols) + " acc " +
         std::to_string(p.acc_bits) + (p.saturate ? " saturate" : " wrap") + " lanes " +
         std::to_string(p.lanes);
}

std::string list_machines() {
  std::string text;
  for (const MachineParameters &p : machine_models())
    text += (text.empty() ? "" : ", ") + describe_machine(p);
  return text;
}

} // namespace

bt_machine_options bt_machine_options_default(void) { return {0, 0, 0, nullptr}; }

const char *bt_machine_engines(void) {
  static const std::string text = list_machines();
  return text.c_str();
}

bt_engine *bt_machine_engine(const bt_machine *machine, const bt_machine_options *options,
                             bt_error *error) {
  MachineParameters p = {machine->lanes, machine->rows, machine->cols, machine->acc.acc_bits,
                         !machine->acc.wrap};
  try {
    if (options->waves && !machine_has_waves()) {
      bt_fail(error, BT_BAD_INPUT, "%s: no waves in this build; configure with BITTRUE_TRACE=ON",
              options->waves);
      return nullptr;
    }
    std::unique_ptr<Machine> model = make_machine(p, options->waves ? options->waves : "");
    if (!model) {
      bt_fail(error, BT_BAD_INPUT, "machine %s: no Verilog was built for %s; there is %s",
              machine->name, describe_machine(p).c_str(), bt_machine_engines());
      return nullptr;
    }
    uint32_t commands = model->get(REG_COMMANDS);
    std::unique_ptr<Runner> runner(
        new VerilatedRunner(std::move(model), {options->latency, options->stall, options->seed}));
    return make_command_engine("rtl", "machine", *machine, std::move(runner), commands).release();
  } catch (const std::bad_alloc &) {
    bt_fail(error, BT_FAILED, "machine: out of memory");
    return nullptr;
  }
}

void bt_machine_show(bt_engine *engine, size_t output, size_t element, uint64_t window) {
  runner_of(engine).show(output, element, window);
}

bt_machine_shown bt_machine_last_shown(const bt_engine *engine) {
  return runner_of(engine).shown();
}
