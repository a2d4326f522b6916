#include "command_engine.h"

#include <cstring>
#include <new>

#include "descriptor_check.h"
#include "machine_covers.h"

namespace bt_rtl {

namespace {

const char *status_text(unsigned status) {
  static const char *const texts[] = {
      "done", "unknown command", "an option that the machine does not have", "a zero size",
      "a misaligned address", "an address out of range", "overlapping buffers",
      "a format that the command does not take", "a size above the machine's stores",
      "a sum out of range", "sizes that do not fit each other", "an error of memory"};
  return status < sizeof texts / sizeof *texts ? texts[status] : "an unknown status";
}

bool covers(const bt_engine *engine, const bt_command *c) {
  const CommandEngine *e = static_cast<const CommandEngine *>(engine);
  return (e->commands >> descriptor_op(c->op) & 1) && machine_covers(e->machine, *c);
}

bt_status fail(const CommandEngine &e, bt_error *error, const bt_command &c, const char *what) {
  return bt_fail(error, BT_FAILED, "%s: %s: %s", e.who,
                 c.label.text ? c.label.text : bt_op_name(c.op), what);
}

void count(CommandEngine &e, const RunEnd &end, bt_counts *counts) {
  uint64_t did[COUNTERS];
  for (uint32_t i = 0; i < COUNTERS; i++) {
    did[i] = end.counters[i] - e.counters[i];
    e.counters[i] = end.counters[i];
  }
  e.stats = {did[COUNTER_BUSY],   did[COUNTER_ARRAY], did[COUNTER_QUANTIZER], did[COUNTER_VECTOR],
             did[COUNTER_SCALAR], did[COUNTER_STALL], did[COUNTER_READS],     did[COUNTER_WRITES]};
  if (!counts) return;
  counts->quantize.clipped += did[COUNTER_CLIPPED];
  counts->quantize.overflow += did[COUNTER_OVERFLOW];
  counts->quantize.flushed += did[COUNTER_FLUSHED];
}

bt_status execute(CommandEngine &e, const bt_command &c, bt_lfsr *rng, bt_counts *counts,
                  bt_error *error) {
  MemoryImage &memory = *e.memory;
  size_t draws = bt_command_draws(&c, &e.machine.acc);
  if (draws > 0 && (!rng || rng->lanes != e.machine.lanes))
    return fail(e, error, c, "a generator of the machine's lanes expected");
  memory.clear();
  Descriptor d = describe(c, memory);
  uint32_t address = memory.reserve(sizeof d);
  std::memcpy(memory.at(address), d.data(), sizeof d);
  Run run = {address, 1, static_cast<uint32_t>(memory.size()), 0, {}};
  RunEnd end = {};
  if (draws > 0) {
    run.lanes = rng->lanes;
    std::memcpy(run.lane, rng->lane, sizeof run.lane);
  }
  e.runner->prepare(c, memory);
  std::string wrong = e.runner->run(memory, run, &end);
  if (!wrong.empty()) return fail(e, error, c, wrong.c_str());
  count(e, end, counts);
  if (end.status != STATUS_DONE) return fail(e, error, c, status_text(end.status));
  if (!memory.intact()) return fail(e, error, c, "it wrote where nothing lies");
  collect(c, d, memory);
  if (draws > 0) {
    std::memcpy(rng->lane, run.lane, rng->lanes * sizeof *rng->lane);
    rng->steps += (draws + rng->lanes - 1) / rng->lanes * c.u.quantize.round.random_bits;
  }
  return BT_OK;
}

bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
              bt_error *error) {
  CommandEngine *e = static_cast<CommandEngine *>(engine);
  if (!covers(engine, c)) return fail(*e, error, *c, "not among the commands it covers");
  try {
    return execute(*e, *c, rng, counts, error);
  } catch (const std::bad_alloc &) {
    return fail(*e, error, *c, "out of memory");
  }
}

void destroy(bt_engine *engine) { delete static_cast<CommandEngine *>(engine); }

} // namespace

std::unique_ptr<CommandEngine> make_command_engine(const char *name, const char *who,
                                                   const bt_machine &machine,
                                                   std::unique_ptr<Runner> runner,
                                                   uint32_t commands) {
  std::unique_ptr<CommandEngine> e(new CommandEngine());
  e->name = name;
  e->covers = covers;
  e->run = run;
  e->destroy = destroy;
  e->who = who;
  e->machine = machine;
  e->runner = std::move(runner);
  e->memory.reset(new MemoryImage(machine.lanes));
  e->commands = commands;
  return e;
}

} // namespace bt_rtl

bt_machine_stats bt_machine_last(const bt_engine *engine) {
  return static_cast<const bt_rtl::CommandEngine *>(engine)->stats;
}
