// The platform from its driver's side: registers and interrupt as docs/rtl.md has them, statuses of
// wrong descriptors as check_descriptor says, time whatever the quantum. A platform a process: each
// case forks. Run alone: test_tlm_platform [CASE]
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor_check.h"
#include "machine_covers.h"
#include "platform.h"
extern "C" {
#include "unit/fast/random_case.h"
}

using namespace bt_tlm;
using namespace bt_rtl;

namespace {

int failures;

void same(const char *what, uint64_t got, uint64_t want) {
  if (got == want) return;
  std::fprintf(stderr, "FAIL: %s: %llu, expected %llu\n", what,
               static_cast<unsigned long long>(got), static_cast<unsigned long long>(want));
  failures++;
}

bt_machine small_machine() {
  bt_machine m = bt_machine_default();
  m.rows = m.cols = 4;
  m.lanes = 4;
  return m;
}

PlatformOptions ideal() {
  PlatformOptions o;
  o.engine = "ref";
  o.dram.ideal = true;
  o.memory_bytes = 1 << 20;
  return o;
}

// A drawn command of the op, with room for its results, as a descriptor in memory.
struct Sample {
  random_case k;
  MemoryImage memory{4};
  Descriptor d;
  uint32_t address;

  explicit Sample(bt_op op) {
    for (uint64_t number = 0;; number++) {
      random_case_make(&k, 1, number);
      for (size_t i = 0; i < k.outs; i++) k.c.out[i] = &k.out[i];
      if (k.c.op == op && bt_tensor_elements(k.c.in[0]) < 2000 &&
          machine_covers(small_machine(), k.c))
        break;
      random_case_free(&k);
    }
    d = describe(k.c, memory);
    address = memory.reserve(sizeof d);
    put(d);
  }
  ~Sample() { random_case_free(&k); }

  void put(const Descriptor &with) { std::memcpy(memory.at(address), with.data(), sizeof with); }

  // Puts all into the platform's memory and sets the registers but for the doorbell.
  void load(Driver &driver) {
    driver.store(0, memory.at(0), memory.size());
    driver.write(REG_MEMORY, static_cast<uint32_t>(memory.size()));
    driver.write(REG_ADDRESS, address);
  }
};

void registers(Driver &driver) {
  uint32_t value = 1;
  same("sizes", driver.get(REG_SIZES), 0x01040404);
  same("array", driver.get(REG_ARRAY), 0x120); // 32 bits, saturates
  same("commands", driver.get(REG_COMMANDS), 0xFFFE);
  same("idle", driver.get(REG_STATUS), 0);
  same("memory is rounded down to a word", driver.write(REG_MEMORY, 0x1234F), 1);
  same("memory", driver.get(REG_MEMORY), 0x12340);
  same("a lane's write", driver.write(REG_LANES + 12, 77), 1);
  same("a lane", driver.get(REG_LANES + 12), 77);
  same("a fifth lane's write", driver.write(REG_LANES + 16, 1), 0);
  same("a fifth lane's read", driver.read(REG_LANES + 16, &value), 0);
  same("sizes are read only", driver.write(REG_SIZES, 0), 0);
  same("a counter's write", driver.write(REG_COUNTERS, 0), 0);
  same("no register", driver.read(0x24, &value), 0);
  same("not a word", driver.read(REG_STATUS + 1, &value), 0);
  same("outside", driver.read(REGISTERS_BYTES, &value), 0);
  same("a doorbell for none", driver.write(REG_COUNT, 0), 1);
  while (driver.get(REG_STATUS) & 1) {}
  same("status 3", driver.get(REG_STATUS), 3 << 8 | 2);
  same("no interrupt unless enabled", driver.interrupt.read(), 0);
  driver.write(REG_ENABLE, 1);
  same("enabled", driver.interrupt.read(), 1);
  driver.write(REG_STATUS, 2);
  same("acknowledged", driver.interrupt.read(), 0);
  same("done no more", driver.get(REG_STATUS), 3 << 8);
}

void busy(Driver &driver) {
  Sample s(BT_OP_QUANTIZE);
  s.load(driver);
  driver.write(REG_ENABLE, 1);
  driver.write(REG_COUNT, 1);
  same("busy", driver.get(REG_STATUS) & 3, 1);
  for (uint32_t place : {REG_ADDRESS, REG_COUNT, REG_MEMORY, REG_LANES})
    same("a write to what it works with", driver.write(place, 0), 0);
  same("enable stays open", driver.write(REG_ENABLE, 1), 1);
  driver.await_interrupt();
  same("done", driver.get(REG_STATUS), 2);
  same("one done", driver.get(REG_NUMBER), 1);
  same("its counter", driver.counter(COUNTER_COMMANDS), 1);
  same("its cycles", driver.counter(COUNTER_BUSY),
       driver.counter(COUNTER_QUANTIZER) + driver.counter(COUNTER_STALL));
}

void runs(Driver &driver) {
  Sample s(BT_OP_GATE);
  uint32_t second = s.memory.reserve(2 * sizeof s.d); // three in a row, the last one bad
  same("behind each other", second, s.address + sizeof s.d + 16);
  s.address = second;
  s.memory.reserve(2 * sizeof s.d);
  Descriptor bad = s.d;
  bad[0] = 99;
  s.put(s.d);
  s.address += sizeof s.d;
  s.put(bad);
  s.address = second;
  s.load(driver);
  driver.write(REG_COUNT, 2);
  while (driver.get(REG_STATUS) & 1) {}
  same("the second is unknown", driver.get(REG_STATUS) >> 8, STATUS_COMMAND);
  same("its number", driver.get(REG_NUMBER), 1);
  driver.write(REG_ADDRESS, second + 4);
  driver.write(REG_COUNT, 1);
  while (driver.get(REG_STATUS) & 1) {}
  same("misaligned", driver.get(REG_STATUS) >> 8, STATUS_MISALIGNED);
  driver.write(REG_ADDRESS, static_cast<uint32_t>(s.memory.size()));
  driver.write(REG_COUNT, 1);
  while (driver.get(REG_STATUS) & 1) {}
  same("out of range", driver.get(REG_STATUS) >> 8, STATUS_RANGE);
  driver.write(REG_MEMORY, 1 << 24); // more than there is
  driver.write(REG_ADDRESS, 1 << 22);
  driver.write(REG_COUNT, 1);
  while (driver.get(REG_STATUS) & 1) {}
  same("an error of memory", driver.get(REG_STATUS) >> 8, STATUS_MEMORY);
}

// A block of zeros has the entry 0x8000 in memory, which no reader there could tell from E = -128.
void zero_block(Driver &driver) {
  Sample s(BT_OP_QUANTIZE);
  const uint32_t *x = &s.d[DESCRIPTOR_PARAMETERS];
  const uint32_t *y = x + SLOT_OUT * SLOT_WORDS;
  uint8_t entry[2] = {};
  std::memset(s.memory.at(x[0]), 0, tensor_bytes(*s.k.c.in[0]));
  s.load(driver);
  driver.write(REG_COUNT, 1);
  while (driver.get(REG_STATUS) & 1) {}
  same("status", driver.get(REG_STATUS) >> 8, 0);
  driver.load(y[1] + s.memory.word(), entry, sizeof entry);
  same("the output is bfp", y[2] >> 8 & 1, 0);
  same("entry", entry[0] | entry[1] << 8, 0x8000);
}

// Every word of good descriptors changed in turn: what check_descriptor refuses, with its status.
void wrong_descriptors(Driver &driver) {
  uint64_t met[12] = {};
  for (unsigned op = 0; op <= BT_OP_POOL_BACK; op++) {
    Sample s(static_cast<bt_op>(op));
    for (size_t w = 0; w < DESCRIPTOR_WORDS; w++)
      for (uint32_t change : {1u, 4u, 64u, 0x10000u, 0x80000000u}) {
        Descriptor d = s.d;
        d[w] ^= change;
        s.put(d);
        s.load(driver);
        driver.write(REG_COUNT, 1);
        while (driver.get(REG_STATUS) & 1) {}
        unsigned want = check_descriptor(d, 4, static_cast<uint32_t>(s.memory.size()));
        unsigned got = driver.get(REG_STATUS) >> 8;
        if (want == STATUS_DONE && (got == STATUS_FORMAT || got == STATUS_LARGE)) want = got;
        if (got != want)
          std::fprintf(stderr, "%s, word %zu ^ %x: ", bt_op_name(s.k.c.op), w, change);
        same("status", got, want);
        met[want]++;
      }
  }
  for (unsigned status : {0, 1, 2, 3, 4, 5, 6, 7, 10})
    if (met[status] == 0) same("times that a status was met", met[status], status);
}

uint64_t *result; // shared with the processes of cases

// The same ten commands: their results' sum and the time when all are done.
void ten_commands(Driver &driver, const Platform *const *platform) {
  uint64_t sum = 0;
  driver.write(REG_ENABLE, 1);
  for (unsigned op = 0; op < 10; op++) {
    Sample s(static_cast<bt_op>(op % 5));
    s.load(driver);
    driver.write(REG_COUNT, 1);
    driver.await_interrupt();
    same("status", driver.get(REG_STATUS) >> 8, 0);
    driver.write(REG_STATUS, 2);
    driver.load(0, s.memory.at(0), s.memory.size());
    for (size_t i = 0; i < s.memory.size(); i++) sum = sum * 31 + s.memory.at(0)[i];
  }
  result[0] = sum;
  result[1] = (*platform)->cycles();
  result[2] = driver.counter(COUNTER_BUSY);
  result[3] = (*platform)->rows().misses();
}

using Case = std::function<void(Driver &, const Platform *const *)>;

void in_a_process(const char *name, const PlatformOptions &options, const Case &run) {
  std::fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    const Platform *there = nullptr;
    Platform platform(small_machine(), options, [&](Driver &d) { run(d, &there); });
    there = &platform;
    sc_core::sc_start();
    std::fflush(nullptr);
    _exit(failures != 0);
  }
  int status = 1;
  waitpid(child, &status, 0);
  if (status == 0) return;
  failures++;
  std::fprintf(stderr, "FAIL: %s; run it alone: test_tlm_platform %s\n", name, name);
}

void quanta() {
  PlatformOptions o = ideal();
  uint64_t first[4], rows[4];
  for (uint64_t quantum : {0, 1, 1000, 100000000}) {
    o.quantum = quantum;
    in_a_process("quanta", o, ten_commands);
    if (quantum == 0) std::memcpy(first, result, sizeof first);
    for (int i = 0; i < 4; i++) same("results and time with another quantum", result[i], first[i]);
  }
  o.dram = DramParameters();
  for (uint64_t quantum : {1, 100000}) {
    o.quantum = quantum;
    in_a_process("quanta", o, ten_commands);
    if (quantum == 1) std::memcpy(rows, result, sizeof rows);
    for (int i = 0; i < 4; i++) same("with rows", result[i], rows[i]);
  }
  same("rows do not change results", rows[0], first[0]);
  same("rows take time", rows[2] > first[2] && rows[3] > 0, 1);
}

} // namespace

int sc_main(int argc, char **argv) {
  auto wanted = [&](const char *name) { return argc < 2 || std::strcmp(argv[1], name) == 0; };
  result = static_cast<uint64_t *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  struct {
    const char *name;
    void (*run)(Driver &);
  } cases[] = {{"registers", registers}, {"busy", busy}, {"runs", runs}, {"zero_block", zero_block},
               {"wrong_descriptors", wrong_descriptors}};
  for (auto &c : cases)
    if (wanted(c.name))
      in_a_process(c.name, ideal(), [&](Driver &d, const Platform *const *) { c.run(d); });
  if (wanted("quanta")) quanta();
  if (failures == 0) std::printf("test_tlm_platform: ok\n");
  return failures != 0;
}
