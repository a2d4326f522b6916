// bt_machine as a program meets it: commands of every kind, alone and in runs, by the reference
// engine and by the machine on memories of any speed: equal results, generators and events, work
// as the cost model counts it; wrong descriptors end a run with their status and number, and the
// next run is as if nothing had been. 8 lanes at the plain memory port, 4 lanes at AXI4.
#include "Vcheck_machine_8.h"
#include "Vcheck_machine_axi_4.h"

#include "axi_driver.h"
#include "machine_refusals.h"
extern "C" {
#include "cost/count.h"
#include "ref/ref.h"
}

using namespace bt_rtl;

static bench::Checks checks("test_rtl_machine");
static uint64_t ran[16], refused[16], from_sequencers[16];
static uint32_t had; // commands

struct Bench {
  std::unique_ptr<Machine> machine;
  bt_machine description;
  bt_engine *ref;
  bt_lfsr rng;
  uint64_t counters[COUNTERS];
  uint32_t commands; // that the machine has

  bool has(bt_op op) const { return commands >> descriptor_op(op) & 1; }
  bt_op any(bench::Random &random) const {
    for (;;) {
      bt_op op = bench::ALL_OPS[random.below(15)];
      if (has(op)) return op;
    }
  }
};

static const Timing timings[] = {{0, 0, 1}, {3, 0, 2}, {9, 64, 3}, {1, 128, 4}};

static void tally(Bench &b, uint64_t *did) {
  for (uint32_t i = 0; i < COUNTERS; i++) {
    uint64_t now = b.machine->counter(static_cast<MachineCounter>(i));
    did[i] = now - b.counters[i];
    b.counters[i] = now;
  }
}

static void load(Bench &b) {
  for (uint32_t l = 0; l < b.rng.lanes; l++)
    checks.that(b.machine->write(REG_LANES + 4 * l, b.rng.lane[l]), "lane %u not taken", l);
}

// Rings the doorbell; the status, with the number of the descriptor.
static unsigned ring(Bench &b, MemoryImage &memory, uint32_t address, uint32_t count,
                     const Timing &timing, uint32_t *number) {
  b.machine->write(REG_MEMORY, static_cast<uint32_t>(memory.size()));
  b.machine->write(REG_ADDRESS, address);
  checks.that(b.machine->write(REG_COUNT, count), "the doorbell was refused");
  const char *wrong = b.machine->wait(memory, timing, 2000000);
  checks.that(!wrong, "%s", wrong);
  if (wrong) std::exit(checks.status());
  uint32_t status = b.machine->get(REG_STATUS);
  checks.that((status & 3) == 2, "status 0x%x at the interrupt", status);
  *number = b.machine->get(REG_NUMBER);
  b.machine->write(REG_STATUS, 2);
  checks.that(!b.machine->interrupt() && (b.machine->get(REG_STATUS) & 3) == 0,
              "the interrupt stands after it was acknowledged");
  return status >> 8 & 0xFF;
}

static uint32_t place(MemoryImage &memory, const std::vector<Descriptor> &list) {
  uint32_t address = memory.reserve(list.size() * sizeof(Descriptor));
  for (size_t i = 0; i < list.size(); i++)
    std::memcpy(memory.at(address) + i * sizeof(Descriptor), list[i].data(), sizeof(Descriptor));
  return address;
}

// The cost model's cycles of a command, in the order of the counters.
static void model_cycles(const Bench &b, const bt_command &c, uint64_t *cycles) {
  static const bt_count_kind counts[] = {BT_COUNT_ARRAY_CYCLES, BT_COUNT_QUANTIZER_CYCLES,
                                         BT_COUNT_VECTOR_CYCLES, BT_COUNT_SCALAR_CYCLES};
  bt_cost cost = {};
  bt_error error;
  checks.that(bt_cost_add(&cost, &b.description, &c, &error) == BT_OK, "cost: %s", error.text);
  for (int i = 0; i < 4; i++) cycles[i] = cost.phase[c.label.phase].n[counts[i]];
}

// One command on both.
static void run_one(Bench &b, bt_op op, bench::Random &random, const Timing &timing) {
  bench::Sample sample(op, random);
  const bt_command &c = sample.c;
  bt_error error = {""};
  bt_counts counts = bt_counts();
  uint64_t model[4], did[COUNTERS];
  model_cycles(b, c, model);
  sample.forget();
  MemoryImage memory(b.description.lanes);
  Descriptor d = describe(c, memory);
  uint32_t address = place(memory, {d}), number;
  load(b);
  unsigned status = ring(b, memory, address, 1, timing, &number);
  tally(b, did);
  checks.that(status == 0 && number == 1, "%s: status %u, number %u", bt_op_name(op), status,
              number);
  if (status != 0) return;
  checks.that(memory.intact(), "%s: wrote where nothing lies", bt_op_name(op));
  checks.that(b.ref->run(b.ref, &c, &b.rng, &counts, &error) == BT_OK, "ref: %s", error.text);
  std::vector<uint8_t> expected = sample.results();
  sample.forget();
  collect(c, d, memory);
  checks.that(sample.results() == expected, "%s: other results than the reference's",
              bt_op_name(op));
  for (uint32_t l = 0; l < b.rng.lanes && b.has(BT_OP_QUANTIZE); l++)
    checks.that(b.machine->get(REG_LANES + 4 * l) == b.rng.lane[l], "%s: lane %u",
                bt_op_name(op), l);
  for (uint32_t i = 0; i < 4; i++)
    checks.that(did[COUNTER_ARRAY + i] == model[i], "%s: unit %u worked %" PRIu64 " cycles, the "
                "model says %" PRIu64, bt_op_name(op), i, did[COUNTER_ARRAY + i], model[i]);
  uint64_t work = did[COUNTER_ARRAY] + did[COUNTER_QUANTIZER] + did[COUNTER_VECTOR] +
                  did[COUNTER_SCALAR];
  checks.that(did[COUNTER_BUSY] == did[COUNTER_STALL] + work, "cycles do not add up");
  checks.that(did[COUNTER_COMMANDS] == 1 && did[COUNTER_WRITES] > 0 &&
                  did[COUNTER_READS] >= 128 / b.description.lanes,
              "%" PRIu64 " commands, %" PRIu64 " reads", did[COUNTER_COMMANDS],
              did[COUNTER_READS]);
  if (op == BT_OP_QUANTIZE)
    checks.that(did[COUNTER_CLIPPED] == counts.quantize.clipped &&
                    did[COUNTER_OVERFLOW] == counts.quantize.overflow &&
                    did[COUNTER_FLUSHED] == counts.quantize.flushed,
                "events of a quantization");
  ran[op + 1]++;
}

// Several commands in one run, one of them perhaps wrong: those before it are done, no others.
static void run_list(Bench &b, bench::Random &random, const Timing &timing) {
  size_t n = 1 + random.below(5);
  std::vector<std::unique_ptr<bench::Sample>> samples;
  std::vector<std::vector<uint8_t>> expected;
  std::vector<Descriptor> list;
  MemoryImage memory(b.description.lanes);
  for (size_t i = 0; i < n; i++) {
    samples.emplace_back(new bench::Sample(b.any(random), random));
    samples[i]->forget();
    list.push_back(describe(samples[i]->c, memory));
  }
  size_t wrong = random.below(2 * n); // beyond the last: none
  uint32_t address = 0, size = 0;
  for (bool again = true; again;) {
    if (wrong < n) list[wrong][random.below(3) ? random.below(128) : 0] ^= 1u << random.below(32);
    MemoryImage trial = memory;
    address = place(trial, list);
    size = static_cast<uint32_t>(trial.size());
    // A change that the machine would run (another seed) is no wrong descriptor.
    again = wrong < n && check_descriptor(list[wrong], b.description.lanes, size, b.commands) == 0;
  }
  address = place(memory, list);
  unsigned expected_status = 0;
  uint32_t done = 0, number;
  for (; done < n && expected_status == 0; done += expected_status == 0)
    expected_status = check_descriptor(list[done], b.description.lanes, size, b.commands);
  load(b);
  unsigned status = ring(b, memory, address, static_cast<uint32_t>(n), timing, &number);
  checks.that(status == expected_status && number == done, "status %u at %u, expected %u at %u",
              status, number, expected_status, done);
  refused[expected_status < 16 ? expected_status : 15]++;
  for (size_t i = 0; i < n && i < number; i++) {
    bt_error error;
    bt_counts counts = bt_counts();
    samples[i]->forget();
    checks.that(b.ref->run(b.ref, &samples[i]->c, &b.rng, &counts, &error) == BT_OK, "ref");
    expected.push_back(samples[i]->results());
    samples[i]->forget();
    collect(samples[i]->c, list[i], memory);
    checks.that(samples[i]->results() == expected[i], "number %zu of %zu, %s", i, n,
                bt_op_name(samples[i]->c.op));
  }
  checks.that(memory.intact(), "wrote where nothing lies");
  uint64_t did[COUNTERS];
  tally(b, did);
  checks.that(did[COUNTER_COMMANDS] == number, "%" PRIu64 " commands", did[COUNTER_COMMANDS]);
}

static void test_doorbell(Bench &b) {
  MemoryImage memory(b.description.lanes);
  uint32_t word = static_cast<uint32_t>(memory.word()), number;
  uint32_t address = memory.reserve(512), end = static_cast<uint32_t>(memory.size());
  std::memset(memory.at(address), 0, 512);
  checks.that(ring(b, memory, address, 0, timings[0], &number) == STATUS_ZERO && number == 0,
              "no descriptors");
  checks.that(ring(b, memory, address + 4, 1, timings[0], &number) == STATUS_MISALIGNED,
              "a misaligned descriptor");
  checks.that(ring(b, memory, end - 512 + word, 1, timings[0], &number) == STATUS_RANGE,
              "a descriptor beyond the memory");
  checks.that(ring(b, memory, 0xFFFFFFFF / word * word, 1, timings[0], &number) == STATUS_RANGE,
              "a descriptor at the end of addresses");
  for (uint32_t op : {0u, 16u, 17u, 255u}) {
    std::memcpy(memory.at(address), &op, 4);
    checks.that(ring(b, memory, address, 3, timings[2], &number) == STATUS_COMMAND && number == 0,
                "command %u", op);
  }
}

// Each status, from the check or from a sequencer: it stands in the register with the interrupt,
// what follows is not done, and the next doorbell's command is as if nothing had been.
static void test_statuses(Bench &b, bench::Random &random) {
  unsigned n = 0;
  MemoryImage memory(b.description.lanes);
  bench::Refusals::Use use = [&](const Descriptor &d, unsigned status, bool by_sequencer) {
    uint64_t did[COUNTERS];
    uint32_t number, address = place(memory, {d, d});
    uint32_t size = static_cast<uint32_t>(memory.size());
    unsigned twin = check_descriptor(d, b.description.lanes, size, b.commands);
    checks.that(twin == (by_sequencer ? 0 : status), "refusal %u: status %u in C", n, twin);
    unsigned got = ring(b, memory, address, 2, timings[n % 4], &number);
    checks.that(got == status && number == 0, "refusal %u: status %u at %u, expected %u", n, got,
                number, status);
    refused[got < 16 ? got : 15]++;
    tally(b, did);
    checks.that(did[COUNTER_COMMANDS] == 0, "refusal %u was counted as done", n);
    if (by_sequencer) from_sequencers[got < 16 ? got : 15]++;
    run_one(b, b.any(random), random, timings[n++ % 4]);
  };
  bench::Refusals(memory, use).all();
}

static void test_registers(Bench &b) {
  Machine &m = *b.machine;
  uint32_t value;
  uint32_t lanes = b.description.lanes;
  checks.that(m.get(REG_SIZES) == (1u << 24 | static_cast<uint32_t>(b.description.cols) << 16 |
                                   static_cast<uint32_t>(b.description.rows) << 8 | lanes),
              "sizes 0x%x", m.get(REG_SIZES));
  checks.that(m.get(REG_ARRAY) == 0x120, "array 0x%x", m.get(REG_ARRAY));
  for (uint32_t at : {0x24u, 0x3cu, REG_COUNTERS + 8 * COUNTERS, REG_LANES + 4 * lanes, 0xffcu, 2u})
    checks.that(!m.read(at, &value), "register 0x%x was read", at);
  for (uint32_t at : {0x00u, 0x0cu, 0x1cu, 0x20u, 0x40u, REG_LANES + 4 * lanes, 0xffcu, 0x11u})
    checks.that(!m.write(at, 1), "register 0x%x was written", at);
  m.write(REG_MEMORY, 0x12345);
  checks.that(m.get(REG_MEMORY) == 0x12345 / (lanes * 4) * (lanes * 4), "memory");
  m.write(REG_ADDRESS, 0x89abcdef);
  checks.that(m.get(REG_ADDRESS) == 0x89abcdef, "address");
  for (uint32_t l = 0; l < lanes; l++) m.write(REG_LANES + 4 * l, 0x1000 + l);
  for (uint32_t l = 0; l < lanes && b.has(BT_OP_QUANTIZE); l++)
    checks.that(m.get(REG_LANES + 4 * l) == 0x1000 + l, "lane %u", l);
  // Without the enable no interrupt; it comes when it is enabled.
  m.write(REG_ENABLE, 0);
  m.write(REG_COUNT, 0);
  while (m.get(REG_STATUS) & 1) {}
  checks.that(!m.interrupt() && (m.get(REG_STATUS) & 3) == 2, "done without an interrupt");
  m.write(REG_ENABLE, 1);
  checks.that(m.interrupt() && m.get(REG_ENABLE) == 1, "the interrupt");
  m.write(REG_STATUS, 2);
}

static void test(std::unique_ptr<Machine> machine, size_t lanes, unsigned rounds) {
  bench::Random random(checks.seed());
  Bench b = Bench();
  b.machine = std::move(machine);
  b.description = bt_machine_default();
  b.description.rows = b.description.cols = lanes;
  b.description.lanes = static_cast<unsigned>(lanes);
  b.ref = bt_ref_engine(&b.description);
  checks.that(bt_lfsr_start(&b.rng, checks.seed(), b.description.lanes) == BT_OK, "lanes");
  b.commands = b.machine->get(REG_COMMANDS);
  had = b.commands;
  test_registers(b);
  test_doorbell(b);
  for (uint32_t i = 0; i < COUNTERS; i++)
    b.counters[i] = b.machine->counter(static_cast<MachineCounter>(i));
  test_statuses(b, random);
  for (unsigned round = 0; round < rounds; round++)
    for (bt_op op : bench::ALL_OPS) {
      if (b.has(op)) run_one(b, op, random, timings[round % 4]);
      run_list(b, random, timings[random.below(4)]);
    }
  b.ref->destroy(b.ref);
}

// Memory that answers with an error ends the run, whatever the command would have said, and leaves
// the machine ready.
static void test_errors() {
  bench::Random random(checks.seed());
  auto *driver = new bench::AxiDriver<Vcheck_machine_axi_4>;
  Bench b = Bench();
  b.machine.reset(driver);
  b.description = bt_machine_default();
  b.description.lanes = 4;
  b.machine->write(REG_ENABLE, 1);
  b.commands = b.machine->get(REG_COMMANDS);
  for (uint64_t n = 1; n < 120; n += n < 40 ? 1 : 7) {
    bench::Sample sample(b.any(random), random);
    MemoryImage memory(4);
    std::vector<Descriptor> list = {describe(sample.c, memory), describe(sample.c, memory)};
    uint32_t address = place(memory, list), number;
    uint64_t before = driver->reads + driver->writes;
    driver->fail_after(n);
    unsigned status = ring(b, memory, address, 2, timings[n % 4], &number);
    bool met = driver->reads + driver->writes - before >= n;
    driver->fail_after(0);
    checks.that(!met || status == STATUS_MEMORY, "an error in answer %" PRIu64 ": status %u", n,
                status);
    checks.that(met || (status == 0 && number == 2), "no error: status %u at %u", status, number);
    refused[status < 16 ? status : 15]++;
  }
  checks.that(refused[STATUS_MEMORY] > 0, "no error was met");
}

int main() {
  test(std::unique_ptr<Machine>(new MachineDriver<Vcheck_machine_8>("", true)), 8, 12);
  test(std::unique_ptr<Machine>(new bench::AxiDriver<Vcheck_machine_axi_4>), 4, 24);
  test_errors();
  for (unsigned op = 1; op < 16; op++) {
    std::printf("command %2u ran %" PRIu64 " times\n", op, ran[op]);
    checks.that(ran[op] > 0 || !(had >> op & 1), "command %u never ran", op);
  }
  std::printf("statuses of runs:");
  for (unsigned s = 0; s < 12; s++) std::printf(" %" PRIu64, refused[s]);
  std::printf("\n");
  for (unsigned s = 0; s < 12; s++)
    checks.that(refused[s] > 0 || had != ALL_COMMANDS, "status %u was never met", s);
  for (unsigned s : {7u, 8u, 9u})
    checks.that(from_sequencers[s] > 0, "status %u of a sequencer was never met", s);
  return checks.status();
}
