#include "machine_engine.h"

#include <cstring>
#include <new>

#include "descriptor_check.h"
#include "machine_covers.h"
#include "machine_models.h"

namespace {

using namespace bt_rtl;

const uint64_t CYCLES_LIMIT = uint64_t{1} << 40; // a hung machine is a bug that tests must see

struct MachineEngine : bt_engine {
  bt_machine machine;
  Timing timing;
  std::unique_ptr<Machine> model;
  std::unique_ptr<MemoryImage> memory;
  uint32_t commands; // that the machine has
  uint64_t counters[COUNTERS];
  bt_machine_stats stats;
  bool show; // the next command's waves around an element
  size_t output, element;
  uint64_t window;
  bt_machine_shown shown;
  uint64_t doorbell; // the clock of the last one
};

const char *status_text(unsigned status) {
  static const char *const texts[] = {
      "done", "unknown command", "an option that the machine does not have", "a zero size",
      "a misaligned address", "an address out of range", "overlapping buffers",
      "a format that the command does not take", "a size above the machine's stores",
      "a sum out of range", "sizes that do not fit each other", "an error of memory"};
  return status < sizeof texts / sizeof *texts ? texts[status] : "an unknown status";
}

bool covers(const bt_engine *engine, const bt_command *c) {
  const MachineEngine *e = static_cast<const MachineEngine *>(engine);
  return (e->commands >> descriptor_op(c->op) & 1) && machine_covers(e->machine, *c);
}

bt_status fail(bt_error *error, const bt_command &c, const char *what) {
  return bt_fail(error, BT_FAILED, "machine: %s: %s",
                 c.label.text ? c.label.text : bt_op_name(c.op), what);
}

void count(MachineEngine &e, bt_counts *counts) {
  uint64_t now[COUNTERS], did[COUNTERS];
  for (uint32_t i = 0; i < COUNTERS; i++) {
    now[i] = e.model->counter(static_cast<MachineCounter>(i));
    did[i] = now[i] - e.counters[i];
    e.counters[i] = now[i];
  }
  e.stats = {did[COUNTER_BUSY],   did[COUNTER_ARRAY], did[COUNTER_QUANTIZER], did[COUNTER_VECTOR],
             did[COUNTER_SCALAR], did[COUNTER_STALL], did[COUNTER_READS],     did[COUNTER_WRITES]};
  if (!counts) return;
  counts->quantize.clipped += did[COUNTER_CLIPPED];
  counts->quantize.overflow += did[COUNTER_OVERFLOW];
  counts->quantize.flushed += did[COUNTER_FLUSHED];
}

// Puts the command and the generator into the machine, rings, and waits. NULL, or what went wrong.
const char *ring(MachineEngine &e, const bt_command &c, const bt_lfsr *rng, Descriptor &d) {
  Machine &m = *e.model;
  MemoryImage &memory = *e.memory;
  memory.clear();
  d = describe(c, memory);
  uint32_t address = memory.reserve(sizeof d);
  std::memcpy(memory.at(address), d.data(), sizeof d);
  for (uint32_t l = 0; rng && l < rng->lanes; l++) m.write(REG_LANES + 4 * l, rng->lane[l]);
  m.write(REG_MEMORY, static_cast<uint32_t>(memory.size()));
  m.write(REG_ADDRESS, address);
  m.write(REG_COUNT, 1);
  e.doorbell = m.clocks();
  return m.wait(memory, e.timing, CYCLES_LIMIT);
}

// A run without waves to see when the element is written; then those of the next are around it.
const char *aim_waves(MachineEngine &e, const bt_command &c, const bt_lfsr *rng) {
  Machine &m = *e.model;
  Descriptor d;
  e.memory->clear();
  describe(c, *e.memory);
  const bt_tensor &t = *c.out[e.output];
  m.watch(static_cast<uint32_t>(e.memory->space(t).data + e.element * bt_tensor_element_size(&t)));
  m.show(UINT64_MAX, 0);
  uint64_t begin = m.clocks();
  const char *wrong = ring(e, c, rng, d);
  m.write(REG_STATUS, 2);
  if (wrong) return wrong;
  if (m.watched() == 0) return "the element to show was not written";
  count(e, nullptr);
  uint64_t written = m.watched() - e.doorbell, window = e.window;
  e.shown = {written > window ? written - window : 0, written + window, written};
  // The same calls follow in the same order: the doorbell comes after as many clocks.
  uint64_t doorbell = m.clocks() + (e.doorbell - begin);
  m.show(doorbell + e.shown.first, doorbell + e.shown.last);
  return nullptr;
}

bt_status execute(MachineEngine &e, const bt_command &c, bt_lfsr *rng, bt_counts *counts,
                  bt_error *error) {
  Machine &m = *e.model;
  MemoryImage &memory = *e.memory;
  size_t draws = bt_command_draws(&c, &e.machine.acc);
  if (draws > 0 && (!rng || rng->lanes != e.machine.lanes))
    return fail(error, c, "a generator of the machine's lanes expected");
  const bt_lfsr *before = draws > 0 ? rng : nullptr;
  const char *wrong = e.show ? aim_waves(e, c, before) : nullptr;
  Descriptor d;
  if (!wrong) wrong = ring(e, c, before, d);
  if (wrong) return fail(error, c, wrong);
  if (e.show) m.show(0, UINT64_MAX);
  e.show = false;
  unsigned status = m.get(REG_STATUS) >> 8 & 0xFF;
  m.write(REG_STATUS, 2);
  e.timing.seed++;
  count(e, counts);
  if (status != STATUS_DONE) return fail(error, c, status_text(status));
  if (!memory.intact()) return fail(error, c, "it wrote where nothing lies");
  collect(c, d, memory);
  if (draws > 0) {
    for (uint32_t l = 0; l < rng->lanes; l++) rng->lane[l] = m.get(REG_LANES + 4 * l);
    rng->steps += (draws + rng->lanes - 1) / rng->lanes * c.u.quantize.round.random_bits;
  }
  return BT_OK;
}

bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
              bt_error *error) {
  MachineEngine *e = static_cast<MachineEngine *>(engine);
  if (!covers(engine, c)) return fail(error, *c, "not among the commands it covers");
  try {
    return execute(*e, *c, rng, counts, error);
  } catch (const std::bad_alloc &) {
    return fail(error, *c, "out of memory");
  }
}

void destroy(bt_engine *engine) { delete static_cast<MachineEngine *>(engine); }

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
    std::unique_ptr<MachineEngine> e(new MachineEngine());
    if (options->waves && !machine_has_waves()) {
      bt_fail(error, BT_BAD_INPUT, "%s: no waves in this build; configure with BITTRUE_TRACE=ON",
              options->waves);
      return nullptr;
    }
    e->model = make_machine(p, options->waves ? options->waves : "");
    if (!e->model) {
      bt_fail(error, BT_BAD_INPUT, "machine %s: no Verilog was built for %s; there is %s",
              machine->name, describe_machine(p).c_str(), bt_machine_engines());
      return nullptr;
    }
    e->name = "rtl";
    e->covers = covers;
    e->run = run;
    e->destroy = destroy;
    e->machine = *machine;
    e->timing = {options->latency, options->stall, options->seed};
    e->memory.reset(new MemoryImage(machine->lanes));
    e->model->write(REG_ENABLE, 1);
    e->commands = e->model->get(REG_COMMANDS);
    return e.release();
  } catch (const std::bad_alloc &) {
    bt_fail(error, BT_FAILED, "machine: out of memory");
    return nullptr;
  }
}

void bt_machine_show(bt_engine *engine, size_t output, size_t element, uint64_t window) {
  MachineEngine *e = static_cast<MachineEngine *>(engine);
  e->show = true;
  e->output = output;
  e->element = element;
  e->window = window;
}

bt_machine_shown bt_machine_last_shown(const bt_engine *engine) {
  return static_cast<const MachineEngine *>(engine)->shown;
}

bt_machine_stats bt_machine_last(const bt_engine *engine) {
  return static_cast<const MachineEngine *>(engine)->stats;
}
