#include "machine_target.h"

#include <algorithm>
#include <cstring>

#include "command_reader.h"
#include "descriptor_check.h"
#include "machine_covers.h"
extern "C" {
#include "cost/machine_time.h"
}

namespace bt_tlm {

using namespace bt_rtl;
using sc_core::sc_time;

namespace {

const size_t STACK_BYTES = size_t{16} << 20; // engines want more than a SystemC thread has
const uint32_t FIRST_LANE_STATE = 1;         // after reset

MachineCounter unit_counter(bt_op op) {
  switch (op) {
  case BT_OP_CONTRACT: return COUNTER_ARRAY;
  case BT_OP_QUANTIZE: return COUNTER_QUANTIZER;
  case BT_OP_SOFTMAX:
  case BT_OP_NORM:
  case BT_OP_NORM_BACK:
  case BT_OP_STATISTICS: return COUNTER_SCALAR;
  default: return COUNTER_VECTOR;
  }
}

} // namespace

MachineTarget::MachineTarget(sc_core::sc_module_name name, const bt_machine &machine,
                             bt_engine *engine, sc_time cycle)
    : MachineModule(name, cycle), machine_(machine), engine_(engine),
      word_(static_cast<uint32_t>(machine.lanes) * 4), access_(memory, word_, cycle) {
  std::fill(lane_, lane_ + BT_MAX_LANES, FIRST_LANE_STATE);
  sc_core::sc_spawn_options options;
  options.set_stack_size(STACK_BYTES);
  sc_core::sc_spawn([this] { work(); }, "work", &options);
}

bool MachineTarget::write_register(uint32_t place, uint32_t value, const sc_time &delay) {
  switch (place) {
  case REG_ENABLE: enable_ = value & 1; break;
  case REG_STATUS: done_ = done_ && !(value & 2); break;
  case REG_ADDRESS:
    if (busy_) return false;
    address_ = value;
    break;
  case REG_MEMORY:
    if (busy_) return false;
    bytes_ = value / word_ * word_;
    break;
  case REG_COUNT:
    if (busy_) return false;
    count_ = value;
    busy_ = true;
    bell_.notify(delay + 2 * cycle_); // when the write is answered
    break;
  default:
    if (busy_ || place < REG_LANES || place >= REG_LANES + 4 * machine_.lanes) return false;
    lane_[(place - REG_LANES) / 4] = value;
  }
  show_interrupt();
  return true;
}

bool MachineTarget::read_register(uint32_t place, uint32_t *value, const sc_time &) {
  switch (place) {
  case REG_SIZES:
    *value = static_cast<uint32_t>(1u << 24 | machine_.cols << 16 | machine_.rows << 8 |
                                   machine_.lanes);
    return true;
  case REG_ENABLE: *value = enable_; return true;
  case REG_STATUS: *value = status_ << 8 | (done_ ? 2u : 0) | (busy_ ? 1u : 0); return true;
  case REG_NUMBER: *value = number_; return true;
  case REG_ADDRESS: *value = address_; return true;
  case REG_COUNT: *value = count_; return true;
  case REG_MEMORY: *value = bytes_; return true;
  case REG_ARRAY:
    *value = static_cast<uint32_t>(machine_.acc.acc_bits) | (machine_.acc.wrap ? 0 : 1u << 8);
    return true;
  case REG_COMMANDS: *value = ALL_COMMANDS; return true;
  default: break;
  }
  if (place >= REG_COUNTERS && place < REG_COUNTERS + 8 * COUNTERS) {
    uint32_t half = (place - REG_COUNTERS) / 4;
    *value = static_cast<uint32_t>(counters_[half / 2] >> 32 * (half % 2));
    return true;
  }
  if (place < REG_LANES || place >= REG_LANES + 4 * machine_.lanes) return false;
  *value = lane_[(place - REG_LANES) / 4];
  return true;
}

void MachineTarget::work() {
  for (;;) {
    wait(bell_);
    keeper_.reset();
    run_descriptors();
    keeper_.sync(); // the interrupt comes in its time, whatever the quantum
    busy_ = false;
    done_ = true;
    show_interrupt();
  }
}

void MachineTarget::run_descriptors() {
  status_ = number_ = 0;
  if (count_ == 0) {
    status_ = STATUS_ZERO;
    return;
  }
  while (status_ == STATUS_DONE && number_ != count_) {
    Outcome o = run_one(address_ + 512 * number_);
    spend(o);
    status_ = o.status;
    number_ += o.status == STATUS_DONE;
  }
}

// The time passes here, in steps of the quantum; counters show it at once.
void MachineTarget::spend(const Outcome &o) {
  uint64_t beyond = o.beyond / cycle_ < 0.5 ? 0 : static_cast<uint64_t>(o.beyond / cycle_ + 0.5);
  for (size_t i = 0; i < COUNTERS; i++) counters_[i] += o.counters[i];
  counters_[COUNTER_BUSY] += beyond;
  counters_[COUNTER_STALL] += beyond;
  keeper_.inc(static_cast<double>(o.counters[COUNTER_BUSY] + beyond) * cycle_);
  if (keeper_.need_sync()) keeper_.sync();
}

MachineTarget::Outcome MachineTarget::fetch(uint32_t address, Descriptor *d) {
  Outcome o = {STATUS_DONE, {}, sc_core::SC_ZERO_TIME};
  o.counters[COUNTER_BUSY] = o.counters[COUNTER_STALL] = 1;
  if (address % word_ != 0) o.status = STATUS_MISALIGNED;
  else if (uint64_t{address} + sizeof *d > bytes_) o.status = STATUS_RANGE;
  if (o.status != STATUS_DONE) return o;
  std::memcpy(d->data(), access_.read(address, sizeof *d), sizeof *d);
  uint64_t words = sizeof *d / word_;
  o.counters[COUNTER_READS] = words;
  o.counters[COUNTER_BUSY] += words + 2;
  o.counters[COUNTER_STALL] += words + 2;
  if (access_.failed()) o.status = STATUS_MEMORY;
  return o;
}

MachineTarget::Outcome MachineTarget::run_one(uint32_t address) {
  Descriptor d;
  access_.begin(keeper_.get_local_time());
  Outcome o = fetch(address, &d);
  if (o.status != STATUS_DONE) return o;
  o.status = check_descriptor(d, machine_.lanes, bytes_);
  o.beyond = access_.excess_read();
  if (o.status == STATUS_DONE) execute(d, &o);
  return o;
}

// The library's own rules stand for what sequencers check of formats; then their stores.
unsigned MachineTarget::run_command(const bt_command &c, bt_counts *counts) {
  bt_error error;
  bt_lfsr rng = {};
  rng.lanes = machine_.lanes;
  std::memcpy(rng.lane, lane_, sizeof rng.lane);
  if (bt_command_check(&c, &error) != BT_OK) return STATUS_FORMAT;
  if (!machine_covers(machine_, c)) return STATUS_LARGE;
  if (engine_->run(engine_, &c, &rng, counts, &error) != BT_OK) return STATUS_SUM;
  std::memcpy(lane_, rng.lane, sizeof rng.lane);
  return STATUS_DONE;
}

void MachineTarget::execute(const Descriptor &d, Outcome *o) {
  CommandReader reader(d, word_, access_);
  const bt_command &c = reader.command();
  const bt_machine_memory prompt = {0};
  bt_machine_time time = {};
  bt_counts counts = {};
  bt_error error;
  if (access_.failed()) {
    o->status = STATUS_MEMORY;
    return;
  }
  // Before it runs: the cost model looks at exponents of operands and records.
  bool timed = bt_command_check(&c, &error) == BT_OK && machine_covers(machine_, c) &&
               bt_machine_time_next(&machine_, &prompt, &history_, &c, false, &time, &error) ==
                   BT_OK;
  o->status = run_command(c, &counts);
  if (o->status != STATUS_DONE) return;
  reader.write_back();
  if (!timed || access_.failed()) o->status = STATUS_MEMORY;
  uint64_t *n = o->counters;
  n[COUNTER_BUSY] = time.elapsed;
  n[unit_counter(c.op)] = time.work;
  n[COUNTER_STALL] = time.elapsed - time.work;
  n[COUNTER_READS] = time.reads;
  n[COUNTER_WRITES] = time.writes;
  n[COUNTER_COMMANDS] = o->status == STATUS_DONE;
  n[COUNTER_CLIPPED] = counts.quantize.clipped;
  n[COUNTER_OVERFLOW] = counts.quantize.overflow;
  n[COUNTER_FLUSHED] = counts.quantize.flushed;
  // Buffers went by once; the machine reads and writes some words several times.
  auto times = [](uint64_t all, uint64_t once) {
    return once == 0 ? 0 : static_cast<double>(all) / static_cast<double>(once);
  };
  o->beyond = times(time.reads, access_.words_read()) * access_.excess_read() +
              times(time.writes, access_.words_written()) * access_.excess_write();
}

} // namespace bt_tlm
