// bittrue-tlm: the SystemC platform as a process of its own (libsystemc brings main), which
// `bittrue ... --engine tlm` starts with a socket and a shared file.
#include <argp.h>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>

#include "protocol.h"
#include "serve.h"

namespace {

enum { KEY_TARGET = 256, KEY_ENGINE, KEY_THREADS, KEY_DRAM, KEY_MEMORY, KEY_QUANTUM };

const argp_option known[] = {
    {"target", KEY_TARGET, "tlm|rtl", 0,
     "The machine: loosely timed, or the Verilated one; default tlm", 0},
    {"engine", KEY_ENGINE, "ref|fast", 0, "What executes for the loosely-timed one; default fast",
     0},
    {"threads", KEY_THREADS, "N", 0, "Threads of engine fast; default 1", 0},
    {"dram", KEY_DRAM, "D", 0,
     "ideal: a word a cycle (default). rows[:banks=16,row=2048,trp=14,trcd=14,cl=14,beat=4]: banks "
     "with an open row each; times in cycles of the machine, of a word on the pins for beat", 0},
    {"memory", KEY_MEMORY, "MIB", 0, "Memory; default 1024", 0},
    {"quantum", KEY_QUANTUM, "CYCLES", 0, "How far a target may run ahead; default 1000", 0},
    {nullptr, 0, nullptr, 0, nullptr, 0}};

uint64_t number(argp_state *state, const char *text, uint64_t least, uint64_t most) {
  char *end;
  uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0' || *text == '-' || value < least || value > most)
    argp_failure(state, 2, 0, "'%s': expected a number from %llu to %llu", text,
                 static_cast<unsigned long long>(least), static_cast<unsigned long long>(most));
  return value;
}

void choose(argp_state *state, const char *text, const char *first, const char *second) {
  if (std::strcmp(text, first) != 0 && std::strcmp(text, second) != 0)
    argp_failure(state, 2, 0, "'%s': expected %s or %s", text, first, second);
}

error_t parse(int key, char *text, argp_state *state) {
  auto *o = static_cast<bt_tlm::PlatformOptions *>(state->input);
  switch (key) {
  case KEY_TARGET:
    choose(state, text, "tlm", "rtl");
    o->verilated = std::strcmp(text, "rtl") == 0;
    return 0;
  case KEY_ENGINE:
    choose(state, text, "ref", "fast");
    o->engine = text;
    return 0;
  case KEY_THREADS: o->threads = static_cast<unsigned>(number(state, text, 1, 256)); return 0;
  case KEY_DRAM: {
    std::string wrong = bt_tlm::parse_dram(text, 256, &o->dram);
    if (!wrong.empty()) argp_failure(state, 2, 0, "--dram %s", wrong.c_str());
    return 0;
  }
  case KEY_MEMORY: o->memory_bytes = number(state, text, 1, 4096) << 20; return 0;
  case KEY_QUANTUM: o->quantum = number(state, text, 0, 1000000000); return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

const char doc[] = "The SystemC platform of a machine. `bittrue train` and `bittrue cosim` start "
                   "it for engine tlm; BITTRUE_TLM_OPTIONS holds these options for it.";

} // namespace

int sc_main(int argc, char **argv) {
  bt_tlm::PlatformOptions options;
  options.dram.ideal = true;
  argp_err_exit_status = 2;
  const argp parser = {known, parse, nullptr, doc, nullptr, nullptr, nullptr};
  argp_parse(&parser, argc, argv, 0, nullptr, &options);
  if (fcntl(bt_tlm::SOCKET_FD, F_GETFD) < 0 || fcntl(bt_tlm::MEMORY_FD, F_GETFD) < 0) {
    std::fprintf(stderr, "bittrue-tlm: expected to be started by `bittrue ... --engine tlm`\n");
    return 2;
  }
  return bt_tlm::serve(bt_tlm::SOCKET_FD, bt_tlm::MEMORY_FD, options);
}
